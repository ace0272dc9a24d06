// SPDX-License-Identifier: Apache-2.0
#pragma once

// The organisations of the journeys (journeys/network.json) and the genesis that admits them.

#include <map>

#include "base/result.hpp"
#include "base/value.hpp"
#include "ledger/genesis.hpp"

namespace testnet {

struct Place {
  /// ORGANISATION.SITE, as the journeys name it.
  std::string code;
  ledger::AddSite site;
};

struct Organisation {
  std::string code;
  std::string prefix;
  ledger::AddMember member;
  std::vector<Place> places;

  ledger::PartyId party() const;
};

struct World {
  std::vector<Organisation> organisations;
  std::vector<ledger::AddProduct> products;
  std::vector<ledger::AddRecipe> recipes;
  /// Codes of the organisations that validate, in order.
  std::vector<std::string> validators;

  /// Of one that is there; `find` for names that others wrote.
  Organisation const& organisation(std::string_view code) const;
  ledger::AddSite const& site(std::string_view code) const;
  /// Null when there is none.
  Organisation const* find(std::string_view code) const;
  ledger::AddSite const* find_site(std::string_view code) const;
  ledger::AddProduct const* find_product(std::string_view gtin) const;
};

/// Errors name the member of the file.
base::Result<World> read_world(std::string_view json);

/// The keys that a member starts with.
struct MemberKeys {
  ledger::PartyKey root;
  ledger::PartyKey staff;
};

/// Members, prefixes, keys, sites, products and recipes of the world, as block 0 runs them.
ledger::Genesis make_genesis(World const& world, std::map<std::string, MemberKeys> const& keys,
                             crypto::ValidatorSet const& validators, ledger::TestClock const& clock,
                             ledger::TimeMs time_ms, std::string_view chain_name);

}  // namespace testnet
