// SPDX-License-Identifier: Apache-2.0
// Four real validators that become five, and four others again, while transactions go on: everything by the commands
// that operators type.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/time.hpp"
#include "base/view.hpp"
#include "e2e/fixture.hpp"
#include "ledger/proof.hpp"
#include "node/config.hpp"
#include "rpc/json.hpp"
#include "testnet/checks.hpp"

namespace e2e {
namespace {

namespace fs = std::filesystem;
constexpr std::uint16_t shift = 1'200;
/// A member that is no validator of the genesis; its node takes the ports behind the others'.
constexpr std::size_t fifth = testnet::nodes;
constexpr auto patience = std::chrono::seconds(60);

class Validators : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = start_network("tally-validators-" + std::to_string(getpid()), shift);
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
  void expect_each_certificate_of_its_own_epoch();

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

/// Each height's certificate holds for the validators of its epoch and for no others.
void Validators::expect_each_certificate_of_its_own_epoch() {
  std::map<std::uint64_t, crypto::ValidatorSet> sets;
  auto const tip = ask(0, "chain_status", "", "");
  ASSERT_TRUE(tip);
  auto const newest = base::from_decimal(tip->string_of("height")).value();
  for (std::uint64_t height = 1; height <= newest; ++height) {
    auto const answer = ask(0, "chain_header", "height", std::to_string(height));
    ASSERT_TRUE(answer);
    if (answer->find("finality") == nullptr) continue;
    auto const bytes = [&](char const* name) { return base::from_hex(answer->string_of(name).substr(2)).value(); };
    auto const header = base::decode<ledger::ResultHeader>(bytes("bytes"));
    auto const finality = base::decode<ledger::Finality>(bytes("finality"));
    ASSERT_TRUE(header && finality);
    // Blocks that were decided with a later one have its certificate.
    if (std::get<ledger::SimplexFinality>(*finality).certificate.ballot.height != height) continue;
    if (!sets.contains(header->epoch)) {
      auto const told = ask(0, "chain_validators", "epoch", std::to_string(header->epoch));
      ASSERT_TRUE(told);
      for (auto const& one : told->find("validators")->items) {
        sets[header->epoch].validators.push_back({*ledger::PartyId::from_text(one.string_of("id")),
                                                  *base::ValidatorKey::from_text(one.string_of("key")),
                                                  *ledger::Hash::from_text(one.string_of("tls_key"))});
      }
    }
    for (auto const& [epoch, set] : sets) {
      bool const own = set.hash() == header->validators_hash;
      EXPECT_EQ(ledger::verify(*finality, *header, set), own) << "height " << height << " with epoch " << epoch;
      EXPECT_TRUE(own || epoch != header->epoch) << height;
    }
  }
  EXPECT_GT(sets.size(), 10u);
}

TEST_F(Validators, ComeRotateAndGoUnderLoad) {
  auto const members = net_->world.validators;
  join();
  expect_needed_without(3);

  auto const before = keys(0);
  auto const next = run_tally({"node", "next-key", "--home", folder(1).string()});
  ASSERT_EQ(next.exit, 0) << next.output;
  change(next.output, {members[0], members[1], members[2], newcomer_});
  EXPECT_NE(keys(0)[1], before[1]);
  expect_needed_without(2);

  auto const tls = run_tally({"node", "next-tls-key", "--home", folder(0).string()});
  ASSERT_EQ(tls.exit, 0) << tls.output;
  change(tls.output, {members[0], members[1], members[2], newcomer_});
  auto const log = wallet::read_text_file(home_ / (members[0] + ".log"));
  ASSERT_TRUE(log);
  EXPECT_NE(log->find("is in use now"), std::string::npos);

  change(R"({"type": "remove_validator", "key": ")" + keys(0)[3] + "\"}",
         {members[0], members[1], members[2], newcomer_});
  EXPECT_EQ(keys(0).size(), 4u);
  // The old TLS key has had its time, and all four connect without it.
  net_->network.stop(3, false);
  expect_needed_without(2);

