// SPDX-License-Identifier: Apache-2.0
// One rule of the language a test, on charts made for it.
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/escrow/play_test.hpp"

namespace contracts::escrow::test {

namespace {

constexpr TimeMs start_ms = 1'780'000'000'000;

/// A state by its cases; after a day it closes.
std::string state(std::string const& name, std::string const& cases) {
  return "\"" + name + "\": {\"when\": [" + cases + R"(], "until": {"after": "P1D"}, "late": {"goto": "close"}})";
}

/// Roles a, b, c; pots p and q of 1,000; the first state is "one".
std::string chart(std::string const& states) {
  return R"({"escrow": 1, "title": "T", "roles": {"a": {}, "b": {}, "c": {}}, "assets": {"EUR": "EUR.BANK"},
 "subjects": {"goods": "https://example.com/crate"}, "params": {},
 "pots": {"p": {"asset": "EUR", "cap": 1000, "residual": "a"}, "q": {"asset": "EUR", "cap": 1000,
 "residual": "b"}}, "start": "one", "states": {)" +
         states + "}}";
}

std::string deposit(std::string const& pot, int amount, std::string const& target) {
  return R"({"on": {"deposit": {"by": "a", "into": ")" + pot + R"(", "amount": )" + std::to_string(amount) +
         R"(}}, "goto": )" + target + "}";
}

std::string const seen_by_c = R"({"milestone": {"subject": "goods", "bizStep": "arriving", "by": "c"}})";

std::string on_arrival(std::string const& target, std::string const& steps = "") {
  return R"({"on": )" + seen_by_c + (steps.empty() ? "" : R"(, "do": [)" + steps + "]") + R"(, "goto": )" + target +
         "}";
}

std::string choice(std::string const& bounds, std::string const& target) {
  return R"({"on": {"choice": {"by": "a", "name": "pick", "bounds": )" + bounds + R"(}}, "goto": )" + target + "}";
}

std::string outcome(Result<std::optional<Transition>> const& done) {
  if (!done) return std::string(base::name(done.error().code)) + " " + done.error().field;
  return *done ? (*done)->to : "waits";
}

Play play_of(std::string const& states) { return Play(sound_terms(chart(states), states), start_ms); }

}  // namespace

TEST(EscrowSemantics, FactRecordedAtAnUnfiredDeadlineIsLate) {
  auto play = play_of(state("one", deposit("p", 500, "\"two\"")) + "," +
                      state("two", on_arrival("\"close\"", R"({"pay": {"from": "p", "to": "b", "all": true}})")));
  play.happen("one", 0, std::nullopt);
  play.stand_at(start_ms + base::day_ms);
  play.milestone(0);
  EXPECT_EQ(play.run(), 0u);
  EXPECT_EQ(outcome(play.act("two", 0, 0, {0})), "E_DEADLINE_DUE contract");
  play.advance(play.now_ms());
  EXPECT_EQ(play.payouts, (std::map<std::string, Amount>{{"a:EUR", 500}}));
}

TEST(EscrowSemantics, DeadlineSeesOnlyWhatWasRecordedBeforeIt) {
  std::string const asking = R"("one": {"when": [], "until": {"after": "P1D"}, "late": [{"if": {"seen": )" + seen_by_c +
                             R"(}, "goto": "two"}, {"goto": "close"}]})";
  auto const all = asking + "," + state("two", choice("[1, 1]", "\"close\""));
  auto late = play_of(all);
  late.stand_at(start_ms + base::day_ms);
  late.milestone(0);
  late.advance(late.now_ms());
  EXPECT_TRUE(late.ended());
  auto early = play_of(all);
  early.stand_at(start_ms + base::day_ms - 1);
  early.milestone(0);
  early.advance(start_ms + base::day_ms);
  EXPECT_TRUE(early.stands_in("two"));
}

TEST(EscrowSemantics, LaneThatClosesPaysItsPotsAtOnce) {
  auto play = play_of(state("one", deposit("p", 500, "\"two\"")) + "," +
                      state("two", deposit("q", 400, "[\"left\", \"right\"]")) + "," +
                      state("left", on_arrival("\"close\"", R"({"pay": {"from": "p", "to": "b", "all": true}})")) +
                      R"(,"right": {"when": [{"on": {"choice": {"by": "a", "name": "go", "bounds": [1, 1]}},
                       "do": [{"pay": {"from": "q", "to": "c", "all": true}}], "goto": "close"}],
                       "until": {"after": "P9D"}, "late": {"goto": "close"}})");
  play.happen("one", 0, std::nullopt);
  play.happen("two", 0, std::nullopt);
  play.advance(start_ms + base::day_ms);
  EXPECT_FALSE(play.ended());
  EXPECT_EQ(play.payouts, (std::map<std::string, Amount>{{"a:EUR", 500}}));
  play.happen("right", 0, std::nullopt);
  EXPECT_TRUE(play.ended());
  EXPECT_EQ(play.payouts, (std::map<std::string, Amount>{{"a:EUR", 500}, {"c:EUR", 400}}));
}

