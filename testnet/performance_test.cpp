// SPDX-License-Identifier: Apache-2.0
// All journeys and variants of the file, played through the law alone.
#include "testnet/performance.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "gs1/json.hpp"
#include "testnet/embedded.hpp"
#include "testnet/memory_chain_test.hpp"

namespace testnet {
namespace {

struct Run {
  char const* journey;
  char const* variant;
};
void PrintTo(Run const& run, std::ostream* out) { *out << run.journey << run.variant; }

std::string played(std::string const& file, Run const& run) {
  auto const journeys = gs1::parse_json(file);
  if (!journeys) return base::to_string(journeys.error());
  auto const world = world_of(*journeys);
  if (!world) return base::to_string(world.error());
  auto const begin_ms = *base::from_rfc3339("2025-10-01T00:00:00Z");
  test::MemoryChain chain(*world, begin_ms);
  auto const story = tell(*journeys, run.journey, *world, test::key_of, run.variant);
  if (!story) return base::to_string(story.error());
  auto const journey = journey_of(*journeys, run.journey);
  auto const label = journey->object("escrow")->text_or("id");
  auto const deal = deal_of(*journey, std::string(embedded(label + ".json").value_or("")), run.variant);
  if (!deal) return base::to_string(deal.error());
  Performance performance(*world, *story, *deal, chain);
  std::string differences;
  auto const note = [&](Line const& line) {
    if (!line.good) differences += line.what + ": expected " + line.expected + ", came " + line.came + "\n";
  };
  auto const done = performance.play(note);
  if (!done) return differences + base::to_string(done.error());
  if (!performance.good()) return differences;
  auto const checked = performance.check(note);
  if (!checked) return base::to_string(checked.error());
  return differences;
}

class Journeys : public ::testing::TestWithParam<Run> {};

TEST_P(Journeys, HoldsAsItsFileSays) { EXPECT_EQ(played(std::string(*embedded("journeys.json")), GetParam()), ""); }

INSTANTIATE_TEST_SUITE_P(All, Journeys,
                         ::testing::Values(Run{"J1-silk", ""}, Run{"J2-cotton", ""}, Run{"J3-salmon", "A"},
                                           Run{"J3-salmon", "B"}, Run{"J4-watch", ""}));

}  // namespace
}  // namespace testnet
