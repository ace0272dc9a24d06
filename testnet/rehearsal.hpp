// SPDX-License-Identifier: Apache-2.0
#pragma once

// Escrow scenarios on a running network of four processes: all contracts in one chain at once, the test clock led
// through the moments of all of them, and every node asked what was paid.

#include "testnet/network.hpp"

namespace testnet {

struct RehearsalSettings {
  std::filesystem::path home;
  /// Files of terms, named as the scenarios name them, and of scenarios.
  std::vector<std::string> terms;
  std::vector<std::string> scenarios;
  Ports ports;
};

/// Plays them and prints a line for each; exit codes as in wallet/terminal.hpp.
int rehearse(RehearsalSettings const& settings);

}  // namespace testnet
