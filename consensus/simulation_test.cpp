// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "consensus/network_test.hpp"

namespace consensus::test {
namespace {

std::string first_violation(Network& network) {
  return network.judge().violations.empty() ? "" : network.judge().violations.front();
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

TEST(Simulation, ManySeedsKeepTheirPromises) {
  std::uint64_t steps = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Network network(random_scenario(seed));
    ASSERT_TRUE(network.run()) << "seed " << seed << ": " << first_violation(network);
    steps += network.steps();
    if (getenv("SHOW")) {
      auto c = random_scenario(seed);
      auto last = static_cast<Place>(c.validators - 1);
      std::printf("calm %zd seed %zu n=%zu liars=%zu loss=%u delay=%zu part=%d crash=%u all=%d: height %zu view %zu\n",
                  ssize_t(network.now_ms() - c.chaos_ms), size_t(seed), c.validators, c.liars, c.loss_percent,
                  size_t(c.delay_ms_max), c.partitions, c.crashes, c.all_crash, network.log(last).size(),
                  size_t(network.core(last).status().view));
    }
  }
  std::printf("300 seeds, %llu steps\n", static_cast<unsigned long long>(steps));
}

#ifdef TALLY_MUTANTS
TEST(Simulation, ScratchMutants) {
  struct Case {
    char const* name;
    bool Mutants::*mutant;
    Lies lies;
  };
  std::vector<Case> all{
      {"r3", &Mutants::r3_off, {.signs_all = true, .equivocates = true}},
  };
  for (auto [name, mutant, lies] : all) {
    for (std::uint64_t delay : {20, 100, 300, 1000}) {
      int caught = 0;
      std::map<std::string, int> what;
      for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Scenario scenario;
        scenario.seed = seed;
        scenario.mutants.cheap_signatures = true;
        scenario.mutants.*mutant = true;
        scenario.liars = 1;
        scenario.lies = lies;
        scenario.delay_ms_max = delay;
        scenario.loss_percent = 10;
        scenario.partitions = true;
        scenario.crashes = 150;
        scenario.all_crash = true;
        Network network(scenario);
        network.judge().forks_only = true;
        if (!network.run()) {
          ++caught;
          ++what[first_violation(network).substr(0, 30)];
        }
      }
      std::printf("%s: %zu: %d\n", name, size_t(delay), caught);
      for (auto& [k, v] : what) std::printf("    %s %d\n", k.c_str(), v);
    }
  }
}
#endif

}  // namespace
}  // namespace consensus::test
