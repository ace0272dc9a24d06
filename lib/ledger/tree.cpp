// SPDX-License-Identifier: Apache-2.0
#include "ledger/tree.hpp"

#include <algorithm>
#include <span>

namespace ledger {

/// Null stands for the empty subtree. Levels are at most 256, so that releasing a tree never nests deeper.
struct StateTree::Node {
  struct Leaf {
    Hash key;
    Hash record_hash;
  };
  struct Inner {
    std::shared_ptr<Node const> left;
    std::shared_ptr<Node const> right;
    std::uint64_t size = 0;
  };
  Hash hash;
  std::variant<Leaf, Inner> part;

  Leaf const* leaf() const { return std::get_if<Leaf>(&part); }
};

namespace {

using Node = StateTree::Node;
using NodePointer = std::shared_ptr<Node const>;

constexpr unsigned depth_max = 255;

/// What is to become of a key: the hash of its record, nothing when it is to go.
struct Change {
  Hash key;
  std::optional<Hash> record_hash;
};
using Changes = std::span<Change const>;

bool bit(Hash const& key, unsigned depth) { return (key.bytes[depth / 8] >> (7 - depth % 8) & 1) != 0; }

Hash record_hash(BytesView record) { return crypto::hash(crypto::Tag::record, {record}); }
Hash leaf_hash(Hash const& key, Hash const& record) {
  return crypto::hash(crypto::Tag::state_leaf, {key.view(), record.view()});
}
Hash node_hash(Hash const& left, Hash const& right) {
  return crypto::hash(crypto::Tag::state_node, {left.view(), right.view()});
}
Hash hash_of(NodePointer const& node) { return node ? node->hash : Hash{}; }

std::uint64_t size_of(NodePointer const& node) {
  if (!node) return 0;
  auto const* inner = std::get_if<Node::Inner>(&node->part);
  return inner != nullptr ? inner->size : 1;
}

NodePointer make_leaf(Hash const& key, Hash const& record) {
  return std::make_shared<Node const>(Node{leaf_hash(key, record), Node::Leaf{key, record}});
}

/// The subtree over two halves; a lone leaf takes the place of its parent.
NodePointer join(NodePointer left, NodePointer right) {
  if (!left && (!right || right->leaf() != nullptr)) return right;
  if (!right && left->leaf() != nullptr) return left;
  auto const hash = node_hash(hash_of(left), hash_of(right));
  auto const size = size_of(left) + size_of(right);
  return std::make_shared<Node const>(Node{hash, Node::Inner{std::move(left), std::move(right), size}});
}

/// Where the keys with a one at this depth begin; the keys are sorted and share all bits before it.
std::size_t halves(Changes changes, unsigned depth) {
  CHECK(depth <= depth_max);
  auto const middle =
      std::partition_point(changes.begin(), changes.end(), [&](Change const& c) { return !bit(c.key, depth); });
  return static_cast<std::size_t>(middle - changes.begin());
}

NodePointer build(Changes leaves, unsigned depth) {
  if (leaves.empty()) return nullptr;
  if (leaves.size() == 1) return make_leaf(leaves[0].key, *leaves[0].record_hash);
  auto const middle = halves(leaves, depth);
  return join(build(leaves.first(middle), depth + 1), build(leaves.subspan(middle), depth + 1));
}

/// Replaces an empty place or a lone leaf: what stays of the leaf and the changes is built anew.
NodePointer replace(NodePointer const& old, Changes changes, unsigned depth) {
  auto const* leaf = old ? old->leaf() : nullptr;
  std::vector<Change> leaves;
  leaves.reserve(changes.size() + 1);
  bool old_stays = leaf != nullptr;
  for (auto const& change : changes) {
    if (old_stays && leaf->key <= change.key) {
      if (leaf->key < change.key) leaves.push_back({leaf->key, leaf->record_hash});
      old_stays = false;
    }
    if (change.record_hash) leaves.push_back(change);
  }
  if (old_stays) leaves.push_back({leaf->key, leaf->record_hash});
  bool const same = leaf != nullptr && leaves.size() == 1 && leaves[0].key == leaf->key &&
                    *leaves[0].record_hash == leaf->record_hash;
  return same ? old : build(leaves, depth);
}

NodePointer update(NodePointer const& old, Changes changes, unsigned depth) {
  if (changes.empty()) return old;
  if (!old || old->leaf() != nullptr) return replace(old, changes, depth);
  auto const& inner = std::get<Node::Inner>(old->part);
  auto const middle = halves(changes, depth);
  auto left = update(inner.left, changes.first(middle), depth + 1);
  auto right = update(inner.right, changes.subspan(middle), depth + 1);
  if (left == inner.left && right == inner.right) return old;
  return join(std::move(left), std::move(right));
}

void sort_by_key(std::vector<Change>& changes) {
  std::sort(changes.begin(), changes.end(), [](Change const& a, Change const& b) { return a.key < b.key; });
}

/// A key that is asked for, with its place among those asked.
using Asked = std::pair<Hash, std::size_t>;

bool is_right(Asked const& asked, unsigned depth) { return bit(asked.first, depth); }

void prove_below(NodePointer const& node, unsigned depth, std::span<Asked const> asked, SharedPaths& out) {
  if (asked.empty()) return out.siblings.push_back(hash_of(node));
  CHECK(node);
  if (auto const* leaf = node->leaf()) {
    CHECK(asked.size() == 1 && leaf->key == asked.front().first);
    out.depths[asked.front().second] = static_cast<std::uint8_t>(depth);
    return;
  }
  auto const& inner = std::get<Node::Inner>(node->part);
  auto const middle =
      std::partition_point(asked.begin(), asked.end(), [&](Asked const& one) { return !is_right(one, depth); });
  auto const left = static_cast<std::size_t>(middle - asked.begin());
  prove_below(inner.left, depth + 1, asked.first(left), out);
  prove_below(inner.right, depth + 1, asked.subspan(left), out);
}

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
    auto const middle = std::partition_point(records.begin(), records.end(),
                                             [&](PlacedRecord const& one) { return !bit(one.key, depth); });
    auto const count = static_cast<std::size_t>(middle - records.begin());
    auto const left = node(records.first(count), depth + 1);
    if (!left) return std::nullopt;
    auto const right = node(records.subspan(count), depth + 1);
    return right ? std::optional(node_hash(*left, *right)) : std::nullopt;
  }
};

