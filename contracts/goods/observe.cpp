// SPDX-License-Identifier: Apache-2.0
// Observations. They move nothing; only the custodian's own arrival tells where his goods are, and only the brand's
// own recall (or its end, in persistentDisposition unset) says whether they may be sold.
#include "contracts/goods/rules.hpp"
#include "contracts/goods/travel.hpp"
#include "contracts/members/members.hpp"

namespace contracts::goods {

namespace {

using ledger::AtSite;
using ledger::GoodsStatus;
using ledger::Space;

/// True when this custodian signed and the goods are loose and not newer than the event.
bool may_arrive(Job const& job, Holder const& holder, TimeMs last_ms) {
  auto const* where = std::get_if<AtSite>(&holder);
  return where != nullptr && job.signed_by(where->party) && where->site != job.site() && job.event.time_ms >= last_ms;
}

Result<void> arrive_unit(Job& job, gs1::Key const& key, std::string const& path) {
  auto unit = ledger::load<ledger::UnitRecord>(job.state, Space::unit, key.uri);
  if (!unit || !may_arrive(job, unit->holder, unit->last_ms)) return {};
  TRY(judge_travel(job, std::get<AtSite>(unit->holder).site, unit->last_ms, path));
  std::get<AtSite>(unit->holder).site = job.site();
  unit->last_ms = job.event.time_ms;
  ledger::store(job.state, Space::unit, key.uri, *unit);
  return {};
}

Result<void> arrive_item(Job& job, gs1::Key const& key, SerialMoves& moves, std::string const& path) {
  auto item = ledger::load<ledger::ItemRecord>(job.state, Space::item, key.uri);
  if (!item || !in_stock(item->status) || !may_arrive(job, item->holder, item->last_ms)) return {};
  TRY(judge_travel(job, std::get<AtSite>(item->holder).site, item->last_ms, path));
  moves.out_of(account_of(job.state, *item));
  std::get<AtSite>(item->holder).site = job.site();
  item->last_ms = job.event.time_ms;
  moves.into(account_of(job.state, *item));
  ledger::store(job.state, Space::item, key.uri, *item);
  return {};
}

/// All that a signer has of the lot, or the quantity named of it.
Result<void> arrive_lot(Job& job, gs1::QuantityElement const& element, std::string const& path) {
  Micro left = ~Micro{0};
  if (element.quantity) {
    auto const quantity = base_quantity(job, element, {});
    if (!quantity) return {};
    left = *quantity;
  }
  for (auto const& record : ledger::accounts_of(job.state, element.key.uri)) {
    if (!may_arrive(job, record.holder, record.last_ms)) continue;
    auto const moved = std::min(left, record.quantity - record.serialised - record.disputed);
    if (moved == 0) continue;
    TRY(judge_travel(job, std::get<AtSite>(record.holder).site, record.last_ms, path));
    auto account = account_of(record);
    debit(job.state, account, moved, 0, job.event.time_ms);
    std::get<AtSite>(account.holder).site = job.site();
    credit(job.state, account, moved, 0, job.event.time_ms);
    left -= moved;
  }
  return {};
}

/// The brand of an item or lot is who holds its prefix, or who made the lot. Anybody else's word on a recall is an
/// observation like any other.
bool brand_signs(Job const& job, gs1::Key const& key, std::string_view lot) {
  auto const holder = members::prefix_holder(job.state, gs1::prefix_digits(key));
  if (holder && job.signed_by(*holder)) return true;
  auto const record = ledger::load<ledger::LotRecord>(job.state, Space::lot, lot);
  return record && job.signed_by(record->maker);
}

bool contains(std::vector<std::string> const& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The status that a brand's event gives to goods; nothing when it speaks of no recall.
std::optional<GoodsStatus> recall_status(gs1::Event const& event) {
  constexpr std::string_view word = "recalled";
  bool const observes = event.type == gs1::EventType::object && event.action == gs1::Action::observe;
  if (!observes || event.is_error()) return std::nullopt;
  if (contains(event.disposition_unset, word)) return GoodsStatus::active;
  bool const recalls = event.disposition == word || contains(event.disposition_set, word);
  return recalls ? std::optional(GoodsStatus::recalled) : std::nullopt;
}

template <class Goods>
Result<void> set_status(Job& job, gs1::Key const& key, Goods goods, std::string_view lot, GoodsStatus status,
                        std::string const& path) {
  if (goods.status == GoodsStatus::consumed || goods.status == GoodsStatus::destroyed) return {};
  if (!brand_signs(job, key, lot)) return {};
  TRY(job.not_before(goods.last_ms, path));
  bool const sold = job.state.has(ledger::state_key(Space::sale, key.uri));
  goods.status = status == GoodsStatus::active && sold ? GoodsStatus::sold : status;
  goods.last_ms = job.event.time_ms;
  ledger::store(job.state, space_of(key.kind), key.uri, goods);
  return {};
}

Result<void> recall(Job& job, GoodsStatus status) {
  auto const& event = job.event;
  for (std::size_t i = 0; i < event.epcs.size(); ++i) {
    auto const& key = event.epcs[i];
    if (key.kind != gs1::KeyKind::item) continue;
    auto const item = ledger::load<ledger::ItemRecord>(job.state, Space::item, key.uri);
    if (item) TRY(set_status(job, key, *item, item->lot, status, at("epcList", i)));
  }
  for (std::size_t i = 0; i < event.quantities.size(); ++i) {
    auto const& key = event.quantities[i].key;
    if (key.kind != gs1::KeyKind::lot) continue;
    auto const lot = ledger::load<ledger::LotRecord>(job.state, Space::lot, key.uri);
    if (lot) TRY(set_status(job, key, *lot, key.uri, status, at("quantityList", i)));
  }
  return {};
}

}  // namespace

Result<void> observe(Job& job) {
  auto const& event = job.event;
  if (auto const status = recall_status(event)) return recall(job, *status);
  if (event.type != gs1::EventType::object || event.biz_step != "arriving" || job.site().empty()) return {};
  SerialMoves moves;
  for (std::size_t i = 0; i < event.epcs.size(); ++i) {
    auto const& key = event.epcs[i];
    if (key.kind == gs1::KeyKind::sscc) TRY(arrive_unit(job, key, at("epcList", i)));
    if (key.kind == gs1::KeyKind::item) TRY(arrive_item(job, key, moves, at("epcList", i)));
  }
  moves.apply(job.state);
  for (std::size_t i = 0; i < event.quantities.size() && event.epcs.empty(); ++i) {
    auto const& element = event.quantities[i];
    if (element.key.kind == gs1::KeyKind::lot) TRY(arrive_lot(job, element, at("quantityList", i)));
  }
  return {};
}

}  // namespace contracts::goods
