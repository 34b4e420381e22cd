#!/bin/sh
# Replaces the built-in model by the one in SOURCE_DIR (config.json, clss.safetensors, esm3.safetensors, structure_encoder.safetensors).
# Weights keep their element types; model.json, with sizes, hashes and the fingerprint, is written anew.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: tools/refresh-builtin-model.sh SOURCE_DIR" >&2
    exit 2
fi

root=$(cd "$(dirname "$0")/.." && pwd)
target="$root/src/Clss.Embedder/BuiltIn/clss-mini"
card="$target/MODEL_CARD.md"

for file in config.json clss.safetensors esm3.safetensors structure_encoder.safetensors; do
    if [ ! -f "$1/$file" ]; then
        echo "refresh-builtin-model: $1 has no $file" >&2
        exit 1
    fi
done

kept=$(mktemp)
trap 'rm -f "$kept"' EXIT
if [ -f "$card" ]; then
    cp "$card" "$kept"
fi

dotnet run "$root/tools/refresh-builtin-model.cs" -- "$1" "$target"

if [ -s "$kept" ]; then
    cp "$kept" "$card"
    chmod 644 "$card"
fi

echo "Read $card again: training and figures may have changed with the weights." >&2
