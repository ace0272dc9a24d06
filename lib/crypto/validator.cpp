// SPDX-License-Identifier: Apache-2.0
#include "crypto/validator.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace crypto {

namespace {
struct Pair {
  base::ValidatorKey key;
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
  explicit Pair(ValidatorSecret const& seed) {
    CHECK(crypto_sign_seed_keypair(key.bytes.data(), secret.data(), seed.bytes.data()) == 0);
  }
  ~Pair() { sodium_memzero(secret.data(), secret.size()); }
  Pair(Pair const&) = delete;
  Pair& operator=(Pair const&) = delete;
};
}  // namespace

base::ValidatorKey validator_key(ValidatorSecret const& secret) { return Pair(secret).key; }

bool is_validator_key(base::ValidatorKey const& key) {
  return crypto_core_ed25519_is_valid_point(key.bytes.data()) == 1;
}

base::ValidatorSignature validator_sign(ValidatorSecret const& secret, base::Hash const& message) {
  return validator_sign_bytes(secret, message.view());
}

bool validator_verify(base::ValidatorKey const& key, base::Hash const& message,
                      base::ValidatorSignature const& signature) {
  return validator_verify_bytes(key, message.view(), signature);
}

base::ValidatorSignature validator_sign_bytes(ValidatorSecret const& secret, base::BytesView message) {
  Pair const pair(secret);
  base::ValidatorSignature signature;
  CHECK(crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(), pair.secret.data()) == 0);
  return signature;
}

bool validator_verify_bytes(base::ValidatorKey const& key, base::BytesView message,
                            base::ValidatorSignature const& signature) {
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(), key.bytes.data()) == 0;
}

}  // namespace crypto
