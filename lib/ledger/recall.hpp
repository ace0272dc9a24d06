// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a recall reaches: from a lot or a component to every serial that it went into, where those are, and which open
// contracts wait for them. And the other way: whether a thing is reached by a recall.

#include "ledger/goods_records.hpp"

namespace ledger {

struct AffectedItem {
  std::string item;
  GoodsStatus status = GoodsStatus::active;
  PartyId custodian;
  PartyId owner;
  Gln site;
  /// The recalled thing itself, or what it became a part of.
  bool component = false;
};

struct Affected {
  /// Finished serials and those still components, ascending by link; not those that were used up.
  std::vector<AffectedItem> items;
  /// The recalled lot while it has accounts, and lots made of what is affected, with all they hold; ascending.
  std::vector<std::string> lots;
  /// Open contracts that watch one of the items, their units or their lots.
  std::vector<Hash> contracts;
  /// There are more: items beyond `max`, or steps beyond the eighth.
  bool more = false;
};

/// Follows tally:bind and made-from links downstream, at most 8 steps deep, and lists at most `max` items.
Affected affected_by(StateView const& state, std::string_view link, std::size_t max);

/// The recall that reaches an item: its own, its lot's, that of a component or of a lot it was made from; nothing when
/// none stands. Depth and width are bounded.
std::optional<RecallRecord> recall_of_item(StateView const& state, std::string_view item, std::string_view lot);
std::optional<RecallRecord> recall_of_lot(StateView const& state, std::string_view lot);

}  // namespace ledger
