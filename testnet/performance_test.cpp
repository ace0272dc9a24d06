// SPDX-License-Identifier: Apache-2.0
// All journeys and variants of the file, played through the law alone.
#include "testnet/attack.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "gs1/json.hpp"
#include "testnet/embedded.hpp"
#include "testnet/likeness.hpp"
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
      deal.otherwise = deal.otherwise || !attack.money.empty();
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

Known known() { return {file("attacks.json"), file("journeys.json")}; }

class Journeys : public ::testing::TestWithParam<Run> {};

TEST_P(Journeys, HoldsAsItsFileSays) {
  EXPECT_EQ(played(file("journeys.json"), GetParam().journey, GetParam().variant, {}), "");
}

INSTANTIATE_TEST_SUITE_P(All, Journeys,
                         ::testing::Values(Run{"J1-silk", ""}, Run{"J2-cotton", ""}, Run{"J3-salmon", "A"},
                                           Run{"J3-salmon", "B"}, Run{"J4-watch", ""}));

struct Change {
  char const* journey;
  char const* variant;
  char const* from;
  char const* to;
  /// What must be told of it.
  char const* says;
};
void PrintTo(Change const& change, std::ostream* out) { *out << change.to; }

class OtherFiles : public ::testing::TestWithParam<Change> {};

/// A file that says something else than what happens, or than the law and the terms.
TEST_P(OtherFiles, AreFoundOut) {
  auto const& change = GetParam();
  std::string text(*embedded("journeys.json"));
  auto const begin = text.find("\"" + std::string(change.journey) + "\": {");
  auto const at = text.find(change.from, *change.variant == '-' ? 0 : begin);
  ASSERT_NE(at, std::string::npos) << change.from;
  text.replace(at, std::string_view(change.from).size(), change.to);
  auto const journeys = gs1::parse_json(text);
  ASSERT_TRUE(journeys) << base::to_string(journeys.error());
  auto const came = played(*journeys, change.journey, *change.variant == '-' ? "" : change.variant, {});
  EXPECT_NE(came.find(change.says), came.npos) << came;
}

INSTANTIATE_TEST_SUITE_P(
    All, OtherFiles,
    ::testing::Values(
        Change{"J1-silk", "", R"("paid_seller_minor": 2900000)", R"("paid_seller_minor": 2900001)",
               "expect.paid_seller"},
        Change{"J1-silk", "", R"("refunded_buyer_minor": 0)", R"("refunded_buyer": 0)", "expect.refunded_buyer"},
        Change{"J1-silk", "", R"("amount_minor": 870000)", R"("amount_minor": 870001)", "milestones[0].amount_minor"},
        Change{"J1-silk", "", R"("deadline": "2026-09-05T00:00Z")", R"("deadline": "2026-09-06T00:00Z")",
               "milestones[1].deadline"},
        Change{"J1-silk", "", R"("deadline": "2026-09-12T07:10Z")", R"("deadline": "2026-09-12T07:11Z")",
               "milestones[2].deadline"},
        Change{"J1-silk", "", "\"currency\": \"EUR\",\n    \"total", "\"currency\": \"USD\",\n    \"total",
               "escrow.currency"},
        Change{"J1-silk", "", R"("bond_minor": 50000)", R"("bond_minor": 50001)", "escrow.bond_minor"},
        Change{"J1-silk", "-", R"("sea": 50)", R"("sea": 10)", "max_speed_kmh.sea"},
        Change{"J2-cotton", "", "3900 lint", "3901 lint", "organic_chain: expected 10000 3901"},
        Change{"J3-salmon", "B", R"("max_c": 6.92)", R"("max_c": 6.91)", "B.max_c: expected 6.91, came 6.92"},
        Change{"J3-salmon", "B", R"("bps": 8000)", R"("bps": 8001)", "B.bps: expected 8001, came 8000"},
        Change{"J3-salmon", "B", R"("m2_paid_minor": 3040000)", R"("m2_paid_minor": 3040001)", "B.m2_paid_minor"},
        Change{"J3-salmon", "B", "44,\n      \"breach_minutes\": 70", "45,\n      \"breach_minutes\": 70",
               "B.batches_per_sensor"},
        Change{"J3-salmon", "B", R"("max_c": 6.92)", R"("least_c": 6.92)", "B.least_c"},
        Change{"J3-salmon", "A", "61,\n        8000", "62,\n        8000", "milestones[1].price_table[1]"},
        Change{"J4-watch", "", R"("paid_total_minor": 247500000)", R"("paid_total_minor": 247500001)",
               "paid_total_minor: expected 247500001, came 247500000"},
        Change{"J4-watch", "", "LIVOLT 17,820,000", "LIVOLT 17,820,001", "expect.split"}));

