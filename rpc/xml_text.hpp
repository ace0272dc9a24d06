// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inside this room only: texts of XML as values of JSON.

#include <optional>
#include <string>
#include <string_view>

#include "base/value.hpp"

namespace rpc {

/// The parts of "prefix:name"; a name without a prefix has an empty one.
std::string_view local_of(std::string_view name);
std::string_view prefix_of(std::string_view name);
/// True for no namespace and those of EPCIS.
bool is_standard_namespace(std::string_view uri);
/// True for the versions that are read. Documents of 1.0 to 1.2 say so; what they become is 2.0.
bool is_version(std::string_view text);
/// True for the names of encodings whose bytes are UTF-8.
bool is_utf8_name(std::string_view text);
/// Without white space around it.
std::string_view trimmed(std::string_view text);
/// The text with its references resolved; nothing when it names an entity beyond the five of XML 1.0, a character that
/// XML does not allow, or holds a bare "<" or "]]>".
std::optional<std::string> unescaped(std::string_view text);
/// xs:decimal as a JSON number; text that is none stays a text, which the reader refuses by its field.
base::Value number_of(std::string text);
/// xs:boolean likewise.
base::Value boolean_of(std::string text);
/// Times may lack their seconds; RFC 3339 wants them.
std::string with_seconds(std::string text);
/// True for the fields of EPCIS that are times.
bool is_time(std::string_view name);
/// A second value of one name makes a list of them.
void add_to(base::Value& object, std::string name, base::Value value);

}  // namespace rpc
