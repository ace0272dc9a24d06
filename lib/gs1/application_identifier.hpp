// SPDX-License-Identifier: Apache-2.0
#pragma once

// The GS1 application identifiers: format, key or qualifier, check digits. The data of the GS1 syntax dictionary
// (release 2026-01-27) in a compact table of our own; the test compares the two.

#include <cstdint>
#include <string_view>

namespace gs1 {

struct ApplicationIdentifier {
  enum Flag : std::uint8_t { fixed = 1, attribute = 2, key = 4 };

  /// A row covers the identifiers first to last of one length.
  std::string_view first;
  std::string_view last;
  /// Components: N digits, X character set 82, Y set 39, Z base64url; then the exact length, or < and the greatest;
  /// then * when the component ends with a check digit, ? when it may be absent, and :name for each syntax test
  /// (gs1/lint.hpp).
  std::string_view format;
  /// fixed: no FNC1 behind it in an element string; attribute: allowed in a Digital Link's query; key: a Digital Link's
  /// primary key.
  unsigned flags = 0;
  /// Of a key: its qualifiers in the order in which they must stand; alternatives separated by |.
  std::string_view qualifiers;

  bool is(Flag flag) const { return (flags & flag) != 0; }
};

/// The row of an identifier of digits; null when there is none.
ApplicationIdentifier const* find_identifier(std::string_view ai);
/// The numeric identifier of an alphabetic one of Digital Link 1.1 ("gtin" is "01"); empty for any other text.
std::string_view numeric_identifier(std::string_view name);

/// `content`: of the right form, but a syntax test fails (no such day, no such country).
enum class ValueFault : std::uint8_t { none, form, check_digit, content };
/// Judges length, characters, syntax tests and check digits of a decoded value.
ValueFault judge_value(ApplicationIdentifier const& identifier, std::string_view value);

/// The table, ordered by `first`, for the test that compares it with the dictionary.
struct IdentifierTable {
  ApplicationIdentifier const* begin_;
  ApplicationIdentifier const* end_;
  ApplicationIdentifier const* begin() const { return begin_; }
  ApplicationIdentifier const* end() const { return end_; }
};
IdentifierTable identifier_table();

}  // namespace gs1
