// SPDX-License-Identifier: Apache-2.0
#include "rpc/json.hpp"

#include <nlohmann/json.hpp>

#include "gs1/json.hpp"

namespace rpc {

namespace {

using Json = nlohmann::ordered_json;

Json converted(base::Value const& value) {
  using Kind = base::Value::Kind;
  switch (value.kind) {
    case Kind::null:
      return nullptr;
    case Kind::boolean:
      return value.boolean;
    case Kind::number:
      return Json::parse(value.text);
    case Kind::string:
      return value.text;
    case Kind::array: {
      Json out = Json::array();
      for (auto const& item : value.items) out.push_back(converted(item));
      return out;
    }
    case Kind::object: {
      Json out = Json::object();
      for (auto const& [name, member] : value.members) out.emplace(name, converted(member));
      return out;
    }
  }
  return nullptr;
}

}  // namespace

namespace {

/// A path that a stranger sent may stand in an answer although it is no UTF-8.
std::string dumped(base::Value const& value, int indent) {
  return converted(value).dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_text(base::Value const& value) { return dumped(value, -1); }
std::string to_pretty_text(base::Value const& value) { return dumped(value, 2); }

base::Result<base::Value> from_text(std::string_view text) {
  gs1::JsonLimits limits;
  limits.bytes_max = body_bytes_max;
  limits.code = base::Code::E_ENCODING;
  return gs1::parse_json(text, limits);
}

base::Result<base::Value> from_answer(std::string_view text) {
  gs1::JsonLimits limits;
  limits.bytes_max = std::size_t{64} << 20;
  limits.code = base::Code::E_ENCODING;
  return gs1::parse_json(text, limits);
}

}  // namespace rpc
