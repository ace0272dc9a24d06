// SPDX-License-Identifier: Apache-2.0
#include "node/abci/follower.hpp"

#include <chrono>

namespace node::comet {

namespace {

std::uint64_t steady_ms() {
  auto const now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::shared_ptr<ledger::Certified const> certified_of(App const& app, Tip const& tip,
                                                      std::optional<ledger::Finality> finality) {
  auto out = std::make_shared<ledger::Certified>();
  out->chain = app.chain();
  out->validators = tip.signers;
  out->header = tip.header;
  out->finality = std::move(finality);
  out->state = tip.state;
  out->tree = tip.tree;
  for (auto& end : app.epochs()) {
    if (end.header.height < tip.header.height) out->epochs.push_back(std::move(end));
  }
  return out;
}

}  // namespace

Follower::Follower(App& app, CometRpc& comet, Publish publish,
                   std::function<void(std::string_view level, std::string const& text)> log)
    : app_(app), comet_(comet), publish_(std::move(publish)), log_(std::move(log)), decided_at_ms_(steady_ms()) {
  certified_ = certified_of(app_, *app_.tip(), std::nullopt);
  last_decided_ = app_.decided();
  thread_ = std::thread([this] { run(); });
}

Follower::~Follower() { stop(); }

void Follower::stop() {
  {
    std::lock_guard const lock(mutex_);
    stops_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Follower::wake() {
  {
    std::lock_guard const lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_all();
}

Seen Follower::seen() const {
  std::lock_guard const lock(mutex_);
  auto out = seen_;
  out.decided_before_ms = steady_ms() - decided_at_ms_;
  return out;
}

std::shared_ptr<ledger::Certified const> Follower::certified() const {
  std::lock_guard const lock(mutex_);
  return certified_;
}

void Follower::run() {
  std::uint64_t looked_at_ms = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, std::chrono::milliseconds(look_ms), [&] { return is_woken_ || stops_; });
      if (stops_) return;
      is_woken_ = false;
      auto const decided = app_.decided();
      if (decided != last_decided_) decided_at_ms_ = steady_ms();
      last_decided_ = decided;
    }
    auto const tip = app_.certifiable();
    auto const at = certified();
    bool const is_new = !at->finality || at->header.height < tip->header.height;
    if (is_new && close_changes()) certify(*tip);
    if (steady_ms() < looked_at_ms + look_ms) continue;
    looked_at_ms = steady_ms();
    look();
  }
}

void Follower::look() {
  auto status = comet_.status();
  bool const asks = status && (!seen().caught_up || ++looks_ % looks_a_peers_height == 0);
  auto const peers = asks ? comet_.peers_height() : base::Result<base::Height>(base::Height{0});
  std::lock_guard const lock(mutex_);
  seen_.answers = status.has_value();
  if (status) seen_.status = std::move(status).value();
  if (!asks || !peers) return;
  auto const own = app_.tip()->height;
  seen_.behind = *peers > own ? *peers - own : 0;
  // A peer tells its height as soon as it is connected.
  bool const heard = *peers > 0 || app_.tip()->set.size() == 1;
  seen_.caught_up = seen_.caught_up || (heard && !seen_.status.catching_up && seen_.behind <= 1);
}

/// Proofs lead over every change of the set, so each is certified before what comes after it is shown.
bool Follower::close_changes() {
  for (auto const& change : app_.open_changes()) {
    auto finality = comet_.finality(change.header, change.signers);
    if (!finality || !ledger::verify(*finality, change.header, change.signers)) return false;
    app_.certify({change.header, std::move(finality).value(), change.signers});
  }
  return true;
}

bool Follower::certify(Tip const& tip) {
  // The header of the next height is there when that block is decided, or when CometBFT said so before this start.
  auto const next = tip.header.height + 1;
  if (app_.decided() < next && seen().status.height < next) return false;
  auto finality = comet_.finality(tip.header, tip.signers);
  if (!finality) return false;
  if (!ledger::verify(*finality, tip.header, tip.signers)) {
    log_("error", "CometBFT's commit of height " + std::to_string(next) + " does not certify the result of height " +
                      std::to_string(tip.header.height));
    return false;
  }
  auto certified = certified_of(app_, tip, std::move(finality).value());
  {
    std::lock_guard const lock(mutex_);
    certified_ = certified;
  }
  app_.publish(certified);
  publish_(std::move(certified));
  return true;
}

}  // namespace node::comet
