// SPDX-License-Identifier: Apache-2.0
#include "ledger/tree.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <variant>

namespace ledger {

using Leaf = StatePath::Other;
using Place = StateTree::Place;

namespace {

struct Inner {
  Place left;
  Place right;
};

}  // namespace

/// Levels are at most 256, so that releasing a tree never nests deeper.
struct StateTree::Node {
  std::variant<Leaf, Inner> part;
};

namespace {

using Node = StateTree::Node;

constexpr unsigned depth_max = 255;
/// A subtree of no more leaves has no nodes in memory: on average eleven keys share one node of 144 bytes above them.
constexpr std::uint64_t bucket_leaves_max = 16;

/// What is to become of a key: the hash of its record, nothing when it is to go.
struct Change {
  Hash key;
  std::optional<Hash> record_hash;
};
using Changes = std::span<Change const>;

bool bit(Hash const& key, unsigned depth) { return (key.bytes[depth / 8] >> (7 - depth % 8) & 1) != 0; }

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

Leaf const* leaf_of(Place const& place) { return place.node ? std::get_if<Leaf>(&place.node->part) : nullptr; }
Inner const* inner_of(Place const& place) { return place.node ? std::get_if<Inner>(&place.node->part) : nullptr; }

/// The subtree over two halves; a lone leaf takes the place of its parent. `whole`: with all that is below in memory.
Place join(Place left, Place right, bool whole) {
  if (left.size == 0 && right.size <= 1) return right;
  if (right.size == 0 && left.size == 1) return left;
  Place out{node_hash(left.hash, right.hash), left.size + right.size, nullptr};
  if (whole || out.size > bucket_leaves_max) {
    out.node = std::make_shared<Node const>(Node{Inner{std::move(left), std::move(right)}});
  }
  return out;
}

/// Makes the subtree at a depth from its leaves, which come in order and are not held.
class Builder {
 public:
  Builder(unsigned depth, bool whole) : depth_(depth), whole_(whole) {}

  void add(Leaf const& leaf) {
    if (here_.size != 0) {
      auto const fork = shared_bits(key_, leaf.key);
      rise(fork + 1);
      lefts_.push_back({std::move(here_), fork});
    }
    key_ = leaf.key;
    here_ = {leaf_hash(leaf.key, leaf.record_hash), 1, nullptr};
    if (whole_) here_.node = std::make_shared<Node const>(Node{leaf});
  }
  Place finish() && {
    rise(depth_);
    return std::move(here_);
  }

 private:
  struct Left {
    Place place;
    /// Of the node that it is to be the left half of.
    unsigned depth;
  };

  /// Closes what is open below a depth; `here_` is a leaf and stands there afterwards, as what it became.
  void rise(unsigned to) {
    unsigned at = to;
    for (; !lefts_.empty() && lefts_.back().depth >= to; lefts_.pop_back()) {
      lift(at, lefts_.back().depth + 1);
      at = lefts_.back().depth;
      here_ = join(std::move(lefts_.back().place), std::move(here_), whole_);
    }
    lift(at, to);
  }
  /// Past empty halves, from a depth to one above it. A leaf moves freely.
  void lift(unsigned from, unsigned to) {
    if (here_.size <= 1) return;
    while (from > to) {
      bool const right = bit(key_, --from);
      here_ = right ? join({}, std::move(here_), whole_) : join(std::move(here_), {}, whole_);
    }
  }

  unsigned depth_;
  bool whole_;
  std::vector<Left> lefts_;
  /// The subtree that ends with the last leaf, and that leaf's key.
  Place here_;
  Hash key_;
};

Bytes row_key(Hash const& key) { return state_key(Space::tree_leaf, key.view()); }

Leaf leaf_of_row(BytesView key, BytesView row) {
  auto const name = Hash::from(key.subspan(1));
  auto const record = Hash::from(row);
  CHECK(name && record);
  return {*name, *record};
}

/// The leaves below a place without nodes: that of a depth on the path of a key.
template <class Visit>
void each_leaf(StateView const& state, Place const& place, Hash const& key, unsigned depth, Visit const& visit) {
  if (place.size == 0) return;
  if (auto const* leaf = leaf_of(place)) return visit(*leaf);
  CHECK(depth <= depth_max);
  auto first = row_key(key);
  first[1 + depth / 8] &= static_cast<std::uint8_t>(0xff00U >> depth % 8);
  std::fill(first.begin() + 2 + depth / 8, first.end(), std::uint8_t{0});
  auto left = place.size;
  state.scan(BytesView(first).first(1 + depth / 8), first, [&](BytesView row, BytesView record) {
    auto const leaf = leaf_of_row(row, record);
    CHECK(leaf.key == key || shared_bits(leaf.key, key) >= depth);
    visit(leaf);
    return --left > 0;
  });
  CHECK(left == 0);
}

/// With all that is below in memory.
Place opened(StateView const& state, Place const& place, Hash const& key, unsigned depth) {
  if (place.size == 0 || place.node) return place;
  Builder builder(depth, true);
  each_leaf(state, place, key, depth, [&](Leaf const& leaf) { builder.add(leaf); });
  auto out = std::move(builder).finish();
  CHECK(out.hash == place.hash);
  return out;
}

/// Where the keys with a one at this depth begin; they are sorted and share all bits before it.
template <class Keyed>
std::size_t halves(std::span<Keyed const> all, unsigned depth, Hash Keyed::*key) {
  CHECK(depth <= depth_max);
  auto const middle =
      std::partition_point(all.begin(), all.end(), [&](Keyed const& one) { return !bit(one.*key, depth); });
  return static_cast<std::size_t>(middle - all.begin());
}

/// One pass over the sorted changes of a block.
class Update {
 public:
  Update(StateView const& state, StateDiff& rows, bool whole) : state_(state), rows_(rows), whole_(whole) {}

