// SPDX-License-Identifier: Apache-2.0
#pragma once

// A second opinion on money: what transactions do to accounts, written down without the machine. It reads the decided
// transactions in order and says what must have come of each.

#include <set>

#include "base/code.hpp"
#include "ledger/genesis.hpp"
#include "ledger/state.hpp"

namespace sim {

using base::Amount;
using base::Hash;
using base::PartyId;

class Book {
 public:
  explicit Book(ledger::Genesis const& genesis);

  /// The transactions that follow are of a block of this time.
  void begin(base::TimeMs time_ms) { accounts_.clock_ms = time_ms; }
  /// The outcome that the transaction must have. It knows the operations of Workload only.
  base::Code apply(ledger::Transaction const& transaction);
  /// Compares every account and every asset of the state with this book, and per asset accounts + pots = issued.
  /// Returns what differs, in words; nothing when all agrees.
  std::optional<std::string> mismatch(ledger::StateView const& state) const;

 private:
  struct Asset {
    PartyId issuer;
    Amount max_supply = 0;
    Amount issued = 0;
  };
  struct Accounts {
    std::map<std::string, Asset> assets;
    std::map<std::pair<std::string, PartyId>, Amount> balances;
    base::TimeMs clock_ms = 0;
  };
  struct Used {
    base::Bytes operations;
    base::Code code;
  };
  base::Code operate(Accounts& accounts, PartyId const& actor, ledger::Operation const& operation) const;
  static base::Code debit(Accounts& accounts, std::string const& asset, PartyId const& from, Amount amount);

  std::map<PartyId, std::string> short_names_;
  Accounts accounts_;
  std::set<Hash> recorded_;
  std::map<std::pair<PartyId, ledger::IdempotencyKey>, Used> used_keys_;
};

}  // namespace sim
