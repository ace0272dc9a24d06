// SPDX-License-Identifier: Apache-2.0
#pragma once

// What can be said of terms before anybody signs them: that they keep the guarantees G1 to G8, when they end at the
// latest, what each role gets at worst and at best, what silence does, what they cost, what is worth a second look.

#include "contracts/escrow/interval.hpp"
#include "contracts/escrow/terms.hpp"

namespace contracts::escrow {

/// Sums over a whole life of a contract that starts now; the residuals are in them.
struct Prospect {
  std::size_t role = 0;
  std::size_t asset = 0;
  Interval paid_in;
  Interval paid_out;
  /// Paid out less paid in, of one and the same life.
  Interval net;
};

struct Warning {
  enum class Kind : std::uint8_t {
    /// The state is never reached.
    unreachable,
    /// The case or end can never be taken.
    never,
    /// A step can ask a pot for more than it holds.
    clamped,
    /// A share or a factor can leave the values that make sense for it.
    domain,
    /// A condition that is asserted may not hold.
    assertion,
    /// The deadline is past when the state is entered.
    past,
    /// On silence the receiver's side is paid though an offer may stand unanswered (G10).
    unanswered,
  };
  Kind kind = Kind::unreachable;
  std::string path;
  std::string detail;
};

/// What silence alone makes of a state, from its entry to the end of the lane.
struct Silence {
  std::size_t state = 0;
  /// The ways it can take: of each the states on it and, per role and pot, the least and most paid.
  struct Way {
    std::vector<std::size_t> states;
    /// It depends on a condition.
    bool conditional = false;
  };
  std::vector<Way> ways;
};

struct Report {
  /// No life lasts longer.
  TimeMs ends_ms = 0;
  std::vector<Prospect> prospects;
  std::vector<Silence> silences;
  std::vector<Warning> warnings;
  /// Units of work: of the dearest transition, of the dearest life.
  std::uint64_t transition_work = 0;
  std::uint64_t life_work = 0;
  /// States times counter values, and operations that the analysis took.
  std::size_t places = 0;
  std::size_t operations = 0;
};

/// The verdict of analyse, how many operations it took to find, and the units of work of the dearest life.
struct Judged {
  Result<void> sound;
  std::size_t operations = 0;
  std::uint64_t life_work = 0;
};
Judged judge(Terms const& terms);

/// The whole report, for a contract that is opened at this time. E_ANALYSIS with the path that breaks a guarantee.
Result<Report> report(Terms const& terms, TimeMs start_ms);

}  // namespace contracts::escrow
