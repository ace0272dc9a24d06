// SPDX-License-Identifier: Apache-2.0
#include "contracts/money/recount.hpp"

#include "contracts/escrow/host.hpp"
#include "ledger/accounts.hpp"
#include "ledger/contract.hpp"

namespace contracts::money {

namespace {

using base::u128;
using ledger::Space;
using ledger::StateView;

template <class Record, class Each>
void each(StateView const& state, Space space, Each const& visit) {
  state.scan(ledger::state_key(space, ledger::BytesView{}), [&](ledger::BytesView key, ledger::BytesView bytes) {
    auto const record = base::decode<Record>(bytes);
    CHECK(record.has_value());
    visit(key.subspan(1), *record);
    return true;
  });
}

struct Sums {
  u128 posted = 0;
  u128 pots = 0;
};

/// Of open holds, by account: party ‖ asset.
std::map<ledger::Bytes, u128> open_holds(StateView const& state) {
  std::map<ledger::Bytes, u128> out;
  each<ledger::HoldRecord>(state, Space::hold, [&](ledger::BytesView, ledger::HoldRecord const& hold) {
    ledger::Bytes account(hold.terms.from.view().begin(), hold.terms.from.view().end());
    base::append(account, base::bytes_of(static_cast<std::string const&>(hold.terms.asset)));
    out[account] += hold.rest();
  });
  return out;
}

void count_pots(StateView const& state, std::map<std::string, Sums>& assets) {
  each<ledger::ContractRecord>(state, Space::contract, [&](ledger::BytesView, ledger::ContractRecord const& contract) {
    auto const terms = escrow::stored_terms(state, contract.terms);
    for (std::size_t i = 0; i < contract.pots.size() && i < terms.pots.size(); ++i) {
      assets[terms.assets[terms.pots[i].asset].id].pots += contract.pots[i].amount;
    }
  });
}

}  // namespace

std::string recount(StateView const& state) {
  std::string fault;
  std::map<std::string, Sums> assets;
  auto holds = open_holds(state);
  each<ledger::BalanceRecord>(state, Space::balance, [&](ledger::BytesView id, ledger::BalanceRecord const& account) {
    std::string const asset(base::text_of(id.subspan(base::PartyId::size)));
    assets[asset].posted += account.posted;
    auto const node = holds.extract(ledger::Bytes(id.begin(), id.end()));
    if (account.held != (node.empty() ? 0 : node.mapped())) fault = asset + ": an account's holds are not those open";
    if (account.held > account.posted) fault = asset + ": an account holds more than it has";
    if (account.total_in - account.total_out != account.posted) fault = asset + ": an account is not in - out";
  });
  for (auto const& [account, sum] : holds) {
    if (sum != 0) fault = "a hold without an account";
  }
  count_pots(state, assets);
  each<ledger::AssetRecord>(state, Space::asset, [&](ledger::BytesView id, ledger::AssetRecord const& asset) {
    std::string const name(base::text_of(id));
    auto const node = assets.extract(name);
    auto const sums = node.empty() ? Sums{} : node.mapped();
    if (sums.posted != asset.posted) fault = name + ": its accounts hold other than its total";
    if (sums.pots != asset.pots) fault = name + ": contracts hold other than its total";
    if (asset.posted + asset.pots != asset.issued) fault = name + ": accounts and contracts are not what was issued";
    if (asset.issued > asset.max_supply) fault = name + ": more issued than may be";
  });
  for (auto const& [name, sums] : assets) {
    if (sums.posted + sums.pots != 0) fault = name + ": money of no asset";
  }
  return fault;
}

}  // namespace contracts::money
