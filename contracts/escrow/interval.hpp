// SPDX-License-Identifier: Apache-2.0
#pragma once

// What can be said of a number before it is known: the least and the most it can be, and, while it stays exact, what it
// is made of. Unknown parts are numbered; the same part taken away again is nothing.

#include <span>
#include <vector>

#include "contracts/escrow/arithmetic.hpp"

namespace contracts::escrow {

struct Interval {
  i128 low = 0;
  i128 high = 0;
  bool is_point() const { return low == high; }
  bool operator==(Interval const&) const = default;
};

inline Interval hull(Interval a, Interval b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

/// constant + Σ factor · unknown, ascending by unknown, no factor 0.
struct Form {
  i128 constant = 0;
  std::vector<std::pair<std::uint32_t, i128>> parts;
};

/// Nothing when a factor exceeds 127 bits.
std::optional<Form> add(Form const& a, Form const& b);
std::optional<Form> sub(Form const& a, Form const& b);
std::optional<Form> scaled(Form const& a, i128 factor);

struct Number {
  Interval range;
  std::optional<Form> form;

  static Number of(i128 value) { return {{value, value}, Form{value, {}}}; }
};

/// The unknown parts of the numbers at one place, and forms that are known to be at most 0 there.
class Unknowns {
 public:
  /// A new unknown part; a point needs none.
  Number fresh(Interval range);
  /// From here on the form counts as at most 0.
  void assume(Form form);
  std::size_t assumed() const { return assumed_.size(); }
  void forget(std::size_t assumed) { assumed_.resize(assumed); }

  /// The most that a form can be; nothing beyond 127 bits.
  std::optional<i128> most(Form const& form) const;
  /// Brings range and form together.
  void narrow(Number& number) const;
  /// True when a is at most b.
  bool at_most(Number const& a, Number const& b) const;

 private:
  std::optional<i128> plain_most(Form const& form) const;
  std::vector<Interval> ranges_;
  std::vector<Form> assumed_;
};

}  // namespace contracts::escrow
