// SPDX-License-Identifier: Apache-2.0
#pragma once

// What makes a transaction happen once: the ids consumed in the open time windows, and the idempotency keys that
// outlive them.

#include "ledger/records.hpp"

namespace contracts::replay {

/// True when a transaction with this id was included and its window is still open.
bool consumed(ledger::StateView const& state, base::Hash const& id);
/// Remembers the id until the minute of valid_until_ms has passed.
void consume(ledger::Overlay& state, base::Hash const& id, base::TimeMs valid_until_ms);
/// Brings the minutes' records up to date with what was consumed in this overlay: once, at the end of a block.
void fold(ledger::Overlay& state);
/// More than a block can bring, so that forgetting keeps pace.
constexpr std::size_t pruned_a_block_max = std::size_t{1} << 16;
/// Forgets minutes that have passed, the oldest first, at most `ids_max` ids; the rest waits for the next block.
void prune(ledger::Overlay& state, base::TimeMs now_ms, std::size_t ids_max = pruned_a_block_max);

/// What became of an idempotency key before: exists, exists_with_different_fields or id_already_failed; nothing for a
/// new one.
std::optional<base::Code> earlier(ledger::StateView const& state, ledger::Body const& body);
/// Keeps what became of the body's idempotency key, if it has one. A failure burns it for good, so that a retry cannot
/// turn out differently.
void keep(ledger::Overlay& state, ledger::Body const& body, base::Hash const& id, base::Code code);

}  // namespace contracts::replay
