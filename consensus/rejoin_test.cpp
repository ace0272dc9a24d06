// SPDX-License-Identifier: Apache-2.0
// What a validator does that has lost its vote journal.
#include <gtest/gtest.h>

#include "consensus/bench_test.hpp"

namespace consensus::test {
namespace {

Hash const loss{{0x77}};

/// One of four, whose journal is lost.
struct Forgetful : Bench {
  explicit Forgetful(Place place = 0) : Bench(4, place) { config.loss = loss; }

  StatusAnswer answer(Place place, View view, Hash const& nonce = loss) const {
    StatusAnswer made{nonce, std::nullopt, {}};
    if (view > 1) made.entry = nullification(view - 1);
    made.signature = cheap_sign(secrets[place], made.digest(config.chain, config.epoch));
    return made;
  }
  void hear(Place place, View view) { receive(place, answer(place, view)); }
  std::optional<View> floor() const { return core->status().floor; }
};

TEST(Rejoin, WhoForgotAsksAndSignsNothing) {
  Forgetful bench;
  bench.start();
  ASSERT_EQ(bench.messages<GetStatus>().size(), 1u);
  EXPECT_EQ(bench.messages<GetStatus>()[0].nonce, loss);
  bench.pass(30'000);
  EXPECT_GE(bench.messages<GetStatus>().size(), 25u);
  EXPECT_LE(bench.messages<GetStatus>().size(), 31u);  // once a second
  for (View view = 1; view <= 4; ++view) {
    auto const block = bench.block(view);
    if (block.header.proposer != bench.me) bench.propose(block);
    bench.tell(bench.notarization(block));
    EXPECT_TRUE(bench.messages<Vote>().empty());
    EXPECT_TRUE(bench.messages<Propose>().empty());
  }
  EXPECT_TRUE(bench.outputs<NeedProposal>().empty());
  EXPECT_TRUE(bench.records.empty());
  EXPECT_FALSE(bench.core->status().votes);
}

/// Under load views pass faster than anything else is repeated.
TEST(Rejoin, ItAsksOnceASecondHoweverFastViewsPass) {
  Forgetful bench;
  bench.start();
  std::size_t asked = 0;
  for (View view = 1; view <= 50; ++view) {
    bench.tell(bench.nullification(view));
    asked += bench.messages<GetStatus>().size();
    bench.pass(100);
    asked += bench.messages<GetStatus>().size();
  }
  EXPECT_GE(asked, 4u);
  EXPECT_LE(asked, 5u);
}

TEST(Rejoin, ItVotesAboveTheHighestViewProvenAndOne) {
  Forgetful bench;
  bench.start();
  bench.hear(1, 3);
  bench.hear(2, 1);
  EXPECT_EQ(bench.floor(), std::nullopt);
  bench.hear(3, 2);
  EXPECT_EQ(bench.floor(), View{4});
  // Durable before anything else leaves.
  ASSERT_EQ(bench.records.size(), 1u);
  EXPECT_EQ(std::get<Record::Floor>(bench.records[0].body).view, 4u);
  EXPECT_TRUE(std::holds_alternative<Persist>(bench.out.front()));
  bench.tell(bench.nullification(3));
  bench.pass(11'000);
  EXPECT_FALSE(bench.voted(VoteKind::nullify, 4));
  bench.tell(bench.nullification(4));
  bench.pass(11'000);
  EXPECT_TRUE(bench.voted(VoteKind::nullify, 5));
  EXPECT_TRUE(bench.core->status().votes);
}

TEST(Rejoin, AnOldViewGetsNoFinalizeEither) {
  Forgetful bench;
  bench.start();
  for (Place place = 1; place < 4; ++place) bench.hear(place, 1);
  ASSERT_EQ(bench.floor(), View{2});
  auto const old = bench.block(2);
  bench.tell(bench.nullification(1));
  if (old.header.proposer != bench.me) bench.propose(old);
  bench.receive(bench.other(), BlockAnswer{old});
  bench.tell(bench.notarization(old));
  bench.receive(bench.other(), BlockAnswer{old});
  EXPECT_EQ(bench.view(), 3u);
  bench.pass(2'000);
  EXPECT_FALSE(bench.voted(VoteKind::finalize, 2));
}

TEST(Rejoin, OnlyFreshProvenAnswersOfOthersCountAndEachOnce) {
  Forgetful bench;
  bench.start();
  auto const counted = [&] { return bench.core->status().answers; };
  bench.receive(1, bench.answer(1, 2, Hash{{0x66}}));  // to another question
  bench.receive(1, bench.answer(2, 2));                // another's signature
  auto boasting = bench.answer(1, 2);
  boasting.entry->signatures[0].bytes[0] ^= 1;
  boasting.entry->ballot.view = 90;
  boasting.signature = cheap_sign(bench.secrets[1], boasting.digest(bench.config.chain, bench.config.epoch));
  bench.receive(1, boasting);
  auto modest = bench.answer(1, 2);
  modest.entry.reset();  // the signature is over view 2
  bench.receive(1, modest);
  bench.receive(9, bench.answer(1, 2));  // no validator
  EXPECT_EQ(counted(), 0u);
  bench.hear(1, 2);
  bench.hear(1, 7);
  bench.hear(1, 8);
  EXPECT_EQ(counted(), 1u);
  bench.hear(2, 2);
  bench.hear(3, 2);
  EXPECT_EQ(bench.floor(), View{3});
}

/// Somebody kept answers from before the loss, when all were in the first view.
TEST(Rejoin, AnswersFromBeforeTheLossWouldLeadBackIntoAForgottenView) {
  for (bool const believed : {false, true}) {
    Forgetful bench;
    bench.config.mutants.stale_answers = believed;
    bench.start();
    for (Place place = 1; place < 4; ++place) bench.receive(place, bench.answer(place, 1, Hash{{0x66}}));
    bench.tell(bench.nullification(3));
    bench.pass(11'000);
    EXPECT_EQ(bench.voted(VoteKind::nullify, 4), believed);
  }
}

TEST(Rejoin, TheFloorOutlivesACrashAndTheDecisionAboveIt) {
  Forgetful bench;
  bench.start();
  for (Place place = 1; place < 4; ++place) bench.hear(place, 2);
  ASSERT_EQ(bench.floor(), View{3});
  bench.restart(bench.genesis);
  EXPECT_EQ(bench.floor(), View{3});
  EXPECT_TRUE(bench.messages<GetStatus>().empty());
  auto const decided = bench.block(9);
  bench.restart(
      {1, decided.header.hash(), bench.result_of(decided), decided.header.time_ms, 9, bench.finalization(decided)});
  EXPECT_EQ(bench.floor(), View{3});
  EXPECT_TRUE(bench.core->status().votes);
}

TEST(Rejoin, WhoMayHaveForgottenAnswersNobody) {
  Forgetful bench;
  bench.start();
  auto const answers = [&] {
    bench.now_ms += 1'000;
    bench.receive(2, GetStatus{Hash{{0x55}}});
    return bench.messages<StatusAnswer>();
  };
  EXPECT_TRUE(answers().empty());
  for (Place place = 1; place < 4; ++place) bench.hear(place, 1);
  EXPECT_TRUE(answers().empty());
  bench.tell(bench.nullification(2));
  ASSERT_EQ(answers().size(), 1u);
  EXPECT_EQ(answers()[0].view(), 3u);
}

TEST(Rejoin, AnswersAreSignedAndNotTooOften) {
  Bench bench;
  bench.start();
  bench.tell(bench.nullification(6));
  bench.receive(2, GetStatus{loss});
  auto const told = bench.messages<StatusAnswer>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].view(), 7u);
  EXPECT_EQ(told[0].nonce, loss);
  EXPECT_EQ(told[0].signature, cheap_sign(bench.secrets[0], told[0].digest(bench.config.chain, bench.config.epoch)));
  bench.receive(2, GetStatus{Hash{{0x66}}});
  EXPECT_TRUE(bench.messages<StatusAnswer>().empty());
  bench.receive(3, GetStatus{loss});
  EXPECT_EQ(bench.messages<StatusAnswer>().size(), 1u);
  bench.receive(9, GetStatus{loss});  // no validator
  EXPECT_TRUE(bench.messages<StatusAnswer>().empty());
  bench.now_ms += 500;
  bench.receive(2, GetStatus{loss});
  EXPECT_EQ(bench.messages<StatusAnswer>().size(), 1u);
}

}  // namespace
}  // namespace consensus::test
