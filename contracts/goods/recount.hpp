// SPDX-License-Identifier: Apache-2.0
#pragma once

// An independent recount of goods: it reads records only, and adds up by itself.

#include <string>

#include "ledger/state.hpp"

namespace contracts::goods {

/// What is not so, in words: serials and units that are not what accounts say, more of a lot than was made, a claim
/// whose stock and loss are not its origins, or whose accounts do not hold its stock. Empty: all adds up.
std::string recount(ledger::StateView const& state);

}  // namespace contracts::goods
