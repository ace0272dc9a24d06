// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace base {

std::string to_hex(BytesView bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

namespace {

constexpr std::uint8_t no_digit = 0xff;

constexpr auto nibbles = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(no_digit);
  for (std::uint8_t i = 0; i < 10; ++i) out['0' + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) out['a' + i] = static_cast<std::uint8_t>(10 + i);
  return out;
}();

/// The place of the first of eight characters that is no ASCII character or zero, as far as whole words tell.
std::size_t ascii_words(std::string_view text, std::size_t from) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = ones << 7;
  for (; from + 8 <= text.size(); from += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + from, 8);
    if (((word | (word - ones)) & highs) != 0) break;
  }
  return from;
}

}  // namespace

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto const high = nibbles[static_cast<std::uint8_t>(text[2 * i])];
    auto const low = nibbles[static_cast<std::uint8_t>(text[2 * i + 1])];
    if (high == no_digit || low == no_digit) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return bytes;
}

bool is_utf8(std::string_view text) {
  auto const continuation = [&](std::size_t i) { return i < text.size() && (text[i] & 0xc0) == 0x80; };
  for (std::size_t i = ascii_words(text, 0); i < text.size();) {
    auto const lead = static_cast<std::uint8_t>(text[i]);
    if (lead == 0) return false;
    if (lead < 0x80) {
      i = ascii_words(text, i + 1);
      continue;
    }
    std::size_t const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (length == 0 || lead > 0xf4) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if (!continuation(i + k)) return false;
    }
    auto const second = static_cast<std::uint8_t>(text[i + 1]);
    if (lead == 0xe0 && second < 0xa0) return false;   // overlong
    if (lead == 0xed && second >= 0xa0) return false;  // surrogates
    if (lead == 0xf0 && second < 0x90) return false;   // overlong
    if (lead == 0xf4 && second >= 0x90) return false;  // above U+10FFFF
    i += length;
  }
  return true;
}

}  // namespace base
