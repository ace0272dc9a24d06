// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/interval.hpp"

#include <algorithm>

namespace contracts::escrow {

namespace {

/// Forms of more parts are not worth their cost.
constexpr std::size_t ranges_max = 8;
constexpr std::size_t assumptions_max = 16;

}  // namespace

std::optional<Form> scaled(Form const& a, i128 factor) {
  Form out;
  if (factor == 0) return out;
  auto const constant = mul(a.constant, factor);
  if (!constant) return std::nullopt;
  out.constant = *constant;
  for (auto const& [unknown, times] : a.parts) {
    auto const product = mul(times, factor);
    if (!product) return std::nullopt;
    out.parts.emplace_back(unknown, *product);
  }
  return out;
}

std::optional<Form> add(Form const& a, Form const& b) {
  auto const constant = add(a.constant, b.constant);
  if (!constant) return std::nullopt;
  Form out{*constant, {}};
  auto left = a.parts.begin();
  auto right = b.parts.begin();
  while (left != a.parts.end() || right != b.parts.end()) {
    bool const take_left = right == b.parts.end() || (left != a.parts.end() && left->first < right->first);
    bool const take_right = left == a.parts.end() || (right != b.parts.end() && right->first < left->first);
    if (take_left) {
      out.parts.push_back(*left++);
    } else if (take_right) {
      out.parts.push_back(*right++);
    } else {
      auto const sum = add(left->second, right->second);
      if (!sum) return std::nullopt;
      if (*sum != 0) out.parts.emplace_back(left->first, *sum);
      ++left;
      ++right;
    }
  }
  if (out.parts.size() > ranges_max) return std::nullopt;
  return out;
}

std::optional<Form> sub(Form const& a, Form const& b) {
  auto const negative = scaled(b, -1);
  return negative ? add(a, *negative) : std::nullopt;
}

Number Unknowns::fresh(Interval range) {
  if (range.is_point()) return Number::of(range.low);
  ranges_.push_back(range);
  return {range, Form{0, {{static_cast<std::uint32_t>(ranges_.size() - 1), 1}}}};
}

void Unknowns::assume(Form form) {
  if (assumed_.size() < assumptions_max) assumed_.push_back(std::move(form));
}

std::optional<i128> Unknowns::plain_most(Form const& form) const {
  i128 out = form.constant;
  for (auto const& [unknown, times] : form.parts) {
    auto const& range = ranges_[unknown];
    auto const part = mul(times, times > 0 ? range.high : range.low);
    auto const sum = part ? add(out, *part) : std::nullopt;
    if (!sum) return std::nullopt;
    out = *sum;
  }
  return out;
}

std::optional<i128> Unknowns::most(Form const& form) const {
  auto out = plain_most(form);
  for (auto const& known : assumed_) {
    // form = (form - known) + known, and known is at most 0.
    auto const rest = sub(form, known);
    auto const bound = rest ? plain_most(*rest) : std::nullopt;
    if (bound && (!out || *bound < *out)) out = bound;
  }
  return out;
}

void Unknowns::narrow(Number& number) const {
  if (!number.form) return;
  if (number.form->parts.empty()) {
    // What is left when the same unknown was added and taken away.
    auto const exact = number.form->constant;
    if (number.range.low <= exact && exact <= number.range.high) number.range = {exact, exact};
    return;
  }
  auto const high = most(*number.form);
  if (high) number.range.high = std::min(number.range.high, *high);
  auto const negative = scaled(*number.form, -1);
  auto const low = negative ? most(*negative) : std::nullopt;
  if (low) number.range.low = std::max(number.range.low, -*low);
  // What cannot be is looked at no further; any range will do.
  if (number.range.low > number.range.high) number.range.low = number.range.high;
}

bool Unknowns::at_most(Number const& a, Number const& b) const {
  if (a.range.high <= b.range.low) return true;
  if (!a.form || !b.form) return false;
  auto const difference = sub(*a.form, *b.form);
  auto const bound = difference ? most(*difference) : std::nullopt;
  return bound && *bound <= 0;
}

}  // namespace contracts::escrow
