// SPDX-License-Identifier: Apache-2.0
#include "gs1/digital_link.hpp"

#include <algorithm>
#include <array>

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t segments_max = 64;

constexpr bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// The path of an http URI without its first slash; nothing for another scheme or an empty host.
bool take_path(std::string_view uri, std::string_view& path, std::string_view& query) {
  bool known = false;
  for (std::string_view const scheme : {"https://", "http://", "HTTPS://", "HTTP://"}) {
    if (uri.starts_with(scheme)) {
      uri.remove_prefix(scheme.size());
      known = true;
      break;
    }
  }
  if (!known) return false;
  uri = uri.substr(0, uri.find('#'));
  auto const mark = uri.find('?');
  query = mark == std::string_view::npos ? std::string_view{} : uri.substr(mark + 1);
  uri = uri.substr(0, mark);
  auto const slash = uri.find('/');
  if (slash == 0 || slash == std::string_view::npos) return false;
  path = uri.substr(slash + 1);
  return true;
}

std::string_view numeric(std::string_view name, LinkOptions const& options) {
  if (!name.empty() && name[0] >= '0' && name[0] <= '9') return name;
  return options.alphabetic_keys ? numeric_identifier(name) : std::string_view{};
}

std::string padded_gtin(std::string value) {
  auto const size = value.size();
  if (size == 8 || size == 12 || size == 13) value.insert(0, 14 - size, '0');
  return value;
}

/// True when `wanted`, in this order, can be drawn from one comma-separated sequence.
bool fits(std::string_view sequence, std::vector<std::string_view> const& wanted) {
  auto next = wanted.begin();
  while (next != wanted.end() && !sequence.empty()) {
    auto const comma = sequence.find(',');
    if (sequence.substr(0, comma) == *next) ++next;
    sequence = comma == std::string_view::npos ? std::string_view{} : sequence.substr(comma + 1);
  }
  return next == wanted.end();
}

bool fits_any(std::string_view alternatives, std::vector<std::string_view> const& wanted) {
  while (true) {
    auto const bar = alternatives.find('|');
    if (fits(alternatives.substr(0, bar), wanted)) return true;
    if (bar == std::string_view::npos) return false;
    alternatives = alternatives.substr(bar + 1);
  }
}

void judge(LinkPath& out, ApplicationIdentifier const& row, Element const& element) {
  auto const fault = judge_value(row, element.second);
  if (fault == ValueFault::none || out.fault == LinkFault::form) return;
  out.fault = fault == ValueFault::form          ? LinkFault::form
              : fault == ValueFault::check_digit ? LinkFault::check_digit
                                                 : LinkFault::content;
  out.field = element.first;
}

/// True when the identifier could stand as a qualifier in this path, and so must not stand in the query.
bool belongs_in_path(std::vector<Element> const& path, std::string_view qualifiers, std::string_view ai) {
  std::vector<std::string_view> present;
  for (std::size_t i = 1; i < path.size(); ++i) present.push_back(path[i].first);
  for (std::size_t at = 0; at <= present.size(); ++at) {
    auto with = present;
    with.insert(with.begin() + static_cast<std::ptrdiff_t>(at), ai);
    if (fits_any(qualifiers, with)) return true;
  }
  return false;
}

Result<void> read_attribute(std::string_view pair, std::vector<Element>& elements, std::size_t path_count,
                            LinkOptions const& options) {
  auto const equals = pair.find('=');
  auto const ai = numeric(pair.substr(0, equals), options);
  if (ai.empty() || equals == std::string_view::npos) return {};
  if (!std::ranges::all_of(ai, [](char c) { return c >= '0' && c <= '9'; })) return {};
  auto const fail = [&](std::string detail) { return Error{Code::E_EVENT_FORM, std::string(ai), std::move(detail)}; };
  Element element{std::string(ai), percent_decoded(pair.substr(equals + 1), true)};
  auto const* row = find_identifier(ai);
  if (row == nullptr) {
    bool const kept = options.unknown_identifiers && ai.size() >= 2 && ai.size() <= 4 && !element.second.empty();
    if (!kept) return fail("no application identifier");
    elements.push_back(std::move(element));
    return {};
  }
  if (!row->is(ApplicationIdentifier::attribute)) return fail("is no attribute of a query");
  if (options.short_gtin && row->first == "01") element.second = padded_gtin(std::move(element.second));
  auto const* key = find_identifier(elements[0].first);
  std::vector<Element> const path(elements.begin(), elements.begin() + static_cast<std::ptrdiff_t>(path_count));
  if (belongs_in_path(path, key->qualifiers, ai)) return fail("belongs in the path");
  if (std::ranges::find(elements, element.first, &Element::first) != elements.end()) return fail("stands twice");
  switch (judge_value(*row, element.second)) {
    case ValueFault::form:
    case ValueFault::content:
      return fail("value of another form");
    case ValueFault::check_digit:
      return Error{Code::E_CHECK_DIGIT, std::string(ai), "in the query"};
    case ValueFault::none:
      break;
  }
  elements.push_back(std::move(element));
  return {};
}

}  // namespace

