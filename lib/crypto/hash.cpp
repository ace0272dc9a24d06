// SPDX-License-Identifier: Apache-2.0
// OpenSSL's one-shot interface is three times slower on short inputs than its deprecated context calls, and short
// inputs are all a Merkle tree has.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hash.hpp"

#include <openssl/sha.h>

namespace crypto {

Hash sha256(std::initializer_list<BytesView> parts) {
  SHA256_CTX context;
  CHECK(SHA256_Init(&context) == 1);
  for (auto const part : parts) CHECK(SHA256_Update(&context, part.data(), part.size()) == 1);
  Hash out;
  CHECK(SHA256_Final(out.bytes.data(), &context) == 1);
  return out;
}

Hash hash(Tag tag, std::initializer_list<BytesView> parts) {
  SHA256_CTX context;
  CHECK(SHA256_Init(&context) == 1);
  auto const byte = static_cast<std::uint8_t>(tag);
  CHECK(SHA256_Update(&context, &byte, 1) == 1);
  for (auto const part : parts) CHECK(SHA256_Update(&context, part.data(), part.size()) == 1);
  Hash out;
  CHECK(SHA256_Final(out.bytes.data(), &context) == 1);
  return out;
}

}  // namespace crypto
