// SPDX-License-Identifier: Apache-2.0
#pragma once

// The command line of the binary: every verb, its options and its help.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace wallet {

/// "simplex", the built-in one, or "cometbft".
constexpr char const* engine_default = "simplex";

struct DemoOptions {
  std::filesystem::path home;
  std::string engine = engine_default;
  bool check = false;
  bool fresh = false;
};

struct JourneyOptions {
  std::filesystem::path home;
  std::string journey;
  std::string variant;
  std::filesystem::path file;
  bool attacks = false;
  /// Added to every port.
  std::uint16_t port_shift = 0;
};

struct RehearsalOptions {
  std::filesystem::path home;
  std::vector<std::string> terms;
  std::vector<std::string> scenarios;
  /// Added to every port.
  std::uint16_t port_shift = 0;
};

/// A node that the validators are to vote in.
struct NewNodeOptions {
  std::filesystem::path home;
  std::filesystem::path genesis;
  std::string gln;
  std::string address;
  std::vector<std::string> peers;
};

/// The verbs whose work lies in other rooms; the binary hands them in.
struct Entrances {
  std::function<int(std::filesystem::path const& home, std::string const& engine)> start;
  std::function<int(DemoOptions const&)> demo;
  /// Makes homes, keys and genesis for that many validators.
  std::function<int(std::filesystem::path const& home)> init_testnet;
  std::function<int(RehearsalOptions const&)> rehearse;
  std::function<int(JourneyOptions const&)> play;
  std::function<int(NewNodeOptions const&)> init_node;
  /// Looks into a node's folder.
  std::function<int(std::filesystem::path const& home, bool deep, bool repair)> doctor;
  /// Replays and recounts what a stopped node keeps.
  std::function<int(std::filesystem::path const& home)> audit;
  /// Make the next keys of a home.
  std::function<int(std::filesystem::path const& home)> next_key;
  std::function<int(std::filesystem::path const& home)> next_tls_key;
  /// A new epoch by a file that a quorum of the validators signs.
  std::function<int(std::filesystem::path const&home, std::filesystem::path const&file)> recover_draft, recover_sign,
      recover_apply;
};

/// Parses and runs; the exit code.
int run(int argc, char const* const* argv, Entrances const& entrances);

}  // namespace wallet
