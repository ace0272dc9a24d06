// SPDX-License-Identifier: Apache-2.0
#pragma once

// How commands speak: data on stdout, errors on stderr in one form, exit codes that scripts can rely on.

#include <cstdio>
#include <vector>

#include "base/result.hpp"

namespace wallet {

/// 0 done, 1 a difference or our own fault, 2 usage, 3 refused or recalled, 4 a check failed, 5 unreachable.
enum class Exit : int { done = 0, fault = 1, usage = 2, refused = 3, check_failed = 4, unreachable = 5 };

inline int code(Exit exit) { return static_cast<int>(exit); }

/// What others wrote, fit for a terminal: control characters and marks that turn the direction of text become U+FFFD,
/// so that nobody writes over our own words.
std::string shown(std::string_view text);

/// Prints what, where and the next command; the exit code that fits the error.
Exit report(base::Error const& error, std::string const& next = "");
/// A QR code's modules, row by row, without the quiet zone.
struct QrCode {
  int width = 0;
  std::vector<bool> dark;
  bool is_dark(int row, int column) const {
    bool const inside = row >= 0 && row < width && column >= 0 && column < width;
    return inside && dark[static_cast<std::size_t>(row * width + column)];
  }
};
/// With error correction for a label that may be scratched (level M), or for a screen (level L).
/// E_TOO_LARGE for more than a code holds.
base::Result<QrCode> qr_code(std::string const& content, bool for_print = true);
/// A QR code in half blocks with a quiet zone of 4; `inverted` for dark terminals that take no colour.
/// E_TOO_LARGE for more than a code holds.
base::Result<std::string> qr_text(std::string const& content, bool colour, bool inverted);
/// Bold, green, red, yellow, grey where the output is a terminal and NO_COLOR is not set.
bool wants_colour();
std::string painted(char const* code, std::string const& text);

}  // namespace wallet
