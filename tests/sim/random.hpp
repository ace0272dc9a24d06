// SPDX-License-Identifier: Apache-2.0
#pragma once

// Chance with a seed: the same numbers with every library, so that a seed repeats any failure.

#include <cstdint>
#include <initializer_list>

namespace sim {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 .. bound - 1; the bias is far below anything that a test could see.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// first .. last.
  std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
  bool percent(std::uint64_t chance) { return below(100) < chance; }
  bool million(std::uint64_t chance) { return below(1'000'000) < chance; }
  std::uint64_t one_of(std::initializer_list<std::uint64_t> values) { return values.begin()[below(values.size())]; }

 private:
  std::uint64_t state_;
};

}  // namespace sim
