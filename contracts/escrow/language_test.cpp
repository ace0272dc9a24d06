// SPDX-License-Identifier: Apache-2.0
// Every construct of the language, in terms of one buyer, one seller and what happens between them.
#include <gtest/gtest.h>

#include <set>

#include "base/time.hpp"
#include "contracts/escrow/explain.hpp"
#include "contracts/escrow/play_test.hpp"

namespace contracts::escrow::test {

namespace {

constexpr TimeMs start_ms = 1'780'000'000'000;

/// 1,000 paid in, then one case: `on`, with these members beside it.
std::string terms(std::string const& on, std::string const& beside = R"("do": [{"pay": {"from": "price", |
"to": "seller", "all": true}}], "goto": "close")",
                  std::string const& late = R"({"goto": "close"})") {
  std::string text = R"({"escrow": 1, "title": "One case", "roles": {"buyer": {}, "seller": {"assignable": true}, |
"labA": {}, "labB": {}, "labC": {}}, "assets": {"EUR": "EUR.BANK"}, |
"subjects": {"goods": "urn:epc:id:sscc:0614141.1234567890"}, "params": {"price": 1000}, |
"pots": {"price": {"asset": "EUR", "cap": 1000, "residual": "buyer"}}, "counters": {"turn": {"max": 3}}, |
"start": "funding", "states": {"funding": {"when": [{"on": {"deposit": {"by": "buyer", "into": "price", |
"amount": {"param": "price"}}}, "goto": "waiting"}], "until": {"after": "P3D"}, "late": {"goto": "close"}}, |
"waiting": {"when": [{"on": )" +
                     on + ", " + beside + R"(}], "until": {"after": "P9D"}, "late": )" + late + "}}}";
  for (auto place = text.find("|\n"); place != text.npos; place = text.find("|\n")) text.erase(place, 2);
  return text;
}

Play funded(std::string const& text) {
  Play play(sound_terms(text, text), start_ms);
  play.happen("funding", 0, {});
  play.advance(start_ms + base::hour_ms);
  return play;
}

Amount seller(Play& play) { return play.payouts["seller:EUR"]; }

std::string refusal(std::string const& text) {
  auto const read = read_terms(text);
  if (!read) return read.error().field + ": " + read.error().detail;
  auto const judged = analyse(*read);
  return judged ? "" : judged.error().field;
}

constexpr char const* of_two = R"({"of": ["labA", "labB", "labC"], "k": 2})";

std::string milestone(std::string const& by, std::string const& beside = "") {
  return R"({"milestone": {"subject": "goods", "bizStep": "inspecting", "by": )" + by + "}" + beside + "}";
}

std::string sensor(std::string const& rest) {
  return R"({"subject": "goods", "type": "Temperature", "by": "labA", "uom": "CEL", "scale": 1, )" + rest + "}";
}

/// Pays the value times 100.
constexpr char const* by_value =
    R"("do": [{"pay": {"from": "price", "to": "seller", "upTo": {"mul": [100, {"event": "value"}]}}}], |
"goto": "close")";

}  // namespace

TEST(EscrowLanguage, SeveralMustAttestInTheSameState) {
  auto play = funded(terms(milestone(of_two)));
  play.milestone(0);
  EXPECT_EQ(play.run(), 0u);
  play.milestone(0);
  EXPECT_EQ(play.run(), 0u) << "one who says it twice is one";
  play.milestone(2);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_EQ(seller(play), 1000u);

  // What was said before the state was entered does not count.
  Play early(sound_terms(terms(milestone(of_two)), ""), start_ms);
  early.milestone(0);
  early.milestone(1);
  early.happen("funding", 0, {});
  EXPECT_TRUE(early.stands_in("waiting"));
}

TEST(EscrowLanguage, AttestersMustAgreeAndMayChangeTheirWord) {
  auto play = funded(terms(milestone(of_two, R"(, "value": "grade", "bounds": [0, 5])"), by_value));
  play.milestone(0, "", 0, 3);
  play.milestone(1, "", 0, 4);
  EXPECT_EQ(play.run(), 0u);
  play.milestone(1, "", 0, 9);
  EXPECT_EQ(play.run(), 0u) << "out of bounds is no word";
  play.milestone(0, "", 0, 4);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_EQ(seller(play), 400u);
}

