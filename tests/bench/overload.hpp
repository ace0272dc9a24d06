// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/report.hpp"

namespace bench {

/// Three times the peak is offered to four validators for so long, by all members but a small one: whether anything
/// that a node accepted is lost, what the small one's payments wait meanwhile, and how soon they wait no longer.
base::Result<void> measure_overload(Report& report, double peak_per_s, double seconds);

/// Nine tenths of the peak for so long: what one of those who pay waits.
base::Result<void> measure_near_peak(Report& report, double peak_per_s, double seconds);

}  // namespace bench
