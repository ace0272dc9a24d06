// SPDX-License-Identifier: Apache-2.0
#pragma once

// The rows of published table tests of accounts and transfers, read from JSON.

#include <set>
#include <string>

#include "base/result.hpp"
#include "base/value.hpp"
#include "ledger/field.hpp"

namespace tigerbeetle {

using ledger::Amount;

/// One account or transfer that a table creates, with the status that it must get.
struct Row {
  bool is_account = false;
  Amount id = 0;
  Amount debit_account = 0;
  Amount credit_account = 0;
  Amount amount = 0;
  Amount pending = 0;
  Amount user_128 = 0;
  Amount user_64 = 0;
  Amount user_32 = 0;
  Amount timeout = 0;
  Amount ledger = 0;
  Amount code = 0;
  Amount timestamp = 0;
  /// Fields that must be zero: reserved ones, padding of flags, the opening balances of an account.
  bool has_reserved = false;
  std::set<std::string> flags;
  std::string status;

  bool is(char const* flag) const { return flags.contains(flag); }
};

/// The number under a name, as a JSON number or a decimal string; 0 where there is none.
Amount number(base::Value const& object, std::string_view name);
Row read_row(base::Value const& event);
base::Result<base::Value> read_tables(std::string const& path);

}  // namespace tigerbeetle
