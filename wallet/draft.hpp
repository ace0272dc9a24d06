// SPDX-License-Identifier: Apache-2.0
#pragma once

// From operations to a signed transaction, and from there to its outcome.

#include "ledger/tx.hpp"
#include "rpc/client.hpp"
#include "wallet/keystore.hpp"

namespace wallet {

struct Draft {
  /// Pays the meter and is the actor of the events.
  base::PartyId actor;
  std::vector<ledger::Operation> operations;
  std::vector<ledger::Bytes> payloads;
  std::optional<ledger::IdempotencyKey> idempotency_key;
};

/// What a node says of its chain; a wallet signs for it.
struct ChainInfo {
  ledger::Hash chain;
  std::string name;
  ledger::Height height = 0;
  ledger::TimeMs time_ms = 0;
};
base::Result<ChainInfo> chain_info(rpc::Client& client);

/// How long a signed transaction may wait, by default: an hour from block time.
constexpr ledger::TimeMs window_ms = 3600 * 1000;

/// The transaction, valid from `time_ms` on (a minute of slack for clocks behind), signed by all of these keys.
ledger::Transaction sign(Draft draft, ChainInfo const& chain, std::vector<Identity> const& identities);

struct Outcome {
  ledger::Hash id;
  /// done, failed, pending, unknown.
  std::string state;
  std::string code;
  std::string field;
  std::vector<std::string> event_codes;
  ledger::Height height = 0;
};

/// The outcome as --json shows it, as a line for people, as an exit code.
base::Value view_of(Outcome const& outcome);
void print(Outcome const& outcome);
int exit_of(Outcome const& outcome);
/// What the sender of a failed one can do about it; empty for others. With the body it knows what was tried.
std::string next_of(Outcome const& outcome, ledger::Body const* body = nullptr);

/// Submits; the id, or why the node refuses it.
base::Result<ledger::Hash> submit(rpc::Client& client, ledger::Transaction const& transaction);
/// Waits at most `timeout_ms` of the caller's patience, in calls that the node bounds itself.
base::Result<Outcome> wait(rpc::Client& client, ledger::Hash const& id, std::uint64_t timeout_ms);

}  // namespace wallet
