// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ed25519 signatures: what validators sign with. Backed by libsodium, whose strict acceptance (no small-order or
// non-canonical key or R, S below the group's order) is the rule of this ledger.

#include "base/bytes.hpp"

namespace crypto {

/// The seed of RFC 8032.
using ValidatorSecret = base::Fixed<struct ValidatorSecretTag, 32>;

base::ValidatorKey validator_key(ValidatorSecret const& secret);
/// True for a canonical point of the prime-order subgroup: the only keys that may be registered.
bool is_validator_key(base::ValidatorKey const& key);
base::ValidatorSignature validator_sign(ValidatorSecret const& secret, base::Hash const& message);
bool validator_verify(base::ValidatorKey const& key, base::Hash const& message,
                      base::ValidatorSignature const& signature);
/// The same over bytes: another engine's votes are not signed by their hash.
base::ValidatorSignature validator_sign_bytes(ValidatorSecret const& secret, base::BytesView message);
bool validator_verify_bytes(base::ValidatorKey const& key, base::BytesView message,
                            base::ValidatorSignature const& signature);

}  // namespace crypto
