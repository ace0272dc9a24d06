# SPDX-License-Identifier: Apache-2.0
# The tests of the pages: the verifier in node, the page in headless Chromium, and the page before a real network. They
# name what is missing and count as not run where node or Chromium is not installed.
set(pages ${PROJECT_SOURCE_DIR}/tests/e2e/web/run.sh)
add_test(NAME web_verifier COMMAND ${pages} verifier)
set_tests_properties(web_verifier PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 120)
# ./dev mutants runs more of them.
add_test(NAME proof_mutants COMMAND ${pages} mutants $<TARGET_FILE:test_ledger> 20000)
set_tests_properties(proof_mutants PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 600)
# The code that leads a phone to the page.
add_test(NAME qr COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/e2e/qr_test.py $<TARGET_FILE:tally>)
set_tests_properties(qr PROPERTIES LABELS unit SKIP_RETURN_CODE 77)
add_test(NAME web_page COMMAND ${pages} page)
add_test(NAME web_capsule COMMAND ${pages} capsule $<TARGET_FILE:test_wallet>)
add_test(NAME web_node COMMAND ${pages} node $<TARGET_FILE:tally>)
set_tests_properties(web_page web_capsule web_node PROPERTIES LABELS e2e SKIP_RETURN_CODE 77 RUN_SERIAL ON TIMEOUT 900
  ENVIRONMENT SCREENSHOTS=${PROJECT_BINARY_DIR}/screenshots)
