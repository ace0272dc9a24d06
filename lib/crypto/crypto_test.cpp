// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "crypto/certificate.hpp"
#include "crypto/party.hpp"
#include "crypto/places.hpp"

namespace crypto {
namespace {

template <class T>
T hex(char const* text) {
  return T::from_text(text).value();
}

TEST(Hash, Sha256OfAbc) {
  EXPECT_EQ(sha256(base::bytes_of("abc")).hex(), "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(hash(Tag::record, {base::bytes_of("a")}), hash(Tag::key, {base::bytes_of("a")}));
}

TEST(Party, Bip340Vector1) {  // BIP-340 test vectors, index 1
  auto const secret = hex<PartySecret>("b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef");
  auto const aux = hex<Hash>("0000000000000000000000000000000000000000000000000000000000000001");
  auto const message = hex<Hash>("243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89");
  auto const key = party_key(secret).value();
  EXPECT_EQ(key.hex(), "0xdff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659");
  auto const signature = party_sign(secret, message, aux);
  EXPECT_EQ(signature.hex(),
            "0x6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de33418906d11ac976abccb20b091292bff4ea897efcb6"
            "39ea871cfa95f6de339e4b0a");
  EXPECT_TRUE(party_verify(key, message, signature));
  EXPECT_FALSE(party_verify(key, aux, signature));
  PartyVerifier verifier;
  for (int times = 0; times < 2; ++times) {
    EXPECT_TRUE(verifier.verify(key, message, signature));
    EXPECT_FALSE(verifier.verify(key, aux, signature));
    EXPECT_FALSE(verifier.verify({}, message, signature)) << "no point";
  }
  EXPECT_FALSE(party_key(PartySecret{}));
  EXPECT_FALSE(is_party_key(
      hex<base::PartyKey>("eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34")));  // vector 5
}

TEST(Validator, SignsAndRefusesSmallOrderKeys) {
  auto const secret = hex<ValidatorSecret>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  auto const key = validator_key(secret);
  EXPECT_EQ(key.hex(), "0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");  // RFC 8032, test 1
  EXPECT_TRUE(is_validator_key(key));
  EXPECT_FALSE(is_validator_key(base::ValidatorKey{}));
  auto const message = sha256(base::bytes_of("x"));
  auto signature = validator_sign(secret, message);
  EXPECT_TRUE(validator_verify(key, message, signature));
  signature.bytes[3] ^= 1;
  EXPECT_FALSE(validator_verify(key, message, signature));
}

std::vector<Hash> leaves(std::size_t count) {
  std::vector<Hash> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(log_leaf_hash(base::encode(static_cast<std::uint64_t>(i))));
  return out;
}

/// The reference tree of certificate-transparency-go.
std::vector<Hash> reference_leaves() {
  char const* const inputs[] = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  std::vector<Hash> out;
  for (auto const* input : inputs) out.push_back(log_leaf_hash(base::from_hex(input).value()));
  return out;
}

NodeSource nodes_of(std::vector<Hash> const& all) {
  return [&all](unsigned level, std::uint64_t index) {
    auto const begin = all.begin() + static_cast<std::ptrdiff_t>(index << level);
    return log_root({begin, begin + (std::ptrdiff_t{1} << level)});
  };
}

TEST(Merkle, RootsOfRfc6962) {
  EXPECT_EQ(log_root({}).hex(), "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(log_root(reference_leaves()).hex(), "0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(Merkle, ConsistencyAndAuditPathsOfRfc6962) {
  auto const all = reference_leaves();
  auto const proof = [&](std::uint64_t first, std::uint64_t count) {
    std::string out;
    for (auto const& hash : consistency_proof(first, count, nodes_of(all))) out += hash.hex().substr(2, 8) + " ";
    return out;
  };
  EXPECT_EQ(proof(1, 1), "");
  EXPECT_EQ(proof(1, 8), "96a296d2 5f083f0a 6b47aaf2 ");
  EXPECT_EQ(proof(6, 8), "0ebc5d34 ca854ea1 d37ee418 ");
  EXPECT_EQ(proof(2, 5), "5f083f0a bc1a0643 ");
  auto const path = [&](std::uint64_t count, std::uint64_t leaf) {
    std::string out;
    for (auto const& hash : audit_path(count, leaf, nodes_of(all))) out += hash.hex().substr(2, 8) + " ";
    return out;
  };
  EXPECT_EQ(path(1, 0), "");
  EXPECT_EQ(path(8, 0), "96a296d2 5f083f0a 6b47aaf2 ");
  EXPECT_EQ(path(8, 5), "bc1a0643 ca854ea1 d37ee418 ");
  EXPECT_EQ(path(3, 2), "fac54203 ");
  EXPECT_EQ(path(5, 1), "6e340b9c 5f083f0a bc1a0643 ");
}

TEST(Merkle, EverySmallerLogIsConsistentAndNoOther) {
  auto const all = leaves(20);
  for (std::uint64_t count = 1; count <= all.size(); ++count) {
    auto const root = log_root({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
    for (std::uint64_t first = 1; first <= count; ++first) {
      auto const before = log_root({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first)});
      auto proof = consistency_proof(first, count, nodes_of(all));
      EXPECT_TRUE(is_consistent(first, before, count, root, proof)) << first << " of " << count;
      if (first < count) {
        EXPECT_FALSE(is_consistent(first, root, count, root, proof));
        EXPECT_FALSE(is_consistent(first, before, count, before, proof));
        EXPECT_FALSE(is_consistent(first + 1, before, count, root, proof)) << first << " of " << count;
      }
      for (auto& hash : proof) {
        hash.bytes[7] ^= 1;
        EXPECT_FALSE(is_consistent(first, before, count, root, proof));
        hash.bytes[7] ^= 1;
      }
      proof.push_back(root);
      EXPECT_FALSE(is_consistent(first, before, count, root, proof));
    }
  }
  EXPECT_FALSE(is_consistent(0, log_root({}), 1, all[0], {}));
}

TEST(Merkle, EveryRangeProvesAndNoOtherLeafDoes) {
  for (std::size_t count = 0; count <= 17; ++count) {
    auto const all = leaves(count);
    auto const root = log_root(all);
    for (std::size_t first = 0; first <= count; ++first) {
      for (std::size_t last = first; last <= count; ++last) {
        auto const proof = range_proof(all, first, last);
        std::vector<Hash> shown(all.begin() + static_cast<std::ptrdiff_t>(first),
                                all.begin() + static_cast<std::ptrdiff_t>(last));
        ASSERT_EQ(range_root(count, first, shown, proof), root) << count << " " << first << " " << last;
        if (shown.empty()) continue;
        auto const honest = shown;
        shown[0].bytes[0] ^= 1;
        EXPECT_NE(range_root(count, first, shown, proof), root);
        shown = honest;
        shown.pop_back();
        EXPECT_NE(range_root(count, first, shown, proof), root);
        auto longer = proof;
        longer.push_back(root);
        EXPECT_FALSE(range_root(count, first, honest, longer));
      }
    }
  }
}

TEST(Merkle, EveryChoiceOfLeavesProvesAndNoOtherDoes) {
  for (std::size_t count = 0; count <= 9; ++count) {
    auto const all = leaves(count);
    auto const root = log_root(all);
    for (unsigned choice = 0; choice < 1u << count; ++choice) {
      std::vector<std::uint64_t> places;
      std::vector<Placed> shown;
      for (std::size_t i = 0; i < count; ++i) {
        if ((choice >> i & 1) == 0) continue;
        places.push_back(i);
        shown.emplace_back(i, all[i]);
      }
      auto proof = places_proof(all, places);
      ASSERT_EQ(places_root(count, shown, proof), root) << count << " " << choice;
      if (shown.empty()) continue;
      auto lie = shown;
      lie[0].second.bytes[0] ^= 1;
      EXPECT_NE(places_root(count, lie, proof), root);
      lie = shown;
      lie.back().first = count;
      EXPECT_FALSE(places_root(count, lie, proof));
      lie = shown;
      lie.push_back(shown.back());
      EXPECT_FALSE(places_root(count, lie, proof));
      proof.push_back(root);
      EXPECT_FALSE(places_root(count, shown, proof));
    }
  }
  auto const all = leaves(9);
  EXPECT_EQ(places_proof(all, {2, 3, 4}), range_proof(all, 2, 5));
}

TEST(Certificate, NeedsAQuorumOfDistinctSigners) {
  ValidatorSet set;
  std::vector<ValidatorSecret> secrets;
  for (std::uint8_t i = 0; i < 4; ++i) {
    ValidatorSecret secret;
    secret.bytes.fill(static_cast<std::uint8_t>(i + 1));
    secrets.push_back(secret);
    set.validators.push_back({{}, validator_key(secret), {}});
  }
  Hash const chain = sha256(base::bytes_of("chain"));
  Ballot const ballot{
      VoteKind::finalize, chain, 1, 5, 3, sha256(base::bytes_of("block")), sha256(base::bytes_of("result"))};
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
  for (std::size_t i : {0, 1, 3}) votes.emplace_back(i, validator_sign(secrets[i], ballot.digest()));
  auto const good = make_certificate(ballot, 4, votes);
  EXPECT_TRUE(verify(good, set, chain));
  EXPECT_FALSE(verify(good, set, ballot.block));
  auto bad = good;
  bad.ballot.view = 6;
  EXPECT_FALSE(verify(bad, set, chain));
  bad = good;
  bad.signers[0] = 0x1b;  // claims a fourth signer
  EXPECT_FALSE(verify(bad, set, chain));
  bad = good;
  bad.signers[0] = 0x1b & ~2;
  EXPECT_FALSE(verify(bad, set, chain));
  bad = make_certificate(ballot, 4, {votes[0], votes[1]});
  EXPECT_FALSE(verify(bad, set, chain));
  EXPECT_TRUE(verify(bad, set, chain, 2, validator_verify));
  EXPECT_FALSE(verify(good, set, chain, 4, validator_verify));
  EXPECT_TRUE(is_well_formed(ballot));
  EXPECT_FALSE(is_well_formed({VoteKind::notarize, chain, 1, 5, 3, ballot.block, {}}));
  EXPECT_FALSE(is_well_formed({VoteKind::nullify, chain, 1, 5, 0, ballot.block, {}}));
  bad = good;
  bad.ballot.kind = VoteKind::notarize;
  EXPECT_FALSE(verify(bad, set, chain));
  for (std::size_t n : {1, 2, 3, 4, 5, 6, 7, 10, 22}) {
    ValidatorSet sized;
    sized.validators.resize(n);
    EXPECT_EQ(sized.quorum(), n - (n - 1) / 3);
  }
}

}  // namespace
}  // namespace crypto
