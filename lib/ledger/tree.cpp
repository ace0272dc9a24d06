// SPDX-License-Identifier: Apache-2.0
#include "ledger/tree.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <variant>

namespace ledger {

using Leaf = StatePath::Other;
using Halves = StateTree::Halves;
using Held = StateTree::Held;
using Place = StateTree::Place;

/// Levels are at most 256, so that releasing a tree never nests deeper.
struct StateTree::Halves {
  Place left;
  Place right;
};

/// A leaf among those of a bucket that is in memory: enough of its key to tell it from the others there.
struct StateTree::Held {
  std::uint64_t head = 0;
  Hash hash;
};

namespace {

constexpr unsigned depth_max = 255;
/// On average eleven leaves share one node of 160 bytes above them.
constexpr std::size_t bucket_leaves_max = 16;

/// A leaf that was read from its row.
struct Opened {
  Leaf leaf;
  Hash hash;
};

/// What is to become of a key: the hash of its record, nothing when it is to go.
struct Change {
  Hash key;
  std::optional<Hash> record_hash;
  BytesView stored_key;
};
using Changes = std::span<Change const>;

/// A key that is asked for, with its place among those asked.
using Asked = std::pair<Hash, std::size_t>;

/// The first bits of a key, which sort as keys do.
constexpr unsigned head_bits = 64;
std::uint64_t head_of(Hash const& key) { return from_big_endian(key.view().first(head_bits / 8)); }

bool bit(Hash const& key, unsigned depth) { return (key.bytes[depth / 8] >> (7 - depth % 8) & 1) != 0; }
bool bit(Held const& one, unsigned depth) {
  CHECK(depth < head_bits);
  return (one.head >> (head_bits - 1 - depth) & 1) != 0;
}
bool bit(Opened const& one, unsigned depth) { return bit(one.leaf.key, depth); }
bool bit(Change const& one, unsigned depth) { return bit(one.key, depth); }
bool bit(Asked const& one, unsigned depth) { return bit(one.first, depth); }
bool bit(PlacedRecord const& one, unsigned depth) { return bit(one.key, depth); }

/// Where those with a one at this depth begin; they are sorted and share all bits before it.
template <class Keyed>
std::size_t halves(std::span<Keyed const> all, unsigned depth) {
  CHECK(depth <= depth_max);
  auto const middle = std::partition_point(all.begin(), all.end(), [&](Keyed const& one) { return !bit(one, depth); });
  return static_cast<std::size_t>(middle - all.begin());
}

/// How many bits two keys begin with alike; they differ.
unsigned shared_bits(Hash const& a, Hash const& b) {
  unsigned byte = 0;
  while (a.bytes[byte] == b.bytes[byte]) CHECK(++byte < Hash::size);
  auto const differ = static_cast<std::uint8_t>(a.bytes[byte] ^ b.bytes[byte]);
  return 8 * byte + static_cast<unsigned>(std::countl_zero(differ));
}

Hash record_hash(BytesView record) { return crypto::hash(crypto::Tag::record, {record}); }
Hash leaf_hash(Hash const& key, Hash const& record) {
  return crypto::hash(crypto::Tag::state_leaf, {key.view(), record.view()});
}
Hash node_hash(Hash const& left, Hash const& right) {
  return crypto::hash(crypto::Tag::state_node, {left.view(), right.view()});
}

Halves const* halves_of(Place const& place) {
  auto const* const halves = std::get_if<std::shared_ptr<Halves const>>(&place.below);
  return halves == nullptr ? nullptr : halves->get();
}

/// The leaves of a place that has them.
std::span<Held const> held_of(Place const& place) {
  auto const* const leaves = std::get_if<std::shared_ptr<Held const[]>>(&place.below);
  if (leaves == nullptr) return {};
  return {leaves->get(), place.size};
}
bool is_held(Place const& place) { return place.size == 0 || !held_of(place).empty(); }

/// Whether no two have one head. Those that do are found in their rows, by all of their keys.
bool are_told_apart(std::span<Held const> leaves) {
  auto const have_one_head = [](Held const& one, Held const& next) { return one.head == next.head; };
  return std::ranges::adjacent_find(leaves, have_one_head) == leaves.end();
}

/// Keeps these leaves in memory; they are told apart.
void hold(Place& place, std::span<Held const> leaves) {
  if (leaves.empty()) return;
  auto copy = std::make_shared_for_overwrite<Held[]>(leaves.size());
  std::copy(leaves.begin(), leaves.end(), copy.get());
  place.below = std::shared_ptr<Held const[]>(std::move(copy));
}

void hold(Place& place, std::span<Opened const> leaves) {
  std::vector<Held> held;
  for (auto const& one : leaves) held.push_back({head_of(one.leaf.key), one.hash});
  if (are_told_apart(held)) hold(place, std::span<Held const>(held));
}

/// The subtree over two halves; a lone leaf takes the place of its parent.
Place join(Place left, Place right) {
  if (left.size == 0 && right.size <= 1) return right;
  if (right.size == 0 && left.size == 1) return left;
  Place out{node_hash(left.hash, right.hash), left.size + right.size, {}};
  if (out.size > bucket_leaves_max) {
    out.below = std::make_shared<Halves const>(Halves{std::move(left), std::move(right)});
  } else if (is_held(left) && is_held(right)) {
    std::vector<Held> leaves(held_of(left).begin(), held_of(left).end());
    leaves.insert(leaves.end(), held_of(right).begin(), held_of(right).end());
    // Down to level 64 halves differ in what is held of their keys, further down they may not.
    if (are_told_apart(leaves)) hold(out, std::span<Held const>(leaves));
  }
  return out;
}

Bytes row_key(Hash const& key) { return state_key(Space::tree_leaf, key.view()); }

Opened leaf_of(Hash const& key, Hash const& record) { return {{key, record}, leaf_hash(key, record)}; }

Opened leaf_of_row(BytesView key, BytesView row) {
  auto const name = Hash::from(key.subspan(1));
  auto const record = Hash::from(row);
  CHECK(name && record);
  return leaf_of(*name, *record);
}

/// The leaves below a place without halves, from their rows: that of a depth on the path of a key.
std::vector<Opened> read_leaves(StateView const& state, Place const& place, Hash const& key, unsigned depth) {
  std::vector<Opened> out;
  if (place.size == 0) return out;
  CHECK(depth <= depth_max);
  auto first = row_key(key);
  first[1 + depth / 8] &= static_cast<std::uint8_t>(0xff00U >> depth % 8);
  std::fill(first.begin() + 2 + depth / 8, first.end(), std::uint8_t{0});
  state.scan(BytesView(first).first(1 + depth / 8), first, [&](BytesView row, BytesView record) {
    out.push_back(leaf_of_row(row, record));
    CHECK(out.back().leaf.key == key || shared_bits(out.back().leaf.key, key) >= depth);
    return out.size() < place.size;
  });
  CHECK(out.size() == place.size);
  return out;
}

/// The hash of the subtree at a depth that has these leaves.
template <class Named>
Hash fold(std::span<Named const> leaves, unsigned depth) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return leaves.front().hash;
  auto const middle = halves(leaves, depth);
  return node_hash(fold(leaves.first(middle), depth + 1), fold(leaves.subspan(middle), depth + 1));
}

/// The subtree at a depth; `holds`: with its leaves in memory.
template <class Named>
Place made(std::span<Named const> leaves, unsigned depth, bool holds) {
  if (leaves.size() > bucket_leaves_max) {
    auto const middle = halves(leaves, depth);
    auto left = made(leaves.first(middle), depth + 1, holds);
    return join(std::move(left), made(leaves.subspan(middle), depth + 1, holds));
  }
  Place out{fold(leaves, depth), leaves.size(), {}};
  if (holds) hold(out, leaves);
  return out;
}

/// One pass over the sorted changes of a block.
class Update {
 public:
  Update(StateView const& state, StateDiff& rows, bool holds) : state_(state), rows_(rows), holds_(holds) {}

