// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

namespace bench {

/// Commit latency of our engine and of CometBFT on this machine, in one run: a table on stdout, and a file. So many
/// seconds are measured at each rate.
base::Result<void> compare_consensus(unsigned measured_s);

}  // namespace bench
