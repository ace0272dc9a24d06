// SPDX-License-Identifier: Apache-2.0
#pragma once

// A journey of journeys.json as what its parties sign: for each step the events and operations, in order, with their
// signers.

#include "testnet/world.hpp"

namespace testnet {

/// One transaction.
struct Act {
  /// Codes of the organisations; the first is the actor.
  std::vector<std::string> signers;
  std::vector<std::string> events;
  std::vector<ledger::Operation> operations;
  ledger::TimeMs time_ms = 0;
};

struct Step {
  unsigned number = 0;
  std::string kind;
  /// One line for a terminal.
  std::string title;
  std::string place;
  ledger::TimeMs time_ms = 0;
  std::vector<Act> acts;
};

struct Story {
  std::string name;
  std::string title;
  std::vector<Step> steps;
  /// Certificates that its members hold before the first step.
  std::vector<Act> certificates;
};

/// Reads one journey; E_ENCODING names a step of a kind that cannot be told. `code_key`: of the covered code inside the
/// item that is sold, with which its buyer may claim it.
base::Result<Story> tell(base::Value const& journeys, std::string_view name, World const& world,
                         base::PartyKey const& code_key);

}  // namespace testnet
