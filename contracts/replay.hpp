// SPDX-License-Identifier: Apache-2.0
#pragma once

// What makes a transaction happen once: the ids consumed in the open time windows, and the idempotency keys that
// outlive them.

#include <map>

#include "ledger/records.hpp"

namespace contracts::replay {

/// True when a transaction with this id was included and its window is still open.
bool consumed(ledger::StateView const& state, base::Hash const& id);
/// What a block consumes.
class Consumed {
 public:
  /// Counts the id in the minute of valid_until_ms. Who keeps its receipt with that minute makes it known, until the
  /// minute has passed.
  std::uint64_t add(ledger::Overlay& state, base::Hash const& id, base::TimeMs valid_until_ms);
  /// Writes the minutes' ids, peaks and records: once, at the end of the block.
  void write(ledger::Overlay& state) &&;

 private:
  /// By minute, in order.
  std::map<std::uint64_t, std::vector<base::Hash>> ids_;
};
/// More than a block can bring, so that forgetting keeps pace.
constexpr std::size_t pruned_a_block_max = std::size_t{1} << 16;
/// Forgets minutes that have passed, the oldest first, until `ids_max` ids are gone; the rest waits for the next block.
/// By version 1 of the law, what waits is still known. From version 2 on nothing of a minute is known once it has
/// passed: its record goes at once, and ids that no record counts are waste.
void prune(ledger::Overlay& state, base::TimeMs now_ms, std::uint32_t version,
           std::size_t ids_max = pruned_a_block_max);

/// What became of an idempotency key before.
struct Earlier {
  /// exists; id_already_failed; exists_with_different_… with the field.
  base::Code code = base::Code::exists;
  std::string field;
};
/// Nothing for a new key. A key whose transaction failed is burnt whatever is asked now; else the first field that
/// differs is named.
std::optional<Earlier> earlier(ledger::StateView const& state, ledger::Body const& body);
/// Keeps what became of the body's idempotency key, if it has one: a success, and a failure that could turn out
/// differently later (is_transient), so that a retry cannot.
void keep(ledger::Overlay& state, ledger::Body const& body, base::Hash const& id, base::Code code);

/// False for a failure that the same fields have at all times; its key stays free.
bool is_transient(base::Code code);
/// exists_with_different_<field>, by the field's name and path; exists_with_different_fields for a name that has no
/// code of its own. Nothing when the operations are the same.
std::optional<Earlier> difference(base::List<ledger::Operation, 64> const& kept,
                                  base::List<ledger::Operation, 64> const& asked);

}  // namespace contracts::replay
