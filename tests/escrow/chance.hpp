// SPDX-License-Identifier: Apache-2.0
#pragma once

// A small generator of our own, so that a seed means the same everywhere (SplitMix64).

#include <cstdint>
#include <initializer_list>
#include <string>

namespace storm {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % bound;
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::string of(std::initializer_list<char const*> words) { return *(words.begin() + below(words.size())); }

 private:
  std::uint64_t state_;
};

}  // namespace storm
