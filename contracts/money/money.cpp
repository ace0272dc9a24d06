// SPDX-License-Identifier: Apache-2.0
// Payments: between parties, into contracts' pots and out of them.
#include "contracts/money/money.hpp"

#include "contracts/money/account.hpp"

namespace contracts::money {

namespace {

/// Takes from a party's funds what it signed for.
Result<void> take(Context& context, PartyId const& from, std::string const& asset, BalanceRecord& account,
                  Counters& counters, Amount amount, std::string const& field) {
  if (account.frozen) return error(Code::E_FROZEN, field, "from", "frozen for debits");
  if (auto const checked = check_debit(counters, amount); !checked) return under(checked.error(), field);
  TRY(spend(context, from, asset, account.tier, amount, field));
  debit(counters, amount);
  set_counters(account, counters);
  put_account(context, from, asset, account);
  return {};
}

void give(Context& context, PartyId const& to, std::string const& asset, Amount amount) {
  auto account = account_of(context, to, asset);
  raise(account.posted, amount);
  raise(account.total_in, amount);
  put_account(context, to, asset, account);
}

}  // namespace

Result<void> transfer(Context& context, ledger::Transfer const& operation, std::string const& field) {
  TRY(require_signer(context, operation.from, ledger::Act::money, field + ".from"));
  TRY_ASSIGN(auto asset, asset_of(context, operation.asset, field));
  TRY(require_payable(context, asset, operation, field));
  auto from = account_of(context, operation.from, operation.asset);
  auto debits = counters_of(context, operation.asset, from);
  bool const redeems = operation.to == asset.issuer;
  auto amount = operation.amount;
  Counters credits;
  if (!redeems) {
    credits = counters_of(context, operation.asset, account_of(context, operation.to, operation.asset));
  }
  if (operation.up_to == ledger::UpTo::room || operation.up_to == ledger::UpTo::both) {
    if (!credits.balance_max) return error(Code::E_AMOUNT, field, "up_to", "the payee's account has no cap");
  }
  amount = meant(operation.up_to, amount, debits, credits);
  if (amount == 0) return {};  // a sweep of nothing
  if (auto const checked = check_credit(credits, amount); !checked) return under(checked.error(), field);
  TRY(take(context, operation.from, operation.asset, from, debits, amount, field));
  if (redeems) {
    lower(asset.issued, amount);
    lower(asset.posted, amount);
    put_asset(context, operation.asset, asset);
  } else {
    give(context, operation.to, operation.asset, amount);
  }
  ledger::PaymentIds const ids{operation.uetr, operation.end_to_end};
  line(context, operation.from, operation.asset, EntryKind::transfer_out, amount, as_counterparty(operation.to),
       operation.purpose, ids);
  line(context, operation.to, operation.asset, EntryKind::transfer_in, amount, as_counterparty(operation.from),
       operation.purpose, ids);
  return {};
}

Result<void> deposit(Context& context, PartyId const& from, std::string const& asset, Amount amount,
                     Hash const& contract, std::string const& label, std::string const& field,
                     ledger::PaymentIds const& ids) {
  TRY_ASSIGN(auto record, asset_of(context, asset, field));
  TRY(require_amount(amount, field, "amount"));
  if (!record.has(ledger::AssetFlag::can_escrow)) {
    return error(Code::E_NOT_TRANSFERABLE, field, "asset", "contracts may not hold this asset");
  }
  auto account = account_of(context, from, asset);
  TRY(require_authorised(record, account, from, field, "from"));
  auto counters = counters_of(context, asset, account);
  TRY(take(context, from, asset, account, counters, amount, field));
  lower(record.posted, amount);
  raise(record.pots, amount);
  put_asset(context, asset, record);
  line(context, from, asset, EntryKind::deposit, amount, contract, label, ids);
  return {};
}

void payout(Context& context, PartyId const& to, std::string const& asset, Amount amount, Hash const& contract,
            std::string const& label) {
  if (amount == 0) return;
  auto record = ledger::load<AssetRecord>(context.state, ledger::Space::asset, asset);
  CHECK(record.has_value());
  lower(record->pots, amount);
  if (to == record->issuer) {
    lower(record->issued, amount);
  } else {
    raise(record->posted, amount);
    give(context, to, asset, amount);
  }
  put_asset(context, asset, *record);
  line(context, to, asset, EntryKind::payout, amount, contract, label);
}

}  // namespace contracts::money
