// SPDX-License-Identifier: Apache-2.0
#include "join/newcomer.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <list>

#include "ledger/governance.hpp"
#include "node/home.hpp"
#include "node/prepare.hpp"
#include "testnet/process.hpp"
#include "wallet/keystore.hpp"

namespace join {
namespace {

constexpr std::size_t liar = 1;
constexpr std::uint64_t join_ms = 300'000;
/// With the state of 64 MB: caches, buffers, the tree, and a snapshot that is made.
constexpr std::uint64_t memory_mib_max = 512;

/// The most that a process ever had in memory; 0: it does not run.
std::uint64_t peak_mib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) >> 10;
  }
  return 0;
}

/// A process that stands still as long as this lives, as one does whose machine hangs.
class Frozen {
 public:
  explicit Frozen(pid_t pid) : pid_(pid) { ::kill(pid_, SIGSTOP); }
  ~Frozen() { ::kill(pid_, SIGCONT); }
  Frozen(Frozen const&) = delete;
  Frozen& operator=(Frozen const&) = delete;

 private:
  pid_t pid_;
};

class Newcomer : public Validators {
 public:
  using Validators::Validators;

  Result<void> play() {
    TRY(make());
    TRY(start_all());
    begin_load();
    TRY(make_newcomer());
    TRY(interrupt_a_snapshot());
    auto const before = newest_snapshot(0);
    TRY(vote_in());
    TRY(wait_for_snapshots(before));
    TRY(make_liar());
    TRY(join());
    TRY(follow());
    TRY(stay_small());
    return be_needed();
  }

 private:
  /// By the command that operators type.
  Result<void> make_newcomer() {
    auto const& ports = network_options_.ports;
    node::NewHome wanted;
    wanted.home = home(fifth);
    wanted.genesis = network_options_.home / "genesis.json";
    wanted.gln = world_.organisation(world_.validators.front()).member.gln;
    wanted.address = "127.0.0.1:" + std::to_string(ports.peers(fifth));
    for (std::size_t node = 0; node < testnet::nodes; ++node) {
      wanted.peers.push_back("127.0.0.1:" + std::to_string(ports.peers(node)));
    }
    std::fflush(stdout);
    if (node::init_home(wanted) != 0) return failure(wanted.home.string(), "was not made");
    TRY_ASSIGN(auto const toml, wallet::read_text_file(home(fifth) / "node.toml"));
    TRY_ASSIGN(auto config, node::read_config(toml, "node.toml"));
    config.public_listener.port = ports.everybody(fifth);
    config.member_listener.port = ports.member(fifth);
    config.admin_listener.port = ports.admin(fifth);
    config.snapshot_behind = std::min<std::uint64_t>(config.snapshot_behind, options_.blocks / 5);
    return wallet::write_text_file(home(fifth) / "node.toml", node::to_toml(config));
  }

  Result<void> vote_in() {
    TRY_ASSIGN(auto const secret, node::read_validator_secret(home(fifth)));
    TRY_ASSIGN(auto const tls, node::read_tls_identities(home(fifth)));
    auto const party = admins_.front().party;
    return change(ledger::AddValidator{{party, crypto::validator_key(secret), tls.front().pin},
                                       "127.0.0.1:" + std::to_string(network_options_.ports.peers(fifth))});
  }

  /// Killed while it makes one, a node makes it after its restart: of the epoch's end, not of where it is by then.
  Result<void> interrupt_a_snapshot() {
    constexpr std::size_t killed = 3;
    auto const before = newest_snapshot(0);
    auto const begun = home(killed) / "data" / "snapshots.begun" / "begun";
    std::thread voting([&] { (void)end_epoch(); });
    bool const seen = until(more_ms, [&] { return fs::exists(begun); });
    if (seen) network_->stop(killed, true);
    voting.join();
    if (!seen || !fs::exists(begun)) return failure("snapshots", "no node could be killed while it made one");
    if (!goes_on(10)) return failure("network", "stands still without one of four");
    network_->start(killed);
    auto const made = [&] { return newest_snapshot(0) > before && newest_snapshot(killed) == newest_snapshot(0); };
    if (!until(snapshot_ms, made)) return failure("snapshots", "the one that was interrupted is not made again");
    if (!says(killed, "that a restart interrupted")) return failure("snapshots", "it was made another way");
    std::printf("interrupted a node killed while it made the next one made it after its restart\n");
    return network_->wait_ready(killed, start_ms);
  }

