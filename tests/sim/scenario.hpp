// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a seed chooses: the network, its faults, its liars.

#include <string>

#include "consensus/core.hpp"
#include "random.hpp"

namespace sim {

struct Scenario {
  std::uint64_t seed = 1;
  std::size_t validators = 4;
  std::uint32_t view_timeout_ms = 150;
  std::uint32_t idle_block_ms = 3'000;
  std::uint64_t transaction_every_ms = 150;
  std::uint32_t epoch_blocks = 10'000;

  /// Until then everything below may happen; then the faults that can stop do.
  std::uint64_t chaos_ms = 6'000;
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  std::uint64_t delay_ms_max = 20;
  std::uint64_t work_ms_max = 8;
  /// Sides that do not hear one another, directed links that are cut, single machines that are alone; they come and go.
  bool partitions = false;
  /// Links come and go every tenth of a second.
  bool flapping = false;
  /// Before each write, sync and message of a machine, of a million.
  unsigned crashes = 0;
  /// The chaos ends with a power failure of all at once.
  bool all_crash = false;
  /// Clocks of up to f machines jump by up to ten minutes.
  bool clocks_jump = false;
  /// Disks of single machines are full for a while.
  bool full_disks = false;
  /// Writes and syncs that fail, of a million: part of the bytes may have been written, and the process stops.
  unsigned disk_errors = 0;

  /// Every proposal with transactions travels by their names, not only a large one.
  bool short_proposals = false;

  // Wrong for good; one machine each, and all together at most f.
  /// Place 0 is two machines with one key.
  bool twin = false;
  /// Place 1 proposes on older blocks than it should, and answers with other blocks than were asked for, to some.
  bool liar = false;
  /// After its first restart the last machine computes other results.
  bool misreads = false;
  /// The last but one machine's clock is ten minutes off.
  bool wrong_clock = false;
  /// A machine stops during the chaos and never comes back.
  bool dead = false;
  /// At its first power failure after a decision, a machine's vote journal is gone. When it votes again, the same
  /// happens to a second one, or to the same once more.
  bool journal_lost = false;
  bool second_journal_lost = false;
  /// At its first stop after a decision, something old on a machine's disk has another bit, or another file's sector.
  bool rotten = false;

  /// Validators go, come back and rotate their keys; with nobody who is wrong for good.
  bool membership = false;

  /// The ledger has a clock of its own, which is put forward now and then.
  bool test_clock = false;
  /// Ed25519 instead of the keyed hashes that stand for it.
  bool real_signatures = false;
  /// A planted fault of the disk, beside those of the engine: syncs of this folder do nothing; "*": of all.
  std::string unsynced_folder;
  consensus::Mutants mutants;

  std::size_t faulty_max() const { return (validators - 1) / 3; }
};

/// The scenario of a seed; `validators` 0: 4, 5 and 7 in turn, and 10 for every tenth.
Scenario draw_scenario(std::uint64_t seed, std::size_t validators);
/// In one line, for people.
std::string describe(Scenario const& scenario);

}  // namespace sim
