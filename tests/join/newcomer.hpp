// SPDX-License-Identifier: Apache-2.0
#pragma once

// A fifth node that takes over a snapshot from four, one of which lies.

#include "join/validators.hpp"

namespace join {

/// Prints a line for each thing that came true; the error names what did not.
Result<void> join(Options options);

}  // namespace join
