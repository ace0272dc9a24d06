// SPDX-License-Identifier: Apache-2.0
#include "rpc/json.hpp"

#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
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

void write_string(std::string_view text, std::string& out) {
  constexpr std::string_view short_escapes = "b\bf\fn\nr\rt\t\"\"\\\\";
  constexpr std::string_view hex = "0123456789abcdef";
  // A path that a stranger sent may stand in an answer although it is no UTF-8.
  bool const is_text = base::is_utf8(text);
  out += '"';
  auto const is_plain = [](unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const run = i;
    while (i < text.size() && is_plain(static_cast<unsigned char>(text[i]))) ++i;
    out += text.substr(run, i - run);
    if (i == text.size()) break;
    char const c = text[i];
    auto const byte = static_cast<unsigned char>(c);
    std::size_t found = 1;
    while (found < short_escapes.size() && short_escapes[found] != c) found += 2;
    if (found < short_escapes.size()) {
      out += '\\';
      out += short_escapes[found - 1];
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else if (byte < 0x80 || is_text) {
      out += c;
    } else {
      out += "\xef\xbf\xbd";
    }
  }
  out += '"';
}

/// By hand, so that a number keeps its literal.
void write(base::Value const& value, std::string& out) {
  using Kind = base::Value::Kind;
  bool first = true;
  auto const separate = [&] {
    if (!first) out += ',';
    first = false;
  };
  switch (value.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += value.boolean ? "true" : "false";
      return;
    case Kind::number:
      out += value.text;
      return;
    case Kind::string:
      return write_string(value.text, out);
    case Kind::array:
      out += '[';
      for (auto const& item : value.items) {
        separate();
        write(item, out);
      }
      out += ']';
      return;
    case Kind::object:
      out += '{';
      for (auto const& [name, member] : value.members) {
        separate();
        write_string(name, out);
        out += ':';
        write(member, out);
      }
      out += '}';
      return;
  }
}

}  // namespace

std::string to_text(base::Value const& value) {
  std::string out;
  write(value, out);
  return out;
}

std::string to_pretty_text(base::Value const& value) {
  return converted(value).dump(2, ' ', false, Json::error_handler_t::replace);
}

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
