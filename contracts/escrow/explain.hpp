// SPDX-License-Identifier: Apache-2.0
#pragma once

// A contract told to people: what was done, what it waits for, what happens then, who can do what, what was paid.
// Everything said follows from the terms and the record; what could still be paid at best or worst is not guessed.

#include "contracts/escrow/analyse.hpp"

namespace contracts::escrow {

enum class Language : std::uint8_t { en, zh };

/// What the terms and the record do not know. Lists follow the terms.
struct Naming {
  /// Of each role: its party's short name.
  std::vector<std::string> parties;
  /// Of each asset: decimal places.
  std::vector<unsigned> scales;
};

struct Explanation {
  enum class When : std::uint8_t { done, now, later };
  struct Row {
    When when = When::done;
    /// A name of the terms.
    std::string state;
    std::string text;
    /// Done: when it happened; now: the deadline; later: 0.
    TimeMs time_ms = 0;
  };
  /// What a lane waits for, and what follows.
  struct Ahead {
    std::string state;
    std::string text;
    std::vector<std::string> results;
    /// Of a deadline.
    std::optional<TimeMs> due_ms;
  };
  /// An act that a party may do now. `state` and `case_index` are those of the operation; a handover has none.
  struct Act {
    std::string party;
    std::string role;
    std::string text;
    std::string state;
    std::optional<std::size_t> case_index;
  };
  struct Total {
    std::string party;
    std::string asset;
    std::string paid_in;
    std::string paid_out;
  };
  /// Per asset: what was paid in equals what was paid out and what is held.
  struct Sum {
    std::string asset;
    std::string paid_in;
    std::string paid_out;
    std::string held;
  };
  std::string label;
  std::string title;
  bool ended = false;
  std::vector<Row> rows;
  /// In the order of lanes; of a lane first the events, then the deadline.
  std::vector<Ahead> ahead;
  std::vector<Act> acts;
  std::vector<Total> totals;
  std::vector<Sum> sums;
};

Explanation explain(Terms const& terms, ledger::ContractRecord const& contract, Naming const& naming,
                    Language language);

/// What silence brings in a state, end by end: a condition where there are several, then what follows. Roles stand for
/// their parties, amounts are in minor units.
std::vector<std::string> silence(Terms const& terms, std::size_t state, Language language);

/// A warning of the analysis in words, without its path.
std::string words(Warning const& warning, Language language);

/// 2900000 with scale 2: "29,000.00".
std::string grouped(Amount amount, unsigned scale);

}  // namespace contracts::escrow