  over_ = true;
  load_.join();
  expect_each_certificate_of_its_own_epoch();
  // Somebody who knows the genesis alone follows through the four changes.
  auto const proof = home_ / "member.proof";
  auto const subject = "https://id.gs1.org/417/" + std::string(net_->world.organisation(members[0]).member.gln);
  auto const got = at(fifth, {"proof", "get", subject, proof.string()});
  ASSERT_EQ(got.exit, 0) << got.output;
  auto const verified = run_tally(
      {"proof", "verify", proof.string(), "--id", subject, "--genesis", net_->network.genesis_path().string()});
  EXPECT_EQ(verified.exit, 0) << verified.output;
  auto const text = wallet::read_text_file(proof);
  ASSERT_TRUE(text);
  auto const read = base::decode<ledger::TraceProof>(base::bytes_of(*text));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->epochs.size(), 4u);
  auto without = *read;
  without.epochs.pop_back();
  auto const cut = base::encode(without);
  ASSERT_TRUE(wallet::write_text_file(proof, std::string(cut.begin(), cut.end())));
  EXPECT_EQ(run_tally({"proof", "verify", proof.string(), "--id", subject, "--genesis",
                       net_->network.genesis_path().string()})
                .exit,
            4);
}

TEST_F(Validators, ALostJournalIsNoLostValidator) {
  expect_more();
  net_->network.stop(2, true);
  fs::remove_all(folder(2) / "data" / "journal");
  expect_more();
  net_->network.start(2);
  // It is ready when it votes.
  auto const ready = net_->network.wait_ready(2, 60'000);
  ASSERT_TRUE(ready) << base::to_string(ready.error());
  expect_needed_without(3);
  // And another one, whom the first can tell by now.
  net_->network.stop(0, true);
  auto const journal = folder(0) / "data" / "journal";
  for (auto const& entry : fs::directory_iterator(journal)) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(9).put('\x2a');  // the checksum of its first frame
  }
  net_->network.start(0);
  auto const again = net_->network.wait_ready(0, 60'000);
  ASSERT_TRUE(again) << base::to_string(again.error());
  expect_needed_without(1);
  auto const log = wallet::read_text_file(home_ / (net_->world.validators[0] + ".log"));
  ASSERT_TRUE(log);
  EXPECT_NE(log->find("the vote journal is gone or damaged"), std::string::npos);
  expect_nothing_lost();
}

/// All stop; what is final stands, and a quorum's file begins a new epoch on it.
TEST_F(Validators, AChainGoesOnByASignedFile) {
  expect_more();
  auto const file = (home_ / "recovery.json").string();
  auto const recover = [&](char const* verb, std::size_t node) {
    return run_tally({"recover", verb, file, "--home", folder(node).string()});
  };
  auto const busy = recover("draft", 0);
  EXPECT_EQ(busy.exit, 1) << busy.output;  // it runs
  net_->network.stop(3, true);
  expect_more();
  // The file begins on the last block of all, so all must have it.
  over_ = true;
  load_.join();
  auto const height = [&](std::size_t node) { return ask(node, "chain_status", "", "")->string_of("height"); };
  ASSERT_TRUE(until([&] { return height(0) == height(1) && height(1) == height(2); }));
  for (std::size_t node = 0; node < 3; ++node) net_->network.stop(node, true);
  auto const drafted = recover("draft", 0);
  ASSERT_EQ(drafted.exit, 0) << drafted.output;
  auto const refused = recover("apply", 0);
  EXPECT_EQ(refused.exit, 1);
  EXPECT_NE(refused.output.find("3 are needed"), std::string::npos) << refused.output;
  for (std::size_t node = 0; node < 3; ++node) {
    auto const signed_one = recover("sign", node);
    ASSERT_EQ(signed_one.exit, 0) << signed_one.output;
  }
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const applied = recover("apply", node);
    ASSERT_EQ(applied.exit, 0) << applied.output;
  }
  for (std::size_t node = 0; node < testnet::nodes; ++node) net_->network.start(node);
  for (std::size_t node = 0; node < testnet::nodes; ++node) ASSERT_TRUE(net_->network.wait_ready(node, 60'000));
  over_ = false;
  load_ = std::thread([this] { work(); });
  expect_more();
  for (std::size_t node = 0; node < testnet::nodes; ++node) EXPECT_GE(epoch(node), 2u) << node;
  expect_needed_without(1);
  expect_nothing_lost();
}

}  // namespace
}  // namespace e2e
