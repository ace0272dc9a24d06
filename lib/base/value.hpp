// SPDX-License-Identifier: Apache-2.0
#pragma once

// A JSON value as it stands in its text: numbers keep their literal, members keep their order, and every value knows
// its bytes. Read from text by gs1/json.hpp (strict I-JSON) and by rpc/json.hpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base {

struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  /// The unescaped text of a string; the literal of a number.
  std::string text;
  std::vector<Value> items;
  std::vector<std::pair<std::string, Value>> members;
  /// The half-open range of bytes in the text it was read from; both 0 for a value that was built.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool is(Kind wanted) const { return kind == wanted; }
  /// The member of that name; null when there is none or this is no object.
  Value const* find(std::string_view name) const;
  /// The member's text when it is a string, else empty.
  std::string_view string_of(std::string_view name) const;

  static Value of_null() { return {}; }
  static Value of(bool value);
  static Value of(std::string text);
  static Value of(std::string_view text) { return of(std::string(text)); }
  static Value of(char const* text) { return of(std::string(text)); }
  static Value of(std::uint64_t number);
  static Value array(std::vector<Value> items = {});
  static Value object(std::vector<std::pair<std::string, Value>> members = {});
  Value& add(std::string name, Value value);
};

}  // namespace base