TEST(EscrowLanguage, MilestonesCountAndGrade) {
  auto counted = funded(terms(milestone("\"labA\"", R"(, "value": "quantityAccepted", "bounds": [1, 7])"), by_value));
  counted.milestone(0, "", 0, 8);
  EXPECT_EQ(counted.run(), 0u);
  counted.milestone(0, "", 0, 7);
  EXPECT_EQ(counted.run(), 1u);
  EXPECT_EQ(seller(counted), 700u);
  auto graded = funded(terms(milestone("\"labA\"", R"(, "value": "grade", "bounds": [0, 2])"), by_value));
  graded.milestone(0);
  EXPECT_EQ(graded.run(), 0u) << "without a grade";
  graded.milestone(0, "", 0, 2);
  EXPECT_EQ(graded.run(), 1u);
  EXPECT_EQ(seller(graded), 200u);
}

TEST(EscrowLanguage, OnlyWhatCarriesTheClaimCounts) {
  std::string const on = R"({"handover": {"subject": "goods", "from": "seller", "to": "buyer", "claim": "organic"}, |
"value": "quantityAccepted", "bounds": [1, 9]})";
  auto play = funded(terms(on, by_value));
  play.accept(0, 5'000'000);
  EXPECT_EQ(play.run(), 0u);
  ledger::FactEntry fact;
  fact.answer = ledger::FactAnswer::accepted;
  fact.quantity = 9'000'000;
  fact.unit = "EA";
  fact.claims.push_back({"fair", 9'000'000});
  fact.claims.push_back({"organic", 4'999'999});
  play.record(0, fact);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_EQ(seller(play), 400u);
}

TEST(EscrowLanguage, DocumentsComeTogetherOrOneByOne) {
  std::string const on = R"({"documents": {"by": "seller", "all": ["380", "705"]}})";
  auto play = funded(terms(on));
  EXPECT_EQ(play.terms().triggers.size(), 2u);
  EXPECT_EQ(play.terms().triggers[1].word, "705");
  play.milestone(1);
  EXPECT_EQ(play.run(), 0u);
  play.milestone(0);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_EQ(seller(play), 1000u);
  // A second presentation needs all of them again.
  auto const again = R"("do": [{"count": "turn"}, {"pay": {"from": "price", "to": "seller", "upTo": 100}}], |
"if": {"lt": [{"counter": "turn"}, 3]}, "goto": "waiting")";
  auto twice = funded(terms(on, again));
  twice.milestone(0);
  twice.milestone(1);
  EXPECT_EQ(twice.run(), 1u);
  twice.milestone(0);
  EXPECT_EQ(twice.run(), 0u);
  twice.milestone(1);
  EXPECT_EQ(twice.run(), 1u);
  EXPECT_EQ(seller(twice), 200u);
}

TEST(EscrowLanguage, CertificatesAreFacts) {
  auto play = funded(terms(R"({"certificate": {"kind": "GOTS", "subject": "goods", "by": "labA"}})"));
  EXPECT_EQ(play.terms().triggers[0].kind, ledger::WatchKind::certificate);
  EXPECT_EQ(play.terms().triggers[0].word, "GOTS");
  play.milestone(0);
  EXPECT_EQ(play.run(), 1u);
}

TEST(EscrowLanguage, SensorsFireWhatTheyShow) {
  auto play = funded(terms("{\"sensor\": " + sensor(R"("aggregate": "max", "greaterThan": 250)") + "}"));
  auto const& asked = *std::get<FactEvent>(play.terms().states[1].cases[0].event).facts[0].sensor;
  play.show(asked, 250);
  EXPECT_EQ(play.run(), 0u);
  play.show(asked, 251);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_EQ(seller(play), 1000u);

  auto cold = funded(terms("{\"sensor\": " + sensor(R"("aggregate": "min", "lessThan": -20, "agree": 2)") + "}"));
  auto const& least = *std::get<FactEvent>(cold.terms().states[1].cases[0].event).facts[0].sensor;
  cold.show(least, -20);
  EXPECT_EQ(cold.run(), 0u);
  cold.show(least, -21);
  EXPECT_EQ(cold.run(), 1u);
}

