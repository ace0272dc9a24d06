// SPDX-License-Identifier: Apache-2.0
#pragma once

// Contracts that wait to be looked at, in turns between those who opened them: start-time fair queueing (Goyal, Vin and
// Cheng, 1996) with a cost of one. Whoever has ten thousand waiting keeps nobody's only one waiting behind them.

#include "ledger/contract.hpp"
#include "ledger/state.hpp"

namespace contracts::escrow {

using ledger::Hash;
using ledger::PartyId;

/// Behind the opener's others, and in front of what would be another's second; where it stands already it stays.
void queue(ledger::Overlay& state, Hash const& contract, PartyId const& opener);
/// Takes it out, if it is there.
void unqueue(ledger::Overlay& state, Hash const& contract);
bool is_queued(ledger::StateView const& state, Hash const& contract);
bool has_queued(ledger::StateView const& state);
/// Whose turn it is. It stays in the queue.
std::optional<Hash> serve(ledger::Overlay& state);

}  // namespace contracts::escrow
