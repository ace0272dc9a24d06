// SPDX-License-Identifier: Apache-2.0
#pragma once

// A whole journey on a network: its money, its escrow, its steps, and what must hold at the end.

#include "testnet/network.hpp"

namespace testnet {

/// Reports progress: a step that went well, or why it did not.
using Report = std::function<void(Step const& step, std::string const& outcome, bool good)>;
/// Called before each step; tests end and start nodes here.
using Between = std::function<base::Result<void>(Step const& next)>;

struct Balances {
  ledger::Amount buyer = 0;
  ledger::Amount seller = 0;
};

class Journey {
 public:
  Journey(World const& world, Story story, Player& player) : world_(world), story_(std::move(story)), player_(player) {}

  /// Issues the certificates and the money, plays every step, opens and funds the escrow at its time. Stops at the
  /// first act that does not end as done.
  base::Result<void> run(Report const& report, Between const& between);

  base::Result<Balances> balances();
  /// Pieces of the scarf lot by who holds them: short name of the custodian, "consumer" for sold ones.
  base::Result<std::map<std::string, std::uint64_t>> custody();
  Story const& story() const { return story_; }
  std::string const& escrow_id() const { return escrow_id_; }

 private:
  base::Result<void> issue_money();
  base::Result<void> open_escrow();
  base::Result<void> done(base::Result<wallet::Outcome> const& outcome, std::string const& what);

  World const& world_;
  Story story_;
  Player& player_;
  std::string escrow_id_;
};

/// What buyer and seller of ESC-J1 pay in and get, in minor units of EUR.EUBANK.
constexpr ledger::Amount escrow_total = 2'900'000;
constexpr char const* escrow_asset = "EUR.EUBANK";

}  // namespace testnet
