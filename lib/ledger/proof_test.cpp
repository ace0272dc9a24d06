// SPDX-License-Identifier: Apache-2.0
#include "ledger/proof.hpp"

#include <gtest/gtest.h>

#include "ledger/world_test.hpp"

namespace ledger {
namespace {

using test::World;

World const& world() {
  static World const made;
  return made;
}

TraceProof prove(std::string_view name) {
  auto proof = prove_trace(world().certified(), name);
  EXPECT_TRUE(proof) << (proof ? "" : base::to_string(proof.error()));
  return proof ? *proof : TraceProof{};
}

std::string seen(Verdict const& verdict) {
  std::string out = verdict.failed || verdict.absent ? std::string(word(verdict)) : "holds";
  for (auto const& missing : verdict.partial) out += "; " + missing;
  return out;
}

std::size_t leaves_of(TraceProof const& proof, std::string_view name) {
  for (auto const& history : proof.histories) {
    if (subject_name(history.key) == name) return history.leaves.size();
  }
  return 0;
}

TEST(Proof, OfAnItemHoldsItsWholeStoryAndNoMore) {
  auto const proof = prove(test::item_name);
  auto const verdict = verify_trace(proof, test::item_name, world().anchor());
  EXPECT_EQ(seen(verdict), "holds") << verdict.detail;
  EXPECT_EQ(leaves_of(proof, test::item_name), 3u);
  EXPECT_EQ(leaves_of(proof, test::carton_name), 6u);
  EXPECT_EQ(leaves_of(proof, test::pallet_name), 13u);
  EXPECT_EQ(leaves_of(proof, test::scarves_name), 2u);
  EXPECT_EQ(leaves_of(proof, test::fabric_name), 4u);
  EXPECT_EQ(leaves_of(proof, test::raw_name), 2u);
  EXPECT_EQ(leaves_of(proof, test::cocoons_name), 4u);
  EXPECT_EQ(proof.histories.size(), 7u);
  EXPECT_EQ(verdict.leaves, 34u);
  EXPECT_EQ(verdict.events, 26u);
  EXPECT_EQ(verdict.signatures, 4u);
  EXPECT_EQ(verdict.validators, 4u);
  EXPECT_EQ(verdict.quorum, 3u);
}

TEST(Proof, ShowsTheOwnSerialAndNotItsSisters) {
  auto const proof = prove(test::item_name);
  auto const bytes = base::encode(proof);
  auto const text = base::text_of(bytes);
  EXPECT_NE(text.find("21/S000042"), std::string_view::npos);
  EXPECT_EQ(text.find("21/S000043"), std::string_view::npos);
  auto const& made = proof.histories[0].leaves[0];
  ASSERT_EQ(made.entries.size(), 1u);
  EXPECT_EQ(made.leaf.view_size, 4u);
  EXPECT_NE(base::text_of(made.head).find("\"outputEPCList\": []"), std::string_view::npos);
}

TEST(Proof, NamesWhatItSpeaksOf) {
  auto const proof = prove(test::item_name);
  std::vector<Bytes> keys;
  for (auto const& record : proof.records) keys.push_back(record.key);
  for (auto const& expected : {state_key(Space::member, "9521002000009"), state_key(Space::member, "9521004000007"),
                               state_key(Space::site, "9521003000008"), state_key(Space::product, "09521001000109"),
                               state_key(Space::product, "09521002000016"), state_key(Space::certificate, "ORG-1")}) {
    EXPECT_TRUE(std::find(keys.begin(), keys.end(), expected) != keys.end()) << base::to_hex(expected);
  }
  EXPECT_EQ(keys.size(), 4u + 4u + 4u + 1u);
}

TEST(Proof, BringsTheRecipeOfATransformation) {
  World other;
  constexpr std::string_view crate = "https://crates.example/7";
  auto const recipe = state_key(Space::recipe, "9521004000007weave");
  store(other.block(), recipe, RecipeRecord{});
  store(other.block(), Space::recipe, "9521004000007spin", RecipeRecord{});
  other.event("9521004000007",
              R"({"type": "TransformationEvent", "readPoint": {"id": "https://id.gs1.org/414/9521004000007"},)"
              R"( "tally:recipe": "weave"})",
              {{state_key(Space::thing, crate)}});
  other.end_block();
  auto const proof = prove_trace(other.certified(), crate).value();
  std::vector<Bytes> recipes;
  for (auto const& record : proof.records) {
    if (record.key[0] == static_cast<std::uint8_t>(Space::recipe)) recipes.push_back(record.key);
  }
  EXPECT_EQ(recipes, std::vector<Bytes>{recipe});
  EXPECT_EQ(seen(verify_trace(proof, crate, other.anchor())), "holds");
}

TEST(Proof, OfEverySubjectHolds) {
  for (auto const name : {test::sister_name, test::carton_name, test::pallet_name, test::scarves_name, test::raw_name,
                          test::cocoons_name}) {
    auto const verdict = verify_trace(prove(name), name, world().anchor());
    EXPECT_EQ(seen(verdict), "holds") << name << ": " << verdict.detail;
  }
  EXPECT_EQ(leaves_of(prove(test::sister_name), test::carton_name), 7u);
  auto const member = verify_trace(prove("https://id.gs1.org/417/9521004000007"),
                                   "https://id.gs1.org/417/9521004000007", world().anchor());
  EXPECT_EQ(seen(member), "holds") << member.detail;
  EXPECT_EQ(member.leaves, 0u);
}

TEST(Proof, OfAThingThatCouldBeGoodsProvesThatItIsNone) {
  World other;
  constexpr std::string_view name = "https://id.gs1.org/01/09521001000109/21/FOREIGN";
  constexpr std::string_view crate = "https://crates.example/7";
  auto const thing = state_key(Space::thing, name);
  other.event("9521004000007",
              R"({"type": "ObjectEvent", "epcList": ["https://id.gs1.org/01/09521001000109/21/FOREIGN"]})",
              {{thing}, {state_key(Space::thing, crate)}});
  other.end_block();
  auto proof = prove_trace(other.certified(), name);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->absent.size(), 1u);
  EXPECT_EQ(seen(verify_trace(*proof, name, other.anchor())), "holds");
  auto const plain = prove_trace(other.certified(), crate);
  EXPECT_TRUE(plain->absent.empty());
  EXPECT_EQ(seen(verify_trace(*plain, crate, other.anchor())), "holds");

