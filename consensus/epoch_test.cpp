// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "consensus/bench_test.hpp"

namespace consensus::test {
namespace {

/// A bench whose core leads the given view first, and the block of view 1 ends the epoch.
struct Ending : Bench {
  explicit Ending(View led, Mutants const& mutants = {}) : Bench(4, leader(led)) {
    config.mutants = mutants;
    config.mutants.cheap_signatures = true;
    ends_epoch = [](Block const& block) { return block.header.view == 1; };
  }
  static Place leader(View view) { return Bench().leaders.of(view); }
};

TEST(Epoch, ItsLastBlockIsProposedItselfAgain) {
  Ending bench(2);
  bench.executes = false;
  bench.start();
  auto const last = bench.block(1);
  bench.propose(last);
  bench.tell(bench.notarization(last));
  ASSERT_EQ(bench.view(), 2u);
  EXPECT_TRUE(bench.outputs<NeedProposal>().empty());
  bench.pass(200);
  auto const proposed = bench.messages<Propose>();
  ASSERT_EQ(proposed.size(), 1u);
  EXPECT_EQ(proposed[0].view, 2u);
  EXPECT_EQ(proposed[0].block, last);
  EXPECT_EQ(proposed[0].parent, bench.notarization(last));
  EXPECT_EQ(proposed[0].ballot(), bench.ballot(VoteKind::notarize, 2, &last));
  EXPECT_TRUE(bench.outputs<NeedProposal>().empty());
}

TEST(Epoch, ItsLastBlockGetsMyVoteInALaterViewAndOneCertificateEnds) {
  Ending bench(4);
  bench.executes = false;
  bench.start();
  auto const last = bench.block(1);
  bench.propose(last);
  bench.tell(bench.notarization(last));
  bench.tell(bench.nullification(2));
  bench.receive(bench.leaders.of(3), bench.proposal_again(3, last, bench.notarization(last), {bench.nullification(2)}));
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 3));
  bench.tell(bench.certificate(bench.ballot(VoteKind::notarize, 3, &last)));
  ASSERT_EQ(bench.view(), 4u);
  bench.step(Executed{last.header.hash(), bench.result_of(last)});
  EXPECT_TRUE(bench.voted(VoteKind::finalize, 1));
  EXPECT_TRUE(bench.voted(VoteKind::finalize, 3));
  auto const finality = bench.certificate(bench.ballot(VoteKind::finalize, 3, &last, bench.result_of(last)));
  bench.tell(finality);
  auto const decided = bench.outputs<Decided>();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_TRUE(decided[0].ends_epoch);
  EXPECT_EQ(decided[0].finalization, finality);
  // The epoch is over: nothing is said any more, but who asks is told how it ended.
  bench.pass(60'000);
  EXPECT_TRUE(bench.out.empty());
  bench.receive(bench.other(), GetCertificates{1, 4, 0});
  ASSERT_EQ(bench.messages<Certificates>().size(), 1u);
  EXPECT_EQ(bench.messages<Certificates>()[0].certificates[0], finality);
}

TEST(Epoch, TheSameBlockAgainNeedsItsNotarizationAndTheSkippedNullifications) {
  Ending bench(4);
  bench.start();
  auto const last = bench.block(1);
  bench.propose(last);
  bench.tell(bench.nullification(1));
  bench.tell(bench.nullification(2));
  bench.receive(bench.leaders.of(3), bench.proposal_again(3, last, {}));
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 3));
  bench.tell(bench.notarization(last));
  EXPECT_TRUE(bench.voted(VoteKind::notarize, 3));
}

TEST(Epoch, ABlockThatDoesNotEndItIsNotProposedAgain) {
  Ending bench(4);
  bench.ends_epoch = [](Block const&) { return false; };
  bench.executes = false;
  bench.start();
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  bench.receive(bench.leaders.of(2), bench.proposal_again(2, block, bench.notarization(block)));
  EXPECT_FALSE(bench.voted(VoteKind::notarize, 2));
  EXPECT_TRUE(bench.voted(VoteKind::nullify, 2));
}

/// True when a child of the last block gets my vote.
bool votes_for_a_child(Mutants const& mutants) {
  Ending bench(4, mutants);
  bench.executes = false;
  bench.start();
  auto const last = bench.block(1);
  bench.propose(last);
  auto const child = bench.block(2, &last, true);
  bench.propose(child, bench.notarization(last));
  return bench.voted(VoteKind::notarize, 2);
}

