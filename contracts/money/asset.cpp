// SPDX-License-Identifier: Apache-2.0
// What an issuer does: assets, supply, authorisation, freezing, clawback, limits.
#include "contracts/members/members.hpp"
#include "contracts/money/account.hpp"

namespace contracts::money {

using ledger::AssetFlag;
using ledger::Space;

Result<void> create_asset(Context& context, ledger::CreateAsset const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, ledger::Act::money, field));
  TRY(require_amount(operation.max_supply, field, "max_supply"));
  auto const issuer = members::member(context.state, context.actor);
  if (!issuer) return error(Code::E_MEMBER_UNKNOWN, field, "code", "the actor is no member");
  if (!issuer->has(ledger::Role::issuer)) return error(Code::E_SCOPE, field, "code", "the actor is no issuer");
  if (operation.approval) {
    TRY(require_member(context, operation.approval->approver, field, "approval.approver"));
    if (operation.approval->approver == context.actor) {
      return error(Code::E_SCOPE, field, "approval.approver", "the issuer cannot approve its own acts");
    }
  }
  auto const id = operation.code + "." + issuer->short_name;
  if (context.state.get(ledger::state_key(Space::asset, std::string_view(id)))) {
    return error(Code::E_ALREADY_REGISTERED, field, "code", id + " exists");
  }
  AssetRecord record;
  record.code = operation.code;
  record.issuer = context.actor;
  record.scale = operation.scale;
  record.max_supply = operation.max_supply;
  record.flags = operation.flags;
  record.approval = operation.approval;
  record.travel_above = operation.travel_above;
  put_asset(context, id, record);
  return {};
}

Result<void> mint(Context& context, ledger::Mint const& operation, std::string const& field) {
  TRY_ASSIGN(auto asset, asset_of(context, operation.asset, field));
  TRY(require_issuer(context, asset.issuer, field));
  TRY(require_member(context, operation.to, field, "to"));
  TRY(require_amount(operation.amount, field, "amount"));
  TRY(require_approval(context, asset, operation.asset, operation.amount, field));
  if (operation.to == asset.issuer) {
    return error(Code::E_NOT_AUTHORISED, field, "to", "an issuer holds no balance of its own asset");
  }
  if (operation.amount > asset.max_supply - asset.issued) {
    return error(Code::E_SUPPLY, field, "amount",
                 "left to issue: " + base::to_decimal(asset.max_supply - asset.issued));
  }
  auto account = account_of(context, operation.to, operation.asset);
  TRY(require_authorised(asset, account, operation.to, field, "to"));
  auto counters = counters_of(context, operation.asset, account);
  if (auto const checked = check_credit(counters, operation.amount); !checked) return under(checked.error(), field);
  credit(counters, operation.amount);
  set_counters(account, counters);
  put_account(context, operation.to, operation.asset, account);
  raise(asset.issued, operation.amount);
  raise(asset.posted, operation.amount);
  put_asset(context, operation.asset, asset);
  line(context, operation.to, operation.asset, EntryKind::mint, operation.amount, as_counterparty(asset.issuer), "");
  return {};
}

namespace {

/// Takes from an account what its asset's issuer no longer owes it.
Result<void> redeem(Context& context, AssetRecord& asset, std::string const& id, PartyId const& from, Amount amount,
                    std::string const& field) {
  auto account = account_of(context, from, id);
  auto counters = counters_of(context, id, account);
  if (auto const checked = check_debit(counters, amount); !checked) return under(checked.error(), field);
  debit(counters, amount);
  set_counters(account, counters);
  put_account(context, from, id, account);
  lower(asset.issued, amount);
  lower(asset.posted, amount);
  put_asset(context, id, asset);
  return {};
}

}  // namespace

Result<void> burn(Context& context, ledger::Burn const& operation, std::string const& field) {
  TRY_ASSIGN(auto asset, asset_of(context, operation.asset, field));
  TRY(require_issuer(context, asset.issuer, field));
  TRY(require_signer(context, operation.from, ledger::Act::money, field + ".from"));
  TRY(require_amount(operation.amount, field, "amount"));
  TRY(require_approval(context, asset, operation.asset, operation.amount, field));
  auto const account = account_of(context, operation.from, operation.asset);
  if (account.frozen) return error(Code::E_FROZEN, field, "from", "frozen for debits");
  TRY(spend(context, operation.from, operation.asset, account.tier, operation.amount, field));
  TRY(redeem(context, asset, operation.asset, operation.from, operation.amount, field));
  line(context, operation.from, operation.asset, EntryKind::burn, operation.amount, as_counterparty(asset.issuer), "");
  return {};
}

