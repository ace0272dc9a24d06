// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "consensus/bench_test.hpp"

namespace consensus::test {
namespace {

/// A bench whose core leads neither of the first two views.
Bench follower() {
  Bench bench;
  Place place = 0;
  while (bench.leaders.of(1) == place || bench.leaders.of(2) == place) ++place;
  return Bench(4, place);
}

TEST(Leaders, RotateFairlyInAnOrderThatTheSeedFixes) {
  std::set<std::vector<Place>> orders;
  for (std::uint8_t seed = 0; seed < 20; ++seed) {
    Hash hash;
    hash.bytes.fill(seed);
    Leaders const leaders(7, hash);
    std::vector<Place> order;
    for (View view = 1; view <= 7; ++view) order.push_back(leaders.of(view));
    EXPECT_EQ(std::set<Place>(order.begin(), order.end()).size(), 7u);
    EXPECT_EQ(leaders.of(1), leaders.of(8));
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 15u);
}

TEST(Rules, AProposalIsSavedJournaledVotedFinalizedAndDecided) {
  auto bench = follower();
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 1));
  ASSERT_EQ(bench.saved.size(), 1u);
  EXPECT_EQ(*bench.saved[0], block);
  ASSERT_EQ(bench.records.size(), 1u);
  auto const others = bench.bystanders(1);
  bench.receive(others[0], bench.vote(others[0], bench.ballot(VoteKind::notarize, 1, &block)));
  EXPECT_EQ(bench.messages<Certificates>().size(), 1u);
  EXPECT_TRUE(bench.voted(VoteKind::finalize, 1));
  EXPECT_EQ(bench.view(), 2u);
  auto const said = bench.ballot(VoteKind::finalize, 1, &block, bench.result_of(block));
  bench.receive(others[0], bench.vote(others[0], said));
  EXPECT_TRUE(bench.outputs<Decided>().empty());
  bench.receive(others[0], bench.vote(others[1], said));
  auto const decided = bench.outputs<Decided>();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_EQ(*decided[0].blocks.at(0), block);
  EXPECT_EQ(decided[0].finalization.ballot, said);
  EXPECT_EQ(bench.core->status().tip.height, 1u);
}

TEST(Rules, DurableOutputsStandBeforeAllOthers) {
  auto bench = follower();
  bench.start();
  bench.propose(bench.block(1));
  bool sent = false;
  for (auto const& output : bench.out) {
    if (std::holds_alternative<SaveBlock>(output) || std::holds_alternative<Persist>(output)) {
      EXPECT_FALSE(sent);
    } else if (!std::holds_alternative<NeedVerdict>(output) && !std::holds_alternative<SetTimer>(output)) {
      sent = true;
    }
  }
  EXPECT_TRUE(sent);
}

TEST(Rules, R1AParentNeedsItsCertificate) {
  auto bench = follower();
  bench.start();
  auto const parent = bench.block(1);
  bench.propose(parent);
  auto const child = bench.block(2, &parent);
  bench.propose(child);
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 2));
  EXPECT_EQ(bench.view(), 1u);
  bench.propose(child, bench.notarization(parent));
  EXPECT_EQ(bench.view(), 2u);
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 2));
}

TEST(Rules, R1ASkippedViewNeedsItsNullification) {
  auto bench = follower();
  bench.start();
  auto const skipped = bench.block(1);
  bench.tell(bench.notarization(skipped));
  ASSERT_EQ(bench.view(), 2u);
  auto const block = bench.block(2);
  bench.propose(block);
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 2));
  bench.tell(bench.nullification(1));
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 2));
}

TEST(Rules, R1WhatAProposalLacksIsFetched) {
  auto bench = follower();
  bench.start();
  auto const skipped = bench.block(1);
  bench.propose(skipped);
  bench.tell(bench.notarization(skipped));
  bench.propose(bench.block(2));
  auto const asked = bench.messages<GetCertificates>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0], (GetCertificates{1, 1, 0}));
}

