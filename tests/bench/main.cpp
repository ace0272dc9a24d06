// SPDX-License-Identifier: Apache-2.0
// ./dev bench: what four validator processes on this machine do, with fsync and signatures on. Prints one line a
// figure.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "bench/consensus.hpp"
#include "bench/import.hpp"
#include "bench/network.hpp"
#include "bench/peak.hpp"
#include "bench/scale.hpp"
#include "bench/tree.hpp"
#include "bench/usage.hpp"
#include "escrow/figures.hpp"
#include "gym/recall.hpp"
#include "invariants.hpp"

namespace {

using base::Result;
constexpr unsigned measured_s = 20;
constexpr std::size_t peak_transfers = 60'000;
constexpr std::size_t imported_events = 50'000;
constexpr std::uint32_t recalled_items = 1'000'000;
constexpr std::chrono::seconds idle_time{60};

void idle_cost(testnet::Network const& network) {
  std::this_thread::sleep_for(std::chrono::seconds(5));
  std::vector<bench::Usage> before;
  for (std::size_t node = 0; node < testnet::nodes; ++node) before.push_back(bench::usage_of(network.pid(node)));
  std::this_thread::sleep_for(idle_time);
  double const minutes = std::chrono::duration<double>(idle_time).count() / 60;
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const after = bench::usage_of(network.pid(node));
    std::printf(
        "idle node %zu: %.1f KiB written a minute, %.2f %% of a core\n", node,
        double(after.written - before[node].written) / 1024 / minutes,
        100 * (after.cpu_seconds - before[node].cpu_seconds) / std::chrono::duration<double>(idle_time).count());
  }
}

Result<void> idle(std::filesystem::path const& home) {
  TRY_ASSIGN(auto const started, bench::start_network(home, "simplex", {}));
  idle_cost(*started.network);
  return {};
}

constexpr char const* usage =
    "usage: tally_bench [analysis | invariants | peak | import | recall | tree [KEYS] | scale --items N |\n"
    "                    consensus [--seconds N]]\n"
    "\n"
    "Measures the analysis of contracts, a recall, an import, the cost of an idle chain and what the invariants of\n"
    "money cost, in about three minutes.\n"
    "\n"
    "  analysis     only the first\n"
    "  invariants   only the last\n"
    "  peak         the most signed transfers a second, and their share of what signature checks allow\n"
    "  import       events a second that tally import records through a node alone, and through one of four\n"
    "  recall       what a bad component lot reached among a million items, four levels of packing deep\n"
    "  tree         the state tree with 100,000, 1,000,000 and 10,000,000 keys, or with KEYS: time and memory a key\n"
    "  scale        N items recorded in one process onto RocksDB: events a second, memory, disk and traces as it "
    "grows\n"
    "  consensus    commit latency at 20, 500 and 2,000 tx/s: ours, CometBFT with our ledger, and CometBFT's kvstore,\n"
    "               plain and tuned, N seconds at each rate (20), and ours between ten regions, simulated; needs\n"
    "               tools/cometbft.sh build/cometbft; ./dev bench plot draws it\n";

int report(Result<void> const& result) {
  if (result) return 0;
  std::fprintf(stderr, "error  %s\n", base::to_string(result.error()).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> const words(argv + 1, argv + argc);
  if (words == std::vector<std::string>{"invariants"}) return invariant_cost(), 0;
  if (words == std::vector<std::string>{"analysis"}) return storm::print_analysis_figures(), 0;
  if (words == std::vector<std::string>{"import"}) return report(bench::measure_import(imported_events));
  if (words == std::vector<std::string>{"recall"}) return gym::recall(recalled_items);
  if (words == std::vector<std::string>{"peak"}) return report(bench::measure_peak(peak_transfers));
  if (!words.empty() && words.front() == "tree" && words.size() <= 2) {
    std::vector<std::uint64_t> sizes = {100'000, 1'000'000, 10'000'000};
    if (words.size() == 2) sizes = {std::strtoull(words[1].c_str(), nullptr, 10)};
    for (auto const keys : sizes) {
      if (auto const done = keys > 0 ? bench::measure_tree(keys) : Result<void>(); !done) return report(done);
    }
    return 0;
  }
  if (words.size() == 3 && words[0] == "scale" && words[1] == "--items") {
    return report(bench::measure_scale(std::strtoull(words[2].c_str(), nullptr, 10)));
  }
  if (!words.empty() && words.front() == "consensus") {
    auto const seconds = words.size() == 3 && words[1] == "--seconds" ? std::strtoul(words[2].c_str(), nullptr, 10) : 0;
    if (words.size() == 1) return report(bench::compare_consensus(measured_s));
    if (seconds > 0) return report(bench::compare_consensus(static_cast<unsigned>(seconds)));
  }
  if (!words.empty()) {
    bool const help = words == std::vector<std::string>{"--help"};
    std::fputs(usage, help ? stdout : stderr);
    return help ? 0 : 2;
  }
  storm::print_analysis_figures();
  bool const recalled = gym::recall(recalled_items) == 0;
  int const imported = report(bench::measure_import(imported_events));
  auto const result = idle(std::filesystem::temp_directory_path() / ("tally-bench-" + std::to_string(getpid())));
  invariant_cost();
  return report(result) != 0 || imported != 0 || !recalled ? 1 : 0;
}
