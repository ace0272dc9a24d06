// SPDX-License-Identifier: Apache-2.0
#pragma once

// Double entry by itself: four counters an account, and what may be added to them. Knows no parties, assets or state.

#include "ledger/accounts.hpp"

namespace contracts::money {

using base::Result;
using ledger::Amount;

/// What went out and came in, and what is set aside to go out or come in.
struct Counters {
  Amount debits_pending = 0;
  Amount debits_posted = 0;
  Amount credits_pending = 0;
  Amount credits_posted = 0;
  /// A party's: no debit beyond its credits. An issuer's side of its asset is without this bound.
  bool debits_within_credits = true;
  /// The most that credits may exceed debits by, those set aside included.
  std::optional<Amount> balance_max;
};

/// Sums of one asset cannot pass 128 bits: every balance is at most max_supply, and a turnover of 2^127 takes 2^64
/// payments.
void raise(Amount& amount, Amount by);
void lower(Amount& amount, Amount by);
/// What may still be debited: posted credits less all debits, not below zero.
Amount funds(Counters const& account);
/// What may still be credited below the cap, which counts as zero where there is none; not below zero.
Amount room(Counters const& account);
/// The amount that is meant: at most the payer's funds, the payee's room, or both.
Amount meant(ledger::UpTo up_to, Amount amount, Counters const& debit, Counters const& credit);

/// E_INSUFFICIENT_FUNDS beyond the funds of a bounded account; E_AMOUNT beyond what counters hold.
Result<void> check_debit(Counters const& account, Amount amount);
/// E_LIMIT beyond the cap; E_AMOUNT beyond what counters hold.
Result<void> check_credit(Counters const& account, Amount amount);

/// These are checked before: a sum beyond 128 bits is our own bug.
void debit(Counters& account, Amount amount);
void credit(Counters& account, Amount amount);
void set_aside(Counters& debit, Counters& credit, Amount amount);
/// Ends what was set aside: `paid` of it moves, the rest is free again.
void settle(Counters& debit, Counters& credit, Amount set_aside, Amount paid);

/// Whether a hold can pay so much now: E_HOLD_ENDED when it was posted, voided or has expired, E_AMOUNT beyond its
/// rest.
Result<void> check_post(ledger::HoldRecord const& hold, Amount amount, ledger::TimeMs now_ms);
/// What has ended, in a word; nothing for an open hold whose time runs.
std::optional<ledger::HoldState> ended(ledger::HoldRecord const& hold, ledger::TimeMs now_ms);

}  // namespace contracts::money
