// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one door between the interfaces and the node. Every method may be called from any thread.

#include <functional>
#include <memory>

#include "ledger/receipt.hpp"
#include "rpc/witnesses.hpp"

namespace rpc {

struct PeerStatus {
  std::string name;
  bool connected = false;
  ledger::Height height = 0;
};

struct NodeStatus {
  std::string chain_name;
  std::string validator;
  std::string version;
  /// starting, syncing, running, halted.
  std::string phase;
  /// Why the node is not ready, in words; empty when it is.
  std::string not_ready;
  std::uint64_t view = 0;
  std::uint64_t uptime_ms = 0;
  std::size_t mempool_transactions = 0;
  std::size_t mempool_bytes = 0;
  std::vector<PeerStatus> peers;
  bool test_clock = false;
};

/// A decided block as it lies in the log.
struct DecidedBlock {
  ledger::Height height = 0;
  ledger::TimeMs time_ms = 0;
  ledger::Hash hash;
  std::uint32_t proposer = 0;
  std::vector<ledger::Bytes> transactions;
  /// Absent for the genesis.
  std::optional<ledger::ResultHeader> result;
  /// The certificate of this block or of the later one that it was decided with, through whose headers it is proved.
  std::optional<ledger::Finality> finality;
};

class Backend {
 public:
  virtual ~Backend() = default;
  /// The newest certified state; never null once the node serves.
  virtual std::shared_ptr<ledger::Certified const> certified() const = 0;
  /// Admits a transaction's canonical bytes and returns its id; or why it is refused. Returns before it is decided. The
  /// same bytes again get the same answer.
  virtual base::Result<ledger::Hash> submit(ledger::Bytes transaction) = 0;
  /// The same for each of them, in their order; a node that can checks them together.
  virtual std::vector<base::Result<ledger::Hash>> submit_all(std::vector<ledger::Bytes> transactions);
  /// Where a submitted transaction stands while it is in no certified block: true for pending.
  virtual bool is_pending(ledger::Hash const& id) const = 0;
  /// Signs and submits with the node's own hot key, as its organisation: what the EPCIS interface records with.
  /// E_NOT_ALLOWED_HERE for a node that has none.
  virtual base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation> operations,
                                                std::vector<ledger::Bytes> payloads) = 0;
  virtual NodeStatus status() const = 0;
  virtual std::optional<DecidedBlock> block(ledger::Height height) const = 0;
  /// A COSE receipt for a place in the log of all events, signed with the validator's key. E_NOT_ALLOWED_HERE for a
  /// node that has none.
  virtual base::Result<ledger::Bytes> receipt(ledger::LogInclusion const& inclusion) const;
  /// Blocks until the certified height exceeds `height` or the time is up.
  virtual void wait_beyond(ledger::Height height, std::uint64_t timeout_ms) const = 0;

  /// What witnesses co-signed. The node tells it of every certified state.
  Witnesses& witnesses() { return witnesses_; }

 private:
  Witnesses witnesses_;
};

}  // namespace rpc
