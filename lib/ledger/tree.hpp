// SPDX-License-Identifier: Apache-2.0
#pragma once

// The state tree: a compressed binary sparse Merkle tree over H(05 ‖ key), as an immutable value. Updating shares all
// that did not change, so every height that is still held keeps its own tree and can prove from it. leaf = H(02 ‖ key ‖
// H(04 ‖ record)), node = H(03 ‖ left ‖ right), empty subtree = 32 zero bytes; a subtree that holds one leaf is that
// leaf. Bits of a key count from the most significant bit of its first byte; 0 is left.

#include <memory>

#include "ledger/state.hpp"

namespace ledger {

/// The leaf or the empty place where a key's path ends, and the hashes beside the path, from the root downwards.
struct StatePath {
  /// Set when the path ends at another key's leaf, which proves absence: that key and its H(04 ‖ record).
  struct Other {
    Hash key;
    Hash record_hash;
    template <class Self, class Visit>
    static void fields(Self& self, Visit& visit) {
      LEDGER_VISIT(key) LEDGER_VISIT(record_hash)
    }
    bool operator==(Other const&) const = default;
  };
  List<Hash, 255> siblings;
  std::optional<Other> other;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(siblings) LEDGER_VISIT(other)
  }
  bool operator==(StatePath const&) const = default;
};

/// The paths of several keys at once: each hash beside them stands once, and none that the others give.
struct SharedPaths {
  /// Of each key, in the order asked for: how deep its leaf stands.
  std::vector<std::uint8_t> depths;
  /// In the order of a depth-first walk.
  std::vector<Hash> siblings;
};

class StateTree {
 public:
  StateTree();
  /// The tree of these changes; keys of namespaces beside the tree are passed over.
  StateTree with(StateDiff const& diff) const;
  /// The tree over a whole state, for a start from disk.
  static StateTree of(StateView const& state);
  Hash root() const;
  std::uint64_t size() const;
  StatePath prove(Hash const& key) const;
  /// Of keys that are all there, each once.
  SharedPaths prove(std::vector<Hash> const& keys) const;

  struct Node;

 private:
  explicit StateTree(std::shared_ptr<Node const> root) : root_(std::move(root)) {}
  std::shared_ptr<Node const> root_;
};

/// The root that a key with this record (absent: no record) and this path give; nothing when the path cannot be one of
/// that key.
std::optional<Hash> root_of(Hash const& key, std::optional<Bytes> const& record, StatePath const& path);

/// A record that is said to stand in the tree, at this depth.
struct PlacedRecord {
  Hash key;
  BytesView record;
  std::uint8_t depth = 0;
};
/// The root that these records and the hashes beside their paths give; nothing when they do not fit exactly. At least
/// one record, no key twice.
std::optional<Hash> root_of(std::vector<PlacedRecord> const& records, std::vector<Hash> const& siblings);

}  // namespace ledger
