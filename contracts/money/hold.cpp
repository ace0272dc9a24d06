// SPDX-License-Identifier: Apache-2.0
// Money set aside: opened by the payer, paid out in parts, given free, expired.
#include "contracts/money/account.hpp"

namespace contracts::money {

namespace {

using ledger::HoldRecord;
using ledger::HoldState;

/// The parts of a hold that a payment has too, so that both are judged by one rule.
ledger::Transfer as_payment(ledger::OpenHold const& hold) {
  ledger::Transfer out;
  out.from = hold.from;
  out.to = hold.to;
  out.asset = hold.asset;
  out.amount = hold.amount;
  out.uetr = hold.uetr;
  out.travel = hold.travel;
  return out;
}

/// Both ends of a hold while it changes. The issuer has no account of its own asset: what is paid to it is redeemed.
struct Ends {
  Ends(Context const& context, ledger::OpenHold const& hold, AssetRecord const& asset)
      : redeems(hold.to == asset.issuer), from(account_of(context, hold.from, hold.asset)) {
    debits = counters_of(context, hold.asset, from);
    // In place of the issuer's: it expects at most what the payer set aside.
    credits.credits_pending = debits.debits_pending;
    if (redeems) return;
    to = account_of(context, hold.to, hold.asset);
    credits = counters_of(context, hold.asset, to);
  }
  void store(Context& context, ledger::OpenHold const& hold) {
    set_counters(from, debits);
    put_account(context, hold.from, hold.asset, from);
    if (redeems) return;
    set_counters(to, credits);
    put_account(context, hold.to, hold.asset, to);
  }
  bool redeems;
  BalanceRecord from;
  BalanceRecord to;
  Counters debits;
  Counters credits;
};

AssetRecord asset_of_hold(Context const& context, HoldRecord const& hold) {
  auto asset = ledger::load<AssetRecord>(context.state, ledger::Space::asset, hold.terms.asset);
  CHECK(asset.has_value());
  return *std::move(asset);
}

Result<HoldRecord> hold_of(Context const& context, Hash const& id, std::string const& field) {
  auto hold = ledger::load<HoldRecord>(context.state, ledger::hold_key(id));
  if (!hold) return error(Code::E_HOLD_UNKNOWN, field, "hold", "no hold " + id.hex());
  return *std::move(hold);
}

void close(Context& context, Hash const& id, HoldRecord& hold, HoldState state) {
  hold.state = state;
  context.state.erase(ledger::hold_index_key(hold.terms.from, hold.terms.asset, id));
  context.state.erase(ledger::expiry_key(hold.terms.expires_ms, ledger::Expiry::hold, id));
}

void release_line(Context& context, Hash const& id, HoldRecord const& hold, Amount amount, std::string_view why) {
  if (amount == 0) return;
  ledger::PaymentIds const ids{hold.terms.uetr, hold.terms.end_to_end};
  line(context, hold.terms.from, hold.terms.asset, EntryKind::release, amount, id, why, ids);
}

}  // namespace

Result<void> open_hold(Context& context, ledger::OpenHold const& operation, std::string const& field) {
  TRY(require_signer(context, operation.from, ledger::Act::money, field + ".from"));
  TRY_ASSIGN(auto const asset, asset_of(context, operation.asset, field));
  TRY(require_member(context, operation.by, field, "by"));
  TRY(require_payable(context, asset, as_payment(operation), field));
  if (operation.expires_ms <= context.time_ms || operation.expires_ms - context.time_ms > hold_ms_max) {
    return error(Code::E_TIME_WINDOW, field, "expires_ms", "later than now and within 366 days");
  }
  Ends ends(context, operation, asset);
  if (ends.from.frozen) return error(Code::E_FROZEN, field, "from", "frozen for debits");
  if (ends.from.holds >= holds_an_account_max) {
    return error(Code::E_LIMIT, field, "from", "as many open holds as an account may have");
  }
  bool const by_room = operation.up_to == ledger::UpTo::room || operation.up_to == ledger::UpTo::both;
  if (by_room && !ends.credits.balance_max) {
    return error(Code::E_AMOUNT, field, "up_to", "the payee's account has no cap");
  }
  HoldRecord hold{operation, meant(operation.up_to, operation.amount, ends.debits, ends.credits), 0, HoldState::open};
  if (hold.amount == 0) return {};  // a sweep of nothing
  if (auto const checked = check_debit(ends.debits, hold.amount); !checked) return under(checked.error(), field);
  if (auto const checked = check_credit(ends.credits, hold.amount); !checked) return under(checked.error(), field);
  TRY(spend(context, operation.from, operation.asset, ends.from.tier, hold.amount, field));
  set_aside(ends.debits, ends.credits, hold.amount);
  ++ends.from.holds;
  ends.store(context, operation);
  auto const id = ledger::contract_id(context.transaction, context.operation_index);
  ledger::store(context.state, ledger::hold_key(id), hold);
  context.state.put(ledger::hold_index_key(operation.from, operation.asset, id), {});
  context.state.put(ledger::expiry_key(operation.expires_ms, ledger::Expiry::hold, id), {});
  line(context, operation.from, operation.asset, EntryKind::hold, hold.amount, id, operation.purpose,
       {operation.uetr, operation.end_to_end});
  return {};
}

Result<void> post_hold(Context& context, ledger::PostHold const& operation, std::string const& field) {
  TRY_ASSIGN(auto hold, hold_of(context, operation.hold, field));
  auto const& terms = hold.terms;
  TRY(require_signer(context, terms.by, ledger::Act::money, field + ".hold"));
  if (auto const checked = check_post(hold, operation.amount, context.time_ms); !checked) {
    return under(checked.error(), field);
  }
  if (operation.amount == 0) return error(Code::E_AMOUNT, field, "amount", "void the hold to pay nothing");
  auto asset = asset_of_hold(context, hold);
  Ends ends(context, terms, asset);
  auto const rest = hold.rest() - operation.amount;
  bool const ends_now = operation.final || rest == 0;
  settle(ends.debits, ends.credits, operation.amount + (ends_now ? rest : 0), operation.amount);
  if (ends_now) --ends.from.holds;
  ends.store(context, terms);
  if (ends.redeems) {
    lower(asset.issued, operation.amount);
    lower(asset.posted, operation.amount);
    put_asset(context, terms.asset, asset);
  }
  raise(hold.paid, operation.amount);
  ledger::PaymentIds const ids{operation.uetr ? operation.uetr : terms.uetr,
                               operation.end_to_end ? operation.end_to_end : terms.end_to_end};
  auto const& purpose = operation.purpose.empty() ? terms.purpose : operation.purpose;
  line(context, terms.from, terms.asset, EntryKind::hold_paid, operation.amount, as_counterparty(terms.to), purpose,
       ids);
  line(context, terms.to, terms.asset, EntryKind::transfer_in, operation.amount, as_counterparty(terms.from), purpose,
       ids);
  if (ends_now) {
    close(context, operation.hold, hold, HoldState::posted);
    release_line(context, operation.hold, hold, rest, "final post");
  }
  ledger::store(context.state, ledger::hold_key(operation.hold), hold);
  return {};
}

void end_hold(Context& context, Hash const& id, HoldRecord& hold, HoldState state) {
  auto const rest = hold.rest();
  Ends ends(context, hold.terms, asset_of_hold(context, hold));
  settle(ends.debits, ends.credits, rest, 0);
  --ends.from.holds;
  ends.store(context, hold.terms);
  close(context, id, hold, state);
  release_line(context, id, hold, rest, state == HoldState::expired ? "expired" : "voided");
  ledger::store(context.state, ledger::hold_key(id), hold);
}

Result<void> void_hold(Context& context, ledger::VoidHold const& operation, std::string const& field) {
  TRY_ASSIGN(auto hold, hold_of(context, operation.hold, field));
  auto const by = require_signer(context, hold.terms.by, ledger::Act::money, field + ".hold");
  if (!by) {
    bool const payee = require_signer(context, hold.terms.to, ledger::Act::money, field + ".hold").has_value();
    if (!payee) return by.error();
  }
  if (auto const checked = check_post(hold, 0, context.time_ms); !checked) return under(checked.error(), field);
  end_hold(context, operation.hold, hold, HoldState::voided);
  return {};
}

}  // namespace contracts::money
