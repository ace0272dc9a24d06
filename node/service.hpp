// SPDX-License-Identifier: Apache-2.0
#pragma once

// The node as its interfaces see it: snapshots, submissions, and how it is. Any thread may call.

#include <condition_variable>

#include "node/home.hpp"
#include "node/loop.hpp"
#include "node/replica.hpp"
#include "rpc/backend.hpp"

namespace node {

/// How long a caller waits for the core thread's verdict on a submission.
constexpr std::uint64_t verdict_ms_max = 5'000;

class Service final : public rpc::Backend {
 public:
  Service(Home const& home, Loop& loop, Store const& store);

  /// On the core thread. `replica` outlives the loop's last turn.
  void follow(Replica& replica);
  /// From Replica's publish; on the core thread.
  void publish(std::shared_ptr<ledger::Certified const> certified);
  /// What is called after each new height, on the core thread.
  void on_height(std::function<void()> notify) { notify_ = std::move(notify); }

  std::shared_ptr<ledger::Certified const> certified() const override;
  base::Result<ledger::Hash> submit(ledger::Bytes transaction) override;
  base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation> operations,
                                        std::vector<ledger::Bytes> payloads) override;
  bool is_pending(ledger::Hash const& id) const override;
  rpc::NodeStatus status() const override;
  std::optional<rpc::DecidedBlock> block(ledger::Height height) const override;
  void wait_beyond(ledger::Height height, std::uint64_t timeout_ms) const override;

 private:
  void refresh();

  Home const& home_;
  Loop& loop_;
  Store const& store_;
  Replica* replica_ = nullptr;
  std::function<void()> notify_;
  std::uint64_t started_ms_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  std::shared_ptr<ledger::Certified const> certified_;
  rpc::NodeStatus status_;
};

}  // namespace node
