// SPDX-License-Identifier: Apache-2.0
#include "crypto/evidence.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"

namespace crypto {
namespace {

Hash named(std::string_view name) { return sha256(base::bytes_of(name)); }

struct Signer {
  ValidatorSecret secret;
  explicit Signer(std::uint8_t number) { secret.bytes.fill(number); }
  base::ValidatorKey key() const { return validator_key(secret); }
  SignedBallot operator()(Ballot const& ballot) const { return {ballot, validator_sign(secret, ballot.digest())}; }
};

struct Said {
  Hash chain = named("chain");
  Ballot notarize(std::string_view block, std::uint64_t view = 7) const {
    return {VoteKind::notarize, chain, 2, view, 0, named(block), {}};
  }
  Ballot nullify(std::uint64_t view = 7) const { return {VoteKind::nullify, chain, 2, view, 0, {}, {}}; }
  Ballot finalize(std::string_view block, std::string_view result = "result", std::uint64_t view = 7) const {
    return {VoteKind::finalize, chain, 2, view, 9, named(block), named(result)};
  }
};

TEST(Evidence, TellsWhatNoHonestValidatorSigns) {
  Said const said;
  EXPECT_EQ(offence_of(said.notarize("a"), said.notarize("b")), Offence::two_notarize);
  EXPECT_EQ(offence_of(said.nullify(), said.finalize("a")), Offence::nullify_and_finalize);
  EXPECT_EQ(offence_of(said.finalize("a"), said.nullify()), Offence::nullify_and_finalize);
  EXPECT_EQ(offence_of(said.finalize("a"), said.finalize("b")), Offence::two_finalize);
  EXPECT_EQ(offence_of(said.finalize("a"), said.finalize("a", "another result")), Offence::two_finalize);

  EXPECT_FALSE(offence_of(said.notarize("a"), said.notarize("a")));
  EXPECT_FALSE(offence_of(said.notarize("a"), said.nullify()));
  EXPECT_FALSE(offence_of(said.notarize("a"), said.finalize("b")));
  EXPECT_FALSE(offence_of(said.notarize("a"), said.notarize("b", 8)));
  EXPECT_FALSE(offence_of(said.nullify(), said.finalize("a", "result", 8)));
  auto other_epoch = said.notarize("b");
  other_epoch.epoch = 3;
  EXPECT_FALSE(offence_of(said.notarize("a"), other_epoch));
}

TEST(Evidence, HoldsOnlyWithBothSignaturesOfTheKey) {
  Said const said;
  Signer const guilty(1), other(2);
  auto const evidence = make_evidence(guilty.key(), guilty(said.notarize("a")), guilty(said.notarize("b")));
  EXPECT_EQ(evidence, make_evidence(guilty.key(), guilty(said.notarize("b")), guilty(said.notarize("a"))));
  EXPECT_EQ(evidence.epoch(), 2u);
  EXPECT_TRUE(verify(evidence, said.chain));
  EXPECT_FALSE(verify(evidence, named("another chain")));
  EXPECT_EQ(*base::decode<Evidence>(base::encode(evidence)), evidence);

  auto bad = evidence;
  bad.key = other.key();
  EXPECT_FALSE(verify(bad, said.chain));
  bad = evidence;
  bad.second = other(bad.second.ballot);
  EXPECT_FALSE(verify(bad, said.chain));
  bad = evidence;
  bad.second.ballot.view = 8;
  EXPECT_FALSE(verify(bad, said.chain));
  // A second byte string of the same accusation.
  bad = evidence;
  std::swap(bad.first, bad.second);
  EXPECT_FALSE(verify(bad, said.chain));
  // Fields that are not signed cannot make two ballots of one.
  auto padded = guilty(said.nullify());
  padded.ballot.height = 4;
  EXPECT_FALSE(verify(make_evidence(guilty.key(), guilty(said.nullify()), padded), said.chain));
}

}  // namespace
}  // namespace crypto
