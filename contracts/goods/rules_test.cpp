// SPDX-License-Identifier: Apache-2.0
// What each rule refuses, with its code and field; and what it lets pass beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/goods/stage_test.hpp"
#include "ledger/record.hpp"

namespace contracts::goods::test {
namespace {

using ledger::Space;

constexpr std::string_view at0 = "operations[0].events[0].";

std::string refused(std::string_view code, std::string_view path) {
  return std::string(code) + " " + std::string(at0) + std::string(path);
}

Text lot_made(std::string_view time, std::string_view site, Amount const& amount) {
  Text text("ObjectEvent", time);
  text.word("action", "ADD").amounts("quantityList", {amount}).step("creating_class_instance", "active").at(site);
  return text;
}

Text serials_made(std::string_view time, std::string_view site, std::vector<std::string> const& items,
                  std::string_view number) {
  Text text("ObjectEvent", time);
  text.word("action", "ADD").list("epcList", items).step("commissioning", "active").at(site);
  text.raw("ilmd", R"({"tally:lot": ")" + std::string(number) + R"("})");
  return text;
}

Text spinning(std::string_view time, std::string_view in, std::string_view out, std::string_view loss) {
  Text text("TransformationEvent", time);
  text.amounts("inputQuantityList", {{lot(lint, "L1"), std::string(in), "KGM"}});
  text.amounts("outputQuantityList", {{lot(yarn, "Y1"), std::string(out), "KGM"}});
  text.step("creating_class_instance", "active").at("EGEYARN.SPIN").word("tally:recipe", "spin");
  if (!loss.empty()) text.raw("tally:loss", R"({"tally:quantity": )" + std::string(loss) + R"(, "tally:uom": "KGM"})");
  return text;
}

/// 1,000 kg of claimed lint at the spinner's, his own.
Stage with_lint() {
  Stage stage;
  auto made = lot_made("2026-01-10T08:00:00Z", "SOKE.GIN", {lot(lint, "L1"), "1000", "KGM"});
  stage.must("SOKE", {made.word("certificationInfo", "urn:tally:certificate:CERT-LINT")});
  Handover const sold{"SOKE", "EGEYARN", "EGEYARN.SPIN", {}, {{lot(lint, "L1"), "1000", "KGM"}}, {{"SOKE", "EGEYARN"}}};
  stage.hand_over(sold, "2026-01-11T08:00:00Z", "2026-01-12T08:00:00Z");
  return stage;
}

ledger::LotRecord record_of(Stage const& stage, std::string const& link) {
  auto record = ledger::load<ledger::LotRecord>(stage.state(), Space::lot, link);
  EXPECT_TRUE(record.has_value());
  return record.value_or(ledger::LotRecord{});
}

TEST(Scope, AKeyOfOneSiteSignsForEventsThereOnly) {
  Stage stage;
  ledger::Scope gin;
  gin.sites.emplace_back(gln("SOKE.GIN"));
  stage.limit("SOKE", gin);
  Amount const some{lot(lint, "L1"), "1", "KGM"};
  stage.must("SOKE", {lot_made("2026-01-10T08:00:00Z", "SOKE.GIN", some)});
  EXPECT_EQ(stage.refusal("SOKE", {lot_made("2026-01-10T09:00:00Z", "EGEYARN.SPIN", some)}),
            "E_SCOPE operations[0].events[0]");
  Text nowhere("ObjectEvent", "2026-01-10T09:00:00Z");
  nowhere.word("action", "OBSERVE").list("epcList", {item(scarf, "S1")}).step("inspecting");
  EXPECT_EQ(stage.refusal("SOKE", {nowhere}), "E_SCOPE operations[0].events[0]");
  // Of two events in one record each is held against its own place.
  auto const verdict = stage.record("SOKE",
                                    {lot_made("2026-01-10T10:00:00Z", "EGEYARN.SPIN", {lot(lint, "L2"), "1", "KGM"}),
                                     lot_made("2026-01-10T10:00:00Z", "SOKE.GIN", {lot(lint, "L3"), "1", "KGM"})},
                                    {}, ledger::RecordMode::proceed);
  EXPECT_THAT(verdict.recorded.codes, testing::ElementsAre(Code::E_SCOPE, Code::done));
}

TEST(Scope, AKeyOfOnePrefixMakesIdentifiersUnderItOnly) {
  Stage stage;
  ledger::Scope other;
  other.prefixes.emplace_back("9521999");
  stage.limit("SOKE", other);
  EXPECT_EQ(stage.refusal("SOKE", {lot_made("2026-01-10T08:00:00Z", "SOKE.GIN", {lot(lint, "L1"), "1", "KGM"})}),
            refused("E_SCOPE", "quantityList[0].epcClass"));
  other.prefixes.front() = std::string(lint.substr(1, 7));
  stage.limit("SOKE", other);
  stage.must("SOKE", {lot_made("2026-01-10T08:00:00Z", "SOKE.GIN", {lot(lint, "L1"), "1", "KGM"})});
}

TEST(Creation, AClaimConsumesItsQuota) {
  Stage stage;
  auto const made = [](std::string_view number, std::string_view quantity, std::string_view certificate) {
    return lot_made("2026-05-20T02:00:00Z", "COCOON.FARM", {lot(cocoon, number), std::string(quantity), "KGM"})
        .word("certificationInfo", certificate);
  };
  stage.must("COCOON", {made("C1", "1999.5", "urn:tally:certificate:CERT-SILK")});
  EXPECT_EQ(record_of(stage, lot(cocoon, "C1")).claim, "silk origin");
  EXPECT_FALSE(record_of(stage, lot(cocoon, "C1")).unrooted);
  EXPECT_EQ(stage.refusal("COCOON", {made("C1", "1", "urn:tally:certificate:CERT-SILK")}),
            refused("E_QUOTA_EXCEEDED", "certificationInfo[0]"));
  EXPECT_EQ(stage.refusal("COCOON", {made("C2", "0.1", "urn:tally:certificate:CERT-NONE")}),
            refused("E_CERT_UNKNOWN", "certificationInfo[0]"));
  EXPECT_EQ(stage.refusal("COCOON", {made("C2", "0.1", "urn:tally:certificate:CERT-LINT")}),
            refused("E_CERT_SCOPE", "certificationInfo[0]"));
  stage.must("COCOON", {made("C1", "0.5", "https://certa.example/certificates/CERT-SILK")});
  EXPECT_EQ(record_of(stage, lot(cocoon, "C1")).total, 2'000'000'000U);
}

TEST(Creation, AnExpiredCertificateOrAForeignSchemeCoversNothing) {
  Stage stage;
  auto late = lot_made("2027-04-02T02:00:00Z", "COCOON.FARM", {lot(cocoon, "C1"), "1", "KGM"});
  EXPECT_EQ(stage.refusal("COCOON", {late.word("certificationInfo", "urn:tally:certificate:CERT-SILK")}),
            refused("E_CERT_EXPIRED", "certificationInfo[0]"));
  auto other = lot_made("2026-05-20T02:00:00Z", "COCOON.FARM", {lot(cocoon, "C1"), "1", "KGM"});
  other.word("certificationInfo", "urn:tally:certificate:CERT-SILK").word("tally:claim", "organic");
  EXPECT_EQ(stage.refusal("COCOON", {other}), refused("E_CERT_SCOPE", "tally:claim"));
  auto bare = lot_made("2026-05-20T02:00:00Z", "COCOON.FARM", {lot(cocoon, "C1"), "1", "KGM"});
  EXPECT_EQ(stage.refusal("COCOON", {bare.word("tally:claim", "organic")}), refused("E_CLAIM_UNSCOPED", "tally:claim"));
}

TEST(Creation, WithoutAClaimALotIsUnrootedForEver) {
  Stage stage;
  stage.must("SOKE", {lot_made("2026-01-10T08:00:00Z", "SOKE.GIN", {lot(lint, "L1"), "100", "KGM"})});
  EXPECT_TRUE(record_of(stage, lot(lint, "L1")).unrooted);
  Handover const sold{"SOKE", "EGEYARN", "EGEYARN.SPIN", {}, {{lot(lint, "L1"), "100", "KGM"}}, {{"SOKE", "EGEYARN"}}};
  stage.hand_over(sold, "2026-01-11T08:00:00Z", "2026-01-12T08:00:00Z");
  stage.must("EGEYARN", {spinning("2026-01-13T08:00:00Z", "100", "80", "20")});
  EXPECT_TRUE(record_of(stage, lot(yarn, "Y1")).unrooted);
}

TEST(Creation, IdentifiersAreMadeUnderOnesOwnPrefix) {
  Stage stage;
  auto const items = std::vector{item(scarf, "S000001")};
  EXPECT_EQ(stage.refusal("FJORD", {serials_made("2026-05-20T02:00:00Z", "FJORD.PEN", items, "S1")}),
            refused("E_PREFIX_NOT_OWNED", "epcList[0]"));
  EXPECT_EQ(stage.refusal("FJORD", {lot_made("2026-05-20T02:00:00Z", "FJORD.PEN", {lot(scarf, "S1"), "5", ""})}),
            refused("E_PREFIX_NOT_OWNED", "quantityList[0].epcClass"));
  // A member without goods accounting is held to the same.
  EXPECT_EQ(stage.refusal("PLAIN", {serials_made("2026-05-20T02:00:00Z", "FJORD.PEN", items, "S1")}),
            refused("E_PREFIX_NOT_OWNED", "epcList[0]"));
  // The prefix holder may let another act, by signing too.
  stage.must("FJORD", {serials_made("2026-05-20T02:00:00Z", "FJORD.PEN", items, "S1")}, {"SERICA"});
  EXPECT_EQ(stage.balance(lot(scarf, "S1")), "SERICA 1");
}

TEST(Creation, SerialsAreDrawnFromTheirLotAndNoMore) {
  Stage stage;
  stage.must("SERICA", {lot_made("2026-05-20T02:00:00Z", "SERICA.FIN", {lot(scarf, "S1"), "10", ""})});
  stage.must("SERICA", {serials_made("2026-05-21T02:00:00Z", "SERICA.FIN", serials(scarf, 1, 7), "S1")});
  EXPECT_EQ(stage.balance(lot(scarf, "S1")), "SERICA 10");
  EXPECT_EQ(record_of(stage, lot(scarf, "S1")).serialised, 7'000'000U);
  EXPECT_EQ(stage.refusal("SERICA", {serials_made("2026-05-21T03:00:00Z", "SERICA.FIN", serials(scarf, 8, 4), "S1")}),
            refused("E_INSUFFICIENT_GOODS", "epcList"));
  EXPECT_EQ(stage.refusal("SERICA", {serials_made("2026-05-21T03:00:00Z", "SERICA.FIN", serials(scarf, 7, 1), "S1")}),
            refused("E_ALREADY_COMMISSIONED", "epcList[0]"));
  Text no_lot("ObjectEvent", "2026-05-21T03:00:00Z");
  no_lot.word("action", "ADD").list("epcList", serials(scarf, 8, 1)).step("commissioning").at("SERICA.FIN");
  EXPECT_EQ(stage.refusal("SERICA", {no_lot}), refused("E_UNKNOWN_GOODS", "ilmd.tally:lot"));
  // A piece with a serial does not move as a quantity.
  Text scrapped("ObjectEvent", "2026-05-22T03:00:00Z");
  scrapped.word("action", "DELETE")
      .amounts("quantityList", {{lot(scarf, "S1"), "4", ""}})
      .step("destroying", "destroyed");
  EXPECT_EQ(stage.refusal("SERICA", {scrapped}), refused("E_INSUFFICIENT_GOODS", "quantityList[0]"));
}

TEST(Creation, CertifiedSerialsExtendTheirLot) {
  Stage stage;
  for (unsigned const first : {1U, 5U}) {
    auto made = serials_made("2026-06-01T02:00:00Z", "LIVOLT.CELL", serials(cell, first, 4), "B2606");
    stage.must("LIVOLT", {made.word("certificationInfo", "urn:tally:certificate:CERT-CELL")});
  }
  EXPECT_EQ(record_of(stage, lot(cell, "B2606")).total, 8'000'000U);
}

TEST(Conservation, InputsEqualOutputsAndLoss) {
  auto stage = with_lint();
  EXPECT_EQ(stage.refusal("EGEYARN", {spinning("2026-01-13T08:00:00Z", "100", "500", "")}),
            refused("E_MASS_BALANCE", "outputQuantityList"));
  EXPECT_EQ(stage.refusal("EGEYARN", {spinning("2026-01-13T08:00:00Z", "100", "80", "19.999999")}),
            refused("E_MASS_BALANCE", "outputQuantityList"));
  EXPECT_EQ(stage.refusal("EGEYARN", {spinning("2026-01-13T08:00:00Z", "100", "86.000001", "13.999999")}),
            refused("E_YIELD", "outputQuantityList"));
  EXPECT_EQ(stage.refusal("EGEYARN", {spinning("2026-01-13T08:00:00Z", "1100", "800", "300")}),
            refused("E_INSUFFICIENT_GOODS", "inputQuantityList[0]"));
  stage.must("EGEYARN", {spinning("2026-01-13T08:00:00Z", "1000", "860", "140")});
  EXPECT_EQ(stage.balance(lot(lint, "L1")), "");
  EXPECT_EQ(stage.balance(lot(yarn, "Y1")), "EGEYARN 860");
  // The lot that is used up, named again.
  EXPECT_EQ(stage.refusal("EGEYARN", {spinning("2026-01-14T08:00:00Z", "1000", "850", "150")}),
            refused("E_INSUFFICIENT_GOODS", "inputQuantityList[0]"));
}

TEST(Conservation, ATransformationNeedsItsRecipe) {
  auto stage = with_lint();
  auto const with = [](std::string_view site, std::string_view recipe) {
    Text text("TransformationEvent", "2026-01-13T08:00:00Z");
    text.amounts("inputQuantityList", {{lot(lint, "L1"), "100", "KGM"}});
    text.amounts("outputQuantityList", {{lot(yarn, "Y1"), "100", "KGM"}}).step("creating_class_instance").at(site);
    if (!recipe.empty()) text.word("tally:recipe", recipe);
    return text;
  };
  EXPECT_EQ(stage.refusal("EGEYARN", {with("EGEYARN.SPIN", "")}), refused("E_RECIPE_UNKNOWN", "tally:recipe"));
  EXPECT_EQ(stage.refusal("EGEYARN", {with("EGEYARN.SPIN", "weave")}), refused("E_RECIPE_UNKNOWN", "tally:recipe"));
  EXPECT_EQ(stage.refusal("EGEYARN", {with("SERICA.MILL", "weave")}),
            refused("E_RECIPE_UNKNOWN", "inputQuantityList[0]"));
}

TEST(Conservation, OutOfNothingComesNothing) {
  Stage stage;
  Text phantom("TransformationEvent", "2026-03-10T08:00:00Z");
  phantom.word("transformationID", "https://id.gs1.org/253/9521001000000T0009");
  phantom.list("outputEPCList", serials(scarf, 1, 50)).raw("ilmd", R"({"tally:lot": "S1"})");
  phantom.step("commissioning", "active").at("SERICA.FIN").word("tally:recipe", "hem");
  EXPECT_EQ(stage.refusal("SERICA", {phantom}, {"SPREE"}), refused("E_MASS_BALANCE", "outputEPCList"));
}

TEST(Conservation, GramsAndTonnesAreConverted) {
  auto stage = with_lint();
  Text text("TransformationEvent", "2026-01-13T08:00:00Z");
  text.amounts("inputQuantityList", {{lot(lint, "L1"), "0.1", "TNE"}});
  text.amounts("outputQuantityList", {{lot(yarn, "Y1"), "80000.5", "GRM"}}).step("creating_class_instance");
  text.at("EGEYARN.SPIN").word("tally:recipe", "spin");
  text.raw("tally:loss", R"({"tally:quantity": 19999.5, "tally:uom": "GRM"})");
  stage.must("EGEYARN", {text});
  EXPECT_EQ(stage.balance(lot(yarn, "Y1")), "EGEYARN 80.0005");
  Text litres("ObjectEvent", "2026-01-13T08:00:00Z");
  litres.word("action", "ADD").amounts("quantityList", {{lot(yarn, "Y2"), "5", "LTR"}}).step("creating_class_instance");
  EXPECT_EQ(stage.refusal("EGEYARN", {litres}), refused("E_PRODUCT_UNKNOWN", "quantityList[0].uom"));
}

TEST(Conservation, AClaimIsNoWiderThanItsInputs) {
  auto stage = with_lint();
  auto claimed = spinning("2026-01-13T08:00:00Z", "100", "80", "20");
  EXPECT_EQ(stage.refusal("EGEYARN", {claimed.word("tally:claim", "organic")}),
            refused("E_CLAIM_UNSCOPED", "tally:claim"));
  auto wrong = spinning("2026-01-13T08:00:00Z", "100", "80", "20");
  wrong.word("tally:claim", "silk origin").word("certificationInfo", "urn:tally:certificate:CERT-SPIN");
  EXPECT_EQ(stage.refusal("EGEYARN", {wrong}), refused("E_SEGREGATION", "tally:claim"));
  auto expired = spinning("2026-11-13T08:00:00Z", "100", "80", "20");
  expired.word("tally:claim", "organic").word("certificationInfo", "urn:tally:certificate:CERT-SPIN");
  EXPECT_EQ(stage.refusal("EGEYARN", {expired}), refused("E_CERT_EXPIRED", "certificationInfo[0]"));
  auto good = spinning("2026-01-13T08:00:00Z", "100", "80", "20");
  good.word("tally:claim", "organic").word("certificationInfo", "urn:tally:certificate:CERT-SPIN");
  stage.must("EGEYARN", {good});
  EXPECT_EQ(record_of(stage, lot(yarn, "Y1")).claim, "organic");
}

/// 400 cells in as many watches, in two events of one transformation; the second names outputs alone.
std::vector<std::string> assembling(unsigned cells, unsigned watches, bool bound = true) {
  auto const in = serials(cell, 1, cells);
  auto const out = serials(watch, 1, watches);
  auto const half = out.begin() + watches / 2;
  auto const event = [&](std::vector<std::string> const& inputs, std::vector<std::string> const& outputs) {
    Text text("TransformationEvent", "2026-06-20T09:00:00Z");
    text.word("transformationID", "https://id.gs1.org/253/9521012000006T0004");
    if (!inputs.empty()) text.list("inputEPCList", inputs);
    text.list("outputEPCList", outputs).raw("ilmd", R"({"tally:lot": "W2606"})").step("assembling", "active");
    text.at("CHRONO.ASM").word("tally:recipe", "assemble");
    if (bound && !inputs.empty()) text.raw("tally:bind", R"([[")" + in[0] + R"(", ")" + out[0] + R"("]])");
    return std::string(text);
  };
  return {event(in, {out.begin(), half}), event({}, {half, out.end()})};
}

Stage with_cells() {
  Stage stage;
  stage.must("LIVOLT", {serials_made("2026-06-01T02:00:00Z", "LIVOLT.CELL", serials(cell, 1, 40), "B2606")});
  Handover const sold{"LIVOLT", "CHRONO", "CHRONO.ASM", serials(cell, 1, 40), {}, {{"LIVOLT", "CHRONO"}}};
  stage.hand_over(sold, "2026-06-02T02:00:00Z", "2026-06-03T02:00:00Z");
  return stage;
}

TEST(Conservation, EventsOfOneTransformationAreBalancedTogether) {
  auto stage = with_cells();
  EXPECT_EQ(stage.balance(lot(cell, "B2606")), "CHRONO 40");
  EXPECT_EQ(stage.refusal("CHRONO", assembling(40, 42)), refused("E_MASS_BALANCE", "outputEPCList"));
  EXPECT_EQ(stage.refusal("CHRONO", {assembling(40, 40)[0]}), refused("E_MASS_BALANCE", "outputEPCList"));
  stage.must("CHRONO", assembling(40, 40));
  EXPECT_EQ(stage.balance(lot(cell, "B2606")), "");
  EXPECT_EQ(stage.balance(lot(watch, "W2606")), "CHRONO 40");
  // The bound watch is made from its cell, the lot from all other cells.
  auto const leaf = [&](Space space, std::string const& link) {
    return *ledger::history_leaf(stage.state(), ledger::tree_key(space, link), 0);
  };
  auto const made = leaf(Space::item, item(watch, "S000001"));
  ASSERT_EQ(made.links.size(), 2U);
  EXPECT_EQ(made.links[1].role, ledger::LinkRole::made_from);
  EXPECT_EQ(made.links[1].key, ledger::tree_key(Space::item, item(cell, "S000001")));
  EXPECT_EQ(leaf(Space::lot, lot(watch, "W2606")).links.size(), 39U);
  EXPECT_EQ(stage.refusal("CHRONO", assembling(40, 40)), "");  // the same events again: nothing happens
}

TEST(Conservation, AGroupFallsTogetherWhenEachEventStandsAlone) {
  auto stage = with_cells();
  auto events = assembling(40, 42);
  Text other("ObjectEvent", "2026-06-20T10:00:00Z");
  events.insert(events.begin() + 1,
                other.list("epcList", {item(cell, "S000001")}).word("action", "OBSERVE").step("storing"));
  auto const verdict = stage.record("CHRONO", events, {}, ledger::RecordMode::proceed);
  EXPECT_EQ(verdict.code, Code::done);
  EXPECT_EQ(verdict.recorded.codes, (std::vector{Code::E_MASS_BALANCE, Code::done, Code::E_MASS_BALANCE}));
  EXPECT_EQ(stage.audit(), "");
  EXPECT_EQ(stage.balance(lot(cell, "B2606")), "CHRONO 40");
  EXPECT_EQ(stage.leaves(item(cell, "S000001")), 4U);
}

TEST(Conservation, ARefurbishedWatchHasNoSourceToShow) {
  auto stage = with_cells();
  stage.must("CHRONO", assembling(40, 40));
  auto const event = [](std::vector<std::string> const& in, std::vector<std::string> const& out) {
    Text text("TransformationEvent", "2026-08-02T09:00:00Z");
    text.list("inputEPCList", in).list("outputEPCList", out).raw("ilmd", R"({"tally:lot": "R1"})");
    return text.step("repairing", "active").at("CHRONO.ASM").raw("tally:unbalanced", "true");
  };
  EXPECT_EQ(stage.refusal("CHRONO", {event(serials(watch, 1, 1), serials(refurbished, 1, 2))}),
            refused("E_MASS_BALANCE", "outputEPCList"));
  stage.must("CHRONO", {event(serials(watch, 1, 1), serials(refurbished, 1, 1))});
  EXPECT_TRUE(record_of(stage, lot(refurbished, "R1")).unrooted);
  EXPECT_EQ(stage.balance(lot(refurbished, "R1")), "CHRONO 1");
  EXPECT_EQ(stage.refusal("CHRONO", {event(serials(watch, 1, 1), serials(refurbished, 2, 1))}),
            refused("E_RETIRED", "inputEPCList[0]"));
}

TEST(Time, TheFutureAndThePastOfAChange) {
  auto stage = with_lint();
  auto const future = spinning("2026-01-13T10:00:00Z", "100", "80", "20");
  stage.block_at("2026-01-13T08:00:00Z");
  EXPECT_EQ(stage.refusal("EGEYARN", {future}), refused("E_TIME_WINDOW", "eventTime"));
  auto const edge = spinning("2026-01-13T08:02:00Z", "100", "80", "20");
  stage.block_at("2026-01-13T08:00:00Z");
  stage.must("EGEYARN", {edge});
  // The lint changed hands on the 12th.
  EXPECT_EQ(stage.refusal("EGEYARN", {spinning("2026-01-12T07:59:59Z", "100", "80", "20")}),
            refused("E_TIME_WINDOW", "eventTime"));
  // An observation may be older, and is marked.
  Text seen("ObjectEvent", "2026-01-09T08:00:00Z");
  seen.amounts("quantityList", {{lot(lint, "L1"), "100", "KGM"}})
      .word("action", "OBSERVE")
      .step("inspecting", "conformant");
  stage.block_at("2026-01-13T08:00:00Z");
  auto const recorded = stage.must("LABX", {seen});
  ASSERT_EQ(recorded.facts.size(), 1U);
  EXPECT_TRUE(recorded.facts[0].late);
}

TEST(Identity, TheSameEventAgainChangesNothing) {
  auto stage = with_lint();
  auto const event = std::string(spinning("2026-01-13T08:00:00Z", "100", "80", "20"));
  stage.must("EGEYARN", {event});
  auto const size = log_size(stage.state());
  auto const again = stage.record("EGEYARN", {event, event});
  EXPECT_EQ(again.recorded.codes, (std::vector{Code::exists, Code::exists}));
  EXPECT_TRUE(again.recorded.facts.empty());
  EXPECT_EQ(log_size(stage.state()), size);
  EXPECT_EQ(stage.balance(lot(yarn, "Y1")), "EGEYARN 80");
  // Twice in one record.
  auto const twice = std::string(spinning("2026-01-14T08:00:00Z", "100", "80", "20"));
  auto const both = stage.record("EGEYARN", {twice, twice});
  EXPECT_EQ(both.recorded.codes, (std::vector{Code::done, Code::exists}));
  EXPECT_EQ(stage.balance(lot(yarn, "Y1")), "EGEYARN 160");
}

TEST(Identity, AnErrorDeclarationIsNotItsEvent) {
  auto stage = with_lint();
  auto const event = spinning("2026-01-13T08:00:00Z", "100", "80", "20");
  stage.must("EGEYARN", {event});
  auto voiding = event;
  voiding.raw("errorDeclaration", R"({"declarationTime": "2026-01-14T08:00:00Z", "reason": "did_not_occur"})");
  stage.block_at("2026-01-14T08:01:00Z");
  auto const recorded = stage.must("EGEYARN", {voiding});
  EXPECT_TRUE(recorded.facts.empty());
  EXPECT_EQ(stage.balance(lot(yarn, "Y1")), "EGEYARN 80");
  EXPECT_EQ(stage.leaves(lot(yarn, "Y1")), 2U);
}

TEST(Form, WhatDoesNotFitItsCommitmentIsMalformed) {
  auto const text = std::string(spinning("2026-01-13T08:00:00Z", "100", "80", "20"));
  auto const other = std::string(spinning("2026-01-13T08:00:00Z", "100", "81", "19"));
  std::string_view constexpr context =
      R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"tally": "https://tallystick.example/ns/"}])";
  ledger::Parameters const parameters;
  std::vector const payload{base::bytes_of(text)};
  auto const verdict = [&](ledger::Record const& record, std::vector<ledger::BytesView> const& payloads) {
    auto const result = check(record, payloads, parameters, "operations[1]");
    return result ? "" : std::string(base::name(result.error().code)) + " " + result.error().field;
  };
  auto const record = ledger::make_record(ledger::RecordMode::rollback, context, payload);
  ASSERT_TRUE(record);
  EXPECT_EQ(verdict(*record, payload), "");
  EXPECT_EQ(verdict(*record, {base::bytes_of(other)}), "E_ENCODING operations[1].events_root");
  EXPECT_EQ(verdict(*record, {}), "E_ENCODING operations[1].count");
  EXPECT_EQ(verdict(*record, {payload[0], payload[0]}), "E_ENCODING operations[1].count");
  auto wrong = text;
  wrong.replace(wrong.find("creating_class_instance"), 23, "creating_klass_instance");
  EXPECT_EQ(verdict(*record, {base::bytes_of(wrong)}), "E_VOCABULARY operations[1].events[0].bizStep");
  auto digit = text;
  digit.replace(digit.find("09521007000011"), 14, "09521007000012");
  EXPECT_EQ(verdict(*record, {base::bytes_of(digit)}),
            "E_CHECK_DIGIT operations[1].events[0].outputQuantityList[0].epcClass");
  auto bare = *record;
  bare.context = std::string_view(R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")");
  EXPECT_EQ(verdict(bare, payload), "E_CONTEXT operations[1].events[0].tally:recipe");
}

