// SPDX-License-Identifier: Apache-2.0
#include "ledger/snapshot.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ledger {
namespace {

Hash root_of(StateDiff state) { return StateTree().with(MemoryState(), state).root(); }

StateDiff some_state(std::size_t count) {
  StateDiff diff;
  for (std::size_t i = 0; i < count; ++i) {
    diff[state_key(Space::item, std::to_string(i))] = Bytes(1 + i % 50, static_cast<std::uint8_t>(i));
  }
  return diff;
}

ChunkRecord record_of(StateDiff::Entry const& entry) {
  auto const& [key, record] = entry;
  return {{key.begin(), key.end()}, {record->begin(), record->end()}};
}

/// The chunks of a state, whole, as a peer hands them over.
std::vector<Chunk> chunks_of(StateDiff const& state, std::uint8_t depth, std::size_t bytes_max) {
  std::vector<std::vector<ChunkRecord>> parts(std::size_t{1} << depth);
  for (auto const& entry : state) parts[place_of(tree_key(entry.first), depth)].push_back(record_of(entry));
  std::vector<Chunk> out;
  std::vector<ChunkTop> tops;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (auto& chunk : cut(range_at(i, depth), std::move(parts[i]), bytes_max)) {
      tops.push_back(top_of(chunk));
      out.push_back(std::move(chunk));
    }
  }
  auto paths = paths_of(tops);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].siblings = paths.paths[i].siblings;
    out[i].neighbour = paths.paths[i].neighbour;
  }
  return out;
}

std::vector<std::uint8_t> depths_of(std::vector<Chunk> const& chunks) {
  std::vector<std::uint8_t> out;
  for (auto const& chunk : chunks) out.push_back(chunk.range.depth);
  return out;
}

TEST(Snapshot, ChunksOfAnyCutGiveTheRootAndTheState) {
  for (std::size_t const count : {0U, 1U, 2U, 3U, 5U, 40U, 700U}) {
    auto const state = some_state(count);
    auto const root = root_of(state);
    for (auto const depth : std::vector<std::uint8_t>{0, 1, 3, 6}) {
      for (std::size_t const bytes : {1U, 200U, 1'000'000U}) {
        auto const chunks = chunks_of(state, depth, bytes);
        auto const ranges = ranges_of(depths_of(chunks));
        ASSERT_TRUE(ranges.has_value());
        StateDiff made;
        for (std::size_t i = 0; i < chunks.size(); ++i) {
          auto const again = base::decode<Chunk>(base::encode(chunks[i]));
          ASSERT_TRUE(again.has_value());
          auto const verified = verify_chunk(*again, root);
          ASSERT_TRUE(verified.has_value())
              << count << " " << int{depth} << " " << bytes << " " << base::to_string(verified.error());
          EXPECT_EQ(again->range, (*ranges)[i]);
          for (auto const& [key, record] : again->records) made[key] = record;
        }
        EXPECT_EQ(made, state);
      }
    }
  }
}

/// The records of its range, all of them and in order: what another cut of the same state would say.
bool says_the_truth(Chunk const& chunk, StateDiff const& state) {
  std::vector<ChunkRecord> records;
  for (auto const& entry : state) {
    if (chunk.range.holds(tree_key(entry.first))) records.push_back(record_of(entry));
  }
  std::sort(records.begin(), records.end(),
            [](ChunkRecord const& a, ChunkRecord const& b) { return tree_key(a.key) < tree_key(b.key); });
  return chunk.records == base::List<ChunkRecord, 1'000'000>(records.begin(), records.end());
}

