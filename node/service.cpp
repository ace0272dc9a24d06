// SPDX-License-Identifier: Apache-2.0
#include "node/service.hpp"

#include <chrono>

#include "node/own.hpp"
#include "rpc/places.hpp"

namespace node {

using base::Code;
using base::Error;

namespace {

/// Of the program, as chain_status shows it.
constexpr char const* version = "0.1.0";

}  // namespace

Service::Service(Loop& loop, Replica& replica, Store const& store, Home const& home)
    : loop_(loop),
      replica_(replica),
      store_(store),
      home_(home),
      started_at_ms_(loop.steady_ms()),
      certified_(replica.certified()) {
  auto const& of_genesis = home.genesis.validators.validators;
  auto const& gln = home.config.organisation_gln;
  if (home.place) validator_ = name_of(*certified_->state, of_genesis[*home.place].party);
  if (!home.place && !gln.empty()) validator_ = name_of(*certified_->state, ledger::party_id(gln));
  refresh();
}

void Service::publish(std::shared_ptr<ledger::Certified const> certified) {
  {
    witnesses().follow(certified);
    std::lock_guard const lock(mutex_);
    certified_ = std::move(certified);
  }
  changed_.notify_all();
}

void Service::refresh() {
  auto const replica = replica_.status();
  rpc::NodeStatus out;
  out.chain_name = home_.genesis.chain_name;
  out.validator = validator_;
  out.version = version;
  out.phase = !replica.halted.empty() ? "halted" : replica.syncing ? "syncing" : "running";
  out.not_ready = replica.not_ready;
  out.view = replica.view;
  out.mempool_transactions = replica_.pool().size();
  out.mempool_bytes = replica_.pool().bytes();
  auto const& state = *replica_.certified()->state;
  for (std::size_t place = 0; place < replica.parties.size(); ++place) {
    if (place == replica.place) continue;
    out.peers.push_back({name_of(state, replica.parties[place]), replica.connected[place], 0});
  }
  out.test_clock = std::holds_alternative<ledger::TestClock>(home_.genesis.clock);
  std::lock_guard const lock(mutex_);
  if (!joins_.empty()) {
    out.phase = "syncing";
    out.not_ready = joins_;
  }
  status_ = std::move(out);
  refreshed_at_ms_ = loop_.steady_ms();
}

void Service::joins(std::string what) {
  std::lock_guard const lock(mutex_);
  joins_ = std::move(what);
}

void Service::close() {
  {
    std::lock_guard const lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::shared_ptr<ledger::Certified const> Service::certified() const {
  std::lock_guard const lock(mutex_);
  return certified_;
}

base::Result<ledger::Hash> Service::submit(ledger::Bytes transaction) {
  std::vector<ledger::Bytes> one;
  one.push_back(std::move(transaction));
  return std::move(submit_all(std::move(one)).front());
}

std::vector<Result<ledger::Hash>> Service::submit_all(std::vector<ledger::Bytes> transactions) {
  // The caller may have given up before the core thread answers.
  struct Answers {
    std::vector<std::optional<Result<Hash>>> each;
    std::size_t missing = 0;
  };
  auto const count = transactions.size();
  auto const answers = std::make_shared<Answers>(Answers{std::vector<std::optional<Result<Hash>>>(count), count});
  loop_.post([this, answers, transactions = std::move(transactions)]() mutable {
    std::vector<Admission::Submission> submissions;
    for (std::size_t i = 0; i < transactions.size(); ++i) {
      auto reply = [this, answers, i](Result<Hash> const& answer) {
        std::unique_lock lock(mutex_);
        answers->each[i].emplace(answer);
        if (--answers->missing > 0) return;
        lock.unlock();
        changed_.notify_all();
      };
      submissions.push_back({std::move(transactions[i]), std::move(reply)});
    }
    replica_.submit(std::move(submissions));
  });
  rpc::Places::Left const waits;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(verdict_ms_max), [&] { return answers->missing == 0 || closed_; });
  auto const* const why = closed_ ? "the node is stopping" : "no verdict in time; send the same bytes again";
  std::vector<Result<ledger::Hash>> out;
  for (auto& answer : answers->each) {
    out.push_back(answer ? std::move(*answer) : Result<Hash>(Error{Code::E_BUSY, "", why}));
  }
  return out;
}

base::Result<ledger::Hash> Service::submit_own(std::vector<ledger::Operation> operations,
                                               std::vector<ledger::Bytes> payloads) {
  TRY_ASSIGN(auto const transaction, sign_own(home_, *certified(), std::move(operations), std::move(payloads)));
  return submit(base::encode(transaction));
}

rpc::NodeStatus Service::status() const {
  auto const now = loop_.steady_ms();
  std::lock_guard const lock(mutex_);
  auto out = status_;
  out.uptime_ms = now - started_at_ms_;
  if (now > refreshed_at_ms_ + status_stale_ms) {
    out.not_ready = "the core thread has not answered for " + std::to_string((now - refreshed_at_ms_) / 1000) + " s";
  }
  return out;
}

std::optional<rpc::DecidedBlock> Service::block(ledger::Height height) const {
  auto const at = certified();
  if (height > at->header.height) return std::nullopt;
  rpc::DecidedBlock out;
  out.height = height;
  if (height == 0) {
    out.time_ms = home_.genesis.time_ms;
    out.hash = at->chain;
    return out;
  }
  auto const decision = store_.decision(height);
  // Damage to an old block shows when it is read; the node itself goes on without it.
  if (!decision || !*decision) return std::nullopt;
  auto const block = base::decode<consensus::Block>((*decision)->blocks[height - (*decision)->first].block);
  if (!block) return std::nullopt;
  auto transactions = transactions_of(block->payload);
  if (!transactions) return std::nullopt;
  out.time_ms = block->header.time_ms;
  out.hash = block->header.hash();
  out.proposer = block->header.proposer;
  out.transactions = std::move(transactions).value();
  auto const header = base::decode<ledger::ResultHeader>((*decision)->blocks[height - (*decision)->first].result);
  auto const certificate = base::decode<consensus::Certificate>((*decision)->finality);
  if (!header || !certificate) return std::nullopt;
  out.result = *header;
  out.finality = ledger::SimplexFinality{*certificate};
  return out;
}

base::Result<ledger::Bytes> Service::receipt(ledger::LogInclusion const& inclusion) const {
  return ledger::cose_receipt(inclusion, home_.validator_secret);
}

void Service::wait_beyond(ledger::Height height, std::uint64_t timeout_ms) const {
  rpc::Places::Left const waits;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                    [&] { return certified_->header.height > height || closed_; });
}

}  // namespace node
