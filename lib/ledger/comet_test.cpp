// SPDX-License-Identifier: Apache-2.0
// Proofs whose finality is a header and a commit of CometBFT. Those that hold were taken from running chains
// (tests/golden/comet/good-*.json); each lie about one of them must be named, and is kept as a vector for other
// verifiers. A change of the set is played with keys of our own: its headers and votes are made here.
#include <gtest/gtest.h>

#include "base/view.hpp"
#include "gs1/json.hpp"
#include "ledger/vector_test.hpp"
#include "ledger/world_test.hpp"

namespace ledger {
namespace {

using test::Vector;

Vector read_vector(std::string const& name) {
  auto const path = std::filesystem::path(TALLY_SOURCE_DIR) / "tests/golden/comet" / (name + ".json");
  std::ifstream in(path, std::ios::binary);
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  gs1::JsonLimits limits;
  limits.bytes_max = std::size_t{8} << 20;
  auto const value = gs1::parse_json(text, limits);
  CHECK(value.has_value());
  return {name,
          std::string(value->string_of("subject")),
          {*Hash::from_text(value->string_of("chain")), *Hash::from_text(value->string_of("validators_hash"))},
          *base::from_hex(value->string_of("proof"))};
}

void expect_word(Vector const& vector, std::string_view expected) { test::expect(vector, expected, "comet"); }

TraceProof proof_of(Vector const& vector) { return base::decode<TraceProof>(vector.proof).value(); }
CometFinality& finality(TraceProof& proof) { return std::get<CometFinality>(proof.finality); }

template <class Lie>
void expect_lie(std::string const& of, std::string name, Lie const& lie) {
  auto vector = read_vector(of);
  auto proof = proof_of(vector);
  lie(proof);
  vector.name = std::move(name);
  vector.proof = base::encode(proof);
  expect_word(vector, "finality");
}

template <class Kind>
std::size_t count(CometFinality const& finality) {
  std::size_t out = 0;
  for (auto const& vote : finality.votes) out += std::holds_alternative<Kind>(vote) ? 1 : 0;
  return out;
}

/// The place of the first vote of a kind.
template <class Kind>
CometVote& vote(TraceProof& proof) {
  for (auto& one : finality(proof).votes) {
    if (std::holds_alternative<Kind>(one)) return one;
  }
  ADD_FAILURE();
  return finality(proof).votes[0];
}

TEST(Comet, RealChainsHold) {
  for (std::string const name : {"good-first-round", "good-later-round", "good-absent", "good-nil"}) {
    expect_word(read_vector(name), "complete");
  }
  auto later = proof_of(read_vector("good-later-round"));
  EXPECT_GT(finality(later).round, 0u);
  auto absent = proof_of(read_vector("good-absent"));
  EXPECT_EQ(count<CometAbsent>(finality(absent)), 1u);
  auto nil = proof_of(read_vector("good-nil"));
  EXPECT_EQ(count<CometNil>(finality(nil)), 1u);
}

TEST(Comet, LiesAboutVotesAreNamed) {
  std::string const plain = "good-first-round";
  expect_lie(plain, "bad-two-of-four", [](TraceProof& proof) {
    while (finality(proof).commits() > 2) vote<CometCommitted>(proof) = CometAbsent{};
  });
  expect_lie("good-nil", "bad-nil-as-commit", [](TraceProof& proof) {
    auto& one = vote<CometNil>(proof);
    auto const nil = std::get<CometNil>(one);
    one = CometCommitted{nil.time, nil.signature};
  });
  expect_lie("good-nil", "bad-nil-signature",
             [](TraceProof& proof) { std::get<CometNil>(vote<CometNil>(proof)).signature.bytes[3] ^= 1; });
  expect_lie(plain, "bad-vote-signature",
             [](TraceProof& proof) { std::get<CometCommitted>(vote<CometCommitted>(proof)).signature.bytes[3] ^= 1; });
  expect_lie(plain, "bad-vote-time",
             [](TraceProof& proof) { std::get<CometCommitted>(vote<CometCommitted>(proof)).time.nanos ^= 1; });
  expect_lie(plain, "bad-votes-order", [](TraceProof& proof) {
    auto& votes = finality(proof).votes;
    std::swap(votes[0], votes[1]);
  });
  expect_lie(plain, "bad-vote-twice", [](TraceProof& proof) {
    auto& votes = finality(proof).votes;
    votes[3] = votes[2];
  });
  expect_lie(plain, "bad-vote-missing", [](TraceProof& proof) { finality(proof).votes.pop_back(); });
  expect_lie(plain, "bad-vote-more", [](TraceProof& proof) { finality(proof).votes.push_back(CometAbsent{}); });
  expect_lie(plain, "bad-round", [](TraceProof& proof) { ++finality(proof).round; });
  expect_lie(plain, "bad-parts", [](TraceProof& proof) { ++finality(proof).parts; });
  expect_lie(plain, "bad-parts-hash", [](TraceProof& proof) { finality(proof).parts_hash.bytes[0] ^= 1; });
}

TEST(Comet, LiesAboutHeadersAreNamed) {
  std::string const plain = "good-first-round";
  auto const header_lie = [&](std::string const& name, auto const& lie) {
    expect_lie(plain, "bad-header-" + name, [&](TraceProof& proof) { lie(finality(proof).header); });
  };
  header_lie("version", [](CometHeader& header) { ++header.block_version; });
  header_lie("app-version", [](CometHeader& header) { ++header.app_version; });
  header_lie("time", [](CometHeader& header) { header.time.nanos ^= 1; });
  header_lie("last-block", [](CometHeader& header) { header.last_block->hash.bytes[0] ^= 1; });
  header_lie("no-last-block", [](CometHeader& header) { header.last_block.reset(); });
  header_lie("last-commit", [](CometHeader& header) { header.last_commit_hash.bytes[0] ^= 1; });
  header_lie("data", [](CometHeader& header) { header.data_hash.bytes[0] ^= 1; });
  header_lie("next-validators", [](CometHeader& header) { header.next_validators_hash.bytes[0] ^= 1; });
  header_lie("consensus", [](CometHeader& header) { header.consensus_hash.bytes[0] ^= 1; });
  header_lie("results", [](CometHeader& header) { header.last_results_hash.bytes[0] ^= 1; });
  header_lie("evidence", [](CometHeader& header) { header.evidence_hash.bytes[0] ^= 1; });
  header_lie("proposer", [](CometHeader& header) { header.proposer.bytes[0] ^= 1; });
}

TEST(Comet, LiesAboutResultsAreNamed) {
  std::string const plain = "good-first-round";
  expect_lie(plain, "bad-result-time", [](TraceProof& proof) { ++proof.header.time_ms; });
  expect_lie(plain, "bad-result-height", [](TraceProof& proof) { ++proof.header.height; });
  expect_lie(plain, "bad-result-epoch", [](TraceProof& proof) { proof.header.epoch = 1; });
  expect_lie(plain, "bad-result-names-a-set",
             [](TraceProof& proof) { proof.header.validators_hash = proof.validators.hash(); });
  expect_lie(plain, "bad-commit-of-another-height",
             [](TraceProof& proof) { proof.finality = proof_of(read_vector("good-absent")).finality; });
  expect_lie(plain, "bad-other-validators", [](TraceProof& proof) { proof.validators = test::validators(4); });
  expect_lie(plain, "bad-validators-order", [](TraceProof& proof) {
    auto& all = proof.validators.keys;
    std::swap(all[0], all[1]);
  });
}

/// CometBFT's side of a result, signed with the keys of tests.
CometFinality made(ResultHeader const& header, std::size_t size, std::uint8_t from, std::size_t signers,
                   Hash const& next_validators) {
  auto const set = test::validators(size, from);
  CometFinality out;
  out.header.block_version = 11;
  out.header.app_version = 1;
  out.header.time = {1'780'000'000, 5};
  out.header.last_block = CometBlockId{crypto::sha256(base::bytes_of("before")), 1, crypto::sha256({})};
  out.header.next_validators_hash = next_validators;
  out.parts = 1;
  CometPlace const place{header.chain, header.height + 1, header.hash()};
  CometBlockId const block{comet_header_hash(out.header, place, set), out.parts, out.parts_hash};
  for (auto const number : comet_order(set)) {
    if (out.commits() == signers) {
      out.votes.emplace_back(CometAbsent{});
      continue;
    }
    auto const secret = test::validator_secret(static_cast<std::uint8_t>(from + number));
    CometTime const time{1'780'000'001, static_cast<std::uint32_t>(number)};
    auto const bytes = comet_sign_bytes(place, out.round, block, time);
    out.votes.emplace_back(CometCommitted{time, crypto::validator_sign_bytes(secret, bytes)});
  }
  return out;
}

ResultHeader silent(ResultHeader header) {
  header.epoch = header.view = 0;
  header.validators_hash = header.next_validators_hash = {};
  return header;
}

/// Four validators hand over to seven others; the first result of the seven is proved.
TraceProof after_a_change(test::World const& world) {
  auto proof = prove_trace(world.certified(), test::bobbin_name).value();
  proof.header = silent(proof.header);
  EpochEnd end;
  end.header = proof.header;
  end.header.height = proof.header.height - 1;
  end.validators = test::validators(4);
  end.finality = made(end.header, 4, 1, 3, comet_set_hash(test::validators(7, 21)));
  proof.epochs.push_back(end);
  proof.validators = test::validators(7, 21);
  proof.validators.others = {};
  proof.finality = made(proof.header, 7, 21, 5, comet_set_hash(proof.validators.keyed()));
  return proof;
}

TEST(Comet, TrustFollowsTheNextValidators) {
  test::World const world;
  auto const vector = [&](std::string name, TraceProof const& proof) {
    return Vector{std::move(name), std::string(test::bobbin_name), world.anchor(), base::encode(proof)};
  };
  auto const good = after_a_change(world);
  expect_word(vector("good-set-change", good), "complete");
  auto renamed = good;
  renamed.validators.others = crypto::sha256(Bytes{1});
  expect_word(vector("bad-unsigned-names", renamed), "finality");
  auto skipped = good;
  skipped.epochs.clear();
  expect_word(vector("bad-set-change-skipped", skipped), "finality");
  auto few = good;
  few.epochs[0].finality = made(few.epochs[0].header, 4, 1, 2, comet_set_hash(test::validators(7, 21)));
  expect_word(vector("bad-set-change-two-of-four", few), "finality");
  auto elsewhere = good;
  elsewhere.epochs[0].finality = made(elsewhere.epochs[0].header, 4, 1, 4, comet_set_hash(test::validators(4)));
  expect_word(vector("bad-set-change-to-others", elsewhere), "finality");
  auto four_of_seven = good;
  four_of_seven.finality = made(good.header, 7, 21, 4, comet_set_hash(good.validators.keyed()));
  expect_word(vector("bad-four-of-seven", four_of_seven), "finality");
  auto backwards = good;
  backwards.epochs[0].header.height = good.header.height;
  backwards.epochs[0].finality = made(backwards.epochs[0].header, 4, 1, 4, comet_set_hash(test::validators(7, 21)));
  expect_word(vector("bad-set-change-not-before", backwards), "finality");
  // Sets go by CometBFT's name only after CometBFT's headers.
  auto mixed = good;
  mixed.epochs[0].header.epoch = 1;
  mixed.epochs[0].header.validators_hash = test::validators(4).hash();
  mixed.epochs[0].header.next_validators_hash = test::validators(7, 21).hash();
  mixed.epochs[0].finality = test::finality_of(mixed.epochs[0].header, 4, 4);
  expect_word(vector("bad-engines-mixed", mixed), "finality");
}

}  // namespace
}  // namespace ledger
