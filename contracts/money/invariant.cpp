// SPDX-License-Identifier: Apache-2.0
#include "contracts/money/money.hpp"
#include "ledger/records.hpp"

namespace contracts::money {

namespace {

using base::i128;
using ledger::AssetRecord;
using ledger::BalanceRecord;
using ledger::Space;

i128 difference(Amount after, Amount before) { return static_cast<i128>(after) - static_cast<i128>(before); }

/// The record that a change leaves; a deleted one counts as empty.
template <class R>
R after_of(std::optional<ledger::Bytes> const& change) {
  if (!change) return R{};
  auto record = base::decode<R>(*change);
  CHECK(record.has_value());
  return std::move(record).value();
}

/// Calls visit(id, change) for each changed record of a namespace, in order, until it returns a name.
template <class Visit>
std::optional<std::string> each(ledger::StateDiff const& changes, Space space, Visit const& visit) {
  auto const first = ledger::state_key(space, ledger::BytesView{});
  for (auto at = changes.lower_bound(first); at != changes.end() && at->first[0] == first[0]; ++at) {
    auto broken = visit(at->first, at->second);
    if (broken) return broken;
  }
  return std::nullopt;
}

std::optional<std::string> judge(AssetRecord const& asset, AssetRecord const& before, i128 posted) {
  if (asset.issued > asset.max_supply) return "issued <= max_supply";
  if (difference(asset.posted, before.posted) != posted) return "posted total = sum of balances";
  if (posted + difference(asset.pots, before.pots) != difference(asset.issued, before.issued)) {
    return "posted + pots = issued";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> broken_invariant(ledger::StateView const& before, ledger::StateDiff const& changes) {
  constexpr std::size_t asset_begin = 1 + PartyId::size;
  std::map<std::string, i128> posted;
  auto broken = each(changes, Space::balance, [&](auto const& key, auto const& change) -> std::optional<std::string> {
    auto const was = ledger::load<BalanceRecord>(before, key).value_or(BalanceRecord{});
    auto const is = after_of<BalanceRecord>(change);
    auto const asset = std::string(base::text_of(ledger::BytesView(key).subspan(asset_begin)));
    posted[asset] += difference(is.posted, was.posted);
    if (is.held > is.posted) return asset + ": held <= posted";
    return std::nullopt;
  });
  if (broken) return broken;
  broken = each(changes, Space::asset, [&](auto const& key, auto const& change) -> std::optional<std::string> {
    auto const id = std::string(base::text_of(ledger::BytesView(key).subspan(1)));
    auto const node = posted.extract(id);
    auto const was = ledger::load<AssetRecord>(before, key).value_or(AssetRecord{});
    auto const name = judge(after_of<AssetRecord>(change), was, node.empty() ? 0 : node.mapped());
    if (name) return id + ": " + *name;
    return std::nullopt;
  });
  if (broken) return broken;
  for (auto const& [asset, sum] : posted) {
    if (sum != 0) return asset + ": posted total = sum of balances";
  }
  return std::nullopt;
}

}  // namespace contracts::money
