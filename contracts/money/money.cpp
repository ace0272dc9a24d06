// SPDX-License-Identifier: Apache-2.0
#include "contracts/money/money.hpp"

#include "contracts/members/members.hpp"
#include "ledger/records.hpp"

namespace contracts::money {

namespace {

using ledger::AssetRecord;
using ledger::BalanceRecord;
using ledger::EntryKind;
using ledger::Space;

Error error(Code code, std::string const& field, std::string_view member, std::string detail) {
  return {code, field + "." + std::string(member), std::move(detail)};
}

Result<AssetRecord> asset_of(Context const& context, std::string_view id, std::string const& field) {
  auto record = ledger::load<AssetRecord>(context.state, Space::asset, id);
  if (!record) return error(Code::E_ASSET_UNKNOWN, field, "asset", "no asset " + std::string(id));
  return std::move(*record);
}

Result<void> require_amount(Amount amount, std::string const& field, std::string_view member) {
  if (amount > 0 && amount <= base::amount_max) return {};
  return error(Code::E_AMOUNT, field, member, "1 to 2^63 - 1 minor units");
}

void put_asset(Context& context, std::string_view id, AssetRecord const& record) {
  ledger::store(context.state, Space::asset, id, record);
}

/// Sums of one asset cannot pass 128 bits: every balance is at most max_supply, and a turnover of 2^127 takes 2^64
/// payments.
void raise(Amount& amount, Amount by) {
  auto const sum = base::add(amount, by);
  CHECK(sum.has_value());
  amount = *sum;
}
void lower(Amount& amount, Amount by) {
  auto const rest = base::sub(amount, by);
  CHECK(rest.has_value());
  amount = *rest;
}

void credit(Context& context, PartyId const& party, std::string_view asset, Amount amount) {
  auto const key = ledger::balance_key(party, asset);
  auto balance = ledger::load<BalanceRecord>(context.state, key).value_or(BalanceRecord{});
  raise(balance.posted, amount);
  raise(balance.total_in, amount);
  ledger::store(context.state, key, balance);
}

Result<void> debit(Context& context, PartyId const& party, std::string_view asset, Amount amount,
                   std::string const& field) {
  auto const key = ledger::balance_key(party, asset);
  auto balance = ledger::load<BalanceRecord>(context.state, key).value_or(BalanceRecord{});
  if (balance.frozen) return error(Code::E_FROZEN, field, "from", "frozen for debits");
  CHECK(balance.held <= balance.posted);
  if (balance.posted - balance.held < amount) {
    return error(Code::E_INSUFFICIENT_FUNDS, field, "amount",
                 "available " + base::to_decimal(balance.posted - balance.held));
  }
  lower(balance.posted, amount);
  raise(balance.total_out, amount);
  ledger::store(context.state, key, balance);
  return {};
}

/// A line of the account's statement; the reference is cut to its bound at a character's border.
void line(Context& context, PartyId const& account, std::string_view asset, EntryKind kind, Amount amount,
          Hash const& counterparty, std::string_view reference) {
  using Reference = decltype(ledger::Entry::reference);
  std::size_t size = std::min(reference.size(), Reference::max);
  while (size < reference.size() && size > 0 && (static_cast<unsigned char>(reference[size]) & 0xc0) == 0x80) --size;
  context.entries.push_back(
      {account, ledger::AssetId(asset), kind, amount, counterparty, Reference(reference.substr(0, size))});
}

Hash as_counterparty(PartyId const& party) { return {party.bytes}; }

/// The issuer signs for its liability; anybody else is no issuer at all.
Result<void> require_issuer(Context const& context, PartyId const& issuer, std::string const& field) {
  auto result = require_signer(context, issuer, ledger::Act::money, field);
  if (!result && result.error().code == Code::E_MISSING_SIGNER) {
    return error(Code::E_NOT_ISSUER, field, "asset", "its issuer did not sign");
  }
  return result;
}

Result<void> require_member(Context const& context, PartyId const& party, std::string const& field,
                            std::string_view member) {
  if (members::is_member(context.state, party)) return {};
  return error(Code::E_MEMBER_UNKNOWN, field, member, "no member " + party.hex());
}

}  // namespace

Result<void> create_asset(Context& context, ledger::CreateAsset const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, ledger::Act::money, field));
  TRY(require_amount(operation.max_supply, field, "max_supply"));
  auto const issuer = members::member(context.state, context.actor);
  if (!issuer) return error(Code::E_MEMBER_UNKNOWN, field, "code", "the actor is no member");
  if (!issuer->has(ledger::Role::issuer)) return error(Code::E_SCOPE, field, "code", "the actor is no issuer");
  auto const id = operation.code + "." + issuer->short_name;
  if (context.state.get(ledger::state_key(Space::asset, std::string_view(id)))) {
    return error(Code::E_ALREADY_REGISTERED, field, "code", id + " exists");
  }
  AssetRecord record;
  record.code = operation.code;
  record.issuer = context.actor;
  record.scale = operation.scale;
  record.max_supply = operation.max_supply;
  put_asset(context, id, record);
  return {};
}

