// SPDX-License-Identifier: Apache-2.0
#pragma once

// The door through which the interfaces see a node whose engine is CometBFT.

#include "node/abci/follower.hpp"
#include "node/home.hpp"
#include "rpc/backend.hpp"

namespace node::comet {

/// A client may have heard of a block from another node a moment before this one decides it: what comes too early is
/// judged again for so long.
constexpr std::uint64_t early_ms_max = 2'000;

class Service final : public rpc::Backend {
 public:
  Service(App& app, CometRpc& comet, Follower& follower, Home const& home);

  /// A new certified state; from any thread.
  void notify();
  /// Lets every waiting call return.
  void close();

  std::shared_ptr<ledger::Certified const> certified() const override { return follower_.certified(); }
  base::Result<ledger::Hash> submit(ledger::Bytes transaction) override;
  bool is_pending(ledger::Hash const& id) const override { return app_.is_pending(id); }
  base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation> operations,
                                        std::vector<ledger::Bytes> payloads) override;
  rpc::NodeStatus status() const override;
  std::optional<rpc::DecidedBlock> block(ledger::Height height) const override;
  void wait_beyond(ledger::Height height, std::uint64_t timeout_ms) const override;

 private:
  std::string not_ready(Seen const& seen, std::size_t reachable) const;

  App& app_;
  CometRpc& comet_;
  Follower& follower_;
  Home const& home_;
  std::uint64_t started_at_ms_;
  std::vector<std::string> names_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool closed_ = false;
};

}  // namespace node::comet
