// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a node does in its organisation's name, whichever engine it runs.

#include "ledger/proof.hpp"
#include "node/home.hpp"

namespace node {

/// Signed with the organisation's hot key; E_NOT_ALLOWED_HERE for a node that has none.
base::Result<ledger::Transaction> sign_own(Home const& home, ledger::Certified const& at,
                                           std::vector<ledger::Operation> operations,
                                           std::vector<ledger::Bytes> payloads);
/// A member's short name; the party's hexadecimal digits when the state has none.
std::string name_of(ledger::StateView const& state, ledger::PartyId const& party);

}  // namespace node
