// SPDX-License-Identifier: Apache-2.0
// What proofs weigh at the size of the design: 22 validators, 2^30 keys. The depth of the state tree is simulated, all
// else is a real proof: the hashes beside simulated paths are random, and both verifiers accept what comes out.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "crypto/places.hpp"
#include "ledger/golden_test.hpp"
#include "ledger/proof.hpp"
#include "ledger/world_test.hpp"

namespace ledger {
namespace {

using test::World;

constexpr std::size_t validators = 22;
constexpr double keys_in_tree = 1u << 30;
constexpr std::size_t kilobyte = 1024;

/// The paths that these keys would have among 2^30 others.
class DeepTree {
 public:
  explicit DeepTree(unsigned seed) : chance_(seed) {}

  /// Places the proof's records in it, and lets 22 validators certify its root.
  void hold(TraceProof& proof) {
    std::vector<PlacedRecord> records;
    for (auto const& history : proof.histories) records.push_back({tree_key(history.key), history.record, depth()});
    for (auto const& record : proof.records) records.push_back({tree_key(record.key), record.record, depth()});
    std::sort(records.begin(), records.end(), [](auto const& a, auto const& b) { return a.key < b.key; });
    proof.siblings.clear();
    walk(records, 0, proof.siblings);
    for (auto& history : proof.histories) history.depth = depths_.at(tree_key(history.key));
    for (auto& record : proof.records) record.depth = depths_.at(tree_key(record.key));
    for (auto& record : records) record.depth = depths_.at(record.key);
    proof.header.state_root = *root_of(records, proof.siblings);
    certify(proof);
  }
  static void certify(TraceProof& proof) {
    proof.validators = test::validators(validators);
    proof.header.validators_hash = proof.header.next_validators_hash = proof.validators.hash();
    proof.finality = test::finality_of(proof.header, validators, validators);
  }
  static Anchor anchor(TraceProof const& proof) { return {proof.chain, test::validators(validators).hash()}; }

 private:
  /// How deep a leaf stands among so many: P(depth <= d) = (1 - 2^-d)^keys.
  std::uint8_t depth() {
    double const u = std::uniform_real_distribution<double>(0, 1)(chance_);
    for (unsigned d = 1; d < 255; ++d) {
      if (std::pow(1 - std::pow(2.0, -static_cast<double>(d)), keys_in_tree) >= u) return static_cast<std::uint8_t>(d);
    }
    return 255;
  }
  Hash random() {
    Hash out;
    for (auto& byte : out.bytes) byte = static_cast<std::uint8_t>(chance_());
    return out;
  }
  void walk(std::span<PlacedRecord> records, unsigned depth, List<Hash, 65535>& siblings) {
    if (records.empty()) return siblings.push_back(random());
    if (records.size() == 1 && records[0].depth <= depth) {
      depths_[records[0].key] = static_cast<std::uint8_t>(depth);
      return;
    }
    auto const is_left = [&](PlacedRecord const& one) {
      return (one.key.bytes[depth / 8] >> (7 - depth % 8) & 1) == 0;
    };
    auto const left = std::partition_point(records.begin(), records.end(), is_left) - records.begin();
    walk(records.first(static_cast<std::size_t>(left)), depth + 1, siblings);
    walk(records.subspan(static_cast<std::size_t>(left)), depth + 1, siblings);
  }

  std::mt19937 chance_;
  std::map<Hash, std::uint8_t> depths_;
};

/// The bytes of a proof that are not what it shows: not its records, not its events.
std::size_t overhead(TraceProof const& proof) {
  std::size_t out = base::encode(proof).size();
  for (auto const& history : proof.histories) {
    out -= history.key.size() + history.record.size();
    for (auto const& leaf : history.leaves) out -= base::encode(leaf).size();
  }
  for (auto const& record : proof.records) out -= record.key.size() + record.record.size();
  return out;
}

struct Sizes {
  std::size_t mean = 0;
  std::size_t most = 0;
};

/// Over a thousand trees.
template <class Measure>
Sizes over_trees(TraceProof proof, Measure const& measure) {
  constexpr unsigned trees = 1000;
  Sizes out;
  for (unsigned seed = 0; seed < trees; ++seed) {
    DeepTree(seed).hold(proof);
    auto const size = measure(proof);
    out.mean += size;
    out.most = std::max(out.most, size);
  }
  out.mean /= trees;
  return out;
}

void print(char const* what, Sizes const& sizes, std::size_t bound) {
  std::printf("%-64s %6zu bytes, at most %6zu of a thousand trees; to reach %zu\n", what, sizes.mean, sizes.most,
              bound);
}

constexpr std::string_view crate = "https://crates.example/200";

/// A world in which this thing or item was seen again and again.
World seen(std::string_view name, Space space, int times) {
  World out;
  for (int i = 0; i < times; ++i) {
    out.event("9521004000007",
              R"({"type": "ObjectEvent", "eventTime": "2026-08-13T07:10:00Z", "eventTimeZoneOffset": "+02:00", )"
              R"("action": "OBSERVE", "bizStep": "arriving", "disposition": "in_transit", "epcList": [")" +
                  std::string(name) + R"("], "readPoint": {"id": "https://id.gs1.org/414/9521004000007"}})",
              {{state_key(space, name)}});
  }
  out.end_block();
  return out;
}

/// A crate with 200 events, and silk.
World const& world() {
  static World const made = seen(crate, Space::thing, 200);
  return made;
}

