// SPDX-License-Identifier: Apache-2.0
#pragma once

// CometBFT as a process of ours: its folder, made from the node's own, and the child that runs in it.

#include <sys/types.h>

#include "node/home.hpp"

namespace node::comet {

/// Idle chains make a block after so long, so that deadlines fall due; a genesis may ask for less (idle_block_ms).
constexpr std::uint64_t empty_block_ms_max = 2'000;

/// The key that CometBFT's peers know a node by. It is made from the validator's secret, so there is nothing more to
/// keep, and tells nothing of it.
crypto::ValidatorSecret node_secret(crypto::ValidatorSecret const& validator);
/// CometBFT's id of a node: the address of that key.
std::string node_id(crypto::ValidatorSecret const& validator);

/// HOME/cometbft: config/ is written anew at each start; data/ is CometBFT's, and what it signed last is never touched.
struct EngineHome {
  std::filesystem::path folder;
  /// Held by this process and its child: who starts next waits until both are gone.
  int lock = -1;
  std::filesystem::path socket() const { return folder / "abci.sock"; }
  std::filesystem::path log() const { return folder.parent_path() / "cometbft.log"; }
};
/// E_BUSY while another process runs in it; E_DISK; E_FORM when a chain is there whose signing state is lost, or the
/// ids of the peers are missing.
base::Result<EngineHome> make_engine_home(Home const& home);

/// The program: TALLY_COMETBFT, else what node.toml names, else ../cometbft/bin/cometbft beside this binary where it
/// is there, else cometbft in PATH.
std::string engine_program(NodeConfig const& config);

/// The running child; ended (SIGTERM, after ten seconds SIGKILL) when this goes. It never outlives this process.
class Engine {
 public:
  /// E_DISK when the program cannot be started.
  static base::Result<std::unique_ptr<Engine>> start(std::string const& program, EngineHome const& home);
  ~Engine();
  /// How it ended, in words; empty while it runs.
  std::string ended();
  void stop();

 private:
  explicit Engine(pid_t pid) : pid_(pid) {}
  pid_t pid_;
  std::string ended_;
};

}  // namespace node::comet
