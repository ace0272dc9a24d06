// SPDX-License-Identifier: Apache-2.0
#include "ledger/tree.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <random>

#include "ledger/golden_test.hpp"

namespace ledger {
namespace {

/// The tree by its definition, over all leaves each time: slow, and with nothing in common with the real one.
class Oracle {
 public:
  void apply(StateDiff const& diff) {
    for (auto const& [key, record] : diff) {
      if (key[0] >= 0x80) continue;
      if (record) {
        leaves_[tagged(0x05, {key})] = tagged(0x04, {*record});
      } else {
        leaves_.erase(tagged(0x05, {key}));
      }
    }
  }
  Hash root() const { return hash_below(""); }
  std::size_t size() const { return leaves_.size(); }
  std::map<Hash, Hash> const& leaves() const { return leaves_; }
  StatePath prove(Hash const& key) const {
    auto const bits = bits_of(key);
    StatePath path;
    std::string prefix;
    while (below(prefix).size() > 1) {
      char const next = bits[prefix.size()];
      path.siblings.push_back(hash_below(prefix + (next == '0' ? '1' : '0')));
      prefix += next;
    }
    auto const last = below(prefix);
    if (!last.empty() && last[0].first != key) path.other = StatePath::Other{last[0].first, last[0].second};
    return path;
  }

 private:
  static std::string bits_of(Hash const& key) {
    std::string bits;
    for (auto const byte : key.bytes) {
      for (int i = 7; i >= 0; --i) bits += (byte >> i & 1) != 0 ? '1' : '0';
    }
    return bits;
  }
  static Hash tagged(std::uint8_t tag, std::vector<BytesView> const& parts) {
    Bytes input = {tag};
    for (auto const part : parts) base::append(input, part);
    return crypto::sha256(input);
  }
  std::vector<std::pair<Hash, Hash>> below(std::string const& prefix) const {
    std::vector<std::pair<Hash, Hash>> found;
    for (auto const& leaf : leaves_) {
      if (bits_of(leaf.first).starts_with(prefix)) found.push_back(leaf);
    }
    return found;
  }
  Hash hash_below(std::string const& prefix) const {
    auto const found = below(prefix);
    if (found.empty()) return {};
    if (found.size() == 1) return tagged(0x02, {found[0].first.view(), found[0].second.view()});
    return tagged(0x03, {hash_below(prefix + '0').view(), hash_below(prefix + '1').view()});
  }

  std::map<Hash, Hash> leaves_;
};

Bytes key(unsigned long number) { return state_key(Space::item, std::to_string(number)); }

/// All leaves in memory, none, and between them: the tree grows past the bound and shrinks below it again.
constexpr std::uint64_t bounds[] = {leaves_in_memory_max, 0, 35};

/// A state with its tree.
struct Grown {
  explicit Grown(std::uint64_t leaves_max = leaves_in_memory_max) : tree(leaves_max) {}
  StateDiff apply(StateDiff diff) {
    tree = tree.with(state, diff);
    state.apply(diff);
    return diff;
  }
  StatePath prove(Hash const& key) const { return tree.prove(state, key); }

