// SPDX-License-Identifier: Apache-2.0
#include "node/budget.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

TEST(PeerBudget, ReadsAtTheRateWhatIsBeyondTheBurst) {
  PeerLimits const limits{1'000'000, 1'000, 100, 1'000, 0, 10};
  PeerBudget budget;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(budget.frame(limits, 5'000, 0).wait_us, 0);
  EXPECT_EQ(budget.frame(limits, 5'000, 0).wait_us, 1'000);
  EXPECT_EQ(budget.frame(limits, 5'000, 1'000).wait_us, 3'000) << "a millisecond for its bytes, one for the frame";
  EXPECT_EQ(budget.handshake(limits, 5'000).wait_us, 103'000);
  EXPECT_EQ(budget.frame(limits, 6'000, 0).wait_us, 0);
}

TEST(PeerBudget, IsAFloodAfterItsPatienceAndBeginsAnewThen) {
  PeerLimits const limits{1'000'000, 1'000, 100, 1'000, 0, 10};
  PeerBudget budget;
  std::uint64_t now_ms = 0;
  bool flood = false;
  for (; !flood; ++now_ms) {
    flood = budget.frame(limits, now_ms, 0).flood || budget.frame(limits, now_ms, 0).flood;
  }
  EXPECT_GT(now_ms, 1'100);
  EXPECT_LT(now_ms, 1'110);
  EXPECT_EQ(budget.frame(limits, now_ms, 0).wait_us, 0);
}

TEST(CallerBudget, AdmitsSoManyHandshakesOfOneAddressAndOthersBesides) {
  CallerBudget budget;
  for (std::uint64_t i = 0; i < address_handshakes_at_once; ++i) EXPECT_TRUE(budget.admits("10.0.0.1", 1'000)) << i;
  EXPECT_FALSE(budget.admits("10.0.0.1", 1'000));
  EXPECT_TRUE(budget.admits("10.0.0.2", 1'000));
  std::size_t more = 0;
  for (std::uint64_t now_ms = 1'001; now_ms <= 2'000; ++now_ms) more += budget.admits("10.0.0.1", now_ms);
  EXPECT_EQ(more, address_handshakes_per_s);
}

TEST(CallerBudget, KnowsSoManyAddressesAndForgetsTheIdleFirst) {
  CallerBudget budget;
  for (std::uint64_t i = 0; i < address_handshakes_at_once; ++i) budget.admits("busy", 1'000);
  for (std::size_t i = 0; i < 2 * addresses_max; ++i) EXPECT_TRUE(budget.admits(std::to_string(i), 1'000));
  EXPECT_LE(budget.size(), addresses_max);
  EXPECT_FALSE(budget.admits("busy", 1'000));
}

TEST(Strangers, TheOneThatHoldsMostPlacesYieldsItsOldest) {
  EXPECT_EQ(who_yields({"validator", "flood", "flood", "other"}), 1);
  EXPECT_EQ(who_yields({"one", "one", "one"}), 0);
  EXPECT_EQ(who_yields({"a", "b", "c"}), 0);
}

}  // namespace
}  // namespace node
