// SPDX-License-Identifier: Apache-2.0
#include "testnet/network.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace testnet {
namespace {

namespace fs = std::filesystem;

TEST(Network, OnlyItsOwnFolderIsCleared) {
  auto const home = fs::path(testing::TempDir()) / "cleared_network";
  fs::remove_all(home);
  EXPECT_TRUE(clear_network(home)) << "nothing is there";
  fs::create_directories(home / "photographs");
  std::ofstream(home / "letter") << "dear";
  EXPECT_EQ(clear_network(home).error().code, base::Code::E_ALREADY_REGISTERED);
  EXPECT_EQ(clear_network(home / "letter").error().code, base::Code::E_ALREADY_REGISTERED);
  EXPECT_TRUE(fs::exists(home / "letter"));
  fs::create_directories(home / "keys");
  std::ofstream(home / "keys" / "passphrase") << "demo";
  EXPECT_TRUE(clear_network(home));
  EXPECT_FALSE(fs::exists(home));
  fs::create_directories(home);
  EXPECT_TRUE(clear_network(home)) << "an empty folder";
}

}  // namespace
}  // namespace testnet
