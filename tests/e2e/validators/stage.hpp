// SPDX-License-Identifier: Apache-2.0
#pragma once

// Four real validators under load, a member that may become the fifth, and the commands that operators type.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "base/time.hpp"
#include "base/view.hpp"
#include "e2e/fixture.hpp"
#include "node/config.hpp"
#include "rpc/json.hpp"
#include "testnet/checks.hpp"

namespace e2e {

namespace fs = std::filesystem;
constexpr std::uint16_t shift = 1'200;
/// A member that is no validator of the genesis; its node takes the ports behind the others'.
constexpr std::size_t fifth = testnet::nodes;
constexpr auto patience = std::chrono::seconds(60);

class Validators : public ::testing::Test {
 protected:
  void SetUp() override {
    auto const launcher = [this](std::size_t node) {
      return old_.contains(node) ? std::vector<std::string>{"/usr/bin/env", "TALLY_KNOWS_VERSION=1"}
                                 : std::vector<std::string>{};
    };
    auto started = start_network("tally-validators-" + std::to_string(getpid()), shift, launcher, engine_);
    ASSERT_TRUE(started) << base::to_string(started.error());
    net_ = std::move(started).value();
    home_ = net_->network.genesis_path().parent_path();
    for (auto const& organisation : net_->world.organisations) {
      auto const& validators = net_->world.validators;
      if (newcomer_.empty() && std::ranges::count(validators, organisation.code) == 0) newcomer_ = organisation.code;
    }
    for (auto const& code : net_->world.validators) add_admin(code);
    add_admin(newcomer_);
    load_ = std::thread([this] { work(); });
  }
  void TearDown() override {
    over_ = true;
    if (load_.joinable()) load_.join();
    joined_.reset();
    net_.reset();
    fs::remove_all(home_);
  }

  /// The root key of a member names one that proposes and votes.
  void add_admin(std::string const& code) {
    auto const keys = home_ / "keys";
    auto phrase = *wallet::read_text_file(keys / "passphrase");
    phrase.pop_back();
    auto const root = wallet::open_key(*wallet::read_text_file(keys / (code + "-root.key")), phrase);
    ASSERT_TRUE(root);
    auto const secret = wallet::new_secret();
    auto const& gln = net_->world.organisation(code).member.gln;
    wallet::KeyInfo const info{code + "-admin", std::string(gln), *crypto::party_key(secret)};
    ASSERT_TRUE(wallet::write_key(keys, info, wallet::seal_key(info, secret, phrase, true)));
    auto client = rpc::connect(url(0));
    ASSERT_TRUE(client);
    auto const chain = wallet::chain_info(**client);
    ASSERT_TRUE(chain);
    wallet::Draft draft;
    draft.actor = root->party;
    auto const until_ms = chain->time_ms + base::day_ms;
    draft.operations = {ledger::KeyAdd{root->party, info.key, ledger::KeyKind::admin, {}, until_ms}};
    auto const id = wallet::submit(**client, wallet::sign(std::move(draft), *chain, {*root}));
    ASSERT_TRUE(id) << base::to_string(id.error());
    auto const outcome = wallet::wait(**client, *id, 30'000);
    ASSERT_TRUE(outcome && outcome->state == "done") << (outcome ? outcome->code : base::to_string(outcome.error()));
  }
  /// One transaction after the other, through any of the nodes.
  void work() {
    testnet::Player player(net_->network.keyring(), net_->network.clock(), net_->network.member_urls());
    while (!over_) {
      auto const chain = player.chain();
      if (!chain || !player.advance(chain->time_ms + 1'000)) continue;
      acknowledged_ms_ = chain->time_ms + 1'000;
      ++decided_;
    }
  }
  /// The load goes on: so many more transactions are decided.
  void expect_more(std::size_t count = 5) {
    auto const goal = decided_ + count;
    EXPECT_TRUE(until([&] { return decided_ >= goal; })) << decided_;
  }
  static bool until(std::function<bool()> const& so) {
    auto const end = std::chrono::steady_clock::now() + patience;
    while (!so() && std::chrono::steady_clock::now() < end) usleep(20'000);
    return so();
  }

  fs::path folder(std::size_t node) const { return home_ / (node == fifth ? newcomer_ : net_->world.validators[node]); }
  static std::string url(std::size_t node) {
    return "http://127.0.0.1:" + std::to_string(testnet::Ports{shift}.member(node));
  }
  Ran at(std::size_t node, std::vector<std::string> arguments) const {
    for (auto const& word : {std::string("--node"), url(node), std::string("--keys"), (home_ / "keys").string(),
                             std::string("--passphrase-file"), (home_ / "keys" / "passphrase").string()})
      arguments.push_back(word);
    return run_tally(arguments);
  }
  static std::string last_line(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }

  /// Proposed by the first of these members, accepted by all of them.
  void change(std::string const& json, std::vector<std::string> const& members) {
    auto const file = home_ / "change.json";
    ASSERT_TRUE(wallet::write_text_file(file, json));
    auto const proposed = at(0, {"network", "propose", file.string(), "--key", members.front() + "-admin"});
    ASSERT_EQ(proposed.exit, 0) << proposed.output;
    for (auto const& member : members) {
      auto const voted = at(0, {"network", "vote", last_line(proposed.output), "yes", "--key", member + "-admin"});
      ASSERT_EQ(voted.exit, 0) << member << ": " << voted.output;
    }
    EXPECT_EQ(at(0, {"network", "proposals"}).output, "");
    expect_more();
  }
  base::Result<base::Value> ask(std::size_t node, char const* method, std::string const& name,
                                std::string const& what) {
    TRY_ASSIGN(auto client, rpc::connect(url(node)));
    auto params = base::Value::object();
    if (!name.empty()) params.add(name, base::Value::of(what));
    return client->call(method, std::move(params));
  }
  /// The keys that validate after this node's newest block.
  std::vector<std::string> keys(std::size_t node) {
    std::vector<std::string> out;
    auto const answer = ask(node, "chain_validators", "", "");
    if (!answer) return out;
    for (auto const& one : answer->find("validators")->items) out.emplace_back(one.string_of("key"));
    return out;
  }
  /// The others decide on only if this one's voice counts among them: without `away` nobody can be spared.
  void expect_needed_without(std::size_t away) {
    net_->network.stop(away, true);
    expect_more();
    net_->network.start(away);
    ASSERT_TRUE(net_->network.wait_ready(away, 60'000));
  }
  /// Every node shows all that any of them acknowledged.
  void expect_nothing_lost() {
    over_ = true;
    load_.join();
    for (std::size_t node = 0; node < testnet::nodes; ++node) {
      EXPECT_TRUE(until([&] {
        auto const client = rpc::connect(url(node));
        auto const chain = client ? wallet::chain_info(**client) : client.error();
        return chain && chain->time_ms >= acknowledged_ms_;
      })) << node;
    }
  }
  std::uint64_t epoch(std::size_t node) {
    auto const answer = ask(node, "chain_validators", "", "");
    return answer ? static_cast<std::uint64_t>(base::from_decimal(answer->string_of("epoch")).value_or(0)) : 0;
  }
  void join();

  /// Nodes whose program is to know the first version of the law alone, from their next start on.
  std::set<std::size_t> old_;
  std::string engine_ = "simplex";
  std::unique_ptr<Running> net_;
  fs::path home_;
  std::string newcomer_;
  std::optional<testnet::Process> joined_;
  std::thread load_;
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> decided_{0};
  /// The clock of the chain, as far as it was told to somebody.
  std::atomic<ledger::TimeMs> acknowledged_ms_{0};
};

}  // namespace e2e
