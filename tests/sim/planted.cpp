// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <set>

#include "scripts.hpp"

namespace sim {

namespace {

void as_drawn(Scenario&) {}
void calm_but_for_the_faulty(Scenario& scenario) {
  scenario.validators = 4;
  scenario.delay_ms_max = 100;
  scenario.loss_percent = 10;
  scenario.partitions = true;
  scenario.clocks_jump = scenario.full_disks = false;
  scenario.twin = scenario.liar = scenario.misreads = scenario.wrong_clock = false;
  scenario.dead = scenario.journal_lost = scenario.rotten = scenario.flapping = false;
  scenario.second_journal_lost = scenario.membership = false;
  scenario.disk_errors = 0;
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
void with_a_liar_and_crashes(Scenario& scenario) {
  with_a_liar(scenario);
  scenario.crashes = 5'000;
}

void with_crashes(Scenario& scenario) {
  calm_but_for_the_faulty(scenario);
  scenario.crashes = 20'000;
}
void with_short_epochs(Scenario& scenario) {
  calm_but_for_the_faulty(scenario);
  scenario.epoch_blocks = 2;
}
void with_short_proposals(Scenario& scenario) { scenario.short_proposals = true; }
void with_a_twin_of_five(Scenario& scenario) {
  with_a_twin(scenario);
  scenario.validators = 5;
}

struct Planted {
  std::string name;
  /// Null: the syncs of a folder do nothing.
  bool consensus::Mutants::*fault;
  /// What one of the findings must begin with.
  std::string finding;
  void (*conditions)(Scenario&);
  Outcome (*play)(Scenario const&, bool) = run_scenario;
  char const* folder = "";
};

/// Seeds to try for each fault.
constexpr std::uint64_t planted_seeds = 400;

std::vector<Planted> const& planted() {
  using M = consensus::Mutants;
  static std::vector<Planted> const all = {
      {"R1", &M::r1_off, "P5", with_a_liar},
      {"R2", &M::r2_off, "P4", as_drawn},
      {"R3", &M::r3_off, "P4", with_a_twin},
      {"R4", &M::r4_off, "P1", as_drawn, play_divergence},
      {"FETCH", &M::no_fetch, "P11", as_drawn},
      {"no_rebroadcast", &M::no_rebroadcast, "P11", as_drawn},
      {"volatile_entry", &M::volatile_entry, "P11", with_an_all_crash},
      {"volatile_notarization", &M::volatile_notarization, "P11", as_drawn, play_crash_after_finalize},
      {"volatile_bytes", &M::volatile_bytes, "P11", with_an_all_crash},
      {"votes_not_replayed", &M::votes_not_replayed, "P11", as_drawn, play_crash_after_nullify},
      {"wrong_quorum", &M::wrong_quorum, "P1", as_drawn},
      {"endless_timeout", &M::endless_timeout, "P11", as_drawn, play_long_failure},
      {"trusting_sync", &M::trusting_sync, "machine", with_a_liar_and_crashes},
      {"volatile_proposal", &M::volatile_proposal, "P4", with_crashes},
      {"tip_ignored", &M::tip_ignored, "P4", with_crashes},
      {"narrow_quorum", &M::narrow_quorum, "P", with_a_twin_of_five},
      {"child_instead", &M::child_instead, "P2", with_short_epochs},
      {"accuses_nobody", &M::accuses_nobody, "P12", as_drawn, play_expulsion},
      {"unwatched", &M::unwatched, "P12: machine", with_a_twin},
      {"proposals_unwatched", &M::proposals_unwatched, "P12: machine", with_a_twin},
      {"floor_m", &M::floor_m, "P4", as_drawn, play_lost_journal},
      {"volatile_floor", &M::volatile_floor, "P4", as_drawn, play_lost_journal},
      {"recovering_node_answers", &M::recovering_node_answers, "P4", as_drawn, play_two_lost_journals},
      {"never_asks", &M::never_asks, "P11", with_short_proposals, play_lost_gossip},
      {"disks_lie", nullptr, "P", as_drawn, run_scenario, "*"},
  };
  return all;
}

std::optional<std::string> finding_of(Outcome const& outcome, Planted const& fault) {
  for (auto const& finding : outcome.findings) {
    if (finding.starts_with(fault.finding)) return finding;
  }
  return std::nullopt;
}

bool find_one(Planted const& fault, bool verbose) {
  std::set<std::string> others;
  for (std::uint64_t seed = 1; seed <= planted_seeds; ++seed) {
    auto const sound = [&] {
      auto scenario = draw_scenario(seed, 0);
      fault.conditions(scenario);
      return scenario;
    }();
    auto const clean = fault.play(sound, verbose);
    if (!clean.findings.empty()) {
      std::printf("%-22s seed %llu finds without it: %s\n", fault.name.c_str(), static_cast<unsigned long long>(seed),
                  clean.findings.front().c_str());
      return false;
    }
    auto broken = sound;
    plant(broken, fault.name);
    auto const outcome = fault.play(broken, verbose);
    if (auto const finding = finding_of(outcome, fault)) {
      std::printf("%-22s found by seed %llu: %s\n", fault.name.c_str(), static_cast<unsigned long long>(seed),
                  finding->c_str());
      return true;
    }
    if (!outcome.findings.empty()) others.insert(outcome.findings.front());
  }
  std::printf("%-22s NOT FOUND by %llu seeds\n", fault.name.c_str(), static_cast<unsigned long long>(planted_seeds));
  for (auto const& other : others) std::printf("%-22s only: %s\n", "", other.c_str());
  return false;
}

}  // namespace

bool plant(Scenario& scenario, std::string const& name) {
  for (auto const& fault : planted()) {
    if (fault.name != name) continue;
    if (fault.fault != nullptr) {
      scenario.mutants.*fault.fault = true;
    } else {
      scenario.unsynced_folder = fault.folder;
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
