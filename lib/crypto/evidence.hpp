// SPDX-License-Identifier: Apache-2.0
#pragma once

// Two votes that no honest validator signs both. Anybody can check them with nothing but the chain's id; whether the
// key was a validator of that epoch, the state knows.

#include "crypto/certificate.hpp"

namespace crypto {

struct SignedBallot {
  Ballot ballot;
  base::ValidatorSignature signature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("ballot", self.ballot);
    visit("signature", self.signature);
  }
  bool operator==(SignedBallot const&) const = default;
};

/// What one validator did in one view. A second block proposed is a second Notarize: a proposal carries the leader's.
enum class Offence : std::uint8_t { two_notarize, nullify_and_finalize, two_finalize };
constexpr std::uint8_t enum_count(Offence) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(Offence) {
  return {"two_notarize", "nullify_and_finalize", "two_finalize"};
}

struct Evidence {
  base::ValidatorKey key;
  /// The lesser ballot first, so that two votes make one evidence.
  SignedBallot first, second;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("key", self.key);
    visit("first", self.first);
    visit("second", self.second);
  }
  bool operator==(Evidence const&) const = default;

  std::uint64_t epoch() const { return first.ballot.epoch; }
};

/// Nothing when one honest validator may sign both.
std::optional<Offence> offence_of(Ballot const& first, Ballot const& second);
/// The votes in their order.
Evidence make_evidence(base::ValidatorKey const& key, SignedBallot first, SignedBallot second);
/// True when both votes are of this chain, hold, and are an offence.
bool verify(Evidence const& evidence, base::Hash const& chain, SignatureCheck check = validator_verify);

}  // namespace crypto
