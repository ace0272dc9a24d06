// SPDX-License-Identifier: Apache-2.0
#pragma once

// Assertions about our own code, on in every build. Wrong input is never checked here: it gets a Result.

namespace base {

/// Prints the place and the condition to stderr, then aborts.
[[noreturn]] void check_failed(char const* condition, char const* file, int line);

}  // namespace base

#define CHECK(condition) ((condition) ? static_cast<void>(0) : ::base::check_failed(#condition, __FILE__, __LINE__))
