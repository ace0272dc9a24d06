// SPDX-License-Identifier: Apache-2.0
#include "e2e/validators/stage.hpp"

namespace e2e {

/// Makes the home, has it voted in, starts it.
void Validators::join() {
  testnet::Ports const ports{shift};
  auto const& member = net_->world.organisation(newcomer_).member;
  std::vector<std::string> words{"node",           "init",
                                 "--home",         folder(fifth).string(),
                                 "--genesis-file", net_->network.genesis_path().string(),
                                 "--gln",          std::string(member.gln),
                                 "--address",      "127.0.0.1:" + std::to_string(ports.peers(fifth))};
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    words.push_back("--peer");
    words.push_back("127.0.0.1:" + std::to_string(ports.peers(node)));
  }
  auto const made = run_tally(words);
  ASSERT_EQ(made.exit, 0) << made.output;
  auto const toml = wallet::read_text_file(folder(fifth) / "node.toml");
  ASSERT_TRUE(toml);
  auto config = node::read_config(*toml, "node.toml");
  ASSERT_TRUE(config);
  config->public_listener.port = ports.everybody(fifth);
  config->member_listener.port = ports.member(fifth);
  config->admin_listener.port = ports.admin(fifth);
  ASSERT_TRUE(wallet::write_text_file(folder(fifth) / "node.toml", node::to_toml(*config)));
  auto const& four = net_->world.validators;
  change(made.output, {four[0], four[1], four[2]});
  joined_.emplace(std::vector<std::string>{(testnet::own_binary().parent_path() / "tally").string(), "start", "--home",
                                           folder(fifth).string()},
                  home_ / (newcomer_ + ".log"));
  // It has every block since the genesis to fetch.
  ASSERT_TRUE(until([&] { return keys(fifth).size() == 5; }));
}

}  // namespace e2e