TEST(Rules, R2AfterNullifyNoFinalize) {
  auto bench = follower();
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  bench.pass(10'200);
  ASSERT_TRUE(bench.voted(VoteKind::nullify, 1));
  bench.tell(bench.notarization(block));
  EXPECT_EQ(bench.view(), 2u);
  EXPECT_FALSE(bench.voted(VoteKind::finalize, 1));
}

TEST(Rules, R2HoldsAcrossARestart) {  // ava-labs/Simplex #280
  auto bench = follower();
  bench.start();
  bench.pass(10'200);
  ASSERT_TRUE(bench.voted(VoteKind::nullify, 1));
  bench.restart(bench.genesis);
  auto const block = bench.block(1);
  bench.propose(block);
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 1));
  bench.tell(bench.notarization(block));
  EXPECT_FALSE(bench.voted(VoteKind::finalize, 1));
}

TEST(Rules, R2AfterFinalizeNoNullify) {
  auto bench = follower();
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  ASSERT_TRUE(bench.voted(VoteKind::finalize, 1));
  // Without its certificate the replay leads back into the view.
  std::erase_if(bench.records, [](Record const& record) { return std::holds_alternative<Record::Entry>(record.body); });
  bench.restart(bench.genesis, bench.saved);
  EXPECT_EQ(bench.view(), 1u);
  bench.pass(60'000);
  EXPECT_FALSE(bench.voted(VoteKind::nullify, 1));
  EXPECT_TRUE(bench.voted(VoteKind::finalize, 1));
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 1));
}

TEST(Rules, AFinalizeMakesItsNotarizationDurable) {
  auto bench = follower();
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  ASSERT_EQ(bench.records.size(), 3u);
  EXPECT_EQ(std::get<Record::Entry>(bench.records[1].body).certificate, bench.notarization(block));
  bench.restart(bench.genesis, bench.saved);
  EXPECT_EQ(bench.view(), 2u);
  EXPECT_EQ(bench.messages<Certificates>().at(0).certificates.at(0), bench.notarization(block));
}

TEST(Rules, R3OneNotarizeAViewAndAnEquivocatingLeaderIsNullified) {
  auto bench = follower();
  bench.start();
  auto const first = bench.block(1);
  auto second = first;
  ++second.header.time_ms;
  bench.propose(first);
  ASSERT_TRUE(bench.voted(VoteKind::notarize, 1));
  bench.propose(second);
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 1));
  EXPECT_TRUE(bench.voted(VoteKind::nullify, 1));
}

TEST(Rules, R3NoNotarizeAfterNullify) {
  auto bench = follower();
  bench.start();
  bench.pass(10'200);
  ASSERT_TRUE(bench.voted(VoteKind::nullify, 1));
  bench.propose(bench.block(1));
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 1));
}

TEST(Rules, ANotarizeOfTheLeaderForAnotherBlockIsEquivocationToo) {
  auto bench = follower();
  bench.start();
  auto const first = bench.block(1);
  auto second = first;
  ++second.header.time_ms;
  bench.propose(first);
  auto const leader = bench.leaders.of(1);
  bench.receive(bench.other(), bench.vote(leader, bench.ballot(VoteKind::notarize, 1, &second)));
  EXPECT_TRUE(bench.voted(VoteKind::nullify, 1));

  auto earlier = follower();
  earlier.start();
  earlier.receive(leader, earlier.vote(leader, earlier.ballot(VoteKind::notarize, 1, &second)));
  earlier.propose(first);
  EXPECT_FALSE(earlier.voted(VoteKind::notarize, 1));
  EXPECT_TRUE(earlier.voted(VoteKind::nullify, 1));
}

