// SPDX-License-Identifier: Apache-2.0
#pragma once

// Makes of results what readers may see: fetches the commit of the next height, checks it, and publishes both. Beside
// that it asks twice a second how CometBFT is. One thread.

#include <condition_variable>
#include <thread>

#include "node/abci/app.hpp"
#include "node/abci/comet_rpc.hpp"

namespace node::comet {

/// How often CometBFT is asked how it is.
constexpr std::uint64_t look_ms = 500;
/// Peers' heights are much text; once this node has caught up they are asked for at every so many looks.
constexpr unsigned looks_a_peers_height = 10;

struct Seen {
  CometStatus status;
  /// False while CometBFT's RPC does not answer.
  bool answers = false;
  /// It has been as high as its peers since the start; how far behind them it was when they were looked at last.
  bool caught_up = false;
  base::Height behind = 0;
  /// Since the last block, or the start.
  std::uint64_t decided_before_ms = 0;
};

class Follower {
 public:
  using Publish = std::function<void(std::shared_ptr<ledger::Certified const>)>;
  Follower(App& app, CometRpc& comet, Publish publish,
           std::function<void(std::string_view level, std::string const& text)> log);
  ~Follower();

  /// Publishes nothing more; it still answers what it knows.
  void stop();
  /// Something has changed in the application; from any thread.
  void wake();
  Seen seen() const;
  /// The newest certified result; before the first, the state as it was found, without a finality.
  std::shared_ptr<ledger::Certified const> certified() const;

 private:
  void run();
  void look();
  /// False when CometBFT has not got that far.
  bool certify(Tip const& tip);
  bool close_changes();

  App& app_;
  CometRpc& comet_;
  Publish publish_;
  std::function<void(std::string_view level, std::string const& text)> log_;

  mutable std::mutex mutex_;
  std::condition_variable woken_;
  bool is_woken_ = false;
  bool stops_ = false;
  Seen seen_;
  unsigned looks_ = 0;
  base::Height last_decided_ = 0;
  std::uint64_t decided_at_ms_ = 0;
  std::shared_ptr<ledger::Certified const> certified_;
  std::thread thread_;
};

}  // namespace node::comet