  Place below(Place const& old, Changes changes, unsigned depth) {
    if (changes.empty()) return old;
    auto const* inner = halves_of(old);
    if (inner == nullptr) return rebuilt(old, changes, depth);
    auto const middle = halves(changes, depth);
    auto left = below(inner->left, changes.first(middle), depth + 1);
    auto right = below(inner->right, changes.subspan(middle), depth + 1);
    if (left.hash == inner->left.hash && right.hash == inner->right.hash) return old;
    return join(std::move(left), std::move(right));
  }

 private:
  /// In place of a bucket: what stays of its leaves, and the changes.
  Place rebuilt(Place const& old, Changes changes, unsigned depth) {
    if (is_held(old)) {
      merge(held_of(old), changes, held_);
      if (are_told_apart(held_)) return made(std::span<Held const>(held_), depth, holds_);
    }
    std::vector<Opened> const before = read_leaves(state_, old, changes.front().key, depth);
    std::vector<Opened> after;
    merge(std::span<Opened const>(before), changes, after);
    return made(std::span<Opened const>(after), depth, holds_);
  }

  static bool stands_before(Opened const& leaf, Change const& change) { return leaf.leaf.key < change.key; }
  static bool stands_before(Held const& leaf, Change const& change) { return leaf.head < head_of(change.key); }
  bool is_of(Opened const& leaf, Change const& change) const { return leaf.leaf.key == change.key; }
  /// Who has the same head without being it is not there yet.
  bool is_of(Held const& leaf, Change const& change) const {
    return leaf.head == head_of(change.key) && state_.has(change.stored_key);
  }
  static void add(std::vector<Opened>& out, Opened const& leaf) { out.push_back(leaf); }
  static void add(std::vector<Held>& out, Opened const& leaf) { out.push_back({head_of(leaf.leaf.key), leaf.hash}); }

