# SPDX-License-Identifier: Apache-2.0
# Whole networks of the real replica in one process (tests/sim). Its engine is the one whose planted faults are chosen
# at run time, so the replica around it is compiled once more as well.
file(GLOB sim_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/sim/*.cpp)
set(sim_node_sources admission disk_store execution mempool replica replica_blocks replica_open wire)
list(TRANSFORM sim_node_sources REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/node/\\1.cpp")
add_executable(tally_sim ${sim_sources} ${sim_node_sources})
target_compile_options(tally_sim PRIVATE ${TALLY_WARNINGS})
target_link_libraries(tally_sim PRIVATE tally_contracts tally_consensus_mutants tally_storage Threads::Threads)

add_test(NAME sim COMMAND tally_sim --seeds 500)
add_test(NAME sim_mutants COMMAND tally_sim --mutants)
set_tests_properties(sim sim_mutants PROPERTIES LABELS sim RUN_SERIAL ON TIMEOUT 1800)