  /// One byte of each part that it hands out is another one.
  Result<void> make_liar() {
    std::size_t altered = 0;
    for (auto const& entry : fs::directory_iterator(home(liar) / "data" / "snapshots")) {
      auto const name = entry.path().filename().string();
      if (name.find("-part-") == std::string::npos) continue;
      TRY_ASSIGN(auto text, wallet::read_text_file(entry.path(), entry.file_size()));
      text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
      TRY(wallet::write_text_file(entry.path(), text));
      ++altered;
    }
    if (altered == 0) return failure("snapshots", "the liar has no parts");
    return {};
  }

  void start_fifth() {
    joiner_.emplace(std::vector<std::string>{(testnet::own_binary().parent_path() / "tally").string(), "start",
                                             "--home", home(fifth).string()},
                    log(fifth));
  }
  std::size_t parts_here() const {
    std::size_t out = 0;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(home(fifth) / "data" / "incoming", error)) {
      if (entry.path().filename().string().starts_with("part-")) ++out;
    }
    return out;
  }

  /// Only the liar and one other answer, so the liar is asked while parts are missing. Then nobody does, until the
  /// fifth has told how far it is, and is killed. Returns how many parts it has.
  Result<std::size_t> begin_to_fetch(ledger::Height snapshot) {
    std::list<Frozen> frozen;
    frozen.emplace_back(network_->pid(3));
    start_fifth();
    // It asks nobody before a quorum knows it.
    auto const knows = [&](std::size_t node) { return says(fifth, "peer=" + std::to_string(node) + " connected"); };
    if (!until(more_ms, [&] { return knows(0) && knows(liar) && knows(2); })) return failure("fifth", "is alone");
    frozen.emplace_back(network_->pid(2));
    auto const refused = "validator " + std::to_string(liar) + " sent a wrong part";
    if (!until(join_ms, [&] { return says(fifth, refused) && parts_here() >= 3; })) {
      return failure("fifth", says(fifth, refused) ? "it fetches nothing" : "it did not notice the liar");
    }
    frozen.emplace_back(network_->pid(0));
    std::string told;
    auto const tells = [&] {
      auto const answer = ask(fifth, "node_status");
      told = answer ? std::string(answer->string_of("not_ready")) : "";
      return told.find("refused peers: 1") != std::string::npos;
    };
    if (!until(more_ms, tells)) return failure("fifth", "its status does not tell how far it is: " + told);
    joiner_->stop(true);
    if (told.find("height " + std::to_string(snapshot) + ":") == std::string::npos) {
      return failure("fifth", "is not at the snapshot of height " + std::to_string(snapshot) + ": " + told);
    }
    std::printf("told        %s\n", told.c_str());
    if (fs::exists(home(fifth) / "data" / "incoming" / "complete")) {
      return failure("fifth", "it was too fast to be killed: take more --bytes");
    }
    return parts_here();
  }

  /// What was begun is ended although the others have a newer snapshot by then.
  Result<void> join() {
    auto const started = steady_s();
    auto const snapshot = newest_snapshot(0);
    TRY_ASSIGN(auto const here, begin_to_fetch(snapshot));
    TRY(end_epoch());
    TRY(wait_for_snapshots(snapshot));
    auto const again = steady_s();
    start_fifth();
    auto const goes_on =
        "goes on with the snapshot of height " + std::to_string(snapshot) + ": " + std::to_string(here) + " of ";
    if (!until(join_ms, [&] { return says(fifth, goes_on); })) return failure("fifth", "does not say: " + goes_on);
    if (!until(join_ms, [&] { return says(fifth, "the state of the snapshot is taken over"); }))
      return failure("fifth", "it does not finish");
    auto const taken_s = steady_s() - again;
    if (says(fifth, "looking for another")) return failure("fifth", "it gave the snapshot up");
    if (!until(join_ms, [&] { return height(fifth) + 2 >= height(0) && height(fifth) > snapshot; }))
      return failure("fifth", "it does not follow");
    TRY_ASSIGN(auto const shares, shares_of_the_last());
    std::printf("joined      %llu blocks behind, liar refused, killed with %zu parts here, the rest: %s; ",
                static_cast<unsigned long long>(snapshot), here, shares.c_str());
    std::printf("state %.1f s after its restart, all %.1f s\n", taken_s, steady_s() - started);
    return {};
  }

  /// Who gave the parts after the restart: several, and never the liar.
  Result<std::string> shares_of_the_last() const {
    TRY_ASSIGN(auto const text, wallet::read_text_file(log(fifth)));
    constexpr std::string_view here = " parts are here, ";
    auto const at = text.rfind(here);
    if (at == std::string::npos) return failure("fifth", "does not say who gave the parts");
    auto shares = text.substr(at + here.size(), text.find('"', at) - at - here.size());
    if (shares.find(", ") == std::string::npos) return failure("fifth", "one peer gave all parts: " + shares);
    if (shares.find("validator " + std::to_string(liar)) != std::string::npos) {
      return failure("fifth", "took parts of the liar: " + shares);
    }
    return shares;
  }

  /// The same results from here on, and nothing of what was before.
  Result<void> follow() {
    auto const at = height(fifth);
    if (!until(more_ms, [&] { return height(0) > at && height(fifth) > at; })) return failure("fifth", "stands still");
    auto params = base::Value::object();
    params.add("height", base::Value::of(std::to_string(at)));
    TRY_ASSIGN(auto const own, ask(fifth, "chain_header", params));
    TRY_ASSIGN(auto const theirs, ask(0, "chain_header", params));
    if (own.string_of("bytes") != theirs.string_of("bytes")) return failure("fifth", "it has another result");
    auto early = base::Value::object();
    early.add("height", base::Value::of(std::string("1")));
    if (ask(fifth, "chain_header", early)) return failure("fifth", "it has the first block");
    return {};
  }

  /// Of memory, in the life of each process.
  Result<void> stay_small() const {
    std::string text;
    std::uint64_t most = 0;
    for (std::size_t node = 0; node <= fifth; ++node) {
      auto const peak = peak_mib(node == fifth ? joiner_->pid() : network_->pid(node));
      text += (text.empty() ? "" : ", ") + std::to_string(peak);
      most = std::max(most, peak);
    }
    std::printf("memory      at most %s MiB\n", text.c_str());
    if (most == 0 || most > memory_mib_max) return failure("memory", "a node took " + std::to_string(most) + " MiB");
    return {};
  }

  /// Who joined votes from the next epoch on; then four of five are needed, and its voice is one of them. And it serves
  /// the snapshot of that epoch's end.
  Result<void> be_needed() {
    TRY(end_epoch());
    if (!until(more_ms, [&] { return newest_snapshot(fifth) > 0; })) return failure("fifth", "it makes no snapshot");
    if (!goes_on(3)) return failure("network", "stands still");
    network_->stop(liar, true);
    if (!goes_on(5)) return failure("network", "stands still without one of five: the fifth does not vote");
    network_->stop(2, true);
    usleep(1'000'000);  // what is under way
    auto const before = height(0);
    usleep(3'000'000);
    if (height(0) > before + 1) return failure("network", "decides with three of five");
    std::printf("needed      with four of five it decides, with three it does not\n");
    return {};
  }

  std::optional<testnet::Process> joiner_;
};

}  // namespace

Result<void> join(Options options) {
  Newcomer newcomer(options);
  TRY(newcomer.play());
  newcomer.passed();
  return {};
}

}  // namespace join
