// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every order in which messages can arrive, timeouts come and validators crash: three honest validators that run the
// real core, and a liar who signs everything and sends what it likes to whom it likes. What was said can arrive at any
// time or never. Each state of a validator is stepped once for each event and then known, so the walk over the states
// of all three handles numbers only; a step of it is what one validator goes through until it says something.

#include <array>

#include "party.hpp"

namespace explore {

constexpr std::size_t honest_count = 3;

enum class Liar : std::uint8_t { leads_first, leads_second, follows };

struct Setup {
  std::string name;
  Liar liar = Liar::follows;
  /// Crashes of all together, each of a validator at most once.
  unsigned crashes_max = 0;
  /// Who comes back computes other results.
  bool diverges = false;
  /// The planted fault, and what a finding must begin with; other findings are passed over then.
  consensus::Mutants mutants;
  std::string expected;
};

struct Report {
  std::uint64_t states = 0, transitions = 0;
  /// States of single validators, and how many of them were reached in a second way and seen to act alike.
  std::uint64_t parts = 0, compared = 0;
  /// The first thing that must not be, or empty.
  std::string finding;
  /// How it came to that.
  std::vector<std::string> path;
  /// The walk was given up at states_max.
  bool cut = false;
};

Report explore(Setup const& setup);

}  // namespace explore
