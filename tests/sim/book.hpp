// SPDX-License-Identifier: Apache-2.0
#pragma once

// A second opinion on money, escrow pots and goods (goods_book.hpp): what transactions do to accounts, written down
// without the machine. It reads the decided transactions in order and says what must have come of each.

#include <set>

#include "goods_book.hpp"
#include "ledger/genesis.hpp"

namespace sim {

using base::Amount;
using base::Hash;
using base::PartyId;

/// The one contract of the workload: asset, price, and how long its two states wait.
constexpr std::string_view sale_asset = "EUR.BANK";
constexpr Amount sale_price = 40'000;
constexpr base::TimeMs sale_open_ms = 30'000;
constexpr base::TimeMs sale_held_ms = 60'000;

class Book {
 public:
  explicit Book(ledger::Genesis const& genesis);

  /// The transactions that follow are of a block of this time. Returns how many contracts' deadlines it fires first.
  std::size_t begin(base::TimeMs time_ms);
  /// The outcome that the transaction must have. It knows the operations of Workload only.
  base::Code apply(ledger::Transaction const& transaction);
  /// Compares every account and every asset of the state with this book, and per asset accounts + pots = issued.
  /// Returns what differs, in words; nothing when all agrees.
  std::optional<std::string> mismatch(ledger::StateView const& state) const;
  GoodsBook::Histories const& histories() const { return accounts_.goods.histories(); }
  std::set<base::ValidatorKey> const& accused() const { return accounts_.accused; }
  /// What was voted for since the last epoch ended.
  std::vector<ledger::NetworkChange> take_accepted() { return std::exchange(accounts_.accepted, {}); }

 private:
  struct Asset {
    PartyId issuer;
    Amount max_supply = 0;
    Amount issued = 0;
  };
  /// A sale of the workload's terms: the buyer deposits in time, then releases in time, else he is paid back.
  struct Sale {
    PartyId buyer;
    PartyId seller;
    std::string state = "open";
    base::TimeMs due_ms = 0;
  };
  struct Accounts {
    std::map<std::string, Asset> assets;
    std::map<std::pair<std::string, PartyId>, Amount> balances;
    std::map<Hash, Sale> sales;
    GoodsBook goods;
    std::set<base::ValidatorKey> accused;
    std::map<Hash, ledger::NetworkChange> proposals;
    std::vector<ledger::NetworkChange> accepted;
    /// By validator, the number of its newest.
    std::map<base::ValidatorKey, Hash> losses;
    base::TimeMs clock_ms = 0;
  };
  struct Used {
    base::Bytes operations;
    base::Code code;
  };
  base::Code operate(Accounts& accounts, ledger::Transaction const& transaction,
                     ledger::Operation const& operation) const;
  base::Code money(Accounts& accounts, PartyId const& actor, ledger::Operation const& operation) const;
  base::Code open(Accounts& accounts, ledger::Transaction const& transaction, ledger::EscrowOpen const& open) const;
  base::Code act(Accounts& accounts, PartyId const& actor, ledger::EscrowAct const& act) const;
  static base::Code debit(Accounts& accounts, std::string const& asset, PartyId const& from, Amount amount);

  std::map<PartyId, std::string> short_names_;
  Accounts accounts_;
  base::TimeMs block_ms_ = 0;
  std::set<Hash> recorded_;
  std::map<std::pair<PartyId, ledger::IdempotencyKey>, Used> used_keys_;
};

}  // namespace sim
