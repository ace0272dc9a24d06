// SPDX-License-Identifier: Apache-2.0
#include "base/seeded_hash.hpp"

#include <algorithm>
#include <cstring>

namespace base {

namespace {

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using u128 = unsigned __int128;
  auto const product = static_cast<u128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::uint64_t seeded_hash(BytesView key, std::uint64_t seed) {
  auto out = seed ^ key.size();
  for (std::size_t i = 0; i < key.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data() + i, std::min<std::size_t>(8, key.size() - i));
    out = fold(out ^ word, 0x9e3779b97f4a7c15) + seed;
  }
  return out;
}

std::uint64_t seed_of(std::uint64_t number) { return fold(number, 0xd1342543de82ef95); }

}  // namespace base
