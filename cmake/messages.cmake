# SPDX-License-Identifier: Apache-2.0
# messages(<target> <path>.proto): the messages of that file as the static library <target>, made by protoc at build
# time. Sources include "<path>.pb.h".
function(messages target proto)
  set(out ${PROJECT_BINARY_DIR}/messages)
  string(REGEX REPLACE "\\.proto$" ".pb" stem ${proto})
  file(MAKE_DIRECTORY ${out})
  add_custom_command(OUTPUT ${out}/${stem}.cc ${out}/${stem}.h
    COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=lite:${out} ${PROJECT_SOURCE_DIR}/${proto}
    DEPENDS ${PROJECT_SOURCE_DIR}/${proto})
  add_library(${target} STATIC ${out}/${stem}.cc ${out}/${stem}.h)
  target_include_directories(${target} SYSTEM PUBLIC ${out} ${Protobuf_INCLUDE_DIRS})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf-lite)
endfunction()