bool is_uri_text(std::string_view text) {
  static constexpr auto in_uris = [] {
    std::array<bool, 256> out{};
    for (unsigned c = 0; c < 128; ++c) out[c] = is_alphanumeric(static_cast<char>(c));
    for (char const c : std::string_view("-._~:/?#[]@!$&'()*+,;=%")) out[static_cast<unsigned char>(c)] = true;
    return out;
  }();
  return std::ranges::all_of(text, [](char c) { return in_uris[static_cast<unsigned char>(c)]; });
}

std::string percent_decoded(std::string_view text, bool query) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    int const high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    int const low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += query && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text, bool query) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (char const c : text) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_') {
      out += c;
    } else if (query && c == ' ') {
      out += '+';
    } else {
      auto const byte = static_cast<unsigned char>(c);
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

LinkPath read_link_path(std::string_view uri, LinkOptions const& options) {
  LinkPath out;
  std::string_view path;
  if (!take_path(uri, path, out.query) || !is_uri_text(uri)) return out;
  // Pairs from the right until an identifier is a key: whatever stands before it is the resolver's own path.
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  ApplicationIdentifier const* key = nullptr;
  while (key == nullptr && pairs.size() < segments_max) {
    auto const value_at = path.rfind('/');
    if (value_at == std::string_view::npos) return out;
    auto const value = path.substr(value_at + 1);
    path = path.substr(0, value_at);
    auto const name_at = path.rfind('/');
    auto const name = numeric(name_at == std::string_view::npos ? path : path.substr(name_at + 1), options);
    pairs.emplace_back(name, value);
    auto const* row = find_identifier(name);
    if (row != nullptr && row->is(ApplicationIdentifier::key)) key = row;
    if (key == nullptr && name_at == std::string_view::npos) return out;
    path = path.substr(0, name_at == std::string_view::npos ? 0 : name_at);
  }
  if (key == nullptr) return out;
  std::ranges::reverse(pairs);
  out.fault = LinkFault::none;
  std::vector<std::string_view> qualifiers;
  for (auto const& [name, value] : pairs) {
    Element element{std::string(name), percent_decoded(value)};
    if (out.elements.empty() && options.short_gtin && name == "01")
      element.second = padded_gtin(std::move(element.second));
    auto const* row = find_identifier(name);
    if (row == nullptr) {
      out.fault = LinkFault::form;
      out.field = std::string(name);
      return out;
    }
    judge(out, *row, element);
    if (!out.elements.empty()) qualifiers.push_back(name);
    out.elements.push_back(std::move(element));
  }
  if (!fits_any(key->qualifiers, qualifiers)) {
    out.fault = LinkFault::form;
    out.field = std::string(qualifiers.front());
  }
  return out;
}

Result<std::vector<Element>> parse_link(std::string_view uri, LinkOptions const& options) {
  auto path = read_link_path(uri, options);
  switch (path.fault) {
    case LinkFault::no_link:
      return Error{Code::E_EVENT_FORM, "", "no GS1 Digital Link"};
    case LinkFault::form:
    case LinkFault::content:
      return Error{Code::E_EVENT_FORM, path.field, "value of another form, or not allowed here"};
    case LinkFault::check_digit:
      return Error{Code::E_CHECK_DIGIT, path.field, "in the path"};
    case LinkFault::none:
      break;
  }
  auto elements = std::move(path.elements);
  auto const path_count = elements.size();
  for (auto query = path.query; !query.empty();) {
    auto const end = query.find_first_of("&;");
    TRY(read_attribute(query.substr(0, end), elements, path_count, options));
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  }
  return elements;
}

std::string element_string(std::vector<Element> const& elements) {
  std::string out;
  bool separate = true;
  for (auto const& [ai, value] : elements) {
    if (separate) out += '^';
    out += ai + value;
    auto const* row = find_identifier(ai);
    separate = row == nullptr || !row->is(ApplicationIdentifier::fixed);
  }
  return out;
}

}  // namespace gs1
