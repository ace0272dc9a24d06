// SPDX-License-Identifier: Apache-2.0
#pragma once

// How goods accounts are read.
//
// Every piece is in exactly one account Goods[lot][owner][holder][claim], serials too: the sum over a lot's accounts is
// what exists of it. An item also names its own holder and owner, and its account counts it under `serialised`.
// A packed thing's holder is its unit, read up the chain; a unit whose `owner` is present owns all that is inside,
// whatever the records inside say, and the outermost one decides. So a unit moves and changes owner as one record,
// and what leaves it is written back at that moment. unit_index (unit -> keys of what is directly inside) stands beside
// the tree. After a short count the unit carries `accepted` and `disputed`, and the giver has an account under the
// unit's own link with the disputed pieces: they are a part of what the unit counts, not more of it.

#include "ledger/records.hpp"

namespace ledger {

/// The owner and holder of goods that were sold to people, who are no members.
PartyId consumer();
/// The holder of goods that went to a firm outside goods accounting.
PartyId outside();

/// Where goods are in the end, from a holder outwards.
struct Place {
  PartyId party;
  Gln site;
  /// What the outermost unit with one owner says; absent: the goods' own record.
  std::optional<PartyId> owner;
  /// The latest of the units' times.
  TimeMs last_ms = 0;
  /// The units around them, innermost first.
  std::vector<Uri> units;
};
Place place_of(StateView const& state, Holder const& holder);

/// One line of a lot's balance.
struct Holding {
  PartyId owner;
  PartyId party;
  Gln site;
  Text<120> claim;
  Micro quantity = 0;
  /// The giver's of a short handover, not in `quantity`.
  Micro disputed = 0;
  bool operator==(Holding const&) const = default;
};
/// What exists of a lot, by owner, custodian, site and claim; sorted so. Quantities and disputed together are the sum
/// of its accounts. A unit that holds several lots and is short is shown under the lots' own counts, its shortage in
/// none of them, because nobody can tell of which lot it is.
std::vector<Holding> holdings(StateView const& state, std::string_view lot);

/// The accounts of a lot, or those of disputed pieces under a unit's link, in key order, at most accounts_scan_max.
constexpr std::size_t accounts_scan_max = 65536;
std::vector<GoodsRecord> accounts_of(StateView const& state, std::string_view link);

}  // namespace ledger
