// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs of worlds: one seed, many seeds, and the planted faults that the simulator must find.

#include <functional>

#include "scenario.hpp"

namespace sim {

struct Outcome {
  std::vector<std::string> findings;
  base::Hash trace;
  std::uint64_t simulated_ms = 0;
  std::uint64_t messages = 0;
  std::uint64_t heights = 0;
  std::uint64_t acknowledged = 0;
  /// Pairs of votes that had to be accused.
  std::uint64_t equivocations = 0;
  /// How often the validators changed.
  std::uint64_t changes = 0;
};

class World;
Outcome outcome_of(World& world);
/// Prints what happens, with the world's time.
void narrate(World& world);

Outcome run_scenario(Scenario const& scenario, bool verbose);

/// Sets the planted fault of this name; false when there is none.
bool plant(Scenario& scenario, std::string const& name);
std::vector<std::string> planted_names();

/// Plants each fault in turn and looks for a seed that finds it. Each seed is played without the fault as well, and
/// must be clean then. Prints one line a fault; true when all were found.
bool find_planted(std::string const& only, bool verbose);

/// One of four machines dies before each change of its disk that a short run makes, by its process and by its power,
/// and must come back with everything. Prints how many there were; true when all were survived.
bool crash_everywhere();

/// Ten machines at ten places of the world: prints how long a block takes.
bool measure_regions();

/// Twins (Bano and others, OPODIS 2021): a validator that runs twice with one key, every way to part the five into two
/// sides in each of the first views, then a whole network. Prints how many scenarios were played; true when nothing was
/// found.
bool play_twins(std::uint64_t scenarios, std::string const& mutant, std::uint64_t jobs);

}  // namespace sim
