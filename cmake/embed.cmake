# SPDX-License-Identifier: Apache-2.0
# embed(<target> <namespace> DIRECTORY <dir> FILES <file>...)
#
# Puts files into a static library as they are (the assembler's .incbin) and makes the function
#   std::optional<std::string_view> <namespace>::embedded(std::string_view name)
# that finds one by its name inside the directory. The header is embed/<target>.hpp.
function(embed target namespace)
  cmake_parse_arguments(EMBED "" "DIRECTORY" "FILES" ${ARGN})
  set(dir ${PROJECT_BINARY_DIR}/embedded)
  set(source "// SPDX-License-Identifier: Apache-2.0\n#include \"embed/${target}.hpp\"\n\n")
  set(table "")
  set(index 0)
  foreach(file IN LISTS EMBED_FILES)
    set(symbol ${target}_${index})
    string(APPEND source
      "asm(\".section .rodata\\n.balign 16\\n${symbol}_begin:\\n.incbin \\\"${EMBED_DIRECTORY}/${file}\\\"\\n${symbol}_end:\\n"
      ".previous\\n\");\nextern \"C\" char const ${symbol}_begin[];\nextern \"C\" char const ${symbol}_end[];\n")
    string(APPEND table
      "  if (name == \"${file}\") {\n    return std::string_view(${symbol}_begin, static_cast<std::size_t>(${symbol}_end - ${symbol}_begin));\n  }\n")
    list(APPEND paths ${EMBED_DIRECTORY}/${file})
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND source
    "\nnamespace ${namespace} {\n\nstd::optional<std::string_view> embedded(std::string_view name) {\n${table}  return std::nullopt;\n}\n\n}\n")
  file(CONFIGURE OUTPUT ${dir}/${target}.cpp CONTENT "${source}" @ONLY)
  file(CONFIGURE OUTPUT ${dir}/embed/${target}.hpp @ONLY CONTENT
    "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n\n#include <optional>\n#include <string_view>\n\nnamespace ${namespace} {\n\n/// The bytes of an embedded file; nothing for a name that is none.\nstd::optional<std::string_view> embedded(std::string_view name);\n\n}\n")
  set_source_files_properties(${dir}/${target}.cpp PROPERTIES OBJECT_DEPENDS "${paths}")
  add_library(${target} STATIC ${dir}/${target}.cpp)
  target_include_directories(${target} PUBLIC ${dir})
endfunction()
