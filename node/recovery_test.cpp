// SPDX-License-Identifier: Apache-2.0
// A chain that can decide nothing any more, and the file by which its validators go on.
#include "node/recovery.hpp"

#include <gtest/gtest.h>

#include "node/cluster_test.hpp"
#include "node/recover.hpp"

namespace node {
namespace {

using test::Cluster;

class RecoveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster.start_all();
    pay(0);
    pay(0);
  }
  void pay(Place asked) {
    auto const answer = cluster.submit(asked, cluster.payment(paid_++));
    ASSERT_TRUE(answer && *answer);
    ASSERT_TRUE(cluster.run_to(cluster.node(asked).certified()->header.height + 1));
  }
  ledger::ResultHeader const& tip(Place place) { return cluster.node(place).certified()->header; }
  Recovery draft() {
    return {1, cluster.genesis.chain(), 1, tip(0).height, tip(0).hash(), cluster.genesis.validators, {}};
  }
  Voted voted(std::uint8_t result, Height above = 1) { return {9, tip(0).height + above, Hash{{1}}, Hash{{result}}}; }
  void signed_by(Recovery& recovery, Place place, std::vector<Voted> votes = {}, bool remembers = true) {
    Statement statement{place, remembers, {}, {}};
    for (auto const& one : votes) statement.voted.push_back(one);
    sign(recovery, std::move(statement), cluster.secret(place));
  }
  std::string why(Recovery const& recovery) {
    auto const good = verify(recovery, cluster.genesis.chain(), cluster.genesis.validators);
    return good ? "" : std::string(base::name(good.error().code)) + " " + good.error().field;
  }
  /// Everybody stops; with the file, or without, they come back.
  void restart(std::vector<Place> const& places) {
    for (Place place = 0; place < Cluster::nodes; ++place) {
      if (cluster.is_up(place)) cluster.crash(place);
    }
    for (auto const place : places) {
      auto const started = cluster.start(place);
      ASSERT_TRUE(started) << base::to_string(started.error());
    }
  }

  Cluster cluster;
  std::uint64_t paid_ = 0;
};

TEST_F(RecoveryTest, AQuorumSignsAndEachSignsTheWhole) {
  auto recovery = draft();
  EXPECT_EQ(why(recovery), "E_LIMIT statements");
  signed_by(recovery, 2);
  signed_by(recovery, 0);
  EXPECT_EQ(why(recovery), "E_LIMIT statements");
  signed_by(recovery, 3);
  EXPECT_EQ(why(recovery), "");
  signed_by(recovery, 3);  // once more is once
  EXPECT_EQ(recovery.statements.size(), 3u);

  auto other = recovery;
  other.chain.bytes[0] ^= 1;
  EXPECT_EQ(why(other), "E_CHAIN chain");
  other = recovery;
  other.height += 1;
  EXPECT_EQ(why(other), "E_SIGNATURE statements[0]");
  other = recovery;
  other.epoch += 1;
  EXPECT_EQ(why(other), "E_SIGNATURE statements[0]");
  other = recovery;
  other.validators.validators.pop_back();
  EXPECT_EQ(why(other), "E_SIGNATURE statements[0]");
  other = recovery;
  other.statements[1].remembers = false;
  EXPECT_EQ(why(other), "E_SIGNATURE statements[1]");
  other = recovery;
  other.statements[2].place = 1;
  EXPECT_EQ(why(other), "E_FORM statements[2].place");
  other = recovery;
  other.statements[2] = other.statements[1];
  EXPECT_EQ(why(other), "E_FORM statements[2].place");
  other = recovery;
  other.version = 2;
  EXPECT_EQ(why(other), "E_FORM version");
}

TEST_F(RecoveryTest, TheNextSetHasSoundKeysEachOnce) {
  auto const refused = [&](auto const& change) {
    auto recovery = draft();
    change(recovery.validators.validators);
    for (Place place = 0; place < 3; ++place) signed_by(recovery, place);
    return why(recovery);
  };
  EXPECT_EQ(refused([](auto& set) { set.clear(); }), "E_FORM validators");
  EXPECT_EQ(refused([](auto& set) { set[2].key = set[0].key; }), "E_FORM validators.validators[2].key");
  EXPECT_EQ(refused([](auto& set) { set[2].tls_key = set[1].tls_key; }), "E_FORM validators.validators[2].tls_key");
  EXPECT_EQ(refused([](auto& set) { set[1].key = {}; }), "E_FORM validators.validators[1].key");
}

