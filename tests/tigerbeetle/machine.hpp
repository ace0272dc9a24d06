// SPDX-License-Identifier: Apache-2.0
#pragma once

// The tables' accounts and transfers as this ledger's operations: each row becomes a signed transaction that goes
// through check (form, window), the idempotency keys, and double entry, like one of a member.

#include <map>
#include <optional>

#include "contracts/money/book.hpp"
#include "ledger/state.hpp"
#include "ledger/tx.hpp"
#include "rows.hpp"

namespace tigerbeetle {

using ledger::Hash;
using ledger::TimeMs;

/// What came of a row.
struct Result {
  base::Code code = base::Code::done;
  /// The path of the field that a failure speaks of.
  std::string field;
  /// How an ended hold ended.
  std::optional<ledger::HoldState> hold;
};

struct Account {
  contracts::money::Counters counters;
  Amount ledger = 0;
};

struct Transfer {
  Amount amount = 0;
  TimeMs time_ms = 0;
};

class Machine {
 public:
  Result create(Row const& row);
  /// A chain that is never closed: a list with fewer operations than it says.
  Result create_truncated(Row const& row) const;
  /// Burns the key of a row whose chain was undone.
  void burn(Row const& row, Result const& result);
  void set_balance(Amount account, contracts::money::Counters const& counters);
  void tick(TimeMs by_ms);
  /// So much before the last moment of the clock.
  void tick_to_end(TimeMs before_ms);

  Account const* account(Amount id) const;
  Transfer const* transfer(Amount id) const;

 private:
  Result operate(Row const& row, TimeMs now_ms);
  Result move(Row const& row, TimeMs now_ms);
  Result end(Row const& row, TimeMs now_ms);
  ledger::Body body_of(Row const& row, TimeMs at_ms) const;
  std::vector<ledger::Operation> operations_of(Row const& row) const;
  ledger::Operation payment_of(Row const& row) const;
  TimeMs expires_ms(Row const& row) const;
  /// What a post asks for; "all" is the hold's amount.
  Amount posted_amount(Row const& row) const;

  std::map<Amount, Account> accounts_;
  std::map<Amount, Transfer> transfers_;
  std::map<Amount, ledger::HoldRecord> holds_;
  /// The idempotency keys.
  ledger::MemoryState keys_;
  TimeMs now_ms_ = 1;
  /// Block time of what was recorded last.
  TimeMs last_ms_ = 1;
};

}  // namespace tigerbeetle
