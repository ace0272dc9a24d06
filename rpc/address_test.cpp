// SPDX-License-Identifier: Apache-2.0
#include "rpc/address.hpp"

#include <gtest/gtest.h>

namespace rpc {
namespace {

TEST(Addresses, OneAddressHasItsOwnBurstAndGetsItBack) {
  Addresses addresses;
  Addresses::Rate const rate{3, 2};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(addresses.may_ask("a", 1'000, rate));
  EXPECT_FALSE(addresses.may_ask("a", 1'000, rate));
  EXPECT_TRUE(addresses.may_ask("b", 1'000, rate));
  EXPECT_FALSE(addresses.may_ask("a", 1'499, rate));
  EXPECT_TRUE(addresses.may_ask("a", 1'500, rate));
  EXPECT_FALSE(addresses.may_ask("a", 1'500, rate));
}

TEST(Addresses, ConnectionsAreCountedByAddress) {
  Addresses addresses;
  EXPECT_EQ(addresses.opened("a"), 1u);
  EXPECT_EQ(addresses.opened("a"), 2u);
  EXPECT_EQ(addresses.opened("b"), 1u);
  addresses.closed("a");
  EXPECT_EQ(addresses.opened("a"), 2u);
}

TEST(Local, AForeignHostOrOriginIsNot) {
  EXPECT_TRUE(is_local("", ""));
  EXPECT_TRUE(is_local("127.0.0.1:8081", ""));
  EXPECT_TRUE(is_local("localhost", ""));
  EXPECT_TRUE(is_local("[::1]:8081", ""));
  EXPECT_TRUE(is_local("localhost:8081", "http://localhost:8081"));
  EXPECT_FALSE(is_local("evil.example", ""));
  EXPECT_FALSE(is_local("127.0.0.1.evil.example:8081", ""));
  EXPECT_FALSE(is_local("localhost:8081", "http://evil.example"));
  EXPECT_FALSE(is_local("localhost:8081", "http://localhost:9000"));
  EXPECT_FALSE(is_local("localhost:8081", "null"));
}

}  // namespace
}  // namespace rpc