  Place below(Place const& old, Changes changes, unsigned depth) {
    if (changes.empty()) return old;
    auto const* inner = inner_of(old);
    if (inner == nullptr) return rebuilt(old, changes, depth);
    auto const middle = halves(changes, depth, &Change::key);
    auto left = below(inner->left, changes.first(middle), depth + 1);
    auto right = below(inner->right, changes.subspan(middle), depth + 1);
    if (left.hash == inner->left.hash && right.hash == inner->right.hash) return old;
    return join(std::move(left), std::move(right), whole_);
  }

 private:
  /// In place of leaves without nodes: what stays of them, and the changes.
  Place rebuilt(Place const& old, Changes changes, unsigned depth) {
    Builder builder(depth, whole_);
    auto const change = [&](std::optional<Hash> const& before) {
      auto const& [key, record] = changes.front();
      if (record) builder.add({key, *record});
      if (record != before) {
        rows_[row_key(key)] = record ? std::optional(Bytes(record->bytes.begin(), record->bytes.end())) : std::nullopt;
      }
      changes = changes.subspan(1);
    };
    each_leaf(state_, old, changes.front().key, depth, [&](Leaf const& leaf) {
      while (!changes.empty() && changes.front().key < leaf.key) change({});
      if (!changes.empty() && changes.front().key == leaf.key) {
        change(leaf.record_hash);
      } else {
        builder.add(leaf);
      }
    });
    while (!changes.empty()) change({});
    return std::move(builder).finish();
  }

  StateView const& state_;
  StateDiff& rows_;
  bool whole_;
};

/// A key that is asked for, with its place among those asked.
using Asked = std::pair<Hash, std::size_t>;

/// What several proofs have in common.
struct Prover {
  StateView const& state;
  SharedPaths out;

  void below(Place const& place, unsigned depth, std::span<Asked const> asked) {
    if (asked.empty()) return out.siblings.push_back(place.hash);
    auto const here = opened(state, place, asked.front().first, depth);
    auto const* inner = inner_of(here);
    if (inner == nullptr) {
      auto const* leaf = leaf_of(here);
      CHECK(leaf != nullptr && asked.size() == 1 && leaf->key == asked.front().first);
      out.depths[asked.front().second] = static_cast<std::uint8_t>(depth);
      return;
    }
    auto const middle = halves(asked, depth, &Asked::first);
    below(inner->left, depth + 1, asked.first(middle));
    below(inner->right, depth + 1, asked.subspan(middle));
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
    auto const count = halves(records, depth, &PlacedRecord::key);
    auto const left = node(records.first(count), depth + 1);
    if (!left) return std::nullopt;
    auto const right = node(records.subspan(count), depth + 1);
    return right ? std::optional(node_hash(*left, *right)) : std::nullopt;
  }
};

}  // namespace

StateTree StateTree::of(StateView const& state, std::uint64_t leaves_max) {
  auto const made = [&](bool whole) -> std::optional<Place> {
    Builder builder(0, whole);
    std::uint64_t count = 0;
    state.scan(state_key(Space::tree_leaf, BytesView{}), [&](BytesView key, BytesView record) {
      if (++count > leaves_max && whole) return false;
      builder.add(leaf_of_row(key, record));
      return true;
    });
    return whole && count > leaves_max ? std::nullopt : std::optional(std::move(builder).finish());
  };
  auto small = made(true);
  return {small ? *std::move(small) : *made(false), leaves_max};
}

StateTree StateTree::with(StateView const& state, StateDiff& changes) const {
  std::vector<Change> sorted;
  for (auto const& [key, record] : changes) {
    if (!is_proved(key)) break;
    sorted.push_back({tree_key(key), record ? std::optional{record_hash(*record)} : std::nullopt});
  }
  std::sort(sorted.begin(), sorted.end(), [](Change const& a, Change const& b) { return a.key < b.key; });
  Update update(state, changes, size() + sorted.size() <= leaves_max_);
  return {update.below(root_, sorted, 0), leaves_max_};
}

StatePath StateTree::prove(StateView const& state, Hash const& key) const {
  StatePath path;
  auto here = opened(state, root_, key, 0);
  while (auto const* inner = inner_of(here)) {
    auto const depth = static_cast<unsigned>(path.siblings.size());
    bool const right = bit(key, depth);
    path.siblings.push_back((right ? inner->left : inner->right).hash);
    here = opened(state, Place(right ? inner->right : inner->left), key, depth + 1);
  }
  auto const* leaf = leaf_of(here);
  if (leaf != nullptr && leaf->key != key) path.other = *leaf;
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
  for (auto const& [key, record] : records) {
    if (!is_proved(key)) break;
    CHECK(record.has_value());
    auto const hash = record_hash(*record);
    records[row_key(tree_key(key))] = Bytes(hash.bytes.begin(), hash.bytes.end());
  }
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
