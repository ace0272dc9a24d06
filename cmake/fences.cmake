# SPDX-License-Identifier: Apache-2.0
# The house's own rules as tests: label `source` needs nothing built, label `fence` looks at what was built, or at the
# fences themselves.
find_program(PYTHON3 python3 REQUIRED)

function(fence name label)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${label})
endfunction()

fence(rooms source ${PYTHON3} tools/rooms.py)
fence(style source ${PYTHON3} tools/style.py)
fence(format source tools/format.sh --check)
fence(rooms_self fence ${PYTHON3} tools/fences_test.py)

get_property(pure_rooms GLOBAL PROPERTY TALLY_PURE_ROOMS)
list(TRANSFORM pure_rooms REPLACE "(.+)" "$<TARGET_FILE:\\1>")
# Sanitizers write calls of their own into the archives, so there is nothing to learn from those builds.
if(NOT TALLY_SANITIZE)
  fence(pure_symbols fence ${PYTHON3} tools/symbols.py ${pure_rooms})
endif()
