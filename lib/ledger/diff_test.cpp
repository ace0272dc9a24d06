// SPDX-License-Identifier: Apache-2.0
#include "ledger/diff.hpp"

#include <gtest/gtest.h>

#include <random>

#include "ledger/state.hpp"

namespace ledger {
namespace {

Bytes some(std::mt19937& random, std::size_t keys) { return big_endian(random() % keys); }

/// Few keys are found by their order, many by their hash.
TEST(StateDiff, IsAMapOfAnySize) {
  std::mt19937 random(11);
  for (std::size_t const keys : {20U, 3000U}) {
    StateDiff diff;
    StateDiff::Map expected;
    for (int round = 0; round < 40; ++round) {
      StateDiff above;
      // More than stands below too.
      int const changes = round % 5 == 1 ? 600 : 100;
      for (int i = 0; i < changes; ++i) {
        auto const key = some(random, keys);
        std::optional<Bytes> record;
        if (random() % 3 != 0) record = some(random, 1000);
        if (random() % 4 == 0) {
          bool const fresh = !above.contains(key);
          EXPECT_EQ(above.try_emplace(key, record), fresh);
        } else {
          above[key] = record;
        }
      }
      for (auto const& [key, record] : above) expected[key] = record;
      if (round % 3 == 0) {
        for (auto const& [key, record] : above) diff[key] = record;
      } else {
        diff.merge(std::move(above));
      }
      StateDiff const copy = diff;
      EXPECT_EQ(copy, diff);
      ASSERT_TRUE(std::equal(copy.begin(), copy.end(), expected.begin(), expected.end()));
      for (int i = 0; i < 200; ++i) {
        auto const key = some(random, 2 * keys);
        auto const found = copy.find(key);
        auto const wanted = expected.find(key);
        ASSERT_EQ(found == copy.end(), wanted == expected.end());
        ASSERT_TRUE(wanted == expected.end() || *found == *wanted);
        auto const next = copy.lower_bound(key);
        auto const wanted_next = expected.lower_bound(key);
        ASSERT_EQ(next == copy.end(), wanted_next == expected.end());
        ASSERT_TRUE(wanted_next == expected.end() || next->first == wanted_next->first);
      }
    }
  }
}

TEST(StateDiff, ARememberedStateIsTheStateBelow) {
  MemoryState below;
  below.apply({{big_endian(1), big_endian(10)}, {big_endian(2), big_endian(20)}});
  RememberedState const state(below);
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(state.get(big_endian(1)), big_endian(10));
    EXPECT_EQ(state.get(big_endian(3)), std::nullopt);
  }
}

}  // namespace
}  // namespace ledger
