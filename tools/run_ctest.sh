#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs ctest so that nothing is passed over in silence. Usage: tools/run_ctest.sh <build folder> [ctest argument...]
# Shows the output of what failed, then names what did not run, down to single cases; with CI=true that is a failure.
# Exit: 0 all passed; 1 a test failed, or was skipped under CI, or there was none to run.
set -uo pipefail
folder=$1
shift

status=0
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
ctest --test-dir "$folder" --output-on-failure --no-tests=error --timeout 900 "$@" | tee "$printed" || status=1

# ctest itself knows only whole programs; what a program left out stands in the log of all output. The last lines of
# GoogleTest, node's and python's test runners say it.
skipped=$(
  sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: ([^ ]+) \.*\*\*\*(Skipped|Not Run.*) .*/\1/p' "$printed"
  sed -nE -e 's/^\[  SKIPPED \] ([^ ,]+\.[^ ,]+)( \(.*)?$/\1/p' \
    -e 's/^ *YOU HAVE ([0-9]+ DISABLED TESTS?).*/\1/p' \
    -e 's/^(# |ℹ )(skipped [1-9][0-9]*|todo [1-9][0-9]*)$/node test runner: \2/p' \
    -e 's/^OK \((skipped=[0-9]+)\)$/python: \1/p' "$folder/Testing/Temporary/LastTest.log" | sort -u
)
if [ -n "$skipped" ]; then
  printf '\nDid not run:\n'
  sed 's/^/  /' <<<"$skipped"
  [ "${CI:-}" != true ] || { echo "CI=true allows no skip"; status=1; }
fi
exit $status
