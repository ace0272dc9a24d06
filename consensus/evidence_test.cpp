// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "consensus/bench_test.hpp"

namespace consensus::test {
namespace {

using crypto::Offence;

class Watch : public ::testing::Test {
 protected:
  Watch() : bench(4, 0) {
    Place place = 0;
    while (bench.leaders.of(1) == place || bench.leaders.of(2) == place) ++place;
    bench.me = place;
    bench.config.identity = Identity{place, bench.secrets[place]};
    bench.start();
    guilty = bench.bystanders(1)[0];
  }
  void say(Ballot const& ballot) { bench.receive(bench.other(), bench.vote(guilty, ballot)); }
  /// What the last step accused of; every accusation holds.
  std::vector<Offence> accused() const {
    std::vector<Offence> out;
    for (auto const& accuse : bench.outputs<Accuse>()) {
      EXPECT_TRUE(crypto::verify(accuse.evidence, bench.config.chain, checks()));
      EXPECT_EQ(accuse.evidence.key, bench.config.validators.validators[guilty].key);
      out.push_back(*crypto::offence_of(accuse.evidence.first.ballot, accuse.evidence.second.ballot));
    }
    return out;
  }
  static crypto::SignatureCheck checks() {
    return [](base::ValidatorKey const& key, Hash const& message, base::ValidatorSignature const& signature) {
      return cheap_sign(*crypto::ValidatorSecret::from(key.view()), message) == signature;
    };
  }
  Bench bench;
  Place guilty = 0;
};

TEST_F(Watch, TwoNotarizeOfOneViewAreAccusedOnce) {
  auto const one = bench.block(1);
  auto const two = bench.block(1, nullptr, true);
  say(bench.ballot(VoteKind::notarize, 1, &one));
  EXPECT_TRUE(accused().empty());
  say(bench.ballot(VoteKind::notarize, 1, &two));
  EXPECT_EQ(accused(), std::vector{Offence::two_notarize});
  say(bench.ballot(VoteKind::notarize, 1, &two));
  EXPECT_TRUE(accused().empty());
  // The same again in another view is the same offence.
  auto const three = bench.block(2), four = bench.block(2, nullptr, true);
  say(bench.ballot(VoteKind::notarize, 2, &three));
  say(bench.ballot(VoteKind::notarize, 2, &four));
  EXPECT_TRUE(accused().empty());
}

TEST_F(Watch, TwoProposalsOfOneView) {
  guilty = bench.leaders.of(1);
  bench.propose(bench.block(1));
  bench.propose(bench.block(1, nullptr, true));
  EXPECT_EQ(accused(), std::vector{Offence::two_notarize});
}

TEST_F(Watch, NullifyAndFinalizeInEitherOrder) {
  auto const block = bench.block(1);
  say(bench.ballot(VoteKind::nullify, 1));
  say(bench.ballot(VoteKind::finalize, 1, &block, bench.result_of(block)));
  EXPECT_EQ(accused(), std::vector{Offence::nullify_and_finalize});
  guilty = bench.bystanders(1)[1];
  say(bench.ballot(VoteKind::finalize, 1, &block, bench.result_of(block)));
  say(bench.ballot(VoteKind::nullify, 1));
  EXPECT_EQ(accused(), std::vector{Offence::nullify_and_finalize});
}

TEST_F(Watch, TwoResultsOfOneBlock) {
  auto const block = bench.block(1);
  say(bench.ballot(VoteKind::finalize, 1, &block, bench.result_of(block)));
  say(bench.ballot(VoteKind::finalize, 1, &block, Hash{}));
  EXPECT_EQ(accused(), std::vector{Offence::two_finalize});
}

TEST_F(Watch, SignaturesInsideCertificatesCountToo) {
  auto const one = bench.block(1), two = bench.block(1, nullptr, true);
  bench.tell(bench.notarization(one));
  auto const places = crypto::signers_of(bench.notarization(one), 4);
  guilty = static_cast<Place>(places[0] == bench.me ? places[1] : places[0]);
  say(bench.ballot(VoteKind::notarize, 1, &two));
  EXPECT_EQ(accused(), std::vector{Offence::two_notarize});
}

TEST_F(Watch, AViewThatIsDecidedIsStillWatched) {
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  bench.tell(bench.finalization(block));
  ASSERT_EQ(bench.core->status().tip.height, 1u);
  auto const places = crypto::signers_of(bench.finalization(block), 4);
  guilty = static_cast<Place>(places[0] == bench.me ? places[1] : places[0]);
  say(bench.ballot(VoteKind::nullify, 1));
  EXPECT_EQ(accused(), std::vector{Offence::nullify_and_finalize});
}

TEST_F(Watch, NobodyIsAccusedForWhatItMaySign) {
  auto const block = bench.block(1);
  say(bench.ballot(VoteKind::notarize, 1, &block));
  say(bench.ballot(VoteKind::nullify, 1));
  EXPECT_TRUE(accused().empty());
  auto const other = bench.block(2);
  say(bench.ballot(VoteKind::notarize, 2, &other));
  say(bench.ballot(VoteKind::finalize, 2, &other, bench.result_of(other)));
  EXPECT_TRUE(accused().empty());
}

TEST_F(Watch, AForgedVoteAccusesNobody) {
  auto const one = bench.block(1), two = bench.block(1, nullptr, true);
  say(bench.ballot(VoteKind::notarize, 1, &one));
  auto vote = bench.vote(guilty, bench.ballot(VoteKind::notarize, 1, &two));
  vote.signature.bytes[0] ^= 1;
  bench.receive(bench.other(), vote);
  EXPECT_TRUE(accused().empty());
  // Another's signature under its place.
  vote = bench.vote(bench.bystanders(1)[1], vote.ballot);
  vote.place = guilty;
  bench.receive(bench.other(), vote);
  EXPECT_TRUE(accused().empty());
}

TEST_F(Watch, OldViewsAreForgottenInTime) {
  std::vector<Block> chain;
  for (View view = 1; view <= 70; ++view) {
    chain.push_back(bench.block(view, chain.empty() ? nullptr : &chain.back()));
    bench.tell(bench.finalization(chain.back()));
    bench.receive(bench.other(), BlockAnswer{chain.back()});
  }
  ASSERT_EQ(bench.core->status().tip.height, 70u);
  guilty = bench.other();
  auto const places = crypto::signers_of(bench.finalization(chain[0]), 4);
  guilty = static_cast<Place>(places[0] == bench.me ? places[1] : places[0]);
  say(bench.ballot(VoteKind::nullify, 1));
  EXPECT_TRUE(accused().empty());
}

}  // namespace
}  // namespace consensus::test
