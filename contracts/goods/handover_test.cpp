// SPDX-License-Identifier: Apache-2.0
// Packing, offers and their answers, short counts, ownership.
#include <gtest/gtest.h>

#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/subject.hpp"

namespace contracts::goods::test {
namespace {

using ledger::Micro;
using ledger::Space;

constexpr std::string_view scarf_class = "https://id.gs1.org/01/09521001000109";
std::string const pallet = unit("095210010000000017");
std::string const scarves = lot(scarf, "S1");

std::string refused(std::string_view code, std::string_view path) {
  return std::string(code) + " operations[0].events[0]." + std::string(path);
}

Text packing(std::string_view time, std::string const& parent, std::vector<std::string> const& children,
             std::string_view action = "ADD", std::string_view site = "SERICA.FIN") {
  Text text("AggregationEvent", time);
  text.word("parentID", parent).list("childEPCs", children).word("action", action);
  text.step(action == "ADD" ? "packing" : "unpacking", "in_progress").at(site);
  return text;
}

Text selling(std::string_view time, std::vector<std::string> const& items, std::string_view site = "MAASHUB.WH1") {
  Text text("ObjectEvent", time);
  text.list("epcList", items).word("action", "OBSERVE").step("retail_selling", "retail_sold").at(site);
  text.word("tally:handover", "sale");
  return text;
}

/// 100 scarves of SERICA, loose.
Stage with_scarves(unsigned count = 100) {
  Stage stage;
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  made.word("action", "ADD").list("epcList", serials(scarf, 1, count)).step("commissioning", "active").at("SERICA.FIN");
  stage.must("SERICA", {made.raw("ilmd", R"({"tally:lot": "S1"})")});
  return stage;
}

Stage with_pallet(unsigned count = 100) {
  auto stage = with_scarves(count);
  stage.must("SERICA", {packing("2026-07-02T08:00:00Z", pallet, serials(scarf, 1, count))});
  return stage;
}

Handover shipped(std::string_view from, std::string_view to, std::string_view count) {
  auto const site = to == "MAASHUB" ? "MAASHUB.WH1" : to == "HALDEN" ? "HALDEN.SHA" : "SPREE.DC";
  return {std::string(from), std::string(to), site, {pallet}, {{std::string(scarf_class), std::string(count), ""}}};
}

std::string answer_text(Handover const& handover, std::string_view time, std::string_view word,
                        std::string const& offer) {
  Text text("ObjectEvent", time);
  text.list("epcList", handover.epcs).word("action", "OBSERVE");
  text.step(word == "reject" ? "inspecting" : "void_shipping", word == "reject" ? "non_conformant" : "")
      .at(handover.site);
  text.parties(handover.from, handover.to).word("tally:handover", word).word("tally:answers", event_id(offer));
  return text;
}

TEST(Handover, NeedsTheReceiversOwnSignature) {
  auto stage = with_pallet();
  auto const handover = shipped("SERICA", "HALDEN", "100");
  auto const offer = offer_text(handover, "2026-07-03T08:00:00Z");
  EXPECT_EQ(stage.refusal("HALDEN", {offer}), refused("E_NOT_CUSTODIAN", "sourceList"));
  auto const recorded = stage.must("SERICA", {offer});
  EXPECT_EQ(recorded.facts[0].answer, Answer::offered);
  auto const accept = accept_text(handover, "2026-07-03T09:00:00Z", offer);
  EXPECT_EQ(stage.refusal("SERICA", {accept}), refused("E_HANDOVER_UNILATERAL", "destinationList"));
  EXPECT_EQ(stage.balance(scarves), "SERICA 100");
  stage.must("HALDEN", {accept});
  EXPECT_EQ(stage.balance(scarves), "HALDEN/SERICA 100");
  // It is answered; a second answer finds no open offer.
  EXPECT_EQ(stage.refusal("HALDEN", {accept_text(handover, "2026-07-03T10:00:00Z", offer)}),
            refused("E_UNKNOWN_OFFER", "tally:answers"));
}

TEST(Handover, RefusesOneControllerAndStrangers) {
  auto stage = with_pallet();
  EXPECT_EQ(stage.refusal("SERICA", {offer_text(shipped("SERICA", "SERICA", "100"), "2026-07-03T08:00:00Z")}),
            refused("E_SAME_CONTROLLER", "destinationList"));
  EXPECT_EQ(stage.refusal("SPREE", {offer_text(shipped("SPREE", "HALDEN", "100"), "2026-07-03T08:00:00Z")}),
            refused("E_NOT_CUSTODIAN", "epcList[0]"));
  EXPECT_EQ(stage.refusal("SERICA", {offer_text(shipped("SERICA", "HALDEN", "101"), "2026-07-03T08:00:00Z")}),
            refused("E_INSUFFICIENT_GOODS", "quantityList"));
  auto const handover = shipped("SERICA", "HALDEN", "100");
  auto const offer = offer_text(handover, "2026-07-03T08:00:00Z");
  EXPECT_EQ(stage.refusal("HALDEN", {accept_text(handover, "2026-07-03T09:00:00Z", offer)}),
            refused("E_UNKNOWN_OFFER", "tally:answers"));
  stage.must("SERICA", {offer});
  auto const other = shipped("SERICA", "MAASHUB", "100");
  EXPECT_EQ(stage.refusal("MAASHUB", {accept_text(other, "2026-07-03T09:00:00Z", offer)}),
            refused("E_UNKNOWN_OFFER", "destinationList"));
  EXPECT_EQ(stage.refusal("HALDEN", {accept_text(handover, "2026-07-03T07:59:00Z", offer)}),
            refused("E_TIME_WINDOW", "eventTime"));
}

TEST(Handover, AnExpiredOfferLeavesTheGoodsWithTheGiver) {
  auto stage = with_pallet();
  auto handover = shipped("SERICA", "HALDEN", "100");
  handover.expires = "2026-07-04T08:00:00Z";
  auto const offer = offer_text(handover, "2026-07-03T08:00:00Z");
  stage.must("SERICA", {offer});
  // Block time decides, not what the event says.
  stage.block_at("2026-07-04T08:00:01Z");
  EXPECT_EQ(stage.refusal("HALDEN", {accept_text(handover, "2026-07-03T09:00:00Z", offer)}),
            refused("E_OFFER_EXPIRED", "tally:answers"));
  EXPECT_EQ(stage.balance(scarves), "SERICA 100");
  stage.hand_over(shipped("SERICA", "HALDEN", "100"), "2026-07-05T08:00:00Z", "2026-07-05T09:00:00Z");
}

TEST(Handover, IsRejectedOrWithdrawnBySignature) {
  for (std::string_view const word : {"reject", "withdraw"}) {
    auto stage = with_pallet();
    auto const handover = shipped("SERICA", "HALDEN", "100");
    auto const offer = offer_text(handover, "2026-07-03T08:00:00Z");
    stage.must("SERICA", {offer});
    auto const answer = answer_text(handover, "2026-07-03T09:00:00Z", word, offer);
    auto const right = word == "reject" ? "HALDEN" : "SERICA";
    auto const wrong = word == "reject" ? "SERICA" : "HALDEN";
    EXPECT_EQ(stage.refusal(wrong, {answer}),
              refused("E_HANDOVER_UNILATERAL", word == "reject" ? "destinationList" : "sourceList"));
    auto const recorded = stage.must(right, {answer});
    EXPECT_EQ(recorded.facts[0].answer, word == "reject" ? Answer::rejected : Answer::withdrawn);
    EXPECT_EQ(stage.refusal("HALDEN", {accept_text(handover, "2026-07-03T10:00:00Z", offer)}),
              refused("E_UNKNOWN_OFFER", "tally:answers"));
    EXPECT_EQ(stage.balance(scarves), "SERICA 100");
  }
}

TEST(Handover, OwnershipMovesByTheOwnersSignature) {
  auto stage = with_pallet();
  stage.hand_over(shipped("SERICA", "HALDEN", "100"), "2026-07-03T08:00:00Z", "2026-07-03T09:00:00Z");
  auto sold = shipped("HALDEN", "MAASHUB", "100");
  sold.owners = {"SERICA", "SPREE"};
  auto const offer = offer_text(sold, "2026-07-04T08:00:00Z");
  EXPECT_EQ(stage.refusal("HALDEN", {offer}), refused("E_NOT_OWNER", "sourceList"));
  auto stolen = sold;
  stolen.owners = {"HALDEN", "SPREE"};
  EXPECT_EQ(stage.refusal("HALDEN", {offer_text(stolen, "2026-07-04T08:00:00Z")}),
            refused("E_NOT_OWNER", "epcList[0]"));
  stage.hand_over(sold, "2026-07-04T08:00:00Z", "2026-07-04T09:00:00Z");
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/SPREE 100");
}

TEST(Handover, TheGoodsMustStillBeThere) {
  auto stage = with_pallet();
  auto const handover = shipped("SERICA", "HALDEN", "100");
  auto const first = offer_text(handover, "2026-07-03T08:00:00Z");
  auto const second = offer_text(shipped("SERICA", "MAASHUB", "100"), "2026-07-03T08:10:00Z");
  stage.must("SERICA", {first, second});
  stage.must("MAASHUB", {accept_text(shipped("SERICA", "MAASHUB", "100"), "2026-07-03T09:00:00Z", second)});
  EXPECT_EQ(stage.refusal("HALDEN", {accept_text(handover, "2026-07-03T10:00:00Z", first)}),
            refused("E_NOT_CUSTODIAN", "epcList[0]"));
}

TEST(Handover, PartOfALotMovesAndTheRestIsDisputed) {
  Stage stage;
  Text made("ObjectEvent", "2026-01-10T08:00:00Z");
  made.word("action", "ADD")
      .amounts("quantityList", {{lot(lint, "L1"), "1000", "KGM"}})
      .step("creating_class_instance");
  stage.must("SOKE", {made.at("SOKE.GIN")});
  Handover const sent{"SOKE", "HALDEN", "HALDEN.SHA", {}, {{lot(lint, "L1"), "600", "KGM"}}};
  auto const offer = offer_text(sent, "2026-01-11T08:00:00Z");
  stage.must("SOKE", {offer});
  auto counted = sent;
  counted.counts = {{lot(lint, "L1"), "601", "KGM"}};
  EXPECT_EQ(stage.refusal("HALDEN", {accept_text(counted, "2026-01-11T09:00:00Z", offer)}),
            refused("E_INSUFFICIENT_GOODS", "quantityList[0]"));
  counted.counts = {{lot(lint, "L1"), "590", "KGM"}};
  auto const recorded = stage.must("HALDEN", {accept_text(counted, "2026-01-11T09:00:00Z", offer)});
  EXPECT_EQ(recorded.facts[0].accepted, 590'000'000U);
  EXPECT_EQ(stage.balance(lot(lint, "L1")), "HALDEN/SOKE 590, SOKE 400 !10");
  // What is disputed cannot be used, but it can be offered again.
  Text scrapped("ObjectEvent", "2026-01-12T08:00:00Z");
  scrapped.word("action", "DELETE").amounts("quantityList", {{lot(lint, "L1"), "401", "KGM"}}).step("destroying");
  EXPECT_EQ(stage.refusal("SOKE", {scrapped}), refused("E_INSUFFICIENT_GOODS", "quantityList[0]"));
  Handover const found{"SOKE", "HALDEN", "HALDEN.SHA", {}, {{lot(lint, "L1"), "10", "KGM"}}};
  stage.hand_over(found, "2026-01-13T08:00:00Z", "2026-01-13T09:00:00Z");
  EXPECT_EQ(stage.balance(lot(lint, "L1")), "HALDEN/SOKE 600, SOKE 400");
}

Micro pass(Stage& stage, Hash const& offer) {
  Micro missed = 0;
  stage.act("SPREE", {}, [&](Context& context) -> Result<void> {
    auto const act = log_operation(context, ledger::Operation(ledger::AdvanceTime{}));
    missed = pass_title(context, {pallet, party("SERICA"), party("SPREE"), offer, {}, act, 0});
    return {};
  });
  EXPECT_EQ(stage.audit(), "");
  return missed;
}

/// A pallet of 100 at the carrier's, of which the warehouse counts 98.
struct Short {
  Stage stage;
  Fact first;
};
Short short_pallet() {
  Short out{with_pallet(), {}};
  out.stage.hand_over(shipped("SERICA", "HALDEN", "100"), "2026-07-03T08:00:00Z", "2026-07-03T09:00:00Z");
  auto const handover = shipped("HALDEN", "MAASHUB", "100");
  auto const offer = offer_text(handover, "2026-07-05T08:00:00Z");
  out.stage.must("HALDEN", {offer});
  auto const counted = shipped("HALDEN", "MAASHUB", "98");
  out.first = out.stage.must("MAASHUB", {accept_text(counted, "2026-07-05T09:00:00Z", offer)}).facts[0];
  return out;
}

TEST(ShortCount, TheRestStandsInTheGiversAccountUntilItIsFound) {
  auto [stage, first] = short_pallet();
  EXPECT_EQ(first.accepted, 98'000'000U);
  EXPECT_EQ(stage.balance(scarves), "HALDEN/SERICA 0 !2, MAASHUB/SERICA 98");
  EXPECT_EQ(pass(stage, first.offer), 0U);
  EXPECT_EQ(stage.balance(scarves), "HALDEN/SERICA 0 !2, MAASHUB/SPREE 98");

  // More than is disputed cannot be offered, nor by anyone else.
  EXPECT_EQ(stage.refusal("HALDEN", {offer_text(shipped("HALDEN", "MAASHUB", "3"), "2026-07-06T08:00:00Z")}),
            refused("E_INSUFFICIENT_GOODS", "quantityList"));
  EXPECT_EQ(stage.refusal("SERICA", {offer_text(shipped("SERICA", "MAASHUB", "2"), "2026-07-06T08:00:00Z")}),
            refused("E_NOT_CUSTODIAN", "epcList[0]"));
  auto const second =
      stage.hand_over(shipped("HALDEN", "MAASHUB", "2"), "2026-07-07T08:00:00Z", "2026-07-07T09:00:00Z");
  EXPECT_EQ(second.facts[0].accepted, 2'000'000U);
  EXPECT_EQ(second.facts[0].actors, (std::vector{party("HALDEN"), party("MAASHUB")}));
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/SPREE 100");
  auto const owed = [&] { return ledger::accounts_of(stage.state(), pallet); };
  ASSERT_EQ(owed().size(), 1U);
  EXPECT_EQ(owed()[0].owner, party("SERICA"));
  EXPECT_EQ(owed()[0].quantity, 2'000'000U);
  EXPECT_EQ(pass(stage, second.facts[0].offer), 0U);
  EXPECT_TRUE(owed().empty());
  stage.must("MAASHUB", {selling("2026-07-08T08:00:00Z", serials(scarf, 1, 100))}, {"SPREE"});
  EXPECT_EQ(stage.balance(scarves), "consumer 100");
}

TEST(ShortCount, TheReceiverMayUseWhatHeCountedAndNoMore) {
  auto [stage, first] = short_pallet();
  pass(stage, first.offer);
  stage.must("MAASHUB", {selling("2026-07-08T08:00:00Z", serials(scarf, 1, 97))}, {"SPREE"});
  EXPECT_EQ(stage.balance(scarves), "HALDEN/SERICA 0 !2, MAASHUB/SPREE 1, consumer 97");
  EXPECT_EQ(stage.refusal("MAASHUB", {selling("2026-07-08T09:00:00Z", serials(scarf, 98, 2))}, {"SPREE"}),
            refused("E_INSUFFICIENT_GOODS", "epcList"));
  EXPECT_EQ(stage.refusal("MAASHUB", {packing("2026-07-08T09:00:00Z", pallet, serials(scarf, 98, 2), "DELETE")}),
            refused("E_INSUFFICIENT_GOODS", "childEPCs"));
  stage.must("MAASHUB", {selling("2026-07-08T09:00:00Z", serials(scarf, 98, 1))}, {"SPREE"});
}

TEST(Packing, AChildIsInOneUnitAndMovesWithIt) {
  auto stage = with_pallet();
  auto const other = new_unit("9521001", 7);
  EXPECT_EQ(stage.refusal("SERICA", {packing("2026-07-02T09:00:00Z", other, serials(scarf, 5, 1))}),
            refused("E_ALREADY_PACKED", "childEPCs[0]"));
  Handover const alone{"SERICA", "HALDEN", "HALDEN.SHA", serials(scarf, 5, 1), {}};
  EXPECT_EQ(stage.refusal("SERICA", {offer_text(alone, "2026-07-03T08:00:00Z")}),
            refused("E_ALREADY_PACKED", "epcList[0]"));
  EXPECT_EQ(stage.refusal("HALDEN", {packing("2026-07-02T09:00:00Z", pallet, serials(scarf, 5, 1), "DELETE")}),
            refused("E_NOT_CUSTODIAN", "parentID"));
  EXPECT_EQ(stage.refusal("SERICA", {packing("2026-07-02T09:00:00Z", pallet, serials(scarf, 101, 1), "DELETE")}),
            refused("E_UNKNOWN_GOODS", "childEPCs[0]"));
  stage.must("SERICA", {packing("2026-07-02T09:00:00Z", pallet, serials(scarf, 5, 1), "DELETE")});
  EXPECT_EQ(stage.refusal("SERICA", {packing("2026-07-02T10:00:00Z", pallet, serials(scarf, 5, 1), "DELETE")}),
            refused("E_INSUFFICIENT_GOODS", "childEPCs[0]"));
  stage.hand_over(alone, "2026-07-03T08:00:00Z", "2026-07-03T09:00:00Z");
  EXPECT_EQ(stage.balance(scarves), "HALDEN/SERICA 1, SERICA 99");
}

TEST(Packing, UnitsNestToTheirLimitWithoutCycles) {
  auto stage = with_scarves(1);
  auto const level = [](unsigned n) { return new_unit("9521001", 200 + n); };
  stage.must("SERICA", {packing("2026-07-02T08:00:00Z", level(1), serials(scarf, 1, 1))});
  for (unsigned n = 2; n <= 8; ++n) {
    stage.must("SERICA", {packing("2026-07-02T08:00:00Z", level(n), {level(n - 1)})});
  }
  EXPECT_EQ(stage.refusal("SERICA", {packing("2026-07-02T09:00:00Z", level(9), {level(8)})}),
            refused("E_LIMIT", "childEPCs[0]"));
  EXPECT_EQ(stage.refusal("SERICA", {packing("2026-07-02T09:00:00Z", level(3), {level(8)})}),
            refused("E_ALREADY_PACKED", "childEPCs[0]"));
  Handover const moved{"SERICA", "HALDEN", "HALDEN.SHA", {level(8)}, {}};
  stage.hand_over(moved, "2026-07-03T08:00:00Z", "2026-07-03T09:00:00Z");
  EXPECT_EQ(stage.balance(scarves), "HALDEN/SERICA 1");
  // Time is the outermost unit's: nothing inside happened before the carrier took it.
  EXPECT_EQ(stage.refusal("HALDEN", {packing("2026-07-03T08:30:00Z", level(1), serials(scarf, 1, 1), "DELETE")}),
            refused("E_TIME_WINDOW", "eventTime"));
  stage.must("HALDEN", {packing("2026-07-03T09:30:00Z", level(1), serials(scarf, 1, 1), "DELETE")});
  auto const scarf1 = ledger::load<ledger::ItemRecord>(stage.state(), Space::item, item(scarf, "S000001"));
  EXPECT_EQ(scarf1->holder, ledger::Holder(ledger::AtSite{party("HALDEN"), gln("HALDEN.SHA")}));
}

TEST(Packing, AnUnpackingWithoutNamesEmptiesTheUnit) {
  auto stage = with_pallet(10);
  Text all("AggregationEvent", "2026-07-03T08:00:00Z");
  all.word("parentID", pallet).word("action", "DELETE").step("unpacking").at("SERICA.FIN");
  stage.must("SERICA", {all});
  auto const empty = ledger::load<ledger::UnitRecord>(stage.state(), Space::unit, pallet);
  EXPECT_EQ(empty->children, 0U);
  EXPECT_EQ(empty->pieces, 0U);
  EXPECT_EQ(stage.leaves(item(scarf, "S000007")), 3U);
}

TEST(Packing, AMixedUnitKeepsEachOwner) {
  auto stage = with_scarves(30);
  for (auto const& [first, owner] : {std::pair{1U, "SPREE"}, {11U, "FJORD"}}) {
    Handover const sold{"SERICA", "MAASHUB", "MAASHUB.WH1", serials(scarf, first, 10), {}, {{"SERICA", owner}}};
    stage.hand_over(sold, "2026-07-02T08:00:00Z", "2026-07-02T09:00:00Z");
  }
  auto const box = new_unit("9521004", 1);
  auto const around = new_unit("9521004", 2);
  stage.must("MAASHUB", {packing("2026-07-03T08:00:00Z", box, serials(scarf, 1, 10), "ADD", "MAASHUB.WH1")});
  stage.must("MAASHUB", {packing("2026-07-03T08:00:00Z", around, {box}, "ADD", "MAASHUB.WH1")});
  auto const owner_of = [&](std::string const& link) {
    return ledger::load<ledger::UnitRecord>(stage.state(), Space::unit, link)->owner;
  };
  EXPECT_EQ(owner_of(around), party("SPREE"));
  stage.must("MAASHUB", {packing("2026-07-03T09:00:00Z", box, serials(scarf, 11, 10), "ADD", "MAASHUB.WH1")});
  EXPECT_EQ(owner_of(around), std::nullopt);
  EXPECT_EQ(owner_of(box), std::nullopt);
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/FJORD 10, MAASHUB/SPREE 10, SERICA 10");
  // Ownership of a mixed unit passes child by child; what is another's stays.
  Micro missed = 0;
  stage.act("SPREE", {}, [&](Context& context) -> Result<void> {
    auto const act = log_operation(context, ledger::Operation(ledger::AdvanceTime{}));
    missed = pass_title(context, {around, party("SPREE"), party("SOKE"), std::nullopt, {}, act, 0});
    return {};
  });
  EXPECT_EQ(missed, 10'000'000U);
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/FJORD 10, MAASHUB/SOKE 10, SERICA 10");
  EXPECT_EQ(stage.audit(), "");
  stage.must("MAASHUB", {packing("2026-07-04T09:00:00Z", box, serials(scarf, 5, 10), "DELETE", "MAASHUB.WH1")});
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/FJORD 10, MAASHUB/SOKE 10, SERICA 10");
  EXPECT_EQ(stage.refusal("MAASHUB", {selling("2026-07-05T08:00:00Z", serials(scarf, 1, 1))}),
            refused("E_NOT_OWNER", "epcList[0]"));
}

TEST(Packing, AQuantityOfALotIsPackedMovedAndUsedFromItsUnit) {
  Stage stage;
  Text made("ObjectEvent", "2026-01-10T08:00:00Z");
  made.word("action", "ADD")
      .amounts("quantityList", {{lot(lint, "L1"), "1000", "KGM"}})
      .step("creating_class_instance");
  stage.must("SOKE", {made.at("SOKE.GIN")});
  auto const bale = new_unit("9521006", 1);
  Text packed("AggregationEvent", "2026-01-10T09:00:00Z");
  packed.word("parentID", bale).amounts("childQuantityList", {{lot(lint, "L1"), "400", "KGM"}}).word("action", "ADD");
  stage.must("SOKE", {packed.step("packing").at("SOKE.GIN")});
  Handover const sold{
      "SOKE", "EGEYARN", "EGEYARN.SPIN", {bale}, {{lot(lint, "L1"), "400", "KGM"}}, {{"SOKE", "EGEYARN"}}};
  stage.hand_over(sold, "2026-01-11T08:00:00Z", "2026-01-12T08:00:00Z");
  EXPECT_EQ(stage.balance(lot(lint, "L1")), "EGEYARN 400, SOKE 600");
  auto const spin = [](std::string_view time, std::string_view in, std::string_view out, std::string_view loss) {
    Text text("TransformationEvent", time);
    text.amounts("inputQuantityList", {{lot(lint, "L1"), std::string(in), "KGM"}});
    text.amounts("outputQuantityList", {{lot(yarn, "Y1"), std::string(out), "KGM"}}).step("creating_class_instance");
    text.at("EGEYARN.SPIN").word("tally:recipe", "spin");
    return text.raw("tally:loss", R"({"tally:quantity": )" + std::string(loss) + R"(, "tally:uom": "KGM"})");
  };
  stage.must("EGEYARN", {spin("2026-01-13T08:00:00Z", "100", "80", "20")});
  EXPECT_EQ(stage.balance(lot(lint, "L1")), "EGEYARN 300, SOKE 600");
  EXPECT_EQ(stage.refusal("EGEYARN", {spin("2026-01-13T09:00:00Z", "301", "250", "51")}),
            refused("E_INSUFFICIENT_GOODS", "inputQuantityList[0]"));
  stage.must("EGEYARN", {spin("2026-01-13T09:00:00Z", "300", "250", "50")});
  EXPECT_EQ(ledger::load<ledger::UnitRecord>(stage.state(), Space::unit, bale)->children, 0U);
  EXPECT_EQ(stage.leaves(bale), 5U);  // packed, offered, accepted, used twice
}

TEST(Sale, ComesOutOfTheUnitAndComesBack) {
  auto stage = with_pallet(10);
  stage.must("SERICA", {selling("2026-07-03T08:00:00Z", serials(scarf, 1, 2), "SERICA.FIN")});
  EXPECT_EQ(stage.balance(scarves), "SERICA 8, consumer 2");
  EXPECT_EQ(stage.leaves(pallet), 2U);
  Text back("ObjectEvent", "2026-07-10T08:00:00Z");
  back.list("epcList", serials(scarf, 1, 1)).word("action", "OBSERVE").step("receiving", "returned").at("SERICA.FIN");
  back.word("tally:handover", "return").word("tally:reason", "size");
  stage.must("SERICA", {back});
  EXPECT_EQ(stage.balance(scarves), "SERICA 9, consumer 1");
  stage.must("SERICA", {selling("2026-07-11T08:00:00Z", serials(scarf, 1, 1), "SERICA.FIN")});
  Text scrapped("ObjectEvent", "2026-07-12T08:00:00Z");
  scrapped.list("epcList", serials(scarf, 9, 2))
      .word("action", "DELETE")
      .step("destroying", "destroyed")
      .at("SERICA.FIN");
  stage.must("SERICA", {scrapped});
  EXPECT_EQ(stage.balance(scarves), "SERICA 6, consumer 2");
  EXPECT_EQ(stage.refusal("SERICA", {selling("2026-07-13T08:00:00Z", serials(scarf, 9, 1), "SERICA.FIN")}),
            refused("E_RETIRED", "epcList[0]"));
}

TEST(Title, OfGoodsThatAreGonePassesNothing) {
  auto stage = with_scarves(3);
  Text scrapped("ObjectEvent", "2026-07-02T08:00:00Z");
  scrapped.list("epcList", serials(scarf, 1, 1)).word("action", "DELETE").step("destroying", "destroyed");
  stage.must("SERICA", {scrapped});
  auto const title = [&](std::string const& subject) {
    Micro missed = 0;
    stage.act("SPREE", {}, [&](Context& context) -> Result<void> {
      auto const act = log_operation(context, ledger::Operation(ledger::AdvanceTime{}));
      missed = pass_title(context, {subject, party("SERICA"), party("SPREE"), std::nullopt, {}, act, 0});
      return {};
    });
    EXPECT_EQ(stage.audit(), "");
    return missed;
  };
  EXPECT_EQ(title(item(scarf, "S000001")), 1'000'000U);
  EXPECT_EQ(title(item(scarf, "S000002")), 0U);
  EXPECT_EQ(title(item(scarf, "S000009")), 1'000'000U);
  EXPECT_EQ(title(pallet), 0U);
  EXPECT_EQ(stage.balance(scarves), "SERICA 1, SERICA/SPREE 1");
  EXPECT_EQ(stage.leaves(item(scarf, "S000002")), 2U);
  EXPECT_EQ(stage.leaves(item(scarf, "S000001")), 2U);
  EXPECT_EQ(stage.leaves(item(scarf, "S000009")), 0U);
}

TEST(Sale, AQuantityOfALotIsSoldByItsOwner) {
  auto stage = Stage();
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  made.word("action", "ADD").amounts("quantityList", {{scarves, "50", ""}}).step("creating_class_instance");
  stage.must("SERICA", {made.at("SERICA.FIN")});
  Handover const kept{"SERICA", "MAASHUB", "MAASHUB.WH1", {}, {{scarves, "30", ""}}};
  stage.hand_over(kept, "2026-07-02T08:00:00Z", "2026-07-02T09:00:00Z");
  auto const sale = [&](std::string_view quantity) {
    Text text("ObjectEvent", "2026-07-03T08:00:00Z");
    text.amounts("quantityList", {{scarves, std::string(quantity), ""}}).word("action", "OBSERVE");
    return text.step("retail_selling", "retail_sold").at("MAASHUB.WH1").word("tally:handover", "sale");
  };
  EXPECT_EQ(stage.refusal("MAASHUB", {sale("5")}), refused("E_NOT_OWNER", "quantityList[0]"));
  EXPECT_EQ(stage.refusal("SPREE", {sale("5")}), refused("E_NOT_CUSTODIAN", "quantityList[0]"));
  EXPECT_EQ(stage.refusal("MAASHUB", {sale("51")}, {"SERICA"}), refused("E_INSUFFICIENT_GOODS", "quantityList[0]"));
  stage.must("MAASHUB", {sale("30")}, {"SERICA"});
  EXPECT_EQ(stage.balance(scarves), "SERICA 20, consumer 30");
}

}  // namespace
}  // namespace contracts::goods::test