TEST(Epoch, NothingFollowsItsLastBlock) { EXPECT_FALSE(votes_for_a_child({})); }

TEST(Mutants, AChildInsteadOfTheLastBlockAgainGetsAVote) {
  Mutants mutants;
  mutants.child_instead = true;
  EXPECT_TRUE(votes_for_a_child(mutants));
}

TEST(Epoch, EndsAtItsLastHeight) {
  Ending bench(4);
  bench.ends_epoch = [](Block const&) { return false; };
  bench.config.last_height = 2;
  bench.start();
  auto const first = bench.block(1);
  bench.propose(first);
  auto const second = bench.block(2, &first);
  bench.propose(second, bench.notarization(first));
  bench.tell(bench.finalization(second));
  auto const decided = bench.outputs<Decided>();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_EQ(decided[0].blocks.size(), 2u);
  EXPECT_TRUE(decided[0].ends_epoch);
}

TEST(Epoch, ItsLastBlockIsKnownAgainAfterARestart) {
  Ending bench(2);
  bench.executes = false;
  bench.start();
  auto const last = bench.block(1);
  bench.propose(last);
  bench.tell(bench.notarization(last));
  bench.restart(bench.genesis, bench.saved);
  bench.tell(bench.notarization(last));
  bench.pass(200);
  ASSERT_EQ(bench.messages<Propose>().size(), 1u);
  EXPECT_EQ(bench.messages<Propose>()[0].block, last);
}

TEST(Epoch, TheNextBeginsOnTheBlockAndTellsTheOthersHowTheLastEnded) {
  Ending bench(1);
  auto const last = bench.block(1);
  auto const finality = bench.finalization(last);
  bench.config.epoch = 2;
  bench.config.predecessor = finality;
  bench.genesis = {1, last.header.hash(), bench.result_of(last), last.header.time_ms, 0, {}};
  bench.start();
  bench.step(Workload{true, 0});
  ASSERT_EQ(bench.outputs<NeedProposal>().size(), 1u);
  EXPECT_EQ(bench.outputs<NeedProposal>()[0].height, 2u);
  EXPECT_EQ(bench.outputs<NeedProposal>()[0].parent, last.header.hash());
  bench.pass(1'100);
  bool told = false;
  for (auto const& broadcast : bench.outputs<Broadcast>()) {
    auto const* news = std::get_if<Certificates>(&broadcast.envelope.message);
    if (news == nullptr || broadcast.envelope.epoch != 1) continue;
    told = true;
    EXPECT_EQ(news->certificates, (base::List<Certificate, certificates_max>{finality}));
  }
  EXPECT_TRUE(told);
}

TEST(Epoch, WhoHearsOfANewerOneAsksHowItsOwnEnded) {
  Ending bench(4);
  bench.start();
  bench.step(Received{bench.other(), {bench.config.chain, 2, GetBlock{}}});
  auto const asked = bench.outputs<Send>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].envelope.epoch, 1u);
  EXPECT_EQ(std::get<GetBlocks>(asked[0].envelope.message), GetBlocks{1});
  bench.step(Received{bench.other(), {bench.config.chain, 2, GetBlock{}}});
  EXPECT_TRUE(bench.outputs<Send>().empty());
  // The last block can be final in a later view than its own.
  auto const last = bench.block(1);
  auto const finality = bench.certificate(bench.ballot(VoteKind::finalize, 3, &last, bench.result_of(last)));
  bench.receive(bench.other(), Blocks{{last}, {}, finality});
  ASSERT_EQ(bench.outputs<Decided>().size(), 1u);
  EXPECT_TRUE(bench.outputs<Decided>()[0].ends_epoch);
}

/// True when a certificate of the epoch before leads into the next view of this one.
bool follows_another_epoch(Mutants const& mutants) {
  Ending bench(4, mutants);
  auto const old = bench.nullification(1);
  bench.config.epoch = 2;
  bench.start();
  bench.step(Received{bench.other(), {bench.config.chain, 1, Certificates{{old}}}});
  bench.step(Received{bench.other(), {bench.config.chain, 2, Certificates{{old}}}});
  return bench.view() != 1;
}

TEST(Epoch, CertificatesNeverCrossIt) { EXPECT_FALSE(follows_another_epoch({})); }

TEST(Mutants, WithEpochsMixedACertificateCrossesThem) {
  Mutants mutants;
  mutants.epochs_mixed = true;
  EXPECT_TRUE(follows_another_epoch(mutants));
}

}  // namespace
}  // namespace consensus::test
