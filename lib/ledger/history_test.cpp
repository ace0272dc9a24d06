// SPDX-License-Identifier: Apache-2.0
#include "ledger/history.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

Bytes lot() { return state_key(Space::lot, "https://id.gs1.org/01/09521002000016/10/C2605"); }
Bytes thing() { return state_key(Space::thing, "urn:example:crate:1"); }

std::uint64_t act(Overlay& state, BytesView subject, std::uint64_t log_index, std::vector<Link> links = {}) {
  ActLeaf leaf;
  leaf.height = 3;
  leaf.log_index = log_index;
  leaf.payload_hash = crypto::sha256(big_endian(log_index));
  return append_history(state, subject, leaf, std::move(links));
}

TEST(History, CountsAndFoldsIntoTheRecordsLastBytes) {
  MemoryState below;
  Overlay state(below);
  LotRecord record;
  record.gtin = "09521002000016";
  record.total = 7;
  store(state, lot(), record);
  for (std::uint64_t i = 0; i < 5; ++i)
    EXPECT_EQ(act(state, lot(), 10 + i, {{LinkRole::lot, tree_key(thing()), i}}), i);
  EXPECT_EQ(act(state, thing(), 20), 0u);
  EXPECT_EQ(load<LotRecord>(state, lot())->history, History{});
  fold_histories(state);

  auto const folded = load<LotRecord>(state, lot());
  EXPECT_EQ(folded->history.count, 5u);
  EXPECT_EQ(folded->total, 7u);
  auto const hashes = history_leaf_hashes(state, tree_key(lot()), 5);
  EXPECT_EQ(folded->history.root, crypto::log_root(hashes));
  EXPECT_EQ(hashes[3], crypto::log_leaf_hash(base::encode(*history_leaf(state, tree_key(lot()), 3))));
  EXPECT_EQ(history_leaf_hashes(state, tree_key(lot()), 2).size(), 2u);
  EXPECT_EQ(history_leaf(state, tree_key(lot()), 3)->log_index, 13u);
  EXPECT_FALSE(history_leaf(state, tree_key(lot()), 5));
  EXPECT_EQ(load<ThingRecord>(state, thing())->history.count, 1u);
  EXPECT_EQ(subject_key(state, tree_key(thing())), thing());
  EXPECT_FALSE(subject_key(state, tree_key(Space::item, "x")));
}

TEST(History, GrowsOverBlocksAndForgetsWhatWasDropped) {
  auto const state = std::make_shared<MemoryState>();
  {
    Overlay block(*state);
    act(block, thing(), 0);
    act(block, thing(), 1);
    fold_histories(block);
    state->apply(block.diff());
  }
  Overlay block(*state);
  {
    Overlay failed(block);
    EXPECT_EQ(act(failed, thing(), 2), 2u);
  }
  {
    Overlay done(block);
    EXPECT_EQ(act(done, thing(), 2), 2u);
    block.merge(std::move(done));
  }
  EXPECT_EQ(history_count(block, thing()), 3u);
  fold_histories(block);
  EXPECT_EQ(load<ThingRecord>(block, thing())->history.root,
            crypto::log_root(history_leaf_hashes(block, tree_key(thing()), 3)));
  // Only what grew in this overlay is written.
  Overlay idle(block);
  fold_histories(idle);
  EXPECT_TRUE(idle.diff().empty());
}

TEST(History, TheRootReadsTheRecordWhateverItsNamespace) {
  MemberRecord member;
  member.history = {9, crypto::sha256(Bytes{1})};
  EXPECT_EQ(history_of(base::encode(member)), member.history);
  EXPECT_EQ(history_of(base::encode(History{2, {}})), (History{2, {}}));
  EXPECT_FALSE(history_of(Bytes(39)));
  EXPECT_TRUE(has_history(state_key(Space::member, "")));
  EXPECT_FALSE(has_history(state_key(Space::site, "")));
  EXPECT_FALSE(has_history({}));
}

TEST(Log, KeepsEventsInOrderUnderOneRoot) {
  MemoryState below;
  Overlay state(below);
  EXPECT_EQ(log_size(state), 0u);
  EXPECT_EQ(log_root(state), crypto::sha256(BytesView{}));
  std::vector<Hash> leaves;
  for (std::uint16_t i = 0; i < 6; ++i) {
    StoredEvent event;
    event.event_index = i;
    event.payload = Bytes{static_cast<std::uint8_t>(i)};
    EXPECT_EQ(append_log(state, event), i);
    leaves.push_back(crypto::log_leaf_hash(base::encode(log_leaf(event))));
    EXPECT_EQ(log_root(state), crypto::log_root(leaves));
  }
  EXPECT_EQ(log_size(state), 6u);
  EXPECT_EQ(stored_event(state, 4)->payload, Bytes{4});
  EXPECT_FALSE(stored_event(state, 6));
}

TEST(Log, AnswersForEachLeafAndEachSmallerLog) {
  MemoryState below;
  Overlay state(below);
  std::vector<Hash> leaves;
  std::vector<Hash> roots = {crypto::log_root({})};
  for (std::uint64_t i = 0; i < 600; ++i) {
    StoredEvent event;
    event.height = i;
    append_log(state, event);
    leaves.push_back(crypto::log_leaf_hash(base::encode(log_leaf(event))));
    roots.push_back(log_root(state));
  }
  auto const nodes = [&](unsigned level, std::uint64_t index) { return log_node(state, level, index).value(); };
  for (std::uint64_t const count : {1U, 2U, 255U, 256U, 257U, 511U, 512U, 600U}) {
    for (std::uint64_t at = 0; at < count; at += 1 + count / 7) {
      auto const path = crypto::range_proof(count, at, at + 1, nodes);
      EXPECT_EQ(crypto::range_root(count, at, {leaves[at]}, path), roots[count]) << at << " of " << count;
    }
    for (std::uint64_t first = 1; first <= count; first += 1 + count / 9) {
      auto const proof = crypto::consistency_proof(first, count, nodes);
      EXPECT_TRUE(crypto::is_consistent(first, roots[first], count, roots[count], proof)) << first << " of " << count;
    }
  }
  EXPECT_EQ(log_node(state, 8, 1), crypto::log_root({leaves.begin() + 256, leaves.begin() + 512}));
  EXPECT_FALSE(log_node(state, 8, 2)) << "not full";
  EXPECT_FALSE(log_node(state, 0, 600));
  EXPECT_FALSE(log_node(state, 64, 0));
}

}  // namespace
}  // namespace ledger
