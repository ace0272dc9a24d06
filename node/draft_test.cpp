// SPDX-License-Identifier: Apache-2.0
#include "node/draft.hpp"

#include <gtest/gtest.h>

#include "node/execution.hpp"

namespace node {
namespace {

constexpr TimeMs now_ms = 500;
auto const none = [](Hash const&) { return false; };

Pooled pooled(std::uint8_t number, TimeMs valid_until_ms = 1'000) {
  Pooled out;
  out.id.bytes[0] = number;
  out.bytes = std::make_shared<Bytes const>(Bytes(10, number));
  out.leaf = crypto::log_leaf_hash(*out.bytes);
  out.valid_until_ms = valid_until_ms;
  return out;
}

Hash block(std::uint8_t number) { return crypto::sha256(Bytes{number}); }

struct DraftTest : testing::Test {
  void SetUp() override {
    for (std::uint8_t number = 1; number <= 4; ++number) EXPECT_TRUE(pool.add(pooled(number)));
  }
  Draft draft(std::size_t count_max) const {
    return Draft::of(block(1), pool.select(now_ms, {count_max, 1'000, 1'000}, 0, none));
  }
  Mempool pool;
};

TEST_F(DraftTest, IsWhatABlockHolds) {
  auto const made = draft(10);
  auto const transactions = transactions_of(made.payload);
  ASSERT_TRUE(transactions);
  std::vector<Bytes> expected;
  std::vector<Hash> leaves;
  for (std::uint8_t number = 1; number <= 4; ++number) {
    expected.push_back(Bytes(10, number));
    leaves.push_back(pooled(number).leaf);
  }
  EXPECT_EQ(*transactions, expected);
  EXPECT_EQ(made.root, crypto::log_root(leaves));
  EXPECT_FALSE(made.ends_epoch);
  auto last = pooled(5);
  last.ends_epoch = true;
  ASSERT_TRUE(pool.add(last));
  EXPECT_TRUE(draft(10).ends_epoch);
  EXPECT_FALSE(draft(4).ends_epoch) << "the last one is not in it";
}

TEST_F(DraftTest, FitsItsParentAlone) {
  auto const made = draft(10);
  EXPECT_TRUE(made.fits(block(1), now_ms, pool));
  EXPECT_FALSE(made.fits(block(2), now_ms, pool));
}

TEST_F(DraftTest, WhatHasComeSinceIsNotLeftOutWhereThereIsRoom) {
  auto const made = draft(10);
  auto const full = draft(3);
  ASSERT_TRUE(pool.add(pooled(5)));
  EXPECT_FALSE(made.fits(block(1), now_ms, pool));
  EXPECT_TRUE(full.fits(block(1), now_ms, pool)) << "it would not have been in it";
}

TEST_F(DraftTest, WhatMayStandInABlockByNowIsNotLeftOutEither) {
  auto early = pooled(5);
  early.valid_from_ms = now_ms + 20;
  ASSERT_TRUE(pool.add(early));
  auto const made = draft(10);
  auto const full = draft(3);
  EXPECT_TRUE(made.fits(block(1), now_ms + 19, pool));
  EXPECT_FALSE(made.fits(block(1), now_ms + 20, pool));
  EXPECT_TRUE(full.fits(block(1), now_ms + 20, pool));
}

TEST_F(DraftTest, FitsWhileAllOfItIsValid) {
  ASSERT_TRUE(pool.add(pooled(5, now_ms + 20)));
  auto const made = draft(10);
  EXPECT_TRUE(made.fits(block(1), now_ms + 20, pool));
  EXPECT_FALSE(made.fits(block(1), now_ms + 21, pool));
}

TEST(BlockAim, FollowsHowLongBlocksTake) {
  BlockAim aim;
  auto const first = aim.bytes();
  aim.decided(first, block_ms_aim);
  EXPECT_EQ(aim.bytes(), 2 * first) << "a full block that was fast";
  aim.decided(first, block_ms_aim);
  EXPECT_EQ(aim.bytes(), 2 * first) << "it was not full";
  aim.decided(2 * first, 4 * block_ms_aim);
  EXPECT_EQ(aim.bytes(), first / 2) << "what would have been in time";
  aim.decided(2 * first, 2 * block_ms_aim);
  EXPECT_EQ(aim.bytes(), first / 2) << "a slow one allows no more";
  aim.decided(100, 60'000);
  EXPECT_EQ(aim.bytes(), block_bytes_min);
  for (int i = 0; i < 60; ++i) aim.decided(aim.bytes(), 0);
  EXPECT_EQ(aim.bytes(), consensus::payload_bytes_max);
}

}  // namespace
}  // namespace node
