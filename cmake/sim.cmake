# SPDX-License-Identifier: Apache-2.0
# Whole networks of the real replica in one process (tests/sim). Its engine is the one whose planted faults are chosen
# at run time, so the replica around it is compiled once more as well.
file(GLOB sim_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/sim/*.cpp)
set(sim_node_sources admission disk_store draft execution mempool proposals recovery replica replica_blocks
    replica_epoch replica_open replica_recovery replica_rejoin wire)
list(TRANSFORM sim_node_sources REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/node/\\1.cpp")
add_executable(tally_sim ${sim_sources} ${sim_node_sources})
target_compile_options(tally_sim PRIVATE ${TALLY_WARNINGS})
target_link_libraries(tally_sim PRIVATE tally_contracts tally_consensus_mutants tally_storage Threads::Threads)

add_test(NAME sim COMMAND tally_sim --seeds 1000)
set_tests_properties(sim PROPERTIES LABELS sim RUN_SERIAL ON TIMEOUT 1800)
# Each planted fault must be found: all that tests/sim/planted.cpp names.
foreach(fault R1 R2 R3 R4 FETCH no_rebroadcast volatile_entry volatile_notarization volatile_bytes votes_not_replayed
        wrong_quorum endless_timeout trusting_sync volatile_proposal tip_ignored narrow_quorum child_instead
        accuses_nobody unwatched proposals_unwatched floor_m volatile_floor recovering_node_answers never_asks
        disks_lie)
  add_test(NAME sim_finds_${fault} COMMAND tally_sim --mutants ${fault})
  set_tests_properties(sim_finds_${fault} PROPERTIES LABELS sim RUN_SERIAL ON TIMEOUT 1800)
endforeach()
add_test(NAME sim_crash_points COMMAND tally_sim --crash-points)
add_test(NAME sim_regions COMMAND tally_sim --regions)
add_test(NAME sim_twins COMMAND tally_sim --twins 4000)
add_test(NAME sim_twins_find_wrong_quorum COMMAND tally_sim --twins 300 --mutants wrong_quorum)
add_test(NAME sim_twins_find_R2 COMMAND tally_sim --twins 4000 --mutants R2)
set_tests_properties(sim_crash_points sim_regions sim_twins sim_twins_find_wrong_quorum sim_twins_find_R2
                     PROPERTIES LABELS sim RUN_SERIAL ON TIMEOUT 900)
