// SPDX-License-Identifier: Apache-2.0
#include "rpc/xml_text.hpp"

#include <algorithm>

namespace rpc {

using base::Value;

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
