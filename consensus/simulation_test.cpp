// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

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

/// How many of forty networks accuse the one that signs everything and proposes two blocks.
std::size_t accusing_networks(Mutants const& mutants) {
  std::size_t accusing = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Scenario scenario;
    scenario.seed = seed;
    scenario.liars = 1;
    scenario.lies.signs_all = scenario.lies.equivocates = true;
    scenario.chaos_ms = 2'000;
    scenario.mutants = mutants;
    Network network(scenario);
    EXPECT_TRUE(network.run()) << "seed " << seed << ": " << first_violation(network);
    accusing += network.judge().accused.empty() ? 0 : 1;
  }
  return accusing;
}

TEST(Simulation, WhoEquivocatesIsAccused) { EXPECT_EQ(accusing_networks(Scenario::cheap()), 40u); }

TEST(Mutants, WithoutAccusationsNobodyIsAccused) {
  auto mutants = Scenario::cheap();
  mutants.accuses_nobody = true;
  EXPECT_EQ(accusing_networks(mutants), 0u);
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

/// Three of four finalize-vote a block with one result, the fourth with another; one of the three sees the finalization
/// and is cut off. The two others come back with the fourth's execution.
std::unique_ptr<Network> after_divergence(bool r4_off) {
  Scenario scenario;
  scenario.mutants.r4_off = r4_off;
  auto network = std::make_unique<Network>(scenario);
  network->judge().forks_only = true;
  network->excused = {1, 2, 3};
  network->diverges = [](Place place, unsigned incarnation) { return place == 3 || incarnation > 0 ? 1 : 0; };
  network->submit(1);
  network->passes = [](Place from, Place to, Envelope const& envelope) {
    auto const* vote = std::get_if<Vote>(&envelope.message);
    bool const finalize = vote != nullptr && vote->ballot.kind == VoteKind::finalize;
    return from != 0 && (!finalize || to == 0);
  };
  for (int i = 0; i < 2'000 && network->log(0).empty(); ++i) network->run_until(network->now_ms() + 5);
  EXPECT_FALSE(network->log(0).empty());
  // The one that knows the certified result would stop the others.
  network->passes = [](Place from, Place to, Envelope const&) { return from != 0 && to != 0; };
  for (Place place = 1; place < 3; ++place) {
    EXPECT_TRUE(network->log(place).empty());
    network->crash(place);
    network->restart(place);
  }
  network->submit(2);
  network->run_until(network->now_ms() + 20'000);
  return network;
}

TEST(Simulation, ADivergedMajorityHaltsInsteadOfForking) {
  auto const network = after_divergence(false);
  EXPECT_EQ(first_violation(*network), "");
  for (Place place = 1; place < 3; ++place) EXPECT_TRUE(network->core(place).status().halted);
}

TEST(Mutants, WithoutR4ADivergedMajorityForks) {
  auto const network = after_divergence(true);
  EXPECT_EQ(first_violation(*network).substr(0, 3), "P1:");
}

/// A view that some have nullified and one has finalize-voted: only its notarization leads out of it. It was made with
/// a liar's vote that nobody else has, and the one that has finalize-voted crashes.
bool survives_a_crash_after_finalize(bool volatile_notarization) {
  Scenario scenario;
  scenario.liars = 1;
  scenario.chaos_ms = 0;
  scenario.mutants.volatile_notarization = volatile_notarization;
  std::vector<crypto::ValidatorSecret> secrets;
  Place const liar = 0;
  auto const leader = Leaders(4, make_config(4, secrets, true).seed).of(1);
  EXPECT_NE(leader, liar);
  auto const witness = static_cast<Place>(leader == 1 ? 2 : 1);
  auto const other = static_cast<Place>(6 - leader - witness);
  Network network(scenario);
  bool finalized = false;
  std::set<Place> nullified;
  network.passes = [&](Place from, Place to, Envelope const& envelope) {
    if (std::holds_alternative<Propose>(envelope.message)) return to != other;
    auto const* vote = std::get_if<Vote>(&envelope.message);
    if (vote == nullptr) return false;
    if (from == witness && vote->ballot.kind == VoteKind::finalize) finalized = true;
    if (vote->ballot.kind == VoteKind::nullify) nullified.insert(from);
    return vote->ballot.kind == VoteKind::notarize && (from != liar || to == witness);
  };
  network.submit(1);
  while (!finalized && network.now_ms() < 5'000) network.run_until(network.now_ms() + 1);
  network.crash(witness);
  while (!(nullified.contains(leader) && nullified.contains(other)) && network.now_ms() < 5'000) {
    network.run_until(network.now_ms() + 1);
  }
  EXPECT_LT(network.now_ms(), 5'000u);
  network.passes = [](Place from, Place, Envelope const&) { return from != liar; };
  return network.run();
}

TEST(Simulation, ACrashAfterFinalizeIsSurvived) { EXPECT_TRUE(survives_a_crash_after_finalize(false)); }

TEST(Mutants, WithoutADurableNotarizationACrashAfterFinalizeHalts) {
  EXPECT_FALSE(survives_a_crash_after_finalize(true));
}

/// Half of the nodes enter view 2 by a notarization, half by a nullification, and no certificate is ever sent again.
TEST(Simulation, SplitCertificatesAreSurvived) {
  Scenario scenario;
  Network network(scenario);
  network.submit(1);
  network.passes = [&network](Place from, Place to, Envelope const& envelope) {
    auto const* vote = std::get_if<Vote>(&envelope.message);
    auto const* news = std::get_if<Certificates>(&envelope.message);
    if (news != nullptr) return network.now_ms() > 3'000;
    if (vote == nullptr || vote->ballot.view > 1) return true;
    // The first half sees no Nullify, the second no Notarize of the first view.
    if (vote->ballot.kind == VoteKind::nullify) return to >= 2;
    return to < 2 && from != to;
  };
  EXPECT_TRUE(network.run()) << first_violation(network);
}

struct Planted {
  char const* name;
  bool Mutants::*fault;
  /// What the finding must begin with.
  char const* finding;
  std::function<void(Scenario&)> conditions;
};

class EachMutant : public testing::TestWithParam<Planted> {};

TEST_P(EachMutant, IsCaught) {
  auto const& planted = GetParam();
  std::set<std::string> findings;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    auto scenario = random_scenario(seed);
    planted.conditions(scenario);
    scenario.mutants.*planted.fault = true;
    Network network(scenario);
    // The end is to be seen, not the steps that lead to it.
    network.judge().forks_only = !std::string(planted.finding).starts_with("P4");
    network.judge().trusts_disks = true;
    if (network.run()) continue;
    auto const finding = first_violation(network);
    findings.insert(finding);
    if (!finding.starts_with(planted.finding)) continue;
    scenario.mutants.*planted.fault = false;
    Network sound(scenario);
    EXPECT_TRUE(sound.run()) << "seed " << seed << " finds it without the fault: " << first_violation(sound);
    return;
  }
  std::string all;
  for (auto const& finding : findings) all += "\n  " + finding;
  FAIL() << planted.name << " was not caught as " << planted.finding << ", only:" << all;
}

void with_one_liar(Scenario& scenario, Lies lies) {
  scenario.validators = 4;
  scenario.liars = 1;
  scenario.lies = lies;
  scenario.divergent = 0;
  scenario.skewed_clocks = false;
  scenario.delay_ms_max = 100;
  scenario.loss_percent = 10;
  scenario.partitions = true;
}
void as_drawn(Scenario&) {}
void with_a_dead_one_and_an_all_crash(Scenario& scenario) {
  with_one_liar(scenario, {.dead = true});
  scenario.all_crash = true;
}

INSTANTIATE_TEST_SUITE_P(
    Mutants, EachMutant,
    testing::Values(
        Planted{"R1 off", &Mutants::r1_off, "halt: two finalizations",
                [](Scenario& scenario) { with_one_liar(scenario, {.signs_all = true, .skips_back = true}); }},
        Planted{"R2 off", &Mutants::r2_off, "P1",
                [](Scenario& scenario) { with_one_liar(scenario, {.signs_all = true}); }},
        Planted{"R3 off", &Mutants::r3_off, "P4: two Notarize",
                [](Scenario& scenario) { with_one_liar(scenario, {.equivocates = true}); }},
        Planted{"R4 off", &Mutants::r4_off, "P4: two results",
                [](Scenario& scenario) {
                  scenario.liars = 0;
                  scenario.divergent = 1;
                  scenario.crashes = 100;
                  scenario.delay_ms_max = 200;
                }},
        Planted{"no fetch", &Mutants::no_fetch, "no progress", as_drawn},
        Planted{"no rebroadcast", &Mutants::no_rebroadcast, "no progress", as_drawn},
        Planted{"volatile entry certificate", &Mutants::volatile_entry, "no progress",
                with_a_dead_one_and_an_all_crash},
        Planted{"volatile block bytes", &Mutants::volatile_bytes, "no progress", with_a_dead_one_and_an_all_crash},
        Planted{"own votes not replayed", &Mutants::votes_not_replayed, "no progress",
                with_a_dead_one_and_an_all_crash},
        Planted{"wrong quorum", &Mutants::wrong_quorum, "P1", as_drawn},
        Planted{"trusting sync", &Mutants::trusting_sync, "halt",
                [](Scenario& scenario) {
                  with_one_liar(scenario, {.corrupts = true});
                  scenario.crashes = 100;
                }}),
    [](auto const& chosen) {
      std::string name = chosen.param.name;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

}  // namespace
}  // namespace consensus::test
