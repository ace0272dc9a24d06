// SPDX-License-Identifier: Apache-2.0
#pragma once

// What tally doctor finds in the folder of a stopped validator, and what comes again after it.

#include "join/validators.hpp"

namespace join {

/// Prints a line for each thing that came true; the error names what did not.
Result<void> visit(Options options);

}  // namespace join
