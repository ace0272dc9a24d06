// SPDX-License-Identifier: Apache-2.0
#pragma once

// What can be verified of a network from outside, through its listeners and by killing its processes.

#include "testnet/journey.hpp"

namespace testnet {

struct ProofFigures {
  std::string words;
  std::size_t bytes = 0;
};
/// Fetches the proof behind the URL, checks it against the genesis, and sees that altered ones are refused.
base::Result<ProofFigures> check_proof(Network const& network, std::string const& url);
/// The seller has all of the escrow, its pots are empty.
base::Result<void> check_release(Journey& journey);
base::Result<void> check_goods(Journey& journey);
struct Agreement {
  ledger::Height height = 0;
  std::string state_root;
};
/// All nodes report one state root for one height.
base::Result<Agreement> check_agreement(Network const& network);
/// kill -9 of all nodes at once; after a start every outcome is still there and the chain goes on.
base::Result<void> check_restart(Network& network, Player& player, Agreement const& before);
/// With two nodes stopped nothing is decided and /readyz says why; with one of them back it goes on.
base::Result<void> check_halt(Network& network, Player& player);

}  // namespace testnet
