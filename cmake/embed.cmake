# SPDX-License-Identifier: Apache-2.0
# embed(<target> <namespace> DIRECTORY <dir> FILES <file>...)
#
# Puts files into a static library as they are (the assembler's .incbin) and makes the function
#   std::optional<std::string_view> <namespace>::embedded(std::string_view name)
# that finds one by its name inside the directory; a file with a whole path, by its last name. The header is
# <namespace>/embedded.hpp.
function(embed target namespace)
  cmake_parse_arguments(EMBED "" "DIRECTORY" "FILES" ${ARGN})
  set(dir ${PROJECT_BINARY_DIR}/embedded)
  set(data "")
  set(table "")
  set(paths "")
  set(index 0)
  foreach(file IN LISTS EMBED_FILES)
    set(symbol ${target}_${index})
    set(path ${EMBED_DIRECTORY}/${file})
    if(IS_ABSOLUTE ${file})
      set(path ${file})
      get_filename_component(file ${file} NAME)
    endif()
    list(APPEND paths ${path})
    string(APPEND data
      "asm(\".section .rodata\\n.balign 16\\n\"\n"
      "    \"${symbol}_begin:\\n.incbin \\\"${path}\\\"\\n\"\n"
      "    \"${symbol}_end:\\n.previous\\n\");\n"
      "extern \"C\" char const ${symbol}_begin[];\n"
      "extern \"C\" char const ${symbol}_end[];\n")
    string(APPEND table
      "  if (name == \"${file}\") return between(${symbol}_begin, ${symbol}_end);\n")
    math(EXPR index "${index} + 1")
  endforeach()
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded.hpp.in ${dir}/${namespace}/embedded.hpp @ONLY)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded.cpp.in ${dir}/${target}.cpp @ONLY)
  set_source_files_properties(${dir}/${target}.cpp PROPERTIES OBJECT_DEPENDS "${paths}")
  add_library(${target} STATIC ${dir}/${target}.cpp)
  target_include_directories(${target} PUBLIC ${dir})
endfunction()
