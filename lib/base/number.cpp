// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"

#include <algorithm>

namespace base {

std::optional<u128> add(u128 a, u128 b) {
  u128 const sum = a + b;
  if (sum < a) return std::nullopt;
  return sum;
}

std::optional<u128> sub(u128 a, u128 b) {
  if (b > a) return std::nullopt;
  return a - b;
}

std::optional<u128> mul_div(u128 a, u128 b, u128 c, Round round) {
  if (c == 0) return std::nullopt;
  // Schoolbook product in two 128-bit halves, then binary long division: short, and seldom on a hot path.
  auto const low = [](u128 x) { return x & ~std::uint64_t{0}; };
  auto const high = [](u128 x) { return x >> 64; };
  u128 const ll = low(a) * low(b);
  u128 const lh = low(a) * high(b);
  u128 const hl = high(a) * low(b);
  u128 const middle = high(ll) + low(lh) + low(hl);
  u128 const product_low = middle << 64 | low(ll);
  u128 const product_high = high(a) * high(b) + high(lh) + high(hl) + high(middle);
  u128 quotient = 0;
  u128 rest = 0;
  if (product_high == 0) {
    quotient = product_low / c;
    rest = product_low % c;
  } else {
    if (product_high >= c) return std::nullopt;  // the quotient exceeds 128 bits
    rest = product_high;
    for (int bit = 127; bit >= 0; --bit) {
      bool const carry = rest >> 127 != 0;
      rest = rest << 1 | (product_low >> bit & 1);
      quotient <<= 1;
      if (carry || rest >= c) {
        rest -= c;
        quotient |= 1;
      }
    }
  }
  bool const up = round == Round::up ? rest != 0 : round == Round::half_up && rest >= c - rest;
  return up ? add(quotient, 1) : std::optional{quotient};
}

std::string to_decimal(u128 value) {
  std::string text;
  do {
    text += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  std::ranges::reverse(text);
  return text;
}

std::string to_decimal(i128 value) {
  return value < 0 ? "-" + to_decimal(static_cast<u128>(0) - static_cast<u128>(value))
                   : to_decimal(static_cast<u128>(value));
}

std::optional<u128> from_decimal(std::string_view text, u128 max) {
  if (text.empty() || text.size() > 39 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  u128 value = 0;
  for (char const c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    auto const digit = static_cast<u128>(c - '0');
    if (value > (~u128{0} - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  if (value > max) return std::nullopt;
  return value;
}

std::optional<i128> from_decimal_literal(std::string_view literal, unsigned scale) {
  bool const negative = literal.starts_with('-');
  if (negative) literal.remove_prefix(1);
  auto const point = literal.find('.');
  std::string_view const whole = literal.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view{} : literal.substr(point + 1);
  if (point != std::string_view::npos && fraction.empty()) return std::nullopt;
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (whole.empty() || whole.size() > 20 || (whole.size() > 1 && whole[0] == '0') || fraction.size() > scale ||
      scale > 18) {
    return std::nullopt;
  }
  i128 value = 0;
  auto const push = [&](std::string_view digits) {
    for (char const c : digits) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    return true;
  };
  if (!push(whole) || !push(fraction)) return std::nullopt;
  for (auto missing = scale - fraction.size(); missing > 0; --missing) value *= 10;
  return negative ? -value : value;
}

std::string to_decimal_literal(i128 value, unsigned scale) {
  std::string digits =
      to_decimal(value < 0 ? static_cast<u128>(0) - static_cast<u128>(value) : static_cast<u128>(value));
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  std::string text = digits.substr(0, digits.size() - scale);
  std::string fraction = digits.substr(digits.size() - scale);
  while (fraction.ends_with('0')) fraction.pop_back();
  if (!fraction.empty()) text += "." + fraction;
  return value < 0 ? "-" + text : text;
}

}  // namespace base
