// SPDX-License-Identifier: Apache-2.0
// ./dev bench: what four validator processes on this machine do, with fsync and signatures on, and what the ledger
// costs as it grows.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/number.hpp"
#include "bench/comet.hpp"
#include "bench/consensus.hpp"
#include "bench/import.hpp"
#include "bench/network.hpp"
#include "bench/overload.hpp"
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
constexpr std::size_t peak_transfers = 180'000;
constexpr std::size_t imported_events = 50'000;
constexpr std::uint64_t old_keys = 10'000'000;
constexpr std::uint32_t recalled_items = 1'000'000;
constexpr std::chrono::seconds idle_time{60};
constexpr double near_peak_s = 30;
constexpr double overload_s = 60;

Result<void> idle(bench::Report& report) {
  auto const home = std::filesystem::temp_directory_path() / ("tally-bench-" + std::to_string(getpid()));
  TRY_ASSIGN(auto const started, bench::start_network(home, "simplex", {}));
  auto const& network = *started.network;
  std::this_thread::sleep_for(std::chrono::seconds(5));
  std::vector<bench::Usage> before;
  for (std::size_t node = 0; node < testnet::nodes; ++node) before.push_back(bench::usage_of(network.pid(node)));
  std::this_thread::sleep_for(idle_time);
  double const seconds = std::chrono::duration<double>(idle_time).count();
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const after = bench::usage_of(network.pid(node));
    report.add("an idle node: written", double(after.written - before[node].written) / 1024 / (seconds / 60),
               "KiB a minute");
    report.add("an idle node: CPU", 100 * (after.cpu_seconds - before[node].cpu_seconds) / seconds, "% of a core");
  }
  return {};
}

constexpr char const* usage =
    "usage: tally_bench [--vs cometbft] [--runs N]\n"
    "       tally_bench WHAT [--runs N]\n"
    "\n"
    "Measures what four validators on this machine do and what the ledger costs as it grows; prints median, least and\n"
    "most of each figure, writes them to build/bench/WHAT.json (all.json for the whole) and ends with one line that\n"
    "names each aim that falls short. The whole takes about half an hour. WHAT is one of\n"
    "\n"
    "  peak              the most signed transfers a second, and their share of what signature checks allow\n"
    "  overload          nine tenths of that for half a minute, and three times that for a minute: what is lost, and\n"
    "                    what a payment waits\n"
    "  import            events a second that tally import records through a node alone, and through one of four\n"
    "  events [KEYS]     events a second of items recorded before, through one of four nodes that hold 10,000,000\n"
    "                    keys, or KEYS\n"
    "  tree [KEYS]       the state tree with 100,000, 1,000,000 and 10,000,000 keys, or with KEYS\n"
    "  scale [ITEMS]     items recorded in one process onto RocksDB, 10,000,000 or ITEMS: events a second, memory,\n"
    "                    disk and traces as it grows\n"
    "  idle              what an idle chain writes and uses\n"
    "  analysis          the analysis of contracts\n"
    "  invariants        what the invariants of money cost\n"
    "  recall            what a bad component lot reached among a million items, four levels of packing deep\n"
    "  consensus [SECONDS]\n"
    "                    commit latency at 20, 500 and 2,000 tx/s: ours, CometBFT with our ledger, and CometBFT's\n"
    "                    kvstore, plain and tuned, 20 seconds at each rate, and ours between ten regions, simulated\n"
    "\n"
    "  --vs cometbft     CometBFT's kvstore beside the peak; like consensus it needs tools/cometbft.sh build/cometbft\n"
    "  --runs N          peak, import and events so often (3)\n"
    "\n"
    "./dev bench plot draws what was measured.\n";

struct Wanted {
  /// Empty: all that is short enough.
  std::string what;
  std::uint64_t size = 0;
  unsigned runs = 3;
  bool vs_comet = false;
};

