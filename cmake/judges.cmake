# SPDX-License-Identifier: Apache-2.0
# Outside judges: other people's tables, schemas and programs.
find_program(PYTHON3 python3 REQUIRED)

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

add_test(NAME iso20022 COMMAND ${PROJECT_SOURCE_DIR}/tests/judges/iso20022.sh $<TARGET_FILE:test_wallet>)
add_test(NAME phrase COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/judges/phrase.py $<TARGET_FILE:tally>)
add_test(NAME receipts COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/judges/receipts.py $<TARGET_FILE:tally>)
set_tests_properties(receipts PROPERTIES LABELS e2e RUN_SERIAL ON SKIP_RETURN_CODE 77 TIMEOUT 300)
add_test(NAME epcis_schema COMMAND ${PROJECT_SOURCE_DIR}/tests/judges/epcis.sh $<TARGET_FILE:test_testnet>)
set_tests_properties(iso20022 phrase epcis_schema PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 120)
