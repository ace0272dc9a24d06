// SPDX-License-Identifier: Apache-2.0
#pragma once

// What key derivation (BIP-32) asks of secp256k1.

#include "crypto/party.hpp"

namespace crypto {

/// The public key with the parity of its y: 33 bytes (SEC 1, compressed). Nothing for a secret beyond the order.
std::optional<base::Bytes> compressed_key(PartySecret const& secret);
/// secret + tweak modulo the curve's order; nothing when the tweak is beyond the order or the sum is zero.
std::optional<PartySecret> add_secret(PartySecret const& secret, base::BytesView tweak);

}  // namespace crypto
