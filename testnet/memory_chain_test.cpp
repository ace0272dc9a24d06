// SPDX-License-Identifier: Apache-2.0
#include "testnet/memory_chain_test.hpp"

#include <gtest/gtest.h>

#include "crypto/party.hpp"
#include "crypto/validator.hpp"
#include "ledger/record.hpp"
#include "rpc/dispatch.hpp"
#include "rpc/json.hpp"
#include "testnet/events.hpp"

namespace testnet::test {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {
World const* world_at = nullptr;
}  // namespace

wallet::Identity identity_of(std::string const& name) {
  wallet::Identity out;
  auto const* organisation = world_at == nullptr ? nullptr : world_at->find(name.substr(0, name.find_first_of("./")));
  if (organisation != nullptr) out.party = organisation->party();
  out.secret = {crypto::sha256(base::bytes_of(name)).bytes};
  out.key = *crypto::party_key(out.secret);
  return out;
}

base::PartyKey key_of(std::string const& name) { return identity_of(name).key; }

MemoryChain::MemoryChain(World const& world, ledger::TimeMs time_ms) : time_ms_(time_ms) {
  world_at = &world;
  std::map<std::string, MemberKeys> keys;
  for (auto const& one : world.organisations) keys[one.code] = {key_of(one.code + ".root"), key_of(one.code)};
  crypto::ValidatorSet validators;
  for (auto const& code : world.validators) {
    auto const secret = crypto::ValidatorSecret{crypto::sha256(base::bytes_of("validator " + code)).bytes};
    validators_[code] = secret;
    validators.validators.push_back({world.organisation(code).party(), crypto::validator_key(secret), {}});
  }
  genesis_ = make_genesis(world, keys, validators, ledger::TestClock{key_of("clock"), time_ms}, time_ms, "memory");
  chain_ = genesis_.chain();
  auto execution = contracts::execute_genesis(genesis_);
  EXPECT_TRUE(execution) << base::to_string(execution.error());
  if (execution) adopt(std::move(*execution));
}

void MemoryChain::adopt(contracts::Execution&& execution) {
  for (auto const& alarm : execution.alarms) ADD_FAILURE() << alarm;
  state_->apply(execution.diff);
  tree_ = execution.tree;
  auto at = std::make_shared<ledger::Certified>();
  at->chain = chain_;
  at->header.height = height_;
  at->header.time_ms = time_ms_;
  at->state = state_;
  at_ = at;
}

contracts::Execution MemoryChain::run(std::vector<ledger::Transaction> transactions) {
  ++height_;
  ++time_ms_;
  auto const is_evidence = [](ledger::Operation const& one) {
    return std::holds_alternative<ledger::ReportEvidence>(one);
  };
  bool const ends_epoch = std::ranges::any_of(
      transactions, [&](auto const& one) { return std::ranges::any_of(one.body.operations, is_evidence); });
  return contracts::execute(*state_, tree_, {height_, time_ms_, {}, std::move(transactions), ends_epoch});
}

Result<void> MemoryChain::advance(ledger::TimeMs time_ms) {
  if (time_ms <= time_ms_) return {};
  time_ms_ = time_ms;
  adopt(run({}));
  return {};
}

Result<wallet::Outcome> MemoryChain::play(Act const& act) {
  TRY(advance(act.time_ms));
  std::vector<wallet::Identity> identities;
  for (auto const& signer : act.signers) identities.push_back(identity_of(signer));
  TRY_ASSIGN(auto draft, draft_of(act, identities.front().party));
  wallet::ChainInfo const info{chain_, "memory", height_, time_ms_};
  auto const transaction = wallet::sign(std::move(draft), info, identities);
  last_ = transaction;
  return record(transaction);
}

Result<wallet::Outcome> MemoryChain::repeat(std::size_t times) {
  EXPECT_TRUE(last_);
  Result<wallet::Outcome> out = Error{Code::E_BUSY, "", ""};
  for (std::size_t i = 0; i < times; ++i) out = record(*last_);
  return out;
}

Result<wallet::Outcome> MemoryChain::record(ledger::Transaction const& transaction) {
  TRY(contracts::check(transaction, chain_, genesis_.parameters, time_ms_ + 1));
  TRY(contracts::check_admission(*state_, transaction, genesis_.parameters, time_ms_ + 1));
  auto execution = run({transaction});
  auto const receipt = execution.receipts.back();
  wallet::Outcome out;
  out.id = transaction.body.id();
  out.state = (receipt.code == base::Code::done || receipt.code == base::Code::exists) ? "done" : "failed";
  out.code = base::name(receipt.code);
  out.field = receipt.field;
  for (auto const code : receipt.event_codes) out.event_codes.emplace_back(base::name(code));
  out.height = height_;
  adopt(std::move(execution));
  return out;
}

Result<crypto::Evidence> MemoryChain::equivocate(std::string const& code) {
  return two_results(validators_.at(code), chain_);
}

Result<Value> MemoryChain::call(std::string const& method, Value params) {
  auto request = Value::object();
  request.add("jsonrpc", Value::of("2.0"));
  request.add("id", Value::of(std::uint64_t{1}));
  request.add("method", Value::of(method));
  request.add("params", std::move(params));
  TRY_ASSIGN(auto const answer, rpc::from_text(rpc::dispatch(*this, rpc::Access::member, rpc::to_text(request))));
  if (auto const* result = answer.find("result")) return *result;
  return Error{Code::E_ENCODING, method, rpc::to_text(answer)};
}

Result<ledger::Hash> MemoryChain::submit(ledger::Bytes) { return Error{Code::E_BUSY, "", ""}; }
Result<ledger::Hash> MemoryChain::submit_own(std::vector<ledger::Operation>, std::vector<ledger::Bytes>) {
  return Error{Code::E_BUSY, "", ""};
}

}  // namespace testnet::test
