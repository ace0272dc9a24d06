# SPDX-License-Identifier: Apache-2.0
# Exhaustive looks at the protocol (tests/model): all states of small networks of real cores.
file(GLOB model_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/model/*.cpp)
add_executable(tally_explore ${model_sources})
target_compile_options(tally_explore PRIVATE ${TALLY_WARNINGS})
target_link_libraries(tally_explore PRIVATE tally_consensus_mutants)
add_test(NAME explore COMMAND tally_explore)
set_tests_properties(explore PROPERTIES LABELS model TIMEOUT 600)
