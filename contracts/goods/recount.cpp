// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/recount.hpp"

#include "contracts/goods/accounts.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::goods {

namespace {

using ledger::Bytes;
using ledger::Space;

struct Recount {
  /// Of each lot: what its accounts hold, and what of it has serials.
  std::map<std::string, std::pair<base::u128, base::u128>> lots;
  /// By account key: serials that stand there.
  std::map<Bytes, Micro> serials;
  /// By unit: micro-units and children directly inside.
  std::map<std::string, std::pair<base::u128, std::uint32_t>> inside;
  /// By scheme and GTIN: the sum of accounts.
  std::map<std::pair<std::string, std::string>, base::u128> stock;
  std::map<std::string, ledger::UnitRecord> units;
  std::map<std::string, unsigned> levels;
  std::string fault;
};

template <class Record, class Each>
void each(ledger::StateView const& state, Space space, Each const& visit) {
  state.scan(ledger::state_key(space, ""), [&](ledger::BytesView key, ledger::BytesView bytes) {
    auto const record = base::decode<Record>(bytes);
    CHECK(record.has_value());
    visit(key, *record);
    return true;
  });
}

void count_accounts(ledger::StateView const& state, Recount& recount) {
  each<ledger::GoodsRecord>(state, Space::goods, [&](ledger::BytesView key, ledger::GoodsRecord const& account) {
    if (account.lot.find("/00/") != std::string::npos) return;
    recount.lots[account.lot].first += account.quantity;
    recount.lots[account.lot].second += account.serialised;
    if (account.disputed + account.serialised > account.quantity) recount.fault = "more disputed than there is";
    auto const lot = ledger::load<ledger::LotRecord>(state, Space::lot, account.lot);
    if (!lot) {
      recount.fault = "an account without lot";
      return;
    }
    recount.stock[{account.claim, lot->gtin}] += account.quantity;
    recount.serials[Bytes(key.begin(), key.end())] += 0;
    if (auto const* in = std::get_if<ledger::InUnit>(&account.holder)) {
      auto& inside = recount.inside[in->unit];
      inside.first += account.quantity;
      if (account.quantity > account.serialised) ++inside.second;
    }
  });
}

void count_items(ledger::StateView const& state, Recount& recount) {
  each<ledger::ItemRecord>(state, Space::item, [&](ledger::BytesView, ledger::ItemRecord const& item) {
    bool const gone = item.status == ledger::GoodsStatus::consumed || item.status == ledger::GoodsStatus::destroyed;
    if (gone) return;
    auto const lot = ledger::load<ledger::LotRecord>(state, Space::lot, item.lot);
    recount.serials[ledger::goods_key(item.lot, item.owner, item.holder, lot->claim)] += piece;
    if (auto const* in = std::get_if<ledger::InUnit>(&item.holder)) ++recount.inside[in->unit].second;
  });
}

void check_units(ledger::StateView const& state, Recount& recount) {
  each<ledger::UnitRecord>(state, Space::unit, [&](ledger::BytesView key, ledger::UnitRecord const& unit) {
    recount.units[std::string(base::text_of(key.subspan(1)))] = unit;
  });
  for (auto const& [name, unit] : recount.units) {
    if (auto const* in = std::get_if<ledger::InUnit>(&unit.holder)) {
      recount.inside[in->unit].first += unit.pieces;
      ++recount.inside[in->unit].second;
      recount.levels[in->unit] = std::max(recount.levels[in->unit], unit.levels + 1U);
    }
  }
  for (auto const& [name, unit] : recount.units) {
    if (unit.levels != recount.levels[name]) recount.fault = name + " miscounts its levels";
    auto const inside = recount.inside[name];
    if (inside.first != unit.pieces) recount.fault = name + " does not hold its pieces";
    if (inside.second != unit.children) recount.fault = name + " miscounts its children";
    auto const indexed = children_of(state, name);
    std::size_t things = 0;
    for (auto const& child : indexed) things += child[0] != static_cast<std::uint8_t>(Space::goods) ? 1 : 0;
    if (things > unit.children) recount.fault = name + " has children in its index that left";
  }
}

void check_accounts(ledger::StateView const& state, Recount& recount) {
  for (auto const& [key, serials] : recount.serials) {
    auto const account = ledger::load<ledger::GoodsRecord>(state, key);
    auto const counted = account ? account->serialised : 0;
    if (counted != serials) recount.fault = "an account miscounts its serials";
  }
  each<ledger::ClaimTotalRecord>(state, Space::claim_total, [&](ledger::BytesView key, auto const& total) {
    auto const id = std::string(base::text_of(key.subspan(1)));
    auto const cut = id.find('\0');
    auto const held = recount.stock[{id.substr(0, cut), id.substr(cut + 1)}];
    if (total.stock + total.loss != total.origins) recount.fault = "a claim's totals do not add up";
    if (held != total.stock) recount.fault = "a claim's stock is not what the accounts hold";
  });
  std::map<std::pair<std::string, std::string>, base::u128> origins;
  each<ledger::LotRecord>(state, Space::lot, [&](ledger::BytesView key, ledger::LotRecord const& lot) {
    auto const name = std::string(base::text_of(key.subspan(1)));
    auto const split = ledger::load<ledger::LotSplitRecord>(state, Space::lot_split, name);
    auto const unclaimed = split ? split->unclaimed : 0;
    origins[{lot.claim, lot.gtin}] += lot.total - unclaimed;
    if (unclaimed > 0) origins[{std::string(), lot.gtin}] += unclaimed;
    if (recount.lots[name].first > lot.total) recount.fault = name + ": more than was made";
    if (recount.lots[name].second > lot.serialised) recount.fault = name + ": more serials than were given";
    if (lot.serialised > lot.total) recount.fault = name + ": more serials than pieces";
  });
  for (auto const& [scheme, made] : origins) {
    auto const total = ledger::load<ledger::ClaimTotalRecord>(state, Space::claim_total,
                                                              scheme.first + std::string(1, '\0') + scheme.second);
    if (!total || total->origins != made) recount.fault = "a claim's origins are not what its lots were made with";
  }
}

}  // namespace

std::string recount(ledger::StateView const& state) {
  Recount counted;
  count_accounts(state, counted);
  count_items(state, counted);
  check_units(state, counted);
  check_accounts(state, counted);
  return counted.fault;
}

}  // namespace contracts::goods
