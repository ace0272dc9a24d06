#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# with_shared.sh COMMAND FILE…: runs the command with these files of ../shared as its last arguments. Where they are not
# there it says so and ends with 77 (not run), under CI=true with 1.
set -euo pipefail
shared=$(dirname "${BASH_SOURCE[0]}")/../../shared
command=$1
shift
files=()
for file in "$@"; do
  if [ ! -e "$shared/$file" ]; then
    echo "not run: ../shared/$file is not there"
    [ "${CI:-}" = true ] && exit 1
    exit 77
  fi
  files+=("$shared/$file")
done
exec "$command" "${files[@]}"
