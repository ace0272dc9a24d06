// SPDX-License-Identifier: Apache-2.0
#include "ledger/block.hpp"

#include <gtest/gtest.h>

#include "crypto/merkle.hpp"

namespace ledger {
namespace {

crypto::ValidatorSecret secret(std::uint8_t number) {
  crypto::ValidatorSecret out;
  out.bytes.fill(number);
  return out;
}

crypto::ValidatorSet four() {
  crypto::ValidatorSet set;
  for (std::uint8_t i = 1; i <= 4; ++i) set.validators.push_back({{}, crypto::validator_key(secret(i)), {}});
  return set;
}

struct Case {
  ResultHeader header;
  crypto::Ballot ballot;
  std::size_t signers = 3;
};

Case good() {
  Case out;
  out.header.chain = crypto::sha256(base::bytes_of("chain"));
  out.header.epoch = 1;
  out.header.view = 7;
  out.header.height = 5;
  out.header.block_hash = crypto::sha256(base::bytes_of("block"));
  out.header.validators_hash = four().hash();
  out.ballot = {crypto::VoteKind::finalize, out.header.chain, 1, 7, 5, out.header.block_hash, out.header.hash()};
  return out;
}

bool holds(Case const& made, crypto::ValidatorSet const& set = four()) {
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
  for (std::size_t i = 0; i < made.signers; ++i) {
    votes.emplace_back(i, crypto::validator_sign(secret(static_cast<std::uint8_t>(i + 1)), made.ballot.digest()));
  }
  return verify(SimplexFinality{crypto::make_certificate(made.ballot, 4, votes)}, made.header, set);
}

TEST(Finality, AQuorumOfFinalizeVotesOnThisHeaderHolds) {
  EXPECT_TRUE(holds(good()));
  Case later = good();
  later.ballot.view = 9;
  EXPECT_TRUE(holds(later));
}

TEST(Finality, NothingElseHolds) {
  Case few = good();
  few.signers = 2;
  EXPECT_FALSE(holds(few));
  Case earlier = good();
  earlier.ballot.view = 6;
  EXPECT_FALSE(holds(earlier));
  Case foreign_epoch = good();
  foreign_epoch.ballot.epoch = 2;
  EXPECT_FALSE(holds(foreign_epoch));
  Case notarized = good();
  notarized.ballot = {crypto::VoteKind::notarize, notarized.header.chain, 1, 7, 0, notarized.header.block_hash, {}};
  EXPECT_FALSE(holds(notarized));
  Case other_result = good();
  other_result.header.state_root = crypto::sha256(base::bytes_of("other"));
  EXPECT_FALSE(holds(other_result));
  Case foreign_chain = good();
  foreign_chain.ballot.chain = {};
  EXPECT_FALSE(holds(foreign_chain));
  auto other_set = four();
  other_set.validators.pop_back();
  EXPECT_FALSE(holds(good(), other_set));
}

TEST(Roots, AreThoseOfTheCanonicalBytes) {
  Bytes const a = {1}, b = {2, 3};
  EXPECT_EQ(transactions_root({a, b}), crypto::log_node_hash(crypto::log_leaf_hash(a), crypto::log_leaf_hash(b)));
  Receipt receipt;
  receipt.field = "operations[0]";
  EXPECT_EQ(receipts_root({receipt}), crypto::log_leaf_hash(base::encode(receipt)));
  EXPECT_EQ(receipts_root({}), crypto::sha256(BytesView{}));
}

}  // namespace
}  // namespace ledger
