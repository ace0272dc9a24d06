// SPDX-License-Identifier: Apache-2.0
#pragma once

// An escrow scenario as it is played on a network: its terms about goods of its own, so that all scenarios run in one
// chain, and an organisation for each role.

#include "contracts/escrow/terms.hpp"
#include "testnet/world.hpp"

namespace testnet {

/// A unit that changes hands, packed and full before the contract is opened.
struct Freight {
  /// The subject's number in the terms, and its link.
  std::size_t subject = 0;
  std::string unit;
  /// Who makes it, of which product, how many, in which unit of measure (empty: pieces).
  std::string maker;
  ledger::Gtin gtin;
  std::string uom;
  std::uint64_t total = 0;
  /// How many of them carry the claim.
  std::string claim;
  std::uint64_t claimed = 0;
};

struct Cast {
  unsigned number = 0;
  std::string contract;
  std::string name;
  base::Value scenario;
  contracts::escrow::Terms terms;
  /// The organisation that plays each role.
  std::vector<std::string> players;
  ledger::TimeMs start_ms = 0;
  std::vector<Freight> freight;

  std::string label() const { return "SCENARIO-" + std::to_string(number); }
};

/// `terms`: as the file has them. Every subject gets a key of its own by `number` (below 1,000), every asset an issuer
/// of this world. `start_ms`: where the scenario names none. E_FORM for what cannot be played.
base::Result<Cast> cast(World const& world, base::Value terms, base::Value scenario, unsigned number,
                        ledger::TimeMs start_ms);

/// A whole number of a scenario; nothing where it is absent or null.
std::optional<std::uint64_t> whole(base::Value const* value);

}  // namespace testnet
