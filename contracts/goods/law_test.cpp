// SPDX-License-Identifier: Apache-2.0
// Claims under a mass balance, mandates and limits, recalls, expiry, corrections, customs, statements, scans: rules 3,
// 7, 13 to 16 and what stands beside the rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/goods/customs.hpp"
#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/statement.hpp"
#include "contracts/members/mandate.hpp"
#include "contracts/members/members.hpp"
#include "ledger/badge.hpp"
#include "ledger/carbon.hpp"
#include "ledger/recall.hpp"

namespace contracts::goods::test {
namespace {

using ledger::Space;
using testing::ElementsAre;

std::string refused(std::string_view code, std::string_view path) {
  return std::string(code) + " operations[0].events[0]." + std::string(path);
}
TimeMs moment(std::string_view text) { return *base::from_rfc3339(text); }

/// Runs one operation as the only act of a block; "" when it is done.
template <class Operation>
std::string run(Stage& stage, std::string_view actor, Operation const& operation,
                Result<void> (*rule)(Context&, Operation const&, std::string const&), std::string_view when = {}) {
  if (!when.empty()) stage.block_at(when);
  return stage.tried(actor, {}, [&](Context& context) { return rule(context, operation, "operations[0]"); });
}

Text made(std::string_view time, std::string_view site, Amount const& amount, std::string_view certificate = {}) {
  Text text("ObjectEvent", time);
  text.word("action", "ADD").amounts("quantityList", {amount}).step("creating_class_instance", "active").at(site);
  if (!certificate.empty()) text.word("certificationInfo", "urn:tally:certificate:" + std::string(certificate));
  return text;
}
Text items_made(std::string_view time, std::string_view site, std::vector<std::string> const& items,
                std::string_view number) {
  Text text("ObjectEvent", time);
  text.word("action", "ADD").list("epcList", items).step("commissioning", "active").at(site);
  return text.raw("ilmd", R"({"tally:lot": ")" + std::string(number) + R"("})");
}
std::string sale(std::string_view time, std::string_view site, std::string const& serial) {
  Text sold("ObjectEvent", time);
  sold.list("epcList", {serial}).word("action", "OBSERVE").step("retail_selling", "retail_sold").at(site);
  return sold.word("tally:handover", "sale");
}
Text spun(std::string_view time, std::vector<Amount> const& in, std::string_view out, std::string_view loss) {
  Text text("TransformationEvent", time);
  text.amounts("inputQuantityList", in).amounts("outputQuantityList", {{lot(yarn, "Y1"), std::string(out), "KGM"}});
  text.step("creating_class_instance", "active").at("EGEYARN.SPIN").word("tally:recipe", "spin");
  return text.raw("tally:loss", R"({"tally:quantity": )" + std::string(loss) + R"(, "tally:uom": "KGM"})");
}

/// 100 kg of organic lint and 300 kg of other, both at the spinner's, both his.
Stage with_two_lints(ledger::ClaimModel model) {
  Stage stage;
  EXPECT_EQ(run(stage, "CERTA", ledger::AddScheme{"organic", "organic", model}, add_scheme), "");
  stage.must("SOKE", {made("2026-01-10T08:00:00Z", "SOKE.GIN", {lot(lint, "L1"), "100", "KGM"}, "CERT-LINT"),
                      made("2026-01-10T08:00:00Z", "SOKE.GIN", {lot(lint, "L2"), "300", "KGM"})});
  Handover const sold{"SOKE",
                      "EGEYARN",
                      "EGEYARN.SPIN",
                      {},
                      {{lot(lint, "L1"), "100", "KGM"}, {lot(lint, "L2"), "300", "KGM"}},
                      {{"SOKE", "EGEYARN"}}};
  stage.hand_over(sold, "2026-01-11T08:00:00Z", "2026-01-12T08:00:00Z");
  return stage;
}
Text mixed(std::string_view organic, std::string_view other, std::string_view out, std::string_view loss) {
  auto text =
      spun("2026-01-13T08:00:00Z",
           {{lot(lint, "L1"), std::string(organic), "KGM"}, {lot(lint, "L2"), std::string(other), "KGM"}}, out, loss);
  return text.word("tally:claim", "organic").word("certificationInfo", "urn:tally:certificate:CERT-SPIN");
}
std::string by_claim(Stage const& stage, std::string_view link) {
  std::string out;
  for (auto const& holding : ledger::holdings(stage.state(), link)) {
    out += (out.empty() ? "" : ", ") + std::string(holding.claim.empty() ? "none" : std::string(holding.claim)) + " " +
           base::to_decimal_literal(static_cast<base::i128>(holding.quantity), 6);
  }
  return out;
}

TEST(Claims, AMassBalanceClaimsNoMoreThanItsInputsYield) {
  auto stage = with_two_lints(ledger::ClaimModel::mass_balance);
  stage.must("EGEYARN", {mixed("50", "150", "160", "40")});
  // 50 kg of organic lint at 86 %.
  EXPECT_EQ(by_claim(stage, lot(yarn, "Y1")), "none 117, organic 43");
  stage.must("EGEYARN", {mixed("50", "10", "40", "20")});
  EXPECT_EQ(by_claim(stage, lot(yarn, "Y1")), "none 117, organic 83");
  EXPECT_EQ(stage.audit(), "");
}

TEST(Claims, SegregatedGoodsAreNotMixed) {
  auto stage = with_two_lints(ledger::ClaimModel::segregated);
  EXPECT_EQ(stage.refusal("EGEYARN", {mixed("50", "150", "160", "40")}), refused("E_SEGREGATION", "tally:claim"));
}

TEST(Claims, IdentityIsOneLots) {
  auto stage = with_two_lints(ledger::ClaimModel::identity_preserved);
  auto pure = spun("2026-01-13T08:00:00Z", {{lot(lint, "L1"), "100", "KGM"}}, "80", "20");
  stage.must("EGEYARN",
             {pure.word("tally:claim", "organic").word("certificationInfo", "urn:tally:certificate:CERT-SPIN")});
  EXPECT_EQ(by_claim(stage, lot(yarn, "Y1")), "organic 80");
}

TEST(Claims, ASchemeIsClaimedUnderItsWord) {
  Stage stage;
  EXPECT_EQ(run(stage, "CERTA", ledger::AddScheme{"silk origin", "Taihu", ledger::ClaimModel::segregated}, add_scheme),
            "");
  EXPECT_EQ(run(stage, "SERICA", ledger::AddScheme{"x", "y", ledger::ClaimModel::segregated}, add_scheme),
            "E_SCOPE operations[0]");
  auto first = made("2026-05-20T02:00:00Z", "COCOON.FARM", {lot(cocoon, "C1"), "1", "KGM"}, "CERT-SILK");
  stage.must("COCOON", {first.word("tally:claim", "Taihu")});
  EXPECT_EQ(by_claim(stage, lot(cocoon, "C1")), "Taihu 1");
  auto second = made("2026-05-20T02:00:00Z", "COCOON.FARM", {lot(cocoon, "C2"), "1", "KGM"}, "CERT-SILK");
  EXPECT_EQ(stage.refusal("COCOON", {second.word("tally:claim", "silk origin")}),
            refused("E_CERT_SCOPE", "tally:claim"));
}

ledger::GiveMandate mandate(std::string_view number, std::string_view to, std::string_view until) {
  ledger::GiveMandate out;
  out.number = number;
  out.to = party(to);
  out.acts = 1;
  out.products = std::vector<ledger::Gtin>{ledger::Gtin(refurbished)};
  out.from_ms = moment("2026-06-01T00:00:00Z");
  out.until_ms = moment(until);
  return out;
}

TEST(Mandate, LetsAnotherMakeIdentifiersWithinItsBounds) {
  Stage stage;
  auto const items = [](std::string_view time, std::string_view gtin, unsigned first) {
    return items_made(time, "MAASHUB.WH1", serials(gtin, first, 1), "R1");
  };
  EXPECT_EQ(stage.refusal("MAASHUB", {items("2026-08-02T09:00:00Z", refurbished, 1)}),
            refused("E_PREFIX_NOT_OWNED", "epcList[0]"));
  EXPECT_EQ(run(stage, "CHRONO", mandate("M1", "MAASHUB", "2026-12-31T00:00:00Z"), members::give_mandate,
                "2026-06-01T00:00:00Z"),
            "");
  stage.must("MAASHUB", {items("2026-08-02T09:00:00Z", refurbished, 1)});
  EXPECT_EQ(stage.balance(lot(refurbished, "R1")), "MAASHUB 1");
  EXPECT_EQ(stage.refusal("MAASHUB", {items("2026-08-02T09:00:00Z", watch, 1)}),
            refused("E_PREFIX_NOT_OWNED", "epcList[0]"));
  EXPECT_EQ(stage.refusal("MAASHUB", {items("2027-01-02T09:00:00Z", refurbished, 2)}),
            refused("E_PREFIX_NOT_OWNED", "epcList[0]"));
  EXPECT_EQ(run(stage, "CHRONO", ledger::EndMandate{"M1"}, members::end_mandate, "2026-08-03T00:00:00Z"), "");
  EXPECT_EQ(stage.refusal("MAASHUB", {items("2026-08-04T09:00:00Z", refurbished, 2)}),
            refused("E_PREFIX_NOT_OWNED", "epcList[0]"));
}

TEST(Mandate, IsPassedOnThreeDeepAndNeverWidened) {
  Stage stage;
  auto const pass = [&](std::string_view from, ledger::GiveMandate one, std::string_view giver,
                        std::string_view under) {
    one.under = ledger::MandateName{party(giver), std::string(under)};
    return run(stage, from, one, members::give_mandate, "2026-06-02T00:00:00Z");
  };
  EXPECT_EQ(run(stage, "CHRONO", mandate("M1", "HALDEN", "2026-12-31T00:00:00Z"), members::give_mandate,
                "2026-06-01T00:00:00Z"),
            "");
  EXPECT_EQ(pass("MAASHUB", mandate("M2", "SPREE", "2026-11-30T00:00:00Z"), "CHRONO", "M1"),
            "E_SCOPE operations[0].under");
  EXPECT_EQ(pass("HALDEN", mandate("M2", "MAASHUB", "2027-01-31T00:00:00Z"), "CHRONO", "M1"), "E_SCOPE operations[0]");
  auto wide = mandate("M2", "MAASHUB", "2026-11-30T00:00:00Z");
  wide.products = std::vector<ledger::Gtin>{};
  EXPECT_EQ(pass("HALDEN", wide, "CHRONO", "M1"), "E_SCOPE operations[0]");
  wide = mandate("M2", "MAASHUB", "2026-11-30T00:00:00Z");
  wide.acts = 3;
  EXPECT_EQ(pass("HALDEN", wide, "CHRONO", "M1"), "E_SCOPE operations[0]");
  EXPECT_EQ(pass("HALDEN", mandate("M2", "MAASHUB", "2026-11-30T00:00:00Z"), "CHRONO", "M1"), "");
  EXPECT_EQ(pass("MAASHUB", mandate("M3", "SPREE", "2026-10-31T00:00:00Z"), "HALDEN", "M2"), "");
  EXPECT_EQ(pass("SPREE", mandate("M4", "SOKE", "2026-09-30T00:00:00Z"), "MAASHUB", "M3"),
            "E_LIMIT operations[0].under");
  stage.must("SPREE", {items_made("2026-08-02T09:00:00Z", "SPREE.SHOP", serials(refurbished, 1, 1), "R1")});
  // What ends in the middle ends for all below.
  EXPECT_EQ(run(stage, "HALDEN", ledger::EndMandate{"M2"}, members::end_mandate, "2026-08-03T00:00:00Z"), "");
  EXPECT_EQ(
      stage.refusal("SPREE", {items_made("2026-08-04T09:00:00Z", "SPREE.SHOP", serials(refurbished, 2, 1), "R1")}),
      refused("E_PREFIX_NOT_OWNED", "epcList[0]"));
}

TEST(Limits, AKeyDoesSoMuchADay) {
  Stage stage;
  ledger::KeyAdd admin;
  ledger::LimitKey limit;
  limit.key = key_of("SOKE");
  limit.events_a_day = 2;
  // Only an admin key sets limits, and this one is a clerk's.
  EXPECT_EQ(run(stage, "SOKE", limit, members::limit_key), "E_SCOPE operations[0].key");
  stage.act("SOKE", {}, [&](Context& context) {
    context.genesis = true;
    return members::limit_key(context, limit, "operations[0]");
  });
  auto const event = [](std::string_view time, std::string_view number) {
    return made(time, "SOKE.GIN", {lot(lint, number), "1", "KGM"});
  };
  stage.must("SOKE", {event("2026-01-10T08:00:00Z", "L1"), event("2026-01-10T08:00:00Z", "L2")});
  EXPECT_EQ(stage.refusal("SOKE", {event("2026-01-10T09:00:00Z", "L3")}), "E_LIMIT operations[0].events[0]");
  stage.must("SOKE", {event("2026-01-11T09:00:00Z", "L3")});
}

/// Ten cells in ten watches, bound one to one, packed four levels deep at CHRONO's.
Stage with_watches() {
  Stage stage;
  stage.must("LIVOLT", {items_made("2026-06-01T02:00:00Z", "LIVOLT.CELL", serials(cell, 1, 10), "B1")});
  Handover const sold{"LIVOLT", "CHRONO", "CHRONO.ASM", serials(cell, 1, 10), {}, {{"LIVOLT", "CHRONO"}}};
  stage.hand_over(sold, "2026-06-02T02:00:00Z", "2026-06-03T02:00:00Z");
  Text built("TransformationEvent", "2026-06-20T09:00:00Z");
  auto const in = serials(cell, 1, 10);
  auto const out = serials(watch, 1, 10);
  std::string pairs;
  for (std::size_t i = 0; i < in.size(); ++i) {
    pairs += std::string(i > 0 ? ", " : "") + R"([")" + in[i] + R"(", ")" + out[i] + R"("])";
  }
  built.list("inputEPCList", in).list("outputEPCList", out).raw("ilmd", R"({"tally:lot": "W1"})");
  built.step("assembling", "active").at("CHRONO.ASM").word("tally:recipe", "assemble");
  stage.must("CHRONO", {built.raw("tally:bind", "[" + pairs + "]")});
  std::vector<std::string> inside = out;
  for (unsigned level = 1; level <= 4; ++level) {
    auto const box = new_unit("9521012", level);
    Text packed("AggregationEvent", "2026-06-21T09:00:00Z");
    packed.word("parentID", box).list("childEPCs", inside).word("action", "ADD").step("packing", "in_progress");
    stage.must("CHRONO", {packed.at("CHRONO.ASM")});
    inside = {box};
  }
  return stage;
}
std::string recall_event(std::string_view time, std::vector<std::string> const& epcs, std::vector<Amount> const& lots,
                         std::string_view set = "set") {
  Text text("ObjectEvent", time);
  if (!epcs.empty()) text.list("epcList", epcs);
  if (!lots.empty()) text.amounts("quantityList", lots);
  text.word("action", "OBSERVE").step("holding", set == "set" ? "recalled" : "active");
  text.raw("persistentDisposition", R"({")" + std::string(set) + R"(": ["recalled"]})").at("CHRONO.ASM");
  return text.word("tally:cause", "demo cell batch");
}

TEST(Recall, AComponentLotReachesEverySerial) {
  auto stage = with_watches();
  Handover const shipped{"CHRONO", "HALDEN", "HALDEN.SHA", {new_unit("9521012", 4)}, {}};
  stage.hand_over(shipped, "2026-06-25T03:00:00Z", "2026-06-25T04:00:00Z");
  auto const affected = ledger::affected_by(stage.state(), lot(cell, "B1"), 1000);
  ASSERT_EQ(affected.items.size(), 10U);
  EXPECT_EQ(affected.items[3].item, item(watch, "S000004"));
  EXPECT_EQ(affected.items[3].custodian, party("HALDEN"));
  EXPECT_EQ(affected.items[3].owner, party("CHRONO"));
  EXPECT_FALSE(affected.more);
  stage.must("LIVOLT", {recall_event("2026-06-26T09:00:00Z", {}, {{lot(cell, "B1"), "10", ""}})});
  auto const found = ledger::recall_of_item(stage.state(), item(watch, "S000004"), lot(watch, "W1"));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->cause, "demo cell batch");
  EXPECT_THAT(stage.alarms(), ElementsAre("recall " + lot(cell, "B1") + " 1 named: demo cell batch"));
}

TEST(Recall, NamedCellsStopTheirWatchesAlone) {
  auto stage = with_watches();
  auto const cells = std::vector{item(cell, "S000002"), item(cell, "S000003")};
  // A stranger's word is an observation.
  stage.must("SPREE", {recall_event("2026-09-04T09:00:00Z", cells, {})});
  EXPECT_THAT(stage.alarms(), testing::IsEmpty());
  stage.must("CHRONO", {recall_event("2026-09-05T09:00:00Z", cells, {})});
  EXPECT_EQ(stage.refusal("CHRONO", {sale("2026-09-06T09:00:00Z", "CHRONO.ASM", item(watch, "S000003"))}),
            refused("E_RECALLED", "epcList[0]"));
  stage.must("CHRONO", {sale("2026-09-06T09:00:00Z", "CHRONO.ASM", item(watch, "S000004"))});
  stage.must("CHRONO", {recall_event("2026-09-07T09:00:00Z", cells, {}, "unset")});
  stage.must("CHRONO", {sale("2026-09-08T09:00:00Z", "CHRONO.ASM", item(watch, "S000003"))});
}

TEST(Recall, ALotIsFoundThroughWhatWasMadeOfIt) {
  auto stage = with_two_lints(ledger::ClaimModel::segregated);
  stage.must("EGEYARN", {spun("2026-01-13T08:00:00Z", {{lot(lint, "L2"), "100", "KGM"}}, "80", "20")});
  EXPECT_FALSE(ledger::recall_of_lot(stage.state(), lot(yarn, "Y1")).has_value());
  Text text("ObjectEvent", "2026-01-14T08:00:00Z");
  text.amounts("quantityList", {{lot(lint, "L2"), "300", "KGM"}}).word("action", "OBSERVE").step("holding", "recalled");
  stage.must("SOKE", {text});
  EXPECT_TRUE(ledger::recall_of_lot(stage.state(), lot(yarn, "Y1")).has_value());
  EXPECT_THAT(ledger::affected_by(stage.state(), lot(lint, "L2"), 10).lots,
              ElementsAre(lot(lint, "L2"), lot(yarn, "Y1")));
  Text sold("ObjectEvent", "2026-01-15T08:00:00Z");
  sold.amounts("quantityList", {{lot(yarn, "Y1"), "10", "KGM"}}).word("action", "OBSERVE").step("retail_selling");
  EXPECT_EQ(stage.refusal("EGEYARN", {sold.at("EGEYARN.SPIN").word("tally:handover", "sale")}),
            refused("E_RECALLED", "quantityList[0]"));
}

TEST(Expiry, ExpiredGoodsAreNotSold) {
  Stage stage;
  auto const context = R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",)"
                       R"( {"tally": "https://tallystick.example/ns/", "cbvmda": "urn:epcglobal:cbv:mda:"}])";
  Text text("ObjectEvent", "2026-05-20T02:00:00Z");
  text.word("action", "ADD").list("epcList", serials(scarf, 1, 2)).step("commissioning", "active").at("SERICA.FIN");
  text.raw("ilmd", R"({"tally:lot": "S1", "cbvmda:itemExpirationDate": "2026-06-30"})");
  EXPECT_EQ(stage.record_under(context, "SERICA", {text}).code, Code::done);
  stage.must("SERICA", {sale("2026-06-30T22:00:00Z", "SERICA.FIN", item(scarf, "S000001"))});
  EXPECT_EQ(stage.refusal("SERICA", {sale("2026-07-01T00:00:00Z", "SERICA.FIN", item(scarf, "S000002"))}),
            refused("E_EXPIRED_LOT", "epcList[0]"));
}

std::string voided(std::string event) {
  event.insert(event.size() - 1,
               R"(, "errorDeclaration": {"declarationTime": "2026-02-01T08:00:00Z", "reason": "did_not_occur"})");
  return event;
}

TEST(Correction, GoodsThatAreStillThereAreTakenBack) {
  Stage stage;
  auto const event = std::string(made("2026-01-10T08:00:00Z", "SOKE.GIN", {lot(lint, "L1"), "100", "KGM"}));
  auto const more = std::string(made("2026-01-10T09:00:00Z", "SOKE.GIN", {lot(lint, "L1"), "5", "KGM"}));
  stage.must("SOKE", {event, more});
  stage.block_at("2026-02-01T09:00:00Z");
  stage.must("SOKE", {voided(event)});
  EXPECT_EQ(stage.balance(lot(lint, "L1")), "SOKE 5");
  stage.block_at("2026-02-01T09:10:00Z");
  EXPECT_EQ(stage.refusal("SOKE", {voided(event)}), "");
  EXPECT_EQ(stage.balance(lot(lint, "L1")), "SOKE 5");
}

TEST(Correction, WhatWasUsedSinceStandsUntilANewEvent) {
  auto stage = with_two_lints(ledger::ClaimModel::segregated);
  auto const event = std::string(made("2026-01-10T08:00:00Z", "SOKE.GIN", {lot(lint, "L2"), "300", "KGM"}));
  stage.block_at("2026-02-01T09:00:00Z");
  EXPECT_EQ(stage.refusal("SOKE", {voided(event)}), refused("E_INSUFFICIENT_GOODS", "quantityList[0]"));
}

TEST(Correction, AllWhoSignedSignAgain) {
  Stage stage;
  auto const event = std::string(items_made("2026-05-20T02:00:00Z", "FJORD.PEN", serials(scarf, 1, 1), "S1"));
  stage.must("FJORD", {event}, {"SERICA"});
  stage.block_at("2026-06-01T09:00:00Z");
  EXPECT_EQ(stage.refusal("FJORD", {voided(event)}), refused("E_MISSING_SIGNER", "errorDeclaration"));
  stage.block_at("2026-06-01T09:00:00Z");
  stage.must("FJORD", {voided(event)}, {"SERICA"});
  EXPECT_EQ(stage.balance(lot(scarf, "S1")), "");
}

std::string customs_event(std::string_view step, std::string_view time, std::string const& epc,
                          std::string_view mrn = "26NL-1") {
  Text text("ObjectEvent", time);
  text.list("epcList", {epc}).word("action", "OBSERVE").at("HALDEN.RTM");
  text.step("https://tallystick.example/ns/customs_" + std::string(step), "in_transit").word("tally:hs6", "621410");
  return text.raw(
      "bizTransactionList",
      R"([{"type": "https://tallystick.example/ns/mrn", "bizTransaction": "urn:mrn:)" + std::string(mrn) + R"("}])");
}

TEST(Customs, HoldsWhatNobodyThenHandsOver) {
  Stage stage;
  auto const scarf1 = item(scarf, "S000001");
  stage.must("SERICA", {items_made("2026-05-20T02:00:00Z", "SERICA.FIN", {scarf1}, "S1")});
  EXPECT_EQ(stage.refusal("HALDEN", {customs_event("hold", "2026-05-21T08:00:00Z", scarf1)}),
            refused("E_SCOPE", "bizStep"));
  stage.must("NLCUST", {customs_event("hold", "2026-05-21T08:00:00Z", scarf1)});
  EXPECT_EQ(stage.refusal("SERICA", {sale("2026-05-22T08:00:00Z", "SERICA.FIN", scarf1)}),
            refused("E_CUSTOMS_HOLD", "epcList[0]"));
  Handover const given{"SERICA", "HALDEN", "HALDEN.RTM", {scarf1}, {}};
  EXPECT_EQ(stage.refusal("SERICA", {offer_text(given, "2026-05-22T08:00:00Z")}),
            refused("E_CUSTOMS_HOLD", "epcList[0]"));
  EXPECT_EQ(stage.refusal("CNCUST", {customs_event("release", "2026-05-22T09:00:00Z", scarf1)}),
            refused("E_SCOPE", "epcList[0]"));
  stage.must("NLCUST", {customs_event("release", "2026-05-22T09:00:00Z", scarf1)});
  stage.must("SERICA", {sale("2026-05-22T10:00:00Z", "SERICA.FIN", scarf1)});
  EXPECT_THAT(stage.alarms(), ElementsAre("customs_hold " + scarf1 + " held by customs",
                                          "customs_release " + scarf1 + " released by customs"));
}

TEST(Customs, AReferenceIsDeclaredOnce) {
  Stage stage;
  auto const scarf1 = item(scarf, "S000001");
  stage.must("HALDEN", {customs_event("import", "2026-05-21T08:00:00Z", scarf1)});
  EXPECT_EQ(stage.refusal("MAASHUB", {customs_event("import", "2026-05-21T09:00:00Z", scarf1)}),
            refused("E_ALREADY_REGISTERED", "bizTransactionList"));
  stage.must("NLCUST", {customs_event("import", "2026-05-21T10:00:00Z", scarf1)});
}

TEST(Customs, AStrangersDeclarationAlertsTheBrand) {
  Stage stage;
  auto const scarf1 = item(scarf, "S000001");
  ledger::RegisterMark mark;
  mark.number = std::string_view("018-1");
  mark.products = std::vector<ledger::Gtin>{ledger::Gtin(scarf)};
  mark.shippers = std::vector{party("HALDEN")};
  EXPECT_EQ(run(stage, "SPREE", mark, register_mark), "E_PREFIX_NOT_OWNED operations[0].products[0]");
  EXPECT_EQ(run(stage, "SERICA", mark, register_mark), "");
  stage.must("FJORD", {customs_event("import", "2026-05-21T08:00:00Z", scarf1, "26NL-0")});
  EXPECT_THAT(stage.alarms(), testing::IsEmpty());
  EXPECT_EQ(run(stage, "HALDEN", ledger::WatchMark{"018-1", true}, watch_mark), "E_SCOPE operations[0]");
  EXPECT_EQ(run(stage, "NLCUST", ledger::WatchMark{"018-1", true}, watch_mark), "");
  stage.must("HALDEN", {customs_event("import", "2026-05-21T08:00:00Z", scarf1, "26NL-1")});
  EXPECT_THAT(stage.alarms(), testing::IsEmpty());
  stage.must("FJORD", {customs_event("import", "2026-05-21T08:00:00Z", scarf1, "26NL-2")});
  EXPECT_THAT(stage.alarms(), ElementsAre("brand_alert " + scarf1 + " mark 018-1, product " + std::string(scarf)));
  // A broker with the shipper's mandate is none.
  ledger::GiveMandate broker = mandate("B1", "FJORD", "2026-12-31T00:00:00Z");
  broker.acts = 2;
  broker.products = std::vector<ledger::Gtin>{};
  broker.from_ms = moment("2026-01-01T00:00:00Z");
  EXPECT_EQ(run(stage, "HALDEN", broker, members::give_mandate, "2026-05-01T00:00:00Z"), "");
  stage.must("FJORD", {customs_event("import", "2026-05-21T08:00:00Z", scarf1, "26NL-3")});
  EXPECT_EQ(stage.alarms().size(), 1U);
}

TEST(Market, AGateAsksForItsCertificate) {
  Stage stage;
  auto const watch1 = item(watch, "S000001");
  stage.must("CHRONO", {items_made("2026-05-20T02:00:00Z", "CHRONO.ASM", serials(watch, 1, 2), "W1")});
  ledger::SetGate gate{"NL", "EU declaration", {ledger::Gtin(watch)}, true};
  EXPECT_EQ(run(stage, "CHRONO", gate, set_gate), "E_SCOPE operations[0]");
  EXPECT_EQ(run(stage, "NLCUST", gate, set_gate), "");
  EXPECT_EQ(stage.refusal("CHRONO", {sale("2026-05-21T08:00:00Z", "CHRONO.ASM", watch1)}),
            refused("E_CERT_SCOPE", "epcList[0]"));
  EXPECT_EQ(stage.refusal("HALDEN", {customs_event("import", "2026-05-21T08:00:00Z", watch1)}),
            refused("E_CERT_SCOPE", "epcList"));
  ledger::IssueCertificate certificate;
  certificate.number = std::string_view("CE-1");
  certificate.scheme = std::string_view("EU declaration");
  certificate.holder = party("CHRONO");
  certificate.products = std::vector<ledger::Gtin>{ledger::Gtin(watch)};
  certificate.valid_from_ms = moment("2026-01-01T00:00:00Z");
  certificate.valid_until_ms = moment("2026-12-31T00:00:00Z");
  EXPECT_EQ(run(stage, "CERTA", certificate, members::issue_certificate), "");
  stage.must("CHRONO", {sale("2026-05-21T08:00:00Z", "CHRONO.ASM", watch1)});
  EXPECT_EQ(run(stage, "CERTA", ledger::RevokeCertificate{"CE-1"}, members::revoke_certificate), "");
  EXPECT_EQ(stage.refusal("CHRONO", {sale("2026-05-22T08:00:00Z", "CHRONO.ASM", item(watch, "S000002"))}),
            refused("E_CERT_SCOPE", "epcList[0]"));
}

TEST(Independence, NobodyCertifiesHimself) {
  Stage stage;
  ledger::IssueCertificate certificate;
  certificate.number = std::string_view("X-1");
  certificate.scheme = std::string_view("x");
  certificate.holder = party("CERTA");
  EXPECT_EQ(run(stage, "CERTA", certificate, members::issue_certificate), "E_NOT_INDEPENDENT operations[0].holder");
}

ledger::StateOrigin origin(std::string const& link, ledger::OriginCriterion criterion, std::string_view hs6,
                           std::uint32_t ppm) {
  ledger::StateOrigin out;
  out.lot = link;
  out.country = std::string_view("NL");
  out.criterion = criterion;
  out.hs6 = hs6;
  out.agreement = std::string_view("demo");
  out.share_ppm = ppm;
  return out;
}

TEST(Origin, SaysNoMoreThanItsInputs) {
  using ledger::OriginCriterion;
  auto stage = with_two_lints(ledger::ClaimModel::segregated);
  stage.must("EGEYARN", {spun("2026-01-13T08:00:00Z", {{lot(lint, "L1"), "50", "KGM"}, {lot(lint, "L2"), "150", "KGM"}},
                              "160", "40")});
  auto const link = lot(yarn, "Y1");
  auto const state = [&](std::string_view actor, ledger::StateOrigin const& one) {
    return run(stage, actor, one, state_origin);
  };
  EXPECT_EQ(state("EGEYARN", origin(link, OriginCriterion::content, "520512", 250'000)),
            "E_ORIGIN_RULE operations[0].share_ppm: 0 of 1000000 originates, 250000 is claimed");
  EXPECT_EQ(state("SOKE", origin(lot(lint, "L1"), OriginCriterion::wholly_obtained, "520100", 1'000'000)), "");
  EXPECT_EQ(state("EGEYARN", origin(link, OriginCriterion::content, "520512", 250'001)),
            "E_ORIGIN_RULE operations[0].share_ppm: 250000 of 1000000 originates, 250001 is claimed");
  EXPECT_EQ(state("EGEYARN", origin(link, OriginCriterion::content, "520512", 250'000)), "");
  EXPECT_EQ(state("EGEYARN", origin(link, OriginCriterion::wholly_obtained, "520512", 0)),
            "E_ORIGIN_RULE operations[0].share_ppm: the lot was made of other goods");
  EXPECT_EQ(state("EGEYARN", origin(link, OriginCriterion::tariff_shift, "520512", 0)),
            "E_ORIGIN_RULE operations[0].share_ppm: 1 inputs neither originate nor change heading 5205");
}

TEST(Carbon, IsRolledUpWithItsCoverage) {
  auto stage = with_two_lints(ledger::ClaimModel::segregated);
  stage.must("EGEYARN", {spun("2026-01-13T08:00:00Z", {{lot(lint, "L1"), "50", "KGM"}, {lot(lint, "L2"), "150", "KGM"}},
                              "160", "40")});
  auto const stated = [&](std::string_view actor, std::string const& link, Micro micro_kg) {
    ledger::StateCarbon out;
    out.lot = link;
    out.micro_kg = micro_kg;
    out.method = std::string_view("demo");
    out.factors = std::string_view("demo 1");
    out.until_ms = 1;
    out.primary_ppm = 500'000;
    return run(stage, actor, out, state_carbon);
  };
  EXPECT_EQ(ledger::carbon_of(stage.state(), lot(yarn, "Y1")).coverage_ppm, 0U);
  EXPECT_EQ(stated("SPREE", lot(lint, "L1"), 1), "E_MISSING_SIGNER operations[0].lot");
  EXPECT_EQ(stated("SOKE", lot(lint, "L1"), 3'200'000), "");
  auto const half = ledger::carbon_of(stage.state(), lot(yarn, "Y1"));
  // 50 kg at 3.2 in 160 kg of yarn; three quarters of the input say nothing.
  EXPECT_EQ(half.micro_kg, 1'000'000U);
  EXPECT_EQ(half.coverage_ppm, 250'000U);
  EXPECT_EQ(half.steps_unstated, 2U);
  EXPECT_EQ(stated("SOKE", lot(lint, "L2"), 1'600'000), "");
  EXPECT_EQ(stated("EGEYARN", lot(yarn, "Y1"), 250'000), "");
  auto const whole = ledger::carbon_of(stage.state(), lot(yarn, "Y1"));
  EXPECT_EQ(whole.micro_kg, 2'750'000U);
  EXPECT_EQ(whole.coverage_ppm, 1'000'000U);
}

TEST(Scan, ACopyShowsInTwoCountries) {
  Stage stage;
  auto const scarf1 = item(scarf, "S000001");
  stage.must("SERICA", {items_made("2026-08-20T02:00:00Z", "SERICA.FIN", {scarf1}, "S1")});
  EXPECT_EQ(run(stage, "SERICA", ledger::ReportScan{scarf1, "NL"}, report_scan, "2026-08-23T09:00:00Z"), "");
  stage.must("SERICA", {sale("2026-08-24T09:00:00Z", "SERICA.FIN", scarf1)});
  EXPECT_EQ(run(stage, "SERICA", ledger::ReportScan{scarf1, "NL"}, report_scan, "2026-08-24T09:10:00Z"), "");
  EXPECT_EQ(run(stage, "SERICA", ledger::ReportScan{scarf1, "ES"}, report_scan, "2026-08-24T09:40:00Z"), "");
  EXPECT_THAT(stage.alarms(),
              ElementsAre("scan_before_sale " + scarf1 + " in NL", "duplicate_label " + scarf1 + " in ES, sold in NL"));
}

TEST(Scan, GoodsAreNotSeenWhereNobodyBroughtThem) {
  Stage stage;
  auto const scarf1 = item(scarf, "S000001");
  stage.must("SERICA", {items_made("2026-08-20T02:00:00Z", "SERICA.FIN", {scarf1}, "S1")});
  EXPECT_EQ(run(stage, "SERICA", ledger::ReportScan{scarf1, "ES"}, report_scan, "2026-08-23T09:00:00Z"), "");
  EXPECT_THAT(stage.alarms(), ElementsAre("scan_before_sale " + scarf1 + " in ES",
                                          "scan_without_distribution " + scarf1 + " in ES, goods in NL"));
}

TEST(Labels, ANewLabelKeepsWhatTheGoodsAre) {
  Stage stage;
  stage.must("SERICA", {items_made("2026-05-20T02:00:00Z", "SERICA.FIN", serials(scarf, 1, 2), "S1")});
  Text relabelled("TransformationEvent", "2026-05-21T02:00:00Z");
  relabelled.list("inputEPCList", serials(scarf, 1, 2)).list("outputEPCList", serials(scarf, 11, 2));
  relabelled.raw("ilmd", R"({"tally:lot": "S1R"})").step("repackaging", "active").at("SERICA.FIN");
  stage.must("SERICA", {relabelled});
  EXPECT_EQ(stage.balance(lot(scarf, "S1R")), "SERICA 2");
  EXPECT_EQ(stage.refusal("SERICA", {sale("2026-05-22T02:00:00Z", "SERICA.FIN", item(scarf, "S000001"))}),
            refused("E_RETIRED", "epcList[0]"));
  auto const affected = ledger::affected_by(stage.state(), item(scarf, "S000002"), 10);
  ASSERT_EQ(affected.items.size(), 1U);
  EXPECT_EQ(affected.items[0].item, item(scarf, "S000012"));
}

TEST(Badge, ARevokedCertificateWasValidWhenMade) {
  Stage stage;
  stage.must("COCOON", {made("2026-05-20T02:00:00Z", "COCOON.FARM", {lot(cocoon, "C1"), "1", "KGM"}, "CERT-SILK")});
  EXPECT_EQ(run(stage, "CERTA", ledger::RevokeCertificate{"CERT-SILK"}, members::revoke_certificate), "");
  auto const badges = ledger::badges_of(stage.state(), lot(cocoon, "C1"), moment("2026-12-02T00:00:00Z"));
  ASSERT_EQ(badges.size(), 1U);
  EXPECT_EQ(badges[0].word, "certificate_revoked");
  EXPECT_EQ(badges[0].detail, "was valid when made");
}

TEST(Custody, GoodsThatGoInCirclesAreFlagged) {
  Stage stage;
  auto const box = new_unit("9521001", 1);
  Text packed("AggregationEvent", "2026-05-20T03:00:00Z");
  packed.word("parentID", box).list("childEPCs", serials(scarf, 1, 1)).word("action", "ADD").step("packing");
  stage.must("SERICA", {items_made("2026-05-20T02:00:00Z", "SERICA.FIN", serials(scarf, 1, 1), "S1"), packed});
  stage.hand_over({"SERICA", "HALDEN", "HALDEN.SHA", {box}, {}}, "2026-05-21T02:00:00Z", "2026-05-21T03:00:00Z");
  stage.hand_over({"HALDEN", "SERICA", "SERICA.FIN", {box}, {}}, "2026-05-22T02:00:00Z", "2026-05-22T03:00:00Z");
  EXPECT_THAT(stage.alarms(), ElementsAre("round_trip " + box + " back with who gave it last"));
}

}  // namespace
}  // namespace contracts::goods::test