TEST(EscrowSemantics, LanesOfAForkDoNotUseAFactAgain) {
  auto play =
      play_of(state("one", on_arrival("[\"left\", \"right\"]")) + "," + state("left", on_arrival("\"close\"")) + "," +
              state("right", choice("[1, 1]", "\"rest\"")) + "," + state("rest", on_arrival("\"close\"")));
  play.milestone(0);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_TRUE(play.stands_in("left"));
  play.happen("right", 0, std::nullopt);
  EXPECT_TRUE(play.stands_in("rest"));
  play.milestone(0);
  EXPECT_EQ(play.run(), 2u);
  EXPECT_TRUE(play.ended());
}

TEST(EscrowSemantics, FactMaySatisfyASecondStateOnlyOnce) {
  auto play = play_of(state("one", on_arrival("\"two\"")) + "," + state("two", on_arrival("\"close\"")));
  play.milestone(0);
  EXPECT_EQ(play.run(), 1u);
  play.milestone(0);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_TRUE(play.ended());
}

TEST(EscrowSemantics, FactsSinceTheStateCountFromItsEntry) {
  auto const waiting = state("one", choice("[1, 1]", "\"two\"")) + "," +
                       state("two", R"({"on": {"milestone": {"subject": "goods", "bizStep": "arriving", "by": "c"},
                        "since": "state"}, "goto": "close"})");
  auto play = play_of(waiting);
  play.milestone(0);
  play.happen("one", 0, std::nullopt);
  EXPECT_TRUE(play.stands_in("two"));
  play.milestone(0);
  EXPECT_EQ(play.run(), 1u);
}

TEST(EscrowSemantics, VotesAreOfTheirState) {
  std::string const both = R"({"on": {"approve": {"of": ["a", "b", "c"], "k": 2}}, "goto": )";
  auto play = play_of(state("one", both + "\"two\"}") + "," + state("two", both + "\"close\"}"));
  EXPECT_EQ(outcome(play.act("one", 0, 1, {0})), "waits");
  EXPECT_EQ(outcome(play.act("one", 0, 1, {1})), "two");
  EXPECT_EQ(outcome(play.act("two", 0, 1, {2})), "waits");
  EXPECT_EQ(outcome(play.act("two", 0, 0, {1})), "E_NO_CASE value");
  EXPECT_EQ(outcome(play.act("two", 0, 1, {1})), "close");
  // Several who sign one transaction vote at once.
  auto together = play_of(state("one", both + "\"close\"}"));
  EXPECT_EQ(outcome(together.act("one", 0, 1, {0, 2})), "close");
}

TEST(EscrowSemantics, PotTakesNoMoreThanItsCap) {
  auto play = play_of(state("one", deposit("p", 600, "\"two\"")) + "," + state("two", deposit("p", 600, "\"close\"")));
  play.happen("one", 0, std::nullopt);
  EXPECT_EQ(outcome(play.act("two", 0, 0, {0})), "E_AMOUNT case_index");
  EXPECT_EQ(play.contract().pots[0].amount, 600u);
}

TEST(EscrowSemantics, FirstCaseThatFitsTakesTheEvent) {
  auto play = play_of(state("one", choice("[1, 5]", "\"close\"") + "," + choice("[1, 9]", "\"two\"")) + "," +
                      state("two", choice("[1, 1]", "\"close\"")));
  EXPECT_EQ(outcome(play.act("one", 1, 5, {0})), "E_NO_CASE case_index");
  EXPECT_EQ(outcome(play.act("one", 1, 6, {0})), "two");
}

TEST(EscrowSemantics, SharedStateIsRefusedEvenWithoutMoney) {
  auto const terms = read_terms(chart(state("one", on_arrival("[\"left\", \"right\"]")) + "," +
                                      state("left", choice("[1, 1]", "\"rest\"")) + "," +
                                      state("right", choice("[1, 1]", "\"rest\"")) + "," + state("rest", "")));
  ASSERT_TRUE(terms) << base::to_string(terms.error());
  EXPECT_EQ(analyse(*terms).error().field, "states.one.when[0].goto");
}