TEST(Rules, R4AResultUnlikeTheJournaledOneStopsTheNode) {
  auto bench = follower();
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  ASSERT_TRUE(bench.voted(VoteKind::finalize, 1));
  bench.execution = [](Block const& executed) { return executed.header.parent_hash; };
  bench.restart(bench.genesis, bench.saved);
  ASSERT_EQ(bench.outputs<Halt>().size(), 1u);
  EXPECT_TRUE(bench.core->status().halted);
  bench.pass(60'000);
  EXPECT_TRUE(bench.out.empty());
}

/// I signed a result for a child without having seen its parent notarized, come back computing otherwise, and meet the
/// parent's notarization first. True when I sign the parent's new result, which the child's old one contradicts.
bool signs_against_a_descendant(bool r4_ancestors_only) {
  auto bench = follower();
  bench.config.mutants.r4_ancestors_only = r4_ancestors_only;
  bench.start();
  auto const parent = bench.block(1);
  auto const child = bench.block(2, &parent);
  bench.tell(bench.notarization(child));
  bench.receive(bench.other(), BlockAnswer{child});
  bench.receive(bench.other(), BlockAnswer{parent});
  EXPECT_TRUE(bench.voted(VoteKind::finalize, 2));
  EXPECT_FALSE(bench.voted(VoteKind::finalize, 1));
  bench.execution = [](Block const& block) { return block.header.parent_hash; };
  bench.executes = false;
  bench.restart(bench.genesis, bench.saved);
  bench.tell(bench.notarization(parent));
  bench.step(Executed{parent.header.hash(), bench.execution(parent)});
  bool const signs = bench.voted(VoteKind::finalize, 1);
  bench.step(Executed{child.header.hash(), bench.execution(child)});
  EXPECT_TRUE(bench.core->status().halted);
  return signs;
}

TEST(Rules, R4AResultWaitsForWhatWasSignedAboveIt) { EXPECT_FALSE(signs_against_a_descendant(false)); }

TEST(Mutants, R4OfAncestorsOnlySignsAgainstADescendant) { EXPECT_TRUE(signs_against_a_descendant(true)); }

TEST(Rules, AResultUnlikeTheCertifiedOneStopsTheNode) {
  for (bool const certificate_first : {true, false}) {
    auto bench = follower();
    bench.execution = [](Block const& executed) { return executed.header.parent_hash; };
    bench.start();
    auto const block = bench.block(1);
    if (certificate_first) bench.tell(bench.finalization(block));
    certificate_first ? bench.receive(bench.other(), BlockAnswer{block}) : bench.propose(block);
    if (!certificate_first) bench.tell(bench.finalization(block));
    EXPECT_EQ(bench.outputs<Halt>().size(), 1u);
    EXPECT_EQ(bench.outputs<Decided>().size(), 0u);
  }
}

TEST(Rules, TwoFinalizationsOfOneHeightStopTheNode) {
  auto bench = follower();
  bench.start();
  auto const first = bench.block(1);
  auto second = first;
  ++second.header.time_ms;
  bench.tell(bench.finalization(first));
  bench.tell(bench.finalization(second));
  EXPECT_EQ(bench.outputs<Halt>().size(), 1u);
}

TEST(Rules, BlocksThatCanNeverBeValidAreNullifiedAtOnce) {
  std::vector<std::function<void(Block&)>> const faults{
      [](Block& block) { block.header.height = 2; },
      [](Block& block) { block.header.time_ms = bench_wall_ms - 1'000; },
      [](Block& block) { block.header.evidence_root.bytes[0] = 1; },
      [](Block& block) { block.header.size += 1; },
      [](Block& block) { block.header.tx_root.bytes[0] ^= 1; },
      [](Block& block) {
        block.payload.resize(65 << 10);
        block.header.size = 65 << 10;
      },
  };
  for (std::size_t i = 0; i < faults.size(); ++i) {
    auto bench = follower();
    bench.start();
    auto block = bench.block(1);
    faults[i](block);
    bench.propose(block);
    EXPECT_FALSE(bench.voted(VoteKind::notarize, 1)) << i;
    EXPECT_TRUE(bench.voted(VoteKind::nullify, 1)) << i;
  }
}

TEST(Rules, ProposalsThatAreNotTheLeadersAreIgnored) {
  auto bench = follower();
  bench.start();
  auto block = bench.block(1);
  auto const relayed = bench.proposal(block);
  bench.receive(bench.bystanders(1)[0], relayed);
  EXPECT_TRUE(bench.out.empty() || bench.messages<Vote>().empty());
  auto forged = relayed;
  forged.signature.bytes[0] ^= 1;
  bench.receive(bench.leaders.of(1), forged);
  EXPECT_TRUE(bench.messages<Vote>().empty());
  for (int fault = 0; fault < 4; ++fault) {
    auto other = block;
    if (fault == 0) other.header.chain.bytes[0] ^= 1;
    if (fault == 1) other.header.epoch = 2;
    if (fault == 2) other.header.version = 2;
    if (fault == 3) other.header.view = 2;
    bench.receive(bench.leaders.of(1), bench.proposal(other));
    EXPECT_TRUE(bench.messages<Vote>().empty()) << fault;
  }
  bench.receive(bench.leaders.of(1), relayed);
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 1));
}

