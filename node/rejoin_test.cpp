// SPDX-License-Identifier: Apache-2.0
// A validator whose vote journal is lost or damaged.
#include <gtest/gtest.h>

#include "node/cluster_test.hpp"

namespace node {
namespace {

using test::Cluster;

class RejoinTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster.start_all();
    pay(0);
  }
  void pay(Place asked) {
    auto const answer = cluster.submit(asked, cluster.payment(paid_++));
    ASSERT_TRUE(answer && *answer);
    ASSERT_TRUE(cluster.run_to(cluster.node(asked).certified()->header.height + 1));
  }
  void lose_journal(Place place) {
    cluster.crash(place);
    cluster.disk(place).journal.files.clear();
    ASSERT_TRUE(cluster.start(place));
  }
  ReplicaStatus status(Place place) { return cluster.node(place).status(); }
  bool said(Place place, std::string const& what) {
    for (auto const& line : cluster.log(place)) {
      if (line.find(what) != line.npos) return true;
    }
    return false;
  }

  Cluster cluster;
  std::uint64_t paid_ = 0;
};

TEST_F(RejoinTest, WithoutItsJournalItVotesAboveWhatItMayHaveForgotten) {
  lose_journal(1);
  EXPECT_FALSE(status(1).votes);
  EXPECT_EQ(status(1).rejoins,
            "its vote journal was lost; it follows until a quorum has told how far they are: 0 of 3 others have");
  EXPECT_EQ(status(1).not_ready, status(1).rejoins);
  cluster.run(1'000);
  EXPECT_TRUE(said(1, "a quorum of the others has told how far it is"));
  EXPECT_NE(status(1).rejoins.find("it votes again above view"), std::string::npos);
  for (int i = 0; i < 3; ++i) pay(0);
  EXPECT_TRUE(status(1).votes);
  EXPECT_EQ(status(1).rejoins, "");
  // Needed now.
  cluster.crash(3);
  pay(1);
  pay(0);
}

TEST_F(RejoinTest, WithoutTheOthersItStaysWhatItIsAndSaysWhatToDo) {
  cluster.crash(3);
  lose_journal(1);
  cluster.run(70'000);
  EXPECT_FALSE(status(1).votes);
  EXPECT_NE(status(1).rejoins.find("2 of 3 others have: give it a new key"), std::string::npos) << status(1).rejoins;
  ASSERT_TRUE(cluster.start(3));
  pay(0);
  cluster.run(10'000);
  EXPECT_TRUE(status(1).votes);
}

/// What it knows outlives a crash: two others are enough to go on with.
TEST_F(RejoinTest, TheFloorAndTheLossAreDurable) {
  lose_journal(1);
  cluster.run(1'000);
  for (int i = 0; i < 3; ++i) pay(0);
  ASSERT_TRUE(status(1).votes);
  for (Place place = 0; place < Cluster::nodes; ++place) cluster.crash(place);
  for (Place place = 0; place < 3; ++place) ASSERT_TRUE(cluster.start(place));
  EXPECT_TRUE(status(1).votes);
  pay(0);
  EXPECT_EQ(cluster.paid(1), paid_ - 1);
}

TEST_F(RejoinTest, ItAsksInEveryEpochUntilOneThatBeganAfterItToldTheLedger) {
  cluster.genesis.parameters.epoch_blocks = 4;
  Cluster other;
  other.genesis.parameters.epoch_blocks = 4;
  other.start_all();
  auto const pay_one = [&] {
    ASSERT_TRUE(*other.submit(0, other.payment(paid_++)));
    ASSERT_TRUE(other.run_to(other.node(0).certified()->header.height + 1));
  };
  pay_one();
  other.crash(1);
  other.disk(1).journal.files.clear();
  ASSERT_TRUE(other.start(1));
  auto const asked = [&] {
    std::size_t times = 0;
    for (auto const& line : other.log(1)) times += line.find("a quorum of the others has told") != line.npos;
    return times;
  };
  for (int i = 0; i < 14; ++i) pay_one();
  EXPECT_GE(other.node(1).status().epoch, 3u);
  auto const before = asked();
  EXPECT_GE(before, 2u);
  // Now it has the organisation's key.
  other.crash(1);
  other.reports = true;
  ASSERT_TRUE(other.start(1));
  for (int i = 0; i < 14; ++i) pay_one();
  auto const over = [&] {
    for (auto const& line : other.log(1)) {
      if (line.find("the loss of the vote journal is over") != line.npos) return true;
    }
    return false;
  };
  EXPECT_TRUE(over());
  auto const after = asked();
  for (int i = 0; i < 14; ++i) pay_one();
  EXPECT_EQ(asked(), after);
  EXPECT_TRUE(other.node(1).status().votes);
}

TEST_F(RejoinTest, ADamagedJournalIsGivenUp) {
  cluster.crash(1);
  auto& files = cluster.disk(1).journal.files;
  ASSERT_EQ(files.size(), 1u);
  files.begin()->second.bytes[9] ^= 1;
  auto const damaged = files;
  ASSERT_TRUE(cluster.start(1));
  EXPECT_FALSE(status(1).votes);
  EXPECT_TRUE(said(1, "the vote journal is gone or damaged"));
  cluster.run(1'000);
  for (int i = 0; i < 3; ++i) pay(0);
  EXPECT_TRUE(status(1).votes);
  EXPECT_FALSE(files.contains("given-up"));
  // Whatever a crash leaves of it while it is given up, it never looks whole.
  cluster.crash(1);
  files = damaged;
  files["given-up"] = {};
  ASSERT_TRUE(cluster.start(1));
  EXPECT_FALSE(status(1).votes);
}

}  // namespace
}  // namespace node
