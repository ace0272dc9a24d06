// SPDX-License-Identifier: Apache-2.0
#pragma once

// What stands beside the state tree and yet under its root: the ids of the replay window, histories, accounts' lines,
// the log of all events. A state that comes from somebody else or from an old disk is whole only if these fit it too.

#include <set>

#include "base/time.hpp"
#include "ledger/block.hpp"
#include "ledger/state.hpp"

namespace ledger {

/// E_FORM, the field a key: the ids, leaves and lines are not all and only those whose number and root the state's
/// records and this header say. The state tree is the caller's to compare.
base::Result<void> verify_beside(StateView const& state, ResultHeader const& header);

/// Whether a minute of the replay window, eight bytes, big endian, has passed at this time.
inline bool has_passed(BytesView minute, TimeMs now_ms) { return from_big_endian(minute) < now_ms / base::minute_ms; }

/// What is left of minutes of the replay window that have passed and whose records are gone: nobody asks for it, nodes
/// remove it bit by bit, and no snapshot holds it.
class ReplayWaste {
 public:
  explicit ReplayWaste(StateView const& state);
  bool holds(BytesView key) const;
  /// Eight bytes, big endian: it has passed, and has no record.
  bool is_over(BytesView minute) const;

 private:
  TimeMs time_ms_ = 0;
  /// Big endian, of those that have a record.
  std::set<Bytes> minutes_;
};

}  // namespace ledger
