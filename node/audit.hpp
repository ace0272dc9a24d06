// SPDX-License-Identifier: Apache-2.0
#pragma once

// Replays all that was ever decided, from the genesis on, and counts again: every signature, block, result, certificate
// and, at the end, every asset, claim and record. It trusts the genesis and nothing else of the folder.

#include <filesystem>

#include "ledger/block.hpp"
#include "ledger/genesis.hpp"
#include "node/recovery.hpp"
#include "node/seams.hpp"

namespace node {

struct Audited {
  ledger::ResultHeader last;
  std::uint64_t transactions = 0;
  std::uint64_t certificates = 0;
  std::uint64_t epochs = 1;
  /// Name and how much is issued; claim and product, and origins, stock, loss.
  std::vector<std::pair<std::string, std::string>> assets;
  std::vector<std::pair<std::string, std::string>> claims;
};

/// `recoveries`: those that began an epoch, each checked like a block. `progress` is told each height that ends a
/// decision. E_FORM names the height and what is not so there; for a log that does not begin with the genesis it says
/// so.
base::Result<Audited> audit(ledger::Genesis const& genesis, std::vector<Recovery> const& recoveries, Store& store,
                            std::function<void(Height)> const& progress);

/// Of a stopped node's folder; prints. 0: all is so; 1: something is not, or the folder is no node's.
int run_audit(std::filesystem::path const& home);

}  // namespace node