  auto bare = *proof;
  bare.absent.clear();
  EXPECT_EQ(seen(verify_trace(bare, name, other.anchor())), "subject");
  // Commissioned after all: the thing's history is no longer the answer.
  ItemRecord record;
  store(other.block(), Space::item, name, record);
  other.end_block();
  auto const certified = other.certified();
  auto lie = *proof;
  lie.header = certified.header;
  lie.finality = *certified.finality;
  auto const paths = certified.tree.prove(*certified.state, std::vector{tree_key(thing)});
  lie.histories[0].depth = paths.depths[0];
  lie.siblings = paths.siblings;
  lie.records.clear();
  lie.absent[0].path = certified.tree.prove(*certified.state, tree_key(Space::item, name));
  EXPECT_EQ(seen(verify_trace(lie, name, other.anchor())), "state_path");
}

TEST(Proof, OfNothingSaysThatNothingIsThere) {
  auto const at = world().certified();
  std::vector<std::string> const names = {"https://id.gs1.org/01/09521001000109/21/NONE", "https://crates.example/7",
                                          "https://id.gs1.org/417/9521009000002", Hash{}.hex()};
  for (auto const& name : names) {
    auto proof = prove_trace(at, name).value();
    EXPECT_EQ(seen(verify_trace(proof, name, world().anchor())), "absent") << name;
    EXPECT_EQ(seen(verify_trace(proof, test::item_name, world().anchor())), "subject");
    proof.absent.back().path = at.tree.prove(*at.state, tree_key(state_key(Space::item, test::item_name)));
    EXPECT_EQ(seen(verify_trace(proof, name, world().anchor())), "state_path") << name;
    proof.absent.pop_back();
    EXPECT_EQ(seen(verify_trace(proof, name, world().anchor())), proof.absent.empty() ? "form" : "subject");
  }
  EXPECT_EQ(prove_trace(at, "https://id.gs1.org/01/09521001000108/21/S1").error().code, base::Code::E_CHECK_DIGIT);
  EXPECT_EQ(prove_trace(at, "no uri").error().code, base::Code::E_EVENT_FORM);
  auto genesis = at;
  genesis.finality.reset();
  EXPECT_EQ(prove_trace(genesis, test::item_name).error().code, base::Code::E_SYNCING);
}

TEST(Proof, OfTheLastLeavesSaysHowManyThereAre) {
  auto const proof = prove_trace(world().certified(), test::item_name, 2).value();
  auto const verdict = verify_trace(proof, test::item_name, world().anchor());
  EXPECT_EQ(seen(verdict), "holds; the last 2 of 3 leaves of " + std::string(test::item_name));
  // The lot is named by the first leaf alone, and what it was made of by the lot.
  EXPECT_EQ(leaves_of(proof, test::item_name), 2u);
  EXPECT_EQ(leaves_of(proof, test::scarves_name), 0u);
  auto const none = prove_trace(world().certified(), test::item_name, 0).value();
  EXPECT_EQ(seen(verify_trace(none, test::item_name, world().anchor())),
            "holds; 0 of 3 leaves of " + std::string(test::item_name));
}

TEST(Proof, OfALongHistoryShowsTheLastLeavesAndSaysSo) {
  World other;
  constexpr std::string_view crate = "https://crates.example/7";
  // Six events of nearly a megabyte: three of them fit.
  for (int i = 0; i < 6; ++i) {
    other.event("9521004000007", "{\"note\": \"" + std::string(1'000'000, 'x') + "\"}",
                {{state_key(Space::thing, crate)}});
  }
  other.end_block();
  auto const proof = prove_trace(other.certified(), crate);
  ASSERT_TRUE(proof);
  auto const verdict = verify_trace(*proof, crate, other.anchor());
  EXPECT_EQ(seen(verdict), "holds; the last 3 of 6 leaves of https://crates.example/7") << verdict.detail;
  EXPECT_EQ(verdict.events, 3u);
  EXPECT_LT(base::encode(*proof).size(), trace_bytes_max + 100'000);
}

TEST(Proof, OfTooManyPartsNamesWhatIsMissing) {
  World other;
  auto const lot = [](int i) { return "https://id.gs1.org/01/09521001000109/10/L" + std::to_string(i); };
  auto const add = [&](std::string const& name, std::vector<Link> links) {
    auto const key = state_key(Space::lot, name);
    store(other.block(), key, LotRecord{});
    other.event("9521004000007", R"({"type": "TransformationEvent"})", {{key, std::move(links)}});
    return Link{LinkRole::made_from, tree_key(key), 0};
  };
  std::vector<Link> parts;
  for (int i = 0; i < 70; ++i) parts.push_back(add(lot(i), {}));
  add(lot(100), parts);
  std::vector<Link> before;
  for (int i = 200; i < 220; ++i) before = {add(lot(i), before)};
  other.end_block();

  auto const wide = verify_trace(*prove_trace(other.certified(), lot(100)), lot(100), other.anchor());
  EXPECT_FALSE(wide.failed) << wide.detail;
  EXPECT_EQ(wide.leaves, 64u);
  EXPECT_EQ(wide.partial.size(), 7u);
  auto const deep = verify_trace(*prove_trace(other.certified(), lot(219)), lot(219), other.anchor());
  EXPECT_FALSE(deep.failed) << deep.detail;
  EXPECT_EQ(deep.leaves, 17u);
  ASSERT_EQ(deep.partial.size(), 1u);
  EXPECT_EQ(deep.partial[0], tree_key(Space::lot, lot(202)).hex() + ", made_from of " + lot(203));
}

}  // namespace
}  // namespace ledger
