// SPDX-License-Identifier: Apache-2.0
#include "ledger/diff.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "ledger/state.hpp"

namespace ledger {
namespace {

Bytes copied(BytesView bytes) { return {bytes.begin(), bytes.end()}; }
std::optional<Bytes> copied(std::optional<BytesView> const& bytes) {
  return bytes ? std::optional(copied(*bytes)) : std::nullopt;
}

Bytes some(std::mt19937& random, std::size_t keys) { return big_endian(random() % keys); }

/// Few keys are found by their order, many by their hash.
TEST(StateDiff, IsAMapOfAnySize) {
  std::mt19937 random(11);
  for (std::size_t const keys : {20U, 3000U}) {
    StateDiff diff;
    std::map<Bytes, std::optional<Bytes>> expected;
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
      for (auto const& [key, record] : above) expected[copied(key)] = copied(record);
      if (round % 3 == 0) {
        for (auto const& [key, record] : above) diff[key] = record;
      } else {
        diff.merge(std::move(above));
      }
      StateDiff const copy = diff;
      EXPECT_EQ(copy, diff);
      ASSERT_EQ(copy.size(), expected.size());
      auto next_wanted = expected.begin();
      for (auto const& [key, record] : copy) {
        ASSERT_EQ(copied(key), next_wanted->first);
        ASSERT_EQ(copied(record), next_wanted++->second);
      }
      for (int i = 0; i < 200; ++i) {
        auto const key = some(random, 2 * keys);
        auto const* const found = copy.find(key);
        auto const wanted = expected.find(key);
        ASSERT_EQ(found == nullptr, wanted == expected.end());
        ASSERT_TRUE(found == nullptr || copied(found->record()) == wanted->second);
        auto const next = copy.lower_bound(key);
        auto const wanted_next = expected.lower_bound(key);
        ASSERT_EQ(next == copy.end(), wanted_next == expected.end());
        ASSERT_TRUE(wanted_next == expected.end() || copied(next->first) == wanted_next->first);
      }
    }
  }
}

TEST(StateDiff, ACopyStaysAsItWas) {
  for (auto const keys : {std::uint8_t{3}, std::uint8_t{100}}) {
    StateDiff diff;
    for (std::uint8_t i = 0; i < keys; ++i) diff[Bytes{i}] = Bytes(4, i);
    StateDiff const before = diff;
    StateDiff wanted;
    // As long as before, shorter, longer, gone.
    for (std::uint8_t i = 0; i < keys; ++i) {
      std::optional<Bytes> const record = i % 4 == 3 ? std::nullopt : std::optional(Bytes(4 + i % 3 - 1, 200));
      diff[Bytes{i}] = record;
      wanted[Bytes{i}] = record;
    }
    EXPECT_EQ(diff, wanted);
    EXPECT_NE(diff, before);
    for (std::uint8_t i = 0; i < keys; ++i) EXPECT_EQ(copied(before.find(Bytes{i})->record()), Bytes(4, i));
    auto const moved = std::move(diff);
    EXPECT_EQ(moved, wanted);
    EXPECT_TRUE(diff.empty());
    diff[Bytes{1}] = Bytes{2};
    EXPECT_EQ(diff.size(), 1U);
    // Both go on.
    auto one = before;
    auto other = before;
    one[Bytes{1}] = Bytes(4, 77);
    one[Bytes{201}] = Bytes{1};
    other[Bytes{1}] = Bytes(4, 88);
    other[Bytes{202}] = Bytes{2};
    EXPECT_EQ(copied(one.find(Bytes{1})->record()), Bytes(4, 77));
    EXPECT_EQ(copied(other.find(Bytes{1})->record()), Bytes(4, 88));
    EXPECT_EQ(copied(one.find(Bytes{201})->record()), Bytes{1});
    EXPECT_EQ(copied(other.find(Bytes{202})->record()), Bytes{2});
    EXPECT_EQ(copied(before.find(Bytes{1})->record()), Bytes(4, 1));
  }
}

TEST(StateDiff, ARememberedStateIsTheStateBelow) {
  MemoryState below;
  below.apply({{big_endian(1), big_endian(10)}, {big_endian(2), big_endian(20)}});
  RememberedState const state(below);
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(state.get(big_endian(1)), big_endian(10));
    EXPECT_EQ(state.get(big_endian(3)), std::nullopt);
    // It does not ask again.
    below.apply({{big_endian(1), Bytes{1}}, {big_endian(3), Bytes{3}}});
  }
}

TEST(StateDiff, WhatIsExpectedIsReadAtOnce) {
  auto const below = std::make_shared<MemoryState>();
  below->apply({{big_endian(1), big_endian(10)}, {big_endian(2), big_endian(20)}, {big_endian(4), big_endian(40)}});
  auto const diff = std::make_shared<StateDiff const>(
      StateDiff{{big_endian(2), std::nullopt}, {big_endian(4), big_endian(41)}, {big_endian(5), Bytes{}}});
  LayeredState const layered(below, diff);
  RememberedState const state(layered);
  EXPECT_EQ(state.get(big_endian(1)), big_endian(10));
  Overlay block(state);
  Overlay above(block);
  above.put(big_endian(4), Bytes{4});
  std::vector<Bytes> keys;
  for (std::uint64_t i = 1; i <= 6; ++i) keys.insert(keys.end(), 1 + i % 2, big_endian(i));
  above.expect(keys);
  below->apply({{big_endian(1), std::nullopt}, {big_endian(3), Bytes{3}}, {big_endian(6), Bytes{6}}});
  EXPECT_EQ(above.get(big_endian(1)), big_endian(10));
  EXPECT_EQ(above.get(big_endian(2)), std::nullopt);
  EXPECT_EQ(above.get(big_endian(3)), std::nullopt);
  EXPECT_EQ(above.get(big_endian(4)), Bytes{4});
  EXPECT_EQ(block.get(big_endian(4)), big_endian(41));
  EXPECT_EQ(above.get(big_endian(5)), Bytes{});
  EXPECT_EQ(above.get(big_endian(6)), std::nullopt);
}

}  // namespace
}  // namespace ledger
