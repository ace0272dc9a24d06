// SPDX-License-Identifier: Apache-2.0
#include "crypto/merkle.hpp"

#include <bit>

namespace crypto {

namespace {

/// Where RFC 6962 splits a log of `count` > 1 leaves: the largest power of two below it.
std::uint64_t split(std::uint64_t count) { return std::bit_floor(count - 1); }

/// The hash of the leaves [begin, begin + size) from full subtrees.
Hash subtree(std::uint64_t begin, std::uint64_t size, NodeSource const& nodes) {
  if (std::has_single_bit(size)) {
    auto const level = static_cast<unsigned>(std::countr_zero(size));
    return nodes(level, begin >> level);
  }
  auto const left = split(size);
  return log_node_hash(subtree(begin, left, nodes), subtree(begin + left, size - left, nodes));
}

void prove(std::uint64_t begin, std::uint64_t size, std::uint64_t first, std::uint64_t last, NodeSource const& nodes,
           std::vector<Hash>& out) {
  if (begin >= last || begin + size <= first) {
    out.push_back(subtree(begin, size, nodes));
  } else if (begin < first || begin + size > last) {
    auto const left = split(size);
    prove(begin, left, first, last, nodes, out);
    prove(begin + left, size - left, first, last, nodes, out);
  }
}

/// RFC 9162's SUBPROOF: `known` when the verifier has this subtree's root, as that of the smaller log.
void prove_consistency(std::uint64_t begin, std::uint64_t size, std::uint64_t first, bool known,
                       NodeSource const& nodes, std::vector<Hash>& out) {
  if (first == size) {
    if (!known) out.push_back(subtree(begin, size, nodes));
    return;
  }
  auto const left = split(size);
  if (first <= left) {
    prove_consistency(begin, left, first, known, nodes, out);
    out.push_back(subtree(begin + left, size - left, nodes));
  } else {
    prove_consistency(begin + left, size - left, first - left, false, nodes, out);
    out.push_back(subtree(begin, left, nodes));
  }
}

void climb(std::uint64_t begin, std::uint64_t size, std::uint64_t leaf, NodeSource const& nodes,
           std::vector<Hash>& out) {
  if (size == 1) return;
  auto const left = split(size);
  bool const is_left = leaf < begin + left;
  climb(is_left ? begin : begin + left, is_left ? left : size - left, leaf, nodes, out);
  out.push_back(is_left ? subtree(begin + left, size - left, nodes) : subtree(begin, left, nodes));
}

struct Fold {
  std::uint64_t first;
  std::uint64_t last;
  std::vector<Hash> const& leaves;
  std::vector<Hash> const& proof;
  std::size_t next = 0;
  bool short_of_hashes = false;

  Hash root(std::uint64_t begin, std::uint64_t size) {
    if (begin >= last || begin + size <= first) {
      if (next == proof.size()) {
        short_of_hashes = true;
        return {};
      }
      return proof[next++];
    }
    if (size == 1) return leaves[static_cast<std::size_t>(begin - first)];
    auto const left = split(size);
    Hash const a = root(begin, left);
    if (short_of_hashes) return {};
    return log_node_hash(a, root(begin + left, size - left));
  }
};

}  // namespace

Hash log_leaf_hash(BytesView data) { return hash(Tag::log_leaf, {data}); }

Hash log_node_hash(Hash const& left, Hash const& right) { return hash(Tag::log_node, {left.view(), right.view()}); }

Hash log_root(std::vector<Hash> const& leaves) {
  Peaks peaks;
  for (auto const& leaf : leaves) peaks.append(leaf);
  return peaks.root();
}

void Peaks::append(Hash const& leaf) {
  append(leaf, [](unsigned, std::uint64_t, Hash const&) {});
}

void Peaks::append(Hash const& leaf, Full const& full) {
  Hash node = leaf;
  unsigned level = 0;
  for (auto carry = count; (carry & 1) != 0; carry >>= 1) {
    node = log_node_hash(hashes.back(), node);
    hashes.pop_back();
    full(++level, carry >> 1, node);
  }
  hashes.push_back(node);
  ++count;
}

Hash Peaks::root() const {
  if (hashes.empty()) return sha256(BytesView{});
  Hash node = hashes.back();
  for (std::size_t i = hashes.size() - 1; i-- > 0;) node = log_node_hash(hashes[i], node);
  return node;
}

std::vector<Hash> range_proof(std::uint64_t count, std::uint64_t first, std::uint64_t last, NodeSource const& nodes) {
  CHECK(first <= last && last <= count);
  std::vector<Hash> out;
  if (count != 0) prove(0, count, first, last, nodes, out);
  return out;
}

std::vector<Hash> range_proof(std::vector<Hash> const& leaves, std::uint64_t first, std::uint64_t last) {
  return range_proof(leaves.size(), first, last, [&](unsigned level, std::uint64_t index) {
    auto const begin = leaves.begin() + static_cast<std::ptrdiff_t>(index << level);
    return log_root(std::vector<Hash>(begin, begin + (std::ptrdiff_t{1} << level)));
  });
}

std::optional<Hash> range_root(std::uint64_t count, std::uint64_t first, std::vector<Hash> const& leaves,
                               std::vector<Hash> const& proof) {
  if (first > count || leaves.size() > count - first) return std::nullopt;
  if (count == 0) return proof.empty() ? std::optional{sha256(BytesView{})} : std::nullopt;
  Fold fold{first, first + leaves.size(), leaves, proof};
  Hash const root = fold.root(0, count);
  if (fold.short_of_hashes || fold.next != proof.size()) return std::nullopt;
  return root;
}

std::vector<Hash> consistency_proof(std::uint64_t first, std::uint64_t count, NodeSource const& nodes) {
  CHECK(0 < first && first <= count);
  std::vector<Hash> out;
  prove_consistency(0, count, first, true, nodes, out);
  return out;
}

bool is_consistent(std::uint64_t first, Hash const& first_root, std::uint64_t count, Hash const& root,
                   std::vector<Hash> const& proof) {
  if (first == 0 || first > count) return false;
  if (first == count) return proof.empty() && first_root == root;
  auto at = proof.begin();
  // A full subtree's root is the smaller log's own.
  if (!std::has_single_bit(first) && at == proof.end()) return false;
  Hash node = std::has_single_bit(first) ? first_root : *at++;
  auto last_of_first = first - 1;
  auto last = count - 1;
  for (; (last_of_first & 1) != 0; last_of_first >>= 1) last >>= 1;
  Hash first_node = node;
  for (; at != proof.end(); ++at) {
    if (last == 0) return false;
    if ((last_of_first & 1) != 0 || last_of_first == last) {
      first_node = log_node_hash(*at, first_node);
      node = log_node_hash(*at, node);
      for (; (last_of_first & 1) == 0 && last_of_first != 0; last_of_first >>= 1) last >>= 1;
    } else {
      node = log_node_hash(node, *at);
    }
    last_of_first >>= 1;
    last >>= 1;
  }
  return last == 0 && first_node == first_root && node == root;
}

std::vector<Hash> audit_path(std::uint64_t count, std::uint64_t leaf, NodeSource const& nodes) {
  CHECK(leaf < count);
  std::vector<Hash> out;
  climb(0, count, leaf, nodes, out);
  return out;
}

}  // namespace crypto
