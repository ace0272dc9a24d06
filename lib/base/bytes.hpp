// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bytes, fixed-length identifiers that cannot be mistaken for one another, and hexadecimal text.

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<std::uint8_t const>;

/// The bytes of a text, without a copy.
inline BytesView bytes_of(std::string_view text) {
  return {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()};
}
/// The text over bytes, without a copy; no claim that it is UTF-8.
inline std::string_view text_of(BytesView bytes) { return {reinterpret_cast<char const*>(bytes.data()), bytes.size()}; }
inline Bytes to_bytes(std::string_view text) { return {bytes_of(text).begin(), bytes_of(text).end()}; }
inline void append(Bytes& to, BytesView more) { to.insert(to.end(), more.begin(), more.end()); }
/// Lexicographic order of unsigned bytes.
inline bool less(BytesView a, BytesView b) { return text_of(a) < text_of(b); }
inline bool equal(BytesView a, BytesView b) { return text_of(a) == text_of(b); }

/// Lower-case hexadecimal, without a prefix.
std::string to_hex(BytesView bytes);
/// Lower-case hexadecimal with an optional 0x; nothing else, even length.
std::optional<Bytes> from_hex(std::string_view text);
/// True for well-formed UTF-8 without U+0000.
bool is_utf8(std::string_view text);

/// N bytes under a name of their own: a block hash is no party id.
template <class Tag, std::size_t N>
struct Fixed {
  std::array<std::uint8_t, N> bytes{};

  static constexpr std::size_t size = N;
  auto operator<=>(Fixed const&) const = default;
  BytesView view() const { return bytes; }
  bool is_zero() const { return *this == Fixed{}; }
  /// 0x and lower-case hexadecimal, as on every interface.
  std::string hex() const { return "0x" + to_hex(bytes); }
  static std::optional<Fixed> from(BytesView view) {
    if (view.size() != N) return std::nullopt;
    Fixed out;
    std::copy(view.begin(), view.end(), out.bytes.begin());
    return out;
  }
  static std::optional<Fixed> from_text(std::string_view text) {
    auto const raw = from_hex(text);
    return raw ? from(*raw) : std::nullopt;
  }
};

/// SHA-256 of anything: transactions, blocks, records, contracts.
using Hash = Fixed<struct HashTag, 32>;
/// A member's state key (ledger.md): H(05 ‖ 01 ‖ GLN).
using PartyId = Fixed<struct PartyTag, 32>;
/// An x-only secp256k1 key (BIP-340), of a party.
using PartyKey = Fixed<struct PartyKeyTag, 32>;
/// A BIP-340 signature.
using PartySignature = Fixed<struct PartySignatureTag, 64>;
/// An Ed25519 key, of a validator.
using ValidatorKey = Fixed<struct ValidatorKeyTag, 32>;
/// An Ed25519 signature.
using ValidatorSignature = Fixed<struct ValidatorSignatureTag, 64>;

using Height = std::uint64_t;
/// Milliseconds since 1970-01-01T00:00:00Z.
using TimeMs = std::uint64_t;

}  // namespace base
