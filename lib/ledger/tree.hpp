// SPDX-License-Identifier: Apache-2.0
#pragma once

// The state tree: a compressed binary sparse Merkle tree over H(05 ‖ key), as an immutable value. Updating shares all
// that did not change, so every height that is still held keeps its own tree and can prove from it. leaf = H(02 ‖ key ‖
// H(04 ‖ record)), node = H(03 ‖ left ‖ right), empty subtree = 32 zero bytes; a subtree that holds one leaf is that
// leaf. Bits of a key count from the most significant bit of its first byte; 0 is left.
//
// In memory it goes down to buckets of a few leaves. The leaves are rows of the state itself, beside the tree
// (Space::tree_leaf): tree key to H(04 ‖ record). So a block's diff brings its rows along, and what is pending,
// committed or taken over holds them without a store of their own.

#include <memory>
#include <variant>

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

/// A tree of no more leaves keeps their hashes in memory too, about 60 bytes each, 700 MB at most; rows it reads for
/// proofs.
constexpr std::uint64_t leaves_in_memory_max = 12'000'000;

/// `state` is always the state, rows and all, whose tree this is.
class StateTree {
 public:
  /// Of the empty state. The bound changes what is read, never a hash.
  explicit StateTree(std::uint64_t leaves_max) : leaves_max_(leaves_max) {}
  StateTree() = default;
  /// From its rows in one pass, for a start from disk.
  static StateTree of(StateView const& state, std::uint64_t leaves_max = leaves_in_memory_max);
  /// The tree after these changes, to which the changes of the rows are added; keys beside the tree are passed over.
  /// `state` has the records of before: which keys are there is asked of it.
  StateTree with(StateView const& state, StateDiff& changes) const;
  Hash root() const { return root_.hash; }
  std::uint64_t size() const { return root_.size; }
  StatePath prove(StateView const& state, Hash const& key) const;
  /// Of keys that are all there, each once.
  SharedPaths prove(StateView const& state, std::vector<Hash> const& keys) const;

  struct Halves;
  struct Held;
  /// What stands at one place of the tree: nothing, a leaf, or several.
  struct Place {
    Hash hash;
    std::uint64_t size = 0;
    /// The halves of many leaves, or as many leaves as `size` says, in order; neither where these are only in the rows.
    std::variant<std::monostate, std::shared_ptr<Halves const>, std::shared_ptr<Held const[]>> below;
  };

 private:
  StateTree(Place root, std::uint64_t leaves_max) : root_(std::move(root)), leaves_max_(leaves_max) {}
  Place root_;
  std::uint64_t leaves_max_ = leaves_in_memory_max;
};

/// Adds the rows of these records, each new: of a state that is taken over.
void add_rows(StateDiff& records);
/// E_FORM, the field a key: a record's row is missing or of another record, or there are rows without a record.
base::Result<void> verify_rows(StateView const& state);

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
