// SPDX-License-Identifier: Apache-2.0
#pragma once

// The shape of a chart: its order, its forks, what its states can reach.

#include "contracts/escrow/terms.hpp"

namespace contracts::escrow {

/// Judges the chart: every cycle counts, forks share nothing and stand in no cycle, at most 8 lanes, `of` and `since`
/// name states that were entered. Returns each state's rank: every end that does not count leads to a higher one.
Result<std::vector<std::size_t>> check_graph(Terms const& terms);

}  // namespace contracts::escrow
