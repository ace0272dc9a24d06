// SPDX-License-Identifier: Apache-2.0
#include "node/admission.hpp"

#include <gtest/gtest.h>

#include "contracts/machine.hpp"
#include "node/cluster_test.hpp"

namespace node {
namespace {

/// A world whose workers finish when they are told to, the last of them first.
struct Seams final : Clock, Transport, Workers {
  std::uint64_t steady_ms() const override { return 1'000; }
  TimeMs wall_ms() const override { return genesis_ms + 1'000; }
  void wake_at(std::uint64_t) override {}
  void send(Place, SharedBytes) override {}
  void broadcast(SharedBytes) override {}
  void members(std::vector<Member> const&, std::optional<Place>) override {}
  bool is_connected(Place) const override { return true; }
  void run(Rank, std::function<void()> job, std::function<void()> done) override {
    job();
    finished.push_back(std::move(done));
  }
  void finish() {
    auto const done = std::move(finished.back());
    finished.pop_back();
    done();
  }
  void finish_oldest() {
    auto const done = std::move(finished.front());
    finished.erase(finished.begin());
    done();
  }
  TimeMs genesis_ms = 0;
  std::vector<std::function<void()>> finished;
};

std::vector<Admission::Submission> together(std::vector<Bytes> const& transactions,
                                            std::vector<std::optional<Result<Hash>>>& answers) {
  std::vector<Admission::Submission> out;
  answers.resize(transactions.size());
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    out.push_back({transactions[i], [&answers, i](Result<Hash> const& said) { answers[i] = said; }});
  }
  return out;
}

std::shared_ptr<ledger::Certified const> certified(test::Cluster const& cluster, ledger::StateDiff const& more = {}) {
  auto const genesis = execute_genesis(cluster.genesis);
  auto state = std::make_shared<ledger::MemoryState>();
  state->apply(genesis->diff);
  state->apply(more);
  return std::make_shared<ledger::Certified const>(
      ledger::Certified{cluster.genesis.chain(), cluster.genesis.validators, genesis->header, {}, state, {}});
}

TEST(Admission, WhatComesTogetherIsJudgedInGroups) {
  test::Cluster const cluster;
  std::vector<Bytes> payments;
  constexpr std::size_t count = 2 * judged_together_max + 3;
  for (std::uint64_t number = 1; number <= count; ++number) payments.push_back(cluster.payment(number));
  payments[5] = Bytes(100, 0xee);
  payments[20] = payments[7];
  Seams seams;
  seams.genesis_ms = cluster.genesis.time_ms;
  unsigned told = 0;
  Admission admission(cluster.genesis.chain(), seams, seams, seams, {}, [&] { ++told; });
  admission.follow(certified(cluster), cluster.genesis.parameters, 0);
  std::vector<std::optional<Result<Hash>>> answers;
  admission.submit(together(payments, answers));
  EXPECT_EQ(seams.finished.size(), 3u) << "jobs";
  while (!seams.finished.empty()) seams.finish();
  EXPECT_EQ(told, 3u) << "once a job, when all of it is in the pool";
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(answers[i]) << i;
    if (i == 5) {
      EXPECT_EQ(answers[i]->error().code, base::Code::E_ENCODING);
    } else {
      EXPECT_EQ(**answers[i], cluster.id_of(payments[i])) << i;
    }
  }
  EXPECT_EQ(admission.pool().size(), count - 2);

  admission.submit(together({payments[0], payments[1]}, answers));
  seams.finish();
  EXPECT_TRUE(*answers[0] && *answers[1]) << "the same bytes again";
  EXPECT_EQ(told, 3u) << "and nothing new";
}

TEST(Admission, NoMoreAreJudgedAtATimeThanItsBound) {
  test::Cluster const cluster;
  Seams seams;
  seams.genesis_ms = cluster.genesis.time_ms;
  Admission admission(cluster.genesis.chain(), seams, seams, seams, {}, [] {});
  admission.follow(certified(cluster), cluster.genesis.parameters, 0);
  std::vector<std::optional<Result<Hash>>> answers;
  constexpr auto part = judged_transactions_max / 2;
  admission.submit(together(std::vector<Bytes>(part + 2, Bytes(1, 0xee)), answers));
  EXPECT_FALSE(answers[part - 1]);
  for (std::size_t i = part; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i]);
    EXPECT_EQ(answers[i]->error().code, base::Code::E_BUSY);
  }
  EXPECT_EQ(seams.finished.size(), judging_jobs_max) << "jobs out at a time";
  while (!seams.finished.empty()) seams.finish();
  EXPECT_EQ(answers[part - 1]->error().code, base::Code::E_ENCODING);
  constexpr std::size_t large = std::size_t{1} << 20;
  for (int time = 0; time < 2; ++time) {
    std::vector<std::optional<Result<Hash>>> of_bytes;
    admission.submit(together(std::vector<Bytes>(judged_bytes_max / large / 2 + 1, Bytes(large, 0xee)), of_bytes));
    EXPECT_FALSE(of_bytes[judged_bytes_max / large / 2 - 1]) << "there is room again";
    ASSERT_TRUE(of_bytes.back());
    EXPECT_EQ(of_bytes.back()->error().code, base::Code::E_BUSY);
    while (!seams.finished.empty()) seams.finish();
  }
}

