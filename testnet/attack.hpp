// SPDX-License-Identifier: Apache-2.0
#pragma once

// What somebody tries beside a journey, from an entry of `adversarial`: moves, each with the code it must end with, and
// what must hold after them. The form is told in docs/journeys.md.

#include "testnet/performance.hpp"

namespace testnet {

struct Move {
  /// Nobody signs: only the clock moves to the act's time.
  Act act;
  std::string gives = "done";
  /// The operation tells that this organisation's validator signed two results of one height; Chain::equivocate.
  std::string equivocates;
  /// Instead of an act: the bytes of the last one go to all nodes again, so often.
  std::size_t repeats = 0;
  /// Instead of an act: what must be so, in the members that docs/journeys.md names.
  base::Value check;
};

struct Attack {
  std::string id;
  std::string text;
  std::string expected;
  /// Where another test plays it; empty when it is played here.
  std::string elsewhere;
  /// It comes before this act of this step; after all steps when the step is 0.
  unsigned before = 0;
  std::size_t act = 0;
  /// On a network of its own: the journey takes another way, or ends here.
  bool alone = false;
  bool ends = false;
  /// The variant of a journey that is the attack; else empty.
  std::string variant;
  /// Money of the end that differs from the file's, by code.
  std::map<std::string, ledger::Amount> money;
  /// Members of `play`.
  std::vector<base::Value> play;
};

/// Attacks that are known, in a document with the member `adversarial`, and the file whose journeys they are played in.
struct Known {
  base::Value attacks;
  base::Value journeys;
};

/// Those of one journey in the file. An entry that does not say how it is played takes that from the known one with its
/// sentence, numbers, codes and serials apart (likeness.hpp); E_FORM names one without. `all`: the known entries that
/// the file does not have, too.
base::Result<std::vector<Attack>> attacks_of(base::Value const& journeys, Known const& known, std::string_view journey,
                                             bool all);

/// The moves, in order. A contract that is named "${contract}" has an id of zeros: assail() fills it in.
base::Result<std::vector<Move>> moves_of(Attack const& attack, base::Value const& journeys, Story const& story,
                                         World const& world, KeyOf const& key_of);

/// Plays the journey with these attacks, each at its place, and checks it unless one of them ended it.
base::Result<void> perform(Performance& performance, std::vector<Attack> const& attacks,
                           std::vector<std::vector<Move>> const& moves, Tell const& tell);

}  // namespace testnet
