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
    LogLeaf leaf;
    leaf.event_index = i;
    StoredEvent event;
    event.payload = Bytes{static_cast<std::uint8_t>(i)};
    EXPECT_EQ(append_log(state, leaf, event), i);
    leaves.push_back(crypto::log_leaf_hash(base::encode(leaf)));
    EXPECT_EQ(log_root(state), crypto::log_root(leaves));
  }
  EXPECT_EQ(log_size(state), 6u);
  EXPECT_EQ(stored_event(state, 4)->payload, Bytes{4});
  EXPECT_FALSE(stored_event(state, 6));
}

}  // namespace
}  // namespace ledger
