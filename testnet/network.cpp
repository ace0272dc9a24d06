// SPDX-License-Identifier: Apache-2.0
#include "testnet/network.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <chrono>
#include <thread>

#include "base/view.hpp"
#include "ledger/state.hpp"
#include "node/abci/engine.hpp"
#include "node/home.hpp"
#include "rpc/json.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;

namespace {

namespace fs = std::filesystem;

constexpr char const* clock_name = "test-clock";
constexpr char const* code_name = "claim-code";
/// Of test networks only; real wallets ask for theirs.
constexpr char const* passphrase = "demonstration";

/// A fresh key, sealed into the folder.
Result<wallet::Identity> fresh_key(fs::path const& folder, std::string const& name, std::string const& gln) {
  auto const secret = wallet::new_secret();
  wallet::KeyInfo const info{name, gln, *crypto::party_key(secret)};
  TRY(wallet::write_key(folder, info, wallet::seal_key(info, secret, passphrase, true)));
  wallet::Identity out;
  if (!gln.empty()) out.party = ledger::party_id(gln);
  out.key = info.key;
  out.secret = secret;
  return out;
}

Result<wallet::Identity> stored_key(fs::path const& folder, std::string const& name) {
  TRY_ASSIGN(auto const text, wallet::read_text_file(folder / (name + ".key")));
  return wallet::open_key(text, passphrase);
}

node::NodeConfig config_of(World const& world, NetworkOptions const& options, std::size_t node) {
  node::NodeConfig out;
  out.public_listener = {options.public_address, options.ports.everybody(node)};
  out.member_listener = {"127.0.0.1", options.ports.member(node)};
  out.admin_listener = {"127.0.0.1", options.ports.admin(node)};
  out.peer_listener = {"127.0.0.1", options.ports.peers(node)};
  for (std::size_t i = 0; i < options.validators; ++i) out.peers.push_back({"127.0.0.1", options.ports.peers(i)});
  out.organisation_gln = world.organisation(world.validators[node]).member.gln;
  // All of a test network is on this machine, who listens to it too.
  out.webhooks_allow_private = true;
  return out;
}

/// CometBFT's nodes know each other by ids, which are there only when all homes are.
Result<void> name_comet_nodes(World const& world, NetworkOptions const& options) {
  std::vector<std::string> ids;
  for (std::size_t node = 0; node < options.validators; ++node) {
    TRY_ASSIGN(auto const secret, node::read_validator_secret(options.home / world.validators[node]));
    ids.push_back(node::comet::node_id(secret));
  }
  for (std::size_t node = 0; node < options.validators; ++node) {
    auto config = config_of(world, options, node);
    config.comet_rpc = {"127.0.0.1", options.ports.comet(node)};
    config.comet_ids = ids;
    TRY(wallet::write_text_file(options.home / world.validators[node] / "node.toml", node::to_toml(config)));
  }
  return {};
}

ledger::TimeMs wall_ms() {
  using namespace std::chrono;
  return static_cast<ledger::TimeMs>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

}  // namespace

Result<void> clear_network(fs::path const& home) {
  std::error_code failed;
  bool const holds_something =
      fs::exists(home, failed) && !(fs::is_directory(home, failed) && fs::is_empty(home, failed));
  if (holds_something && !fs::exists(home / "keys" / "passphrase", failed)) {
    return Error{Code::E_ALREADY_REGISTERED, home.string(),
                 "it holds something that is no network: name another folder"};
  }
  fs::remove_all(home, failed);
  if (failed) return Error{Code::E_FORM, home.string(), failed.message()};
  return {};
}

Result<void> make_network(World const& world, NetworkOptions const& options) {
  auto const genesis_path = options.home / "genesis.json";
  if (fs::exists(genesis_path))
    return Error{Code::E_ALREADY_REGISTERED, genesis_path.string(), "a network is there already"};
  CHECK(world.validators.size() == nodes && options.validators > 0 && options.validators <= nodes);
  auto const folder = options.home / "keys";
  TRY(wallet::write_text_file(folder / "passphrase", std::string(passphrase) + "\n", true));
  std::map<std::string, MemberKeys> keys;
  Keyring staff;
  for (auto const& organisation : world.organisations) {
    TRY_ASSIGN(auto const root, fresh_key(folder, organisation.code + "-root", organisation.member.gln));
    TRY_ASSIGN(auto const daily, fresh_key(folder, organisation.code, organisation.member.gln));
    keys[organisation.code] = {root.key, daily.key};
    staff[organisation.code] = daily;
  }
  TRY_ASSIGN(auto const clock, fresh_key(folder, clock_name, ""));
  TRY(fresh_key(folder, code_name, ""));
  crypto::ValidatorSet validators;
  for (std::size_t node = 0; node < options.validators; ++node) {
    auto const& code = world.validators[node];
    TRY_ASSIGN(auto const validator, node::make_home(options.home / code, world.organisation(code).party(),
                                                     config_of(world, options, node), staff.at(code).secret));
    validators.validators.push_back(validator);
  }
  if (options.engine == "cometbft") TRY(name_comet_nodes(world, options));
  auto const genesis =
      make_genesis(world, keys, validators, ledger::TestClock{clock.key, wall_ms()}, options.time_ms, "silk-road-1");
  auto const text = rpc::to_pretty_text(base::view(genesis)) + "\n";
  for (std::size_t node = 0; node < options.validators; ++node)
    TRY(wallet::write_text_file(options.home / world.validators[node] / "genesis.json", text));
  return wallet::write_text_file(genesis_path, text);
}

Result<Network> Network::open(World const& world, NetworkOptions const& options) {
  Network out(options);
  out.names_ = world.validators;
  auto const folder = options.home / "keys";
  for (auto const& organisation : world.organisations) {
    TRY_ASSIGN(auto const identity, stored_key(folder, organisation.code));
    out.keyring_[organisation.code] = identity;
  }
  TRY_ASSIGN(out.clock_, stored_key(folder, clock_name));
  TRY_ASSIGN(out.claim_code_, stored_key(folder, code_name));
  return out;
}

Result<wallet::Identity> Network::root_key(std::string const& code) const {
  return stored_key(keys_folder(), code + "-root");
}

Result<ValidatorKeys> Network::validator_keys() const {
  ValidatorKeys out;
  for (std::size_t node = 0; node < options_.validators; ++node) {
    TRY_ASSIGN(out[names_[node]], node::read_validator_secret(options_.home / names_[node]));
  }
  return out;
}

void Network::start(std::size_t node) {
  // All programs of a build lie in one folder.
  auto const binary = own_binary().parent_path() / "tally";
  auto const home = options_.home / names_[node];
  std::vector<std::string> arguments;
  if (options_.launcher) arguments = options_.launcher(node);
  for (auto const& word : {binary.string(), std::string("start"), std::string("--home"), home.string(),
                           std::string("--engine"), options_.engine})
    arguments.push_back(word);
  processes_[node] = Process(arguments, options_.home / (names_[node] + ".log"));
}

void Network::stop(std::size_t node, bool hard) { processes_[node].stop(hard); }

Result<rpc::Answer> Network::readiness(std::size_t node) const {
  TRY_ASSIGN(auto client, rpc::connect("http://127.0.0.1:" + std::to_string(options_.ports.admin(node)), 1000));
  return client->send("GET", "/readyz", "");
}

Result<void> Network::wait_ready(std::size_t node, std::uint64_t timeout_ms) {
  std::string last = "nobody listens";
  auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (std::chrono::steady_clock::now() < end) {
    auto const answer = readiness(node);
    // Whoever answers on a port that was taken is not our node: that one has ended.
    if (!processes_[node].running()) {
      last = "it ended";
      break;
    }
    if (answer && answer->status == 200) return {};
    last = answer ? answer->body : answer.error().detail;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  auto const log = options_.home / (names_[node] + ".log");
  std::error_code failed;
  bool const said = fs::exists(log, failed) && !fs::is_empty(log, failed);
  return Error{Code::E_BUSY, names_[node],
               "not ready: " + last + (said ? "; its log is " + log.string() : "; it wrote no log")};
}

std::string Network::public_url(std::size_t node) const {
  return "http://127.0.0.1:" + std::to_string(options_.ports.everybody(node));
}
std::string Network::member_url(std::size_t node) const {
  return "http://127.0.0.1:" + std::to_string(options_.ports.member(node));
}

std::vector<std::string> Network::member_urls() const {
  std::vector<std::string> out;
  for (std::size_t node = 0; node < options_.validators; ++node) out.push_back(member_url(node));
  return out;
}

std::string where_logs_are(fs::path const& home) {
  std::error_code failed;
  for (auto const& entry : fs::directory_iterator(home, failed)) {
    if (entry.path().extension() == ".log") return "see the logs under " + home.string();
  }
  return "";
}

Result<ledger::Genesis> read_genesis(fs::path const& file) {
  TRY_ASSIGN(auto const text, wallet::read_text_file(file));
  TRY_ASSIGN(auto const value, rpc::from_answer(text));
  return base::read_view<ledger::Genesis>(value);
}

std::string local_address() {
  std::string found = "127.0.0.1";
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return found;
  for (auto const* one = all; one != nullptr; one = one->ifa_next) {
    bool const usable = one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET &&
                        (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable) continue;
    char text[INET_ADDRSTRLEN] = {};
    auto const* address = reinterpret_cast<sockaddr_in const*>(static_cast<void const*>(one->ifa_addr));
    if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof text) != nullptr) found = text;
    break;
  }
  freeifaddrs(all);
  return found;
}

}  // namespace testnet