TEST(Snapshot, NoAlteredChunkThatLiesIsTaken) {
  auto const state = some_state(300);
  auto const root = root_of(state);
  for (auto const depth : std::vector<std::uint8_t>{0, 2, 4, 9}) {
    auto const chunks = chunks_of(state, depth, 1'000'000);
    for (std::size_t at = 0; at < chunks.size(); ++at) {
      auto const& good = chunks[at];
      auto const refused = [&](std::string const& how, auto const& alter) {
        auto bad = good;
        alter(bad);
        if (bad == good) return;
        EXPECT_FALSE(verify_chunk(bad, root) && !says_the_truth(bad, state))
            << how << ", depth " << int{depth} << ", chunk " << at;
      };
      for (std::size_t i = 0; i < good.records.size(); ++i) {
        refused("a record left out", [&](Chunk& c) { c.records.erase(c.records.begin() + static_cast<long>(i)); });
        refused("a record altered", [&](Chunk& c) { c.records[i].record.push_back(7); });
        refused("a key altered", [&](Chunk& c) { c.records[i].key.back() ^= 1; });
        refused("a record twice", [&](Chunk& c) { c.records.push_back(c.records[i]); });
        refused("another's place", [&](Chunk& c) { std::swap(c.records[i], c.records[0]); });
      }
      refused("a record of another chunk", [&](Chunk& c) {
        for (auto const& record : chunks[(at + 1) % chunks.size()].records) c.records.push_back(record);
      });
      refused("all left out", [&](Chunk& c) { c.records.clear(); });
      refused("a shorter range", [&](Chunk& c) {
        if (c.range.depth == 0) return;
        --c.range.depth;
        c.siblings.pop_back();
      });
      refused("a longer range", [&](Chunk& c) {
        if (c.records.empty()) return;
        ++c.range.depth;
        c.siblings.push_back(Hash{});
      });
      refused("a false boundary", [&](Chunk& c) { c.range.first.bytes[31] ^= 1; });
      refused("a neighbour's range", [&](Chunk& c) { c.range = chunks[(at + 1) % chunks.size()].range; });
      refused("a sibling altered", [&](Chunk& c) {
        if (!c.siblings.empty()) c.siblings.back().bytes[0] ^= 1;
      });
      refused("a sibling less", [&](Chunk& c) {
        if (!c.siblings.empty()) c.siblings.pop_back();
      });
      refused("a sibling more", [&](Chunk& c) { c.siblings.push_back(Hash{}); });
      refused("without its neighbour", [&](Chunk& c) { c.neighbour.reset(); });
      refused("with a neighbour", [&](Chunk& c) {
        auto const& other = chunks[(at + 1) % chunks.size()].records;
        if (!other.empty()) c.neighbour = StatePath::Other{tree_key(other[0].key), Hash{}};
      });
    }
  }
}

TEST(Snapshot, AnEmptyRangeIsShownByTheLoneLeafBesideIt) {
  auto const state = some_state(1);
  auto const root = root_of(state);
  auto const chunks = chunks_of(state, 3, 1'000'000);
  std::size_t empty = 0;
  for (auto const& chunk : chunks) {
    ASSERT_TRUE(verify_chunk(chunk, root).has_value());
    if (!chunk.records.empty()) continue;
    ++empty;
    auto bad = chunk;
    ASSERT_TRUE(bad.neighbour.has_value());
    bad.neighbour->record_hash.bytes[0] ^= 1;
    EXPECT_FALSE(verify_chunk(bad, root).has_value());
    bad.neighbour.reset();
    EXPECT_FALSE(verify_chunk(bad, root).has_value());
  }
  EXPECT_EQ(empty, 7U);
}

/// The record in the empty half would be hidden if its own leaf could pass for the neighbour's.
TEST(Snapshot, ALeafOfTheRangeIsNoNeighbour) {
  auto const state = some_state(1);
  auto const key = state.begin()->first;
  auto const root = root_of(state);
  Chunk hiding;
  hiding.range = range_at(place_of(tree_key(key), 1), 1);
  hiding.siblings.push_back(root);
  hiding.neighbour = StatePath::Other{tree_key(key), crypto::hash(crypto::Tag::record, {*state.begin()->second})};
  EXPECT_FALSE(verify_chunk(hiding, root).has_value());
}

TEST(Snapshot, RangesCoverAllKeysOnce) {
  EXPECT_TRUE(ranges_of({0}).has_value());
  EXPECT_TRUE(ranges_of({1, 2, 3, 3}).has_value());
  EXPECT_TRUE(ranges_of({3, 3, 2, 1}).has_value());
  for (auto const& depths : std::vector<std::vector<std::uint8_t>>{
           {}, {1}, {0, 0}, {1, 1, 1}, {1, 2}, {2, 1, 2}, {255}, {1, 2, 3}, {3, 2, 3, 1}}) {
    EXPECT_FALSE(ranges_of(depths).has_value()) << depths.size();
  }
}

TEST(Snapshot, RecordsThatShareManyBitsAreCutFiner) {
  auto const state = some_state(64);
  std::vector<ChunkRecord> records;
  for (auto const& entry : state) records.push_back(record_of(entry));
  auto const chunks = cut({}, records, 100);
  std::size_t found = 0;
  for (auto const& chunk : chunks) {
    std::size_t bytes = 0;
    for (auto const& [key, record] : chunk.records) bytes += key.size() + record.size() + 8;
    EXPECT_TRUE(bytes <= 100 || chunk.records.size() == 1);
    found += chunk.records.size();
  }
  EXPECT_EQ(found, state.size());
}

}  // namespace
}  // namespace ledger
