// SPDX-License-Identifier: Apache-2.0
#pragma once

// The blocks above the tip: proposals, notarized ones, and places kept for those that a certificate names but that are
// not here yet.

#include <map>

#include "consensus/core.hpp"

namespace consensus {

/// How far the host's answer to a question about a block is.
enum class Stage : std::uint8_t { open, asked, known };

struct Node {
  /// Null: wanted, its bytes are not here.
  SharedBlock block;
  /// A quorum vouches for it: notarized, finalized, or an ancestor of such a block.
  bool certified = false;
  /// Its bytes are durable.
  bool saved = false;
  /// Its ancestors down to the tip are here, heights and hashes in order.
  bool linked = false;
  /// known: the block is valid, and whether it ends the epoch is known.
  Stage verdict = Stage::open;
  bool ends_epoch = false;
  Stage execution = Stage::open;
  Hash result;
  /// Who sent the bytes.
  std::optional<Place> from;
};

class Tree {
 public:
  Tree(Hash const& tip, Height height) : tip_(tip), height_(height) {}

  std::map<Hash, Node> const& nodes() const { return nodes_; }
  /// Null when the tree has no such node.
  Node* find(Hash const& hash);
  Node const* find(Hash const& hash) const;
  /// The node when its bytes are here and linked, else null.
  Node const* linked(Hash const& hash) const;

  /// Adds the block or fills its place; the same block again changes nothing.
  Node& put(SharedBlock block, Hash const& hash);
  /// A quorum vouches for this hash, hence for its ancestors: those not here become wanted.
  void certify(Hash const& hash);
  /// The bytes turned out wrong for the header: wanted again if certified, else gone.
  void discard(Hash const& hash);
  void erase(Hash const& hash) { nodes_.erase(hash); }

  /// Wanted blocks, at most max of them, in the order of their hashes.
  std::vector<Hash> wanted(std::size_t max) const;
  /// From the tip's child up to the linked block.
  std::vector<Hash> path(Hash const& hash) const;
  /// Payload bytes held.
  std::size_t bytes() const;

  /// Makes a linked block the tip. What cannot descend from it by height or view is removed and returned, without the
  /// blocks of the path itself. Places kept for blocks that no block here descends from are forgotten: certify them
  /// again.
  std::vector<Hash> advance(Hash tip);

 private:
  bool fits(Block const& block) const;
  void link(Hash const& hash);
  void relink();

  Hash tip_;
  Height height_;
  std::map<Hash, Node> nodes_;
};

}  // namespace consensus