  MemoryState state;
  StateTree tree;
};

/// Changes to keys below a number; some delete, and some change nothing.
StateDiff some_changes(std::mt19937& random, unsigned keys, unsigned deletions_of_ten) {
  StateDiff diff;
  for (auto left = random() % 30; left > 0; --left) {
    bool const gone = random() % 10 < deletions_of_ten;
    diff[key(random() % keys)] = gone ? std::nullopt : std::optional{Bytes{static_cast<std::uint8_t>(random() % 4)}};
  }
  return diff;
}

std::map<Hash, Hash> rows_of(StateView const& state) {
  std::map<Hash, Hash> out;
  state.scan(state_key(Space::tree_leaf, ""), [&](BytesView row, BytesView record) {
    return out.emplace(*Hash::from(row.subspan(1)), *Hash::from(record)).second;
  });
  return out;
}

TEST(Tree, IsWhatItsDefinitionSays) {
  for (auto const bound : bounds) {
    std::mt19937 random(1);
    Oracle oracle;
    Grown grown(bound);
    for (int block = 0; block < 40; ++block) {
      // Later blocks mostly delete, so that subtrees shrink to leaves and to nothing.
      auto diff = some_changes(random, 60, block < 20 ? 2 : 8);
      diff[state_key(Space::replay_id, std::to_string(block))] = Bytes{1};
      oracle.apply(diff);
      grown.apply(diff);
      auto const& [state, tree] = grown;
      ASSERT_EQ(tree.root(), oracle.root());
      ASSERT_EQ(tree.size(), oracle.size());
      ASSERT_EQ(rows_of(state), oracle.leaves());
      ASSERT_TRUE(verify_rows(state));
      ASSERT_EQ(StateTree::of(state, bound).root(), tree.root());
      ASSERT_EQ(StateTree::of(state, bound).size(), tree.size());
      for (unsigned number = 0; number < 60; number += 7) {
        auto const k = tree_key(key(number));
        auto const path = tree.prove(state, k);
        ASSERT_EQ(path, oracle.prove(k));
        ASSERT_EQ(root_of(k, state.get(key(number)), path), tree.root());
      }
    }
    StateDiff all_gone;
    for (unsigned number = 0; number < 60; ++number) all_gone[key(number)] = std::nullopt;
    grown.apply(all_gone);
    EXPECT_EQ(grown.tree.root(), Hash{});
    EXPECT_EQ(grown.tree.size(), 0u);
    EXPECT_TRUE(rows_of(grown.state).empty());
  }
}

/// Blocks that are not decided yet stand on any earlier one. Whoever keeps more in memory makes the same diffs.
TEST(Tree, OfUndecidedBlocksReadsWhatStandsBelowThem) {
  struct Block {
    std::shared_ptr<StateView const> state;
    std::vector<StateTree> trees;
    Oracle oracle;
  };
  std::mt19937 random(2);
  std::vector<Block> blocks(1);
  blocks[0].state = std::make_shared<MemoryState>();
  for (auto const bound : bounds) blocks[0].trees.emplace_back(bound);
  for (int made = 0; made < 60; ++made) {
    auto const& parent = blocks[blocks.size() - 1 - random() % std::min<std::size_t>(blocks.size(), 4)];
    auto const changes = some_changes(random, 90, made % 20 < 14 ? 2 : 8);
    Block block{nullptr, {}, parent.oracle};
    block.oracle.apply(changes);
    auto const root = block.oracle.root();
    std::optional<StateDiff> diff;
    for (auto const& tree : parent.trees) {
      auto own = changes;
      block.trees.push_back(tree.with(*parent.state, own));
      ASSERT_EQ(block.trees.back().root(), root);
      if (diff) {
        ASSERT_EQ(*diff, own);
      }
      diff = std::move(own);
    }
    block.state = std::make_shared<LayeredState>(parent.state, std::make_shared<StateDiff>(*std::move(diff)));
    std::vector<Hash> keys;
    for (unsigned number = 0; number < 90; number += 11) {
      auto const k = tree_key(key(number));
      if (block.oracle.leaves().contains(k)) keys.push_back(k);
      auto const path = block.oracle.prove(k);
      for (auto const& tree : block.trees) ASSERT_EQ(tree.prove(*block.state, k), path);
    }
    auto const shared = block.trees[0].prove(*block.state, keys);
    for (auto const& tree : block.trees) {
      auto const paths = tree.prove(*block.state, keys);
      ASSERT_EQ(paths.siblings, shared.siblings);
      ASSERT_EQ(paths.depths, shared.depths);
    }
    ASSERT_TRUE(verify_rows(*block.state));
    blocks.push_back(std::move(block));
  }
}

TEST(Tree, WhatCameAndWentLeavesNothing) {
  for (auto const bound : bounds) {
    std::mt19937 random(3);
    Grown grown(bound);
    for (unsigned i = 0; i < 50; ++i) grown.apply({{key(i), Bytes{1}}});
    auto const root = grown.tree.root();
    auto const rows = rows_of(grown.state);
    for (int round = 0; round < 30; ++round) {
      StateDiff come, gone;
      for (unsigned i = 0; i < 1 + random() % 40; ++i) {
        auto const number = 50 + random() % 100;
        come[key(number)] = Bytes{2};
        gone[key(number)] = std::nullopt;
      }
      grown.apply(come);
      EXPECT_NE(grown.tree.root(), root);
      grown.apply(gone);
      ASSERT_EQ(grown.tree.root(), root);
      ASSERT_EQ(rows_of(grown.state), rows);
    }
    StateDiff same{{key(1), Bytes{1}}, {key(999), std::nullopt}};
    EXPECT_EQ(grown.apply(same), same) << "rows that did not change are not written";
  }
}

TEST(Tree, RowsThatAreNotThoseOfTheRecordsAreFound) {
  for (auto const bound : bounds) {
    Grown grown(bound);
    for (unsigned i = 0; i < 100; ++i) grown.apply({{key(i), Bytes{static_cast<std::uint8_t>(i)}}});
    auto const root = grown.tree.root();
    auto const row = state_key(Space::tree_leaf, tree_key(key(7)).view());
    auto const other_row = state_key(Space::tree_leaf, tree_key(key(100)).view());
    auto const altered = [&](Bytes const& at, std::optional<Bytes> const& record) {
      auto state = grown.state;
      state.apply({{at, record}});
      EXPECT_EQ(StateTree::of(state, bound).root() == root, at[0] != static_cast<std::uint8_t>(Space::tree_leaf));
      EXPECT_FALSE(verify_rows(state));
    };
    auto flipped = *grown.state.get(row);
    flipped[31] ^= 1;
    altered(row, flipped);
    altered(row, std::nullopt);
    altered(other_row, flipped);
    auto exchanged = grown.state;
    exchanged.apply({{row, std::nullopt}, {other_row, flipped}});
    EXPECT_FALSE(verify_rows(exchanged));
    // The tree stands on its rows: a record that differs is for verify_rows alone.
    altered(key(7), Bytes{8});
    altered(key(7), std::nullopt);
    altered(key(100), Bytes{1});
  }
}

TEST(Tree, OfRecordsTakenOverHasTheirRows) {
  Grown grown(0);
  StateDiff records;
  for (unsigned i = 0; i < 100; ++i) records[key(i)] = Bytes{static_cast<std::uint8_t>(i)};
  records[state_key(Space::receipt, "beside")] = Bytes{1};
  auto const made = grown.apply(records);
  add_rows(records);
  EXPECT_EQ(records, made);
}

/// Rows that nobody keeps, in order and evenly spread: they are made while they are read.
class MadeRows final : public StateView {
 public:
  explicit MadeRows(std::uint64_t rows) : rows_(rows) {}
  bool read(BytesView, std::uint32_t, Reader const&) const override { return false; }
  void scan(BytesView, BytesView, Visitor const& visit) const override {
    auto const gap = ~std::uint64_t{0} / rows_;
    std::mt19937_64 random(4);
    for (std::uint64_t i = 0; i < rows_; ++i) {
      auto row = state_key(Space::tree_leaf, big_endian(i * gap + random() % gap));
      row.resize(33);
      if (!visit(row, BytesView(row).last(32))) return;
    }
  }

