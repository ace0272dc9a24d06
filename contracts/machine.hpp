// SPDX-License-Identifier: Apache-2.0
#pragma once

// The only entrance to the law: two pure functions, callable from any thread.

#include <memory>

#include "crypto/party.hpp"
#include "ledger/block.hpp"
#include "ledger/genesis.hpp"
#include "ledger/records.hpp"
#include "ledger/tree.hpp"

namespace contracts {

using base::Result;
using ledger::Bytes;
using ledger::Hash;

namespace goods {
struct ReadRecord;
}
/// The events of a transaction as check read them, one value for each of its records, so that execution need not read
/// them again. Values never change, for any thread. They know the hashes of what they were read from; execution takes
/// them for nothing else.
using ReadRecords = std::vector<std::shared_ptr<goods::ReadRecord const>>;
/// Bytes of memory that they take, about.
std::size_t memory_of(ReadRecords const& read);

/// Judges a transaction by itself, without state: canonical form, bounds, the chain, operations' and events' form, and
/// every signature. Errors: the 1xx codes with the field's path. `time_ms` is the block's (or, on admission, the
/// node's) time: E_EXPIRED and E_NOT_YET_VALID outside the window. What it read of a transaction that passes goes into
/// `read`, unless that is null. `id` is the body's; `verifier` knows keys of transactions that were checked before.
Result<void> check(ledger::Transaction const& transaction, Hash const& id, Hash const& chain,
                   ledger::Parameters const& parameters, ledger::TimeMs time_ms, ReadRecords* read,
                   crypto::PartyVerifier& verifier);
Result<void> check(ledger::Transaction const& transaction, Hash const& chain, ledger::Parameters const& parameters,
                   ledger::TimeMs time_ms, ReadRecords* read = nullptr);

/// What admission asks beside check, of the newest state: what a block could not charge to anybody does not enter one.
/// E_MEMBER_UNKNOWN, E_KEY_UNKNOWN, E_KEY_REVOKED, E_MISSING_SIGNER for the actor, E_AFTER while the transaction it
/// names is not recorded, E_METER when the actor has not work enough left.
Result<void> check_admission(ledger::StateView const& state, ledger::Transaction const& transaction,
                             ledger::Parameters const& parameters, ledger::TimeMs time_ms);

/// Reads the canonical bytes of a transaction; E_ENCODING or E_TOO_LARGE.
Result<ledger::Transaction> read_transaction(ledger::BytesView bytes, ledger::Parameters const& parameters);

/// What a block did. Everything in it follows from the state before and the block.
struct Execution {
  /// Fired deadlines first, then the transactions in order.
  std::vector<ledger::Receipt> receipts;
  ledger::StateDiff diff;
  ledger::StateTree tree;
  Hash state_root;
  Hash event_log_root;
  std::uint64_t event_log_size = 0;
  Hash receipts_root;
  /// The next deadline of any contract, for an engine that would otherwise idle.
  std::optional<ledger::TimeMs> next_deadline_ms;
  /// Nodes' clocks are wall time plus this, modulo 2^64.
  std::uint64_t clock_offset_ms = 0;
  /// Broken invariants, in words: faults of our own. The transactions that broke them failed with E_INVARIANT; log them
  /// loudly.
  std::vector<std::string> alarms;
};

/// The newest version of the law that this program knows; all before it too.
constexpr std::uint32_t newest_version = 2;
/// Which holds for a block of this height on this state, by the validators' votes (docs/governance.md).
std::uint32_t version_at(ledger::StateView const& state, ledger::Height height);

/// Runs block 0 on the empty state. Errors name the genesis operation that cannot be.
Result<Execution> execute_genesis(ledger::Genesis const& genesis);

/// Runs a block whose transactions passed check at its time and whose version of the law is known. `state` and `tree`
/// are those after its parent. `read` has what check read of each transaction, as far as that is known: it may be
/// shorter, or hold nothing or what belongs to others; it spares time and never changes the result. `ids` are those of
/// the transactions, or none.
Execution execute(ledger::StateView const& state, ledger::StateTree const& tree, ledger::Block const& block,
                  std::vector<ReadRecords> const& read = {}, std::vector<Hash> const& ids = {});

/// Execution::next_deadline_ms of the block whose state this is, for a node that has just started.
std::optional<ledger::TimeMs> next_deadline(ledger::StateView const& state);

}  // namespace contracts
