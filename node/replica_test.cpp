// SPDX-License-Identifier: Apache-2.0
#include "node/replica.hpp"

#include <gtest/gtest.h>

#include "node/cluster_test.hpp"

namespace node {
namespace {

using base::Code;
using test::Cluster;

bool is_recorded(Cluster& cluster, Place place, Hash const& id) {
  return cluster.node(place).certified()->state->get(ledger::receipt_key(id)).has_value();
}

void expect_agreement(Cluster& cluster) {
  std::map<Height, Hash> roots;
  for (Place place = 0; place < Cluster::nodes; ++place) {
    if (!cluster.is_up(place)) continue;
    auto const certified = cluster.node(place).certified();
    auto const& header = certified->header;
    EXPECT_EQ(header.state_root, certified->tree.root());
    EXPECT_EQ(header.state_root, ledger::StateTree::of(*certified->state).root());
    EXPECT_TRUE(ledger::verify_rows(*certified->state));
    ASSERT_TRUE(certified->finality || header.height == 0);
    EXPECT_TRUE(!certified->finality || ledger::verify(*certified->finality, header, certified->validators));
    auto const root = roots.emplace(header.height, header.state_root).first;
    EXPECT_EQ(root->second, header.state_root) << "height " << header.height;
  }
}

/// Four nodes, with money on ALFA's account.
class ReplicaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster.start_all();
    pay(0, 0);
    ASSERT_TRUE(cluster.run_to(1));
  }
  void pay(Place place, std::uint64_t number) {
    auto const answer = cluster.submit(place, cluster.payment(number));
    ASSERT_TRUE(answer.has_value());
    ASSERT_TRUE(*answer) << base::to_string(answer->error());
    EXPECT_EQ(**answer, cluster.id_of(cluster.payment(number)));
  }
  Height height(Place place) { return cluster.node(place).certified()->header.height; }

  Cluster cluster;
  storage::test::MemoryFolder old_log;
};

