// SPDX-License-Identifier: Apache-2.0
#include "node/admission.hpp"

#include <gtest/gtest.h>

#include "contracts/machine.hpp"
#include "node/cluster_test.hpp"

namespace node {
namespace {

/// A world whose workers finish when they are told to.
struct Seams final : Clock, Transport, Workers {
  std::uint64_t steady_ms() const override { return 1'000; }
  TimeMs wall_ms() const override { return genesis_ms + 1'000; }
  void wake_at(std::uint64_t) override {}
  void send(Place, SharedBytes) override {}
  void broadcast(SharedBytes) override {}
  void members(std::vector<Member> const&, std::optional<Place>) override {}
  bool is_connected(Place) const override { return true; }
  void run(std::function<void()> job, std::function<void()> done) override {
    job();
    finish = std::move(done);
  }
  TimeMs genesis_ms = 0;
  std::function<void()> finish;
};

TEST(Admission, WhatWasRecordedWhileItWasJudgedDoesNotEnterThePool) {
  test::Cluster const cluster;
  auto const payment = cluster.payment(1);
  auto const id = cluster.id_of(payment);
  auto const genesis = execute_genesis(cluster.genesis);
  ASSERT_TRUE(genesis);
  auto const certified = [&](ledger::StateDiff const& more) {
    auto state = std::make_shared<ledger::MemoryState>();
    state->apply(genesis->diff);
    state->apply(more);
    return std::make_shared<ledger::Certified const>(
        ledger::Certified{cluster.genesis.chain(), cluster.genesis.validators, genesis->header, {}, state, {}});
  };
  Seams seams;
  seams.genesis_ms = cluster.genesis.time_ms;
  for (bool const recorded : {false, true}) {
    Admission admission(cluster.genesis.chain(), seams, seams, seams, {}, [] {});
    admission.follow(certified({}), cluster.genesis.parameters, 0);
    std::optional<Result<Hash>> answer;
    admission.submit(payment, [&](Result<Hash> const& said) { answer = said; });
    ledger::StateDiff receipt;
    if (recorded) receipt[ledger::state_key(ledger::Space::receipt, id.view())] = Bytes{1};
    admission.follow(certified(receipt), cluster.genesis.parameters, 0);
    seams.finish();
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ(**answer, id);
    EXPECT_EQ(admission.pool().size(), recorded ? 0u : 1u);
  }
}

TEST(Admission, WhoHasNoWorkLeftIsRefused) {
  test::Cluster const cluster;
  auto const payment = cluster.payment(1);
  auto const genesis = execute_genesis(cluster.genesis);
  ASSERT_TRUE(genesis);
  auto const transaction = base::decode<ledger::Transaction>(payment);
  ASSERT_TRUE(transaction);
  auto const time_ms = cluster.genesis.time_ms + 1'000;
  ledger::MemoryState state;
  state.apply(genesis->diff);
  ledger::Overlay spent(state);
  ledger::store(spent, ledger::state_key(ledger::Space::meter, transaction->body.actor.view()),
                ledger::MeterRecord{0, time_ms});
  state.apply(spent.diff());
  Verified verified;
  auto const judged = [&](ledger::TimeMs at_ms) {
    return judge_candidate(payment, cluster.genesis.chain(), cluster.genesis.parameters, at_ms, state, verified);
  };
  auto const refused = judged(time_ms);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::E_METER);
  EXPECT_EQ(refused.error().field, "actor");
  EXPECT_TRUE(judged(time_ms + 1'000));
}

TEST(Admission, WhoseKeyNobodyKnowsIsRefused) {
  test::Cluster const cluster;
  auto const genesis = execute_genesis(cluster.genesis);
  ASSERT_TRUE(genesis);
  ledger::MemoryState state;
  state.apply(genesis->diff);
  auto const transaction = base::decode<ledger::Transaction>(cluster.payment(1));
  ASSERT_TRUE(transaction);
  auto const verdict = [&](auto const& change) {
    auto changed = *transaction;
    change(changed.body);
    auto const admitted =
        contracts::check_admission(state, changed, cluster.genesis.parameters, cluster.genesis.time_ms + 1'000);
    return admitted ? base::Code::done : admitted.error().code;
  };
  EXPECT_EQ(verdict([](ledger::Body&) {}), base::Code::done);
  EXPECT_EQ(verdict([](ledger::Body& body) { body.actor = ledger::party_id("9521999000009"); }),
            base::Code::E_MEMBER_UNKNOWN);
  EXPECT_EQ(verdict([](ledger::Body& body) { body.signers.front().key = {}; }), base::Code::E_KEY_UNKNOWN);
  EXPECT_EQ(verdict([](ledger::Body& body) { body.signers.clear(); }), base::Code::E_MISSING_SIGNER);
}

}  // namespace
}  // namespace node
