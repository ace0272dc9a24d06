#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the tests of the pages.
# Usage: run.sh verifier | mutants <test_ledger> <count> | capsule <test_wallet> | page | node <tally>
#   verifier  the JavaScript verifier, in node alone
#   mutants   proofs with bytes changed by chance, judged by both verifiers
#   capsule   a capsule opened from disk in a browser without a network
#   page      the page in headless Chromium, before proofs made by the tests
#   node      the page before a running network, which it makes with the binary
# Exit: 0 passed, 1 failed, 77 not run, because a program is missing that it names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

missing() {
  echo "did not run: $1"
  exit 77
}

browser_tools() {
  [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing "no chromium"
  [ -d tests/e2e/node_modules/playwright-core ] && [ -d tests/e2e/node_modules/axe-core ] && return
  command -v npm >/dev/null || missing "no npm"
  npm ci --prefix tests/e2e --ignore-scripts --no-audit --no-fund || missing "npm ci failed"
}

command -v node >/dev/null || missing "no node"
case ${1:-} in
  verifier)
    exec node --test web/test/*.test.mjs
    ;;
  mutants)
    words=$(mktemp)
    trap 'rm -f "$words"' EXIT
    TALLY_MUTANTS=$3 TALLY_MUTANT_WORDS=$words "$2" --gtest_brief=1 --gtest_filter=Mutants.*
    node web/test/mutants.mjs "$words"
    ;;
  capsule)
    browser_tools
    TEST_WALLET=$2 exec node --test tests/e2e/web/capsule.test.mjs
    ;;
  page)
    browser_tools
    exec node --test tests/e2e/web/page.test.mjs tests/e2e/web/speed.test.mjs
    ;;
  node)
    browser_tools
    home=$(mktemp -d)
    trap 'kill "$demo" 2>/dev/null || true; wait "$demo" 2>/dev/null || true; rm -rf "$home"' EXIT
    "$2" testnet demo --home "$home/network" >"$home/log" 2>&1 &
    demo=$!
    for ((i = 0; i < 1200; ++i)); do
      url=$(grep -oE 'http://[^ ]+/01/[0-9]{14}/21/[^ ]+' "$home/log" | head -1 || true)
      [ -z "$url" ] || break
      kill -0 "$demo" 2>/dev/null || break
      sleep 0.25
    done
    [ -n "${url:-}" ] || { cat "$home/log"; echo "the demo network did not come up"; exit 1; }
    # The second validator's listener, and an auditor who follows the first.
    SECOND_URL=http://127.0.0.1:8083
    keys=$home/network/keys
    "$2" witness --key AUDIT --keys "$keys" --passphrase-file "$keys/passphrase" --file "$home/audit.signed" \
      --genesis "$home/network/genesis.json" >"$home/witness.log" 2>&1 &
    witness=$!
    trap 'kill "$witness" "$demo" 2>/dev/null || true; wait "$demo" 2>/dev/null || true; rm -rf "$home"' EXIT
    export SECOND_URL
    BASE_URL=${url%%/01/*} SUBJECT=/01/${url#*/01/} node --test tests/e2e/web/page.test.mjs
    ;;
  *)
    echo "usage: run.sh verifier | mutants <test_ledger> <count> | capsule <test_wallet> | page | node <tally>" >&2
    exit 2
    ;;
esac
