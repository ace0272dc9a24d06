// SPDX-License-Identifier: Apache-2.0
#pragma once

// An independent recount of money: it reads records only, and adds up by itself.

#include <string>

#include "ledger/state.hpp"

namespace contracts::money {

/// What is not so, in words: an asset whose accounts and pots are not what was issued, an account that holds more than
/// it has, or whose holds are others than those that are open. Empty: all adds up.
std::string recount(ledger::StateView const& state);

}  // namespace contracts::money
