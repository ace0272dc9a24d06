// SPDX-License-Identifier: Apache-2.0
#pragma once

// Contracts under hostile schedules: whatever parties, facts and time do, they end, pay nothing twice and lose nothing.

#include <optional>
#include <string>
#include <vector>

#include "contracts/escrow/analyse.hpp"
#include "escrow/chance.hpp"

namespace storm {

/// Terms that the analysis accepts, and what it says of them.
struct Judged {
  contracts::escrow::Terms terms;
  contracts::escrow::Report report;
};
/// The next random terms that are accepted; `tried` counts all.
Judged next_accepted(Chance& chance, std::uint64_t& tried);

/// Plays one schedule; nothing when every promise was kept, else the first that was not.
std::optional<std::string> play_schedule(Judged const& judged, Chance& chance);

struct Storm {
  std::uint64_t schedules = 0;
  std::uint64_t contracts = 0;
  std::uint64_t transitions = 0;
  std::optional<std::string> broken;
};
/// That many schedules over random contracts, a few for each.
Storm run_storm(std::uint64_t schedules, std::uint64_t seed);

/// Compares the verdict of the analysis on small random terms with an exhaustive walk through all they can do. Nothing
/// when they agree on all of them. With `branches` only what is accepted is held to it: `cautious` are refused though
/// no way through them goes wrong, which may happen to one in 1,000.
struct Verdicts {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t cautious = 0;
  std::optional<std::string> differs;
};
Verdicts compare_verdicts(std::uint64_t contracts, std::uint64_t seed, bool branches);

/// Terms that must be refused or warned of, one for each seeded fault; the first that is not.
std::optional<std::string> missed_fault();

/// The scenarios of the repository; the first that pays something else.
std::optional<std::string> scenario_difference();

/// The analysis counts its own operations: those of the repository's terms are few, and eight lanes cost about eight
/// times one. Else what costs more.
std::optional<std::string> too_dear();

/// A contract in a real ledger whose deadline passes; nothing when it ended by itself.
std::optional<std::string> stuck_in_the_ledger();

}  // namespace storm
