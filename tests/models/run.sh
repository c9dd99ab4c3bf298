#!/bin/sh
# run.sh MODEL.pml [-DX ...]   one exhaustive search with Spin, in a scratch directory; prints "errors=N states=N", and of an error how it
# comes about if TRACE is set. CC: cc, CFLAGS: -O2, HASH: 2^24 entries, STORE: -DCOLLAPSE, which takes little memory and twice the time, unless set.
set -eu
models=$(cd "$(dirname "$0")" && pwd)
model=$1
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$models/$model" "$scratch"
cd "$scratch"
spin -a "$@" "$model" >log 2>&1 || { cat log; exit 2; }
compile() { "$1" ${CFLAGS--O2} -w -DMEMLIM=3500 -DVECTORSZ=2048 -DSAFETY ${STORE--DCOLLAPSE} -o pan pan.c; }
compile "${CC:-cc}" >log 2>&1 || compile cc
./pan -m400000 -w"${HASH-24}" >log 2>&1 || true
if grep -q 'max search depth too small\|out of memory\|reached -DMEMLIM' log; then
    cat log
    exit 2
fi
sed -n 's/.*errors: \([0-9]*\).*/errors=\1/p; s/^ *\([0-9]*\) states, stored.*/states=\1/p' log | paste -sd' '
grep '^pan:1' log || true
[ -z "${TRACE-}" ] || [ ! -f "$model.trail" ] || spin -t -p "$@" "$model"
