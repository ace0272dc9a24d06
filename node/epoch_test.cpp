// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "node/cluster_test.hpp"
#include "node/wire.hpp"

namespace node {
namespace {

using test::Cluster;

/// Four nodes whose epochs last three blocks, with money on ALFA's account.
class EpochTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster.genesis.parameters.epoch_blocks = 3;
    cluster.start_all();
    pay_until(1);
  }
  /// Payments, one after the other, until the running nodes have decided this height.
  void pay_until(Height height) {
    auto const asked = [&] {
      Place place = 0;
      while (!cluster.is_up(place)) ++place;
      return place;
    }();
    while (cluster.node(asked).certified()->header.height < height) {
      auto const answer = cluster.submit(asked, cluster.payment(paid_++));
      ASSERT_TRUE(answer && *answer);
      ASSERT_TRUE(cluster.run_to(cluster.node(asked).certified()->header.height + 1));
    }
    ASSERT_TRUE(cluster.run_to(height));
  }
  void expect_proven(Place place) {
    auto const at = cluster.node(place).certified();
    ASSERT_TRUE(at->finality);
    EXPECT_EQ(at->validators.hash(), at->header.validators_hash);
    EXPECT_TRUE(ledger::verify(*at->finality, at->header, at->validators));
    // And from the genesis, as a stranger checks it.
    auto const key = ledger::state_key(ledger::Space::parameters, "");
    auto const proof = ledger::prove_record(*at, key);
    ASSERT_TRUE(proof);
    auto const verdict = ledger::verify_record(*proof, key, {at->chain, cluster.genesis.validators.hash()});
    EXPECT_TRUE(verdict) << base::to_string(verdict.error());
  }
  std::uint64_t epoch(Place place) { return cluster.node(place).status().epoch; }

  Cluster cluster;
  std::uint64_t paid_ = 0;
};

TEST_F(EpochTest, OneFollowsTheOther) {
  pay_until(8);
  for (Place place = 0; place < Cluster::nodes; ++place) {
    EXPECT_GE(epoch(place), 3u);
    EXPECT_TRUE(cluster.node(place).status().votes);
    EXPECT_EQ(cluster.paid(place), paid_ - 1);
    expect_proven(place);
  }
  // The state names the epochs that are over, and each decision its own.
  auto const record = ledger::load<ledger::EpochRecord>(*cluster.node(0).certified()->state,
                                                        ledger::state_key(ledger::Space::epoch, ledger::big_endian(2)));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->first, 4u);
  EXPECT_EQ((*cluster.store(0).decision(3)).value().epoch, 1u);
  EXPECT_EQ((*cluster.store(0).decision(4)).value().epoch, 2u);
}

TEST_F(EpochTest, WhoSleptThroughSomeCatchesUp) {
  cluster.crash(2);
  pay_until(11);
  cluster.lies(1);
  ASSERT_TRUE(cluster.start(2));
  ASSERT_TRUE(cluster.run_to(11));
  pay_until(13);
  EXPECT_EQ(cluster.paid(2), paid_ - 1);
  EXPECT_EQ(epoch(2), epoch(0));
  EXPECT_GT(cluster.lies_told, 0u);
  expect_proven(2);
}

TEST_F(EpochTest, WhoseStateIsGoneReplaysThemAll) {
  pay_until(8);
  cluster.crash(1);
  cluster.disk(1).records.clear();
  cluster.disk(1).applied.reset();
  ASSERT_TRUE(cluster.start(1));
  EXPECT_GE(cluster.node(1).certified()->header.height, 8u);
  expect_proven(1);
  pay_until(11);
  EXPECT_EQ(cluster.paid(1), paid_ - 1);
}

/// Everybody stops when the last block of an epoch is durable somewhere, and comes back.
TEST_F(EpochTest, AllMayStopAtItsEnd) {
  for (int step = 0; step < 20'000 && cluster.node(0).certified()->header.height < 3; ++step) {
    if (step % 500 == 0) cluster.submit(0, cluster.payment(paid_++));
    cluster.run(1);
  }
  ASSERT_EQ(cluster.node(0).certified()->header.height, 3u);
  EXPECT_EQ(epoch(0), 2u);
  for (Place place = 0; place < Cluster::nodes; ++place) cluster.crash(place);
  for (Place place = 0; place < Cluster::nodes; ++place) ASSERT_TRUE(cluster.start(place));
  EXPECT_EQ(epoch(0), 2u);
  expect_proven(0);
  pay_until(6);
  for (Place place = 0; place < Cluster::nodes; ++place) EXPECT_EQ(cluster.paid(place), paid_ - 1);
}

