// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a block is made of: chosen, hashed and encoded. The leader of the next view makes its draft while the others
// vote on the parent, so that a full block is ready when it may be proposed.

#include "node/mempool.hpp"

namespace node {

/// A block should be decided so soon after it is known: what comes meanwhile waits for the next one.
constexpr std::uint64_t block_ms_aim = 250;
/// No block is made smaller for being slow: what validators that fail may make of the rest.
constexpr std::size_t block_bytes_min = std::size_t{32} << 10;

/// How many bytes a block is to hold, learned from those before it.
class BlockAim {
 public:
  std::size_t bytes() const { return bytes_; }
  /// A block of so many bytes was decided so long after this node knew it.
  void decided(std::size_t bytes, std::uint64_t after_ms);

 private:
  std::size_t bytes_ = std::size_t{256} << 10;
};

struct Draft {
  Hash parent;
  Selection chosen;
  /// Of the chosen ones' leaves, and their encoding.
  Hash root;
  Bytes payload;
  bool ends_epoch = false;

  static Draft of(Hash const& parent, Selection chosen);
  /// True when a block of this time on this parent could not be made better: nothing in it has expired, and nothing has
  /// come that it has room for.
  bool fits(Hash const& parent, TimeMs time_ms, Mempool const& pool) const;
};

}  // namespace node
