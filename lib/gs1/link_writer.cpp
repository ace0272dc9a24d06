// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gs1/digital_link.hpp"

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t elements_max = 64;

Error fault(std::string_view ai, std::string detail) {
  return {Code::E_EVENT_FORM, std::string(ai), std::move(detail)};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    auto const part = text.substr(0, text.find(separator));
    out.push_back(part);
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return out;
}

bool has(std::vector<std::string_view> const& list, std::string_view ai) {
  return std::ranges::find(list, ai) != list.end();
}

/// The elements judged one by one, twins left out, the first primary key at the front.
Result<std::vector<Element>> judged(std::vector<Element> const& elements, LinkOptions const& options) {
  std::vector<Element> out;
  bool has_key = false;
  for (auto const& element : elements) {
    auto const& [ai, value] = element;
    auto const* row = find_identifier(ai);
    if (row == nullptr && !options.unknown_identifiers) return fault(ai, "no application identifier");
    auto const twin = std::ranges::find(out, ai, &Element::first);
    if (twin != out.end() && twin->second != value) return fault(ai, "stands twice");
    if (twin != out.end()) continue;
    if (row != nullptr) {
      auto const wrong = judge_value(*row, value);
      if (wrong == ValueFault::form || wrong == ValueFault::content) return fault(ai, "value of another form");
      if (wrong == ValueFault::check_digit) return Error{Code::E_CHECK_DIGIT, ai, "in its value"};
    }
    bool const first_key = !has_key && row != nullptr && row->is(ApplicationIdentifier::key);
    has_key = has_key || first_key;
    out.insert(first_key ? out.begin() : out.end(), element);
  }
  if (!has_key) return fault("", "no primary key");
  return out;
}

/// The one alternative of qualifiers that takes all of them that are there; they stand in the path.
Result<std::vector<std::string_view>> qualifiers_of(std::vector<Element> const& elements) {
  auto const* key = find_identifier(elements[0].first);
  auto const alternatives = split(key->qualifiers, '|');
  std::vector<std::string_view> present;
  for (auto const& [ai, value] : elements) {
    if (std::ranges::any_of(alternatives, [&](auto one) { return has(split(one, ','), ai); })) present.push_back(ai);
  }
  for (auto const alternative : alternatives) {
    auto const sequence = split(alternative, ',');
    if (!std::ranges::all_of(present, [&](auto ai) { return has(sequence, ai); })) continue;
    std::vector<std::string_view> out;
    std::ranges::copy_if(sequence, std::back_inserter(out), [&](auto ai) { return has(present, ai); });
    return out;
  }
  if (present.empty()) return std::vector<std::string_view>{};
  return fault(present.back(), "does not stand beside the other qualifiers");
}

}  // namespace

std::string bracketed_string(std::vector<Element> const& elements) {
  std::string out;
  for (auto const& [ai, value] : elements) out += "(" + ai + ")" + value;
  return out;
}

Result<std::vector<Element>> read_bracketed(std::string_view text) {
  std::vector<Element> out;
  while (!text.empty()) {
    auto const close = text.find(')');
    if (text[0] != '(' || close == text.npos || close < 3 || close > 5) return fault("", "expected (AI)value");
    auto const ai = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    auto end = text.find('(');
    // A bracket inside a value is no identifier.
    while (end != text.npos) {
      auto const next = text.find(')', end);
      auto const name = next == text.npos ? std::string_view{} : text.substr(end + 1, next - end - 1);
      if (name.size() >= 2 && name.size() <= 4 && name.find_first_not_of("0123456789") == name.npos) break;
      end = text.find('(', end + 1);
    }
    out.emplace_back(ai, text.substr(0, end));
    text = end == text.npos ? std::string_view{} : text.substr(end);
    if (out.size() > elements_max) return fault("", "more than 64 elements");
  }
  return out;
}

Result<std::string> make_link(std::vector<Element> const& given, std::string_view stem, LinkOptions const& options) {
  TRY_ASSIGN(auto const elements, judged(given, options));
  TRY_ASSIGN(auto const qualifiers, qualifiers_of(elements));
  std::string out(stem.ends_with('/') ? stem.substr(0, stem.size() - 1) : stem);
  out += "/" + elements[0].first + "/" + percent_encoded(elements[0].second);
  for (auto const ai : qualifiers) {
    auto const found = std::ranges::find(elements, ai, &Element::first);
    out += "/" + found->first + "/" + percent_encoded(found->second);
  }
  char mark = '?';
  for (bool const fixed : {true, false}) {
    for (std::size_t i = 1; i < elements.size(); ++i) {
      auto const& [ai, value] = elements[i];
      auto const* row = find_identifier(ai);
      bool const is_fixed = row != nullptr && row->is(ApplicationIdentifier::fixed);
      if (is_fixed != fixed || has(qualifiers, ai)) continue;
      if (row != nullptr && !row->is(ApplicationIdentifier::attribute)) return fault(ai, "is no attribute of a query");
      out += mark + ai + "=" + percent_encoded(value, true);
      mark = '&';
    }
  }
  return out;
}

}  // namespace gs1
