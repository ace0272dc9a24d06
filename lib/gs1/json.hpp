// SPDX-License-Identifier: Apache-2.0
#pragma once

// Strict I-JSON (RFC 7493) with raw number literals and exact byte positions, and the canonical form of RFC 8785. Every
// JSON text that the ledger judges (events, contexts, escrow terms) is read here.

#include "base/result.hpp"
#include "base/value.hpp"

namespace gs1 {

struct JsonLimits {
  std::size_t bytes_max = std::size_t{1} << 20;
  /// Objects and lists inside one another.
  unsigned depth_max = 32;
  /// Values in one text, so that a text of commas cannot take a hundred times its size in memory.
  std::size_t values_max = std::size_t{1} << 18;
  /// What a text that is no I-JSON is refused with; the text's length is always E_TOO_LARGE.
  base::Code code = base::Code::E_EVENT_FORM;
};

/// Reads one JSON text. Every value knows its half-open byte range in `text`, without white space around it; a string's
/// range includes the quotes. Refused: a name twice in one object, malformed UTF-8, U+0000, surrogates without a
/// partner, noncharacters, bytes after the end, a byte order mark, more than the limits. Numbers are checked for their
/// grammar only.
base::Result<base::Value> parse_json(std::string_view text, JsonLimits const& limits = {});

/// RFC 8785. Numbers must be integers within +-(2^53 - 1) written as digits ("-0", "1.0", "1e3" are refused with `code`
/// and the path).
base::Result<std::string> canonical_json(base::Value const& value, base::Code code = base::Code::E_ESCROW_FORM);

}  // namespace gs1
