# SPDX-License-Identifier: Apache-2.0
# Outside judges: other people's tables, schemas and programs.
function(judge name folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp)
  add_executable(${name} ${sources})
  target_compile_options(${name} PRIVATE ${TALLY_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARGN})
endfunction()

judge(tigerbeetle_cases tigerbeetle tally_contracts)
add_test(NAME tigerbeetle COMMAND ${PROJECT_SOURCE_DIR}/tools/with_shared.sh $<TARGET_FILE:tigerbeetle_cases>
         standards/settlement/tigerbeetle/state_machine_cases.json)
set_tests_properties(tigerbeetle PROPERTIES LABELS unit SKIP_RETURN_CODE 77)
