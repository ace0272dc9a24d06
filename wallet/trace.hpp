// SPDX-License-Identifier: Apache-2.0
#pragma once

// A verified proof told as steps: what a person wants to read of a product's history.

#include "ledger/proof.hpp"

namespace wallet {

/// Who stands behind a step.
enum class Source { one_party, both_parties, independent, customs };

struct TraceStep {
  ledger::TimeMs time_ms = 0;
  /// handed over, 1,200 KGM
  std::string what;
  std::string place;
  Source source = Source::one_party;
  /// Short names, the giver first.
  std::vector<std::string> signers;
  /// How many recorded events this step is.
  std::size_t events = 0;
  /// False for goods made, moved or handed over outside goods accounting: nobody's accounts say the same.
  bool balanced = true;
  /// ">" transformed, "[" packed, "|" inside its unit, "]" unpacked, " " else.
  char mark = ' ';
};

struct TraceReading {
  std::string name;
  std::string status;
  bool recalled = false;
  /// Lots of this history that were made without a certified source.
  std::vector<std::string> unrooted;
  std::vector<TraceStep> steps;
  std::size_t events = 0;
};

/// Call it only for a proof that verify_trace accepted: it trusts what stands there. Offer and answer, departure and
/// arrival, declaration and release, and packing in two levels are one step each.
TraceReading read_trace(ledger::TraceProof const& proof);

}  // namespace wallet
