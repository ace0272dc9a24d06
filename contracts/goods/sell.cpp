// SPDX-License-Identifier: Apache-2.0
// Sale to people and return: one signature, because a consumer is no member.
#include "base/time.hpp"
#include "contracts/goods/customs.hpp"
#include "contracts/goods/recall.hpp"
#include "contracts/goods/rules.hpp"
#include "contracts/members/members.hpp"

namespace contracts::goods {

namespace {

using ledger::AtSite;
using ledger::GoodsStatus;
using ledger::Space;

/// What scans and warranty count from.
void note_sale(Job& job, gs1::Key const& key) {
  ledger::SaleNoteRecord sale;
  sale.site = job.site();
  sale.sold_ms = job.event.time_ms;
  if (auto const warranty = ledger::load<ledger::WarrantyRecord>(job.state, Space::warranty, key.primary)) {
    sale.warranty_until_ms = job.event.time_ms + warranty->days * base::day_ms;
  }
  ledger::store(job.state, Space::sale_note, key.uri, sale);
}

Result<void> sell_item(Job& job, gs1::Key const& key, SerialMoves& moves, Leaving& leaving, std::string const& path) {
  TRY_ASSIGN(auto item, held_item(job, key, path));
  TRY(job.require(item.owner, Code::E_NOT_OWNER, path));
  TRY(not_recalled(job, item, path));
  TRY(judge_sale(job, key.uri, item.record.lot, path));
  TRY(judge_hold(job, key.uri, item.record.holder, path));
  TRY(judge_gates(job, key.primary, path));
  note_sale(job, key);
  auto const stored = ledger::state_key(Space::item, key.uri);
  moves.out_of(item.account);
  leaving.add(item.place, piece, 1);
  if (!item.place.units.empty()) {
    unindex_child(job.state, item.place.units.front(), stored);
    job.left.emplace(key.uri, item.place.units.front());
  }
  ledger::store(job.state, Space::sale, key.uri, ledger::SaleRecord{item.place.party, item.owner});
  item.record.status = GoodsStatus::sold;
  item.record.owner = item.account.owner = ledger::consumer();
  item.record.holder = item.account.holder = AtSite{ledger::consumer(), {}};
  item.record.last_ms = job.event.time_ms;
  moves.into(item.account);
  ledger::store(job.state, stored, item.record);
  return {};
}

Result<void> sell_quantity(Job& job, gs1::QuantityElement const& element, Leaving& leaving, std::string const& path) {
  TRY_ASSIGN(auto const quantity, base_quantity(job, element, path));
  TRY(not_recalled(job, element.key.uri, path));
  Want want;
  want.lot = element.key.uri;
  want.quantity = quantity;
  want.owners_sign = true;
  want.packed_too = true;
  TRY_ASSIGN(auto const taken, find_quantity(job, want, path));
  TRY(judge_sale(job, {}, element.key.uri, path));
  TRY(judge_gates(job, element.key.primary, path));
  for (auto const& part : taken) {
    TRY(judge_hold(job, element.key.uri, part.account.holder, path));
    debit(job.state, part.account, part.quantity, 0, job.event.time_ms);
    leaving.add(part.place, part.quantity, part.whole ? 1 : 0);
    if (!part.place.units.empty()) job.left.emplace(part.account.lot, part.place.units.front());
    auto sold = part.account;
    sold.owner = ledger::consumer();
    sold.holder = AtSite{ledger::consumer(), {}};
    credit(job.state, sold, part.quantity, 0, job.event.time_ms);
  }
  return {};
}

}  // namespace

Result<void> sell(Job& job) {
  auto const& event = job.event;
  SerialMoves moves;
  Leaving leaving;
  for (std::size_t i = 0; i < event.epcs.size(); ++i) {
    if (event.epcs[i].kind != gs1::KeyKind::item) {
      return job.error(Code::E_UNKNOWN_GOODS, at("epcList", i), "serials or a quantity of a lot are sold");
    }
    TRY(sell_item(job, event.epcs[i], moves, leaving, at("epcList", i)));
  }
  for (std::size_t i = 0; i < event.quantities.size() && event.epcs.empty(); ++i) {
    TRY(sell_quantity(job, event.quantities[i], leaving, at("quantityList", i)));
  }
  TRY(leaving.apply(job, event.epcs.empty() ? "quantityList" : "epcList"));
  moves.apply(job.state);
  return {};
}

namespace {

/// One signature moves the goods of a consumer, who signs nothing, so they go only to who answers for them: who sold
/// the item, who owned it then, or the holder of its prefix.
bool may_take_back(Job const& job, gs1::Key const& key, ledger::SaleRecord const& sale, PartyId const& receiver) {
  return receiver == sale.seller || receiver == sale.owner ||
         receiver == members::prefix_holder(job.state, gs1::prefix_digits(key));
}

}  // namespace

Result<void> take_back(Job& job) {
  auto const& event = job.event;
  auto const receiver = job.member(event.destination("possessing_party")).value_or(job.context.actor);
  TRY(job.require(receiver, Code::E_MISSING_SIGNER, "destinationList"));
  if (event.epcs.empty()) return job.error(Code::E_UNKNOWN_GOODS, "epcList", "a return names serials");
  SerialMoves moves;
  for (std::size_t i = 0; i < event.epcs.size(); ++i) {
    auto const path = at("epcList", i);
    auto const& uri = event.epcs[i].uri;
    auto item = ledger::load<ledger::ItemRecord>(job.state, Space::item, uri);
    if (!item) return job.error(Code::E_UNKNOWN_GOODS, path, uri);
    auto const sale = ledger::load<ledger::SaleRecord>(job.state, Space::sale, uri);
    if (!sale) return job.error(Code::E_NOT_CUSTODIAN, path, "it was not sold");
    if (!may_take_back(job, event.epcs[i], *sale, receiver)) {
      return job.error(Code::E_NOT_CUSTODIAN, path, "it goes back to its seller, its owner then, or its brand");
    }
    TRY(job.not_before(item->last_ms, path));
    moves.out_of(account_of(job.state, *item));
    // What was recalled meanwhile stays so.
    if (item->status == GoodsStatus::sold) item->status = GoodsStatus::active;
    item->owner = sale->owner;
    item->holder = AtSite{receiver, job.site()};
    item->last_ms = event.time_ms;
    // The next buyer needs a code of his own.
    item->claimed_by.reset();
    item->code_key_hash.reset();
    job.state.erase(ledger::state_key(Space::sale_note, uri));
    moves.into(account_of(job.state, *item));
    ledger::store(job.state, Space::item, uri, *item);
    job.state.erase(ledger::state_key(Space::sale, uri));
  }
  moves.apply(job.state);
  return {};
}

}  // namespace contracts::goods