Result<void> mint(Context& context, ledger::Mint const& operation, std::string const& field) {
  TRY_ASSIGN(auto asset, asset_of(context, operation.asset, field));
  TRY(require_issuer(context, asset.issuer, field));
  TRY(require_member(context, operation.to, field, "to"));
  TRY(require_amount(operation.amount, field, "amount"));
  if (operation.to == asset.issuer) {
    return error(Code::E_NOT_AUTHORISED, field, "to", "an issuer holds no balance of its own asset");
  }
  if (operation.amount > asset.max_supply - asset.issued) {
    return error(Code::E_SUPPLY, field, "amount",
                 "left to issue: " + base::to_decimal(asset.max_supply - asset.issued));
  }
  raise(asset.issued, operation.amount);
  raise(asset.posted, operation.amount);
  put_asset(context, operation.asset, asset);
  credit(context, operation.to, operation.asset, operation.amount);
  line(context, operation.to, operation.asset, EntryKind::mint, operation.amount, as_counterparty(asset.issuer), "");
  return {};
}

Result<void> burn(Context& context, ledger::Burn const& operation, std::string const& field) {
  TRY_ASSIGN(auto asset, asset_of(context, operation.asset, field));
  TRY(require_issuer(context, asset.issuer, field));
  TRY(require_signer(context, operation.from, ledger::Act::money, field + ".from"));
  TRY(require_amount(operation.amount, field, "amount"));
  TRY(debit(context, operation.from, operation.asset, operation.amount, field));
  lower(asset.issued, operation.amount);
  lower(asset.posted, operation.amount);
  put_asset(context, operation.asset, asset);
  line(context, operation.from, operation.asset, EntryKind::burn, operation.amount, as_counterparty(asset.issuer), "");
  return {};
}

Result<void> transfer(Context& context, ledger::Transfer const& operation, std::string const& field) {
  TRY(require_signer(context, operation.from, ledger::Act::money, field + ".from"));
  TRY_ASSIGN(auto asset, asset_of(context, operation.asset, field));
  TRY(require_member(context, operation.to, field, "to"));
  TRY(require_amount(operation.amount, field, "amount"));
  TRY(debit(context, operation.from, operation.asset, operation.amount, field));
  if (operation.to == asset.issuer) {
    lower(asset.issued, operation.amount);
    lower(asset.posted, operation.amount);
    put_asset(context, operation.asset, asset);
  } else {
    credit(context, operation.to, operation.asset, operation.amount);
  }
  line(context, operation.from, operation.asset, EntryKind::transfer_out, operation.amount,
       as_counterparty(operation.to), operation.purpose);
  line(context, operation.to, operation.asset, EntryKind::transfer_in, operation.amount,
       as_counterparty(operation.from), operation.purpose);
  return {};
}

Result<void> deposit(Context& context, PartyId const& from, std::string const& asset, Amount amount,
                     Hash const& contract, std::string const& label, std::string const& field) {
  TRY_ASSIGN(auto record, asset_of(context, asset, field));
  TRY(require_amount(amount, field, "amount"));
  TRY(debit(context, from, asset, amount, field));
  lower(record.posted, amount);
  raise(record.pots, amount);
  put_asset(context, asset, record);
  line(context, from, asset, EntryKind::deposit, amount, contract, label);
  return {};
}

void payout(Context& context, PartyId const& to, std::string const& asset, Amount amount, Hash const& contract,
            std::string const& label) {
  if (amount == 0) return;
  auto record = ledger::load<AssetRecord>(context.state, Space::asset, asset);
  CHECK(record.has_value());
  lower(record->pots, amount);
  if (to == record->issuer) {
    lower(record->issued, amount);
  } else {
    raise(record->posted, amount);
    credit(context, to, asset, amount);
  }
  put_asset(context, asset, *record);
  line(context, to, asset, EntryKind::payout, amount, contract, label);
}

}  // namespace contracts::money
