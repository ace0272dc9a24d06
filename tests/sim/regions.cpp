// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>

#include "suite.hpp"
#include "world.hpp"

namespace sim {

namespace {

constexpr std::size_t regions = 10;
/// Round trips between ten AWS regions in tenths of a millisecond, as published in 2017 ("Latency between AWS global
/// regions"): N. Virginia, N. California, Oregon, Ireland, Frankfurt, Tokyo, Seoul, Singapore, Sydney, Sao Paulo.
constexpr std::uint16_t round_trips[regions][regions] = {
    {0, 727, 870, 806, 887, 1453, 1784, 2167, 2300, 1195},
    {727, 0, 195, 1532, 1666, 1025, 1315, 1740, 1575, 1927},
    {870, 195, 0, 1370, 1595, 891, 1183, 1614, 1622, 1827},
    {806, 1532, 1370, 0, 196, 2124, 2424, 2390, 3096, 1913},
    {887, 1666, 1595, 196, 0, 2365, 2662, 3259, 3235, 1949},
    {1453, 1025, 891, 2124, 2365, 0, 314, 738, 1039, 2568},
    {1784, 1315, 1183, 2424, 2662, 314, 0, 719, 1340, 2863},
    {2167, 1740, 1614, 2390, 3259, 738, 719, 0, 1753, 3281},
    {2300, 1575, 1622, 3096, 3235, 1039, 1340, 1753, 0, 3225},
    {1195, 1927, 1827, 1913, 1949, 2568, 2863, 3281, 3225, 0},
};
constexpr std::uint64_t simulated_ms = 60'000;
/// What processing, whole milliseconds and the order of leaders may add to the delays, in percent.
constexpr std::uint64_t interval_slack = 15;
constexpr std::uint64_t latency_slack = 10;

double one_way_ms(std::size_t from, std::size_t to) { return round_trips[from][to] / 20.0; }

/// When the quorum is there, of what all send at their times.
double quorum_at(std::array<double, regions> const& sent_ms, std::size_t to) {
  std::array<double, regions> heard{};
  for (std::size_t from = 0; from < regions; ++from) heard[from] = sent_ms[from] + one_way_ms(from, to);
  constexpr auto quorum = regions - (regions - 1) / 3;
  std::nth_element(heard.begin(), heard.begin() + (quorum - 1), heard.end());
  return heard[quorum - 1];
}

/// What the protocol promises, by the round trips alone: a leader's proposal and the votes on it reach the next leader,
/// two delays, in the mean over all pairs of leaders; and with the final votes, three delays, all machines, in the
/// median over all leaders and machines.
struct Promised {
  double interval_ms = 0;
  double latency_ms = 0;
};
Promised promised() {
  Promised out;
  std::vector<double> latencies;
  for (std::size_t leader = 0; leader < regions; ++leader) {
    std::array<double, regions> proposed{}, notarized{};
    for (std::size_t at = 0; at < regions; ++at) proposed[at] = one_way_ms(leader, at);
    for (std::size_t at = 0; at < regions; ++at) notarized[at] = quorum_at(proposed, at);
    for (std::size_t at = 0; at < regions; ++at) {
      if (at != leader) out.interval_ms += notarized[at] / (regions * (regions - 1));
      latencies.push_back(quorum_at(notarized, at));
    }
  }
  std::sort(latencies.begin(), latencies.end());
  out.latency_ms = latencies[latencies.size() / 2];
  return out;
}

struct Proposed {
  std::uint64_t at_ms = 0;
  Hash parent;
  bool empty = true;
};

/// From a proposal's departure to the decision, at each machine.
class Stopwatch {
 public:
  void saw(consensus::Propose const& propose, std::uint64_t now_ms) {
    auto const& header = propose.block.header;
    proposed_.try_emplace(header.hash(), Proposed{now_ms, header.parent_hash, header.tx_count == 0});
  }
  void decided(std::size_t machine, Hash block, std::uint64_t now_ms) {
    for (auto at = proposed_.find(block); at != proposed_.end() && done_.insert({machine, at->first}).second;
         at = proposed_.find(at->second.parent)) {
      if (!at->second.empty) taken_ms_.push_back(now_ms - at->second.at_ms);
    }
  }
  std::vector<std::uint64_t> sorted() const {
    auto out = taken_ms_;
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::map<Hash, Proposed> proposed_;
  std::set<std::pair<std::size_t, Hash>> done_;
  std::vector<std::uint64_t> taken_ms_;
};

}  // namespace

bool measure_regions() {
  Scenario scenario;
  scenario.validators = regions;
  scenario.view_timeout_ms = 400;
  scenario.chaos_ms = 0;
  World world(scenario);
  Stopwatch watch;
  world.delay_ms = [&](Machine const& from, Machine const& to) {
    return std::max<std::uint64_t>(1, round_trips[from.index()][to.index()] / 20 + world.random().below(2));
  };
  world.passes = [&](Machine const&, Machine const&, node::Frame const& frame) {
    auto const* envelope = node::spoken(frame);
    auto const* propose = envelope == nullptr ? nullptr : std::get_if<consensus::Propose>(&envelope->message);
    if (propose != nullptr) watch.saw(*propose, world.now_ms());
    return true;
  };
  world.shown = [&](Machine const& machine, ledger::Certified const& certified) {
    watch.decided(machine.index(), certified.header.block_hash, world.now_ms());
  };
  while (world.now_ms() < simulated_ms) {
    world.run_until(world.now_ms() + 100);
    world.clients().send_next();
  }
  auto const taken = watch.sorted();
  for (auto const& finding : world.judge().findings()) std::printf("  %s\n", finding.c_str());
  if (taken.empty() || !world.judge().findings().empty()) return false;
  auto const interval_ms = simulated_ms / world.judge().height();
  auto const p50_ms = taken[taken.size() / 2];
  auto const least = promised();
  std::printf(
      "ten regions, %llu s: %llu blocks, one every %llu ms, two delays are %.0f ms; proposal to decision at all ten: "
      "p50 "
      "%llu ms, three delays are %.0f ms; p99 %llu ms\n",
      static_cast<unsigned long long>(simulated_ms / 1'000), static_cast<unsigned long long>(world.judge().height()),
      static_cast<unsigned long long>(interval_ms), least.interval_ms, static_cast<unsigned long long>(p50_ms),
      least.latency_ms, static_cast<unsigned long long>(taken[taken.size() * 99 / 100]));
  bool const good = 100 * interval_ms <= (100 + interval_slack) * static_cast<std::uint64_t>(least.interval_ms) &&
                    100 * p50_ms <= (100 + latency_slack) * static_cast<std::uint64_t>(least.latency_ms);
  if (!good) std::printf("  slower than a block every two delays, decided after three\n");
  return good;
}

}  // namespace sim