TEST_F(ReplicaTest, PaymentsAtAnyNodeAreDecidedByAll) {
  for (std::uint64_t number = 1; number <= 40; ++number) pay(static_cast<Place>(number % 4), number);
  ASSERT_TRUE(cluster.run_to(2));
  for (Place place = 0; place < Cluster::nodes; ++place) EXPECT_EQ(cluster.paid(place), 40u);
  cluster.run(5'000);
  expect_agreement(cluster);
  std::size_t included = 0;
  for (Height at = 1; at <= height(0); ++at) {
    auto const decision = cluster.store(0).decision(at);
    ASSERT_TRUE(decision && *decision);
    auto const block = base::decode<consensus::Block>((*decision)->blocks[at - (*decision)->first].block);
    ASSERT_TRUE(block);
    included += block->header.tx_count;
  }
  EXPECT_EQ(included, 41u) << "a block holds what its undecided ancestors hold";
}

TEST_F(ReplicaTest, TheNextLeaderHasItsBlockReadyWhileTheOthersVote) {
  for (std::uint64_t number = 1; number <= 60; ++number) {
    pay(static_cast<Place>(number % 4), number);
    cluster.run(20);
  }
  cluster.run(5'000);
  expect_agreement(cluster);
  for (Place place = 0; place < Cluster::nodes; ++place) {
    EXPECT_EQ(cluster.paid(place), 60u) << "none is left out, none is in two blocks";
    EXPECT_GT(cluster.node(place).status().prebuilt, 0u) << "validator " << place;
  }
}

TEST_F(ReplicaTest, TheSameBytesAgainGetTheSameAnswerAndPayOnce) {
  for (int time = 0; time < 3; ++time) {
    pay(0, 1);
    pay(1, 1);
  }
  ASSERT_TRUE(cluster.run_to(2));
  for (int time = 0; time < 3; ++time) pay(0, 1);
  EXPECT_EQ(cluster.node(0).pool().size(), 0u);
  cluster.run(5'000);
  EXPECT_EQ(cluster.paid(3), 1u);
}

TEST_F(ReplicaTest, WhatIsWrongIsRefusedWithItsCode) {
  auto bytes = cluster.payment(1);
  bytes.back() ^= 1;
  auto const forged = cluster.submit(0, bytes);
  ASSERT_TRUE(forged && !*forged);
  EXPECT_EQ(forged->error().code, Code::E_SIGNATURE);
  auto const garbage = cluster.submit(0, Bytes(100, 0xee));
  ASSERT_TRUE(garbage && !*garbage);
  EXPECT_EQ(garbage->error().code, Code::E_ENCODING);
  cluster.run(601'000);
  auto const late = cluster.submit(0, cluster.payment(1));
  ASSERT_TRUE(late && !*late);
  EXPECT_EQ(late->error().code, Code::E_EXPIRED);
}

TEST_F(ReplicaTest, WhoWasDownCatchesUp) {
  cluster.crash(2);
  for (std::uint64_t number = 1; number <= 150; ++number) {
    pay(static_cast<Place>(number % 2), number);
    if (number % 10 == 0) cluster.run(300);
  }
  ASSERT_TRUE(cluster.run_to(12));
  auto const reached = height(0);
  cluster.lies(1);
  ASSERT_TRUE(cluster.start(2));
  ASSERT_TRUE(cluster.run_to(reached));
  EXPECT_GT(cluster.lies_told, 0u);
  EXPECT_EQ(cluster.paid(2), 150u);
  pay(2, 151);
  ASSERT_TRUE(cluster.run_to(reached + 1));
  EXPECT_EQ(cluster.paid(2), 151u);
  expect_agreement(cluster);
}

TEST_F(ReplicaTest, AllCrashAtOnceAndNothingAcknowledgedIsLost) {
  std::uint64_t number = 1;
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 3; ++i) pay(static_cast<Place>(number % 4), number), ++number;
    cluster.run(static_cast<std::uint64_t>(37 * round));
    std::vector<Hash> acknowledged;
    Height reached = 0;
    for (std::uint64_t old = 1; old < number; ++old) {
      auto const id = cluster.id_of(cluster.payment(old));
      if (is_recorded(cluster, 1, id)) acknowledged.push_back(id);
    }
    reached = height(1);
    for (Place place = 0; place < Cluster::nodes; ++place) cluster.crash(place);
    cluster.start_all();
    ASSERT_TRUE(cluster.run_to(reached + 1)) << round;
    for (auto const& id : acknowledged) EXPECT_TRUE(is_recorded(cluster, 3, id)) << round;
    expect_agreement(cluster);
  }
}

TEST_F(ReplicaTest, AStateThatFellBehindIsReplayedFromTheLog) {
  for (std::uint64_t number = 1; number <= 10; ++number) {
    pay(0, number);
    cluster.run(200);
  }
  auto const reached = height(0);
  auto const old = cluster.disk(3);
  for (std::uint64_t number = 11; number <= 20; ++number) {
    pay(0, number);
    cluster.run(200);
  }
  ASSERT_TRUE(cluster.run_to(reached + 2));
  cluster.crash(3);
  cluster.disk(3).records = old.records;
  cluster.disk(3).applied = old.applied;
  ASSERT_TRUE(cluster.start(3));
  EXPECT_EQ(cluster.paid(3), 20u) << "before it hears of anybody";
  cluster.crash(3);
  cluster.disk(3).records.clear();
  cluster.disk(3).applied.reset();
  ASSERT_TRUE(cluster.start(3));
  EXPECT_EQ(cluster.paid(3), 20u);
  expect_agreement(cluster);
}

TEST_F(ReplicaTest, AStateAheadOfItsLogIsMadeAgain) {
  for (std::uint64_t number = 1; number <= 10; ++number) {
    pay(0, number);
    cluster.run(200);
    if (number != 5) continue;
    old_log = cluster.disk(3).log;
  }
  auto const reached = height(0);
  cluster.crash(3);
  cluster.disk(3).log = old_log;
  ASSERT_TRUE(cluster.start(3));
  EXPECT_EQ(cluster.paid(3), 5u);
  ASSERT_TRUE(cluster.run_to(reached));
  EXPECT_EQ(cluster.paid(3), 10u);
  expect_agreement(cluster);
}

TEST_F(ReplicaTest, AStateThatDoesNotFitItsLogStopsTheStart) {
  cluster.run(5'000);
  cluster.crash(0);
  auto const good = cluster.disk(0);

  auto const row = ledger::state_key(ledger::Space::tree_leaf, ledger::tree_key(ledger::Space::epoch, "").view());
  auto const expect_refused = [&] {
    auto const altered = cluster.start(0);
    ASSERT_FALSE(altered);
    EXPECT_NE(altered.error().detail.find("the certified one is"), std::string::npos) << altered.error().detail;
  };
  cluster.disk(0).records.at(row).back() ^= 1;
  expect_refused();
  cluster.disk(0).records.erase(row);
  expect_refused();

  cluster.disk(0) = good;
  cluster.genesis.chain_name = "another";
  auto const foreign = cluster.start(0);
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().detail.find("belongs to the chain"), std::string::npos) << foreign.error().detail;
}

TEST_F(ReplicaTest, ADiskThatFillsUpRefusesThenStopsVotingThenGoesOn) {
  cluster.disk(0).free_bytes = std::uint64_t{1} << 30;
  cluster.run(1'500);
  auto const refused = cluster.submit(0, cluster.payment(1));
  ASSERT_TRUE(refused && !*refused);
  EXPECT_EQ(refused->error().code, Code::E_DISK);
  pay(1, 1);
  ASSERT_TRUE(cluster.run_to(2));

  cluster.disk(0).free_bytes = std::uint64_t{1} << 20;
  cluster.run(1'500);
  auto const stopped = height(0);
  pay(1, 2);
  cluster.run(3'000);
  EXPECT_EQ(height(0), stopped);
  EXPECT_EQ(cluster.paid(1), 2u);
  EXPECT_EQ(cluster.node(0).status().not_ready, "not voting: less than 256 MiB of disk left");

  cluster.disk(0).free_bytes = std::uint64_t{100} << 30;
  cluster.run(15'000);
  EXPECT_EQ(cluster.paid(0), 2u);
  EXPECT_EQ(cluster.node(0).status().not_ready, "");
  pay(0, 3);
  EXPECT_TRUE(cluster.run_to(height(1)));
}

TEST_F(ReplicaTest, SaysWhyItIsNotReady) {
  EXPECT_EQ(cluster.node(0).status().not_ready, "");
  cluster.crash(2);
  EXPECT_EQ(cluster.node(0).status().not_ready, "");
  cluster.crash(3);
  cluster.run(12'000);
  auto const words = cluster.node(0).status().not_ready;
  EXPECT_EQ(words.substr(0, words.find(" s ago") - 2), "2 of 4 validators reachable, 3 needed; last block ") << words;
  auto const pending = cluster.submit(0, cluster.payment(1));
  ASSERT_TRUE(pending && *pending) << "it is admitted and waits";
  ASSERT_TRUE(cluster.start(3));
  EXPECT_TRUE(cluster.run_to(2));
  EXPECT_EQ(cluster.paid(3), 1u);
}

TEST_F(ReplicaTest, ATransactionThatNobodyHeardOfIsToldAgain) {
  cluster.passes = [](Place from, Place to) { return from != 0 && to != 0; };
  auto const submitted = cluster.submit(0, cluster.payment(1));
  ASSERT_TRUE(submitted && *submitted);
  cluster.run(1'000);
  // It hears nothing, so it stays in its view and cannot propose; the others must.
  cluster.passes = [](Place, Place to) { return to != 0; };
  cluster.run(20'000);
  EXPECT_EQ(cluster.paid(2), 1u);
}

TEST_F(ReplicaTest, WhatComesAMomentTooEarlyWaitsForTheBlockThatItFollows) {
  auto const first = cluster.payment(1);
  auto const second = cluster.payment(2, cluster.id_of(first));
  std::optional<Result<Hash>> early, late;
  cluster.node(0).submit(second, [&](Result<Hash> const& reply) { early = reply; });
  cluster.run(100);
  EXPECT_FALSE(early) << "no answer yet";
  auto const submitted = cluster.submit(1, first);
  ASSERT_TRUE(submitted && *submitted);
  cluster.run(1'000);
  ASSERT_TRUE(early && *early);
  ASSERT_TRUE(cluster.run_to(3));
  EXPECT_EQ(cluster.paid(2), 2u);

  auto const orphan = cluster.payment(3, Hash{{9}});
  cluster.node(0).submit(orphan, [&](Result<Hash> const& reply) { late = reply; });
  cluster.run(5'000);
  ASSERT_TRUE(late && !*late);
  EXPECT_EQ(late->error().code, Code::E_AFTER);
}

TEST_F(ReplicaTest, AFrameThatIsNoneIsANamedError) {
  auto const garbage = cluster.node(0).receive(1, Bytes(50, 7));
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code, Code::E_ENCODING);
  pay(0, 1);
  EXPECT_TRUE(cluster.run_to(2));
}

/// Nobody sends anything, and the next idle block is far away.
TEST_F(ReplicaTest, ADeadlineMakesTheBlockOfAnIdleChain) {
  constexpr std::uint64_t lasts_ms = 7'000;
  Cluster idle;
  idle.genesis.parameters.idle_block_ms = 50'000;
  idle.start_all();
  ASSERT_TRUE(idle.submit(0, idle.payment(0)));
  ASSERT_TRUE(idle.run_to(1));
  auto const begun_ms = idle.now_ms();
  ASSERT_TRUE(idle.submit(0, idle.hold(idle.genesis.time_ms + begun_ms + lasts_ms)));
  ASSERT_TRUE(idle.run_to(2));
  auto const state_of = [&](Place place) { return idle.node(place).certified(); };
  auto const height = state_of(0)->header.height;
  EXPECT_EQ(idle.balance_of_alfa(*state_of(0)->state).held, 1u);
  idle.run(begun_ms + lasts_ms - 100 - idle.now_ms());
  EXPECT_EQ(state_of(0)->header.height, height) << "nothing is due yet";
  idle.run(100 + 500);
  // The block at the deadline, and one that was begun before all knew that nothing more is due.
  auto const after = state_of(0)->header.height;
  EXPECT_GE(after, height + 1);
  EXPECT_LE(after, height + 2);
  for (Place place = 0; place < Cluster::nodes; ++place) {
    EXPECT_EQ(state_of(place)->header.height, after);
    EXPECT_GE(state_of(place)->header.time_ms, idle.genesis.time_ms + begun_ms + lasts_ms);
    EXPECT_EQ(idle.balance_of_alfa(*state_of(place)->state).held, 0u) << "at " << place;
  }
  idle.run(20'000);
  EXPECT_EQ(state_of(0)->header.height, after) << "and nothing is due any more";
}

TEST_F(ReplicaTest, AnIdleChainWritesLittle) {
  cluster.crash(0);
  cluster.crash(1);
  cluster.crash(2);
  cluster.crash(3);
  Cluster idle;
  idle.genesis.parameters.idle_block_ms = ledger::Parameters().idle_block_ms;
  idle.start_all();
  idle.run(30'000);
  auto const written = [&] {
    std::uint64_t bytes = 0;
    for (auto const* folder : {&idle.disk(0).log, &idle.disk(0).journal}) {
      for (auto const& [name, size] : folder->list()) bytes += size;
    }
    return bytes;
  };
  auto const before = written();
  auto const syncs = idle.disk(0).journal.syncs + idle.disk(0).log.syncs;
  auto const first = idle.node(0).certified()->header.height;
  idle.run(60'000);
  auto const blocks = idle.node(0).certified()->header.height - first;
  EXPECT_GE(blocks, 2u);
  EXPECT_LE(blocks, 4u);
  // A disk writes whole pages: each sync at least one, beside those that the bytes fill, and some for the state.
  auto const synced = idle.disk(0).journal.syncs + idle.disk(0).log.syncs - syncs;
  EXPECT_LE(synced, 3 * blocks + 2);
  EXPECT_LE(synced * 4'096 + (written() - before), 56u << 10);
}

}  // namespace
}  // namespace node
