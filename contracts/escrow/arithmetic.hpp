// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whole numbers of contracts: signed, 127 bits, with a named rounding where they divide.

#include <optional>

#include "base/number.hpp"

namespace contracts::escrow {

using base::i128;
using base::Round;

/// Nothing when the result exceeds 127 bits.
inline std::optional<i128> add(i128 a, i128 b) {
  i128 out = 0;
  if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
  return out;
}
inline std::optional<i128> sub(i128 a, i128 b) {
  i128 out = 0;
  if (__builtin_sub_overflow(a, b, &out)) return std::nullopt;
  return out;
}
inline std::optional<i128> mul(i128 a, i128 b) {
  i128 out = 0;
  if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
  return out;
}
/// Down is towards minus infinity, up towards plus infinity; half_up rounds halves up. Nothing for b = 0.
inline std::optional<i128> div(i128 a, i128 b, Round round) {
  if (b == 0 || b == -1) return b == 0 ? std::nullopt : sub(0, a);
  i128 const quotient = a / b;
  i128 const rest = a % b;
  if (rest == 0) return quotient;
  bool const below = (rest < 0) == (b < 0);
  i128 const floor = below ? quotient : quotient - 1;
  if (round == Round::down) return floor;
  if (round == Round::up) return floor + 1;
  i128 const above_floor = below ? rest : rest + b;
  i128 const size = b < 0 ? -b : b;
  i128 const part = above_floor < 0 ? -above_floor : above_floor;
  return part >= size - part ? floor + 1 : floor;
}

}  // namespace contracts::escrow
