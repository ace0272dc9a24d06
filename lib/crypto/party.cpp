// SPDX-License-Identifier: Apache-2.0
#include "crypto/party.hpp"

#include <secp256k1.h>
#include <secp256k1_schnorrsig.h>

#include <cstring>

#include "base/check.hpp"
#include "crypto/derive.hpp"

namespace crypto {

namespace {
// Made once and only read afterwards, so that threads may share it.
secp256k1_context const* context() {
  static secp256k1_context const* const made = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  return made;
}
}  // namespace

std::optional<base::PartyKey> party_key(PartySecret const& secret) {
  secp256k1_keypair pair;
  if (secp256k1_keypair_create(context(), &pair, secret.bytes.data()) != 1) return std::nullopt;
  secp256k1_xonly_pubkey point;
  CHECK(secp256k1_keypair_xonly_pub(context(), &point, nullptr, &pair) == 1);
  base::PartyKey key;
  CHECK(secp256k1_xonly_pubkey_serialize(context(), key.bytes.data(), &point) == 1);
  return key;
}

bool is_party_key(base::PartyKey const& key) {
  secp256k1_xonly_pubkey point;
  return secp256k1_xonly_pubkey_parse(context(), &point, key.bytes.data()) == 1;
}

base::PartySignature party_sign(PartySecret const& secret, base::Hash const& message, base::Hash const& aux) {
  secp256k1_keypair pair;
  CHECK(secp256k1_keypair_create(context(), &pair, secret.bytes.data()) == 1);
  base::PartySignature signature;
  CHECK(secp256k1_schnorrsig_sign32(context(), signature.bytes.data(), message.bytes.data(), &pair, aux.bytes.data()) ==
        1);
  return signature;
}

bool party_verify(base::PartyKey const& key, base::Hash const& message, base::PartySignature const& signature) {
  return PartyVerifier().verify(key, message, signature);
}

bool PartyVerifier::verify(base::PartyKey const& key, base::Hash const& message,
                           base::PartySignature const& signature) {
  secp256k1_xonly_pubkey point;
  static_assert(sizeof point.data == sizeof(Point::value_type));
  auto const [found, is_new] = points_.try_emplace(key);
  if (is_new && secp256k1_xonly_pubkey_parse(context(), &point, key.bytes.data()) == 1) {
    std::memcpy(found->second.emplace().data(), point.data, sizeof point.data);
  }
  if (!found->second) return false;
  std::memcpy(point.data, found->second->data(), sizeof point.data);
  return secp256k1_schnorrsig_verify(context(), signature.bytes.data(), message.bytes.data(), message.bytes.size(),
                                     &point) == 1;
}

std::optional<base::Bytes> compressed_key(PartySecret const& secret) {
  secp256k1_pubkey point;
  if (secp256k1_ec_pubkey_create(context(), &point, secret.bytes.data()) != 1) return std::nullopt;
  base::Bytes out(33);
  std::size_t size = out.size();
  CHECK(secp256k1_ec_pubkey_serialize(context(), out.data(), &size, &point, SECP256K1_EC_COMPRESSED) == 1);
  return out;
}

std::optional<PartySecret> add_secret(PartySecret const& secret, base::BytesView tweak) {
  CHECK(tweak.size() == PartySecret::size);
  auto sum = secret;
  if (secp256k1_ec_seckey_tweak_add(context(), sum.bytes.data(), tweak.data()) != 1) return std::nullopt;
  return sum;
}

}  // namespace crypto
