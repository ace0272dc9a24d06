// SPDX-License-Identifier: Apache-2.0
// All journeys and variants of the file, played through the law alone.
#include "testnet/attack.hpp"

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

/// What differs when a journey of the file is played with these attacks.
std::string played(base::Value const& journeys, std::string const& name, std::string const& variant,
                   std::vector<Attack> const& attacks) {
  auto const run = [&](std::string& differences) -> base::Result<void> {
    TRY_ASSIGN(auto const world, world_of(journeys));
    test::MemoryChain chain(world, *base::from_rfc3339("2025-10-01T00:00:00Z"));
    TRY_ASSIGN(auto const story, tell(journeys, name, world, test::key_of, variant));
    TRY_ASSIGN(auto const journey, journey_of(journeys, name));
    auto const label = journey.object("escrow")->text_or("id");
    TRY_ASSIGN(auto deal, deal_of(journey, std::string(embedded(label + ".json").value_or("")), variant));
    std::vector<std::vector<Move>> moves;
    for (auto const& attack : attacks) {
      for (auto const& [code, amount] : attack.money) deal.expected[code] = amount;
      TRY_ASSIGN(auto one, moves_of(attack, journeys, story, world, test::key_of));
      moves.push_back(std::move(one));
    }
    Performance performance(world, story, deal, chain);
    return perform(performance, attacks, moves, [&](Line const& line) {
      if (!line.good) differences += line.what + ": expected " + line.expected + ", came " + line.came + "\n";
    });
  };
  std::string differences;
  auto const done = run(differences);
  return done ? differences : differences + base::to_string(done.error());
}

base::Value file(char const* name) { return gs1::parse_json(*embedded(name)).value(); }

class Journeys : public ::testing::TestWithParam<Run> {};

TEST_P(Journeys, HoldsAsItsFileSays) {
  EXPECT_EQ(played(file("journeys.json"), GetParam().journey, GetParam().variant, {}), "");
}

INSTANTIATE_TEST_SUITE_P(All, Journeys,
                         ::testing::Values(Run{"J1-silk", ""}, Run{"J2-cotton", ""}, Run{"J3-salmon", "A"},
                                           Run{"J3-salmon", "B"}, Run{"J4-watch", ""}));

class Attacks : public ::testing::TestWithParam<char const*> {};

/// Each attack gives its code and changes nothing; those that lead the journey elsewhere are played alone.
TEST_P(Attacks, GiveWhatTheFileSays) {
  auto const journeys = file("journeys.json");
  auto const attacks = attacks_of(journeys, file("attacks.json"), GetParam(), true);
  ASSERT_TRUE(attacks) << base::to_string(attacks.error());
  std::vector<Attack> shared;
  for (auto const& attack : *attacks) {
    if (!attack.alone) shared.push_back(attack);
    if (!attack.alone) continue;
    EXPECT_EQ(played(journeys, GetParam(), attack.variant, {attack}), "") << attack.id;
  }
  EXPECT_EQ(played(journeys, GetParam(), "", shared), "");
}

INSTANTIATE_TEST_SUITE_P(All, Attacks, ::testing::Values("J1-silk", "J2-cotton", "J3-salmon", "J4-watch"));

}  // namespace
}  // namespace testnet
