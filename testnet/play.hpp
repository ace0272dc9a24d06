// SPDX-License-Identifier: Apache-2.0
#pragma once

// A journey of a file on four validator processes: a line for each step with what was expected and what came.

#include "testnet/network.hpp"

namespace testnet {

struct PlaySettings {
  std::filesystem::path home;
  /// A journey's name in the file, or enough of its beginning.
  std::string journey;
  /// Of its readings; empty for the file's first.
  std::string variant;
  /// Empty: the journeys that the binary brings along. Terms of escrows lie beside the file, named LABEL.json.
  std::filesystem::path file;
  /// Also the attacks of the file; with the binary's own file, those of attacks.json too.
  bool attacks = false;
  Ports ports;
};

/// Exit codes as in wallet/terminal.hpp; a difference is a fault.
int play(PlaySettings const& settings);

}  // namespace testnet
