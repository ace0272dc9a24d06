#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Walks through all states of the protocol's models with Spin. Each configuration must be clean, and each that has a
# rule switched off must not. usage: run.sh <folder to work in>
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! command -v spin >/dev/null; then
  echo "Did not run: Spin is not installed (apt-get install spin)"
  [ "${CI:-}" != true ] || exit 1
  exit 77
fi
mkdir -p "$1"
cd "$1"
failed=0

# walk <clean|found> <model> <flag...>
walk() {
  local expected=$1 model=$2 result=clean states
  shift 2
  rm -f pan pan.* ./*.trail
  spin "$@" -a "$here/$model.pml" >spin.log 2>&1 || { cat spin.log && exit 1; }
  cc -O1 -w -DSAFETY -DCOLLAPSE -DNOFAIR -o pan pan.c
  # -E: a step that turns out to be impossible is no deadlock.
  ./pan -E -m100000 >pan.log 2>&1 || true
  grep -q 'errors: 0' pan.log || result=found
  grep -qE 'states, stored' pan.log && ! grep -q 'max search depth too small' pan.log || result=broken
  states=$(sed -nE 's/^ *([0-9]+) states, stored.*/\1/p' pan.log)
  printf '%-9s %9s states  %-6s %s\n' "$model" "${states:-?}" "$result" "$*"
  [ $result = "$expected" ] || { failed=1 && echo "  expected: $expected" && tail -n 30 pan.log; }
}

walk clean simplex -DVIEWS=3
walk clean simplex -DVIEWS=2 -DCRASHES=1
walk found simplex -DVIEWS=2 -DNO_R1
walk found simplex -DVIEWS=2 -DNO_R2
walk found simplex -DVIEWS=3 -DNO_R3
walk clean simplex -DVIEWS=2 -DDIVERGES=2
walk found simplex -DVIEWS=2 -DDIVERGES=2 -DNO_R4
walk found simplex -DVIEWS=2 -DDIVERGES=2 -DR4_ANCESTORS_ONLY
walk clean simplex -DVIEWS=3 -DLOST=1
walk clean simplex -DVIEWS=3 -DLOST=2
walk found simplex -DVIEWS=3 -DLOST=1 -DNO_FLOOR
walk found simplex -DVIEWS=3 -DLOST=1 -DFLOOR_M
walk found simplex -DVIEWS=3 -DLOST=1 -DSTALE_ANSWERS
walk found simplex -DVIEWS=3 -DLOST=2 -DCOUNT_RECOVERING
walk clean simplex -DVIEWS=2 -DEPOCH
walk found simplex -DVIEWS=2 -DEPOCH -DCHILD_INSTEAD
walk clean liveness
walk found liveness -DVOLATILE_ENTRY
walk found liveness -DVOLATILE_NOTARIZATION
walk found liveness -DVOLATILE_BYTES
walk found liveness -DNOT_REPLAYED
exit $failed
