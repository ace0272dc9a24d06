// SPDX-License-Identifier: Apache-2.0
#include "base/value.hpp"

namespace base {

Value const* Value::find(std::string_view name) const {
  for (auto const& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string_view Value::string_of(std::string_view name) const {
  auto const* value = find(name);
  return value != nullptr && value->is(Kind::string) ? std::string_view(value->text) : std::string_view{};
}

Value Value::of(bool value) {
  Value out;
  out.kind = Kind::boolean;
  out.boolean = value;
  return out;
}

Value Value::of(std::string text) {
  Value out;
  out.kind = Kind::string;
  out.text = std::move(text);
  return out;
}

Value Value::of(std::uint64_t number) {
  Value out;
  out.kind = Kind::number;
  out.text = std::to_string(number);
  return out;
}

Value Value::array(std::vector<Value> items) {
  Value out;
  out.kind = Kind::array;
  out.items = std::move(items);
  return out;
}

Value Value::object(std::vector<std::pair<std::string, Value>> members) {
  Value out;
  out.kind = Kind::object;
  out.members = std::move(members);
  return out;
}

Value& Value::add(std::string name, Value value) {
  kind = Kind::object;
  members.emplace_back(std::move(name), std::move(value));
  return *this;
}

}  // namespace base
