// SPDX-License-Identifier: Apache-2.0
#include "testnet/sender.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "ledger/record.hpp"
#include "testnet/events.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {
constexpr std::uint64_t patience_ms = 30'000;
/// At 20 ms each, ten seconds.
constexpr int rounds_max = 500;

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }
}  // namespace

Result<Sender> Sender::connect(std::vector<std::string> const& urls, wallet::Identity const& clock) {
  Sender out;
  out.clock_ = clock;
  for (auto const& url : urls) {
    TRY_ASSIGN(auto client, rpc::connect(url, patience_ms));
    out.clients_.push_back(std::move(client));
  }
  TRY_ASSIGN(out.chain_, wallet::chain_info(*out.clients_.front()));
  return out;
}

Result<Value> Sender::ask(std::size_t node, std::string const& method, Value params) {
  return clients_[node]->call(method, std::move(params));
}

Result<void> Sender::wait_height(std::size_t node, ledger::Height height) {
  for (int round = 0; round < rounds_max; ++round) {
    TRY_ASSIGN(auto const info, wallet::chain_info(*clients_[node]));
    if (info.height >= height) return {};
    pause();
  }
  return Error{Code::E_BUSY, "node " + std::to_string(node), "does not reach height " + std::to_string(height)};
}

Result<ledger::Transaction> Sender::sign(Sending const& one) const {
  wallet::Draft draft;
  draft.actor = one.signers.front().party;
  draft.operations = one.operations;
  if (!one.events.empty()) {
    std::vector<ledger::BytesView> views;
    for (auto const& event : one.events) views.push_back(base::bytes_of(event));
    TRY_ASSIGN(auto record, ledger::make_record(ledger::RecordMode::rollback, event_context(), views));
    draft.operations.emplace_back(std::move(record));
    for (auto const& event : one.events) draft.payloads.push_back(base::to_bytes(event));
  }
  return wallet::sign(std::move(draft), chain_, one.signers);
}

Result<ledger::Hash> Sender::submit(std::size_t node, ledger::Transaction const& transaction) {
  Result<ledger::Hash> id = Error{Code::E_NOT_YET_VALID, "", ""};
  // A node that is a block behind the one that moved the clock will know the time in a moment.
  for (int round = 0; round < rounds_max && !id && id.error().code == Code::E_NOT_YET_VALID; ++round) {
    if (round > 0) pause();
    id = wallet::submit(*clients_[node], transaction);
  }
  return id;
}

Result<void> Sender::repeat(Sending const& one, ledger::Transaction const& transaction) {
  auto const id = transaction.body.id();
  for (std::size_t i = 0; i < one.repeats; ++i) {
    TRY_ASSIGN(auto const again, wallet::submit(*clients_[i % clients_.size()], transaction));
    if (again != id) return Error{Code::E_NOT_ALLOWED_HERE, one.what, "sent again it is " + again.hex()};
  }
  return {};
}

Result<void> Sender::judge(Sending const& one, ledger::Transaction const& transaction, std::size_t node) {
  TRY_ASSIGN(auto const outcome, wallet::wait(*clients_[node], transaction.body.id(), patience_ms));
  height_ = std::max(height_, outcome.height);
  bool const old = std::ranges::find(outcome.event_codes, "exists") != outcome.event_codes.end();
  auto const came = outcome.state != "done" ? outcome.code.empty() ? outcome.state : outcome.code : old ? "exists" : "";
  if (came == one.wanted || (!came.empty() && came == one.tolerated)) return {};
  return Error{Code::E_NOT_ALLOWED_HERE, one.what,
               (came.empty() ? "done" : came) + " " + outcome.field + ", expected " +
                   (one.wanted.empty() ? "done" : one.wanted)};
}

Result<void> Sender::send(std::vector<Sending> const& batch) {
  std::vector<ledger::Transaction> signed_ones;
  std::vector<std::size_t> at;
  for (auto const& one : batch) {
    TRY_ASSIGN(auto transaction, sign(one));
    at.push_back(next_++ % clients_.size());
    auto const id = submit(at.back(), transaction);
    if (!id) return Error{id.error().code, one.what, id.error().field + " " + id.error().detail};
    TRY(repeat(one, transaction));
    ++transactions_;
    events_ += one.events.size();
    signed_ones.push_back(std::move(transaction));
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    TRY(judge(batch[i], signed_ones[i], at[i]));
    if (batch[i].then) batch[i].then(signed_ones[i]);
  }
  return {};
}

Result<void> Sender::advance(ledger::TimeMs time_ms) {
  TRY_ASSIGN(auto const now, wallet::chain_info(*clients_.front()));
  chain_.time_ms = std::max(chain_.time_ms, now.time_ms);
  if (chain_.time_ms >= time_ms) return {};
  Sending one;
  one.what = "advance_time";
  one.signers = {clock_};
  one.operations.emplace_back(ledger::AdvanceTime{time_ms});
  // A slow machine's clock has come there by itself.
  one.tolerated = "E_TIME_WINDOW";
  TRY(send({one}));
  chain_.time_ms = time_ms;
  return {};
}

}  // namespace testnet
