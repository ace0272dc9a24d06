// SPDX-License-Identifier: Apache-2.0
#include "suite.hpp"

#include <cstdio>

#include "world.hpp"

namespace sim {

Outcome outcome_of(World& world) {
  return {world.judge().findings(),
          world.trace(),
          world.now_ms(),
          world.messages(),
          world.judge().height(),
          world.clients().acknowledged(),
          world.equivocations().checked(),
          world.judge().changes()};
}

void narrate(World& world) {
  world.narrate = [](std::uint64_t now_ms, std::string const& line) {
    std::printf("%8.3f  %s\n", static_cast<double>(now_ms) / 1000, line.c_str());
  };
}

Outcome run_scenario(Scenario const& scenario, bool verbose) {
  World world(scenario);
  if (verbose) narrate(world);
  world.run();
  return outcome_of(world);
}

}  // namespace sim
