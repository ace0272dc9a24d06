// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/play_test.hpp"

namespace contracts::escrow::test {

namespace {

constexpr TimeMs template_start_ms = 1'780'000'000'000;

std::uint64_t number(base::Value const& value) { return static_cast<std::uint64_t>(*base::from_decimal(value.text)); }

std::map<std::string, Amount> amounts(base::Value const& value) {
  std::map<std::string, Amount> out;
  for (auto const& [name, amount] : value.members) out[name] = number(amount);
  return out;
}

/// Triggers of handovers that somewhere silence is asked about.
std::vector<std::size_t> silent_triggers(Terms const& terms) {
  std::vector<std::size_t> out;
  for (auto const& state : terms.states) {
    for (auto const& end : state.late) {
      if (!end.condition || end.condition->kind != Condition::Kind::seen) continue;
      auto const trigger = end.condition->fact.trigger;
      if (std::find(out.begin(), out.end(), trigger) == out.end()) out.push_back(trigger);
    }
  }
  return out;
}

void play_facts(Play& play, base::Value const& facts) {
  bool const unanswered = facts.find("unanswered") != nullptr && facts.find("unanswered")->boolean;
  bool const rejected = facts.find("rejected") != nullptr && facts.find("rejected")->boolean;
  for (auto const trigger : silent_triggers(play.terms())) {
    if (unanswered && !play.has_open_offer(trigger)) play.offer(trigger);
    if (rejected) play.reject(trigger);
  }
  play.run();
}

/// The transition that the entry expects was made by the facts of the entry before (one event, two lanes).
bool happened(Play const& play, std::string const& state, TimeMs now_ms) {
  auto const& all = play.transitions;
  return std::any_of(all.begin(), all.end(), [&](Transition const& one) {
    return one.from == state && one.moment.time_ms == now_ms && one.cause == ledger::MoveCause::fact;
  });
}

void play_entry(Play& play, base::Value const& entry, TimeMs now_ms, bool first_of_moment) {
  play.advance(now_ms);
  if (auto const* facts = entry.find("facts")) play_facts(play, *facts);
  if (!entry.find("case")->is(base::Value::Kind::number)) return;
  auto const* named = entry.find("state");
  auto const state = named != nullptr ? named->text : play.only_state();
  if (!first_of_moment && happened(play, state, now_ms) && !play.stands_in(state)) return;
  auto const& value = *entry.find("value");
  bool const given = value.is(base::Value::Kind::number);
  auto const before = play.transitions.size();
  play.happen(state, static_cast<std::size_t>(number(*entry.find("case"))),
              given ? std::optional(number(value)) : std::nullopt);
  auto const& all = play.transitions;
  bool const moved = std::any_of(all.begin() + static_cast<std::ptrdiff_t>(before), all.end(),
                                 [&](Transition const& one) { return one.from == state; });
  EXPECT_TRUE(moved) << state << " did not move";
}

void play_scenario(Terms const& terms, base::Value const& scenario, TimeMs start_ms) {
  SCOPED_TRACE(std::string(scenario.string_of("scenario")));
  Play play(terms, start_ms);
  TimeMs last_ms = ~TimeMs{0};
  for (auto const& entry : scenario.find("trace")->items) {
    auto const now_ms = start_ms + number(*entry.find("t")) * base::second_ms;
    play_entry(play, entry, now_ms, now_ms != last_ms);
    last_ms = now_ms;
  }
  play.finish();
  EXPECT_TRUE(play.ended());
  EXPECT_EQ(play.broken, "");
  EXPECT_EQ(play.deposits, amounts(*scenario.find("deposits")));
  EXPECT_EQ(play.payouts, amounts(*scenario.find("payouts")));
}

std::size_t play_journey(std::string const& contract, std::string const& path) {
  auto const terms = terms_of(path);
  auto const all = read_json("tests/scenario/escrow/journeys.json");
  std::size_t played = 0;
  for (auto const& scenario : all.items) {
    auto const& trace = scenario.find("trace")->items;
    bool const assigns = std::any_of(trace.begin(), trace.end(), [](auto const& one) { return one.find("assign"); });
    if (scenario.string_of("contract") != contract || assigns) continue;
    play_scenario(terms, scenario, base::from_rfc3339(scenario.string_of("start")).value());
    ++played;
  }
  return played;
}

/// Templates whose every construct the ledger runs.
bool is_carried(std::string const& name) {
  return std::filesystem::exists(std::string(TALLY_SOURCE_DIR) + "/contracts/templates/" + name + ".json");
}

}  // namespace

TEST(EscrowScenario, SilkPaysAsAgreed) { EXPECT_EQ(play_journey("ESC-J1", "testnet/journeys/ESC-J1.json"), 12u); }

TEST(EscrowScenario, WatchesPayAsAgreed) { EXPECT_EQ(play_journey("ESC-J4", "tests/scenario/escrow/ESC-J4.json"), 3u); }

TEST(EscrowScenario, TemplatesPayAsAgreed) {
  auto const all = read_json("tests/scenario/escrow/templates.json");
  std::map<std::string, int> played;
  for (auto const& scenario : all.items) {
    auto const name = std::string(scenario.string_of("template"));
    if (!is_carried(name)) continue;
    SCOPED_TRACE(name);
    play_scenario(terms_of("contracts/templates/" + name + ".json"), scenario, template_start_ms);
    ++played[name];
  }
  EXPECT_EQ(played, (std::map<std::string, int>{{"01-documentary-signed-for", 5},
                                                {"03-milestone-tranches", 3},
                                                {"04-consumer-auto-confirm", 3},
                                                {"07-receivable-factoring", 3},
                                                {"08-parametric-delay-insurance", 3},
                                                {"10-pvp-fx", 2}}));
}

}  // namespace contracts::escrow::test
