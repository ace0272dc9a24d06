// SPDX-License-Identifier: Apache-2.0
// OpenSSL's one-shot interface is three times slower on short inputs than its deprecated context calls, and short
// inputs are all a Merkle tree has.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hash.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace crypto {

namespace {

/// Shorter inputs are put together first: each call that adds a part takes as long as hashing some bytes.
constexpr std::size_t gathered_max = 192;

Hash digest(BytesView first, std::initializer_list<BytesView> parts) {
  SHA256_CTX context;
  CHECK(SHA256_Init(&context) == 1);
  std::size_t bytes = first.size();
  for (auto const part : parts) bytes += part.size();
  if (bytes <= gathered_max) {
    std::array<std::uint8_t, gathered_max> gathered;
    auto* end = std::copy(first.begin(), first.end(), gathered.data());
    for (auto const part : parts) end = std::copy(part.begin(), part.end(), end);
    CHECK(SHA256_Update(&context, gathered.data(), bytes) == 1);
  } else {
    CHECK(SHA256_Update(&context, first.data(), first.size()) == 1);
    for (auto const part : parts) CHECK(SHA256_Update(&context, part.data(), part.size()) == 1);
  }
  Hash out;
  CHECK(SHA256_Final(out.bytes.data(), &context) == 1);
  return out;
}

}  // namespace

Hash sha256(std::initializer_list<BytesView> parts) { return digest({}, parts); }

Hash hash(Tag tag, std::initializer_list<BytesView> parts) {
  auto const byte = static_cast<std::uint8_t>(tag);
  return digest({&byte, 1}, parts);
}

}  // namespace crypto
