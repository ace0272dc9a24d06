// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a body says, in words, read from the bytes that are signed; and what a node knows that speaks against it.

#include <map>

#include "wallet/draft.hpp"

namespace wallet {

/// Names by which parties are shown, and the decimals of assets. Both are other people's word: a party without a name
/// is shown by its id, an asset without a scale in minor units.
struct Names {
  std::map<base::PartyId, std::string> parties;
  std::map<std::string, unsigned> scales;
  /// By contract: its label, and what the cases of its states say.
  struct Contract {
    std::string label;
    std::map<std::pair<std::string, std::size_t>, std::string> acts;
  };
  std::map<ledger::Hash, Contract> contracts;
};

/// One line an operation, and before them who acts, on which chain, until when.
std::vector<std::string> reading(ledger::Body const& body, Names const& names);
/// Members of the node's list, each checked against its GLN; contacts' own names go first.
base::Result<Names> names_of(rpc::Client& client, ledger::Body const& body,
                             std::map<std::string, std::string> const& contacts);

/// Why the body would fail now, with the next step; nothing when the node knows no reason.
struct Obstacle {
  base::Error error;
  std::string next;
};
std::optional<Obstacle> obstacle(rpc::Client& client, ledger::Body const& body, ChainInfo const& chain);

}  // namespace wallet
