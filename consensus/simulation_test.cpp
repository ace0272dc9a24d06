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
  out.lies = {random.chance(60), random.chance(60), random.chance(60), random.chance(30), random.chance(20)};
  out.chaos_ms = 2'000 + random.below(4'000);
  out.loss_percent = random.chance(60) ? static_cast<unsigned>(random.below(30)) : 0;
  out.duplicate_percent = static_cast<unsigned>(random.below(50));
  std::uint64_t const delays[] = {10, 50, 200, 1'000, 5'000};
  out.delay_ms_max = delays[random.below(5)];
  out.partitions = random.chance(50);
  out.crashes = random.chance(50) ? static_cast<unsigned>(random.below(100)) : 0;
  out.all_crash = random.chance(30);
  out.skewed_clocks = out.liars == 0 && random.chance(30);
#ifdef TALLY_MUTANTS
  out.mutants.cheap_signatures = true;
#endif
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
  }
  std::printf("300 seeds, %llu steps\n", static_cast<unsigned long long>(steps));
}

}  // namespace
}  // namespace consensus::test
