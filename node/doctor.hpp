// SPDX-License-Identifier: Apache-2.0
#pragma once

// Looks into the folder of a node that is stopped: whether what it keeps is whole and fits together.

#include <filesystem>

#include "node/home.hpp"

namespace node {

using base::Height;

struct Examination {
  /// Every byte: blocks and certificates, the store's files, snapshots. Else what a start reads.
  bool deep = false;
  /// Puts aside what is damaged, so that the next start makes it again, from the block log or from peers.
  bool repair = false;
};

/// What of data/ is damaged, and how it is mended.
enum class Part { log, journal, state, snapshots };

struct Finding {
  Part part = Part::log;
  bool good = true;
  /// Bad only at its end, which the next start cuts off by itself.
  bool torn = false;
  /// Of damage: file and place, and what is wrong there.
  std::string text;
  /// Of a damaged block log: decisions above this height are not to be kept, whatever their bytes say.
  std::optional<Height> whole_to;
};

/// Changes nothing. The genesis is the network's. Errors: what is no damage, such as a node that runs.
base::Result<std::vector<Finding>> examine(std::filesystem::path const& data, ledger::Genesis const& genesis,
                                           bool deep);
/// Puts aside what must go, to data/damaged, and where the state goes lets the next start begin with a snapshot of the
/// node's own; what it did, in words. An archive keeps all blocks, so that no snapshot stands for them.
base::Result<std::vector<std::string>> put_aside(std::filesystem::path const& data, ledger::Genesis const& genesis,
                                                 bool archive, std::vector<Finding> const& findings);

/// Prints. 0: all is well, or was mended; 1: it is not, or the folder is no node's.
int run_doctor(std::filesystem::path const& home, Examination const& wanted);

}  // namespace node
