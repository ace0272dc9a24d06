// SPDX-License-Identifier: Apache-2.0
#pragma once

// Integers that do not wrap, and decimal literals read exactly. No floating point anywhere in the pure rooms.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

enum class Round : std::uint8_t { down, up, half_up };

/// a + b, nothing when it exceeds 128 bits.
std::optional<u128> add(u128 a, u128 b);
/// a - b, nothing when it would be negative.
std::optional<u128> sub(u128 a, u128 b);
/// a * b / c with the named rounding over 256 bits in between; nothing for c = 0 or a result over 128 bits.
std::optional<u128> mul_div(u128 a, u128 b, u128 c, Round round);

std::string to_decimal(u128 value);
std::string to_decimal(i128 value);
/// Decimal digits without sign or leading zeros; nothing when it is not one or exceeds max.
std::optional<u128> from_decimal(std::string_view text, u128 max = ~u128{0});

/// A decimal literal ("12.5", "-0.002") as integer multiples of 10^-scale; exact: nothing for an exponent, for more
/// than scale significant decimals, for other text or beyond 126 bits.
std::optional<i128> from_decimal_literal(std::string_view literal, unsigned scale);
/// The shortest decimal literal of value * 10^-scale.
std::string to_decimal_literal(i128 value, unsigned scale);

/// Money in minor units of its asset; quantities in micro-units (10^-6) of their unit of measure.
using Amount = u128;
using Micro = std::uint64_t;
/// 2^63 - 1: the largest amount on the wire.
constexpr Amount amount_max = (Amount{1} << 63) - 1;

}  // namespace base
