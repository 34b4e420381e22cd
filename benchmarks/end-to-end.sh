#!/bin/sh
# Embeds one proteome into a database and searches another one in it: seconds and peak memory of each step.
# usage: benchmarks/end-to-end.sh TARGETS.fasta QUERIES.fasta [MODEL]
# needs GNU time (/usr/bin/time)
set -eu

if [ $# -lt 2 ]; then
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
fi

root=$(cd "$(dirname "$0")/.." && pwd)
targets=$1
queries=$2
model=${3:-clss-mini}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet publish "$root/src/Clss.Cli" -c Release -o "$work/clss" >"$work/publish.log" 2>&1 || { cat "$work/publish.log" >&2; exit 1; }

measure() {
    label=$1
    shift
    /usr/bin/time -f "%e s wall, %U s user, %M KiB peak" -o "$work/time" "$@" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    printf '%s: %s\n' "$label" "$(cat "$work/time")"
}

measure "createdb" "$work/clss/clss" createdb "$targets" "$work/db" --model "$model" --no-progress
measure "search  " "$work/clss/clss" search "$queries" "$work/db" "$work/hits.tsv" -k 10 --model "$model" --no-progress
measure "again, queries embedded already" "$work/clss/clss" search "$work/db" "$work/db" "$work/all.tsv" -k 10 --no-progress
measure "easy-search" "$work/clss/clss" easy-search "$queries" "$targets" "$work/easy.tsv" -k 10 --model "$model" --no-progress
cmp "$work/hits.tsv" "$work/easy.tsv" && echo "search and easy-search agree: $(wc -l <"$work/hits.tsv") lines"
