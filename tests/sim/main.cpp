// SPDX-License-Identifier: Apache-2.0
// tally_sim: whole networks of real replicas in one process, from seeds.

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <mutex>
#include <thread>

#include "suite.hpp"

namespace {

constexpr char const* usage =
    "usage: tally_sim --seeds N [--from S] [--nodes 4..16] [--mutant NAME] [--jobs J] [--verbose]\n"
    "       tally_sim --mutants [NAME]\n"
    "       tally_sim --crash-points | --regions | --twins [N] [--mutants NAME]\n"
    "\n"
    "  --seeds N      run the seeds S, S + 1, ..., N of them; S is 1\n"
    "  --nodes n      all with so many validators; else 4, 5 and 7 in turn, and 10 for every tenth\n"
    "  --mutant NAME  with this fault planted\n"
    "  --jobs J       so many worlds at a time; else as many as the machine has cores\n"
    "  --verbose      tell each seed's scenario, and of a single seed what happens\n"
    "  --mutants      plant every fault (or NAME) and see it found\n"
    "  --crash-points crash before every change of a disk\n"
    "  --regions      how long a block takes between ten places of the world: a new one every two delays, decided "
    "after\n"
    "                 three\n"
    "  --twins N      N scenarios of a validator that runs twice, evenly out of all; 100,000. With --mutants NAME one "
    "has\n"
    "                 to find the fault\n"
    "\n"
    "Exit: 0 nothing found (--mutants: everything found; --regions: no slower), 1 the opposite, 2 usage.\n";

constexpr std::uint64_t twins_scenarios = 100'000;

struct Options {
  std::uint64_t seeds = 0;
  std::uint64_t from = 1;
  std::uint64_t nodes = 0;
  std::uint64_t jobs = std::max(1u, std::thread::hardware_concurrency());
  std::string mutant;
  bool mutants = false;
  bool crash_points = false;
  bool regions = false;
  std::uint64_t twins = 0;
  bool verbose = false;
};

bool read_number(char const* text, std::uint64_t& out) {
  auto const end = text + std::strlen(text);
  auto const [at, error] = std::from_chars(text, end, out);
  return error == std::errc() && at == end;
}

std::optional<Options> read(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; ++i) {
    std::string const word = argv[i];
    char const* value = i + 1 < argc ? argv[i + 1] : nullptr;
    std::uint64_t* const number = word == "--seeds"   ? &out.seeds
                                  : word == "--from"  ? &out.from
                                  : word == "--nodes" ? &out.nodes
                                  : word == "--jobs"  ? &out.jobs
                                  : word == "--twins" ? &out.twins
                                                      : nullptr;
    if (word == "--twins" && (value == nullptr || *value == '-')) {
      out.twins = twins_scenarios;
    } else if (number != nullptr) {
      if (value == nullptr || !read_number(value, *number)) return std::nullopt;
      ++i;
    } else if (word == "--mutant" && value != nullptr) {
      out.mutant = argv[++i];
    } else if (word == "--mutants") {
      out.mutants = true;
      if (value != nullptr && *value != '-') out.mutant = argv[++i];
    } else if (word == "--crash-points") {
      out.crash_points = true;
    } else if (word == "--regions") {
      out.regions = true;
    } else if (word == "--verbose") {
      out.verbose = true;
    } else {
      return std::nullopt;
    }
  }
  auto const names = sim::planted_names();
  bool const known = out.mutant.empty() || std::find(names.begin(), names.end(), out.mutant) != names.end();
  bool const sizes = out.nodes == 0 || (out.nodes >= 4 && out.nodes <= 16);
  if (!known || !sizes || out.jobs == 0 ||
      (out.seeds == 0 && !out.mutants && !out.crash_points && !out.regions && out.twins == 0))
    return std::nullopt;
  return out;
}

/// What many seeds came to, for all threads.
struct Tally {
  std::mutex mutex;
  std::uint64_t failures = 0;
  std::uint64_t simulated_ms = 0, messages = 0, heights = 0, acknowledged = 0, equivocations = 0, changes = 0,
                run_twice = 0;
};

/// Every so many seeds runs twice, to see that it leaves the same trace.
constexpr std::uint64_t twice_every = 25;

