// SPDX-License-Identifier: Apache-2.0
#include "contracts/money/account.hpp"

#include "base/time.hpp"
#include "contracts/members/members.hpp"
#include "crypto/party.hpp"

namespace contracts::money {

using ledger::Space;

Error error(Code code, std::string const& field, std::string_view member, std::string detail) {
  return {code, field + "." + std::string(member), std::move(detail)};
}

Error under(Error error, std::string const& field) {
  error.field = field + "." + error.field;
  return error;
}

Result<AssetRecord> asset_of(Context const& context, std::string_view id, std::string const& field) {
  auto record = ledger::load<AssetRecord>(context.state, Space::asset, id);
  if (!record) return error(Code::E_ASSET_UNKNOWN, field, "asset", "no asset " + std::string(id));
  return std::move(*record);
}

void put_asset(Context& context, std::string_view id, AssetRecord const& record) {
  ledger::store(context.state, Space::asset, id, record);
}

Result<void> require_amount(Amount amount, std::string const& field, std::string_view member) {
  if (amount > 0 && amount <= base::amount_max) return {};
  return error(Code::E_AMOUNT, field, member, "1 to 2^63 - 1 minor units");
}

Result<void> require_member(Context const& context, PartyId const& party, std::string const& field,
                            std::string_view member) {
  if (members::is_member(context.state, party)) return {};
  return error(Code::E_MEMBER_UNKNOWN, field, member, "no member " + party.hex());
}

Result<void> require_issuer(Context const& context, PartyId const& issuer, std::string const& field) {
  auto result = require_signer(context, issuer, ledger::Act::money, field);
  if (!result && result.error().code == Code::E_MISSING_SIGNER) {
    return error(Code::E_NOT_ISSUER, field, "asset", "its issuer did not sign");
  }
  return result;
}

Result<void> require_authorised(AssetRecord const& asset, BalanceRecord const& account, PartyId const& party,
                                std::string const& field, std::string_view member) {
  if (!asset.has(ledger::AssetFlag::require_auth) || account.authorised || party == asset.issuer) return {};
  return error(Code::E_NOT_AUTHORISED, field, member, "the issuer has not authorised " + party.hex());
}

BalanceRecord account_of(Context const& context, PartyId const& party, std::string_view asset) {
  return ledger::load<BalanceRecord>(context.state, ledger::balance_key(party, asset)).value_or(BalanceRecord{});
}

void put_account(Context& context, PartyId const& party, std::string_view asset, BalanceRecord const& record) {
  ledger::store(context.state, ledger::balance_key(party, asset), record);
}

Counters counters_of(Context const& context, std::string_view asset, BalanceRecord const& account) {
  Counters out;
  out.debits_pending = account.held;
  out.debits_posted = account.total_out;
  out.credits_pending = account.incoming;
  out.credits_posted = account.total_in;
  auto const limits = ledger::load<ledger::LimitsRecord>(context.state, ledger::limits_key(asset, account.tier));
  if (limits) out.balance_max = limits->balance_max;
  return out;
}

void set_counters(BalanceRecord& account, Counters const& counters) {
  account.held = counters.debits_pending;
  account.total_out = counters.debits_posted;
  account.incoming = counters.credits_pending;
  account.total_in = counters.credits_posted;
  auto const posted = base::sub(account.total_in, account.total_out);
  CHECK(posted.has_value());
  account.posted = *posted;
}

namespace {

constexpr std::uint32_t day_hours = 24;
constexpr std::uint32_t month_hours = 30 * day_hours;

/// What was counted under a key, hour by hour. The hour in which a window begins counts whole: never more than the
/// limit in any window.
class Window {
 public:
  Window(Context& context, ledger::Bytes key, std::uint32_t kept_hours)
      : context_(context),
        key_(std::move(key)),
        hour_(static_cast<std::uint32_t>(context.time_ms / base::hour_ms)),
        record_(ledger::load<ledger::SpendingRecord>(context.state, key_).value_or(ledger::SpendingRecord{})) {
    std::erase_if(record_.hours, [&](ledger::SpentHour const& one) { return one.hour + kept_hours < hour_; });
  }
  Amount sum(std::uint32_t hours) const {
    Amount out = 0;
    for (auto const& one : record_.hours) {
      if (one.hour + hours >= hour_) raise(out, one.amount);
    }
    return out;
  }
  void count(Amount amount) {
    if (record_.hours.empty() || record_.hours.back().hour != hour_) record_.hours.push_back({hour_, 0});
    raise(record_.hours.back().amount, amount);
    ledger::store(context_.state, key_, record_);
  }

