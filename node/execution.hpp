// SPDX-License-Identifier: Apache-2.0
#pragma once

// The law applied to bytes that the engine orders: what a payload holds, whether it may stand in a block, what a block
// does. Pure functions over shared values, run by workers.

#include <functional>
#include <memory>

#include "ledger/block.hpp"
#include "ledger/records.hpp"
#include "ledger/tree.hpp"
#include "node/verified.hpp"

namespace node {

/// A receipt's index is 16 bits wide, and its last value stands for "no transaction".
constexpr std::size_t block_transactions_max = 50'000;
/// What the payload needs for each transaction beside its bytes, and in all.
constexpr std::size_t payload_overhead = 4;

/// A block's payload: no byte for no transaction, else their list.
base::Bytes encode_payload(std::vector<std::shared_ptr<base::Bytes const>> const& transactions);

/// The transactions' bytes of a payload. E_ENCODING for what is no payload.
base::Result<std::vector<base::Bytes>> transactions_of(base::BytesView payload);

struct Payload {
  /// Until execute_block takes them.
  std::vector<ledger::Transaction> transactions;
  std::vector<base::Hash> ids;
  /// H(00 ‖ bytes) of each, and the root over them.
  std::vector<base::Hash> leaves;
  base::Hash root;
  /// It holds a vote or evidence: whatever comes of them, the block is the last of its epoch, and all know by its
  /// bytes.
  bool ends_epoch = false;
};
/// E_ENCODING also for a transaction that is none. `verified` spares the ids of those that were checked before.
base::Result<Payload> decode_payload(base::BytesView bytes, ledger::Parameters const& parameters,
                                     Verified const* verified = nullptr);

/// The rules of a block that need no state: every transaction passes contracts::check at the block's time. Errors name
/// the first that does not. Signatures that were checked before are not checked again.
base::Result<void> check_payload(Payload const& payload, base::Hash const& chain, ledger::Parameters const& parameters,
                                 ledger::TimeMs time_ms, Verified& verified);

/// Of the law, as this program knows it.
std::uint32_t newest_version();

/// A transaction as it asks to be admitted.
struct Candidate {
  base::Hash id;
  base::Hash leaf;
  base::PartyId actor;
  ledger::TimeMs valid_from_ms = 0;
  ledger::TimeMs valid_until_ms = 0;
  /// It tells of goods or certificates, and of nothing else.
  bool facts = false;
  bool ends_epoch = false;
  /// It is recorded already: there is nothing to admit.
  bool recorded = false;
};
/// Judges it at this time, on top of the newest certified state: malformed, E_BUSY, E_EXPIRED, E_NOT_YET_VALID,
/// E_AFTER, E_METER. `has_room` may refuse it, which costs no check of a signature then.
base::Result<Candidate> judge_candidate(base::BytesView bytes, base::Hash const& chain,
                                        ledger::Parameters const& parameters, ledger::TimeMs time_ms,
                                        ledger::StateView const& state, Verified& verified,
                                        crypto::PartyVerifier& verifier,
                                        std::function<base::Result<void>(Candidate const&)> const& has_room = {});

/// True when a transaction of this id was in a block.
bool is_recorded(ledger::StateView const& state, base::Hash const& id);

/// What a block did, with the header that validators sign.
struct Executed {
  ledger::ResultHeader header;
  ledger::StateDiff diff;
  ledger::StateTree tree;
  std::optional<ledger::TimeMs> next_deadline_ms;
  /// Added to wall time by every node's clock, modulo 2^64.
  std::uint64_t clock_offset_ms = 0;
  std::vector<std::string> alarms;
};

/// Where a block stands, as its engine says it.
struct BlockPlace {
  base::Hash chain;
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;
  base::Height height = 0;
  ledger::TimeMs time_ms = 0;
  base::Hash block;
  /// Hash of the parent's result header.
  base::Hash previous_result;
  /// The last of its epoch.
  bool ends_epoch = false;
};

/// Why this program cannot execute a block of this height on this state: it is older than the law that holds there.
/// `knows` is the newest version that it knows. E_FORM; its detail says what to install.
base::Result<void> check_version(ledger::StateView const& state, base::Height height, std::uint32_t knows);

/// The version of the law that holds at the block's height must be known (check_version). `read` spares time, as in
/// contracts::execute.
Executed execute_block(ledger::StateView const& state, ledger::StateTree const& tree, BlockPlace const& place,
                       std::vector<ledger::Transaction> transactions, std::vector<base::Hash> const& ids,
                       std::vector<contracts::ReadRecords> const& read = {});
/// Executed::next_deadline_ms of the block whose state this is.
std::optional<ledger::TimeMs> next_deadline(ledger::StateView const& state);
/// Block 0: its header is of epoch and view 0, its block hash is the chain id. Errors name the operation.
base::Result<Executed> execute_genesis(ledger::Genesis const& genesis);

}  // namespace node
