// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/report.hpp"

namespace bench {

/// How many events a second `tally import` records through a node that decides alone, and through one of four; and what
/// each costs the processes. Each event has 600 bytes or so and a serial of its own; they come in signed transactions
/// of 100.
base::Result<void> measure_import(Report& report, std::size_t events);

}  // namespace bench
