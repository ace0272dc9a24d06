// SPDX-License-Identifier: Apache-2.0
#pragma once

// Chance for tests, from a seed: splitmix64, the same sequence everywhere.

#include <cstdint>

namespace contracts::goods::test {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  template <class List>
  auto const& one_of(List const& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace contracts::goods::test