 private:
  std::uint64_t rows_;
};

#ifdef __SANITIZE_ADDRESS__
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

/// Bytes that are allocated now; the sanitizers' allocator counts them in its own way.
std::size_t in_use() {
#ifdef __SANITIZE_ADDRESS__
  return __sanitizer_get_current_allocated_bytes();
#else
  return mallinfo2().uordblks + mallinfo2().hblkhd;
#endif
}

TEST(Tree, TakesAFewBytesOfMemoryAKey) {
  for (std::uint64_t const keys : {140'000u, 200'000u, 300'000u}) {
    auto const before = in_use();
    auto const tree = StateTree::of(MadeRows(keys), 0);
    auto const a_key = static_cast<double>(in_use() - before) / static_cast<double>(keys);
    EXPECT_EQ(tree.size(), keys);
    EXPECT_LT(a_key, 20);
    EXPECT_GT(a_key, 1) << "what is measured is not the tree";
  }
  constexpr unsigned keys = 20'000;
  Grown grown(0);
  for (unsigned i = 0; i < keys;) {
    StateDiff diff;
    for (unsigned end = i + 1'000; i < end; ++i) diff[key(i)] = Bytes{1};
    grown.apply(diff);
  }
  auto const before = in_use();
  grown.tree = StateTree(0);
  EXPECT_LT(before - in_use(), 20 * keys) << "a block keeps what a start would not";
}

/// Who hashes four thousand million names finds two records whose keys begin with 64 equal bits. Here a row says that
/// there is one.
TEST(Tree, TellsKeysApartThatBeginAlike) {
  for (auto const bound : bounds) {
    Grown grown(bound);
    for (unsigned i = 0; i < 20; ++i) grown.apply({{key(i), Bytes{1}}});
    for (unsigned const bits : {64u, 65u, 100u, 254u}) {
      auto const name = tree_key(key(20 + bits));
      auto like = name;
      like.bytes[bits / 8] ^= static_cast<std::uint8_t>(0x80U >> bits % 8);
      grown.state.apply({{state_key(Space::tree_leaf, like.view()), Bytes(32, 7)}});
      grown.tree = StateTree::of(grown.state, bound);
      auto const without = grown.tree.root();
      ASSERT_TRUE(grown.prove(name).other);
      EXPECT_EQ(grown.prove(name).other->key, like);
      for (auto const& record : {Bytes{1}, Bytes{2}}) {
        grown.apply({{key(20 + bits), record}});
        EXPECT_EQ(grown.tree.size(), rows_of(grown.state).size());
        EXPECT_EQ(StateTree::of(grown.state, bound).root(), grown.tree.root());
        auto const path = grown.prove(name);
        EXPECT_EQ(path.siblings.size(), bits + 1);
        EXPECT_EQ(root_of(name, record, path), grown.tree.root());
      }
      grown.apply({{key(20 + bits), std::nullopt}});
      EXPECT_EQ(grown.tree.root(), without);
    }
  }
}

TEST(Tree, AnEarlierTreeStaysAsItWas) {
  Grown grown;
  grown.apply({{key(1), Bytes{1}}, {key(2), Bytes{2}}});
  auto const first = grown;
  auto const root = first.tree.root();
  grown.apply({{key(1), std::nullopt}, {key(3), Bytes{3}}});
  EXPECT_EQ(first.tree.root(), root);
  EXPECT_NE(grown.tree.root(), root);
  EXPECT_EQ(root_of(tree_key(key(1)), Bytes{1}, first.prove(tree_key(key(1)))), root);
  grown.apply({{key(1), Bytes{1}}, {key(3), std::nullopt}});
  EXPECT_EQ(grown.tree.root(), root);
}

/// A tree of a hundred keys with a path of some depth to lie about.
struct Made : Grown {
  Hash key = tree_key(ledger::key(5));
  Bytes record = {5};
  StatePath path;
  Made() {
    StateDiff diff;
    for (std::uint8_t i = 0; i < 100; ++i) diff[ledger::key(i)] = Bytes{i};
    apply(diff);
    path = prove(key);
  }
  bool holds(Hash const& of, std::optional<Bytes> const& claimed, StatePath const& shown) const {
    return root_of(of, claimed, shown) == tree.root();
  }
};

TEST(Tree, RefusesPathsThatLie) {
  Made const made;
  ASSERT_GE(made.path.siblings.size(), 3u);
  EXPECT_TRUE(made.holds(made.key, made.record, made.path));
  EXPECT_FALSE(made.holds(made.key, Bytes{6}, made.path));
  EXPECT_FALSE(made.holds(made.key, std::nullopt, made.path));
  EXPECT_FALSE(made.holds(tree_key(ledger::key(6)), made.record, made.path));
  auto shorter = made.path;
  shorter.siblings.pop_back();
  EXPECT_FALSE(made.holds(made.key, made.record, shorter));
  EXPECT_FALSE(made.holds(made.key, std::nullopt, shorter));
  auto longer = made.path;
  longer.siblings.push_back({});
  EXPECT_FALSE(root_of(made.key, made.record, longer));
  auto swapped = made.path;
  std::swap(swapped.siblings[0], swapped.siblings[1]);
  EXPECT_FALSE(made.holds(made.key, made.record, swapped));
}

TEST(Tree, SeveralKeysShareTheirPaths) {
  Made const made;
  for (unsigned const step : {1u, 2u, 7u, 30u, 99u}) {
    std::vector<Hash> keys;
    std::vector<PlacedRecord> records;
    std::vector<Bytes> bytes;
    std::size_t alone = 0;
    for (unsigned i = 0; i < 100; i += step) {
      keys.push_back(tree_key(ledger::key(i)));
      bytes.push_back({static_cast<std::uint8_t>(i)});
      alone += made.prove(keys.back()).siblings.size();
    }
    auto const paths = made.tree.prove(made.state, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) records.push_back({keys[i], bytes[i], paths.depths[i]});
    EXPECT_EQ(root_of(records, paths.siblings), made.tree.root());
    EXPECT_LT(paths.siblings.size(), alone);
    // Without its neighbours in the tree one of them needs a longer path.
    if (records.size() > 1) {
      EXPECT_NE(root_of({records[0]}, paths.siblings), made.tree.root());
    }
    auto lie = records;
    ++lie[0].depth;
    EXPECT_NE(root_of(lie, paths.siblings), made.tree.root());
    lie = records;
    lie[0].record = made.record;
    if (records[0].record[0] != made.record[0]) {
      EXPECT_NE(root_of(lie, paths.siblings), made.tree.root());
    }
    auto siblings = paths.siblings;
    siblings.push_back({});
    EXPECT_FALSE(root_of(records, siblings));
  }
}

TEST(Tree, RefusesAbsenceOfWhatIsThere) {
  Made const made;
  auto own_leaf = made.path;
  own_leaf.other = StatePath::Other{made.key, crypto::hash(crypto::Tag::record, {made.record})};
  EXPECT_FALSE(root_of(made.key, std::nullopt, own_leaf));
  EXPECT_FALSE(root_of(made.key, made.record, own_leaf));
  // Another leaf of the tree proves nothing about a key that its path does not lead past.
  for (unsigned i = 0; i < 100; ++i) {
    auto const present = tree_key(ledger::key(i));
    auto foreign = made.prove(present);
    foreign.other = StatePath::Other{present, crypto::hash(crypto::Tag::record, {Bytes{static_cast<std::uint8_t>(i)}})};
    EXPECT_FALSE(made.holds(made.key, std::nullopt, foreign));
  }
}

TEST(Tree, ProvesAbsenceByAnEmptyPlaceAndByAnotherLeaf) {
  Made const made;
  bool empty = false, other = false;
  for (unsigned i = 100; i < 400; ++i) {
    auto const absent = tree_key(ledger::key(i));
    auto const path = made.prove(absent);
    EXPECT_TRUE(made.holds(absent, std::nullopt, path));
    EXPECT_FALSE(made.holds(absent, Bytes{1}, path));
    (path.other ? other : empty) = true;
    auto without = path;
    without.other.reset();
    EXPECT_EQ(made.holds(absent, std::nullopt, without), !path.other);
  }
  EXPECT_TRUE(empty && other);
  EXPECT_EQ(root_of(made.key, std::nullopt, StateTree().prove(MemoryState(), made.key)), Hash{});
}

TEST(Tree, ALeafIsNoNodeAndANodeNoLeaf) {
  Made const made;
  // The parent of the leaf, passed off as a leaf whose "key" and "record hash" are the two halves.
  auto const own =
      crypto::hash(crypto::Tag::state_leaf, {made.key.view(), crypto::hash(crypto::Tag::record, {made.record}).view()});
  auto const last = made.path.siblings.size() - 1;
  bool const right = (made.key.bytes[last / 8] >> (7 - last % 8) & 1) != 0;
  auto const sibling = made.path.siblings.back();
  auto lie = made.path;
  lie.siblings.pop_back();
  lie.other = StatePath::Other{right ? sibling : own, right ? own : sibling};
  EXPECT_FALSE(made.holds(made.key, std::nullopt, lie));
}

/// The cases above as vectors for other verifiers: what a path gives, and whether that is the tree's root.
class Vectors {
 public:
  explicit Vectors(Made const& made) : made_(made) {}

  void add(std::string const& name, bool holds, Hash const& key, std::optional<Bytes> const& record,
           StatePath const& path) {
    EXPECT_EQ(made_.holds(key, record, path), holds) << name;
    text_ += text_.empty() ? "[\n" : ",\n";
    text_ += " {\"name\": \"" + name + "\", \"holds\": " + (holds ? "true" : "false") + ", \"root\": \"" +
             made_.tree.root().hex() + "\",\n  \"key_hash\": \"" + key.hex() +
             "\", \"record\": " + (record ? "\"0x" + base::to_hex(*record) + "\"" : "null") + ",\n  \"path\": \"0x" +
             base::to_hex(base::encode(path)) + "\"}";
  }
  std::string text() const { return text_ + "\n]\n"; }

 private:
  Made const& made_;
  std::string text_;
};

TEST(Tree, HandsOutItsCasesAsVectors) {
  Made const made;
  Vectors vectors(made);
  vectors.add("member", true, made.key, made.record, made.path);
  vectors.add("other record", false, made.key, Bytes{6}, made.path);
  vectors.add("member called absent", false, made.key, std::nullopt, made.path);
  vectors.add("other key", false, tree_key(ledger::key(6)), made.record, made.path);
  auto changed = made.path;
  changed.siblings.pop_back();
  vectors.add("too short", false, made.key, made.record, changed);
  changed = made.path;
  changed.siblings.push_back({});
  vectors.add("too long by an empty sibling", false, made.key, made.record, changed);
  changed = made.path;
  std::swap(changed.siblings[0], changed.siblings[1]);
  vectors.add("siblings swapped", false, made.key, made.record, changed);
  changed = made.path;
  changed.other = StatePath::Other{made.key, crypto::hash(crypto::Tag::record, {made.record})};
  vectors.add("own leaf as the other", false, made.key, std::nullopt, changed);
  bool empty = false, other = false;
  for (unsigned i = 100; !empty || !other; ++i) {
    auto const absent = tree_key(ledger::key(i));
    auto const path = made.prove(absent);
    bool& done = path.other ? other : empty;
    if (done) continue;
    done = true;
    vectors.add(path.other ? "absent by another leaf" : "absent by an empty place", true, absent, std::nullopt, path);
    vectors.add(path.other ? "absent called member" : "empty place called member", false, absent, Bytes{1}, path);
  }
  auto const foreign = made.prove(tree_key(ledger::key(7)));
  changed = foreign;
  changed.other = StatePath::Other{tree_key(ledger::key(7)), crypto::hash(crypto::Tag::record, {Bytes{7}})};
  vectors.add("a leaf that the key does not lead past", false, made.key, std::nullopt, changed);
  test::expect_golden("tree/state.json", vectors.text());
}

}  // namespace
}  // namespace ledger
