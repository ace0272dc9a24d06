// SPDX-License-Identifier: Apache-2.0
#pragma once

// BIP-340 signatures over secp256k1: what organisations and devices sign with. Backed by libsecp256k1.

#include <array>
#include <map>
#include <optional>

#include "base/bytes.hpp"

namespace crypto {

using PartySecret = base::Fixed<struct PartySecretTag, 32>;

/// The x-only public key; nothing for a secret that is zero or beyond the curve's order.
std::optional<base::PartyKey> party_key(PartySecret const& secret);
/// True when the 32 bytes are a point on the curve.
bool is_party_key(base::PartyKey const& key);
/// Signs 32 bytes. `aux` is fresh randomness (BIP-340, default signing); the same value gives the same signature. The
/// secret must be one that party_key accepts.
base::PartySignature party_sign(PartySecret const& secret, base::Hash const& message, base::Hash const& aux);
bool party_verify(base::PartyKey const& key, base::Hash const& message, base::PartySignature const& signature);

/// Checks of signatures by keys that mostly repeat: finding a key's point takes an eighth of the time of a check, and
/// is done once for each. Holds 96 bytes a key; of one thread.
class PartyVerifier {
 public:
  bool verify(base::PartyKey const& key, base::Hash const& message, base::PartySignature const& signature);

 private:
  /// As libsecp256k1 holds it; nothing for what is no point.
  using Point = std::optional<std::array<unsigned char, 64>>;
  std::map<base::PartyKey, Point> points_;
};

}  // namespace crypto
