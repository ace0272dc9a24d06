// SPDX-License-Identifier: Apache-2.0
#include "contracts/money/book.hpp"

namespace contracts::money {

namespace {

using base::Code;
using base::Error;

/// The sum, or nothing beyond 128 bits.
std::optional<Amount> sum_of(Amount a, Amount b, Amount c) {
  auto const sum = base::add(a, b);
  return sum ? base::add(*sum, c) : std::nullopt;
}

Amount saturated(std::optional<Amount> from, Amount less, Amount and_less) {
  auto const rest = from ? base::sub(*from, less) : std::optional(~Amount{0});
  return rest ? base::sub(*rest, and_less).value_or(0) : 0;
}

}  // namespace

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

Amount funds(Counters const& account) {
  return saturated(account.credits_posted, account.debits_posted, account.debits_pending);
}

Amount room(Counters const& account) {
  auto const most = base::add(account.debits_posted, account.balance_max.value_or(0));
  return saturated(most, account.credits_posted, account.credits_pending);
}

Amount meant(ledger::UpTo up_to, Amount amount, Counters const& debit, Counters const& credit) {
  using enum ledger::UpTo;
  if (up_to == funds || up_to == both) amount = std::min(amount, money::funds(debit));
  if (up_to == room || up_to == both) amount = std::min(amount, money::room(credit));
  return amount;
}

Result<void> check_debit(Counters const& account, Amount amount) {
  if (!sum_of(account.debits_pending, account.debits_posted, amount)) {
    return Error{Code::E_AMOUNT, "amount", "beyond what an account can count"};
  }
  if (account.debits_within_credits && amount > funds(account)) {
    return Error{Code::E_INSUFFICIENT_FUNDS, "amount", "available " + base::to_decimal(funds(account))};
  }
  return {};
}

Result<void> check_credit(Counters const& account, Amount amount) {
  if (!sum_of(account.credits_pending, account.credits_posted, amount)) {
    return Error{Code::E_AMOUNT, "amount", "beyond what an account can count"};
  }
  if (account.balance_max && amount > room(account)) {
    return Error{Code::E_LIMIT, "amount", "the payee's cap leaves room for " + base::to_decimal(room(account))};
  }
  return {};
}

void debit(Counters& account, Amount amount) { raise(account.debits_posted, amount); }
void credit(Counters& account, Amount amount) { raise(account.credits_posted, amount); }

void set_aside(Counters& debit, Counters& credit, Amount amount) {
  raise(debit.debits_pending, amount);
  raise(credit.credits_pending, amount);
}

void settle(Counters& debit, Counters& credit, Amount set_aside, Amount paid) {
  CHECK(paid <= set_aside);
  lower(debit.debits_pending, set_aside);
  lower(credit.credits_pending, set_aside);
  raise(debit.debits_posted, paid);
  raise(credit.credits_posted, paid);
}

std::optional<ledger::HoldState> ended(ledger::HoldRecord const& hold, ledger::TimeMs now_ms) {
  if (hold.state != ledger::HoldState::open) return hold.state;
  if (hold.terms.expires_ms != 0 && now_ms >= hold.terms.expires_ms) return ledger::HoldState::expired;
  return std::nullopt;
}

Result<void> check_post(ledger::HoldRecord const& hold, Amount amount, ledger::TimeMs now_ms) {
  if (auto const state = ended(hold, now_ms)) {
    return Error{Code::E_HOLD_ENDED, "hold", std::string(enum_names(*state)[static_cast<std::size_t>(*state)])};
  }
  if (amount > hold.rest()) return Error{Code::E_AMOUNT, "amount", "left: " + base::to_decimal(hold.rest())};
  return {};
}

}  // namespace contracts::money
