// SPDX-License-Identifier: Apache-2.0
#include "node/home.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "node/tls.hpp"

namespace node {
namespace {

class HomeTest : public ::testing::Test {
 protected:
  HomeTest() {
    auto name = (std::filesystem::temp_directory_path() / "tally-home-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path = name;
  }
  ~HomeTest() override { std::filesystem::remove_all(path); }

  /// The genesis's JSON view as far as this room can write it: validators and nothing else.
  void write_genesis(crypto::Validator const& validator) {
    std::ofstream out(path / "genesis.json");
    out << R"({"format": 1, "chain_name": "test", "time_ms": "1", "clock": {"type": "wall"}, "parameters": {)"
        << R"("transaction_bytes_max": 1, "event_bytes_max": 1, "block_bytes_max": 1, "events_max": 1,)"
        << R"("operations_max": 1, "signers_max": 1, "keys_an_event_max": 1, "children_a_unit_max": 1,)"
        << R"("packing_depth_max": 1, "window_ms_max": "1", "event_ahead_ms_max": "1", "late_after_ms": "1",)"
        << R"("meter_bucket": 1, "meter_refill_per_s": 1, "transitions_a_block_max": 1,)"
        << R"("deadlines_a_block_max": 1, "contracts_a_subject_max": 1, "facts_a_subject_max": 1,)"
        << R"("idle_block_ms": 1, "view_timeout_ms": 1, "epoch_blocks": 1}, "validators": {"validators": [{"party": ")"
        << validator.party.hex() << R"(", "key": ")" << validator.key.hex() << R"(", "tls_key": ")"
        << validator.tls_key.hex() << R"("}]}, "operations": []})";
  }

  std::filesystem::path path;
  NodeConfig config = [] {
    NodeConfig out;
    out.peers = {{"127.0.0.1", 7080}};
    return out;
  }();
  crypto::PartySecret const hot{{1, 2, 3}};
};

TEST_F(HomeTest, OpensWhatItMade) {
  config.organisation_gln = "9521001000000";
  auto const validator = make_home(path, {}, config, hot);
  ASSERT_TRUE(validator) << base::to_string(validator.error());
  write_genesis(*validator);
  auto const home = open_home(path);
  ASSERT_TRUE(home) << base::to_string(home.error());
  EXPECT_EQ(home->place, 0u);
  EXPECT_EQ(crypto::validator_key(home->validator_secret), validator->key);
  EXPECT_EQ(home->organisation_secret, hot);
  EXPECT_EQ(home->tls.pin, validator->tls_key);
}

TEST_F(HomeTest, NeverOverwritesAKey) {
  ASSERT_TRUE(make_home(path, {}, config));
  auto const again = make_home(path, {}, config);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::Code::E_ALREADY_REGISTERED);
}

TEST_F(HomeTest, NamesTheFileThatIsWrong) {
  auto const validator = make_home(path, {}, config);
  ASSERT_TRUE(validator);
  write_genesis(*validator);
  auto const expect = [&](char const* file, char const* words, std::function<void()> const& spoil,
                          std::function<void()> const& mend) {
    spoil();
    auto const home = open_home(path);
    ASSERT_FALSE(home) << file;
    EXPECT_EQ(home.error().field, (path / file).string());
    EXPECT_NE(home.error().detail.find(words), std::string::npos) << home.error().detail;
    mend();
    EXPECT_TRUE(open_home(path)) << file;
  };
  using std::filesystem::perms;
  expect(
      "validator.key", "chmod 600", [&] { permissions(path / "validator.key", perms(0644)); },
      [&] { permissions(path / "validator.key", perms(0600)); });
  for (auto const* file : {"validator.key", "tls.key", "tls.crt", "genesis.json", "node.toml"}) {
    expect(
        file, "", [&] { rename(path / file, path / "away"); }, [&] { rename(path / "away", path / file); });
  }
  auto other = *validator;
  other.key.bytes[0] ^= 1;
  expect(
      "validator.key", "which genesis.json does not name", [&] { write_genesis(other); },
      [&] { write_genesis(*validator); });
  other = *validator;
  other.tls_key.bytes[0] ^= 1;
  expect(
      "tls.crt", "genesis.json pins", [&] { write_genesis(other); }, [&] { write_genesis(*validator); });
}

}  // namespace
}  // namespace node
