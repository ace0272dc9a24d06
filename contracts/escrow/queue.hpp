// SPDX-License-Identifier: Apache-2.0
#pragma once

// Contracts that wait to be looked at. Those who opened them are served in turns, by what their contracts took:
// start-time fair queueing (Goyal, Vin and Cheng, 1996), where a look's cost is known after it. Whoever has ten
// thousand waiting, or some that never end, keeps nobody's only one waiting behind them. One opener's own go in the
// order in which they came.

#include "ledger/contract.hpp"
#include "ledger/state.hpp"

namespace contracts::escrow {

using ledger::Hash;
using ledger::PartyId;

/// Behind the opener's others; where it stands already it stays.
void queue(ledger::Overlay& state, Hash const& contract, PartyId const& opener);
/// Takes it out, if it is there.
void unqueue(ledger::Overlay& state, Hash const& contract);
bool is_queued(ledger::StateView const& state, Hash const& contract);
bool has_queued(ledger::StateView const& state);

struct Turn {
  PartyId opener;
  Hash contract;
};
/// Whose turn it is. It stays in the queue. `from` is empty at first; of several calls it spares the later ones to pass
/// what the earlier ones led to taking out.
std::optional<Turn> next_turn(ledger::Overlay& state, ledger::Bytes& from);
/// The opener's contract took so much: until others took as much, they go first.
void charge(ledger::Overlay& state, PartyId const& opener, std::uint32_t turns);

}  // namespace contracts::escrow
