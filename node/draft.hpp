// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a block is made of: chosen, hashed and encoded. The leader of the next view makes its draft while the others
// vote on the parent, so that a full block is ready when it may be proposed.

#include "node/mempool.hpp"

namespace node {

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
