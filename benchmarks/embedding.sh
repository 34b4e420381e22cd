#!/bin/sh
# Embedding throughput of this project and of PyTorch, turn and turn about on the same sequences.
# usage: benchmarks/embedding.sh FASTA [SEQUENCES] [THREADS]      (python3 with torch and numpy: PYTHON=/usr/bin/python3)
set -eu
fasta=$1
limit=${2:-120}
threads=${3:-2}
here=$(dirname "$0")
python=${PYTHON:-/usr/bin/python3}
dotnet build "$here/Clss.EmbedBenchmark" -c Release -v quiet --nologo
ours() { dotnet "$here/Clss.EmbedBenchmark/bin/Release/net10.0/Clss.EmbedBenchmark.dll" "$fasta" --limit "$limit" --threads "$threads" --rounds 2 "$@"; }
vectors=$(mktemp)
trap 'rm -f "$vectors"' EXIT
for mode in packed one padded; do
    ours --vectors "$vectors"
    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "$python" "$here/pytorch/esm2_peer.py" "$fasta" --limit "$limit" --threads "$threads" --rounds 2 --mode "$mode" --check "$vectors"
done
ours --one
