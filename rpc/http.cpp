// SPDX-License-Identifier: Apache-2.0
#include "rpc/http.hpp"

#include <optional>

#include "rpc/json.hpp"

namespace rpc {

namespace {
std::optional<int> nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}
}  // namespace

std::string percent_decoded(std::string_view text, bool query) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const high = text[i] == '%' && i + 2 < text.size() ? nibble(text[i + 1]) : std::nullopt;
    auto const low = high ? nibble(text[i + 2]) : std::nullopt;
    if (low) {
      out += static_cast<char>(*high << 4 | *low);
      i += 2;
    } else {
      out += query && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string_view Request::header(std::string_view name) const {
  for (auto const& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::string_view Request::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::vector<std::string> Request::query(std::string_view name) const {
  std::vector<std::string> values;
  auto const mark = target.find('?');
  std::string_view rest = mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
  while (!rest.empty()) {
    auto const pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    auto const equals = pair.find('=');
    if (percent_decoded(pair.substr(0, equals), true) != name) continue;
    values.push_back(equals == std::string_view::npos ? "" : percent_decoded(pair.substr(equals + 1), true));
  }
  return values;
}

Response problem(unsigned status, std::string_view type, std::string_view title, std::string_view detail) {
  auto body = base::Value::object();
  body.add("type", base::Value::of(type));
  body.add("title", base::Value::of(title));
  body.add("status", base::Value::of(std::uint64_t{status}));
  body.add("detail", base::Value::of(detail));
  return {status, "application/problem+json", to_text(body), {}};
}

}  // namespace rpc
