// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace storm {

/// Prints how long the analysis takes: p50, p99 and worst over templates, journeys and 10,000 random contracts, and
/// what eight lanes cost more than one.
void print_analysis_figures();

}  // namespace storm
