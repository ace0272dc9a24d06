// SPDX-License-Identifier: Apache-2.0
#include "ledger/goods.hpp"

#include <tuple>

namespace ledger {

namespace {

using HoldingKey = std::tuple<PartyId, PartyId, Gln, Text<120>>;

/// True when nothing but this lot is in the unit, so that its shortage is the lot's.
bool is_only_lot(Micro of_lot, UnitRecord const& unit) { return of_lot == unit.pieces; }

/// Moves the shortage of units from their custodian's line to the givers'.
void show_disputed(StateView const& state, std::map<Uri, std::map<HoldingKey, Micro>> const& short_units,
                   std::map<HoldingKey, Holding>& lines) {
  for (auto const& [unit, parts] : short_units) {
    Micro of_lot = 0;
    for (auto const& [key, quantity] : parts) of_lot += quantity;
    auto const record = load<UnitRecord>(state, Space::unit, unit);
    if (!record || !is_only_lot(of_lot, *record)) continue;
    auto const& at = parts.begin()->first;
    for (auto const& account : accounts_of(state, unit)) {
      auto const* giver = std::get_if<AtSite>(&account.holder);
      auto const moved = std::min(account.disputed, lines[at].quantity);
      if (giver == nullptr || moved == 0) continue;
      lines[at].quantity -= moved;
      auto& line = lines[{account.owner, giver->party, giver->site, std::get<3>(at)}];
      line.disputed += moved;
    }
  }
}

}  // namespace

PartyId consumer() { return party_id("consumer"); }
PartyId outside() { return party_id("outside"); }

Place place_of(StateView const& state, Holder const& holder) {
  // Packing keeps chains within packing_depth_max; this bound only stops a broken state.
  constexpr std::size_t units_max = 256;
  Place place;
  Holder at = holder;
  while (auto const* in = std::get_if<InUnit>(&at)) {
    auto const unit = load<UnitRecord>(state, Space::unit, in->unit);
    CHECK(unit.has_value() && place.units.size() < units_max);
    place.units.push_back(in->unit);
    place.last_ms = std::max(place.last_ms, unit->last_ms);
    if (unit->owner) place.owner = unit->owner;
    at = unit->holder;
  }
  place.party = std::get<AtSite>(at).party;
  place.site = std::get<AtSite>(at).site;
  return place;
}

std::vector<GoodsRecord> accounts_of(StateView const& state, std::string_view link) {
  std::vector<GoodsRecord> out;
  state.scan(state_key(Space::goods, tree_key(Space::lot, link).view()), [&](BytesView, BytesView bytes) {
    auto account = base::decode<GoodsRecord>(bytes);
    CHECK(account.has_value());
    out.push_back(std::move(account).value());
    return out.size() < accounts_scan_max;
  });
  return out;
}

std::vector<Holding> holdings(StateView const& state, std::string_view lot) {
  std::map<HoldingKey, Holding> lines;
  std::map<Uri, std::map<HoldingKey, Micro>> short_units;
  for (auto const& account : accounts_of(state, lot)) {
    auto const place = place_of(state, account.holder);
    HoldingKey const key{place.owner.value_or(account.owner), place.party, place.site, account.claim};
    lines[key].quantity += account.quantity - account.disputed;
    lines[key].disputed += account.disputed;
    for (auto const& unit : place.units) {
      auto const record = load<UnitRecord>(state, Space::unit, unit);
      if (record && record->disputed > 0) short_units[unit][key] += account.quantity;
    }
  }
  show_disputed(state, short_units, lines);
  std::vector<Holding> out;
  for (auto& [key, line] : lines) {
    if (line.quantity == 0 && line.disputed == 0) continue;
    std::tie(line.owner, line.party, line.site, line.claim) = key;
    out.push_back(line);
  }
  return out;
}

}  // namespace ledger