/// With three of four needed: two that voted for a result and one that says nothing may have made it final.
TEST_F(RecoveryTest, WhatMayBeFinalIsNotGivenUp) {
  auto recovery = draft();
  signed_by(recovery, 0, {voted(1)});
  signed_by(recovery, 1, {voted(1)});
  signed_by(recovery, 2, {voted(2)});
  EXPECT_EQ(why(recovery), "E_LIMIT statements");
  auto const told = verify(recovery, cluster.genesis.chain(), cluster.genesis.validators).error().detail;
  EXPECT_NE(told.find("height " + std::to_string(recovery.height + 1) +
                      " may be final: 2 validators voted for it, 1 have not said"),
            std::string::npos)
      << told;
  auto four = recovery;
  signed_by(four, 3, {voted(2)});
  EXPECT_EQ(why(four), "");
  // Who lost its journal may have voted for anything.
  four = recovery;
  signed_by(four, 3, {}, false);
  EXPECT_EQ(why(four), "E_LIMIT statements");
  // One vote and two unknown ones are as many.
  auto forgot = draft();
  signed_by(forgot, 0, {voted(1)});
  signed_by(forgot, 1);
  signed_by(forgot, 2, {}, false);
  EXPECT_EQ(why(forgot), "E_LIMIT statements");
  signed_by(forgot, 0);
  EXPECT_EQ(why(forgot), "");
  // What stands below the block, or twice, is no statement.
  auto low = draft();
  signed_by(low, 0, {voted(1, 0)});
  EXPECT_EQ(why(low), "E_FORM statements[0].voted[0]");
  low = draft();
  signed_by(low, 0, {voted(2), voted(1)});
  EXPECT_EQ(why(low), "E_FORM statements[0].voted[1]");
}

TEST_F(RecoveryTest, ANewEpochBeginsOnTheLastFinalBlock) {
  auto const height = tip(0).height;
  auto recovery = draft();
  for (Place place = 0; place < 3; ++place) signed_by(recovery, place);
  for (Place place = 0; place < Cluster::nodes; ++place) cluster.recoveries[place] = {recovery};
  restart({0, 1, 2, 3});
  for (Place place = 0; place < Cluster::nodes; ++place) EXPECT_EQ(cluster.node(place).status().epoch, 2u);
  pay(1);
  pay(1);
  for (Place place = 0; place < Cluster::nodes; ++place) {
    auto const at = cluster.node(place).certified();
    EXPECT_EQ(cluster.paid(place), paid_ - 1);
    EXPECT_EQ(at->header.epoch, 2u);
    EXPECT_EQ((*cluster.store(place).decision(height + 1)).value().epoch, 2u);
    // The same set: a light client follows as if nothing had been.
    auto const key = ledger::state_key(ledger::Space::parameters, "");
    auto const proof = ledger::prove_record(*at, key);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(ledger::verify_record(*proof, key, {at->chain, cluster.genesis.validators.hash()}));
  }
  // Whose state is gone makes it again from the log, with the file, and not without.
  cluster.crash(2);
  cluster.disk(2).records.clear();
  cluster.disk(2).applied.reset();
  cluster.recoveries[2].clear();
  auto const without = cluster.start(2);
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().detail.find("no recovery of epoch 1 is there"), std::string::npos);
  cluster.recoveries[2] = {recovery};
  ASSERT_TRUE(cluster.start(2));
  pay(2);
  EXPECT_EQ(cluster.paid(2), paid_ - 1);
}

