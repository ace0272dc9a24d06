// SPDX-License-Identifier: Apache-2.0
#include "node/config.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

TEST(Config, ReadsBackWhatItWrites) {
  NodeConfig config;
  config.public_listener = {"0.0.0.0", 9080};
  config.peers = {{"127.0.0.1", 7080}, {"node.example", 7081}, {"::1", 7082}};
  config.organisation_gln = "9521001000000";
  config.refuse_below_mib = 10;
  config.archive = true;
  config.webhooks_allow_private = true;
  config.webhooks_ca_file = "/etc/ssl/receivers.pem";
  config.keep_days = 30;
  config.snapshot_behind = 50;
  auto const read = read_config(to_toml(config), "node.toml");
  ASSERT_TRUE(read) << base::to_string(read.error());
  EXPECT_EQ(to_toml(*read), to_toml(config));
  EXPECT_TRUE(read->archive);
  EXPECT_TRUE(read->webhooks_allow_private);
  EXPECT_EQ(read->webhooks_ca_file, "/etc/ssl/receivers.pem");
  EXPECT_EQ(read->keep_days, 30u);
  EXPECT_EQ(read->snapshot_behind, 50u);
  EXPECT_EQ(read->peers, config.peers);
  EXPECT_EQ(read->public_listener, config.public_listener);
}

TEST(Config, HasDefaults) {
  auto const read = read_config("[peers]\naddresses = [\"127.0.0.1:7080\"]\n", "node.toml");
  ASSERT_TRUE(read) << base::to_string(read.error());
  EXPECT_EQ(to_text(read->member_listener), "127.0.0.1:8081");
  EXPECT_EQ(read->refuse_below_mib, 2048u);
  EXPECT_FALSE(read->archive);
  EXPECT_FALSE(read->webhooks_allow_private);
  EXPECT_EQ(read->keep_days, 7u);
}

void expect_error(std::string const& toml, std::string const& field, std::string const& detail) {
  auto const read = read_config(toml, "node.toml");
  ASSERT_FALSE(read) << toml;
  EXPECT_EQ(read.error().field, field);
  EXPECT_EQ(read.error().detail.substr(0, detail.size()), detail);
}

TEST(Config, NamesPlaceProblemAndMending) {
  expect_error("[listen]\npubic = \"127.0.0.1:1\"\n", "node.toml:2:9 listen.pubic",
               "is no setting. Expected: one of: admin, member, peers, public. Fix: ");
  expect_error("[lisen]\n", "node.toml:1:1 lisen",
               "is no setting. Expected: one of: blocks, cometbft, disk, listen, organisation, peers, webhooks. Fix: ");
  expect_error("[listen]\nadmin = \"127.0.0.1\"\n", "node.toml:2:9 listen.admin",
               "is no address. Expected: a string \"HOST:PORT\". Fix: write \"127.0.0.1:8082\".");
  expect_error("[listen]\nadmin = 8082\n", "node.toml:2:9 listen.admin", "is no address.");
  expect_error("[disk]\nstop_below_mib = -1\n", "node.toml:2:18 disk.stop_below_mib", "is no size.");
  expect_error("[peers]\naddresses = [\"127.0.0.1:7080\", \"x:0\"]\n", "node.toml:2:32 peers.addresses",
               "is no address.");
  expect_error("[peers]\naddresses = \"127.0.0.1:7080\"\n", "node.toml:2:13 peers.addresses", "is no list.");
  expect_error("disk = 3\n", "node.toml:1:8 disk", "is no section.");
  expect_error("", "node.toml peers.addresses", "is missing.");
  expect_error("[peers]\naddresses = [\"127.0.0.1:7080\"]\n[listen]\nmember = \"0.0.0.0:8081\"\n",
               "node.toml:4:10 listen.member", "is not loopback.");
  auto const broken = read_config("[listen\n", "node.toml");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().field.substr(0, 11), "node.toml:1");
}

TEST(Config, ReadsAddresses) {
  EXPECT_EQ(read_address("10.0.0.1:80"), (Address{"10.0.0.1", 80}));
  EXPECT_EQ(read_address("[::1]:80"), (Address{"::1", 80}));
  EXPECT_EQ(to_text(*read_address("[::1]:80")), "[::1]:80");
  for (auto const* text : {"", ":80", "::1:80", "host", "host:", "host:0", "host:65536", "host:80x", "[]:80"}) {
    EXPECT_FALSE(read_address(text)) << text;
  }
}

}  // namespace
}  // namespace node