std::optional<Wanted> read(std::vector<std::string> const& words) {
  Wanted out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto const& word = words[i];
    auto const number = base::from_decimal(word, ~std::uint64_t{0});
    if (word == "--vs" && i + 1 < words.size() && words[i + 1] == "cometbft") {
      out.vs_comet = true;
      ++i;
    } else if (word == "--runs" && i + 1 < words.size()) {
      auto const runs = base::from_decimal(words[++i], 100);
      if (!runs || *runs == 0) return std::nullopt;
      out.runs = static_cast<unsigned>(*runs);
    } else if (number && *number > 0 && out.size == 0 && !out.what.empty()) {
      out.size = *number;
    } else if (out.what.empty() && !word.starts_with("-") && !number) {
      out.what = word;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

/// The parts of a run, in their order. Those that the whole leaves out take too long, or write a file of their own.
class Bench {
 public:
  explicit Bench(Wanted wanted) : wanted_(std::move(wanted)) {}

  Result<void> run() {
    if (wanted_.vs_comet) TRY(bench::require_comet());
    std::printf("%s, %s, %s\n", bench::machine().c_str(), bench::versions().c_str(), bench::today().c_str());
    if (asks("analysis")) storm::print_analysis_figures();
    if (asks("invariants")) invariant_cost();
    if (asks("idle")) TRY(idle(report_));
    for (unsigned i = 0; asks("peak") && i < wanted_.runs; ++i) TRY(peak());
    if (asks("overload")) TRY(overload());
    for (unsigned i = 0; asks("import") && i < wanted_.runs; ++i) {
      TRY(bench::measure_import(report_, imported_events));
    }
    if (wanted_.what == "events")
      TRY(bench::measure_old_items(report_, wanted_.size > 0 ? wanted_.size : old_keys, wanted_.runs));
    if (asks("tree")) TRY(trees());
    if (asks("scale"))
      TRY(bench::measure_scale(report_, wanted_.size > 0 ? wanted_.size : all() ? 1'000'000 : 10'000'000));
    if (asks("recall") && gym::recall(recalled_items) != 0) return base::Error{base::Code::E_FORM, "recall", "failed"};
    if (!report_.figures().empty()) {
      report_.print();
      TRY_ASSIGN(auto const file, report_.write(all() ? "all" : wanted_.what));
      std::printf("written to %s\n", file.c_str());
      report_.print_verdict();
    }
    return {};
  }
  static bool knows(std::string const& what) {
    static std::vector<std::string> const parts = {"",       "analysis", "invariants", "idle",  "peak",   "overload",
                                                   "import", "events",   "tree",       "scale", "recall", "consensus"};
    return std::ranges::find(parts, what) != parts.end();
  }

 private:
  bool all() const { return wanted_.what.empty(); }
  bool asks(char const* part) const { return all() || wanted_.what == part; }

  Result<void> peak() {
    TRY_ASSIGN(peak_per_s_, bench::measure_peak(report_, peak_transfers, wanted_.vs_comet));
    return {};
  }
  Result<void> overload() {
    if (peak_per_s_ == 0) TRY(peak());
    TRY(bench::measure_near_peak(report_, peak_per_s_, near_peak_s));
    return bench::measure_overload(report_, peak_per_s_, overload_s);
  }
  Result<void> trees() {
    std::vector<std::uint64_t> sizes = {100'000, 1'000'000};
    if (!all()) sizes.push_back(10'000'000);
    if (wanted_.size > 0) sizes = {wanted_.size};
    for (auto const keys : sizes) TRY(bench::measure_tree(report_, keys));
    return {};
  }

  Wanted wanted_;
  bench::Report report_;
  double peak_per_s_ = 0;
};

int report(Result<void> const& result) {
  if (result) return 0;
  std::fprintf(stderr, "error  %s\n", base::to_string(result.error()).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> const words(argv + 1, argv + argc);
  auto const wanted = read(words);
  if (!wanted || !Bench::knows(wanted->what)) {
    bool const help = words == std::vector<std::string>{"--help"};
    std::fputs(usage, help ? stdout : stderr);
    return help ? 0 : 2;
  }
  if (wanted->what == "consensus") {
    return report(bench::compare_consensus(wanted->size > 0 ? static_cast<unsigned>(wanted->size) : measured_s));
  }
  return report(Bench(*wanted).run());
}
