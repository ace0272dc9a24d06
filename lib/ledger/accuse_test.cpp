// SPDX-License-Identifier: Apache-2.0
#include "ledger/accuse.hpp"

#include <gtest/gtest.h>

#include "ledger/world_test.hpp"

namespace ledger {
namespace {

/// A result that these validators of a set finalized.
TraceProof finalized(ResultHeader const& header, std::size_t size, std::vector<std::uint8_t> const& signers) {
  TraceProof out;
  out.chain = header.chain;
  out.validators = test::validators(size);
  out.header = header;
  crypto::Ballot const ballot{crypto::VoteKind::finalize, header.chain, header.epoch, header.view, header.height,
                              header.block_hash,          header.hash()};
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
  for (auto const place : signers) {
    auto const secret = test::validator_secret(static_cast<std::uint8_t>(place + 1));
    votes.emplace_back(place, crypto::validator_sign(secret, ballot.digest()));
  }
  out.finality = SimplexFinality{crypto::make_certificate(ballot, size, votes)};
  return out;
}

ResultHeader header_of(std::size_t size, std::uint8_t state) {
  ResultHeader out;
  out.chain = crypto::sha256(Bytes{1});
  out.epoch = 1;
  out.view = 9;
  out.height = 7;
  out.state_root = crypto::sha256(Bytes{state});
  out.validators_hash = out.next_validators_hash = test::validators(size).hash();
  return out;
}

Anchor anchor(std::size_t size) { return {crypto::sha256(Bytes{1}), test::validators(size).hash()}; }

base::ValidatorKey key(std::uint8_t place) {
  return crypto::validator_key(test::validator_secret(static_cast<std::uint8_t>(place + 1)));
}

TEST(Accuse, TwoResultsOfOneHeightNameWhoSignedBoth) {
  auto const found =
      accuse(finalized(header_of(4, 1), 4, {0, 1, 2}), finalized(header_of(4, 2), 4, {1, 2, 3}), anchor(4));
  ASSERT_TRUE(found) << base::to_string(found.error());
  EXPECT_EQ(found->guilty, (std::vector{key(1), key(2)}));
  EXPECT_EQ(found->height, 7u);
  EXPECT_EQ(found->faulty_max, 1u);
}

TEST(Accuse, AnyTwoQuorumsNameMoreThanF) {
  // 2f + 1 of 22 sign each: the first fifteen, and the last fifteen.
  std::vector<std::uint8_t> low, high;
  for (std::uint8_t i = 0; i < 15; ++i) {
    low.push_back(i);
    high.push_back(static_cast<std::uint8_t>(i + 7));
  }
  auto const found = accuse(finalized(header_of(22, 1), 22, low), finalized(header_of(22, 2), 22, high), anchor(22));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->guilty.size(), 8u);
  EXPECT_GT(found->guilty.size(), found->faulty_max);
}

TEST(Accuse, NobodyIsAccusedWithoutAConflict) {
  auto const one = finalized(header_of(4, 1), 4, {0, 1, 2});
  auto const again = finalized(header_of(4, 1), 4, {1, 2, 3});
  EXPECT_EQ(accuse(one, again, anchor(4)).error().field, "height");
  auto later = header_of(4, 2);
  ++later.height;
  EXPECT_EQ(accuse(one, finalized(later, 4, {1, 2, 3}), anchor(4)).error().field, "height");
  // A certificate that does not hold accuses nobody.
  EXPECT_EQ(accuse(one, finalized(header_of(4, 2), 4, {1, 2}), anchor(4)).error().field, "second");
  EXPECT_EQ(accuse(finalized(header_of(4, 2), 4, {1}), one, anchor(4)).error().field, "first");
  EXPECT_EQ(accuse(one, finalized(header_of(4, 2), 4, {1, 2, 3}), anchor(7)).error().field, "first");
}

}  // namespace
}  // namespace ledger