/// Without the records that only give names, so that what is left is subjects.
TraceProof subjects_alone(std::string_view name, std::size_t last = trace_leaves_max) {
  auto proof = prove_trace(world().certified(), name, last).value();
  proof.records.clear();
  return proof;
}

TEST(ProofSize, FixedPartOfAProof) {
  auto proof = subjects_alone(crate, 1);
  DeepTree(1).hold(proof);
  auto const fixed = base::encode(proof.validators).size() + base::encode(proof.header).size() +
                     base::encode(SimplexFinality(std::get<SimplexFinality>(proof.finality))).size() + 1 + 2 + 32 + 1;
  std::printf("%-64s %6zu bytes; to reach 2867\n", "fixed part: set, header, all 22 signatures", fixed);
  EXPECT_LE(fixed, 2867u);
}

TEST(ProofSize, OneSubjectWithTwentyOfTwoHundredEvents) {
  auto const proof = subjects_alone(crate, 20);
  auto const sizes = over_trees(proof, overhead);
  print("one subject, the last 20 of 200 events shown", sizes, 4 * kilobyte + kilobyte / 2);
  EXPECT_LE(sizes.most, 4 * kilobyte + kilobyte / 2);
}

TEST(ProofSize, OneSubjectAtWorst) {
  // Every tenth event: no two shown ones share a hash beside their paths until near the root.
  auto proof = subjects_alone(crate);
  auto& history = proof.histories[0];
  auto const whole = history.leaves;
  std::vector<Hash> hashes;
  std::vector<std::uint64_t> places;
  history.leaves.clear();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    hashes.push_back(crypto::log_leaf_hash(base::encode(whole[i].leaf)));
    if (i % 10 != 5) continue;
    history.leaves.push_back(whole[i]);
    places.push_back(i);
  }
  ASSERT_EQ(places.size(), 20u);
  history.hashes = crypto::places_proof(hashes, places);
  auto const sizes = over_trees(proof, overhead);
  print("one subject, 20 of 200 events shown, none beside another", sizes, 8 * kilobyte);
  EXPECT_LE(sizes.most, 8 * kilobyte);
  DeepTree(1).hold(proof);
  auto const verdict = verify_trace(proof, crate, DeepTree::anchor(proof));
  EXPECT_EQ(word(verdict), "partial") << verdict.detail;
  ASSERT_EQ(verdict.partial.size(), 1u);
  EXPECT_EQ(verdict.partial[0], "20 of 200 leaves of https://crates.example/200");
}

TEST(ProofSize, FurtherSubjectsShareTheirPaths) {
  auto const all = subjects_alone(test::item_name);
  auto one = all;
  one.histories.resize(1);
  auto const further = all.histories.size() - 1;
  ASSERT_EQ(further, 6u);
  auto const sizes = over_trees(all, [&](TraceProof const& proof) { return overhead(proof); });
  auto const alone = over_trees(one, [&](TraceProof const& proof) { return overhead(proof); });
  Sizes const each{(sizes.mean - alone.mean) / further, (sizes.most - alone.mean) / further};
  print("each further subject: lot, carton, pallet, three lots before", each, 9 * kilobyte / 10);
  EXPECT_LE(each.mean, 9 * kilobyte / 10);
}

TEST(ProofSize, AbsenceAtTheSameDepth) {
  auto proof = prove_trace(world().certified(), "https://crates.example/none").value();
  for (auto& one : proof.absent) one.path.siblings.resize(31);
  std::printf("%-64s %6zu bytes\n", "the absence of one name, with 31 hashes", overhead(proof));
}

std::string vector(std::string const& name, TraceProof const& proof, std::string_view subject) {
  auto const anchor = DeepTree::anchor(proof);
  auto const verdict = verify_trace(proof, subject, anchor);
  EXPECT_FALSE(verdict.failed) << verdict.detail;
  auto const line = [](std::string const& key, std::size_t value) {
    return "  \"" + key + "\": " + std::to_string(value) + ",\n";
  };
  return "{\n  \"name\": \"" + name + "\",\n  \"subject\": \"" + std::string(subject) + "\",\n  \"chain\": \"" +
         anchor.chain.hex() + "\",\n  \"validators_hash\": \"" + anchor.validators_hash.hex() +
         "\",\n  \"verdict\": \"" + std::string(word(verdict)) + "\",\n" + line("events", verdict.events) +
         line("leaves", verdict.leaves) + line("signatures", verdict.signatures) +
         line("validators", verdict.validators) + line("quorum", verdict.quorum) +
         line("partial", verdict.partial.size()) + "  \"proof\": \"0x" + base::to_hex(base::encode(proof)) + "\"\n}\n";
}

/// For the other verifier, and to measure how long a phone takes.
TEST(ProofSize, ProofsAtThisSizeAreVectors) {
  auto twenty = prove_trace(world().certified(), crate, 20).value();
  DeepTree(1).hold(twenty);
  test::expect_golden("proof/good-large-twenty.json", vector("good-large-twenty", twenty, crate));
  auto silk = prove_trace(world().certified(), test::item_name).value();
  DeepTree(2).hold(silk);
  test::expect_golden("proof/good-large-silk.json", vector("good-large-silk", silk, test::item_name));
  // What a capsule must hold (wallet/capsule_test.cpp): fifty events.
  auto fifty = prove_trace(seen(test::item_name, Space::item, 24).certified(), test::item_name).value();
  DeepTree(3).hold(fifty);
  test::expect_golden("proof/good-large-fifty.json", vector("good-large-fifty", fifty, test::item_name));
}

}  // namespace
}  // namespace ledger
