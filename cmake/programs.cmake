# SPDX-License-Identifier: Apache-2.0
# The binary and the programs of tests/ that need more than one room.

add_executable(tally node/main.cpp)
target_compile_options(tally PRIVATE ${TALLY_WARNINGS})
target_link_libraries(tally PRIVATE tally_testnet tally_node tally_wallet)
# A tenth of the processor's time of a transaction is saved by this allocator (docs/performance.md). The sanitizers have
# their own.
if(NOT TALLY_SANITIZE)
  find_library(TCMALLOC tcmalloc_minimal REQUIRED)
  target_link_libraries(tally PRIVATE -Wl,--push-state,--no-as-needed ${TCMALLOC} -Wl,--pop-state)
endif()

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
  # And validators that come, rotate their keys and go, and take a new version of the law.
  file(GLOB validators_sources CONFIGURE_DEPENDS tests/e2e/validators/*.cpp)
  add_executable(test_validators tests/e2e/fixture.cpp ${validators_sources})
  target_include_directories(test_validators PRIVATE tests)
  target_compile_options(test_validators PRIVATE ${TALLY_WARNINGS})
  target_compile_definitions(test_validators PRIVATE TALLY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(test_validators PRIVATE tally_testnet GTest::gtest GTest::gtest_main)
  add_dependencies(test_validators tally)
  add_test(NAME validators COMMAND test_validators --gtest_filter=-Comet.*)
  set_tests_properties(validators PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 300)
  add_test(NAME demo COMMAND tally testnet demo --check --home ${PROJECT_BINARY_DIR}/demo-check)
  set_tests_properties(demo PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 600)

  # Every journey of the file, and files that say something else.
  add_test(NAME journeys COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/e2e/journeys_test.py $<TARGET_FILE:tally>
           ${PROJECT_SOURCE_DIR}/testnet/journeys ${PROJECT_BINARY_DIR}/journeys)
  set_tests_properties(journeys PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 600)

  # Four real processes in network namespaces, and what goes wrong between them.
  file(GLOB soak_sources CONFIGURE_DEPENDS tests/soak/*.cpp)
  add_executable(tally_soak ${soak_sources})
  target_include_directories(tally_soak PRIVATE tests)
  target_compile_options(tally_soak PRIVATE ${TALLY_WARNINGS})
  target_link_libraries(tally_soak PRIVATE tally_testnet)
  add_dependencies(tally_soak tally)
  add_test(NAME soak COMMAND tally_soak --minutes 2)
  # The checker must find what is not so.
  add_test(NAME soak_finds_book COMMAND tally_soak --lie book)
  add_test(NAME soak_finds_disks COMMAND tally_soak --lie disks)
  set_tests_properties(soak soak_finds_book soak_finds_disks PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 600)

  # A fifth node that is far behind four real ones.
  file(GLOB join_sources CONFIGURE_DEPENDS tests/join/*.cpp)
  add_executable(tally_join ${join_sources})
  target_include_directories(tally_join PRIVATE tests)
  target_compile_options(tally_join PRIVATE ${TALLY_WARNINGS})
  target_link_libraries(tally_join PRIVATE tally_testnet)
  add_dependencies(tally_join tally)
  add_test(NAME join COMMAND tally_join)
  add_test(NAME doctor COMMAND tally_join --doctor --blocks 400 --bytes 8000000)
  set_tests_properties(join doctor PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 600)

  # Frauds by chance against the law of goods, in the small world of its tests.
  add_executable(tally_gym tests/gym/main.cpp tests/gym/recall.cpp contracts/goods/stage_test.cpp)
  target_include_directories(tally_gym PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(tally_gym PRIVATE ${TALLY_WARNINGS})
  target_link_libraries(tally_gym PRIVATE tally_contracts GTest::gtest)
  add_test(NAME gym COMMAND tally_gym --shipments 100)
  add_test(NAME recall COMMAND tally_gym --recall 200000)

  # CometBFT is built once for all presets; without it the demo fails, it is not passed over.
  add_test(NAME cometbft COMMAND ${PROJECT_SOURCE_DIR}/tools/cometbft.sh ${PROJECT_SOURCE_DIR}/build/cometbft)
  set_tests_properties(cometbft PROPERTIES LABELS e2e FIXTURES_SETUP cometbft TIMEOUT 900)
  add_test(NAME demo_cometbft COMMAND tally testnet demo --engine cometbft --check
    --home ${PROJECT_BINARY_DIR}/demo-cometbft)
  set_tests_properties(demo_cometbft PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 600 FIXTURES_REQUIRED cometbft
    ENVIRONMENT TALLY_COMETBFT=${PROJECT_SOURCE_DIR}/build/cometbft/bin/cometbft)

  # Validators under CometBFT change by votes, and its commits become vectors for both verifiers.
  add_test(NAME comet_validators COMMAND test_validators --gtest_filter=Comet.*)
  set_tests_properties(comet_validators PROPERTIES LABELS e2e RUN_SERIAL ON TIMEOUT 400 FIXTURES_REQUIRED cometbft
    ENVIRONMENT TALLY_COMETBFT=${PROJECT_SOURCE_DIR}/build/cometbft/bin/cometbft)

  # The published vectors through the command line, and the reference tool for event hashes as an outside judge.
  add_test(NAME gs1_commands COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/e2e/gs1_commands_test.py $<TARGET_FILE:tally>)
  set_tests_properties(gs1_commands PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 120)
  add_test(NAME hash_reference COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/e2e/hash_reference_test.py
           $<TARGET_FILE:tally> ${PROJECT_SOURCE_DIR}/build/judges/hash)
  set_tests_properties(hash_reference PROPERTIES LABELS e2e SKIP_RETURN_CODE 77 TIMEOUT 300)

  if(NOT TALLY_SANITIZE)
    file(GLOB bench_sources CONFIGURE_DEPENDS tests/bench/*.cpp)
    add_executable(tally_bench ${bench_sources} tests/escrow/figures.cpp tests/escrow/generate.cpp tests/gym/recall.cpp)
    target_include_directories(tally_bench PRIVATE tests)
    target_compile_definitions(tally_bench PRIVATE TALLY_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
      TALLY_LIBRARIES="RocksDB ${RocksDB_VERSION}, OpenSSL ${OPENSSL_VERSION}")
    # Measures trees and stores in its own process, with the allocator of the node.
    target_link_libraries(tally_bench PRIVATE tally_testnet tally_contracts ${TCMALLOC})
    add_dependencies(tally_bench tally tally_sim)
  endif()
endif()
