// SPDX-License-Identifier: Apache-2.0
#include "testnet/player.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "ledger/record.hpp"
#include "testnet/events.hpp"

namespace testnet {

using base::Error;
using base::Result;
using base::Value;

namespace {
constexpr std::uint64_t patience_ms = 30'000;
/// At 50 ms each, ten seconds.
constexpr int clock_rounds = 200;
}  // namespace

Player::Player(Keyring keyring, wallet::Identity clock, std::vector<std::string> urls, ValidatorKeys validators)
    : keyring_(std::move(keyring)), clock_(clock), urls_(std::move(urls)), validators_(std::move(validators)) {}

crypto::Evidence two_results(crypto::ValidatorSecret const& secret, ledger::Hash const& chain) {
  auto const vote = [&](std::string_view result) {
    crypto::Ballot ballot;
    ballot.kind = crypto::VoteKind::finalize;
    ballot.chain = chain;
    ballot.epoch = ballot.view = ballot.height = 1;
    ballot.block = ballot.result = crypto::sha256(base::bytes_of(result));
    return crypto::SignedBallot{ballot, crypto::validator_sign(secret, ballot.digest())};
  };
  return crypto::make_evidence(crypto::validator_key(secret), vote("one"), vote("another"));
}

Result<crypto::Evidence> Player::equivocate(std::string const& code) {
  auto const secret = validators_.find(code);
  if (secret == validators_.end()) return Error{base::Code::E_FORM, "equivocates", code + " is no validator"};
  TRY_ASSIGN(auto const info, chain());
  return two_results(secret->second, info.chain);
}

template <class T>
Result<T> Player::with_node(std::function<Result<T>(rpc::Client&)> const& ask) {
  Result<T> last = Error{base::Code::E_BUSY, "", "no node was asked"};
  for (std::size_t tried = 0; tried < urls_.size(); ++tried) {
    auto client = rpc::connect(urls_[next_++ % urls_.size()]);
    if (!client) return client.error();
    last = ask(**client);
    bool const unreachable =
        !last && (last.error().field.starts_with("http://") || last.error().code == base::Code::E_SYNCING);
    if (!unreachable) return last;
  }
  return last;
}

Result<wallet::ChainInfo> Player::chain() {
  return with_node<wallet::ChainInfo>([](rpc::Client& client) { return wallet::chain_info(client); });
}

Result<void> Player::level(rpc::Client& client) const {
  TRY_ASSIGN(auto const info, wallet::chain_info(client));
  if (info.height >= height_) return {};
  return Error{base::Code::E_NOT_YET_VALID, "height", "the node is behind"};
}

Result<Value> Player::call(std::string const& method, Value params) {
  Result<Value> answer = Error{base::Code::E_NOT_YET_VALID, "", ""};
  for (int round = 0; round < clock_rounds && !answer && answer.error().code == base::Code::E_NOT_YET_VALID; ++round) {
    if (round > 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    answer = with_node<Value>([&](rpc::Client& client) -> Result<Value> {
      TRY(level(client));
      return client.call(method, params);
    });
  }
  return answer;
}

Result<wallet::Outcome> Player::send(wallet::Draft draft, std::vector<wallet::Identity> const& identities,
                                     ledger::TimeMs time_ms) {
  TRY_ASSIGN(auto info, chain());
  // Right after the clock was moved, blocks of the new time are still to come.
  info.time_ms = std::max({info.time_ms, time_ms, advanced_to_ms_});
  auto const transaction = wallet::sign(std::move(draft), info, identities);
  ++transactions_;
  last_ = transaction;
  Result<ledger::Hash> id = Error{base::Code::E_NOT_YET_VALID, "", ""};
  // A node that is a block behind the one that moved the clock will know the time in a moment.
  for (int round = 0; round < clock_rounds && !id && id.error().code == base::Code::E_NOT_YET_VALID; ++round) {
    if (round > 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    id = with_node<ledger::Hash>([&](rpc::Client& client) -> Result<ledger::Hash> {
      TRY(level(client));
      return wallet::submit(client, transaction);
    });
  }
  if (!id) return id.error();
  auto const outcome =
      with_node<wallet::Outcome>([&](rpc::Client& client) { return wallet::wait(client, *id, patience_ms); });
  if (outcome) height_ = std::max(height_, outcome->height);
  return outcome;
}

Result<wallet::Outcome> Player::repeat(std::size_t times) {
  if (!last_) return Error{base::Code::E_FORM, "repeat", "nothing was sent before"};
  auto const id = last_->body.id();
  for (std::size_t i = 0; i < times; ++i) {
    auto const again = with_node<ledger::Hash>([&](rpc::Client& client) { return wallet::submit(client, *last_); });
    if (!again) return again.error();
    if (*again != id) return Error{base::Code::E_ENCODING, "repeat", "another id for the same bytes"};
  }
  return with_node<wallet::Outcome>([&](rpc::Client& client) { return wallet::wait(client, id, patience_ms); });
}

Result<void> Player::advance(ledger::TimeMs time_ms) {
  TRY_ASSIGN(auto const info, chain());
  if (std::max(info.time_ms, advanced_to_ms_) >= time_ms) return {};
  wallet::Draft draft;
  draft.operations.emplace_back(ledger::AdvanceTime{time_ms});
  TRY_ASSIGN(auto const outcome, send(std::move(draft), {clock_}, info.time_ms));
  if (outcome.state != "done")
    return Error{base::Code::E_NOT_ALLOWED_HERE, "advance_time", outcome.state + " " + outcome.code};
  advanced_to_ms_ = time_ms;
  return {};
}

Result<wallet::Outcome> Player::play(std::vector<std::string> const& signers, ledger::Operation operation) {
  return play({signers, {}, {std::move(operation)}, 0});
}

Result<wallet::Draft> draft_of(Act const& act, base::PartyId const& actor) {
  wallet::Draft out;
  out.actor = actor;
  out.operations = act.operations;
  if (act.events.empty()) return out;
  std::vector<ledger::BytesView> views;
  for (auto const& event : act.events) views.push_back(base::bytes_of(event));
  TRY_ASSIGN(auto record, ledger::make_record(ledger::RecordMode::rollback, event_context(), views));
  out.operations.emplace_back(std::move(record));
  for (auto const& event : act.events) out.payloads.push_back(base::to_bytes(event));
  return out;
}

Result<wallet::Outcome> Player::play(Act const& act) {
  TRY(advance(act.time_ms));
  std::vector<wallet::Identity> identities;
  for (auto const& signer : act.signers) identities.push_back(keyring_.at(signer));
  TRY_ASSIGN(auto draft, draft_of(act, identities.front().party));
  events_ += act.events.size();
  return send(std::move(draft), identities, act.time_ms);
}

}  // namespace testnet