 private:
  Context& context_;
  ledger::Bytes key_;
  std::uint32_t hour_;
  ledger::SpendingRecord record_;
};

}  // namespace

Result<void> require_approval(Context& context, AssetRecord const& asset, std::string_view id, Amount amount,
                              std::string const& field) {
  if (!asset.approval) return {};
  auto approved = require_signer(context, asset.approval->approver, ledger::Act::money, field + ".approval");
  if (approved) return {};
  // An issuer spends nothing of its own asset: the place of its spending is free.
  Window window(context, ledger::spending_key(asset.issuer, id), day_hours);
  auto sum = window.sum(day_hours);
  raise(sum, amount);
  if (sum > asset.approval->above) return approved;
  window.count(amount);
  return {};
}

Result<void> spend(Context& context, PartyId const& party, std::string_view asset, std::uint8_t tier, Amount amount,
                   std::string const& field) {
  auto const limits = ledger::load<ledger::LimitsRecord>(context.state, ledger::limits_key(asset, tier));
  if (!limits) return {};
  if (limits->transfer_max && amount > *limits->transfer_max) {
    return error(Code::E_LIMIT, field, "amount", "at most " + base::to_decimal(*limits->transfer_max) + " at once");
  }
  Window window(context, ledger::spending_key(party, asset), month_hours);
  auto const within = [&](std::string_view name, std::uint32_t hours,
                          std::optional<Amount> const& max) -> Result<void> {
    auto const spent = window.sum(hours);
    auto const left = base::sub(max.value_or(~Amount{0}), spent).value_or(0);
    if (amount <= left) return {};
    return error(Code::E_LIMIT, field, "amount", "left in " + std::string(name) + ": " + base::to_decimal(left));
  };
  TRY(within("24 hours", day_hours, limits->day_max));
  TRY(within("30 days", month_hours, limits->month_max));
  window.count(amount);
  return {};
}

namespace {

PartyId institution_of(Context const& context, AssetRecord const& asset, std::string_view id, PartyId const& payee) {
  auto const named = ledger::load<ledger::InstitutionRecord>(context.state, ledger::institution_key(payee, id));
  return named ? named->institution : asset.issuer;
}

/// The statement is the payee's institution's, about this payment, in time, and used for the first time.
Result<void> check_travel(Context& context, AssetRecord const& asset, ledger::Transfer const& payment,
                          std::string const& field) {
  auto const& travel = *payment.travel;
  auto const institution = institution_of(context, asset, payment.asset, payment.to);
  if (travel.institution != institution) {
    return error(Code::E_TRAVEL_RULE, field, "travel.institution", "for the payee signs " + institution.hex());
  }
  if (context.time_ms > travel.until_ms) {
    return error(Code::E_TRAVEL_RULE, field, "travel.until_ms", "it was good until then");
  }
  Context attested{context.state, context.parameters};
  attested.time_ms = context.time_ms;
  attested.signers = {{travel.institution, travel.key}};
  TRY(require_signer(attested, travel.institution, ledger::Act::money, field + ".travel.key"));
  ++context.work;
  ledger::TravelStatement const statement{context.chain, travel.reference, payment.from, payment.to,
                                          payment.asset, payment.amount,   payment.uetr, travel.until_ms};
  if (!crypto::party_verify(travel.key, statement.digest(), travel.signature)) {
    return error(Code::E_TRAVEL_RULE, field, "travel.signature", "not over this payment");
  }
  auto const key = ledger::travel_key(institution, travel.reference);
  if (auto const used = ledger::load<ledger::TravelRecord>(context.state, key)) {
    return error(Code::E_TRAVEL_RULE, field, "travel.reference", "used by " + used->transaction.hex());
  }
  ledger::store(context.state, key, ledger::TravelRecord{context.transaction});
  return {};
}

}  // namespace

Result<void> require_payable(Context& context, AssetRecord const& asset, ledger::Transfer const& payment,
                             std::string const& field) {
  TRY(require_member(context, payment.to, field, "to"));
  TRY(require_amount(payment.amount, field, "amount"));
  if (!asset.has(ledger::AssetFlag::transferable) && payment.to != asset.issuer) {
    return error(Code::E_NOT_TRANSFERABLE, field, "to", "this asset is paid to its issuer only");
  }
  TRY(require_authorised(asset, account_of(context, payment.from, payment.asset), payment.from, field, "from"));
  TRY(require_authorised(asset, account_of(context, payment.to, payment.asset), payment.to, field, "to"));
  if (payment.travel) return check_travel(context, asset, payment, field);
  return require_small(context, asset, {payment.from, payment.to, payment.asset, payment.amount}, field + ".travel");
}

Result<void> require_small(Context& context, AssetRecord const& asset, ledger::Obligation const& payment,
                           std::string const& field) {
  if (!asset.travel_above) return {};
  Window window(context, ledger::paid_key(payment.debtor, payment.creditor, payment.asset), day_hours);
  auto sum = window.sum(day_hours);
  raise(sum, payment.amount);
  if (sum > *asset.travel_above) {
    return Error{Code::E_TRAVEL_RULE, field, "needed above " + base::to_decimal(*asset.travel_above) + " in 24 hours"};
  }
  window.count(payment.amount);
  return {};
}

Result<void> foresee_payments(Context& context, std::set<PartyId> const& payers, PartyId const& payee,
                              std::string const& asset, Amount most, std::string const& field) {
  auto const record = ledger::load<AssetRecord>(context.state, Space::asset, asset);
  if (!record || !record->travel_above || most == 0) return {};
  bool small = most <= *record->travel_above;
  for (auto const& payer : payers) small = small && require_small(context, *record, {payer, payee, asset, most}, field);
  if (small) return {};
  auto const institution = institution_of(context, *record, asset, payee);
  auto const signs = require_signer(context, institution, ledger::Act::money, field);
  if (signs || signs.error().code != Code::E_MISSING_SIGNER) return signs;
  return Error{Code::E_TRAVEL_RULE, field, "may be paid more than the threshold: let " + institution.hex() + " sign"};
}

Result<void> require_escrowable(Context const& context, std::string const& asset, std::string const& field) {
  auto const record = ledger::load<AssetRecord>(context.state, Space::asset, asset);
  if (!record) return Error{Code::E_ASSET_UNKNOWN, field, "no asset " + asset};
  if (!record->has(ledger::AssetFlag::can_escrow)) {
    return Error{Code::E_NOT_TRANSFERABLE, field, "contracts may not hold this asset"};
  }
  if (!record->has(ledger::AssetFlag::transferable)) {
    return Error{Code::E_NOT_TRANSFERABLE, field, "this asset is paid to its issuer only"};
  }
  return {};
}

Result<void> require_payee(Context const& context, std::string const& asset, PartyId const& payee,
                           std::string const& field) {
  auto const record = ledger::load<AssetRecord>(context.state, Space::asset, asset);
  CHECK(record.has_value());
  return require_authorised(*record, account_of(context, payee, asset), payee, field, asset);
}

Result<void> require_unfrozen(Context const& context, std::string const& asset, PartyId const& holder,
                              std::string const& field) {
  if (!account_of(context, holder, asset).frozen) return {};
  return Error{Code::E_FROZEN, field, "what it will be paid of " + asset + " stays with whom it is frozen for"};
}

void line(Context& context, PartyId const& account, std::string_view asset, EntryKind kind, Amount amount,
          Hash const& counterparty, std::string_view reference, ledger::PaymentIds const& ids) {
  using Reference = decltype(ledger::Entry::reference);
  std::size_t size = std::min(reference.size(), Reference::max);
  while (size < reference.size() && size > 0 && (static_cast<unsigned char>(reference[size]) & 0xc0) == 0x80) --size;
  if (ids.uetr || ids.end_to_end) context.payment_ids[context.entries.size()] = ids;
  context.entries.push_back(
      {account, ledger::AssetId(asset), kind, amount, counterparty, Reference(reference.substr(0, size))});
}

}  // namespace contracts::money
