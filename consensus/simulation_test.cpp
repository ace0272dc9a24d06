// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "consensus/network_test.hpp"

namespace consensus::test {
namespace {

std::string first_violation(Network& network) {
  auto const& violations = network.judge().violations;
  return violations.empty() ? "" : violations.front();
}

/// Everything that a seed chooses.
Scenario random_scenario(std::uint64_t seed) {
  Random random(seed * 7919);
  Scenario out;
  out.seed = seed;
  std::size_t const sizes[] = {4, 4, 4, 5, 7};
  out.validators = sizes[random.below(5)];
  std::size_t const faulty_max = (out.validators - 1) / 3;
  out.liars = random.chance(60) ? 1 + random.below(faulty_max) : 0;
  out.lies = {random.chance(60), random.chance(60), random.chance(60),
              random.chance(30), random.chance(20), random.chance(10)};
  out.chaos_ms = 2'000 + random.below(4'000);
  out.loss_percent = random.chance(60) ? static_cast<unsigned>(random.below(30)) : 0;
  out.duplicate_percent = static_cast<unsigned>(random.below(50));
  std::uint64_t const delays[] = {10, 50, 200, 1'000, 5'000};
  out.delay_ms_max = delays[random.below(5)];
  out.partitions = random.chance(50);
  out.crashes = random.chance(50) ? static_cast<unsigned>(random.below(100)) : 0;
  out.all_crash = random.chance(30);
  if (out.liars < faulty_max && random.chance(30)) out.divergent = 1;
  out.skewed_clocks = out.liars == 0 && random.chance(30);
  return out;
}

TEST(Simulation, AHealthyNetworkDecidesEverything) {
  Scenario scenario;
  scenario.chaos_ms = 3'000;
  Network network(scenario);
  EXPECT_TRUE(network.run()) << first_violation(network);
  EXPECT_GT(network.log(0).size(), 10u);
}

TEST(Simulation, EverySizeLivesWithItsFaultyOnesDead) {  // commonware #733: quorums for n other than 3f + 1
  for (std::size_t validators = 1; validators <= 10; ++validators) {
    Scenario scenario;
    scenario.validators = validators;
    scenario.liars = (validators - 1) / 3;
    scenario.lies.dead = true;
    scenario.chaos_ms = 2'000;
    Network network(scenario);
    EXPECT_TRUE(network.run()) << validators << ": " << first_violation(network);
  }
}

TEST(Simulation, ManySeedsKeepTheirPromises) {
  std::uint64_t steps = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Network network(random_scenario(seed));
    ASSERT_TRUE(network.run()) << "seed " << seed << ": " << first_violation(network);
    steps += network.steps();
  }
  EXPECT_GT(steps, 200'000u);
}

TEST(Simulation, RealSignaturesMakeNoDifference) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    auto scenario = random_scenario(seed);
    scenario.chaos_ms = 1'000;
    scenario.mutants.cheap_signatures = false;
    Network network(scenario);
    EXPECT_TRUE(network.run()) << "seed " << seed << ": " << first_violation(network);
  }
}

TEST(Simulation, TheSameSeedLeavesTheSameTrace) {
  Network first(random_scenario(11)), second(random_scenario(11)), other(random_scenario(12));
  EXPECT_TRUE(first.run() && second.run() && other.run());
  EXPECT_EQ(first.trace(), second.trace());
  EXPECT_NE(first.trace(), other.trace());
}

TEST(Scratch, Stuck) {
  auto s = random_scenario(186);
  s.liars = 1;
  s.lies = {.signs_all = true, .skips_back = true};
  s.delay_ms_max = 300;
  s.divergent = 0;
  Network network(s);
  network.run();
  std::printf("%s n=%zu loss %u part %d crash %u all %d skew %d t=%zu\n", first_violation(network).c_str(),
              s.validators, s.loss_percent, s.partitions, s.crashes, s.all_crash, s.skewed_clocks,
              size_t(network.now_ms()));
  for (int k = 0; k < 4; ++k) {
    for (Place p = 0; p < s.validators; ++p) {
      auto st = network.core(p).status();
      std::printf("%d view %zu leader %d tip %zu v%zu undecided %zu final %zu log %zu\n", p, size_t(st.view), st.leader,
                  size_t(st.tip.height), size_t(st.tip.view), st.undecided, size_t(st.final_height),
                  network.log(p).size());
    }
    network.run_until(network.now_ms() + 10000);
  }
}

TEST(Scratch, Mutants) {
  struct Case {
    char const* name;
    bool Mutants::*mutant;
    std::function<void(Scenario&)> change;
    bool forks;
  };
  std::vector<Case> all{
      {"r1", &Mutants::r1_off,
       [](Scenario& s) {
         s.liars = 1;
         s.lies = {.signs_all = true, .skips_back = true};
         s.delay_ms_max = 300;
         s.divergent = 0;
       },
       false},
      {"r1f", &Mutants::r1_off,
       [](Scenario& s) {
         s.liars = 1;
         s.lies = {.signs_all = true, .skips_back = true};
         s.delay_ms_max = 300;
         s.divergent = 0;
       },
       true},
      {"r2", &Mutants::r2_off,
       [](Scenario& s) {
         s.liars = 1;
         s.lies = {.signs_all = true};
         s.delay_ms_max = 300;
         s.divergent = 0;
       },
       true},
      {"r3", &Mutants::r3_off,
       [](Scenario& s) {
         s.liars = 1;
         s.lies = {.signs_all = true, .equivocates = true};
         s.divergent = 0;
       },
       false},
      {"r4", &Mutants::r4_off,
       [](Scenario& s) {
         s.liars = 0;
         s.divergent = 1;
         s.crashes = 100;
         s.delay_ms_max = 200;
       },
       false},
      {"nofetch", &Mutants::no_fetch, [](Scenario&) {}, false},
      {"norebr", &Mutants::no_rebroadcast, [](Scenario&) {}, false},
      {"entry", &Mutants::volatile_entry,
       [](Scenario& s) {
         s.all_crash = true;
         s.liars = 1;
         s.lies = {.dead = true};
         s.divergent = 0;
       },
       false},
      {"bytes", &Mutants::volatile_bytes, [](Scenario& s) { s.all_crash = true; }, false},
      {"replay", &Mutants::votes_not_replayed,
       [](Scenario& s) {
         s.all_crash = true;
         s.liars = 1;
         s.lies = {.dead = true};
         s.divergent = 0;
       },
       false},
      {"quorum", &Mutants::wrong_quorum, [](Scenario&) {}, true},
      {"sync", &Mutants::trusting_sync,
       [](Scenario& s) {
         s.liars = 1;
         s.lies = {.corrupts = true};
         s.crashes = 100;
         s.divergent = 0;
       },
       false},
  };
  for (auto [name, mutant, change, forks] : all) {
    int caught = 0, first = 0;
    std::map<std::string, int> what;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      Scenario scenario = random_scenario(seed);
      change(scenario);
      {
        Network network(scenario);
        if (!network.run()) std::printf("FALSE %s %zu %s\n", name, size_t(seed), first_violation(network).c_str());
      }
      scenario.mutants.*mutant = true;
      Network network(scenario);
      network.judge().forks_only = forks;
      network.judge().trusts_disks = true;
      if (!network.run()) {
        if (!first) first = int(seed);
        ++caught;
        ++what[first_violation(network).substr(0, 30)];
      }
    }
    std::printf("%s: %d first %d\n", name, caught, first);
    for (auto& [k, v] : what) std::printf("    %s %d\n", k.c_str(), v);
  }
}

}  // namespace
}  // namespace consensus::test