TEST(Proceed, WhatStandsIsAsIfTheRestHadNeverBeenSent) {
  auto const made = [](std::string_view number, std::string_view quantity) {
    Text text("ObjectEvent", "2026-05-20T02:00:00Z");
    text.word("action", "ADD").amounts("quantityList", {{lot(cocoon, number), std::string(quantity), "KGM"}});
    return text.step("creating_class_instance")
        .at("COCOON.FARM")
        .word("certificationInfo", "urn:tally:certificate:CERT-SILK");
  };
  std::string const first = made("C1", "1200");
  std::string const second = made("C3", "800");
  Stage mixed;
  auto const verdict = mixed.record("COCOON", {first, made("C2", "801"), second}, {}, ledger::RecordMode::proceed);
  EXPECT_EQ(verdict.recorded.codes, (std::vector{Code::done, Code::E_QUOTA_EXCEEDED, Code::done}));
  Stage alone;
  auto const good = alone.record("COCOON", {first, second}, {}, ledger::RecordMode::proceed);
  EXPECT_EQ(verdict.recorded.facts.size(), good.recorded.facts.size());
  for (auto const number : {"C1", "C2", "C3"}) {
    EXPECT_EQ(mixed.balance(lot(cocoon, number)), alone.balance(lot(cocoon, number)));
  }
  EXPECT_EQ(mixed.changes().size(), alone.changes().size());
}

}  // namespace
}  // namespace contracts::goods::test
