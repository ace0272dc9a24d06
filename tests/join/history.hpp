// SPDX-License-Identifier: Apache-2.0
#pragma once

// A past for nodes that have not started yet: certified blocks, and the state after them, as if they had decided them.

#include <filesystem>

#include "ledger/genesis.hpp"
#include "wallet/keystore.hpp"

namespace join {

struct Past {
  ledger::Genesis genesis;
  /// In the order of the genesis; a quorum of them signs.
  std::vector<crypto::ValidatorSecret> validators;
  /// Who records an event in each block, with a key that may.
  wallet::Identity author;
  ledger::Height blocks = 0;
  /// From block to block.
  ledger::TimeMs spacing_ms = 1000;
  /// Of an event.
  std::size_t event_bytes = 300;
};

/// Writes log, journal and state of it into this folder, as a node keeps them in HOME/data.
base::Result<void> write_past(Past const& past, std::filesystem::path const& data);

}  // namespace join
