// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a body says, in words, read from the bytes that are signed; and what a node knows that speaks against it.

#include <map>
#include <set>

#include "wallet/draft.hpp"
#include "wallet/provider.hpp"

namespace wallet {

/// Names by which parties are shown, and the decimals of assets. Both are other people's word: a party without a name
/// is shown by its id, an asset without a scale in minor units.
struct Names {
  std::map<base::PartyId, std::string> parties;
  std::map<std::string, unsigned> scales;
  /// By contract: its label, id and parties, and what the cases of its states say.
  struct Contract {
    std::string label;
    std::map<std::pair<std::string, std::size_t>, std::string> acts;
    /// What such a case takes from whom: the amount, or the most that the terms ever take where it hangs on facts.
    struct Deposit {
      base::PartyId party;
      std::string asset;
      base::Amount amount = 0;
    };
    std::map<std::pair<std::string, std::size_t>, Deposit> deposits;
  };
  std::map<ledger::Hash, Contract> contracts;
  /// Holds and netting sets, whose bodies name them by id only.
  std::map<ledger::Hash, ledger::OpenHold> holds;
  std::map<ledger::Hash, ledger::OpenNetting> nettings;
  /// Contracts, holds, netting sets and decimals were proved; else they are a node's word, which is said, and what they
  /// cost counts as not known.
  bool proved = false;
};

/// What a body takes from accounts of the parties that sign it: payments, holds, redemptions, deposits into contracts,
/// and what they owe in netting sets that they join.
struct Spending {
  /// Minor units.
  struct Sums {
    base::Amount largest = 0;
    base::Amount total = 0;
  };
  std::map<std::string, Sums> assets;
  /// Acts and joins whose amount neither the bytes nor the names tell.
  std::vector<std::string> unknown;
};
Spending spending_of(ledger::Body const& body, std::set<base::PartyId> const& parties, Names const& names);

/// One line an operation, some with lines of their parts, and before them who acts, on which chain, until when. What
/// others wrote cannot begin a line: control characters are shown as U+FFFD.
std::vector<std::string> reading(ledger::Body const& body, Names const& names);
/// What the body speaks of: members of the node's list, each checked against its GLN, contracts, holds, decimals;
/// proved where the provider proves. Contacts' own names go first. What the node does not know stays without a name;
/// E_SIGNATURE for a proof that does not hold.
base::Result<Names> names_of(Provider const& provider, ledger::Body const& body,
                             std::map<std::string, std::string> const& contacts);

/// GLN and short name of the members whose ids stand in these bytes; proved where the provider proves.
base::Result<std::map<std::string, std::string>> members_in(Provider const& provider, ledger::Bytes const& bytes);

/// What a hold was opened with; nothing when the node knows no such hold, E_SIGNATURE for a proof that does not hold.
base::Result<std::optional<ledger::OpenHold>> hold_terms(Provider const& provider, ledger::Hash const& hold);

/// Why the body would fail now, with the next step; nothing when the node knows no reason.
struct Obstacle {
  base::Error error;
  std::string next;
};
std::optional<Obstacle> obstacle(rpc::Client& client, ledger::Body const& body, ChainInfo const& chain);

}  // namespace wallet