  /// What stays of a bucket's leaves, and the changes, whose rows are noted.
  template <class Named>
  void merge(std::span<Named const> before, Changes changes, std::vector<Named>& after) {
    after.clear();
    auto next = before.begin();
    for (auto const& change : changes) {
      while (next != before.end() && stands_before(*next, change)) after.push_back(*next++);
      bool const is_there = next != before.end() && is_of(*next, change);
      if (!is_there && !change.record_hash) continue;
      if (change.record_hash) add(after, leaf_of(change.key, *change.record_hash));
      bool const is_same = is_there && change.record_hash && after.back().hash == next->hash;
      if (!is_same) {
        rows_.put(row_key(change.key), change.record_hash ? std::optional(change.record_hash->view()) : std::nullopt);
      }
      if (is_there) ++next;
    }
    after.insert(after.end(), next, before.end());
  }

  StateView const& state_;
  StateDiff& rows_;
  bool holds_;
  std::vector<Held> held_;
};

/// The leaves of a bucket, compared with its hash.
std::vector<Opened> opened(StateView const& state, Place const& place, Hash const& key, unsigned depth) {
  auto leaves = read_leaves(state, place, key, depth);
  CHECK(fold(std::span<Opened const>(leaves), depth) == place.hash);
  return leaves;
}

/// What several proofs have in common.
struct Prover {
  StateView const& state;
  SharedPaths out;

  void below(Place const& place, unsigned depth, std::span<Asked const> asked) {
    if (asked.empty()) return out.siblings.push_back(place.hash);
    auto const* inner = halves_of(place);
    if (inner == nullptr) {
      auto const leaves = opened(state, place, asked.front().first, depth);
      return inside(leaves, depth, asked);
    }
    auto const middle = halves(asked, depth);
    below(inner->left, depth + 1, asked.first(middle));
    below(inner->right, depth + 1, asked.subspan(middle));
  }