TEST(Rules, ATimeAheadOfMineIsPendingNotInvalid) {
  auto bench = follower();
  bench.start();
  auto block = bench.block(1);
  block.header.time_ms = bench_wall_ms + bench.now_ms + 600;
  bench.propose(block);
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 1));
  bench.pass(99);
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 1));
  bench.pass(2);
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 1));
}

TEST(Rules, MissingDataIsPendingNotInvalid) {
  auto bench = follower();
  bench.judges = false;
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  ASSERT_EQ(bench.outputs<NeedVerdict>().size(), 1u);
  EXPECT_FALSE(bench.outputs<NeedVerdict>()[0].certified);
  bench.step(Verdict{block.header.hash(), Judgement::missing});
  EXPECT_TRUE(bench.messages<Vote>().empty());
  bench.step(Verdict{block.header.hash(), Judgement::valid});
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 1));
}

TEST(Rules, AFinalizationAloneLeadsIntoTheNextView) {
  auto bench = follower();
  bench.start();
  auto const far = bench.block(40);
  bench.tell(bench.finalization(far));
  EXPECT_EQ(bench.view(), 41u);
  EXPECT_EQ(bench.messages<Certificates>().size(), 1u);
  bench.tell(bench.finalization(far));
  EXPECT_TRUE(bench.messages<Certificates>().empty());
}

TEST(Rules, CertificatesBelowAQuorumOfAnotherEpochOrForgedAreRefused) {
  auto bench = follower();
  bench.start();
  auto few = bench.nullification(1);
  few.signatures.pop_back();
  bench.tell(few);
  auto other = bench.ballot(VoteKind::nullify, 1);
  other.epoch = 2;
  bench.tell(bench.certificate(other));
  auto forged = bench.nullification(1);
  forged.signatures[1].bytes[5] ^= 1;
  bench.tell(forged);
  EXPECT_EQ(bench.view(), 1u);
  bench.tell(bench.nullification(1));
  EXPECT_EQ(bench.view(), 2u);
}

TEST(Rules, VotesFarAheadAreNotKept) {
  for (View const view : {View{65}, View{66}}) {
    auto bench = follower();
    bench.start();
    for (Place place = 0; place < 4; ++place) {
      if (place != bench.me) bench.receive(place, bench.vote(place, bench.ballot(VoteKind::nullify, view)));
    }
    EXPECT_EQ(bench.view(), view == 65 ? 66u : 1u);
  }
}

TEST(Rules, OfTwoVotesOfOneValidatorTheFirstCounts) {
  auto bench = follower();
  bench.start();
  auto const block = bench.block(1);
  auto other = block;
  ++other.header.time_ms;
  auto const twice = bench.bystanders(1)[0];
  bench.receive(twice, bench.vote(twice, bench.ballot(VoteKind::notarize, 1, &other)));
  bench.propose(block);
  bench.receive(twice, bench.vote(twice, bench.ballot(VoteKind::notarize, 1, &block)));
  EXPECT_EQ(bench.view(), 1u);
  auto malformed = bench.ballot(VoteKind::nullify, 1);
  malformed.height = 1;
  for (Place place = 0; place < 4; ++place) bench.receive(place, bench.vote(place, malformed));
  EXPECT_EQ(bench.view(), 1u);
}

TEST(Rules, AnObserverFollowsAndNeverVotes) {
  auto bench = follower();
  bench.config.identity.reset();
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  bench.tell(bench.finalization(block));
  EXPECT_EQ(bench.outputs<Decided>().size(), 1u);
  bench.pass(60'000);
  EXPECT_TRUE(bench.records.empty());
  EXPECT_TRUE(bench.messages<Vote>().empty());
}

}  // namespace
}  // namespace consensus::test
