#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# epcis.sh TEST_TESTNET: lets the tests write every step of every journey as an EPCIS document and holds them against
# GS1's schema in ../shared with ajv. Ends with 77 (not run) where node, npm or the schema is not there, under CI=true
# with 1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
schema=$here/../../../shared/standards/epcis/schema/EPCIS-JSON-Schema.json

not_run() {
  echo "not run: $1"
  [ "${CI:-}" = true ] && exit 1
  exit 77
}
command -v node >/dev/null || not_run "no node"
[ -e "$schema" ] || not_run "$schema is not there"
if [ ! -d "$here/epcis/node_modules/ajv" ]; then
  command -v npm >/dev/null || not_run "no npm"
  npm ci --prefix "$here/epcis" --ignore-scripts --no-audit --no-fund || not_run "npm ci failed"
fi

samples=$(mktemp -d)
trap 'rm -rf "$samples"' EXIT
TALLY_SAMPLES=$samples "$1" --gtest_brief=1 --gtest_filter='Story.EveryStepIsADocument'
node "$here/epcis/validate.mjs" "$schema" "$samples"
