// SPDX-License-Identifier: Apache-2.0
#include "node/proposals.hpp"

#include <gtest/gtest.h>

#include "node/cluster_test.hpp"

namespace node {
namespace {

using test::Cluster;

/// Four nodes, ALFA has money, every proposal with transactions is short. What they send is counted, and may be
/// altered or lost.
class ProposalsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster.short_payload_bytes_min = 1;
    cluster.start_all();
    ASSERT_TRUE(cluster.submit(0, cluster.payment(0)));
    ASSERT_TRUE(cluster.run_to(1));
    cluster.alters = [this](Place from, Place to, Frame& frame) {
      if (waits && std::holds_alternative<ProposalFrame>(frame)) return false;
      if (alters && !alters(from, to, frame)) return false;
      if (auto const* proposal = std::get_if<ProposalFrame>(&frame)) {
        ++proposals;
        proposer[std::get<consensus::Propose>(proposal->envelope.message).block.header.hash()] = from;
      }
      if (std::holds_alternative<GetTransactionsFrame>(frame)) ++questions;
      if (auto const* answer = std::get_if<TransactionsFrame>(&frame)) answered += answer->transactions.size();
      auto const* said = spoken(frame);
      auto const* vote = said == nullptr ? nullptr : std::get_if<consensus::Vote>(&said->message);
      if (vote != nullptr && vote->ballot.kind == crypto::VoteKind::nullify) ++nullified;
      return true;
    };
  }
  static bool is_gossip(Frame const& frame) { return std::holds_alternative<GossipFrame>(frame); }
  /// Each at this node. Gossip has its time before anything is proposed; decided by all.
  void pay(Place place, std::uint64_t first, std::uint64_t last) {
    auto const paid = cluster.paid(place) + (last - first + 1);
    waits = true;
    for (auto number = first; number <= last; ++number) {
      cluster.node(place).submit(cluster.payment(number), [](Result<Hash> const& reply) { EXPECT_TRUE(reply); });
    }
    cluster.run(100);
    waits = false;
    proposals = questions = answered = nullified = 0;
    for (int step = 0; step < 15'000 && !all_have(paid); ++step) cluster.run(1);
    EXPECT_TRUE(all_have(paid));
  }
  bool all_have(base::Amount paid) {
    for (Place place = 0; place < Cluster::nodes; ++place) {
      if (cluster.is_up(place) && cluster.paid(place) != paid) return false;
    }
    return true;
  }

  Cluster cluster;
  std::function<bool(Place from, Place to, Frame& frame)> alters;
  bool waits = false;
  /// By block.
  std::map<Hash, Place> proposer;
  std::size_t proposals = 0, questions = 0, answered = 0, nullified = 0;
};

TEST_F(ProposalsTest, WhoHasTheTransactionsAsksForNothing) {
  pay(0, 1, 40);
  EXPECT_GE(proposals, 3u);
  EXPECT_EQ(questions, 0u);
}

TEST_F(ProposalsTest, WhoLacksSomeAsksForThose) {
  alters = [](Place, Place to, Frame& frame) { return to != 2 || !is_gossip(frame); };
  pay(1, 1, 4);
  EXPECT_GE(questions, 1u);
  EXPECT_EQ(answered, 4u) << "each once, and nothing else";
}

TEST_F(ProposalsTest, AnEmptyPoolGetsTheWholeBlock) {
  alters = [](Place, Place, Frame& frame) { return !is_gossip(frame); };
  pay(0, 1, 10);
  EXPECT_GE(questions, 3u);
  EXPECT_GE(answered, 30u);
}

TEST_F(ProposalsTest, ANameOfAnotherTransactionLeadsToTheWholeBlock) {
  // The last name becomes that of one that is in all pools as well, and in the block already.
  bool lied = false;
  alters = [&](Place, Place to, Frame& frame) {
    auto* proposal = std::get_if<ProposalFrame>(&frame);
    if (to == 3 && proposal != nullptr && proposal->names.size() > 1) {
      proposal->names.back() = proposal->names.front();
      lied = true;
    }
    return true;
  };
  pay(0, 1, 10);
  EXPECT_TRUE(lied);
  EXPECT_EQ(questions, 1u);
  EXPECT_EQ(answered, 10u) << "not what it has, but what was meant";
}

TEST_F(ProposalsTest, WhatTheProposerDoesNotAnswerOthersDo) {
  std::size_t lost = 0, of_others = 0;
  alters = [&](Place from, Place to, Frame& frame) {
    auto const* answer = std::get_if<TransactionsFrame>(&frame);
    if (to != 2 || answer == nullptr) return to != 2 || !is_gossip(frame);
    bool const proposed = proposer[answer->block] == from;
    ++(proposed ? lost : of_others);
    return !proposed;
  };
  // One is down, so the votes of the other three are needed in every view.
  cluster.crash(3);
  cluster.run(3'000);
  pay(0, 1, 10);
  EXPECT_GE(lost, 1u);
  EXPECT_GE(of_others, 1u);
}

TEST_F(ProposalsTest, AWrongAnswerIsNotTaken) {
  std::size_t wrong = 0, of_others = 0;
  alters = [&](Place from, Place to, Frame& frame) {
    auto* answer = std::get_if<TransactionsFrame>(&frame);
    if (to != 2 || answer == nullptr) return to != 2 || !is_gossip(frame);
    bool const proposed = proposer[answer->block] == from;
    ++(proposed ? wrong : of_others);
    if (proposed) answer->transactions.front().back() ^= 1;
    return true;
  };
  cluster.crash(3);
  cluster.run(3'000);
  pay(0, 1, 10);
  EXPECT_GE(wrong, 2u) << "some, then all";
  EXPECT_GE(of_others, 1u);
}

TEST_F(ProposalsTest, AProposerWhoAnswersNobodyLosesItsViewOnly) {
  alters = [](Place from, Place, Frame& frame) {
    return !(from == 0 && (is_gossip(frame) || std::holds_alternative<TransactionsFrame>(frame)));
  };
  cluster.node(0).submit(cluster.payment(1), [](Result<Hash> const&) {});
  cluster.run(1'000);
  EXPECT_GE(nullified, 3u);
  EXPECT_EQ(cluster.paid(1), 0u);
  pay(1, 2, 5);
}

TEST_F(ProposalsTest, NamesOfAnotherNumberAreRefused) {
  ProposalFrame frame;
  frame.envelope.chain = cluster.genesis.chain();
  frame.envelope.epoch = 1;
  consensus::Propose propose;
  propose.block.header.tx_count = 2;
  frame.envelope.message = propose;
  frame.names.push_back(1);
  auto const refused = cluster.node(0).receive(1, *encode_frame(frame));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::E_ENCODING);
}

TEST_F(ProposalsTest, OneValidatorGetsTwoAnswersAboutABlock) {
  Hash block;
  alters = [&](Place, Place, Frame& frame) {
    if (auto const* proposal = std::get_if<ProposalFrame>(&frame)) {
      auto const& header = std::get<consensus::Propose>(proposal->envelope.message).block.header;
      if (header.proposer == 0) block = header.hash();
    }
    return true;
  };
  for (std::uint64_t number = 1; block.is_zero() && number < 20; ++number) pay(0, number, number);
  ASSERT_FALSE(block.is_zero());
  for (int time = 0; time < 5; ++time) {
    GetTransactionsFrame question;
    question.block = block;
    ASSERT_TRUE(cluster.node(0).receive(1, *encode_frame(question)));
  }
  EXPECT_EQ(answered, 2u);
}

TEST(ShortNames, TheFirstOfTwoKeepsItsName) {
  Mempool pool;
  auto const pooled = [](std::uint8_t number, std::uint8_t rest) {
    Pooled out;
    out.id = Hash{{number}};
    out.bytes = std::make_shared<Bytes const>(Bytes{number});
    out.leaf.bytes.back() = rest;
    return out;
  };
  ASSERT_TRUE(pool.add(pooled(1, 1)));
  ASSERT_TRUE(pool.add(pooled(2, 2)));
  EXPECT_EQ(pool.find({0, 7}).front().leaf.bytes.back(), 1);
  EXPECT_EQ(pool.find({0, 7}).back().bytes, nullptr);
  pool.remove({Hash{{2}}});
  EXPECT_NE(pool.find({0}).front().bytes, nullptr);
  pool.remove({Hash{{1}}});
  EXPECT_EQ(pool.find({0}).front().bytes, nullptr);
}

}  // namespace
}  // namespace node
