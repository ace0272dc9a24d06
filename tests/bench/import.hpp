// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/report.hpp"

namespace bench {

/// How many events a second `tally import` records through a node that decides alone, and through one of four; and what
/// each costs the processes. Each event has 600 bytes or so and a serial of its own; they come in signed transactions
/// of 100.
base::Result<void> measure_import(Report& report, std::size_t events);

/// The same for events of items that the ledger knows: first so many keys of the state tree are recorded through one
/// of four nodes, then, so many times, events of items drawn among them. With 10,000,000 keys it takes half an hour
/// and 40 GB of disk.
base::Result<void> measure_old_items(Report& report, std::uint64_t keys, unsigned runs);

}  // namespace bench
