// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/accounts.hpp"

namespace contracts::goods {

namespace {

using ledger::GoodsRecord;
using ledger::Space;

Bytes key_of(Account const& account) {
  return ledger::goods_key(account.lot, account.owner, account.holder, account.claim);
}

Bytes index_key(std::string_view unit, Bytes const& child) {
  auto key = ledger::state_key(Space::unit_index, ledger::tree_key(Space::unit, unit).view());
  base::append(key, child);
  return key;
}

void save(Overlay& state, Bytes const& key, GoodsRecord const& record) {
  auto const* in = std::get_if<ledger::InUnit>(&record.holder);
  if (record.quantity == 0 && record.disputed == 0) {
    state.erase(key);
    if (in != nullptr) unindex_child(state, in->unit, key);
    return;
  }
  ledger::store(state, key, record);
  if (in != nullptr) index_child(state, in->unit, key);
}

GoodsRecord load_or_make(Overlay const& state, Bytes const& key, Account const& account) {
  if (auto record = ledger::load<GoodsRecord>(state, key)) return std::move(*record);
  GoodsRecord record;
  record.lot = account.lot;
  record.owner = account.owner;
  record.holder = account.holder;
  record.claim = account.claim;
  return record;
}

Bytes total_key(std::string_view claim, std::string_view gtin) {
  std::string id(claim);
  id.push_back('\0');
  id.append(gtin);
  return ledger::state_key(Space::claim_total, id);
}

}  // namespace

Account account_of(GoodsRecord const& record) { return {record.lot, record.owner, record.holder, record.claim}; }

void credit(Overlay& state, Account const& account, Micro quantity, Micro serialised, TimeMs time_ms) {
  auto const key = key_of(account);
  auto record = load_or_make(state, key, account);
  // A lot's total is bounded (create.cpp), so its accounts cannot wrap.
  record.quantity += quantity;
  record.serialised += serialised;
  record.last_ms = std::max(record.last_ms, time_ms);
  save(state, key, record);
}

void debit(Overlay& state, Account const& account, Micro quantity, Micro serialised, TimeMs time_ms,
           bool disputed_too) {
  auto const key = key_of(account);
  auto record = ledger::load<GoodsRecord>(state, key);
  CHECK(record.has_value() && record->quantity >= quantity && record->serialised >= serialised);
  record->quantity -= quantity;
  record->serialised -= serialised;
  if (disputed_too) record->disputed -= std::min(record->disputed, quantity);
  CHECK(record->quantity >= record->serialised);
  record->last_ms = std::max(record->last_ms, time_ms);
  save(state, key, *record);
}

void dispute(Overlay& state, Account const& account, Micro quantity, bool found) {
  auto const key = key_of(account);
  auto record = load_or_make(state, key, account);
  CHECK(!found || record.disputed >= quantity);
  record.disputed = found ? record.disputed - quantity : record.disputed + quantity;
  save(state, key, record);
}

void change_owner(Overlay& state, Account const& account, PartyId const& owner) {
  if (account.owner == owner) return;
  auto const key = key_of(account);
  auto const record = ledger::load<GoodsRecord>(state, key);
  CHECK(record.has_value());
  GoodsRecord emptied = *record;
  emptied.quantity = emptied.disputed = 0;
  save(state, key, emptied);
  auto next = account;
  next.owner = owner;
  auto const next_key = key_of(next);
  auto merged = load_or_make(state, next_key, next);
  merged.quantity += record->quantity;
  merged.serialised += record->serialised;
  merged.disputed += record->disputed;
  merged.last_ms = std::max(merged.last_ms, record->last_ms);
  save(state, next_key, merged);
}

void add_origin(Overlay& state, std::string_view claim, std::string_view gtin, Micro quantity) {
  auto const key = total_key(claim, gtin);
  auto total = ledger::load<ledger::ClaimTotalRecord>(state, key).value_or(ledger::ClaimTotalRecord{});
  total.origins += quantity;
  total.stock += quantity;
  ledger::store(state, key, total);
}

void take_origin(Overlay& state, std::string_view claim, std::string_view gtin, Micro quantity) {
  auto const key = total_key(claim, gtin);
  auto total = ledger::load<ledger::ClaimTotalRecord>(state, key);
  CHECK(total.has_value() && total->origins >= quantity && total->stock >= quantity);
  total->origins -= quantity;
  total->stock -= quantity;
  ledger::store(state, key, *total);
}

void add_loss(Overlay& state, std::string_view claim, std::string_view gtin, Micro quantity) {
  auto const key = total_key(claim, gtin);
  auto total = ledger::load<ledger::ClaimTotalRecord>(state, key);
  CHECK(total.has_value() && total->stock >= quantity);
  total->stock -= quantity;
  total->loss += quantity;
  ledger::store(state, key, *total);
}

void SerialMoves::apply(Overlay& state) const {
  for (auto const& [bytes, move] : moves_) {
    auto account = base::decode<Account>(bytes);
    CHECK(account.has_value());
    auto const net = (move.out > move.in ? move.out - move.in : move.in - move.out) * piece;
    if (move.out > move.in) debit(state, *account, net, net, 0);
    if (move.in > move.out) credit(state, *account, net, net, 0);
  }
}

void index_child(Overlay& state, ledger::Uri const& unit, Bytes const& child) { state.put(index_key(unit, child), {}); }

void unindex_child(Overlay& state, ledger::Uri const& unit, Bytes const& child) { state.erase(index_key(unit, child)); }

namespace {
std::vector<Bytes> children_under(StateView const& state, Bytes const& prefix, std::size_t cut) {
  std::vector<Bytes> out;
  state.scan(prefix, [&](ledger::BytesView key, ledger::BytesView) {
    out.emplace_back(key.begin() + static_cast<std::ptrdiff_t>(cut), key.end());
    return true;
  });
  return out;
}
}  // namespace

std::vector<Bytes> children_of(StateView const& state, std::string_view unit) {
  auto const prefix = index_key(unit, {});
  return children_under(state, prefix, prefix.size());
}

std::vector<Bytes> children_of(StateView const& state, std::string_view unit, ledger::Space space) {
  return children_under(state, index_key(unit, {static_cast<std::uint8_t>(space)}), index_key(unit, {}).size());
}

}  // namespace contracts::goods