void run_seed(Options const& options, std::uint64_t seed, Tally& tally) {
  auto scenario = sim::draw_scenario(seed, options.nodes);
  if (!options.mutant.empty()) sim::plant(scenario, options.mutant);
  auto outcome = sim::run_scenario(scenario, options.verbose && options.seeds == 1);
  bool const twice = seed % twice_every == 0;
  if (twice && sim::run_scenario(scenario, false).trace != outcome.trace) {
    outcome.findings.push_back("P14: the same seed left another trace");
  }
  std::lock_guard const lock(tally.mutex);
  if (options.verbose) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), sim::describe(scenario).c_str());
    std::printf("  height %llu, %llu acknowledged, %llu messages, %.1f s, trace %s\n",
                static_cast<unsigned long long>(outcome.heights), static_cast<unsigned long long>(outcome.acknowledged),
                static_cast<unsigned long long>(outcome.messages), static_cast<double>(outcome.simulated_ms) / 1000,
                outcome.trace.hex().substr(0, 18).c_str());
  }
  tally.simulated_ms += outcome.simulated_ms;
  tally.messages += outcome.messages;
  tally.heights += outcome.heights;
  tally.acknowledged += outcome.acknowledged;
  tally.equivocations += outcome.equivocations;
  tally.changes += outcome.changes;
  if (twice) ++tally.run_twice;
  if (outcome.findings.empty()) return;
  ++tally.failures;
  std::printf("seed %llu FAILED (%s)\n", static_cast<unsigned long long>(seed), sim::describe(scenario).c_str());
  for (auto const& finding : outcome.findings) std::printf("  %s\n", finding.c_str());
  std::string const more = (options.nodes != 0 ? " --nodes " + std::to_string(options.nodes) : "") +
                           (options.mutant.empty() ? "" : " --mutant " + options.mutant);
  std::printf("  again: ./dev sim --seeds 1 --from %llu%s --verbose\n", static_cast<unsigned long long>(seed),
              more.c_str());
  std::fflush(stdout);
}

int run_seeds(Options const& options) {
  Tally tally;
  std::atomic<std::uint64_t> next = options.from;
  auto const end = options.from + options.seeds;
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < std::min(options.jobs, options.seeds); ++i) {
    threads.emplace_back([&] {
      for (auto seed = next++; seed < end; seed = next++) run_seed(options, seed, tally);
    });
  }
  for (auto& thread : threads) thread.join();
  std::printf(
      "%llu seeds from %llu, %llu failed; %.2f simulated hours, %.1f CPU seconds; %llu heights, %llu messages, "
      "%llu transactions acknowledged, %llu equivocations accused, %llu changes of validators; %llu seeds ran twice\n",
      static_cast<unsigned long long>(options.seeds), static_cast<unsigned long long>(options.from),
      static_cast<unsigned long long>(tally.failures), static_cast<double>(tally.simulated_ms) / 3'600'000,
      static_cast<double>(std::clock()) / CLOCKS_PER_SEC, static_cast<unsigned long long>(tally.heights),
      static_cast<unsigned long long>(tally.messages), static_cast<unsigned long long>(tally.acknowledged),
      static_cast<unsigned long long>(tally.equivocations), static_cast<unsigned long long>(tally.changes),
      static_cast<unsigned long long>(tally.run_twice));
  // Many seeds have twins among them: none handed over would be a check of nothing.
  bool const checked = (tally.equivocations > 0 && tally.changes > 0) || options.seeds < 100;
  if (!checked) std::printf("no equivocation was handed to anybody, or no validator changed\n");
  return tally.failures == 0 && checked ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  auto const options = read(argc, argv);
  if (!options) {
    std::fputs(usage, argc > 1 && std::strcmp(argv[1], "--help") == 0 ? stdout : stderr);
    return argc > 1 && std::strcmp(argv[1], "--help") == 0 ? 0 : 2;
  }
  if (options->twins > 0) {
    bool const good = sim::play_twins(options->twins, options->mutant, options->jobs);
    return good != options->mutants ? 0 : 1;
  }
  if (options->mutants) return sim::find_planted(options->mutant, options->verbose) ? 0 : 1;
  if (options->crash_points) return sim::crash_everywhere() ? 0 : 1;
  if (options->regions) return sim::measure_regions() ? 0 : 1;

  return run_seeds(*options);
}
