// SPDX-License-Identifier: Apache-2.0
// tally_soak: four real validators, everything that goes wrong, and a checker that reads all the time.

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "soak/clients.hpp"
#include "soak/faults.hpp"
#include "testnet/embedded.hpp"

namespace soak {
namespace {

using base::Code;
using base::Error;

constexpr char const* usage =
    "usage: tally_soak [--minutes N] [--seed S] [--loopback]\n"
    "       tally_soak --lie book|disks\n"
    "\n"
    "Four validator processes with TLS between them, each in a network namespace of its own. By the seed they are\n"
    "killed, frozen, parted, delayed, refused, their clocks set wrong and a disk filled, while clients pay and "
    "record,\n"
    "and readers at every node compare each answer with what was acknowledged.\n"
    "\n"
    "  --minutes N   how long faults come, at least once each; 2\n"
    "  --seed S      which faults, when; 1\n"
    "  --loopback    without namespaces and mounts: neither pulled cables nor full disks\n"
    "  --lie book    no faults; the checker is told of a payment that nobody made, and has to notice\n"
    "  --lie disks   no faults; all nodes' disks are set back to an older state, and it has to notice\n"
    "\n"
    "Needs root or user namespaces, ip, and libfaketime. Loss of packets is played by the proxies as bytes that come\n"
    "late, and resets: below TCP nothing is lost.\n"
    "Exit: 0 no violation (--lie: one), 1 the opposite, 2 usage.\n";

constexpr std::uint64_t step_ms = 100;
constexpr std::uint64_t converge_ms = 60'000;
constexpr std::uint64_t start_ms = 60'000;
/// A run of two minutes may be too short for all kinds of faults, and lasts until each has come.
constexpr std::uint64_t late_kinds_ms = 120'000;
constexpr std::uint64_t lie_ms = 12'000;
constexpr std::uint16_t proxy_port = 17'000;

struct Options {
  std::uint64_t minutes = 2;
  std::uint64_t seed = 1;
  bool loopback = false;
  std::string lie;
};

std::optional<Options> read(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; ++i) {
    std::string const word = argv[i];
    std::string const value = i + 1 < argc ? argv[i + 1] : "";
    auto const* const end = value.data() + value.size();
    auto const number = [&](std::uint64_t& into) { return std::from_chars(value.data(), end, into).ptr == end; };
    if (word == "--loopback") {
      out.loopback = true;
    } else if (word == "--minutes" && !value.empty() && number(out.minutes) && out.minutes > 0) {
      ++i;
    } else if (word == "--seed" && !value.empty() && number(out.seed)) {
      ++i;
    } else if (word == "--lie" && (value == "book" || value == "disks")) {
      out.lie = argv[++i];
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::uint64_t steady_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

ledger::TimeMs wall_ms() {
  using namespace std::chrono;
  return static_cast<ledger::TimeMs>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

void pause(std::uint64_t milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

Result<std::string> faketime_library() {
  for (auto const* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"}) {
    auto const file = std::string(folder) + "/faketime/libfaketimeMT.so.1";
    if (std::filesystem::exists(file)) return file;
  }
  return Error{Code::E_NOT_ALLOWED_HERE, "libfaketimeMT.so.1", "is not here. Fix: apt-get install faketime"};
}

class Soak {
 public:
  explicit Soak(Options options) : options_(std::move(options)) {}

  Result<void> run() {
    TRY(prepare());
    for (std::size_t node = 0; node < testnet::nodes; ++node) start(node);
    for (std::size_t node = 0; node < testnet::nodes; ++node) {
      Inside const inside(*lab_, node);
      TRY(network_->wait_ready(node, start_ms));
    }
    clients_.emplace(*lab_, world_, *network_, book_, options_.seed);
    TRY(clients_->found_bank());
    TRY(converge());
    clients_->start();
    if (options_.lie.empty()) {
      trouble();
    } else {
      lie();
    }
    clients_->stop();
    worst_stall_ms_ = book_.figures().worst_stall_ms;
    auto const began = steady_ms();
    TRY(converge());
    converged_after_ms_ = steady_ms() - began;
    TRY(clients_->resolve());
    TRY(converge());
    TRY(clients_->read_everything());
    book_.settle();
    return {};
  }

  /// The line of figures, then what is wrong. True when nothing is.
  bool report(Result<void> const& ran) const {
    auto const figures = book_.figures();
    if (clients_ && proxies_) {
      auto const wires = proxies_->figures();
      std::printf(
          "soak seed %llu: %llu acknowledged (%llu failed for want of money), %llu blocks, %llu answers with %llu "
          "balances and %llu proofs checked, %llu refused (%llu for want of disk), worst stall %.1f s, converged in "
          "%.1f s; proxies: %llu KiB, %llu connections, %llu pieces late, %llu resets; faults: %s\n",
          number(options_.seed), number(figures.acknowledged), number(figures.failed), number(figures.height),
          number(figures.answers), number(figures.balances), number(figures.proofs), number(clients_->refused()),
          number(clients_->refused_for_disk()), static_cast<double>(worst_stall_ms_) / 1000,
          static_cast<double>(converged_after_ms_) / 1000, number(wires.bytes >> 10), number(wires.connections),
          number(wires.late), number(wires.resets), faults_.empty() ? "none" : faults_.c_str());
    }
    for (auto const& violation : book_.violations()) std::printf("VIOLATION  %s\n", violation.c_str());
    if (!ran) std::printf("error  %s\n", base::to_string(ran.error()).c_str());
    if (ran && !book_.violated()) return true;
    std::printf("the nodes' logs are in %s\n", home_.c_str());
    return false;
  }
  bool violated() const { return book_.violated(); }
  /// When nobody needs the logs.
  void remove() {
    network_.reset();
    if (!small_disk_.empty()) lab_->unmount_disk(small_disk_);
    std::error_code ignored;
    std::filesystem::remove_all(home_, ignored);
  }

 private:
  static unsigned long long number(std::uint64_t value) { return value; }

  Result<void> prepare() {
    TRY_ASSIGN(auto const faketime, faketime_library());
    TRY_ASSIGN(lab_, Lab::open(!options_.loopback));
    home_ = std::filesystem::temp_directory_path() / ("tally-soak-" + std::to_string(getpid()));
    TRY_ASSIGN(world_, testnet::read_world(*testnet::embedded("network.json")));
    testnet::NetworkOptions network;
    network.home = home_;
    network.ports.shift = 600;
    network.time_ms = wall_ms();
    network.launcher = [this, faketime](std::size_t node) {
      return std::vector<std::string>{"/usr/bin/env", "LD_PRELOAD=" + faketime,
                                      "FAKETIME_TIMESTAMP_FILE=" + clock_file(node).string(),
                                      "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"};
    };
    TRY(testnet::make_network(world_, network));
    TRY_ASSIGN(auto opened, testnet::Network::open(world_, network));
    network_.emplace(std::move(opened));
    proxies_.emplace(options_.seed);
    for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(wire(network.ports, node));
    if (lab_->has_namespaces()) {
      small_disk_ = home_ / world_.validators[small_node] / "data";
      TRY(lab_->mount_disk(small_disk_, small_disk_mib, false));
    }
    proxies_->start();
    trouble_.emplace(
        *lab_, *network_, *proxies_, book_, options_.seed, [this](std::size_t node) { return clock_file(node); },
        small_disk_);
    return {};
  }

  /// The node finds its peers at the proxies alone.
  Result<void> wire(testnet::Ports const& ports, std::size_t node) {
    auto const file = home_ / world_.validators[node] / "node.toml";
    TRY_ASSIGN(auto const text, wallet::read_text_file(file));
    TRY_ASSIGN(auto config, node::read_config(text, file.string()));
    config.peer_listener.host = lab_->host_of(node);
    for (std::size_t peer = 0; peer < testnet::nodes; ++peer) {
      node::Address const target{lab_->host_of(peer), ports.peers(peer)};
      config.peers[peer] = target;
      if (peer == node) continue;
      auto const port = static_cast<std::uint16_t>(proxy_port + node * testnet::nodes + peer);
      config.peers[peer] = {lab_->proxy_host(), port};
      TRY(proxies_->add(node, peer, config.peers[peer], target));
    }
    if (node == small_node && lab_->has_namespaces()) {
      config.refuse_below_mib = small_refuse_mib;
      config.stop_below_mib = small_stop_mib;
    }
    return wallet::write_text_file(file, node::to_toml(config));
  }

  std::filesystem::path clock_file(std::size_t node) const { return home_ / (world_.validators[node] + ".clock"); }

  void start(std::size_t node) {
    Inside const inside(*lab_, node);
    network_->start(node);
  }

  void trouble() {
    auto const end = steady_ms() + options_.minutes * 60'000;
    auto const goes_on = [&](std::uint64_t now) {
      return now < end || (now < end + late_kinds_ms && !trouble_->missing().empty());
    };
    for (auto now = steady_ms(); goes_on(now) && !book_.violated(); now = steady_ms()) {
      trouble_->step(now);
      pause(step_ms);
    }
    trouble_->stop();
    if (!book_.violated()) {
      for (auto const fault : trouble_->missing())
        book_.violation(std::string("a fault never came: ") + fault_names[static_cast<std::size_t>(fault)]);
    }
    faults_ = trouble_->counts();
  }

  void lie() {
    pause(lie_ms / 3);
    if (options_.lie == "book") {
      pause(lie_ms / 3);
      return book_.acknowledged(0, {{}, Payment{0, 1, 1}}, book_.figures().height, true);
    }
    // All nodes forget what they acknowledged after this moment, as disks do that only pretend to write.
    auto const each = [&](auto const& act) {
      for (std::size_t node = 0; node < testnet::nodes; ++node) network_->stop(node, true);
      for (std::size_t node = 0; node < testnet::nodes; ++node) act(home_ / world_.validators[node] / "data");
      for (std::size_t node = 0; node < testnet::nodes; ++node) start(node);
    };
    constexpr auto all = std::filesystem::copy_options::recursive;
    each([](auto const& data) { std::filesystem::copy(data, data.string() + ".old", all); });
    pause(lie_ms / 3);
    each([](auto const& data) {
      for (auto const& entry : std::filesystem::directory_iterator(data)) std::filesystem::remove_all(entry.path());
      std::filesystem::copy(data.string() + ".old", data, all);
    });
    pause(lie_ms / 3);
  }

  /// Until all nodes show one height and one root.
  Result<void> converge() {
    std::string last;
    for (auto const end = steady_ms() + converge_ms; steady_ms() < end; pause(step_ms)) {
      std::set<std::string> said;
      last.clear();
      for (std::size_t node = 0; node < testnet::nodes; ++node) {
        Inside const inside(*lab_, node);
        TRY_ASSIGN(auto client, rpc::connect(network_->member_url(node), 1'000));
        auto const answer = client->call("chain_status", base::Value::object());
        auto const words =
            answer ? std::string(answer->string_of("height")) + " " + std::string(answer->string_of("state_root"))
                   : base::to_string(answer.error());
        said.insert(answer ? words : words + std::to_string(node));
        last += "node " + std::to_string(node) + ": " + words + "; ";
      }
      if (said.size() == 1) return {};
    }
    book_.violation("the nodes did not come to one height and root within " + std::to_string(converge_ms / 1000) +
                    " s after the last fault");
    return Error{Code::E_BUSY, "convergence", last};
  }

  Options options_;
  std::filesystem::path home_;
  testnet::World world_;
  std::unique_ptr<Lab> lab_;
  std::filesystem::path small_disk_;
  Book book_{bank_total};
  std::optional<Proxies> proxies_;
  std::optional<testnet::Network> network_;
  std::optional<Faults> trouble_;
  std::optional<Clients> clients_;
  std::string faults_;
  std::uint64_t converged_after_ms_ = 0;
  /// While somebody read all the time.
  std::uint64_t worst_stall_ms_ = 0;
};

}  // namespace
}  // namespace soak

int main(int argc, char** argv) {
  bool const help = argc == 2 && std::strcmp(argv[1], "--help") == 0;
  auto const options = help ? std::nullopt : soak::read(argc, argv);
  if (!options) {
    std::fputs(soak::usage, help ? stdout : stderr);
    return help ? 0 : 2;
  }
  soak::Soak soak(*options);
  auto const ran = soak.run();
  bool const good = soak.report(ran);
  if (!options->lie.empty()) {
    std::printf("the lie was %s\n", soak.violated() ? "found" : "NOT FOUND");
    soak.remove();
    return soak.violated() ? 0 : 1;
  }
  if (good) soak.remove();
  return good ? 0 : 1;
}
