# SPDX-License-Identifier: Apache-2.0
# Outside judges of the escrow interpreter. Marlowe's published executions run through its core (tests/marlowe): those
# of the repository always, those beside it where they are.
file(GLOB marlowe_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/marlowe/*.cpp)
add_executable(marlowe_vectors ${marlowe_sources})
target_include_directories(marlowe_vectors PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_compile_options(marlowe_vectors PRIVATE ${TALLY_WARNINGS})
target_link_libraries(marlowe_vectors PRIVATE tally_contracts)
add_test(NAME marlowe COMMAND marlowe_vectors ${PROJECT_SOURCE_DIR}/tests/marlowe/own.jsonl)
# Rows that compare nothing, or not all, are no passes.
add_test(NAME marlowe_unsound
         COMMAND sh -c "said=$($<TARGET_FILE:marlowe_vectors> ${PROJECT_SOURCE_DIR}/tests/marlowe/unsound.jsonl); \
test $? = 1 && echo \"$said\" | grep '^0 passed, 4 failed'")

set(marlowe_published ${PROJECT_SOURCE_DIR}/../shared/standards/settlement/marlowe)
if(EXISTS ${marlowe_published})
  add_test(NAME marlowe_published
           COMMAND marlowe_vectors ${marlowe_published}/reference_paths.jsonl
                   ${marlowe_published}/isabelle_examples.jsonl ${marlowe_published}/generated_vectors.jsonl)
else()
  add_test(NAME marlowe_published
           COMMAND sh -c "echo 'not run: no ${marlowe_published}'; test -z \"$CI\" && exit 77; exit 1")
  set_tests_properties(marlowe_published PROPERTIES SKIP_RETURN_CODE 77)
endif()

# The interpreter once more, with faults that are planted at run time; its objects come before the archive's.
file(GLOB storm_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/escrow/*.cpp)
list(FILTER storm_sources EXCLUDE REGEX "/figures\\.cpp$")
file(GLOB escrow_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/contracts/escrow/*.cpp)
list(FILTER escrow_sources EXCLUDE REGEX "_test\\.cpp$")
add_executable(escrow_storm ${storm_sources} ${escrow_sources} ${PROJECT_SOURCE_DIR}/contracts/world_test.cpp)
target_include_directories(escrow_storm PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_compile_options(escrow_storm PRIVATE ${TALLY_WARNINGS})
target_compile_definitions(escrow_storm PRIVATE TALLY_MUTANTS TALLY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(escrow_storm PRIVATE tally_contracts GTest::gtest)
add_test(NAME escrow_storm COMMAND escrow_storm)
set_tests_properties(escrow_storm PROPERTIES LABELS unit TIMEOUT 600)
foreach(fault no_default_on_silence no_deadline_queue settle_twice remainder_without_name payout_that_can_fail
        fact_fires_twice lanes_share_a_pot fork_inside_a_cycle late_without_default expired_offer_refunds
        all_reuses_its_value)
  add_test(NAME escrow_notices_${fault} COMMAND escrow_storm --mutant ${fault})
  set_tests_properties(escrow_notices_${fault} PROPERTIES LABELS unit TIMEOUT 600)
endforeach()

# The same by hand: the command line plays the repository's scenarios and judges its terms.
file(GLOB templates ${PROJECT_SOURCE_DIR}/contracts/templates/*.json)
file(GLOB journeys ${PROJECT_SOURCE_DIR}/tests/scenario/escrow/ESC-*.json)
add_test(NAME escrow_simulate_templates
         COMMAND tally escrow simulate ${templates}
                 --scenarios ${PROJECT_SOURCE_DIR}/tests/scenario/escrow/templates.json)
add_test(NAME escrow_simulate_journeys
         COMMAND tally escrow simulate ${journeys}
                 --scenarios ${PROJECT_SOURCE_DIR}/tests/scenario/escrow/journeys.json)
add_test(NAME escrow_commands COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/e2e/escrow_commands_test.py
         $<TARGET_FILE:tally>)
set_tests_properties(escrow_commands PROPERTIES LABELS unit)

# The tutorial and the wallet's other commands beside four validators.
add_test(NAME wallet_commands COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/e2e/wallet_commands_test.py
         $<TARGET_FILE:tally>)
set_tests_properties(wallet_commands PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 300)

# And on four validator processes: all of them in one chain, every node asked what was paid.
add_test(NAME escrow_network
         COMMAND tally testnet escrow ${templates} ${journeys} --home ${PROJECT_BINARY_DIR}/escrow-network
                 --port-shift 700 --scenarios ${PROJECT_SOURCE_DIR}/tests/scenario/escrow/templates.json
                 ${PROJECT_SOURCE_DIR}/tests/scenario/escrow/journeys.json)
set_tests_properties(escrow_network PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 300)
