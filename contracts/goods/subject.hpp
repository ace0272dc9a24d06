// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an event is about, as keys of the state.

#include "gs1/event.hpp"
#include "ledger/state.hpp"

namespace contracts::goods {

/// The namespace that accounted goods of this kind have: item, lot, unit; thing for all else.
ledger::Space space_of(gs1::KeyKind kind);

/// The name under which facts and watches speak of a key, whether it is in goods accounting or not:
/// H(05 ‖ space_of(kind) ‖ canonical link).
base::Hash watch_name(gs1::Key const& key);

/// The stored key of the subject that has the history of this key now: the accounted record where there is one, else
/// the thing.
ledger::Bytes subject_key(ledger::StateView const& state, gs1::Key const& key);

/// Keys that contracts may wait for: EPCs, lots, and what bizTransactionList names; in order, without repetition.
std::vector<base::Hash> watch_names(gs1::Event const& event);

}  // namespace contracts::goods
