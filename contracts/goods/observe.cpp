// SPDX-License-Identifier: Apache-2.0
// Observations. They move nothing; only the custodian's own arrival tells where his goods are.
#include "contracts/goods/rules.hpp"

namespace contracts::goods {

namespace {

using ledger::AtSite;
using ledger::Space;

/// True when this custodian signed and the goods are loose and not newer than the event.
bool may_arrive(Job const& job, Holder const& holder, TimeMs last_ms) {
  auto const* where = std::get_if<AtSite>(&holder);
  return where != nullptr && job.signed_by(where->party) && where->site != job.site() && job.event.time_ms >= last_ms;
}

void arrive_unit(Job& job, gs1::Key const& key) {
  auto unit = ledger::load<ledger::UnitRecord>(job.state, Space::unit, key.uri);
  if (!unit || !may_arrive(job, unit->holder, unit->last_ms)) return;
  std::get<AtSite>(unit->holder).site = job.site();
  unit->last_ms = job.event.time_ms;
  ledger::store(job.state, Space::unit, key.uri, *unit);
}

void arrive_item(Job& job, gs1::Key const& key, SerialMoves& moves) {
  auto item = ledger::load<ledger::ItemRecord>(job.state, Space::item, key.uri);
  if (!item || item->status != ledger::GoodsStatus::active || !may_arrive(job, item->holder, item->last_ms)) return;
  moves.out_of(account_of(job.state, *item));
  std::get<AtSite>(item->holder).site = job.site();
  item->last_ms = job.event.time_ms;
  moves.into(account_of(job.state, *item));
  ledger::store(job.state, Space::item, key.uri, *item);
}

/// All that a signer has of the lot, or the quantity named of it.
void arrive_lot(Job& job, gs1::QuantityElement const& element) {
  Micro left = ~Micro{0};
  if (element.quantity) {
    auto const quantity = base_quantity(job, element, {});
    if (!quantity) return;
    left = *quantity;
  }
  for (auto const& record : ledger::accounts_of(job.state, element.key.uri)) {
    if (!may_arrive(job, record.holder, record.last_ms)) continue;
    auto const moved = std::min(left, record.quantity - record.serialised - record.disputed);
    if (moved == 0) continue;
    auto account = account_of(record);
    debit(job.state, account, moved, 0, job.event.time_ms);
    std::get<AtSite>(account.holder).site = job.site();
    credit(job.state, account, moved, 0, job.event.time_ms);
    left -= moved;
  }
}

}  // namespace

Result<void> observe(Job& job) {
  auto const& event = job.event;
  if (event.type != gs1::EventType::object || event.biz_step != "arriving" || job.site().empty()) return {};
  SerialMoves moves;
  for (auto const& key : event.epcs) {
    if (key.kind == gs1::KeyKind::sscc) arrive_unit(job, key);
    if (key.kind == gs1::KeyKind::item) arrive_item(job, key, moves);
  }
  moves.apply(job.state);
  for (auto const& element : event.quantities) {
    if (event.epcs.empty() && element.key.kind == gs1::KeyKind::lot) arrive_lot(job, element);
  }
  return {};
}

}  // namespace contracts::goods
