// SPDX-License-Identifier: Apache-2.0
#pragma once

// The door through which the interfaces see the node: answers from published, unchanging states; only submissions reach
// the core thread.

#include <condition_variable>

#include "node/home.hpp"
#include "node/loop.hpp"
#include "node/replica.hpp"
#include "rpc/backend.hpp"

namespace node {

/// How long a caller waits for the verdict on a transaction.
constexpr std::uint64_t verdict_ms_max = 10'000;
/// The core thread refreshes the status this often; when it has not done so for the second time, it hangs.
constexpr std::uint64_t status_period_ms = 250;
constexpr std::uint64_t status_stale_ms = 5'000;

class Service final : public rpc::Backend {
 public:
  Service(Loop& loop, Replica& replica, Store const& store, Home const& home);

  /// On the core thread: a new certified state, and how the node is.
  void publish(std::shared_ptr<ledger::Certified const> certified);
  void refresh();
  /// What is being taken over from peers, in words; empty: nothing.
  void joins(std::string what);
  /// Lets every waiting call return, because the core thread will answer no more.
  void close();

  std::shared_ptr<ledger::Certified const> certified() const override;
  base::Result<ledger::Hash> submit(ledger::Bytes transaction) override;
  std::vector<base::Result<ledger::Hash>> submit_all(std::vector<ledger::Bytes> transactions) override;
  bool is_pending(ledger::Hash const& id) const override { return replica_.pool().contains(id); }
  base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation> operations,
                                        std::vector<ledger::Bytes> payloads) override;
  rpc::NodeStatus status() const override;
  std::optional<rpc::DecidedBlock> block(ledger::Height height) const override;
  base::Result<ledger::Bytes> receipt(ledger::LogInclusion const& inclusion) const override;
  void wait_beyond(ledger::Height height, std::uint64_t timeout_ms) const override;

 private:
  Loop& loop_;
  Replica& replica_;
  Store const& store_;
  Home const& home_;
  std::uint64_t started_at_ms_;
  std::string validator_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::shared_ptr<ledger::Certified const> certified_;
  rpc::NodeStatus status_;
  std::string joins_;
  std::uint64_t refreshed_at_ms_ = 0;
  bool closed_ = false;
};

}  // namespace node
