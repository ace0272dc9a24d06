// SPDX-License-Identifier: Apache-2.0
// ./dev bench: what four validator processes on this machine do, with fsync and signatures on. Prints one line a
// figure.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/time.hpp"
#include "escrow/figures.hpp"
#include "invariants.hpp"
#include "testnet/embedded.hpp"
#include "testnet/network.hpp"

namespace {

using base::Result;
using Steady = std::chrono::steady_clock;

constexpr unsigned clients = 16;
constexpr std::chrono::seconds warm_up{3};
constexpr std::chrono::seconds measured{20};
constexpr std::chrono::seconds idle{60};

double milliseconds(Steady::duration span) { return std::chrono::duration<double, std::milli>(span).count(); }

double quantile(std::vector<double> sorted, double q) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

/// One client: submits a transfer at its times and waits for each outcome at the node it is bound to.
struct Client {
  std::vector<double> latencies_ms;
  std::size_t failed = 0;

  void run(std::string const& url, testnet::Keyring const& keyring, testnet::World const& world,
           Steady::time_point begin, Steady::duration pause, Steady::time_point end) {
    auto client = rpc::connect(url);
    if (!client) return;
    auto const chain = wallet::chain_info(**client);
    if (!chain) return;
    auto const& payer = keyring.at("SPREE");
    for (auto at = begin; at < end; at += pause) {
      wallet::Draft draft;
      draft.actor = payer.party;
      ledger::Transfer transfer;
      transfer.from = payer.party;
      transfer.to = world.organisation("SERICA").party();
      transfer.asset = "EUR.EUBANK";
      transfer.amount = 1;
      draft.operations.emplace_back(transfer);
      draft.idempotency_key = ledger::IdempotencyKey::from(wallet::random_bytes().view().first(16));
      auto const signed_transaction = wallet::sign(std::move(draft), *chain, {payer});
      std::this_thread::sleep_until(at);
      auto const start = Steady::now();
      auto const id = wallet::submit(**client, signed_transaction);
      auto const outcome = id ? wallet::wait(**client, *id, 10'000) : Result<wallet::Outcome>(id.error());
      if (!outcome || outcome->state != "done") {
        ++failed;
      } else if (start >= begin + warm_up) {
        latencies_ms.push_back(milliseconds(Steady::now() - start));
      }
    }
  }
};

void latency(testnet::Network const& network, testnet::World const& world, unsigned per_second) {
  std::vector<Client> all(clients);
  std::vector<std::thread> threads;
  auto const begin = Steady::now() + std::chrono::milliseconds(200);
  auto const pause =
      std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(double(clients) / per_second));
  for (unsigned i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      all[i].run(network.member_url(i % testnet::nodes), network.keyring(), world, begin + pause * i / clients, pause,
                 begin + warm_up + measured);
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<double> together;
  std::size_t failed = 0;
  for (auto const& client : all) {
    together.insert(together.end(), client.latencies_ms.begin(), client.latencies_ms.end());
    failed += client.failed;
  }
  std::ranges::sort(together);
  std::printf("commit latency at %u tx/s: p50 %.1f ms, p99 %.1f ms, %zu measured, %.0f tx/s reached, %zu failed\n",
              per_second, quantile(together, 0.5), quantile(together, 0.99), together.size(),
              double(together.size()) / std::chrono::duration<double>(measured).count(), failed);
  std::fflush(stdout);
}

struct Usage {
  std::uint64_t written = 0;
  double cpu_seconds = 0;
};

Usage usage_of(pid_t pid) {
  Usage out;
  std::ifstream io("/proc/" + std::to_string(pid) + "/io");
  for (std::string name; io >> name;) {
    std::uint64_t value = 0;
    io >> value;
    if (name == "write_bytes:") out.written = value;
  }
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string field;
  for (int i = 3; i <= 15 && fields >> field; ++i) {
    if (i == 14 || i == 15) out.cpu_seconds += std::stod(field) / double(sysconf(_SC_CLK_TCK));
  }
  return out;
}

void idle_cost(testnet::Network const& network) {
  std::this_thread::sleep_for(std::chrono::seconds(5));
  std::vector<Usage> before;
  for (std::size_t node = 0; node < testnet::nodes; ++node) before.push_back(usage_of(network.pid(node)));
  std::this_thread::sleep_for(idle);
  double const minutes = std::chrono::duration<double>(idle).count() / 60;
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const after = usage_of(network.pid(node));
    std::printf("idle node %zu: %.1f KiB written a minute, %.2f %% of a core\n", node,
                double(after.written - before[node].written) / 1024 / minutes,
                100 * (after.cpu_seconds - before[node].cpu_seconds) / std::chrono::duration<double>(idle).count());
  }
}

Result<void> bench(std::filesystem::path const& home) {
  TRY_ASSIGN(auto const world, testnet::read_world(*testnet::embedded("network.json")));
  testnet::NetworkOptions options;
  options.home = home;
  options.ports.shift = 200;
  options.time_ms = *base::from_rfc3339("2026-06-01T00:00:00Z");
  std::filesystem::remove_all(home);
  TRY(testnet::make_network(world, options));
  TRY_ASSIGN(auto network, testnet::Network::open(world, options));
  for (std::size_t node = 0; node < testnet::nodes; ++node) network.start(node);
  for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(network.wait_ready(node, 30'000));
  testnet::Player player(world, network.keyring(), network.clock(), network.member_urls());
  ledger::CreateAsset asset;
  asset.code = "EUR";
  asset.scale = 2;
  asset.max_supply = 1'000'000'000;
  TRY(player.play({"EUBANK"}, asset));
  ledger::Mint mint;
  mint.asset = "EUR.EUBANK";
  mint.to = world.organisation("SPREE").party();
  mint.amount = 100'000'000;
  mint.reserve = crypto::sha256(base::bytes_of("reserve statement of the bench bank"));
  TRY(player.play({"EUBANK"}, mint));
  latency(network, world, 20);
  latency(network, world, 500);
  idle_cost(network);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "invariants") == 0) return invariant_cost(), 0;
  if (argc == 2 && std::strcmp(argv[1], "analysis") == 0) return storm::print_analysis_figures(), 0;
  if (argc > 1) {
    std::printf(
        "usage: tally_bench [analysis | invariants]\nMeasures the analysis of contracts, commit latency at 20 and 500 "
        "tx/s and the cost of an idle chain, in about two minutes,\nthen what the invariants of money cost; with a "
        "name "
        "only that.\n");
    return std::strcmp(argv[1], "--help") == 0 ? 0 : 2;
  }
  storm::print_analysis_figures();
  auto const result = bench(std::filesystem::temp_directory_path() / ("tally-bench-" + std::to_string(getpid())));
  invariant_cost();
  if (result) return 0;
  std::fprintf(stderr, "error  %s\n", base::to_string(result.error()).c_str());
  return 1;
}
