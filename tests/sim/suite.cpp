// SPDX-License-Identifier: Apache-2.0
#include "suite.hpp"

#include <cstdio>

#include "world.hpp"

namespace sim {

namespace {

Outcome outcome_of(World& world) {
  return {world.judge().findings(), world.trace(),          world.now_ms(),
          world.messages(),         world.judge().height(), world.clients().acknowledged()};
}

void narrate(World& world) {
  world.narrate = [](std::uint64_t now_ms, std::string const& line) {
    std::printf("%8.3f  %s\n", static_cast<double>(now_ms) / 1000, line.c_str());
  };
}

/// R4: three of four finalize-vote block 1 with one result, the fourth with another; one of the three sees the
/// finalization and is cut off; the two others come back computing as the fourth does.
Outcome after_divergence(Scenario scenario, bool verbose) {
  scenario = Scenario{.seed = scenario.seed, .chaos_ms = 0, .mutants = scenario.mutants};
  World world(scenario);
  if (verbose) narrate(world);
  for (std::size_t i = 1; i < 4; ++i) world.excuse(world.machine(i));
  world.machine(3).disk.misreads = true;
  auto const kind_of = [](node::Frame const& frame) -> std::optional<crypto::VoteKind> {
    auto const* spoken = std::get_if<node::ConsensusFrame>(&frame);
    auto const* vote = spoken == nullptr ? nullptr : std::get_if<consensus::Vote>(&spoken->envelope.message);
    if (vote == nullptr) return std::nullopt;
    return vote->ballot.kind;
  };
  world.passes = [&](Machine const& from, Machine const& to, node::Frame const& frame) {
    return from.index() != 0 && (kind_of(frame) != crypto::VoteKind::finalize || to.index() == 0);
  };
  world.run_until(100);
  world.clients().send_next();
  while (world.machine(0).height() == 0 && world.now_ms() < 20'000) world.run_until(world.now_ms() + 5);
  if (world.machine(0).height() == 0) world.judge().fail("the script does not reach a decision");
  // The one that knows the certified result would stop the others.
  world.passes = [](Machine const& from, Machine const& to, node::Frame const&) {
    return from.index() != 0 && to.index() != 0;
  };
  for (std::size_t i = 1; i < 3; ++i) {
    world.crash(world.machine(i), true);
    world.machine(i).disk.misreads = true;
    world.machine(i).start();
  }
  world.clients().send_next();
  world.run_until(world.now_ms() + 20'000);
  return outcome_of(world);
}

Outcome at_random(Scenario scenario, bool verbose) { return run_scenario(scenario, verbose); }

void as_drawn(Scenario&) {}
void calm_but_for_the_faulty(Scenario& scenario) {
  scenario.validators = 4;
  scenario.delay_ms_max = 100;
  scenario.loss_percent = 10;
  scenario.partitions = true;
  scenario.clocks_jump = scenario.full_disks = false;
  scenario.twin = scenario.liar = scenario.misreads = scenario.wrong_clock = scenario.journal_lost = false;
}
void with_a_liar(Scenario& scenario) {
  calm_but_for_the_faulty(scenario);
  scenario.liar = true;
}
void with_a_twin(Scenario& scenario) {
  calm_but_for_the_faulty(scenario);
  scenario.twin = true;
}
void with_an_all_crash(Scenario& scenario) { scenario.all_crash = true; }

struct Planted {
  std::string name;
  bool consensus::Mutants::*fault;
  /// What one of the findings must begin with.
  std::string finding;
  void (*conditions)(Scenario&);
  Outcome (*play)(Scenario, bool) = at_random;
};

/// Seeds to try for each fault.
constexpr std::uint64_t planted_seeds = 400;

std::vector<Planted> const& planted() {
  using M = consensus::Mutants;
  static std::vector<Planted> const all = {
      {"R1", &M::r1_off, "P5", with_a_liar},
      {"R2", &M::r2_off, "P4", as_drawn},
      {"R3", &M::r3_off, "P4", with_a_twin},
      {"R4", &M::r4_off, "P1", as_drawn, after_divergence},
      {"FETCH", &M::no_fetch, "P11", as_drawn},
      {"no_rebroadcast", &M::no_rebroadcast, "P11", as_drawn},
      {"volatile_entry", &M::volatile_entry, "P11", with_an_all_crash},
      {"volatile_notarization", &M::volatile_notarization, "P11", with_an_all_crash},
      {"volatile_bytes", &M::volatile_bytes, "P11", with_an_all_crash},
      {"votes_not_replayed", &M::votes_not_replayed, "P11", with_an_all_crash},
      {"wrong_quorum", &M::wrong_quorum, "P1", as_drawn},
      {"endless_timeout", &M::endless_timeout, "P11", as_drawn},
      {"disks_lie", nullptr, "P", as_drawn},
  };
  return all;
}

bool found(Outcome const& outcome, Planted const& fault) {
  return std::any_of(outcome.findings.begin(), outcome.findings.end(),
                     [&](std::string const& finding) { return finding.starts_with(fault.finding); });
}

bool find_one(Planted const& fault, bool verbose) {
  std::set<std::string> others;
  for (std::uint64_t seed = 1; seed <= planted_seeds; ++seed) {
    auto const sound = [&] {
      auto scenario = draw_scenario(seed, 0);
      fault.conditions(scenario);
      return scenario;
    }();
    auto broken = sound;
    plant(broken, fault.name);
    auto const outcome = fault.play(broken, verbose);
    if (!found(outcome, fault)) {
      if (!outcome.findings.empty()) others.insert(outcome.findings.front());
      continue;
    }
    auto const clean = fault.play(sound, verbose);
    std::printf("%-22s found by seed %llu: %s\n", fault.name.c_str(), static_cast<unsigned long long>(seed),
                outcome.findings.front().c_str());
    if (clean.findings.empty()) return true;
    std::printf("%-22s but the same is found without it: %s\n", "", clean.findings.front().c_str());
    return false;
  }
  std::printf("%-22s NOT FOUND by %llu seeds\n", fault.name.c_str(), static_cast<unsigned long long>(planted_seeds));
  for (auto const& other : others) std::printf("%-22s only: %s\n", "", other.c_str());
  return false;
}

}  // namespace

Outcome run_scenario(Scenario const& scenario, bool verbose) {
  World world(scenario);
  if (verbose) narrate(world);
  world.run();
  return outcome_of(world);
}

bool plant(Scenario& scenario, std::string const& name) {
  for (auto const& fault : planted()) {
    if (fault.name != name) continue;
    if (fault.fault != nullptr) {
      scenario.mutants.*fault.fault = true;
    } else {
      scenario.disks_lie = true;
    }
    return true;
  }
  return false;
}

std::vector<std::string> planted_names() {
  std::vector<std::string> out;
  for (auto const& fault : planted()) out.push_back(fault.name);
  return out;
}

bool find_planted(std::string const& only, bool verbose) {
  bool all = true;
  for (auto const& fault : planted()) {
    if (only.empty() || fault.name == only) all = find_one(fault, verbose) && all;
    std::fflush(stdout);
  }
  return all;
}

}  // namespace sim
