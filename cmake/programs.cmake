# SPDX-License-Identifier: Apache-2.0
# The binary and the programs of tests/ that need more than one room.

add_executable(tally node/main.cpp)
target_compile_options(tally PRIVATE ${TALLY_WARNINGS})
target_link_libraries(tally PRIVATE tally_testnet tally_node tally_wallet)

if(TALLY_TESTS)
  # Four real processes: documents of others, bad input. Serial, because they want the machine's two cores.
  file(GLOB e2e_sources CONFIGURE_DEPENDS tests/e2e/*.cpp)
  add_executable(test_network ${e2e_sources})
  target_include_directories(test_network PRIVATE tests)
  target_compile_options(test_network PRIVATE ${TALLY_WARNINGS})
  target_compile_definitions(test_network PRIVATE TALLY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(test_network PRIVATE tally_testnet GTest::gtest GTest::gtest_main)
  add_dependencies(test_network tally)
  add_test(NAME network COMMAND test_network)
  set_tests_properties(network PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 600)
  add_test(NAME demo COMMAND tally testnet demo --check --home ${PROJECT_BINARY_DIR}/demo-check)
  set_tests_properties(demo PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 600)

  # Frauds by chance against the law of goods, in the small world of its tests.
  add_executable(tally_gym tests/gym/main.cpp tests/gym/recall.cpp contracts/goods/stage_test.cpp
                 contracts/goods/audit_test.cpp)
  target_include_directories(tally_gym PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(tally_gym PRIVATE ${TALLY_WARNINGS})
  target_link_libraries(tally_gym PRIVATE tally_contracts GTest::gtest)
  add_test(NAME gym COMMAND tally_gym --shipments 100)
  add_test(NAME recall COMMAND tally_gym --recall 200000)

  add_executable(tally_bench tests/bench/main.cpp tests/escrow/figures.cpp tests/escrow/generate.cpp)
  target_include_directories(tally_bench PRIVATE tests)
  target_compile_definitions(tally_bench PRIVATE TALLY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(tally_bench PRIVATE tally_testnet)
  add_dependencies(tally_bench tally)
endif()
