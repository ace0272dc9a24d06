// SPDX-License-Identifier: Apache-2.0
#pragma once

// Validators that go, come back and take other keys, one after the other, by proposals and votes of the organisation
// that runs them all. Which must be validators afterwards, the judge works out by itself from what was decided.

#include <map>
#include <set>
#include <vector>

#include "crypto/certificate.hpp"
#include "ledger/genesis.hpp"
#include "ledger/governance.hpp"
#include "random.hpp"

namespace sim {

/// The keyed hashes that stand for signatures need a secret that is its own key; the law wants a point of the curve.
crypto::ValidatorSecret make_secret(std::uint8_t number, bool real_signatures);
base::ValidatorKey key_of(crypto::ValidatorSecret const& secret, bool real_signatures);

/// The validators after an epoch in which these changes were accepted and those keys were proven faulty.
crypto::ValidatorSet next_validators(crypto::ValidatorSet const& before,
                                     std::vector<ledger::NetworkChange> const& accepted,
                                     std::set<base::ValidatorKey> const& accused);

class Membership {
 public:
  Membership(ledger::Genesis const& genesis, std::vector<crypto::ValidatorSecret> secrets, bool real_signatures);

  /// All that a validator of the genesis has had.
  std::vector<crypto::ValidatorSecret> const& secrets_of(std::size_t place) const { return secrets_[place]; }
  /// Its place in the genesis, whatever key it has.
  std::size_t place_of(base::ValidatorKey const& key) const { return places_.at(key); }

  /// Draws the next change of this set. Nobody leaves when no fault could be borne without him.
  ledger::NetworkChange draw(crypto::ValidatorSet const& now, Random& random);

 private:
  bool real_signatures_;
  std::vector<crypto::Validator> genesis_;
  std::vector<std::vector<crypto::ValidatorSecret>> secrets_;
  std::map<base::ValidatorKey, std::size_t> places_;
  std::uint8_t made_ = 0x80;
};

}  // namespace sim