/// From the fault to the way out: two of four, more than f, execute otherwise; nothing becomes final, not even after
/// the programs are repaired, since results were signed; with what the journals say, a file that all sign leads on.
TEST_F(RecoveryTest, MoreThanFThatExecuteOtherwiseHaltTheChainUntilItsValidatorsSignAFile) {
  cluster.miscounts = {2, 3};
  pay(0);
  auto const paid = cluster.paid(0);
  auto const answer = cluster.submit(0, cluster.payment(paid_++));
  ASSERT_TRUE(answer && *answer);
  // An empty block that was under way before may still become final.
  cluster.run(2'000);
  auto const height = tip(0).height;
  auto const result = tip(0).hash();
  EXPECT_EQ(cluster.paid(0), paid);
  auto const halted = [&] {
    for (Place place = 0; place < Cluster::nodes; ++place) {
      if (!cluster.is_up(place)) continue;
      EXPECT_EQ(tip(place).height, height) << "at " << place;
      EXPECT_EQ(tip(place).hash(), result) << "at " << place;
    }
  };
  cluster.run(60'000);
  halted();
  cluster.miscounts.clear();
  restart({0, 1, 2, 3});
  cluster.run(60'000);
  halted();

  for (Place place = 0; place < Cluster::nodes; ++place) cluster.crash(place);
  Recovery recovery{1, cluster.genesis.chain(), 1, height, result, cluster.genesis.validators, {}};
  std::set<Hash> results;
  for (Place place = 0; place < Cluster::nodes; ++place) {
    if (place == 3) {
      EXPECT_EQ(why(recovery), "E_LIMIT statements") << "the fourth may have signed what two did";
    }
    auto const journal = storage::Journal::open(cluster.disk(place).journal);
    ASSERT_TRUE(journal);
    auto statement = give_up(**journal, place, 1, height);
    ASSERT_TRUE(statement) << base::to_string(statement.error());
    EXPECT_TRUE(statement->remembers);
    ASSERT_FALSE(statement->voted.empty()) << "at " << place;
    results.insert(statement->voted.front().result);
    sign(recovery, *statement, cluster.secret(place));
  }
  EXPECT_EQ(results.size(), 2u) << "two and two, where three are needed";
  EXPECT_EQ(why(recovery), "");
  for (Place place = 0; place < Cluster::nodes; ++place) cluster.recoveries[place] = {recovery};
  for (Place place = 0; place < Cluster::nodes; ++place) ASSERT_TRUE(cluster.start(place));
  --paid_;
  pay(0);
  pay(3);
  for (Place place = 0; place < Cluster::nodes; ++place) {
    EXPECT_EQ(cluster.node(place).status().epoch, 2u);
    EXPECT_TRUE(cluster.node(place).status().votes);
    EXPECT_EQ(cluster.paid(place), paid + 2) << "each payment counts once, at " << place;
    EXPECT_EQ(tip(place).state_root, ledger::StateTree::of(*cluster.node(place).certified()->state).root());
  }
}

TEST_F(RecoveryTest, WhoWasBehindTakesItWhenItComesThere) {
  cluster.crash(3);
  pay(0);
  auto recovery = draft();
  for (Place place = 0; place < 3; ++place) signed_by(recovery, place);
  for (Place place = 0; place < 3; ++place) cluster.recoveries[place] = {recovery};
  restart({0, 1, 2});
  pay(0);
  // Without the file it stays where it is, and says why.
  ASSERT_TRUE(cluster.start(3));
  cluster.run(40'000);
  EXPECT_EQ(tip(3).height, recovery.height);
  EXPECT_NE(cluster.node(3).status().not_ready.find("tally recover apply"), std::string::npos)
      << cluster.node(3).status().not_ready;
  cluster.crash(3);
  cluster.recoveries[3] = {recovery};
  ASSERT_TRUE(cluster.start(3));
  pay(3);
  EXPECT_EQ(cluster.paid(3), paid_ - 1);
  EXPECT_TRUE(cluster.node(3).status().votes);
}

TEST_F(RecoveryTest, ItMayChangeWhoValidates) {
  auto recovery = draft();
  cluster.second_secrets[3] = {crypto::sha256(base::bytes_of("second")).bytes};
  recovery.validators.validators[3].key = crypto::validator_key(cluster.second_secrets[3]);
  for (Place place = 0; place < 3; ++place) signed_by(recovery, place);
  for (Place place = 0; place < Cluster::nodes; ++place) cluster.recoveries[place] = {recovery};
  restart({0, 1, 3});
  pay(0);
  EXPECT_TRUE(cluster.node(3).status().votes);
  auto const at = cluster.node(0).certified();
  EXPECT_EQ(at->validators, recovery.validators);
  // The old set never signed for the new one in a header: who has only the genesis needs a newer anchor.
  auto const key = ledger::state_key(ledger::Space::parameters, "");
  auto const proof = ledger::prove_record(*at, key);
  ASSERT_TRUE(proof);
  auto const from_genesis = ledger::verify_record(*proof, key, {at->chain, cluster.genesis.validators.hash()});
  ASSERT_FALSE(from_genesis);
  EXPECT_EQ(from_genesis.error().field, "finality");
  EXPECT_TRUE(ledger::verify_record(*proof, key, {at->chain, recovery.validators.hash()}));
}

TEST_F(RecoveryTest, AFileThatDoesNotFitStopsTheStart) {
  auto recovery = draft();
  for (Place place = 0; place < 2; ++place) signed_by(recovery, place);
  cluster.crash(0);
  cluster.recoveries[0] = {recovery};
  auto const few = cluster.start(0);
  ASSERT_FALSE(few);
  EXPECT_NE(few.error().detail.find("2 of 4 validators have signed, 3 are needed"), std::string::npos);
  recovery.result.bytes[0] ^= 1;
  cluster.recoveries[0] = {recovery};
  auto const other = cluster.start(0);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().detail.find("begins on another result of height"), std::string::npos);
}

}  // namespace
}  // namespace node
