// SPDX-License-Identifier: Apache-2.0
// Packing and unpacking: rule 11. What goes in takes its place, time and owner from the unit; what comes out gets them
// written back.
#include "contracts/goods/rules.hpp"

namespace contracts::goods {

namespace {

using ledger::AtSite;
using ledger::InUnit;
using ledger::ItemRecord;
using ledger::Space;
using ledger::UnitRecord;

UnitRecord unit_named(StateView const& state, std::string_view name) {
  auto unit = ledger::load<UnitRecord>(state, Space::unit, name);
  CHECK(unit.has_value());
  return std::move(*unit);
}

/// Changes the owner in the record of what is directly inside a unit.
void set_owner(Overlay& state, ledger::Uri const& unit, Bytes const& child, PartyId const& owner) {
  if (child[0] == static_cast<std::uint8_t>(Space::goods)) {
    auto const record = ledger::load<ledger::GoodsRecord>(state, child);
    // The account under the unit's own link says who owns uncounted pieces of it, not where a lot is.
    if (record && record->lot != unit) change_owner(state, account_of(*record), owner);
  } else if (child[0] == static_cast<std::uint8_t>(Space::item)) {
    auto item = ledger::load<ItemRecord>(state, child);
    item->owner = owner;
    ledger::store(state, child, *item);
  } else {
    auto inner = ledger::load<UnitRecord>(state, child);
    inner->owner = owner;
    ledger::store(state, child, *inner);
  }
}

/// One packing: the unit, and what came into it so far.
struct Packing {
  ledger::Uri unit;
  PartyId custodian;
  std::vector<ledger::Uri> chain;
  std::optional<PartyId> admitted;
  Micro pieces = 0;
  std::uint32_t children = 0;
  std::uint8_t levels = 0;
  SerialMoves moves;
};

/// Lets goods of this owner into the unit: it stays of one owner, becomes so, or becomes mixed.
void admit(Job& job, Packing& packing, PartyId const& owner) {
  if (packing.admitted == owner) return;
  packing.admitted = owner;
  auto const place = ledger::place_of(job.state, InUnit{packing.unit});
  if (place.owner == owner) return;
  auto unit = unit_named(job.state, packing.unit);
  bool const empty = unit.children == 0 && packing.children == 0;
  if (empty && (!place.owner || place.units.size() == 1)) {
    unit.owner = owner;
    ledger::store(job.state, Space::unit, packing.unit, unit);
  } else {
    mix_owners(job.state, packing.unit);
  }
}

Result<void> pack_item(Job& job, Packing& packing, gs1::Key const& key, std::string const& path) {
  TRY_ASSIGN(auto item, held_item(job, key, path));
  if (!item.place.units.empty()) return job.error(Code::E_ALREADY_PACKED, path, "in " + item.place.units.front());
  if (item.place.party != packing.custodian) return job.error(Code::E_NOT_CUSTODIAN, path);
  admit(job, packing, item.owner);
  packing.moves.out_of(item.account);
  item.record.holder = InUnit{packing.unit};
  item.record.last_ms = job.event.time_ms;
  item.account.holder = item.record.holder;
  packing.moves.into(item.account);
  auto const stored = ledger::state_key(Space::item, key.uri);
  ledger::store(job.state, stored, item.record);
  index_child(job.state, packing.unit, stored);
  packing.pieces += piece;
  ++packing.children;
  return {};
}

Result<void> pack_unit(Job& job, Packing& packing, gs1::Key const& key, std::string const& path) {
  auto inner = ledger::load<UnitRecord>(job.state, Space::unit, key.uri);
  if (!inner) return job.error(Code::E_UNKNOWN_GOODS, path, "no unit " + key.uri);
  bool const around = std::find(packing.chain.begin(), packing.chain.end(), key.uri) != packing.chain.end();
  if (around || !std::holds_alternative<AtSite>(inner->holder)) return job.error(Code::E_ALREADY_PACKED, path);
  TRY_ASSIGN(auto const place, in_custody(job, inner->holder, inner->last_ms, path));
  if (place.party != packing.custodian) return job.error(Code::E_NOT_CUSTODIAN, path);
  if (packing.chain.size() + inner->levels + 1 > job.context.parameters.packing_depth_max) {
    return job.error(Code::E_LIMIT, path, "packed too deep");
  }
  if (inner->children > 0) {
    if (inner->owner) {
      admit(job, packing, *inner->owner);
    } else {
      mix_owners(job.state, packing.unit);
      packing.admitted.reset();
    }
  }
  inner->holder = InUnit{packing.unit};
  inner->last_ms = job.event.time_ms;
  auto const stored = ledger::state_key(Space::unit, key.uri);
  ledger::store(job.state, stored, *inner);
  index_child(job.state, packing.unit, stored);
  packing.pieces += inner->pieces;
  packing.levels = std::max(packing.levels, static_cast<std::uint8_t>(inner->levels + 1));
  ++packing.children;
  return {};
}

Result<void> pack_quantity(Job& job, Packing& packing, gs1::QuantityElement const& element, std::string const& path) {
  TRY_ASSIGN(auto const quantity, base_quantity(job, element, path));
  Want want;
  want.lot = element.key.uri;
  want.quantity = quantity;
  want.custodian = packing.custodian;
  want.owner = job.member(job.event.source("owning_party"));
  TRY_ASSIGN(auto const taken, find_quantity(job, want, path));
  for (auto const& part : taken) {
    admit(job, packing, part.owner);
    debit(job.state, part.account, part.quantity, 0, job.event.time_ms);
    auto inside = part.account;
    inside.holder = InUnit{packing.unit};
    auto const before = ledger::load<ledger::GoodsRecord>(
        job.state, ledger::goods_key(inside.lot, inside.owner, inside.holder, inside.claim));
    if (!before || before->quantity == before->serialised) ++packing.children;
    credit(job.state, inside, part.quantity, 0, job.event.time_ms);
  }
  packing.pieces += quantity;
  return {};
}

/// The one who has the first child, for a unit that is not there yet.
PartyId first_custodian(Job const& job) {
  auto const& event = job.event;
  if (!event.child_epcs.empty()) {
    auto const& key = event.child_epcs.front();
    if (auto const item = ledger::load<ItemRecord>(job.state, Space::item, key.uri)) {
      return ledger::place_of(job.state, item->holder).party;
    }
    if (auto const unit = ledger::load<UnitRecord>(job.state, Space::unit, key.uri)) {
      return ledger::place_of(job.state, unit->holder).party;
    }
  }
  return job.context.actor;
}

Result<Packing> begin(Job& job) {
  Packing packing;
  packing.unit = job.event.parent->uri;
  auto unit = ledger::load<UnitRecord>(job.state, Space::unit, packing.unit);
  if (unit) {
    TRY_ASSIGN(auto const place, in_custody(job, InUnit{packing.unit}, 0, "parentID"));
    packing.custodian = place.party;
    packing.chain = place.units;
  } else {
    TRY(creator_of(job, *job.event.parent, "parentID"));
    packing.custodian = first_custodian(job);
    packing.chain = {packing.unit};
    unit.emplace().holder = AtSite{packing.custodian, job.site()};
  }
  unit->last_ms = job.event.time_ms;
  ledger::store(job.state, Space::unit, packing.unit, *unit);
  return packing;
}

/// Raises what the unit and those around it hold.
Result<void> finish(Job& job, Packing const& packing) {
  packing.moves.apply(job.state);
  std::uint8_t levels = packing.levels;
  for (auto const& name : packing.chain) {
    auto unit = unit_named(job.state, name);
    auto const pieces = base::add(unit.pieces, packing.pieces);
    if (!pieces || *pieces > ~Micro{0}) return job.error(Code::E_LIMIT, "parentID", "more than a unit can count");
    unit.pieces = static_cast<Micro>(*pieces);
    if (unit.accepted) *unit.accepted += packing.pieces;
    unit.levels = std::max(unit.levels, levels++);
    if (name == packing.unit) unit.children += packing.children;
    if (unit.children > job.context.parameters.children_a_unit_max) return job.error(Code::E_LIMIT, "parentID");
    ledger::store(job.state, Space::unit, name, unit);
  }
  return {};
}

/// Counts the levels anew where units left, outwards until nothing changes.
void lower_levels(Overlay& state, std::vector<ledger::Uri> const& chain) {
  for (auto const& name : chain) {
    std::uint8_t levels = 0;
    for (auto const& child : children_of(state, name)) {
      if (child[0] != static_cast<std::uint8_t>(Space::unit)) continue;
      auto const inner = ledger::load<UnitRecord>(state, child);
      levels = std::max(levels, static_cast<std::uint8_t>(inner->levels + 1));
    }
    auto unit = unit_named(state, name);
    if (unit.levels == levels) return;
    unit.levels = levels;
    ledger::store(state, Space::unit, name, unit);
  }
}

/// What leaves a unit for the custodian's floor.
struct Unpacking {
  ledger::Uri unit;
  ledger::Place place;
  SerialMoves moves;
  Leaving leaving;
  bool units_left = false;
};

Result<void> unpack_item(Job& job, Unpacking& unpacking, gs1::Key const& key, std::string const& path) {
  TRY_ASSIGN(auto item, held_item(job, key, path));
  if (item.record.holder != Holder(InUnit{unpacking.unit})) {
    return job.error(Code::E_INSUFFICIENT_GOODS, path, "not in this unit");
  }
  unpacking.moves.out_of(item.account);
  item.record.owner = item.account.owner = item.owner;
  item.record.holder = item.account.holder = AtSite{unpacking.place.party, unpacking.place.site};
  item.record.last_ms = job.event.time_ms;
  unpacking.moves.into(item.account);
  auto const stored = ledger::state_key(Space::item, key.uri);
  ledger::store(job.state, stored, item.record);
  unindex_child(job.state, unpacking.unit, stored);
  unpacking.leaving.add(unpacking.place, piece, 1);
  return {};
}

Result<void> unpack_unit(Job& job, Unpacking& unpacking, gs1::Key const& key, std::string const& path) {
  auto inner = ledger::load<UnitRecord>(job.state, Space::unit, key.uri);
  if (!inner) return job.error(Code::E_UNKNOWN_GOODS, path, "no unit " + key.uri);
  if (inner->holder != Holder(InUnit{unpacking.unit})) {
    return job.error(Code::E_INSUFFICIENT_GOODS, path, "not in this unit");
  }
  TRY(job.not_before(inner->last_ms, path));
  inner->holder = AtSite{unpacking.place.party, unpacking.place.site};
  if (unpacking.place.owner) inner->owner = unpacking.place.owner;
  inner->last_ms = job.event.time_ms;
  auto const stored = ledger::state_key(Space::unit, key.uri);
  ledger::store(job.state, stored, *inner);
  unindex_child(job.state, unpacking.unit, stored);
  unpacking.leaving.add(unpacking.place, inner->pieces, 1);
  unpacking.units_left = true;
  return {};
}

/// Takes from one account inside the unit at most `left`; returns how much.
Micro unpack_account(Job& job, Unpacking& unpacking, ledger::GoodsRecord const& record, Micro left) {
  auto const free = record.quantity - record.serialised;
  auto const quantity = std::min(free, left);
  if (quantity == 0) return 0;
  auto account = account_of(record);
  debit(job.state, account, quantity, 0, job.event.time_ms);
  account.owner = unpacking.place.owner.value_or(account.owner);
  account.holder = AtSite{unpacking.place.party, unpacking.place.site};
  credit(job.state, account, quantity, 0, job.event.time_ms);
  unpacking.leaving.add(unpacking.place, quantity, quantity == free ? 1 : 0);
  return quantity;
}

Result<void> unpack_quantity(Job& job, Unpacking& unpacking, gs1::QuantityElement const& element,
                             std::string const& path) {
  TRY_ASSIGN(auto left, base_quantity(job, element, path));
  for (auto const& record : ledger::accounts_of(job.state, element.key.uri)) {
    if (record.holder != Holder(InUnit{unpacking.unit})) continue;
    left -= unpack_account(job, unpacking, record, left);
  }
  if (left > 0) return job.error(Code::E_INSUFFICIENT_GOODS, path, "the unit holds less");
  return {};
}

/// An unpacking that names no children empties the unit.
Result<void> unpack_all(Job& job, Unpacking& unpacking) {
  for (auto const& child : children_of(job.state, unpacking.unit)) {
    auto const name = base::text_of(ledger::BytesView(child).subspan(1));
    if (child[0] == static_cast<std::uint8_t>(Space::goods)) {
      auto const record = ledger::load<ledger::GoodsRecord>(job.state, child);
      if (!record || record->lot == unpacking.unit) continue;
      if (unpack_account(job, unpacking, *record, record->quantity) > 0) {
        TRY_ASSIGN(auto lot, gs1::read_key(record->lot));
        job.emptied.push_back(std::move(lot));
      }
      continue;
    }
    TRY_ASSIGN(auto key, gs1::read_key(name));
    if (child[0] == static_cast<std::uint8_t>(Space::item)) {
      TRY(unpack_item(job, unpacking, key, "childEPCs"));
    } else {
      TRY(unpack_unit(job, unpacking, key, "childEPCs"));
    }
    job.emptied.push_back(std::move(key));
  }
  return {};
}

}  // namespace

void mix_owners(Overlay& state, ledger::Uri const& unit) {
  auto const chain = ledger::place_of(state, InUnit{unit}).units;
  // From the outermost inwards: what a unit says of its contents is written into them, then the unit falls silent.
  for (auto name = chain.rbegin(); name != chain.rend(); ++name) {
    auto record = unit_named(state, *name);
    if (!record.owner) continue;
    for (auto const& child : children_of(state, *name)) set_owner(state, *name, child, *record.owner);
    record = unit_named(state, *name);
    record.owner.reset();
    ledger::store(state, Space::unit, *name, record);
  }
}

Micro pass_unit(Overlay& state, ledger::Uri const& name, PartyId const& from, PartyId const& to) {
  auto unit = unit_named(state, name);
  auto const place = ledger::place_of(state, InUnit{name});
  if (place.owner && *place.owner != from) return unit.pieces;
  if (place.owner && unit.owner == place.owner && place.units.size() == 1) {
    unit.owner = to;
    ledger::store(state, Space::unit, name, unit);
    return 0;
  }
  if (place.owner) mix_owners(state, name);
  Micro missed = 0;
  for (auto const& child : children_of(state, name)) {
    if (child[0] == static_cast<std::uint8_t>(Space::unit)) {
      auto const inner = base::text_of(ledger::BytesView(child).subspan(1));
      missed += pass_unit(state, ledger::Uri(inner), from, to);
    } else if (child[0] == static_cast<std::uint8_t>(Space::item)) {
      auto const item = ledger::load<ItemRecord>(state, child);
      if (item->owner == from) set_owner(state, name, child, to);
    } else {
      auto const account = ledger::load<ledger::GoodsRecord>(state, child);
      if (!account || account->lot == name) continue;
      if (account->owner == from) {
        set_owner(state, name, child, to);
      } else {
        missed += account->quantity;
      }
    }
  }
  return missed;
}

Result<void> pack(Job& job) {
  auto const& event = job.event;
  TRY_ASSIGN(auto packing, begin(job));
  TRY(job.require(packing.custodian, Code::E_NOT_CUSTODIAN, "parentID"));
  for (std::size_t i = 0; i < event.child_epcs.size(); ++i) {
    auto const& key = event.child_epcs[i];
    auto const path = at("childEPCs", i);
    if (key.kind == gs1::KeyKind::sscc) {
      TRY(pack_unit(job, packing, key, path));
    } else {
      TRY(pack_item(job, packing, key, path));
    }
  }
  for (std::size_t i = 0; i < event.child_quantities.size(); ++i) {
    TRY(pack_quantity(job, packing, event.child_quantities[i], at("childQuantityList", i)));
  }
  return finish(job, packing);
}

Result<void> unpack(Job& job) {
  auto const& event = job.event;
  Unpacking unpacking;
  unpacking.unit = event.parent->uri;
  if (!job.state.get(ledger::state_key(Space::unit, unpacking.unit))) {
    return job.error(Code::E_UNKNOWN_GOODS, "parentID", "no unit " + unpacking.unit);
  }
  TRY_ASSIGN(unpacking.place, in_custody(job, InUnit{unpacking.unit}, 0, "parentID"));
  for (std::size_t i = 0; i < event.child_epcs.size(); ++i) {
    auto const& key = event.child_epcs[i];
    auto const path = at("childEPCs", i);
    if (key.kind == gs1::KeyKind::sscc) {
      TRY(unpack_unit(job, unpacking, key, path));
    } else {
      TRY(unpack_item(job, unpacking, key, path));
    }
  }
  for (std::size_t i = 0; i < event.child_quantities.size(); ++i) {
    TRY(unpack_quantity(job, unpacking, event.child_quantities[i], at("childQuantityList", i)));
  }
  if (event.child_epcs.empty() && event.child_quantities.empty()) TRY(unpack_all(job, unpacking));
  TRY(unpacking.leaving.apply(job, event.child_epcs.empty() ? "childQuantityList" : "childEPCs"));
  unpacking.moves.apply(job.state);
  if (unpacking.units_left) lower_levels(job.state, unpacking.place.units);
  return {};
}

}  // namespace contracts::goods
