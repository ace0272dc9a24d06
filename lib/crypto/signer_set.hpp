// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a light client needs of a validator set: the keys. The rest of it stands in the set's hash by one hash of its
// own, so that a proof spares 64 bytes a validator.

#include "crypto/certificate.hpp"

namespace crypto {

struct SignerSet {
  base::List<base::ValidatorKey, validators_max> keys;
  /// SHA-256 of each validator's party and TLS key, in order.
  base::Hash others;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("keys", self.keys);
    visit("others", self.others);
  }
  SignerSet() = default;
  SignerSet(ValidatorSet const& set);  // NOLINT: each set has one of these, and a proof takes it.
  bool operator==(SignerSet const&) const = default;

  std::size_t size() const { return keys.size(); }
  /// H(09 ‖ canonical bytes).
  base::Hash hash() const;
  /// The set with its keys alone, which is all that signatures are checked with.
  ValidatorSet keyed() const;
};

}  // namespace crypto
