// SPDX-License-Identifier: Apache-2.0
#pragma once

// Four real validator processes for the tests of this program, started once.

#include <gtest/gtest.h>

#include "testnet/network.hpp"

namespace e2e {

/// The running network with a player; started at the first call, ended with the program.
struct Running {
  Running(testnet::World in, testnet::Network over) : world(std::move(in)), network(std::move(over)) {}
  testnet::World world;
  testnet::Network network;
  std::optional<testnet::Player> player;
};
Running& running();
/// Another one, in a temporary folder of this name.
base::Result<std::unique_ptr<Running>> start_network(
    std::string const& name, std::uint16_t port_shift,
    std::function<std::vector<std::string>(std::size_t node)> launcher = {}, std::string const& engine = "simplex");

/// The output of a command of the binary (stdout and stderr together) and its exit code.
struct Ran {
  int exit = 0;
  std::string output;
};
Ran run_tally(std::vector<std::string> const& arguments);

/// ../shared beside the source folder; empty when it is not there, which is printed, and is a failure where CI is set.
std::filesystem::path shared_folder();

}  // namespace e2e
