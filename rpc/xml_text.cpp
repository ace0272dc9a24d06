// SPDX-License-Identifier: Apache-2.0
#include "rpc/xml_text.hpp"

#include <algorithm>
#include <charconv>

#include "rpc/xml.hpp"

namespace rpc {

using base::Value;

namespace {

/// Char of XML 1.0.
bool is_character(std::uint32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xd800) || (c >= 0xe000 && c < 0xfffe) ||
         (c >= 0x10000 && c < 0x110000);
}

void append_utf8(std::string& out, std::uint32_t c) {
  auto const byte = [&](std::uint32_t front, unsigned shift) {
    out += static_cast<char>(front | ((c >> shift) & (front == 0 ? 0x7f : 0x3f)));
  };
  if (c < 0x80) return byte(0, 0);
  if (c < 0x800) {
    byte(0xc0, 6);
  } else {
    if (c < 0x10000) {
      byte(0xe0, 12);
    } else {
      byte(0xf0, 18);
      byte(0x80, 12);
    }
    byte(0x80, 6);
  }
  byte(0x80, 0);
}

/// What stands between "&" and ";".
bool append_reference(std::string& out, std::string_view name) {
  constexpr std::pair<std::string_view, char> entities[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (auto const& [entity, character] : entities) {
    if (name != entity) continue;
    out += character;
    return true;
  }
  if (!name.starts_with('#')) return false;
  bool const is_hex = name.starts_with("#x");
  name.remove_prefix(is_hex ? 2 : 1);
  std::uint32_t c = 0;
  auto const [end, error] = std::from_chars(name.data(), name.data() + name.size(), c, is_hex ? 16 : 10);
  if (error != std::errc() || end != name.data() + name.size() || !is_character(c)) return false;
  append_utf8(out, c);
  return true;
}

}  // namespace

std::string_view local_of(std::string_view name) { return name.substr(name.find(':') + 1); }
std::string_view prefix_of(std::string_view name) {
  auto const colon = name.find(':');
  return colon == name.npos ? std::string_view{} : name.substr(0, colon);
}

bool is_standard_namespace(std::string_view uri) {
  return uri.empty() || uri.starts_with("urn:epcglobal:epcis:xsd:") ||
         uri.starts_with("urn:epcglobal:epcis-query:xsd:");
}

bool is_version(std::string_view text) {
  constexpr std::string_view known[] = {"1", "1.0", "1.1", "1.2", "2", "2.0"};
  return std::ranges::find(known, text) != std::end(known) || text.starts_with("2.0.");
}

bool is_utf8_name(std::string_view text) {
  auto const same = [&](std::string_view name) {
    return std::ranges::equal(text, name, {},
                              [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  };
  return same("UTF-8") || same("US-ASCII");
}

bool is_xml(std::string_view text) {
  // UTF-16 is told apart only to be refused by its name.
  for (std::string_view const front : {"\xfe\xff", "\xff\xfe"}) {
    if (text.starts_with(front)) return true;
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text = trimmed(text);
  return text.starts_with('<') || text.starts_with(std::string_view("\0<", 2));
}

std::optional<std::string> unescaped(std::string_view text) {
  if (text.find('<') != text.npos || text.find("]]>") != text.npos) return std::nullopt;
  std::string out;
  for (auto at = text.find('&'); at != text.npos; at = text.find('&')) {
    out += text.substr(0, at);
    auto const end = text.find(';', at);
    if (end == text.npos || !append_reference(out, text.substr(at + 1, end - at - 1))) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  return out + std::string(text);
}

std::string_view trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Value number_of(std::string text) {
  std::string_view rest = text;
  bool const negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  auto const point = std::min(rest.find('.'), rest.size());
  auto whole = rest.substr(0, point);
  auto const fraction = rest.substr(std::min(point + 1, rest.size()));
  auto const digits = [](std::string_view part) { return part.find_first_not_of("0123456789") == part.npos; };
  if (!digits(whole) || !digits(fraction) || (whole.empty() && fraction.empty())) return Value::of(std::move(text));
  while (whole.size() > 1 && whole[0] == '0') whole.remove_prefix(1);
  Value out = Value::of(std::uint64_t{0});
  out.text = (negative ? "-" : "") + (whole.empty() ? "0" : std::string(whole));
  if (!fraction.empty()) out.text += "." + std::string(fraction);
  return out;
}

Value boolean_of(std::string text) {
  if (text == "true" || text == "1") return Value::of(true);
  if (text == "false" || text == "0") return Value::of(false);
  return Value::of(std::move(text));
}

std::string with_seconds(std::string text) {
  constexpr std::size_t minutes_end = std::string_view("2006-11-07T13:00").size();
  bool const bare = text.size() > minutes_end && text[10] == 'T' && text[13] == ':' && text[minutes_end] != ':';
  if (bare) text.insert(minutes_end, ":00");
  return text;
}

bool is_time(std::string_view name) {
  constexpr std::string_view names[] = {"eventTime", "recordTime", "declarationTime", "time", "startTime", "endTime"};
  return std::ranges::find(names, name) != std::end(names);
}

void add_to(Value& object, std::string name, Value value) {
  for (auto& [key, member] : object.members) {
    if (key != name) continue;
    if (!member.is(Value::Kind::array)) member = Value::array({std::move(member)});
    member.items.push_back(std::move(value));
    return;
  }
  object.add(std::move(name), std::move(value));
}

}  // namespace rpc
