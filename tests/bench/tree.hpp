// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "bench/report.hpp"

namespace bench {

/// What the state tree costs with so many keys: microseconds an updated key in blocks of 10,000, its rows in a map in
/// memory and in the node's database, bytes of memory a key, and the time to make it from its rows.
base::Result<void> measure_tree(Report& report, std::uint64_t keys);

}  // namespace bench