Result<void> authorise(Context& context, ledger::Authorise const& operation, std::string const& field) {
  TRY_ASSIGN(auto const asset, asset_of(context, operation.asset, field));
  TRY(require_issuer(context, asset.issuer, field));
  TRY(require_member(context, operation.party, field, "party"));
  auto account = account_of(context, operation.party, operation.asset);
  account.authorised = operation.authorised;
  account.tier = operation.tier;
  put_account(context, operation.party, operation.asset, account);
  auto const key = ledger::institution_key(operation.party, operation.asset);
  if (!operation.institution) {
    context.state.erase(key);
    return {};
  }
  auto const institution = members::member(context.state, *operation.institution);
  bool const keeps_accounts =
      institution && (institution->has(ledger::Role::issuer) || institution->has(ledger::Role::financier));
  if (!keeps_accounts) return error(Code::E_SCOPE, field, "institution", "no member that keeps accounts");
  ledger::store(context.state, key, ledger::InstitutionRecord{*operation.institution});
  return {};
}

Result<void> freeze(Context& context, ledger::Freeze const& operation, std::string const& field) {
  TRY_ASSIGN(auto const asset, asset_of(context, operation.asset, field));
  TRY(require_issuer(context, asset.issuer, field));
  if (!asset.has(AssetFlag::can_freeze)) {
    return error(Code::E_NOT_AUTHORISED, field, "asset", "it was created without can_freeze");
  }
  TRY(require_member(context, operation.party, field, "party"));
  auto account = account_of(context, operation.party, operation.asset);
  account.frozen = operation.frozen;
  put_account(context, operation.party, operation.asset, account);
  return {};
}

namespace {

/// Gives free what the account holds back, hold by hold in the order of their ids, until so much is available.
void void_holds(Context& context, PartyId const& party, std::string const& asset, Amount wanted) {
  std::vector<Hash> ids;
  context.state.scan(ledger::hold_index_key(party, asset), [&](ledger::BytesView key, ledger::BytesView) {
    ids.push_back(*Hash::from(key.last(Hash::size)));
    return true;
  });
  for (auto const& id : ids) {
    auto const account = account_of(context, party, asset);
    if (account.posted - account.held >= wanted) return;
    auto hold = ledger::load<ledger::HoldRecord>(context.state, ledger::hold_key(id));
    CHECK(hold.has_value());
    end_hold(context, id, *hold, ledger::HoldState::voided);
    ++context.work;
  }
}

}  // namespace

Result<void> claw_back(Context& context, ledger::Clawback const& operation, std::string const& field) {
  TRY_ASSIGN(auto asset, asset_of(context, operation.asset, field));
  TRY(require_issuer(context, asset.issuer, field));
  if (!asset.has(AssetFlag::can_clawback)) {
    return error(Code::E_NOT_AUTHORISED, field, "asset", "it was created without can_clawback");
  }
  TRY(require_amount(operation.amount, field, "amount"));
  auto const account = account_of(context, operation.from, operation.asset);
  if (operation.amount > account.posted) {
    return error(Code::E_INSUFFICIENT_FUNDS, field, "amount",
                 "outside contracts it holds " + base::to_decimal(account.posted));
  }
  void_holds(context, operation.from, operation.asset, operation.amount);
  TRY(redeem(context, asset, operation.asset, operation.from, operation.amount, field));
  line(context, operation.from, operation.asset, EntryKind::clawback, operation.amount, as_counterparty(asset.issuer),
       operation.reason);
  return {};
}

Result<void> set_limits(Context& context, ledger::SetLimits const& operation, std::string const& field) {
  TRY_ASSIGN(auto const asset, asset_of(context, operation.asset, field));
  TRY(require_issuer(context, asset.issuer, field));
  ledger::store(context.state, ledger::limits_key(operation.asset, operation.tier), operation);
  return {};
}

}  // namespace contracts::money
