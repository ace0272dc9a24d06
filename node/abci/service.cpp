// SPDX-License-Identifier: Apache-2.0
#include "node/abci/service.hpp"

#include <chrono>

#include "node/abci/engine.hpp"
#include "node/abci/note.hpp"
#include "node/own.hpp"

namespace node::comet {

using base::Code;
using base::Error;

namespace {

constexpr char const* version = "0.1.0";
/// Behind the highest peer, once it has caught up with it.
constexpr base::Height syncing_blocks = 16;

std::uint64_t steady_ms() {
  auto const now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::string seconds(std::uint64_t ms) { return std::to_string(ms / 1000) + " s"; }

}  // namespace

Service::Service(App& app, CometRpc& comet, Follower& follower, Home const& home)
    : app_(app), comet_(comet), follower_(follower), home_(home), started_at_ms_(steady_ms()) {
  for (auto const& validator : home.genesis.validators.validators) {
    names_.push_back(name_of(*follower.certified()->state, validator.party));
  }
}

void Service::notify() {
  witnesses().follow(certified());
  // A waiting call has read its condition or will see the new state.
  { std::lock_guard const lock(mutex_); }
  changed_.notify_all();
}

void Service::close() {
  {
    std::lock_guard const lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

base::Result<ledger::Hash> Service::submit(ledger::Bytes transaction) {
  std::error_code error;
  auto const space = std::filesystem::space(home_.path, error);
  if (!error && space.available >> 20 < home_.config.refuse_below_mib) {
    return Error{Code::E_DISK, "",
                 "this node has less than " + std::to_string(home_.config.refuse_below_mib) + " MiB of disk left"};
  }
  auto const end = steady_ms() + early_ms_max;
  auto judged = app_.judge(transaction);
  while (!judged && (judged.error().code == Code::E_NOT_YET_VALID || judged.error().code == Code::E_AFTER)) {
    constexpr std::uint64_t round_ms = 50;
    if (steady_ms() >= end) break;
    wait_beyond(certified()->header.height, round_ms);
    judged = app_.judge(transaction);
  }
  if (!judged) return judged.error();
  if (judged->recorded) return judged->id;
  TRY(comet_.submit(transaction));
  return judged->id;
}

base::Result<ledger::Hash> Service::submit_own(std::vector<ledger::Operation> operations,
                                               std::vector<ledger::Bytes> payloads) {
  TRY_ASSIGN(auto const transaction, sign_own(home_, *certified(), std::move(operations), std::move(payloads)));
  return submit(base::encode(transaction));
}

std::string Service::not_ready(Seen const& seen, std::size_t reachable) const {
  auto const at = certified();
  auto const last = "last block " + seconds(seen.decided_before_ms) + " ago";
  if (!seen.answers) return "CometBFT does not answer; " + last;
  auto const quorum = at->validators.quorum();
  if (reachable < quorum) {
    return std::to_string(reachable) + " of " + std::to_string(at->validators.size()) + " validators reachable, " +
           std::to_string(quorum) + " needed; " + last;
  }
  if (seen.status.catching_up || !seen.caught_up || seen.behind > syncing_blocks) {
    return "syncing: height " + std::to_string(app_.tip()->height) + ", " + std::to_string(seen.behind) + " behind";
  }
  if (!at->finality) return "waiting for the certificate of height " + std::to_string(at->header.height);
  constexpr std::uint64_t grace_ms = 10'000;
  if (seen.decided_before_ms > 3 * empty_block_ms_max + grace_ms) {
    return last + ", one is due every " + seconds(empty_block_ms_max);
  }
  return "";
}

rpc::NodeStatus Service::status() const {
  auto const seen = follower_.seen();
  rpc::NodeStatus out;
  out.chain_name = home_.genesis.chain_name;
  out.validator = names_[*home_.place];
  out.version = version;
  std::size_t reachable = 1;
  for (std::size_t place = 0; place < names_.size(); ++place) {
    if (place == home_.place) continue;
    bool const connected = seen.answers && seen.status.peers.contains(home_.config.comet_ids[place]);
    if (connected) ++reachable;
    out.peers.push_back({names_[place], connected, 0});
  }
  out.not_ready = not_ready(seen, reachable);
  out.phase = !seen.answers ? "starting" : seen.status.catching_up ? "syncing" : "running";
  out.view = app_.decided();
  out.uptime_ms = steady_ms() - started_at_ms_;
  out.mempool_transactions = app_.pending();
  out.test_clock = std::holds_alternative<ledger::TestClock>(home_.genesis.clock);
  return out;
}

std::optional<rpc::DecidedBlock> Service::block(ledger::Height height) const {
  auto const at = certified();
  if (height > at->header.height) return std::nullopt;
  if (height == 0) {
    rpc::DecidedBlock out;
    out.time_ms = home_.genesis.time_ms;
    out.hash = at->chain;
    return out;
  }
  auto block = comet_.block(height, at->validators);
  if (!block) return std::nullopt;
  // None of a block that was idle.
  block->result = ledger::load<ledger::ResultHeader>(*at->state, result_key(height));
  if (block->result) {
    auto finality = comet_.finality(*block->result, at->validators);
    if (finality && ledger::verify(*finality, *block->result, at->validators)) block->finality = std::move(*finality);
  }
  return std::move(block).value();
}

void Service::wait_beyond(ledger::Height height, std::uint64_t timeout_ms) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                    [&] { return follower_.certified()->header.height > height || closed_; });
}

}  // namespace node::comet
