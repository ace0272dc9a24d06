// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a table's status means here.

#include "machine.hpp"

namespace tigerbeetle {

/// True when the outcome is what the status means.
bool agrees(Row const& row, Result const& result);
/// Why this ledger means otherwise by design; nothing where it does not. `result` is what came of the row.
std::optional<std::string> differs(Row const& row, Result const& result);
/// Of a row that cannot be written here at all and must not be run.
std::optional<std::string> differs_before(Row const& row, Machine const& machine);

}  // namespace tigerbeetle
