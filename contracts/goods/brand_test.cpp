// SPDX-License-Identifier: Apache-2.0
// What one signature may do to goods that somebody has bought, and to goods that are in accounts: returns, recalls, and
// events that nobody balances.
#include <gtest/gtest.h>

#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/subject.hpp"
#include "ledger/history.hpp"

namespace contracts::goods::test {
namespace {

using ledger::GoodsStatus;
using ledger::Space;

std::string const scarves = lot(scarf, "S1");

std::string refused(std::string_view code, std::string_view path) {
  return std::string(code) + " operations[0].events[0]." + std::string(path);
}

/// Scarves of SERICA, of which some go to SPREE.
Stage with_scarves(unsigned sold_to_spree) {
  Stage stage;
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  made.word("action", "ADD").list("epcList", serials(scarf, 1, 10)).step("commissioning").at("SERICA.FIN");
  stage.must("SERICA", {made.raw("ilmd", R"({"tally:lot": "S1"})")});
  Handover const given{"SERICA", "SPREE", "SPREE.DC", serials(scarf, 1, sold_to_spree), {}, {{"SERICA", "SPREE"}}};
  stage.hand_over(given, "2026-07-02T08:00:00Z", "2026-07-02T09:00:00Z");
  return stage;
}

Text observed(std::string_view time, std::vector<std::string> const& items, std::string_view site) {
  Text text("ObjectEvent", time);
  text.list("epcList", items).word("action", "OBSERVE").at(site);
  return text;
}

std::string sale(std::string_view time, std::vector<std::string> const& items, std::string_view site = "SPREE.SHOP") {
  return observed(time, items, site).step("retail_selling", "retail_sold").word("tally:handover", "sale");
}
std::string giving_back(std::string_view time, std::vector<std::string> const& items, std::string_view site) {
  return observed(time, items, site).step("receiving", "returned").word("tally:handover", "return");
}
std::string recall(std::string_view time, std::vector<std::string> const& items) {
  return observed(time, items, "SERICA.FIN").step("holding", "recalled").word("tally:cause", "dye");
}
std::string lot_recall(std::string_view time, std::string_view disposition = "recalled") {
  Text text("ObjectEvent", time);
  text.amounts("quantityList", {{scarves, "10", ""}}).word("action", "OBSERVE").at("SERICA.FIN");
  return text.step("holding", disposition).word("tally:cause", "dye");
}

ledger::ItemRecord record_of(Stage const& stage, std::string const& name) {
  return *ledger::load<ledger::ItemRecord>(stage.state(), Space::item, name);
}
bool is_sold(Stage const& stage, std::string const& name) {
  return stage.state().get(ledger::state_key(Space::sale, name)).has_value();
}
ledger::LeafKind last_kind(Stage const& stage, ledger::Bytes const& subject) {
  auto const count = ledger::history_count(stage.state(), subject);
  return ledger::history_leaf(stage.state(), ledger::tree_key(subject), count - 1)->kind;
}

TEST(Return, NobodyBecomesTheOwnerOfWhatAnotherSold) {
  auto stage = with_scarves(3);
  auto const one = serials(scarf, 1, 1);
  stage.must("SPREE", {sale("2026-07-03T08:00:00Z", one)});
  auto const sold = record_of(stage, one[0]);
  for (auto const* thief : {"MAASHUB", "HALDEN", "COCOON"}) {
    EXPECT_EQ(stage.refusal(thief, {giving_back("2026-07-04T08:00:00Z", one, "HALDEN.RTM")}),
              refused("E_NOT_CUSTODIAN", "epcList[0]"));
  }
  // Nor is anybody else made the receiver by a name in destinationList.
  auto const named = observed("2026-07-04T08:00:00Z", one, "SPREE.SHOP").parties("MAASHUB", "SPREE");
  auto const text = Text(named).step("receiving", "returned").word("tally:handover", "return");
  EXPECT_EQ(stage.refusal("MAASHUB", {text}), refused("E_MISSING_SIGNER", "destinationList"));
  EXPECT_EQ(base::encode(record_of(stage, one[0])), base::encode(sold));
  EXPECT_EQ(stage.balance(scarves), "SERICA 7, SPREE 2, consumer 1");
}

TEST(Return, GoesToTheSellerAndIsHisWhoOwnedItThen) {
  auto stage = with_scarves(3);
  auto const own = serials(scarf, 1, 1);
  stage.must("SPREE", {sale("2026-07-03T08:00:00Z", own)});
  stage.must("SPREE", {giving_back("2026-07-04T08:00:00Z", own, "SPREE.SHOP")});
  EXPECT_FALSE(is_sold(stage, own[0]));
  EXPECT_EQ(stage.balance(scarves), "SERICA 7, SPREE 3");
  EXPECT_EQ(stage.refusal("SPREE", {giving_back("2026-07-05T08:00:00Z", own, "SPREE.SHOP")}),
            refused("E_NOT_CUSTODIAN", "epcList[0]"));

  // SPREE sells what SERICA still owns.
  Handover const lent{"SERICA", "SPREE", "SPREE.DC", serials(scarf, 9, 1), {}};
  stage.hand_over(lent, "2026-07-05T08:00:00Z", "2026-07-05T09:00:00Z");
  stage.must("SPREE", {sale("2026-07-06T08:00:00Z", serials(scarf, 9, 1))}, {"SERICA"});
  stage.must("SPREE", {giving_back("2026-07-07T08:00:00Z", serials(scarf, 9, 1), "SPREE.SHOP")});
  EXPECT_EQ(stage.balance(scarves), "SERICA 6, SPREE 3, SPREE/SERICA 1");
}

TEST(Return, TheBrandTakesBackForTheOwner) {
  auto stage = with_scarves(3);
  auto const one = serials(scarf, 2, 1);
  stage.must("SPREE", {sale("2026-07-03T08:00:00Z", one)});
  stage.must("SERICA", {giving_back("2026-07-04T08:00:00Z", one, "SERICA.FIN")});
  EXPECT_EQ(stage.balance(scarves), "SERICA 7, SERICA/SPREE 1, SPREE 2");
}

TEST(Return, NamesSerials) {
  auto stage = with_scarves(1);
  Text text("ObjectEvent", "2026-07-04T08:00:00Z");
  text.amounts("quantityList", {{scarves, "1", ""}}).word("action", "OBSERVE").step("receiving", "returned");
  text.at("SPREE.SHOP").word("tally:handover", "return");
  EXPECT_EQ(stage.refusal("SPREE", {text}), refused("E_UNKNOWN_GOODS", "epcList"));
}

TEST(Recall, ByTheBrandStopsTheSale) {
  auto stage = with_scarves(3);
  auto const one = serials(scarf, 1, 1);
  stage.must("SERICA", {recall("2026-07-03T08:00:00Z", one)});
  EXPECT_EQ(record_of(stage, one[0]).status, GoodsStatus::recalled);
  EXPECT_EQ(stage.refusal("SPREE", {sale("2026-07-04T08:00:00Z", one)}), refused("E_RECALLED", "epcList[0]"));
  stage.must("SPREE", {sale("2026-07-04T08:00:00Z", serials(scarf, 2, 1))});
  // It still goes back to the brand, who destroys it.
  Handover const back{"SPREE", "SERICA", "SERICA.FIN", one, {}, {{"SPREE", "SERICA"}}};
  stage.hand_over(back, "2026-07-05T08:00:00Z", "2026-07-05T09:00:00Z");
  EXPECT_EQ(stage.refusal("SERICA", {sale("2026-07-06T08:00:00Z", one, "SERICA.FIN")}),
            refused("E_RECALLED", "epcList[0]"));
  Text gone("ObjectEvent", "2026-07-06T08:00:00Z");
  stage.must("SERICA", {gone.list("epcList", one).word("action", "DELETE").step("destroying", "destroyed")});
  EXPECT_EQ(stage.balance(scarves), "SERICA 7, SPREE 1, consumer 1");
}

TEST(Recall, ByAnybodyElseIsAnObservation) {
  auto stage = with_scarves(3);
  auto const one = serials(scarf, 1, 1);
  for (auto const* other : {"SPREE", "MAASHUB", "PLAIN"}) {
    stage.must(other, {recall("2026-07-03T08:00:00Z", one), lot_recall("2026-07-03T08:00:00Z")});
  }
  EXPECT_EQ(record_of(stage, one[0]).status, GoodsStatus::active);
  stage.must("SPREE", {sale("2026-07-04T08:00:00Z", one)});
}

TEST(Recall, OfALotStopsAllOfItAndEnds) {
  auto stage = with_scarves(3);
  auto const sold = serials(scarf, 1, 1);
  stage.must("SPREE", {sale("2026-07-03T08:00:00Z", sold)});
  stage.must("SERICA", {lot_recall("2026-07-04T08:00:00Z"), recall("2026-07-04T08:00:00Z", sold)});
  EXPECT_EQ(record_of(stage, sold[0]).status, GoodsStatus::recalled);
  EXPECT_EQ(stage.refusal("SPREE", {sale("2026-07-05T08:00:00Z", serials(scarf, 2, 1))}),
            refused("E_RECALLED", "epcList[0]"));
  // What is returned meanwhile stays recalled.
  stage.must("SPREE", {giving_back("2026-07-05T08:00:00Z", sold, "SPREE.SHOP")});
  EXPECT_EQ(record_of(stage, sold[0]).status, GoodsStatus::recalled);
  auto const ended = Text(observed("2026-07-06T08:00:00Z", sold, "SERICA.FIN"))
                         .step("holding")
                         .raw("persistentDisposition", R"({"unset": ["recalled"]})");
  Text lot_ended("ObjectEvent", "2026-07-06T08:00:00Z");
  lot_ended.amounts("quantityList", {{scarves, "10", ""}}).word("action", "OBSERVE").at("SERICA.FIN").step("holding");
  lot_ended.raw("persistentDisposition", R"({"unset": ["recalled"]})");
  stage.must("SERICA", {ended, lot_ended});
  stage.must("SPREE", {sale("2026-07-07T08:00:00Z", serials(scarf, 1, 2))});
  EXPECT_EQ(stage.balance(scarves), "SERICA 7, SPREE 1, consumer 2");
}

TEST(Unbalanced, AForeignKeyMakesNoHandoverPlain) {
  auto stage = with_scarves(3);
  auto const crate = std::string("https://id.gs1.org/8003/09521005000013A1");
  auto const theirs = serials(scarf, 9, 1)[0];
  // A sale, an offer and an acceptance of what SERICA has, each with a crate that nobody accounts for.
  auto const mixed = std::vector{theirs, crate};
  auto const fake_sale = sale("2026-07-03T08:00:00Z", mixed);
  EXPECT_EQ(stage.refusal("SPREE", {fake_sale}), refused("E_UNKNOWN_GOODS", "epcList[0]"));
  auto const giving = Handover{"SERICA", "SPREE", "SPREE.DC", mixed, {}};
  EXPECT_EQ(stage.refusal("SERICA", {offer_text(giving, "2026-07-03T08:00:00Z")}),
            refused("E_UNKNOWN_GOODS", "epcList[0]"));
  auto const offered = offer_text({"SERICA", "SPREE", "SPREE.DC", {theirs}, {}}, "2026-07-03T08:00:00Z");
  stage.must("SERICA", {offered});
  EXPECT_EQ(stage.refusal("MAASHUB", {accept_text(giving, "2026-07-03T09:00:00Z", offered)}),
            refused("E_UNKNOWN_GOODS", "epcList[0]"));
  // Named as a quantity beside the foreign key, it is the same.
  Text beside = observed("2026-07-03T08:00:00Z", {crate}, "SPREE.SHOP");
  beside.amounts("quantityList", {{scarves, "1", ""}}).step("retail_selling").word("tally:handover", "sale");
  EXPECT_EQ(stage.refusal("SPREE", {beside}), refused("E_UNKNOWN_GOODS", "quantityList[0].epcClass"));
  // Who keeps no accounts hands over only what went out to him.
  EXPECT_EQ(stage.refusal("PLAIN", {sale("2026-07-03T08:00:00Z", {theirs})}), refused("E_NOT_CUSTODIAN", "epcList[0]"));
  EXPECT_EQ(stage.leaves(theirs), 2U);
}

TEST(Unbalanced, IsWrittenIntoTheLeaf) {
  auto stage = with_scarves(1);
  auto const mine = serials(scarf, 1, 1);
  auto const key = ledger::state_key(Space::item, mine[0]);
  stage.must("SPREE", {sale("2026-07-03T08:00:00Z", mine)});
  EXPECT_EQ(last_kind(stage, key), ledger::LeafKind::event);
  stage.must("PLAIN", {Text(observed("2026-07-03T09:00:00Z", mine, "SPREE.SHOP")).step("inspecting", "conformant")});
  EXPECT_EQ(last_kind(stage, key), ledger::LeafKind::event);
  // A crate: made, and handed over, as its owner says.
  auto const crate = std::string("https://id.gs1.org/8003/09521005000013A1");
  auto const thing = ledger::state_key(Space::thing, crate);
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  stage.must("SPREE", {made.list("epcList", {crate}).word("action", "ADD").step("commissioning").at("SPREE.DC")});
  EXPECT_EQ(last_kind(stage, thing), ledger::LeafKind::plain);
  stage.must("SPREE", {offer_text({"SPREE", "MAASHUB", "SPREE.DC", {crate}, {}}, "2026-07-02T08:00:00Z")});
  EXPECT_EQ(last_kind(stage, thing), ledger::LeafKind::plain);
  stage.must("SPREE", {Text(observed("2026-07-03T08:00:00Z", {crate}, "SPREE.DC")).step("inspecting")});
  EXPECT_EQ(last_kind(stage, thing), ledger::LeafKind::event);
}

}  // namespace
}  // namespace contracts::goods::test
