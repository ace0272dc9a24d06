// SPDX-License-Identifier: Apache-2.0
// The border of goods accounting: what comes in from firms that keep no accounts.
#include "contracts/goods/rules.hpp"
#include "contracts/members/members.hpp"

namespace contracts::goods {

namespace {

using ledger::AtSite;
using ledger::Space;

bool is_outside(Holder const& holder) {
  auto const* where = std::get_if<AtSite>(&holder);
  return where != nullptr && where->party == ledger::outside();
}

/// The receiver, if he is a member with goods accounting who signed, and the giver is not in accounting.
std::optional<PartyId> receiver_of(Job const& job) {
  auto const* from = job.event.source("possessing_party");
  auto const to = job.member(job.event.destination("possessing_party"));
  if (from == nullptr || !to || !job.signed_by(*to) || !keeps_accounts(job.state, *to)) return std::nullopt;
  auto const giver = job.member(from);
  if (giver && keeps_accounts(job.state, *giver)) return std::nullopt;
  return to;
}

bool came_from_outside(Job const& job, gs1::Key const& key) {
  if (key.kind == gs1::KeyKind::item) {
    auto const item = ledger::load<ledger::ItemRecord>(job.state, Space::item, key.uri);
    return item && is_outside(item->holder);
  }
  auto const unit = ledger::load<ledger::UnitRecord>(job.state, Space::unit, key.uri);
  return key.kind == gs1::KeyKind::sscc && unit && is_outside(unit->holder);
}

bool countable(Job const& job, gs1::QuantityElement const& element) {
  return element.key.kind == gs1::KeyKind::lot && job.state.has(ledger::state_key(Space::product, element.key.primary));
}

void bring_back(Job& job, gs1::Key const& key, AtSite const& to) {
  auto const owner = [&](PartyId const& before) { return before == ledger::outside() ? to.party : before; };
  if (key.kind == gs1::KeyKind::sscc) {
    auto unit = ledger::load<ledger::UnitRecord>(job.state, Space::unit, key.uri);
    unit->holder = to;
    if (unit->owner) unit->owner = owner(*unit->owner);
    unit->last_ms = job.event.time_ms;
    ledger::store(job.state, Space::unit, key.uri, *unit);
    return;
  }
  auto item = ledger::load<ledger::ItemRecord>(job.state, Space::item, key.uri);
  SerialMoves moves;
  moves.out_of(account_of(job.state, *item));
  item->owner = owner(item->owner);
  item->holder = to;
  item->last_ms = job.event.time_ms;
  moves.into(account_of(job.state, *item));
  moves.apply(job.state);
  ledger::store(job.state, Space::item, key.uri, *item);
}

/// Takes back what of the lot went outside before; returns what is left to account for.
Micro bring_back_quantity(Job& job, std::string_view link, Micro quantity, AtSite const& to) {
  for (auto const& record : ledger::accounts_of(job.state, link)) {
    auto const moved = std::min(quantity, record.quantity - record.serialised - record.disputed);
    if (!is_outside(record.holder) || moved == 0) continue;
    auto next = account_of(record);
    debit(job.state, next, moved, 0, job.event.time_ms);
    next.holder = to;
    if (next.owner == ledger::outside()) next.owner = to.party;
    credit(job.state, next, moved, 0, job.event.time_ms);
    quantity -= moved;
  }
  return quantity;
}

Result<void> take_in_lot(Job& job, gs1::QuantityElement const& element, AtSite const& to, std::string const& path) {
  TRY_ASSIGN(auto const quantity, base_quantity(job, element, path));
  auto const left = bring_back_quantity(job, element.key.uri, quantity, to);
  if (left == 0) return {};
  auto const known = ledger::load<ledger::LotRecord>(job.state, Space::lot, element.key.uri);
  auto const holder = members::prefix_holder(job.state, gs1::prefix_digits(element.key));
  // Goods of firms in accounting are made inside: no more of them come back than went out.
  bool const ours = known ? known->origin != ledger::LotOrigin::taken_in : holder && keeps_accounts(job.state, *holder);
  if (ours) return job.error(Code::E_INSUFFICIENT_GOODS, path, "more than went outside");
  TRY_ASSIGN(auto const source, source_of(job, element.key.primary, left, to.party));
  NewStock const stock{element.key,      left, 0, ledger::LotOrigin::taken_in, source.unrooted, source.claim,
                       ledger::outside()};
  TRY(add_stock(job, stock, path));
  credit(job.state, {element.key.uri, to.party, to, source.claim}, left, 0, job.event.time_ms);
  return {};
}

}  // namespace

bool is_intake(Job const& job) {
  auto const& event = job.event;
  bool const accepts = !event.tally.handover || *event.tally.handover == gs1::Handover::accept;
  bool const receives = event.type == gs1::EventType::object && event.action == gs1::Action::observe &&
                        event.biz_step == "receiving" && !event.is_error() && accepts;
  if (!receives || !receiver_of(job) || (event.epcs.empty() && event.quantities.empty())) return false;
  auto const back = [&](gs1::Key const& key) { return came_from_outside(job, key); };
  if (!event.epcs.empty()) return std::all_of(event.epcs.begin(), event.epcs.end(), back);
  auto const counts = [&](gs1::QuantityElement const& element) { return countable(job, element); };
  return std::all_of(event.quantities.begin(), event.quantities.end(), counts);
}

Result<void> take_in(Job& job) {
  auto const& event = job.event;
  AtSite const to{*receiver_of(job), job.site()};
  for (auto const& key : event.epcs) bring_back(job, key, to);
  for (std::size_t i = 0; i < event.quantities.size() && event.epcs.empty(); ++i) {
    TRY(take_in_lot(job, event.quantities[i], to, at("quantityList", i)));
  }
  return {};
}

}  // namespace contracts::goods
