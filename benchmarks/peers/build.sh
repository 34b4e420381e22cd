#!/bin/sh
# Builds ann_peers in a folder, with hnswlib and an optimised faiss, both of which are fetched into that folder.
# usage: benchmarks/peers/build.sh WORK_FOLDER [FAISS_BUILD_FOLDER]
# needs git, cmake, g++ and OpenBLAS (apt-get install git cmake g++ libopenblas-dev)
# The folder lies outside this repository. A FAISS_BUILD_FOLDER that was built before is used as it is. HNSWLIB names a folder with
# hnswlib/hnswlib.h to use another hnswlib, FAISS_LEVEL the instruction set (avx512, avx2 or generic), JOBS the compilers at a time.
set -eu

faiss_tag=v1.15.0
hnswlib_tag=v0.8.0

if [ $# -lt 1 ]; then
    sed -n '2,6s/^# //p' "$0" >&2
    exit 2
fi

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
faiss_build=${2:-$work/faiss-build}
level=${FAISS_LEVEL:-avx512}
case $level in
    generic) target=faiss ;;
    *) target=faiss_$level ;;
esac

if [ $# -lt 2 ]; then
    [ -d "$work/faiss" ] || git clone --quiet --depth 1 --branch $faiss_tag https://github.com/facebookresearch/faiss "$work/faiss"
    cmake -S "$work/faiss" -B "$faiss_build" -DCMAKE_BUILD_TYPE=Release -DFAISS_OPT_LEVEL="$level" -DBLA_VENDOR=OpenBLAS \
        -DFAISS_ENABLE_GPU=OFF -DFAISS_ENABLE_PYTHON=OFF -DFAISS_ENABLE_MKL=OFF -DFAISS_ENABLE_EXTRAS=OFF -DBUILD_TESTING=OFF
    cmake --build "$faiss_build" --target "$target" -j "${JOBS:-2}"
fi

hnswlib=${HNSWLIB:-$work/hnswlib}
[ -d "$hnswlib" ] || git clone --quiet --depth 1 --branch $hnswlib_tag https://github.com/nmslib/hnswlib "$hnswlib"

# The build folder remembers where its sources are.
faiss=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$faiss_build/CMakeCache.txt")
g++ -std=c++20 -O3 -march=native -DNDEBUG -fopenmp -I "$faiss" -I "$hnswlib" "$here/ann_peers.cpp" \
    "$faiss_build/faiss/lib$target.a" -lopenblas -o "$work/ann_peers"
echo "$work/ann_peers"
