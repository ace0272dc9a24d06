// SPDX-License-Identifier: Apache-2.0
#include "base/view.hpp"

#include <algorithm>

namespace base::detail {

Error view_error(std::string const& path, std::string_view expected) {
  return {Code::E_ENCODING, path, std::string(expected)};
}

Result<u128> view_number(Value const& value, std::string const& path, u128 max, bool wide) {
  if (!value.is(wide ? Value::Kind::string : Value::Kind::number)) {
    return view_error(path, wide ? "expected a decimal string" : "expected a whole number");
  }
  auto const number = from_decimal(value.text, max);
  if (!number) return view_error(path, "not a whole number in range");
  return *number;
}

Result<Bytes> view_bytes(Value const& value, std::string const& path, std::size_t max) {
  auto bytes = value.is(Value::Kind::string) && value.text.starts_with("0x") ? from_hex(value.text) : std::nullopt;
  if (!bytes) return view_error(path, "expected 0x and lower-case hexadecimal");
  if (bytes->size() > max) return view_error(path, "longer than its bound");
  return *std::move(bytes);
}

Result<void> view_members(Value const& value, std::string const& path, std::vector<std::string_view> const& known) {
  for (auto const& [name, ignored] : value.members) {
    if (std::ranges::find(known, name) == known.end()) return view_error(view_path(path, name), "is no field here");
  }
  return {};
}

}  // namespace base::detail