TEST(EscrowSemantics, ClearanceOnceServesSeveralDeliveries) {
  Play play(terms_of("tests/scenario/escrow/ESC-J4.json"), *base::from_rfc3339("2026-06-20T00:00:00Z"));
  for (auto const* name : {"funding", "funding_m2", "funding_m3"}) play.happen(name, 0, std::nullopt);
  auto const& triggers = play.terms().triggers;
  auto const& roles = play.terms().roles;
  std::size_t delivery = triggers.size();
  std::size_t clearance = triggers.size();
  for (std::size_t i = 0; i < triggers.size(); ++i) {
    if (triggers[i].kind == ledger::WatchKind::milestone) clearance = i;
    if (triggers[i].kind == ledger::WatchKind::handover && roles[triggers[i].to].name == "buyer") delivery = i;
  }
  play.milestone(clearance);
  play.run();
  play.accept(delivery, 1000'000'000);
  play.run();
  auto const first = play.payouts["carrier:CNY"];
  EXPECT_EQ(first, 900000u);  // 3 % of 1,000 of 4,950 pieces at 1,485,000.00
  play.accept(delivery, 3950'000'000);
  play.run();
  EXPECT_EQ(play.payouts["carrier:CNY"], 4455000u);
}

TEST(EscrowSemantics, MovesAndSharesKeepTheWhole) {
  auto const steps = R"({"move": {"from": "p", "into": "q", "amount": 100}},
    {"split": {"from": "p", "upTo": 101, "parts": [{"to": "b", "bps": 3333}, {"to": "c", "bps": 3333}],
      "rest": "a"}},
    {"if": {"gt": [{"pot": "p"}, 299]}, "do": [{"pay": {"from": "p", "to": "c", "amount": 1}}],
      "else": [{"pay": {"from": "p", "to": "b", "all": true}}]},
    {"set": {"x": {"table": [{"pot": "p"}, [[0, 10], [298, 20], [299, 30]]]}}},
    {"pay": {"from": "p", "to": "b", "upTo": {"add": [{"var": "x"},
      {"bps": [{"pot": "q"}, 550], "round": "half_up"}]}}})";
  auto play = play_of(state("one", deposit("p", 501, "\"two\"")) + "," + state("two", on_arrival("\"close\"", steps)));
  play.happen("one", 0, std::nullopt);
  play.milestone(0);
  play.run();
  // 501: 100 moved; of 101 b and c get 33 each, a 35; 300 > 299: c gets 1; 299 in p: 30 + 5.5 rounded to 6 to b; the
  // rest, 263, is a's, and q's 100 are b's.
  EXPECT_EQ(play.payouts,
            (std::map<std::string, Amount>{{"a:EUR", 35 + 263}, {"b:EUR", 33 + 36 + 100}, {"c:EUR", 34}}));
  EXPECT_EQ(play.broken, "");
}

TEST(EscrowSemantics, AWordThatIsOverIsNoneOfTheK) {
  auto const terms = read_terms(chart(state("one", R"({"on": {"certificate": {"kind": "GOTS", "subject": "goods",
    "by": {"of": ["b", "c"], "k": 2}}}, "goto": "close"})")))
                         .value();
  auto const party = [](char const* name) { return ledger::party_id(name); };
  auto contract = start(terms, {{"a", party("a")}, {"b", party("b")}, {"c", party("c")}}, {start_ms, 0});
  std::vector<std::vector<ledger::FactEntry>> facts(2);
  auto const certify = [&](std::size_t by, unsigned second, unsigned until_second) {
    ledger::FactEntry fact;
    fact.recorded = {start_ms + second * 1000, second};
    fact.event_ms = fact.recorded.time_ms;
    fact.until = ledger::Moment{start_ms + until_second * 1000, 0};
    facts[by].push_back(std::move(fact));
  };
  auto const move = [&] {
    return next(
        terms, contract, [&](std::size_t i) -> auto const& { return facts[i]; }, 0);
  };
  certify(0, 10, 20);
  certify(1, 30, 100);
  EXPECT_FALSE(move()) << "the first was over when the second came";
  certify(0, 40, 100);
  auto const moved = move();
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->moment.time_ms, start_ms + 40'000);
}

}  // namespace contracts::escrow::test
