// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

namespace bench {

/// The most that four validators take: so many signed transfers are offered faster than blocks hold them. Prints the
/// rate and its share of the bound that their signature checks alone set, measured in the same run.
base::Result<void> measure_peak(std::size_t transfers);

}  // namespace bench
