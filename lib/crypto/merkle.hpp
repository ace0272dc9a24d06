// SPDX-License-Identifier: Apache-2.0
#pragma once

// The Merkle tree of RFC 6962 (section 2.1), over leaf hashes: append-only peaks, roots, inclusion paths, and proofs
// for a range of leaves. Leaf hash = H(00 ‖ data), node = H(01 ‖ left ‖ right); the root of nothing is SHA-256 of the
// empty string.

#include <functional>

#include "crypto/hash.hpp"

namespace crypto {

Hash log_leaf_hash(BytesView data);
Hash log_node_hash(Hash const& left, Hash const& right);
/// The root over these leaf hashes.
Hash log_root(std::vector<Hash> const& leaves);

/// The roots of the full subtrees of a growing log, largest first: all that an append needs.
struct Peaks {
  std::uint64_t count = 0;
  std::vector<Hash> hashes;

  void append(Hash const& leaf);
  /// The same; `full` is told of each subtree of 2^level leaves, level > 0, that this leaf completes, smallest first.
  using Full = std::function<void(unsigned level, std::uint64_t index, Hash const& hash)>;
  void append(Hash const& leaf, Full const& full);
  /// Folded right to left.
  Hash root() const;
};

/// The hash of the full subtree at `level` (2^level leaves) whose first leaf is index << level.
using NodeSource = std::function<Hash(unsigned level, std::uint64_t index)>;

/// What a verifier of the leaves [first, last) of a log of `count` needs beside them: subtree hashes, left to right, in
/// the order of a depth-first walk. A single leaf's proof so has the same hashes as its RFC 6962 audit path, in tree
/// order.
std::vector<Hash> range_proof(std::uint64_t count, std::uint64_t first, std::uint64_t last, NodeSource const& nodes);
/// The same, over all leaf hashes.
std::vector<Hash> range_proof(std::vector<Hash> const& leaves, std::uint64_t first, std::uint64_t last);
/// The root that these leaves and hashes give; nothing when the counts do not fit exactly. 0 <= first <= last <= count;
/// an empty range takes the root itself as its one hash (no hash for an empty log).
std::optional<Hash> range_root(std::uint64_t count, std::uint64_t first, std::vector<Hash> const& leaves,
                               std::vector<Hash> const& proof);

/// That the first `first` of `count` leaves are what a log of `first` leaves had (RFC 9162, section 2.1.4.1); 0 < first
/// <= count. Nothing when they are all.
std::vector<Hash> consistency_proof(std::uint64_t first, std::uint64_t count, NodeSource const& nodes);
/// RFC 9162, section 2.1.4.2: both roots follow from the proof.
bool is_consistent(std::uint64_t first, Hash const& first_root, std::uint64_t count, Hash const& root,
                   std::vector<Hash> const& proof);

/// A single leaf's audit path, from the leaf to the root (RFC 9162, section 2.1.3.1).
std::vector<Hash> audit_path(std::uint64_t count, std::uint64_t leaf, NodeSource const& nodes);

}  // namespace crypto
