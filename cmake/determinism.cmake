# SPDX-License-Identifier: Apache-2.0
# One long random run, executed again in other ways (tests/determinism): the room of the law once more without
# optimisation and with all of it, and with it all templates that it uses of the rooms below. What execution never calls
# is left out of those two: compiling takes longest here.
set(determinism ${PROJECT_SOURCE_DIR}/tests/determinism)
set(executing ${determinism}/chain.cpp ${PROJECT_SOURCE_DIR}/node/execution.cpp)

function(determinism_program name)
  add_executable(determinism_${name} ${ARGN})
  target_include_directories(determinism_${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/lib
                             ${PROJECT_SOURCE_DIR}/tests)
  target_compile_options(determinism_${name} PRIVATE ${TALLY_WARNINGS})
  target_link_libraries(determinism_${name} PRIVATE Threads::Threads)
endfunction()

determinism_program(make ${determinism}/make.cpp ${executing} ${PROJECT_SOURCE_DIR}/tests/escrow/generate.cpp
                    ${PROJECT_SOURCE_DIR}/tests/sim/workload.cpp ${PROJECT_SOURCE_DIR}/tests/sim/workload_goods.cpp)
target_include_directories(determinism_make PRIVATE ${PROJECT_SOURCE_DIR}/tests/sim)
target_link_libraries(determinism_make PRIVATE tally_contracts)
determinism_program(replay ${determinism}/replay.cpp ${executing})
target_link_libraries(determinism_replay PRIVATE tally_contracts)
determinism_program(resume ${determinism}/resume.cpp ${executing})
target_link_libraries(determinism_resume PRIVATE tally_contracts tally_storage)

get_target_property(executed tally_contracts SOURCES)
list(FILTER executed EXCLUDE REGEX "/contracts/escrow/(explain|rehearsal|scenario)\\.cpp$")
foreach(level O0 O3)
  determinism_program(replay_${level} ${determinism}/replay.cpp ${executing} ${executed})
  # Behind the preset's own level. With -O3 gcc 12 warns of lengths that cannot be.
  target_compile_options(determinism_replay_${level} PRIVATE -${level} -w)
  target_link_libraries(determinism_replay_${level} PRIVATE tally_ledger)
  set_target_properties(determinism_replay_${level} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
endforeach()

add_test(NAME determinism COMMAND python3 ${determinism}/run.py ${PROJECT_BINARY_DIR}
         ${PROJECT_BINARY_DIR}/determinism 1200 1)
set_tests_properties(determinism PROPERTIES LABELS unit TIMEOUT 600)