TEST(EscrowLanguage, AMilestoneIsWorthAReading) {
  auto const on =
      milestone("\"labB\"", ", \"value\": {\"sensor\": " + sensor(R"("aggregate": "minutesAbove", "threshold": 80)") +
                                "}, \"bounds\": [2, 6]");
  for (auto const& [shown, paid] : {std::pair{1, 200u}, {5, 500u}, {60, 600u}}) {
    auto play = funded(terms(on, by_value));
    play.happen("waiting", 0, shown);
    EXPECT_EQ(seller(play), paid) << shown;
  }
}

TEST(EscrowLanguage, ReadingsAreClampedAndLookedUp) {
  auto const late = R"({"do": [{"pay": {"from": "price", "to": "seller", "upTo": {"table": [{"reading": )" +
                    sensor(R"("aggregate": "count")") +
                    R"(, "bounds": [0, 50]}, [[0, 900], [10, 500], [50, 100]]]}}}], "goto": "close"})";
  for (auto const& [shown, paid] : {std::pair{0, 900u}, {9, 900u}, {10, 500u}, {49, 500u}, {70, 100u}}) {
    auto play = funded(terms(milestone("\"labB\""), R"("goto": "close")", late));
    auto const& pay = std::get<PayStep>(play.terms().states[1].late[0].steps[0].act);
    play.show(pay.take.amount.operands[0].sensors[0], shown);
    play.finish();
    EXPECT_EQ(seller(play), paid) << shown;
  }
}

TEST(EscrowLanguage, AssertionsAndCodesAreNoted) {
  auto play = funded(terms(milestone("\"labA\""), R"("do": [{"emit": "inspected"}, {"assert": {"seen": {"handover": |
{"subject": "goods", "from": "seller", "to": "buyer"}}}}], "goto": "close")"));
  for (std::size_t i = 0; i < play.terms().triggers.size(); ++i) {
    if (play.terms().triggers[i].kind == ledger::WatchKind::milestone) play.milestone(i);
  }
  EXPECT_EQ(play.run(), 1u);
  auto const& move = play.contract().past.back();
  EXPECT_EQ(move.emitted, (decltype(move.emitted){"inspected"}));
  EXPECT_EQ(move.assertions_failed, 1u);
  EXPECT_EQ(refusal(terms(milestone("\"labA\""), R"("do": [{"assert": {"lt": [2, 1]}}], "goto": "close")")),
            "states.waiting.when[0].do[0].assert");
}

TEST(EscrowLanguage, WhatABranchSupposesOfTheEventEndsWithIt) {
  std::string const award = R"({"award": {"by": "labA", "name": "share", "bounds": [0, 2000]}})";
  auto const asked = [](std::string const& condition, std::string const& take) {
    return R"("do": [{"if": )" + condition + R"(, "do": [{"emit": "asked"}]}, {"pay": {"from": "price", |
"to": "seller", )" +
           take + R"(}}], "goto": "close")";
  };
  std::string const fits = R"({"le": [{"event": "value"}, {"pot": "price"}]})";
  // Only asked, not guarded: 2,000 can be awarded where 1,000 lie.
  EXPECT_EQ(refusal(terms(award, asked(fits, R"("amount": {"event": "value"})"))),
            "states.waiting.when[0].do[1].pay.amount");
  std::string const large = R"({"gt": [{"event": "value"}, 900]})";
  auto const text = terms(award, asked(large, R"("upTo": {"event": "value"})"));
  auto const told = report(sound_terms(text, text), start_ms);
  ASSERT_TRUE(told);
  auto const is_seller = [](Prospect const& one) { return one.role == 4; };
  auto const prospect = std::find_if(told->prospects.begin(), told->prospects.end(), is_seller);
  ASSERT_NE(prospect, told->prospects.end());
  EXPECT_EQ(prospect->paid_out, (Interval{0, 1000}));
}

