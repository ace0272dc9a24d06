// SPDX-License-Identifier: Apache-2.0
#pragma once

// Four validators on one machine: homes, keys, genesis, processes, and the member wallets' keys.

#include <filesystem>

#include "testnet/player.hpp"
#include "testnet/process.hpp"

namespace testnet {

constexpr std::size_t nodes = 4;

/// Ports of node i: public 8080 + 3i, member 8081 + 3i, admin 8082 + 3i, peers 7080 + i, CometBFT's RPC 7180 + i; all
/// shifted by `shift` where several networks run on one machine.
struct Ports {
  std::uint16_t shift = 0;
  std::uint16_t everybody(std::size_t node) const { return static_cast<std::uint16_t>(8080 + shift + 3 * node); }
  std::uint16_t member(std::size_t node) const { return static_cast<std::uint16_t>(8081 + shift + 3 * node); }
  std::uint16_t admin(std::size_t node) const { return static_cast<std::uint16_t>(8082 + shift + 3 * node); }
  std::uint16_t peers(std::size_t node) const { return static_cast<std::uint16_t>(7080 + shift + node); }
  /// CometBFT's own RPC, where it is the engine.
  std::uint16_t comet(std::size_t node) const { return static_cast<std::uint16_t>(7180 + shift + node); }
};

struct NetworkOptions {
  std::filesystem::path home;
  /// As `tally start` takes it.
  std::string engine = "simplex";
  /// How many of the world's validators there are; one decides alone.
  std::size_t validators = nodes;
  Ports ports;
  /// When the test clock starts.
  ledger::TimeMs time_ms = 0;
  /// Where the public listeners are bound: 127.0.0.1, or 0.0.0.0 for phones on the local network.
  std::string public_address = "127.0.0.1";
  /// What runs a node's binary, such as env with variables, by the node; empty: nothing.
  std::function<std::vector<std::string>(std::size_t node)> launcher;
};

/// Makes homes NAME/ for each validator, genesis.json, and keys/ with a sealed key for each organisation (passphrase in
/// keys/passphrase). E_ALREADY_REGISTERED when the home is there already.
base::Result<void> make_network(World const& world, NetworkOptions const& options);

/// Removes the network that make_network made there. A folder with anything else in it is somebody's, and is refused.
base::Result<void> clear_network(std::filesystem::path const& home);

class Network {
 public:
  /// Opens what make_network made.
  static base::Result<Network> open(World const& world, NetworkOptions const& options);

  void start(std::size_t node);
  /// kill -9 when `hard`.
  void stop(std::size_t node, bool hard);
  /// Waits until /readyz of the node answers 200; E_BUSY with what it said last, or when its process has ended.
  base::Result<void> wait_ready(std::size_t node, std::uint64_t timeout_ms);
  /// What /readyz says, status and text.
  base::Result<rpc::Answer> readiness(std::size_t node) const;

  /// False when its process has ended, by itself or not.
  bool running(std::size_t node) { return processes_[node].running(); }
  pid_t pid(std::size_t node) const { return processes_[node].pid(); }
  std::string public_url(std::size_t node) const;
  std::string member_url(std::size_t node) const;
  std::vector<std::string> member_urls() const;
  std::filesystem::path genesis_path() const { return options_.home / "genesis.json"; }
  std::filesystem::path keys_folder() const { return options_.home / "keys"; }
  Keyring const& keyring() const { return keyring_; }
  /// What admits an organisation's other keys.
  base::Result<wallet::Identity> root_key(std::string const& code) const;
  base::Result<ValidatorKeys> validator_keys() const;
  wallet::Identity const& clock() const { return clock_; }
  /// The covered code of the item that is sold.
  wallet::Identity const& claim_code() const { return claim_code_; }

 private:
  explicit Network(NetworkOptions options) : options_(std::move(options)), processes_(options_.validators) {}

  NetworkOptions options_;
  std::vector<std::string> names_;
  Keyring keyring_;
  wallet::Identity clock_;
  wallet::Identity claim_code_;
  std::vector<Process> processes_;
};

/// A next step for people: where the nodes' logs lie; empty before there are any.
std::string where_logs_are(std::filesystem::path const& home);
/// The genesis as its file says it.
base::Result<ledger::Genesis> read_genesis(std::filesystem::path const& file);
/// An address of this machine that a phone on the local network reaches; 127.0.0.1 when there is none.
std::string local_address();

}  // namespace testnet