 private:
  void inside(std::span<Opened const> leaves, unsigned depth, std::span<Asked const> asked) {
    if (asked.empty()) return out.siblings.push_back(fold(leaves, depth));
    if (leaves.size() <= 1) {
      CHECK(leaves.size() == 1 && asked.size() == 1 && leaves.front().leaf.key == asked.front().first);
      out.depths[asked.front().second] = static_cast<std::uint8_t>(depth);
      return;
    }
    auto const middle = halves(leaves, depth);
    auto const first = halves(asked, depth);
    inside(leaves.first(middle), depth + 1, asked.first(first));
    inside(leaves.subspan(middle), depth + 1, asked.subspan(first));
  }
};

/// Walks the tree that records and the hashes beside them draw.
struct Walk {
  std::span<Hash const> siblings;

  std::optional<Hash> node(std::span<PlacedRecord const> records, unsigned depth) {
    if (records.empty()) {
      if (siblings.empty()) return std::nullopt;
      auto const hash = siblings.front();
      siblings = siblings.subspan(1);
      return hash;
    }
    auto const& first = records.front();
    if (records.size() == 1 && first.depth == depth) return leaf_hash(first.key, record_hash(first.record));
    if (depth == depth_max) return std::nullopt;
    auto const count = halves(records, depth);
    auto const left = node(records.first(count), depth + 1);
    if (!left) return std::nullopt;
    auto const right = node(records.subspan(count), depth + 1);
    return right ? std::optional(node_hash(*left, *right)) : std::nullopt;
  }
};

}  // namespace

StateTree StateTree::of(StateView const& state, std::uint64_t leaves_max) {
  auto const space = state_key(Space::tree_leaf, BytesView{});
  std::uint64_t count = 0;
  state.scan(space, [&](BytesView, BytesView) { return ++count <= leaves_max; });
  // Of the leaves that begin with the same twelve bits, then of halves of these, and so on up.
  constexpr unsigned first_depth = 12;
  std::vector<Place> places(std::size_t{1} << first_depth);
  std::vector<Opened> leaves;
  std::size_t at = 0;
  auto const close = [&] {
    places[at] = made(std::span<Opened const>(leaves), first_depth, count <= leaves_max);
    leaves.clear();
  };
  state.scan(space, [&](BytesView key, BytesView record) {
    auto const one = leaf_of_row(key, record);
    auto const place = std::size_t{one.leaf.key.bytes[0]} << 4 | one.leaf.key.bytes[1] >> 4;
    if (place != at) close();
    at = place;
    leaves.push_back(one);
    return true;
  });
  close();
  for (; places.size() > 1; places.resize(places.size() / 2)) {
    for (std::size_t i = 0; i < places.size() / 2; ++i) {
      auto left = std::move(places[2 * i]);
      places[i] = join(std::move(left), std::move(places[2 * i + 1]));
    }
  }
  return {std::move(places.front()), leaves_max};
}

StateTree StateTree::with(StateView const& state, StateDiff& changes) const {
  std::vector<Change> sorted;
  for (auto const& [key, record] : changes) {
    if (!is_proved(key)) break;
    sorted.push_back({tree_key(key), record ? std::optional{record_hash(*record)} : std::nullopt, key});
  }
  std::sort(sorted.begin(), sorted.end(), [](Change const& a, Change const& b) { return a.key < b.key; });
  Update update(state, changes, size() + sorted.size() <= leaves_max_);
  auto root = update.below(root_, sorted, 0);
  // From here on any thread reads them.
  changes.begin();
  return {std::move(root), leaves_max_};
}

