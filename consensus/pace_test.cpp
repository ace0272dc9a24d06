// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "consensus/bench_test.hpp"

namespace consensus::test {
namespace {

/// A core that leads the given view but not the one before.
Place leader_of(View view) { return Bench().leaders.of(view); }

/// How long each of the first views waits for its leader when none is ever finalized.
std::vector<std::uint64_t> waits(bool endless) {
  Bench bench(4, leader_of(4));
  bench.config.mutants.endless_timeout = endless;
  bench.start();
  bench.step(Workload{true, 0});
  std::vector<std::uint64_t> found;
  for (View view = 1; view <= 20; ++view) {
    if (view > 1) bench.tell(bench.nullification(view - 1));
    auto const before = bench.now_ms;
    while (!bench.voted(VoteKind::nullify, view)) bench.pass(1);
    found.push_back(bench.now_ms - before);
    // A sign of life, or a silent leader is nullified at once.
    if (bench.leaders.of(view) != bench.me) bench.propose(bench.block(view));
  }
  return found;
}

TEST(Pace, TimeoutsGrowByHalfUpToTenSeconds) {  // Besu #7642: 4096 s in round 10
  auto const found = waits(false);
  EXPECT_EQ(found[0], 150u);
  EXPECT_EQ(found[2], 150u);
  EXPECT_EQ(found[3], 225u);
  EXPECT_EQ(found[4], 337u);
  EXPECT_EQ(found.back(), 10'000u);
}

TEST(Mutants, WithoutTheirLimitTimeoutsGrowBeyondIt) { EXPECT_GT(waits(true).back(), 10'000u); }

TEST(Pace, AnIdleViewIsLongAndATransactionShortensIt) {
  Bench bench(4, leader_of(2));
  bench.start();
  bench.pass(10'149);
  EXPECT_FALSE(bench.voted(VoteKind::nullify, 1));
  bench.pass(1);
  EXPECT_TRUE(bench.voted(VoteKind::nullify, 1));

  Bench busy(4, leader_of(2));
  busy.start();
  busy.pass(3'000);
  busy.step(Workload{true, 0});
  busy.pass(149);
  EXPECT_FALSE(busy.voted(VoteKind::nullify, 1));
  busy.pass(1);
  EXPECT_TRUE(busy.voted(VoteKind::nullify, 1));
}

TEST(Pace, ALedgerDeadlineEndsIdleness) {
  Bench bench(4, leader_of(2));
  bench.start();
  bench.step(Workload{false, bench_wall_ms + bench.now_ms + 2'000});
  bench.pass(2'149);
  EXPECT_FALSE(bench.voted(VoteKind::nullify, 1));
  bench.pass(1);
  EXPECT_TRUE(bench.voted(VoteKind::nullify, 1));

  Bench leader(4, leader_of(1));
  leader.start();
  leader.step(Workload{false, bench_wall_ms + leader.now_ms + 2'000});
  leader.pass(1'999);
  EXPECT_TRUE(leader.outputs<NeedProposal>().empty());
  leader.pass(1);
  EXPECT_EQ(leader.outputs<NeedProposal>().size(), 1u);
}

TEST(Pace, AnIdleLeaderWaitsAndProposesAtOnceWhenThereIsWork) {
  Bench idle(4, leader_of(1));
  idle.start();
  idle.pass(9'999);
  EXPECT_TRUE(idle.outputs<NeedProposal>().empty());
  idle.pass(1);
  ASSERT_EQ(idle.outputs<NeedProposal>().size(), 1u);
  EXPECT_FALSE(idle.outputs<NeedProposal>()[0].empty);

  Bench busy(4, leader_of(1));
  busy.start();
  busy.step(Workload{true, 0});
  EXPECT_EQ(busy.outputs<NeedProposal>().size(), 1u);
}

TEST(Pace, OwnProposalIsDurableAndNotRepeatedAfterARestart) {  // commonware #2797
  Bench bench(4, leader_of(1));
  bench.start();
  bench.step(Workload{true, 0});
  auto const payload = base::encode(std::uint64_t{9});
  bench.step(ProposalReady{1, payload, crypto::sha256(payload), 1});
  auto const proposals = bench.messages<Propose>();
  ASSERT_EQ(proposals.size(), 1u);
  auto const& header = proposals[0].block.header;
  EXPECT_EQ(header.time_ms, bench_wall_ms + bench.now_ms);
  EXPECT_EQ(header.proposer, bench.me);
  ASSERT_EQ(bench.saved.size(), 1u);
  ASSERT_EQ(bench.records.size(), 1u);
  EXPECT_EQ(std::get<Vote>(bench.records[0].body).ballot.block, header.hash());

  bench.restart(bench.genesis, bench.saved);
  bench.step(Workload{true, 0});
  EXPECT_TRUE(bench.outputs<NeedProposal>().empty());
  bench.step(ProposalReady{1, payload, crypto::sha256(payload), 1});
  EXPECT_TRUE(bench.messages<Propose>().empty());
}

TEST(Pace, AProposalCarriesParentAndSkippedViewsAndRisingTime) {
  Bench bench(4, leader_of(4));
  bench.start();
  auto const first = bench.block(1);
  bench.propose(first);
  bench.tell(bench.notarization(first));
  bench.tell(bench.nullification(2));
  bench.tell(bench.nullification(3));
  bench.wall_skew_ms = -5'000;
  bench.pass(120);
  ASSERT_EQ(bench.outputs<NeedProposal>().size(), 1u);
  EXPECT_EQ(bench.outputs<NeedProposal>()[0].parent, first.header.hash());
  bench.step(ProposalReady{4, {}, crypto::sha256({}), 0});
  auto const proposals = bench.messages<Propose>();
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(proposals[0].parent, bench.notarization(first));
  ASSERT_EQ(proposals[0].nullifications.size(), 2u);
  EXPECT_EQ(proposals[0].nullifications[0].ballot.view, 2u);
  EXPECT_EQ(proposals[0].block.header.time_ms, first.header.time_ms + 1);
  EXPECT_EQ(proposals[0].block.header.height, 2u);
}

TEST(Pace, BeyondSixteenUndecidedBlocksTheLeaderProposesEmptyOnes) {
  for (View const blocks : {15, 16}) {
    Bench bench(4, leader_of(blocks + 1));
    bench.executes = false;
    bench.start();
    bench.step(Workload{true, 0});
    std::vector<Block> chain;
    for (View view = 1; view <= blocks; ++view) {
      auto const* parent = chain.empty() ? nullptr : &chain.back();
      auto const block = bench.block(view, parent);
      bench.tell(bench.notarization(block));
      bench.receive(bench.other(), BlockAnswer{block});
      chain.push_back(block);
    }
    ASSERT_EQ(bench.view(), blocks + 1);
    auto const at_once = bench.outputs<NeedProposal>();
    EXPECT_EQ(at_once.size(), blocks == 15 ? 1u : 0u);
    if (blocks == 15) continue;
    bench.pass(5'000);
    ASSERT_EQ(bench.outputs<NeedProposal>().size(), 1u);
    EXPECT_TRUE(bench.outputs<NeedProposal>()[0].empty);
  }
}

TEST(Pace, ALeaderSilentForThreeOfItsTurnsIsNullifiedAtOnceButRetriedInEverySixteenth) {
  Bench bench(4, 0);
  bench.start();
  Place const silent = 1;
  auto const first = bench.view_of(silent);
  for (View view = 1; view < first + 4 * 20; ++view) {
    bool const its_turn = bench.leaders.of(view) == silent;
    auto const turn = (view - 1) / 4;
    if (its_turn) {
      bool const at_once = bench.voted(VoteKind::nullify, view);
      EXPECT_EQ(at_once, turn >= 3 && turn % 16 != 0) << view;
    } else if (bench.leaders.of(view) != 0) {
      bench.propose(bench.block(view));
    }
    bench.tell(bench.nullification(view));
  }
  // One proposal, even of a view that has passed, and it is trusted again.
  auto next = bench.view();
  while (bench.leaders.of(next) != silent) bench.tell(bench.nullification(next++));
  bench.tell(bench.nullification(next));
  bench.propose(bench.block(next));
  for (++next; bench.leaders.of(next) != silent; ++next) bench.tell(bench.nullification(next));
  EXPECT_EQ(bench.view(), next);
  EXPECT_FALSE(bench.voted(VoteKind::nullify, next));
}

TEST(Pace, VotesAndTheEntryCertificateAreSentAgain) {
  Bench bench(4, leader_of(4));
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  ASSERT_TRUE(bench.voted(VoteKind::finalize, 1));
  bench.propose(bench.block(2, &block), bench.notarization(block));
  ASSERT_TRUE(bench.voted(VoteKind::notarize, 2));
  bench.pass(999);
  EXPECT_FALSE(bench.voted(VoteKind::finalize, 1));
  bench.pass(1);
  EXPECT_TRUE(bench.voted(VoteKind::finalize, 1));
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 2));
  EXPECT_TRUE(bench.voted(VoteKind::nullify, 2));
  auto const certificates = bench.messages<Certificates>();
  ASSERT_EQ(certificates.size(), 1u);
  EXPECT_EQ(certificates[0].certificates[0], bench.notarization(block));
}

TEST(Pace, ReplayedVotesCountInTheOwnTally) {  // commonware #4275
  Bench bench(4, leader_of(4));
  bench.start();
  bench.pass(10'200);
  ASSERT_TRUE(bench.voted(VoteKind::nullify, 1));
  bench.restart(bench.genesis);
  bench.receive(bench.other(1), bench.vote(bench.other(1), bench.ballot(VoteKind::nullify, 1)));
  EXPECT_EQ(bench.view(), 1u);
  bench.receive(bench.other(2), bench.vote(bench.other(2), bench.ballot(VoteKind::nullify, 1)));
  EXPECT_EQ(bench.view(), 2u);
}

TEST(Pace, TheEntryCertificateIsJournaledWithTheFirstVoteAndReplayed) {
  Bench bench(4, leader_of(4));
  bench.start();
  bench.tell(bench.nullification(1));
  EXPECT_TRUE(bench.records.empty());
  bench.propose(bench.block(2), {}, {bench.nullification(1)});
  ASSERT_EQ(bench.records.size(), 2u);
  EXPECT_EQ(std::get<Record::Entry>(bench.records[0].body).certificate, bench.nullification(1));
  EXPECT_EQ(bench.records[0].view(), 2u);
  EXPECT_EQ(bench.records[1].view(), 2u);
  bench.restart(bench.genesis, bench.saved);
  EXPECT_EQ(bench.view(), 2u);
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 2));
}

TEST(Pace, RecordsOfDecidedViewsAreIgnoredInReplay) {  // commonware #3727: the journal behind the application
  Bench bench(4, leader_of(4));
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  Tip const tip{1, block.header.hash(), bench.result_of(block), block.header.time_ms, 1, bench.finalization(block)};
  bench.restart(tip, bench.saved);
  EXPECT_EQ(bench.view(), 2u);
  EXPECT_TRUE(bench.messages<Vote>().empty());
  EXPECT_TRUE(bench.outputs<NeedResult>().empty());
  bench.propose(bench.block(2, &block), bench.finalization(block));
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 2));
}

}  // namespace
}  // namespace consensus::test
