#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formats the C++ sources as .clang-format says, or with --check only names the lines that differ (exit 1).
# Usage: tools/format.sh [--check] [path...]; without a path all files that git knows or would take.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Another version formats differently, so only the one of Debian 12 will do.
command -v clang-format-14 >/dev/null || { echo "clang-format-14 is missing; ./dev setup installs it" >&2; exit 1; }
check=
if [ "${1:-}" = --check ]; then
  check=yes
  shift
fi
sources() {
  git ls-files --cached --others --exclude-standard -z -- "${@:-*.[ch]pp}" |
    while IFS= read -rd '' path; do
      [ ! -e "$path" ] || printf '%s\0' "$path" # git also lists what was deleted a moment ago
    done
}
format() { xargs -0r clang-format-14 "$@"; }

if [ -z "$check" ]; then
  sources "$@" | format -i
elif ! finds=$(sources "$@" | format --dry-run -Werror 2>&1); then
  sed -nE 's/: error: code should be clang-formatted.*/: not as the formatter writes it; .\/dev fmt/p' <<<"$finds" |
    sort -u | grep . || echo "$finds"
  exit 1
fi
