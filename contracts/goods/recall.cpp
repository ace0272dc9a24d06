// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/recall.hpp"

#include "base/time.hpp"
#include "contracts/goods/alarm.hpp"
#include "contracts/goods/rules.hpp"
#include "contracts/members/members.hpp"
#include "ledger/recall.hpp"

namespace contracts::goods {

namespace {

using ledger::GoodsStatus;
using ledger::ItemRecord;
using ledger::LotRecord;
using ledger::RecallRecord;
using ledger::Space;

bool names(std::vector<std::string> const& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool takes_back(gs1::Event const& event) { return names(event.disposition_unset, "recalled"); }

/// The brand: who holds the prefix, who made the lot, and for a component who built it into something else. Anybody
/// else's word is an observation.
bool may_recall(Job const& job, gs1::Key const& key, PartyId const& maker, std::optional<PartyId> const& builder) {
  auto const holder = members::prefix_holder(job.state, gs1::prefix_digits(key));
  return (holder && job.signed_by(*holder)) || job.signed_by(maker) || (builder && job.signed_by(*builder));
}

RecallRecord record_of(Job const& job) {
  RecallRecord out;
  out.party = job.context.actor;
  out.cause = job.event.tally.cause;
  out.time_ms = job.event.time_ms;
  out.log_index = job.log_index;
  return out;
}

void mark(Job& job, std::string const& link) {
  if (takes_back(job.event)) {
    job.state.erase(ledger::state_key(Space::recall, link));
  } else {
    ledger::store(job.state, Space::recall, link, record_of(job));
  }
}

/// What was used up or destroyed keeps its status, and is found through the recall.
void set_status(Job& job, std::string const& link) {
  auto item = ledger::load<ItemRecord>(job.state, Space::item, link);
  if (!item || item->status == GoodsStatus::consumed || item->status == GoodsStatus::destroyed) return;
  bool const sold = job.state.has(ledger::state_key(Space::sale, link));
  item->status = !takes_back(job.event) ? GoodsStatus::recalled : sold ? GoodsStatus::sold : GoodsStatus::active;
  ledger::store(job.state, Space::item, link, *item);
}

/// True when the event's signers may, and did.
bool recall_item(Job& job, gs1::Key const& key) {
  auto const item = ledger::load<ItemRecord>(job.state, Space::item, key.uri);
  if (!item) return false;
  auto const lot = ledger::load<LotRecord>(job.state, Space::lot, item->lot);
  CHECK(lot.has_value());
  auto const builder = item->status == GoodsStatus::consumed ? std::optional(item->owner) : std::nullopt;
  if (!may_recall(job, key, lot->maker, builder)) return false;
  mark(job, key.uri);
  auto const affected = ledger::affected_by(job.state, key.uri, job.context.parameters.keys_an_event_max);
  for (auto const& one : affected.items) set_status(job, one.item);
  return true;
}

bool recall_lot(Job& job, gs1::Key const& key) {
  auto const lot = ledger::load<LotRecord>(job.state, Space::lot, key.uri);
  if (!lot || !may_recall(job, key, lot->maker, std::nullopt)) return false;
  mark(job, key.uri);
  return true;
}

bool made_goods(gs1::Event const& event) {
  return event.type == gs1::EventType::object && event.action == gs1::Action::add;
}

Error used_since(Job const& job, std::string_view path) {
  return job.error(Code::E_INSUFFICIENT_GOODS, path, "used since; put the balance right by a new event");
}

void lower_lot(Job& job, std::string const& link, std::string_view claim, Micro quantity, Micro serialised) {
  auto lot = ledger::load<LotRecord>(job.state, Space::lot, link);
  CHECK(lot && lot->total >= quantity && lot->serialised >= serialised);
  lot->total -= quantity;
  lot->serialised -= serialised;
  ledger::store(job.state, Space::lot, link, *lot);
  take_origin(job.state, claim, lot->gtin, quantity);
}

/// Takes back a quantity that the event made, if its maker still has as much of the lot loose.
Result<void> take_back_lot(Job& job, gs1::QuantityElement const& element, std::string const& path) {
  auto const lot = ledger::load<LotRecord>(job.state, Space::lot, element.key.uri);
  if (!lot || lot->origin != ledger::LotOrigin::produced) return {};
  TRY_ASSIGN(auto left, base_quantity(job, element, path));
  for (auto const& record : ledger::accounts_of(job.state, element.key.uri)) {
    auto const* where = std::get_if<ledger::AtSite>(&record.holder);
    bool const own = where != nullptr && job.signed_by(where->party) && job.signed_by(record.owner);
    auto const part = own ? std::min(left, record.quantity - record.serialised - record.disputed) : 0;
    if (part == 0) continue;
    debit(job.state, account_of(record), part, 0, job.event.time_ms);
    lower_lot(job, element.key.uri, record.claim, part, 0);
    left -= part;
  }
  return left > 0 ? Result<void>(used_since(job, path)) : Result<void>();
}

Result<void> take_back_item(Job& job, gs1::Key const& key, SerialMoves& moves, std::string const& path) {
  auto item = ledger::load<ItemRecord>(job.state, Space::item, key.uri);
  if (!item) return {};
  auto const* where = std::get_if<ledger::AtSite>(&item->holder);
  bool const untouched = item->status == GoodsStatus::active && where != nullptr && job.signed_by(where->party) &&
                         item->last_ms == job.event.time_ms;
  if (!untouched) return used_since(job, path);
  auto const account = account_of(job.state, *item);
  moves.out_of(account);
  lower_lot(job, item->lot, account.claim, piece, piece);
  item->status = GoodsStatus::destroyed;
  ledger::store(job.state, Space::item, key.uri, *item);
  return {};
}

}  // namespace

bool is_recall(gs1::Event const& event) {
  if (event.type != gs1::EventType::object || event.is_error()) return false;
  return event.disposition == "recalled" || names(event.disposition_set, "recalled") || takes_back(event);
}

Result<void> recall(Job& job) {
  auto const& event = job.event;
  std::size_t count = 0;
  std::string first;
  auto const note = [&](bool recalled, std::string const& link) {
    if (!recalled) return;
    if (first.empty()) first = link;
    ++count;
  };
  for (auto const& key : event.epcs) {
    if (key.kind == gs1::KeyKind::item) note(recall_item(job, key), key.uri);
  }
  for (auto const& element : event.quantities) {
    if (element.key.kind == gs1::KeyKind::lot) note(recall_lot(job, element.key), element.key.uri);
  }
  if (count == 0 || takes_back(event)) return {};
  raise(job, ledger::AlarmKind::recall, first, job.context.actor,
        std::to_string(count) + " named" + (event.tally.cause.empty() ? "" : ": " + event.tally.cause));
  return {};
}

Result<void> judge_sale(Job const& job, std::string_view item, std::string_view lot, std::string_view path) {
  auto const found =
      item.empty() ? ledger::recall_of_lot(job.state, lot) : ledger::recall_of_item(job.state, item, lot);
  if (found) return job.error(Code::E_RECALLED, path, found->cause);
  auto const expiry = ledger::load<ledger::ExpiryRecord>(job.state, Space::expiry, lot);
  if (expiry && expiry->expires_ms < job.event.time_ms) {
    return job.error(Code::E_EXPIRED_LOT, path, "on " + base::to_date(expiry->expires_ms));
  }
  return {};
}

Result<void> correct(Job& job) {
  auto const& event = job.event;
  auto id = ledger::state_key(Space::event, job.context.actor.view());
  base::append(id, event.event_hash.view());
  id.push_back(0);
  // What was never recorded here may be voided all the same: it is a statement about somebody's own system.
  if (!job.state.get(id)) return {};
  id[0] = static_cast<std::uint8_t>(Space::signers);
  if (auto const signers = ledger::load<ledger::SignersRecord>(job.state, id)) {
    for (auto const& party : signers->parties) TRY(job.require(party, Code::E_MISSING_SIGNER, "errorDeclaration"));
  }
  if (!made_goods(event) || !job.would_move) return {};
  SerialMoves moves;
  for (std::size_t i = 0; i < event.epcs.size(); ++i) {
    if (event.epcs[i].kind != gs1::KeyKind::item) continue;
    TRY(take_back_item(job, event.epcs[i], moves, at("epcList", i)));
  }
  moves.apply(job.state);
  for (std::size_t i = 0; i < event.quantities.size() && event.epcs.empty(); ++i) {
    if (event.quantities[i].key.kind != gs1::KeyKind::lot) continue;
    TRY(take_back_lot(job, event.quantities[i], at("quantityList", i)));
  }
  return {};
}

}  // namespace contracts::goods