/// A proposal is sent once. Who hears of an epoch's end a moment after it must not have missed it, or with one dead
/// nothing comes of the view.
TEST_F(EpochTest, WhatIsSaidInTheNextOneIsKeptUntilItBegins) {
  cluster.crash(2);
  auto before = epoch(3);
  ASSERT_EQ(epoch(0), before);
  std::optional<consensus::View> proposed;
  std::vector<std::pair<Place, Frame>> end;
  bool hears = false;
  std::set<consensus::View> voted;
  cluster.alters = [&](Place from, Place to, Frame& frame) {
    auto const* spoken = std::get_if<ConsensusFrame>(&frame);
    if (spoken == nullptr) return true;
    auto const& [chain, in_epoch, message] = spoken->envelope;
    auto const* propose = std::get_if<consensus::Propose>(&message);
    auto const* vote = std::get_if<consensus::Vote>(&message);
    auto const* news = std::get_if<consensus::Certificates>(&message);
    bool const finalizes = vote != nullptr && vote->ballot.kind == consensus::VoteKind::finalize;
    if (in_epoch == before + 1 && propose != nullptr && from != 3 && !proposed && !hears) proposed = propose->view;
    if (in_epoch == before + 1 && vote != nullptr && from == 3 && vote->ballot.kind == consensus::VoteKind::notarize)
      voted.insert(vote->ballot.view);
    bool const ends = news != nullptr && std::ranges::any_of(news->certificates, [](auto const& one) {
                        return one.ballot.kind == consensus::VoteKind::finalize;
                      });
    if (in_epoch == before && to == 3 && (ends || finalizes)) end.emplace_back(from, frame);
    bool const tells = finalizes || ends || std::holds_alternative<consensus::Blocks>(message);
    return hears || in_epoch != before || to != 3 || !tells;
  };
  // Where the first leader of an epoch is the dead one or the third, nothing is proposed; then the next epoch's is
  // asked.
  for (int step = 0; step < 40'000 && !proposed; ++step) {
    if (step % 300 == 0) cluster.submit(0, cluster.payment(paid_++));
    if (step % 5'000 == 0) {
      before = epoch(3);
      end.clear();
    }
    hears = step % 5'000 >= 3'000;
    cluster.run(1);
  }
  ASSERT_TRUE(proposed);
  cluster.run(10);
  ASSERT_EQ(epoch(3), before);
  hears = true;
  for (auto const& [from, frame] : end) ASSERT_TRUE(cluster.node(3).receive(from, *encode_frame(frame)));
  cluster.run(1'000);
  EXPECT_GT(epoch(3), before);
  EXPECT_TRUE(voted.contains(*proposed)) << *proposed;
}

TEST_F(EpochTest, WhoHasNoKeyOfItOnlyFollows) {
  cluster.crash(3);
  cluster.observes = {3};
  ASSERT_TRUE(cluster.start(3));
  pay_until(5);
  EXPECT_FALSE(cluster.node(3).status().votes);
  EXPECT_EQ(cluster.paid(3), paid_ - 1);
  EXPECT_EQ(epoch(3), epoch(0));
  EXPECT_GE(epoch(3), 2u);
}

/// One epoch of many blocks, which ends when the validators change something.
class GovernanceTest : public EpochTest {
 protected:
  void SetUp() override {
    cluster.start_all();
    pay_until(1);
  }
  base::ValidatorKey key(Place machine) const { return crypto::validator_key(cluster.secret(machine)); }
  /// Proposed and accepted by BANK, with payments before, between and after.
  void change(ledger::NetworkChange const& change) {
    auto const asked = first_up();
    auto const before = epoch(asked);
    auto const proposal = cluster.by_bank({ledger::ProposeChange{change}});
    ASSERT_TRUE(*cluster.submit(asked, proposal));
    pay(3);
    auto const id = ledger::contract_id(cluster.id_of(proposal), 0);
    ASSERT_TRUE(*cluster.submit(asked, cluster.by_bank({ledger::VoteChange{id, true}})));
    pay(3);
    EXPECT_EQ(epoch(asked), before + 1);
  }
  /// At once, so that they fill blocks together.
  void pay(std::uint64_t count) {
    auto const asked = first_up();
    while (count-- > 0) ASSERT_TRUE(*cluster.submit(asked, cluster.payment(paid_++)));
    ASSERT_TRUE(cluster.run_to(cluster.node(asked).certified()->header.height + 1));
  }
  Place first_up() const {
    Place place = 0;
    while (!cluster.is_up(place)) ++place;
    return place;
  }
  crypto::ValidatorSet set(Place machine) { return cluster.node(machine).certified()->validators; }
};

TEST_F(GovernanceTest, AFifthJoinsAndTheFirstLeaves) {
  ASSERT_TRUE(cluster.start(Cluster::newcomer));
  pay(2);
  EXPECT_FALSE(cluster.node(Cluster::newcomer).status().votes);
  auto const party = cluster.genesis.validators.validators[0].party;
  change(ledger::AddValidator{{party, key(Cluster::newcomer), Hash{{9}}}, "127.0.0.1:7084"});
  pay(2);
  EXPECT_TRUE(cluster.node(Cluster::newcomer).status().votes);
  EXPECT_EQ(set(2).size(), 5u);
  change(ledger::RemoveValidator{key(0)});
  pay(2);
  EXPECT_FALSE(cluster.node(0).status().votes);
  EXPECT_EQ(set(0).size(), 4u);
  // Three of the new four, without the first and another one, still decide: the newcomer's voice counts.
  cluster.crash(0);
  cluster.crash(1);
  pay(2);
  ASSERT_TRUE(cluster.start(0));
  ASSERT_TRUE(cluster.start(1));
  pay(2);
  for (Place machine = 0; machine <= Cluster::newcomer; ++machine) {
    EXPECT_EQ(cluster.paid(machine), paid_ - 1) << machine;
    EXPECT_EQ(cluster.node(machine).certified()->epochs.size(), 2u);
    expect_proven(machine);
  }
}

TEST_F(GovernanceTest, AKeyRotatesUnderLoad) {
  cluster.crash(1);
  cluster.second_secrets[1] = {crypto::sha256(base::bytes_of("second")).bytes};
  ASSERT_TRUE(cluster.start(1));
  auto const next = crypto::validator_key(cluster.second_secrets[1]);
  change(ledger::RotateKey{key(1), next});
  pay(2);
  EXPECT_EQ(set(0).validators[1].key, next);
  EXPECT_TRUE(cluster.node(1).status().votes);
  // Needed now.
  cluster.crash(3);
  pay(2);
  expect_proven(1);
  EXPECT_EQ(cluster.node(0).certified()->epochs.size(), 1u);
}

/// Who was away finds the sets through the blocks, and whose state is gone as well.
TEST_F(GovernanceTest, WhoWasAwayFollowsTheSets) {
  cluster.crash(3);
  cluster.second_secrets[1] = {crypto::sha256(base::bytes_of("second")).bytes};
  cluster.crash(1);
  ASSERT_TRUE(cluster.start(1));
  change(ledger::RotateKey{key(1), crypto::validator_key(cluster.second_secrets[1])});
  cluster.crash(2);
  cluster.disk(2).records.clear();
  cluster.disk(2).applied.reset();
  cluster.lies(1);
  ASSERT_TRUE(cluster.start(2));
  ASSERT_TRUE(cluster.start(3));
  pay(3);
  EXPECT_GT(cluster.lies_told, 0u);
  for (Place machine = 0; machine < Cluster::nodes; ++machine) {
    EXPECT_EQ(cluster.paid(machine), paid_ - 1) << machine;
    expect_proven(machine);
  }
}

/// Two programs, of which one knows the next version of the law, pass its activation together.
TEST_F(GovernanceTest, WhoDoesNotKnowTheVersionStopsBeforeItsHeight) {
  auto const restart = [&](Place place, std::uint32_t knows) {
    cluster.crash(place);
    cluster.knows[place] = knows;
    auto const started = cluster.start(place);
    EXPECT_TRUE(started) << base::to_string(started.error());
  };
  auto const height = [&](Place place) { return cluster.node(place).certified()->header.height; };
  auto const words = [&](Place place) {
    return std::ranges::any_of(cluster.log(place), [](auto const& line) {
      return line.find("version 2 of the law holds, and this program knows versions up to 1: install") != line.npos;
    });
  };
  for (Place const place : {Place{1}, Place{3}}) restart(place, 1);
  auto const from = height(0) + 15;
  change(ledger::SetVersion{2, from});
  EXPECT_TRUE(words(3)) << "as soon as it is decided";
  EXPECT_TRUE(cluster.node(3).status().halted.empty());
  restart(1, 2);  // in time
  for (int i = 0; i < 60 && height(0) < from + 3; ++i) {
    ASSERT_TRUE(*cluster.submit(0, cluster.payment(paid_++)));
    cluster.run(500);
  }
  ASSERT_GE(height(0), from + 3);
  EXPECT_GE(height(1), from);
  EXPECT_LT(height(3), from);
  EXPECT_FALSE(cluster.node(3).status().votes);
  EXPECT_NE(cluster.node(3).status().not_ready.find("install"), std::string::npos);
  restart(3, 1);
  cluster.run(5'000);
  EXPECT_LT(height(3), from) << "it does not go on by itself";
  restart(3, 2);
  pay(3);
  EXPECT_EQ(cluster.paid(3), paid_ - 1);
  EXPECT_TRUE(cluster.node(3).status().votes);
  expect_proven(3);
  // The blocks of before are executed by the law of then.
  for (std::uint32_t const knows : {2, 1}) {
    cluster.crash(2);
    cluster.disk(2).records.clear();
    cluster.disk(2).applied.reset();
    cluster.knows[2] = knows;
    auto const started = cluster.start(2);
    ASSERT_EQ(started.has_value(), knows == 2);
    if (started) {
      EXPECT_EQ(cluster.node(2).certified()->header.height, height(0));
    } else {
      EXPECT_NE(started.error().detail.find("install"), std::string::npos);
    }
  }
}

/// By kind of offence.
class Equivocation : public GovernanceTest, public ::testing::WithParamInterface<crypto::Offence> {
 protected:
  std::array<crypto::Ballot, 2> ballots(std::uint64_t view) {
    using crypto::Offence, crypto::VoteKind;
    auto const chain = cluster.genesis.chain();
    auto const height = cluster.node(0).certified()->header.height + 1;
    crypto::Ballot const finalize{VoteKind::finalize, chain, 1, view, height, Hash{{1}}, Hash{{1}}};
    auto other = finalize;
    switch (GetParam()) {
      case Offence::two_notarize:
        return {crypto::Ballot{VoteKind::notarize, chain, 1, view, 0, Hash{{1}}, {}},
                crypto::Ballot{VoteKind::notarize, chain, 1, view, 0, Hash{{2}}, {}}};
      case Offence::nullify_and_finalize:
        return {crypto::Ballot{VoteKind::nullify, chain, 1, view, 0, {}, {}}, finalize};
      case Offence::two_finalize:
        other.result = Hash{{2}};
        return {finalize, other};
    }
    return {};
  }
};

INSTANTIATE_TEST_SUITE_P(OfEveryKind, Equivocation,
                         ::testing::Values(crypto::Offence::two_notarize, crypto::Offence::nullify_and_finalize,
                                           crypto::Offence::two_finalize),
                         [](auto const& one) {
                           return std::string(enum_names(one.param)[static_cast<std::size_t>(one.param)]);
                         });

TEST_P(Equivocation, WhoDidItIsGoneInTheNextEpoch) {
  cluster.reports = true;
  auto const view = cluster.node(0).status().view;
  auto const both = ballots(view);
  crypto::SignedBallot votes[2];
  for (std::uint8_t i = 0; i < 2; ++i) {
    votes[i].ballot = both[i];
    votes[i].signature = crypto::validator_sign(cluster.secret(2), votes[i].ballot.digest());
    consensus::Envelope const envelope{cluster.genesis.chain(), 1,
                                       consensus::Vote{votes[i].ballot, 2, votes[i].signature}};
    ASSERT_TRUE(cluster.node(0).receive(2, *encode_frame(ConsensusFrame{envelope})));
  }
  auto const evidence = crypto::make_evidence(key(2), votes[0], votes[1]);
  EXPECT_EQ(crypto::offence_of(evidence.first.ballot, evidence.second.ballot), GetParam());
  pay(3);
  // Its own votes may make it guilty of another pair, and each report that comes in time ends an epoch.
  auto const ended = epoch(0);
  EXPECT_GE(ended, 2u);
  EXPECT_FALSE(cluster.node(2).status().votes);
  pay(2);
  EXPECT_EQ(set(0).size(), 3u);
  auto const again =
      cluster.submit(0, cluster.by_bank({ledger::ReportEvidence{evidence}, ledger::ReportEvidence{evidence}}));
  EXPECT_EQ(again->error().code, base::Code::exists);
  EXPECT_EQ(epoch(0), ended);
  expect_proven(0);
  expect_proven(2);
}

}  // namespace
}  // namespace node
