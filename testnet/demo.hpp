// SPDX-License-Identifier: Apache-2.0
#pragma once

// The silk journey from cocoon to retail sale on four validators, with its escrow, and what can be verified of it from
// outside.

#include "testnet/network.hpp"

namespace testnet {

struct DemoSettings {
  std::filesystem::path home;
  std::string engine = "simplex";
  bool check = false;
  bool fresh = false;
  Ports ports;
};

/// Exit codes as in wallet/terminal.hpp.
int demo(DemoSettings const& settings);
/// Only makes the network: homes, keys, genesis.
int init(std::filesystem::path const& home);

}  // namespace testnet
