// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs one published execution through the core and compares what it does with what Marlowe's semantics say.

#include <optional>
#include <string>

#include "base/value.hpp"

namespace marlowe {

/// Nothing when every output agrees; else the first difference. A row has `contract`, `transactions`, and `outputs`
/// (each: payments, state, warnings, contract, or an error) or `expected_payments` of the whole trace.
std::optional<std::string> difference(base::Value const& row);

}  // namespace marlowe
