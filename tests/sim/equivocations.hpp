// SPDX-License-Identifier: Apache-2.0
#pragma once

// The second half of P12: who is handed two votes that contradict each other, by the one who signed them, accuses him
// at once. Machines may forget what they were told before a restart, of another epoch, or of views that are long over,
// and need not keep what came too late to count; whatever else they hold, they compare with what arrives.

#include <map>
#include <set>

#include "machine.hpp"
#include "node/wire.hpp"

namespace sim {

class Equivocations {
 public:
  /// What a machine said of itself just before it was handed something.
  struct Moment {
    unsigned starts = 0;
    std::uint64_t epoch = 0;
    consensus::View view = 0;
    /// It takes part.
    bool votes = false;
  };
  static Moment moment_of(Machine const& machine);

  void accuses(Machine const& machine, Place guilty, crypto::Evidence const& evidence);
  /// What somebody signs in a message of his own: a vote, or a whole proposal, which is one of its leader's.
  struct Said {
    crypto::Ballot ballot;
    bool proposes = false;
  };
  static std::optional<Said> said_in(node::Frame const& frame);
  /// By a validator of the genesis. What the machine should have said and did not, in words.
  std::optional<std::string> handed(Machine const& machine, Moment const& before, Place signer, Said const& said);
  /// Pairs that had to be accused, and were.
  std::uint64_t checked() const { return checked_; }

 private:
  /// Of one machine, from its start or an epoch's beginning on.
  struct Seen {
    unsigned starts = 0;
    std::uint64_t epoch = 0;
    std::map<consensus::View, std::map<Place, std::vector<crypto::Ballot>>> held;
    std::set<std::pair<Place, crypto::Offence>> accused;
  };
  Seen& seen_by(Machine const& machine, std::uint64_t epoch);

  std::map<std::size_t, Seen> machines_;
  std::uint64_t checked_ = 0;
};

}  // namespace sim
