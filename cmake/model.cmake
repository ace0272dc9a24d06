# SPDX-License-Identifier: Apache-2.0
# Exhaustive looks at the protocol (tests/model): all states of small networks of real cores.
file(GLOB model_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/model/*.cpp)
add_executable(tally_explore ${model_sources})
target_compile_options(tally_explore PRIVATE ${TALLY_WARNINGS})
target_link_libraries(tally_explore PRIVATE tally_consensus_mutants)
add_test(NAME explore COMMAND tally_explore)
set_tests_properties(explore PROPERTIES LABELS model TIMEOUT 600)
# And all states of the protocol's models, with and without each rule.
add_test(NAME spin COMMAND ${PROJECT_SOURCE_DIR}/tests/model/run.sh ${PROJECT_BINARY_DIR}/spin)
set_tests_properties(spin PROPERTIES LABELS model SKIP_RETURN_CODE 77 TIMEOUT 900)