/// An attack must come to the codes, badges and alarms that its sentence names, whatever the moves say.
TEST(AnAttack, TellsWhenTheSentenceSaysOtherwise) {
  auto const journeys = file("journeys.json");
  auto const verdict = [&](char const* journey, char const* id, std::string const& expected) {
    auto const all = attacks_of(journeys, known(), journey, false);
    for (auto attack : *all) {
      if (attack.id != id) continue;
      attack.expected = expected;
      return played(journeys, journey, attack.variant, {attack});
    }
    return std::string("no such attack");
  };
  EXPECT_EQ(verdict("J2-cotton", "A01", "E_MASS_BALANCE"), "");
  EXPECT_NE(verdict("J2-cotton", "A01", "E_YIELD").find("expected E_YIELD (E_YIELD), came E_MASS_BALANCE"),
            std::string::npos);
  EXPECT_NE(verdict("J2-cotton", "A02", "done").find("came E_QUOTA_EXCEEDED"), std::string::npos);
  EXPECT_NE(verdict("J3-salmon", "A16", "E_TIME_WINDOW").find("came E_TIME_WINDOW, late"), std::string::npos);
  EXPECT_NE(verdict("J3-salmon", "A08", "FLAG_LATE").find("came sensor_gap"), std::string::npos);
}

/// Another journey of the form of J1: other name, lot, serials and dates, one inspection more; its attacks say other
/// numbers.
base::Value another_silk() {
  std::string text(*embedded("journeys.json"));
  constexpr std::pair<std::string_view, std::string_view> changes[] = {{"J1-silk", "J9-silk"},
                                                                       {"S2607", "S2707"},
                                                                       {"\"S000042\"", "\"S000077\""},
                                                                       {"serial S000042", "serial S000077"},
                                                                       {"40 min", "50 min"},
                                                                       {"arrive Rotterdam 6 h", "arrive Rotterdam 5 h"},
                                                                       {"1,980 of", "1,970 of"},
                                                                       {"1,722,600", "1,713,900"},
                                                                       {"(99.0 %); 20 EA", "(98.5 %); 30 EA"},
                                                                       {"17,400", "26,100"},
                                                                       {"C2605", "C2705"},
                                                                       {"2026-07-06T00:00Z", "2026-07-06T01:00Z"}};
  for (auto const& [from, to] : changes) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  auto out = gs1::parse_json(text).value();
  for (auto& [name, journeys] : out.members) {
    if (name != "journeys") continue;
    auto& events = journeys.members.front().second;
    for (auto& [member, list] : events.members) {
      if (member != "events") continue;
      list.items.insert(list.items.begin() + 7, list.items[6]);
      for (auto& [key, value] : list.items[7].members) {
        if (key == "time") value.text = "2026-07-03T04:00Z";
        if (key == "doc") value.text = "QC-SILK-AGAIN";
      }
      for (std::size_t i = 0; i < list.items.size(); ++i) {
        for (auto& [key, value] : list.items[i].members) {
          if (key == "n") value.text = std::to_string(i + 1);
        }
      }
    }
  }
  return out;
}

TEST(OtherAttacks, ArePlayedByTheirSentences) {
  auto const journeys = another_silk();
  auto const attacks = attacks_of(journeys, known(), "J9-silk", false);
  ASSERT_TRUE(attacks) << base::to_string(attacks.error());
  EXPECT_EQ(attacks->size(), 8U);
  std::vector<Attack> shared;
  for (auto const& attack : *attacks) {
    if (attack.alone) {
      EXPECT_EQ(played(journeys, "J9-silk", "", {attack}), "") << attack.id;
    } else {
      shared.push_back(attack);
    }
  }
  EXPECT_EQ(played(journeys, "J9-silk", "", shared), "");
}

TEST(OtherAttacks, TheirNumbersAreParameters) {
  using Words = std::map<std::string, std::string>;
  EXPECT_EQ(parameters_of("receiver counts 1,980 of 2,000", "receiver counts 1,970 of 2,000"),
            (Words{{"1980", "1970"}}));
  EXPECT_EQ(parameters_of("MINHO+SPREE sign 5,000 tees", "MINHO+SPREE sign 5,000 tees"), Words{});
  EXPECT_EQ(parameters_of("replay 1000x, on 4 nodes", "replay 10x, on 4 nodes"), (Words{{"1000", "10"}}));
  EXPECT_EQ(parameters_of("claim of CERT-OC-001 quota: another 1 kg", "claim of CERT-X-7 quota: another 1 kg"),
            (Words{{"CERT-OC-001", "CERT-X-7"}}));
  EXPECT_EQ(parameters_of("sold again in Madrid", "sold again in Lisbon"), std::nullopt);
  EXPECT_EQ(parameters_of("5 for 5", "6 for 7"), std::nullopt);
  EXPECT_EQ(parameters_of("one", "one more"), std::nullopt);
}

TEST(OtherAttacks, OneThatNeedsAStepTheJourneyHasNotIsNamed) {
  auto journeys = file("journeys.json");
  for (auto& entry : journeys.members) {
    if (entry.first != "adversarial") continue;
    for (auto& attack : entry.second.items) {
      for (auto& [key, value] : attack.members) {
        if (key == "journey" && value.text == "J3-salmon") value.text = "J1-silk";
      }
    }
  }
  auto const attacks = attacks_of(journeys, known(), "J1-silk", false);
  ASSERT_FALSE(attacks);
  EXPECT_EQ(attacks.error().field, "A16.before") << base::to_string(attacks.error());
}

class Attacks : public ::testing::TestWithParam<char const*> {};

/// Each attack gives its code and changes nothing; those that lead the journey elsewhere are played alone.
TEST_P(Attacks, GiveWhatTheFileSays) {
  auto const journeys = file("journeys.json");
  auto const attacks = attacks_of(journeys, known(), GetParam(), true);
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
