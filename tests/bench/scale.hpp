// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "bench/report.hpp"

namespace bench {

/// What a node's law and state do when the ledger grows: items are commissioned one event each, in signed transactions
/// of 100, checked, executed and written to the node's database in one process. At each tenfold from 100,000 items on,
/// and at the end: events a second, memory, bytes on disk, and how long a trace with its proof takes.
base::Result<void> measure_scale(Report& report, std::uint64_t items);

}  // namespace bench
