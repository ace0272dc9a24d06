// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/scenario.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "contracts/escrow/play_test.hpp"
#include "gs1/json.hpp"

namespace contracts::escrow::test {

namespace {

/// Plays every scenario of a file with the terms of the same name in a folder; returns how many.
std::size_t play_file(std::string const& scenarios, std::string const& folder) {
  std::map<std::string, Terms> known;
  std::size_t played = 0;
  for (auto const& scenario : read_json(scenarios).items) {
    auto const name = std::string(terms_name(scenario));
    SCOPED_TRACE(name + ": " + std::string(scenario_name(scenario)));
    if (!known.contains(name)) known.emplace(name, terms_of(folder + "/" + name + ".json"));
    auto const difference = play(known.at(name), scenario);
    EXPECT_TRUE(difference) << base::to_string(difference.error());
    EXPECT_EQ(difference ? difference->value_or("") : "", "");
    ++played;
  }
  return played;
}

std::string difference_after(std::string const& from, std::string const& to) {
  auto text = read_file("tests/scenario/escrow/templates.json");
  auto const place = text.find(from);
  EXPECT_NE(place, text.npos) << from;
  text.replace(place, from.size(), to);
  auto const scenario = gs1::parse_json(text)->items.front();
  auto const told = play(terms_of("contracts/templates/01-documentary-signed-for.json"), scenario);
  if (!told) return base::to_string(told.error());
  return told->value_or("");
}

}  // namespace

TEST(EscrowScenario, TemplatesPayAsAgreed) {
  EXPECT_EQ(play_file("tests/scenario/escrow/templates.json", "contracts/templates"), 30u);
}

TEST(EscrowScenario, JourneysPayAsAgreed) {
  EXPECT_EQ(play_file("tests/scenario/escrow/journeys.json", "tests/scenario/escrow"), 24u);
}

TEST(EscrowScenario, PublishedScenariosPayAsAgreed) {
  std::string const shared = "../shared/contracts/";
  if (!std::filesystem::exists(std::string(TALLY_SOURCE_DIR) + "/" + shared)) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << "no ../shared/contracts";
    GTEST_SKIP() << "not run: the 54 scenarios of ../shared/contracts";
  }
  EXPECT_EQ(play_file(shared + "templates/scenarios.json", shared + "templates"), 30u);
  EXPECT_EQ(play_file(shared + "journeys/scenarios.json", shared + "journeys"), 24u);
}

TEST(EscrowScenario, DifferencesAreTold) {
  EXPECT_EQ(difference_after("\"seller:USD\": 1000000", "\"seller:USD\": 999999"),
            "payouts: seller:USD 1000000; expected seller:USD 999999");
  EXPECT_EQ(difference_after("\"buyer:USD\": 1000000", "\"buyer:USD\": 1"),
            "deposits: buyer:USD 1000000; expected buyer:USD 1");
  EXPECT_EQ(difference_after("\"case\": 0", "\"case\": 7"),
            "trace[0]: refused: " + base::to_string(Error{Code::E_NO_CASE, "state", "funding has no case 7"}));
  EXPECT_EQ(difference_after("\"t\": 0", "\"t\": -1"),
            base::to_string(Error{Code::E_FORM, "trace[0].t", "expected seconds since the start"}));
  EXPECT_EQ(difference_after("\"value\": null", "\"value\": \"ten\""),
            base::to_string(Error{Code::E_FORM, "trace[0].value", "expected a whole number or null"}));
  EXPECT_EQ(difference_after("\"value\": null", "\"refusd\": \"E_NO_CASE\""),
            base::to_string(Error{Code::E_FORM, "trace[0].refusd", "no such member of a scenario"}));
  EXPECT_EQ(difference_after("\"seller:USD\": 1000000", "\"seller:USD\": 1000000, \"sellr:USD\": 0"),
            base::to_string(Error{Code::E_FORM, "payouts.sellr:USD", "the terms have no such role or asset"}));
  EXPECT_EQ(difference_after("\"deposits\"", "\"payuots\": {}, \"deposits\""),
            base::to_string(Error{Code::E_FORM, "payuots", "no such member of a scenario"}));
}

}  // namespace contracts::escrow::test
