// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "suite.hpp"
#include "world.hpp"

namespace sim {

namespace {

constexpr std::size_t victim = 1;
constexpr std::uint64_t transactions = 6;
constexpr std::uint64_t settle_ms_max = 60'000;

/// Four machines record a few transactions; one of them does not live to make its n-th change of the disk. It comes
/// back, and everything must be recorded everywhere. False when there was no n-th change.
bool crash_at(std::uint64_t write, bool power_fails, std::vector<std::string>& findings) {
  Scenario scenario;
  scenario.seed = write;
  scenario.chaos_ms = 0;
  scenario.epoch_blocks = 2;
  World world(scenario);
  world.crashes_lose_power = power_fails;
  world.machine(victim).dies_at_write = write;
  for (std::uint64_t sent = 0; sent < transactions; ++sent) {
    world.run_until(world.now_ms() + 150);
    world.clients().send_next();
  }
  auto const done = [&] {
    bool all = world.clients().are_content();
    for (std::size_t i = 0; i < world.machines(); ++i) all = all && world.machine(i).height() == world.judge().height();
    return all && world.judge().height() > 0;
  };
  auto const end_ms = world.now_ms() + settle_ms_max;
  while (!done() && world.now_ms() < end_ms && world.judge().findings().empty()) {
    world.run_until(world.now_ms() + 50);
    if (world.now_ms() % 1'000 == 0) world.clients().send_again();
  }
  if (!done()) world.judge().fail("P11: not everything is recorded everywhere" + world.state_of_all());
  for (std::size_t i = 0; done() && i < world.machines(); ++i)
    world.clients().check(world.machine(i), *world.machine(i).replica().certified()->state);
  findings = world.judge().findings();
  return world.machine(victim).writes >= write;
}

}  // namespace

bool crash_everywhere() {
  bool good = true;
  for (bool const power_fails : {false, true}) {
    std::uint64_t points = 0;
    std::vector<std::string> findings;
    while (crash_at(points + 1, power_fails, findings)) {
      ++points;
      for (auto const& finding : findings) {
        std::printf("crash before change %llu: %s\n", static_cast<unsigned long long>(points), finding.c_str());
        good = false;
      }
    }
    std::printf("%s at each of %llu changes of a disk\n", power_fails ? "power failed" : "process ended",
                static_cast<unsigned long long>(points));
    good = good && points > 10;
  }
  return good;
}

}  // namespace sim