TEST(Admission, ClientsAndPeersTakeTurns) {
  test::Cluster const cluster;
  Seams seams;
  seams.genesis_ms = cluster.genesis.time_ms;
  Admission admission(cluster.genesis.chain(), seams, seams, seams, {}, [] {});
  admission.follow(certified(cluster), cluster.genesis.parameters, 0);
  // Two peers bring more than there is room for, a third one payment, and a client another.
  auto const flood = [&](Place from, std::uint64_t first) {
    for (std::uint64_t frame = 0; frame < 10; ++frame) {
      GossipFrame gossip;
      for (std::uint64_t i = 0; i < 1'000; ++i) {
        auto bytes = Bytes(8, 0xee);
        bytes.resize(8 + (first + frame + i) % 7);
        gossip.transactions.emplace_back(bytes);
      }
      admission.receive(from, std::move(gossip));
    }
  };
  flood(1, 0);
  flood(2, 1);
  GossipFrame gossip;
  gossip.transactions.emplace_back(cluster.payment(1));
  admission.receive(3, std::move(gossip));
  std::vector<std::optional<Result<Hash>>> answers;
  admission.submit(together({cluster.payment(2)}, answers));
  EXPECT_FALSE(answers[0]) << "there is room for it";
  // What was out already, and then a group of each.
  for (std::size_t job = 0; job < judging_jobs_max + 4; ++job) {
    ASSERT_FALSE(seams.finished.empty());
    seams.finish_oldest();
  }
  EXPECT_TRUE(answers[0] && *answers[0]);
  EXPECT_EQ(admission.pool().size(), 2u);
}

TEST(Admission, WhatThePoolHasNoRoomForIsRefusedBeforeItsSignatureIsChecked) {
  test::Cluster const cluster;
  Seams seams;
  seams.genesis_ms = cluster.genesis.time_ms;
  Admission admission(cluster.genesis.chain(), seams, seams, seams, {4, 1 << 20, 4, 4}, [] {});
  admission.follow(certified(cluster), cluster.genesis.parameters, 0);
  auto const answer_to = [&](Bytes const& bytes) {
    std::vector<std::optional<Result<Hash>>> answers;
    admission.submit(together({bytes}, answers));
    seams.finish();
    return *answers[0];
  };
  EXPECT_TRUE(answer_to(cluster.payment(1)));
  auto forged = *base::decode<ledger::Transaction>(cluster.payment(2));
  forged.signatures.front().bytes[5] ^= 1;
  auto const refused = answer_to(base::encode(forged));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::E_BUSY);
  EXPECT_TRUE(answer_to(cluster.payment(1))) << "what is in the pool has its room";
}

TEST(Admission, WhatWasRecordedWhileItWasJudgedDoesNotEnterThePool) {
  test::Cluster const cluster;
  auto const payment = cluster.payment(1);
  auto const id = cluster.id_of(payment);
  Seams seams;
  seams.genesis_ms = cluster.genesis.time_ms;
  for (bool const recorded : {false, true}) {
    Admission admission(cluster.genesis.chain(), seams, seams, seams, {}, [] {});
    admission.follow(certified(cluster), cluster.genesis.parameters, 0);
    std::vector<std::optional<Result<Hash>>> answers;
    admission.submit(together({payment}, answers));
    ledger::StateDiff receipt;
    if (recorded) receipt[ledger::receipt_key(id)] = Bytes{1};
    admission.follow(certified(cluster, receipt), cluster.genesis.parameters, 0);
    seams.finish();
    ASSERT_TRUE(answers[0] && *answers[0]);
    EXPECT_EQ(**answers[0], id);
    EXPECT_EQ(admission.pool().size(), recorded ? 0u : 1u);
  }
}

/// A block was faster than the line that its transactions wait in.
TEST(Admission, WhatABlockHeldMeanwhileIsNotJudged) {
  test::Cluster const cluster;
  Seams seams;
  seams.genesis_ms = cluster.genesis.time_ms;
  Admission admission(cluster.genesis.chain(), seams, seams, seams, {}, [] {});
  admission.follow(certified(cluster), cluster.genesis.parameters, 0);
  constexpr std::size_t out = judging_jobs_max * judged_together_max;
  std::vector<Bytes> payments;
  for (std::uint64_t number = 1; number <= out + 3; ++number) payments.push_back(cluster.payment(number));
  std::vector<std::optional<Result<Hash>>> answers;
  admission.submit(together(payments, answers));
  // The first is out, the others wait. A proposal named them all, and the block that was decided lacks the last.
  Payload payload;
  for (auto const i : {std::size_t{0}, out, out + 1, out + 2}) {
    payload.ids.push_back(cluster.id_of(payments[i]));
    payload.leaves.push_back(crypto::log_leaf_hash(payments[i]));
  }
  std::vector<ShortName> names;
  for (auto const& leaf : payload.leaves) names.push_back(short_name(leaf));
  for (auto const& found : admission.find(names)) EXPECT_TRUE(found.bytes);
  payload.ids.pop_back();
  payload.leaves.pop_back();
  admission.decided(payload);
  EXPECT_FALSE(answers[0]);
  for (auto const i : {out, out + 1}) {
    ASSERT_TRUE(answers[i]) << i;
    EXPECT_EQ(**answers[i], cluster.id_of(payments[i]));
  }
  EXPECT_FALSE(answers[out + 2]);
  std::size_t jobs = 0;
  for (; !seams.finished.empty(); ++jobs) seams.finish();
  EXPECT_EQ(jobs, judging_jobs_max + 1);
  EXPECT_EQ(**answers[out + 2], cluster.id_of(payments[out + 2]));
  EXPECT_EQ(admission.pool().size(), out + 1) << "the first came behind the block; a real state tells it is recorded";
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
    crypto::PartyVerifier verifier;
    return judge_candidate(payment, cluster.genesis.chain(), cluster.genesis.parameters, at_ms, state, verified,
                           verifier);
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
