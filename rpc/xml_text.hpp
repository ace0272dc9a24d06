// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inside this room only: texts of XML as values of JSON.

#include <string>
#include <string_view>

#include "base/value.hpp"

namespace rpc {

/// Without white space around it.
std::string_view trimmed(std::string_view text);
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