TEST(EscrowLanguage, WhatARoleIsPaidIsAssignedOnce) {
  auto play = funded(terms(milestone("\"labA\"")));
  auto const bank = ledger::party_id("BANK");
  EXPECT_EQ(play.assign("buyer", "BANK").error().code, Code::E_NOT_PARTY);
  EXPECT_EQ(play.assign("nobody", "BANK").error().code, Code::E_NOT_PARTY);
  EXPECT_EQ(play.assign("seller", "seller").error().code, Code::E_NOT_PARTY);
  EXPECT_EQ(holder(play.terms(), play.contract(), "seller").value(), ledger::party_id("seller"));
  ASSERT_TRUE(play.assign("seller", "BANK"));
  EXPECT_EQ(holder(play.terms(), play.contract(), "seller").value(), bank);
  EXPECT_EQ(play.assign("seller", "OTHER").error().code, Code::E_ALREADY_PLEDGED);
  EXPECT_EQ(play.assign("seller", "BANK").error().code, Code::E_ALREADY_PLEDGED);
  // Given back, it can be assigned again.
  ASSERT_TRUE(play.assign("seller", "seller"));
  EXPECT_TRUE(play.assign("seller", "OTHER"));
}

TEST(EscrowLanguage, StrayMembersOfFactsAreNamed) {
  auto const path = [](std::string const& on) {
    auto const told = refusal(terms(on));
    return told.substr(0, told.find(':'));
  };
  std::string const on = "states.waiting.when[0].on.";
  EXPECT_EQ(path("{\"sensor\": " + sensor(R"("aggregate": "mean")") + "}"), on + "sensor.aggregate");
  EXPECT_EQ(path("{\"sensor\": " + sensor(R"("aggregate": "max", "threshold": 1)") + "}"), on + "sensor.threshold");
  EXPECT_EQ(path("{\"sensor\": " + sensor(R"("aggregate": "minutesAbove")") + "}"), on + "sensor.threshold");
  EXPECT_EQ(path("{\"sensor\": " + sensor(R"("aggregate": "max", "maxGap": "PT1H")") + "}"), on + "sensor.maxGap");
  EXPECT_EQ(path("{\"sensor\": " + sensor(R"("aggregate": "max", "average": 1)") + "}"), on + "sensor.average");
  EXPECT_EQ(path(milestone("\"labA\"", R"(, "value": {"sensor": )" + sensor(R"("aggregate": "max", "lessThan": 1)") +
                                           R"(}, "bounds": [0, 1])")),
            on + "value.sensor.lessThan");
  EXPECT_EQ(path(milestone("\"labA\"", R"(, "value": "weight", "bounds": [0, 1])")), on + "value");
  EXPECT_EQ(path(R"({"documents": {"by": "seller", "all": ["invoice"]}})"), on + "documents.all[0]");
  EXPECT_EQ(path(R"({"documents": {"by": "seller", "all": ["380", "380"]}})"), on + "documents.all[1]");
  EXPECT_EQ(path(R"({"certificate": {"kind": "GOTS", "subject": "goods", "by": "labA", "until": 1}})"),
            on + "certificate.until");
  EXPECT_EQ(path(milestone(R"({"of": ["labA", "labA"], "k": 1})")), on + "milestone.by.of[1]");
  EXPECT_EQ(path(milestone(R"({"of": ["labA"], "k": 2})")), on + "milestone.by.k");
}

TEST(EscrowLanguage, EveryFactIsToldInBothLanguages) {
  std::vector<std::string> const all{
      "{\"sensor\": " + sensor(R"("aggregate": "max", "greaterThan": 250)") + "}",
      "{\"sensor\": " + sensor(R"("aggregate": "minutesBelow", "threshold": 20, "lessThan": 9)") + "}",
      R"({"documents": {"by": "seller", "all": ["380"]}})",
      R"({"certificate": {"kind": "GOTS", "subject": "goods", "by": "labA"}})",
      milestone(of_two),
      milestone("\"labA\"", R"(, "value": "grade", "bounds": [0, 5])"),
      R"({"handover": {"subject": "goods", "from": "seller", "to": "buyer", "claim": "organic"}})"};
  std::set<std::string> told;
  for (auto const& on : all) {
    auto const play = funded(terms(on));
    Naming naming;
    for (auto const& role : play.terms().roles) naming.parties.push_back(role.name);
    naming.scales = {2};
    for (auto const language : {Language::en, Language::zh}) {
      auto const words = explain(play.terms(), play.contract(), naming, language);
      ASSERT_FALSE(words.ahead.empty());
      EXPECT_FALSE(words.acts.empty());
      EXPECT_TRUE(told.insert(words.ahead[0].text).second) << words.ahead[0].text;
    }
  }
}

}  // namespace contracts::escrow::test
