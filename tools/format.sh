#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formats the C++ sources as .clang-format says, or with --check only names the lines that differ (exit 1).
# Usage: tools/format.sh [--check] [path...]; without a path all files that git knows or would take.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Another version formats differently, so only the one of Debian 12 will do.
tool=$(command -v clang-format-14) || { echo "error  clang-format-14 is missing; next: ./dev setup" >&2; exit 1; }
mode=(-i)
if [ "${1:-}" = --check ]; then
  mode=(--dry-run -Werror)
  shift
fi
git ls-files --cached --others --exclude-standard -z -- "${@:-*.[ch]pp}" |
  xargs -0r -P "$(nproc)" -n 16 "$tool" "${mode[@]}" || exit 1