bool share_bits(Hash const& a, Hash const& b, std::size_t count) {
  for (unsigned depth = 0; depth < count; ++depth) {
    if (bit(a, depth) != bit(b, depth)) return false;
  }
  return true;
}

}  // namespace

StateTree::StateTree() = default;

StateTree StateTree::with(StateDiff const& diff) const {
  std::vector<Change> changes;
  changes.reserve(diff.size());
  for (auto const& [key, record] : diff) {
    if (!is_proved(key)) continue;
    changes.push_back({tree_key(key), record ? std::optional{record_hash(*record)} : std::nullopt});
  }
  sort_by_key(changes);
  return StateTree(update(root_, changes, 0));
}

StateTree StateTree::of(StateView const& state) {
  std::vector<Change> leaves;
  state.scan({}, [&](BytesView key, BytesView record) {
    if (!is_proved(key)) return false;
    leaves.push_back({tree_key(key), record_hash(record)});
    return true;
  });
  sort_by_key(leaves);
  return StateTree(build(leaves, 0));
}

Hash StateTree::root() const { return hash_of(root_); }

std::uint64_t StateTree::size() const { return size_of(root_); }

StatePath StateTree::prove(Hash const& key) const {
  StatePath path;
  auto const* place = &root_;
  while (*place && (*place)->leaf() == nullptr) {
    auto const& inner = std::get<Node::Inner>((*place)->part);
    bool const right = bit(key, static_cast<unsigned>(path.siblings.size()));
    path.siblings.push_back(hash_of(right ? inner.left : inner.right));
    place = right ? &inner.right : &inner.left;
  }
  if (*place && (*place)->leaf()->key != key) {
    path.other = StatePath::Other{(*place)->leaf()->key, (*place)->leaf()->record_hash};
  }
  return path;
}

SharedPaths StateTree::prove(std::vector<Hash> const& keys) const {
  SharedPaths out;
  if (keys.empty()) return out;
  out.depths.resize(keys.size());
  std::vector<Asked> asked;
  for (std::size_t i = 0; i < keys.size(); ++i) asked.emplace_back(keys[i], i);
  std::sort(asked.begin(), asked.end());
  prove_below(root_, 0, asked, out);
  return out;
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
    if (path.other->key == key || !share_bits(path.other->key, key, depth)) return std::nullopt;
    node = leaf_hash(path.other->key, path.other->record_hash);
  }
  for (std::size_t i = depth; i-- > 0;) {
    auto const& sibling = path.siblings[i];
    node = bit(key, static_cast<unsigned>(i)) ? node_hash(sibling, node) : node_hash(node, sibling);
  }
  return node;
}

}  // namespace ledger