StatePath StateTree::prove(StateView const& state, Hash const& key) const {
  StatePath path;
  auto const* here = &root_;
  while (auto const* inner = halves_of(*here)) {
    bool const right = bit(key, static_cast<unsigned>(path.siblings.size()));
    path.siblings.push_back((right ? inner->left : inner->right).hash);
    here = right ? &inner->right : &inner->left;
  }
  auto const bucket = opened(state, *here, key, static_cast<unsigned>(path.siblings.size()));
  std::span<Opened const> leaves = bucket;
  while (leaves.size() > 1) {
    auto const depth = static_cast<unsigned>(path.siblings.size());
    auto const middle = halves(leaves, depth);
    bool const right = bit(key, depth);
    path.siblings.push_back(fold(right ? leaves.first(middle) : leaves.subspan(middle), depth + 1));
    leaves = right ? leaves.subspan(middle) : leaves.first(middle);
  }
  if (!leaves.empty() && leaves.front().leaf.key != key) path.other = leaves.front().leaf;
  return path;
}

SharedPaths StateTree::prove(StateView const& state, std::vector<Hash> const& keys) const {
  if (keys.empty()) return {};
  Prover prover{state, {}};
  prover.out.depths.resize(keys.size());
  std::vector<Asked> asked;
  for (std::size_t i = 0; i < keys.size(); ++i) asked.emplace_back(keys[i], i);
  std::sort(asked.begin(), asked.end());
  prover.below(root_, 0, asked);
  return std::move(prover.out);
}

void add_rows(StateDiff& records) {
  std::vector<Leaf> leaves;
  for (auto const& [key, record] : records) {
    if (!is_proved(key)) break;
    CHECK(record.has_value());
    leaves.push_back({tree_key(key), record_hash(*record)});
  }
  for (auto const& leaf : leaves) records.put(row_key(leaf.key), leaf.record_hash.view());
}

base::Result<void> verify_rows(StateView const& state) {
  using base::Code;
  using base::Error;
  base::Result<void> out;
  std::uint64_t records = 0;
  state.scan({}, [&](BytesView key, BytesView record) {
    if (!is_proved(key)) return false;
    ++records;
    auto const row = state.get(row_key(tree_key(key)));
    if (!row || !base::equal(*row, record_hash(record).view())) {
      out = Error{Code::E_FORM, "0x" + base::to_hex(key), "not the record of its leaf in the tree"};
    }
    return out.has_value();
  });
  if (!out) return out;
  std::uint64_t rows = 0;
  auto const space = state_key(Space::tree_leaf, BytesView{});
  state.scan(space, [&](BytesView, BytesView) { return ++rows > 0; });
  if (rows != records) return Error{Code::E_FORM, "0x" + base::to_hex(space), "leaves of the tree without a record"};
  return {};
}

std::optional<Hash> root_of(std::vector<PlacedRecord> const& records, std::vector<Hash> const& siblings) {
  auto sorted = records;
  std::sort(sorted.begin(), sorted.end(), [](auto const& a, auto const& b) { return a.key < b.key; });
  Walk walk{siblings};
  auto const root = walk.node(sorted, 0);
  return walk.siblings.empty() ? root : std::nullopt;
}

std::optional<Hash> root_of(Hash const& key, std::optional<Bytes> const& record, StatePath const& path) {
  auto const depth = path.siblings.size();
  if (depth > depth_max) return std::nullopt;
  // A leaf or an empty place never stands beside an empty place: its parent would have been the leaf, or empty.
  if (depth != 0 && path.siblings.back().is_zero()) return std::nullopt;
  Hash node;
  if (record) {
    if (path.other) return std::nullopt;
    node = leaf_hash(key, record_hash(*record));
  } else if (path.other) {
    if (path.other->key == key || shared_bits(path.other->key, key) < depth) return std::nullopt;
    node = leaf_hash(path.other->key, path.other->record_hash);
  }
  for (std::size_t i = depth; i-- > 0;) {
    auto const& sibling = path.siblings[i];
    node = bit(key, static_cast<unsigned>(i)) ? node_hash(sibling, node) : node_hash(node, sibling);
  }
  return node;
}

}  // namespace ledger
