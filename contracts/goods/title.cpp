// SPDX-License-Identifier: Apache-2.0
// Ownership without custody: rule 6.
#include "contracts/goods/goods.hpp"
#include "contracts/goods/handover.hpp"
#include "contracts/goods/rules.hpp"

namespace contracts::goods {

namespace {

using ledger::AtSite;
using ledger::InUnit;
using ledger::OfferRecord;
using ledger::Space;

/// Pieces that turned up in a short unit: they are counted, because nobody can name them.
Micro pass_found(Overlay& state, ledger::Uri const& unit, Micro quantity, PartyId const& from, PartyId const& to) {
  auto const owner = ledger::place_of(state, InUnit{unit}).owner;
  if (owner == from) {
    credit(state, owed_account(unit, to), quantity, 0, 0);
    return 0;
  }
  auto const owed = owed_account(unit, from);
  auto const record =
      ledger::load<ledger::GoodsRecord>(state, ledger::goods_key(owed.lot, owed.owner, owed.holder, owed.claim));
  auto const passed = std::min(quantity, record ? record->quantity : 0);
  if (passed > 0) debit(state, owed, passed, 0, 0);
  if (passed > 0 && owner != to) credit(state, owed_account(unit, to), passed, 0, 0);
  return quantity - passed;
}

Micro pass_item(Overlay& state, std::string const& link, PartyId const& from, PartyId const& to) {
  auto item = ledger::load<ledger::ItemRecord>(state, Space::item, link);
  if (!item || !in_stock(item->status)) return piece;
  auto const place = ledger::place_of(state, item->holder);
  if (place.owner.value_or(item->owner) != from) return piece;
  if (place.owner) {
    mix_owners(state, std::get<InUnit>(item->holder).unit);
    item = ledger::load<ledger::ItemRecord>(state, Space::item, link);
  }
  SerialMoves moves;
  moves.out_of(account_of(state, *item));
  item->owner = to;
  moves.into(account_of(state, *item));
  moves.apply(state);
  ledger::store(state, Space::item, link, *item);
  return 0;
}

/// A quantity of a lot, of what `custodian` (absent: anyone) holds loose and without serials.
Micro pass_lot(Overlay& state, std::string const& link, Micro quantity, std::optional<PartyId> const& custodian,
               PartyId const& from, PartyId const& to) {
  for (auto const& record : ledger::accounts_of(state, link)) {
    auto const* where = std::get_if<AtSite>(&record.holder);
    if (where == nullptr || record.owner != from || (custodian && where->party != *custodian)) continue;
    auto const moved = std::min(quantity, record.quantity - record.serialised - record.disputed);
    if (moved == 0) continue;
    auto next = account_of(record);
    debit(state, next, moved, 0, record.last_ms);
    next.owner = to;
    credit(state, next, moved, 0, record.last_ms);
    quantity -= moved;
  }
  return quantity;
}

/// What `from` has of a lot, serials and packed goods too.
Micro owned_of(StateView const& state, std::string const& link, PartyId const& from) {
  Micro sum = 0;
  for (auto const& holding : ledger::holdings(state, link)) {
    if (holding.owner == from) sum += holding.quantity;
  }
  return sum;
}

/// How much of a subject there is to pass, and how much of it could not be.
struct Passing {
  Micro whole = 0;
  Micro missed = 0;
};

Passing pass_all(Overlay& state, std::string const& link, PartyId const& from, PartyId const& to) {
  auto const key = gs1::read_key(link);
  if (!key) return {};
  if (key->kind == gs1::KeyKind::item) return {piece, pass_item(state, link, from, to)};
  if (key->kind == gs1::KeyKind::lot) {
    auto const owned = owned_of(state, link, from);
    return {owned, pass_lot(state, link, owned, std::nullopt, from, to)};
  }
  auto const unit = ledger::load<ledger::UnitRecord>(state, Space::unit, link);
  if (key->kind != gs1::KeyKind::sscc || !unit) return {};
  return {unit->pieces, pass_unit(state, link, from, to)};
}

Passing pass_one(Overlay& state, OfferRecord const& offer, ledger::Uri const& link, PartyId const& from,
                 PartyId const& to) {
  auto const count =
      std::find_if(offer.counts.begin(), offer.counts.end(), [&](auto const& one) { return one.subject == link; });
  if (count == offer.counts.end()) return pass_all(state, link, from, to);
  auto const quantity = count->quantity;
  if (is_unit(link)) return {quantity, pass_found(state, link, quantity, from, to)};
  return {quantity, pass_lot(state, link, quantity, offer.to, from, to)};
}

}  // namespace

Micro pass_accepted(Overlay& state, OfferRecord const& offer, std::string_view subject, PartyId const& from,
                    PartyId const& to, std::vector<std::string>* changed) {
  Micro missed = 0;
  for (auto const& link : offer.subjects) {
    if (!subject.empty() && link != subject) continue;
    auto const passing = pass_one(state, offer, link, from, to);
    missed += passing.missed;
    if (changed != nullptr && passing.missed < passing.whole) changed->push_back(link);
  }
  return missed;
}

Micro pass_title(Context& context, Title const& title) {
  auto& state = context.state;
  std::vector<std::string> changed;
  Micro missed = 0;
  if (title.offer) {
    auto const key = gs1::read_key(title.subject);
    bool const one = key && space_of(key->kind) != Space::thing;
    state.scan(ledger::state_key(Space::offer, title.offer->view()), [&](ledger::BytesView, ledger::BytesView bytes) {
      auto const offer = base::decode<OfferRecord>(bytes);
      CHECK(offer.has_value());
      if (offer->state != ledger::OfferState::accepted) return true;
      missed = pass_accepted(state, *offer, one ? title.subject : "", title.from, title.to, &changed);
      return false;
    });
  } else {
    auto const passing = pass_all(state, title.subject, title.from, title.to);
    missed = passing.missed;
    if (passing.missed < passing.whole) changed.push_back(title.subject);
  }
  auto const contract = ledger::tree_key(ledger::state_key(Space::contract, title.contract.view()));
  for (auto const& link : changed) {
    auto const key = gs1::read_key(link);
    CHECK(key.has_value());
    ledger::append_history(state, subject_key(state, *key), title.act,
                           {{ledger::LinkRole::contract, contract, title.contract_sequence}});
  }
  return missed;
}

}  // namespace contracts::goods
