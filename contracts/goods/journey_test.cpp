// SPDX-License-Identifier: Apache-2.0
// The silk journey's goods, event by event as partners send them.
#include <gtest/gtest.h>

#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/subject.hpp"

namespace contracts::goods::test {
namespace {

using ledger::Micro;
using ledger::Space;

std::string const pallet = unit("095210010000000017");
std::string const cocoons = lot(cocoon, "C2605");
std::string const silk = lot(raw_silk, "R2606");
std::string const cloth = lot(fabric, "F2606");
std::string const scarves = lot(scarf, "S2607");

std::vector<std::string> cartons() {
  std::vector<std::string> out;
  for (unsigned i = 0; i < 20; ++i) out.push_back(new_unit("9521001", 101 + i));
  return out;
}

std::string transformation(std::string_view time, std::string_view site, std::string_view recipe, Amount const& input,
                           Amount const& output, std::string_view loss) {
  Text text("TransformationEvent", time);
  text.amounts("inputQuantityList", {input}).amounts("outputQuantityList", {output});
  text.step("creating_class_instance", "active").at(site).word("tally:recipe", recipe);
  return text.raw("tally:loss", R"({"tally:quantity": )" + std::string(loss) + R"(, "tally:uom": "KGM"})");
}

std::string observation(std::string_view time, std::string_view site, std::string_view step,
                        std::string_view disposition, std::vector<std::string> const& epcs) {
  Text text("ObjectEvent", time);
  return text.list("epcList", epcs).word("action", "OBSERVE").step(step, disposition).at(site);
}

void make_cloth(Stage& stage) {
  Text made("ObjectEvent", "2026-05-20T02:00:00Z");
  made.word("action", "ADD").amounts("quantityList", {{cocoons, "1200", "KGM"}});
  made.step("creating_class_instance", "active")
      .at("COCOON.FARM")
      .word("certificationInfo", "urn:tally:certificate:CERT-SILK");
  stage.must("COCOON", {made});
  EXPECT_EQ(stage.balance(cocoons), "COCOON 1200");

  Handover const bought{"COCOON", "SERICA", "SERICA.MILL", {}, {{cocoons, "1200", "KGM"}}, {{"COCOON", "SERICA"}}};
  auto const recorded = stage.hand_over(bought, "2026-05-21T05:30:00Z", "2026-05-21T06:00:00Z");
  EXPECT_EQ(stage.balance(cocoons), "SERICA 1200");
  ASSERT_EQ(recorded.facts.size(), 2U);
  EXPECT_EQ(recorded.facts[0].kind, FactKind::handover);
  EXPECT_EQ(recorded.facts[0].answer, Answer::accepted);
  EXPECT_EQ(recorded.facts[0].accepted, 1'200'000'000U);
  EXPECT_EQ(recorded.facts[0].unit, "KGM");
  EXPECT_EQ(recorded.facts[0].actors, (std::vector{party("COCOON"), party("SERICA")}));

  stage.must("SERICA", {transformation("2026-06-05T09:00:00Z", "SERICA.MILL", "reel", {cocoons, "1200", "KGM"},
                                       {silk, "168", "KGM"}, "1032")});
  EXPECT_EQ(stage.balance(cocoons), "");
  EXPECT_EQ(stage.balance(silk), "SERICA 168");
  stage.must("SERICA", {transformation("2026-06-18T09:00:00Z", "SERICA.MILL", "weave", {silk, "168", "KGM"},
                                       {cloth, "123.5", "KGM"}, "44.5")});
  for (auto const& [time, step] :
       {std::pair{"2026-06-19T23:00:00Z", "departing"}, {"2026-06-20T01:00:00Z", "arriving"}}) {
    Text moved("ObjectEvent", time);
    moved.amounts("quantityList", {{cloth, "123.5", "KGM"}}).word("action", "OBSERVE").step(step, "in_transit");
    stage.must("SERICA", {moved.at(std::string_view(step) == "departing" ? "SERICA.MILL" : "SERICA.FIN")});
  }
  auto const held = ledger::holdings(stage.state(), cloth);
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].site, gln("SERICA.FIN"));
}

void make_scarves(Stage& stage) {
  Text sewn("TransformationEvent", "2026-07-02T08:00:00Z");
  sewn.amounts("inputQuantityList", {{cloth, "123.5", "KGM"}}).list("outputEPCList", serials(scarf, 1, 2000));
  sewn.raw("ilmd", R"({"tally:lot": "S2607"})").step("commissioning", "active").at("SERICA.FIN");
  sewn.word("tally:recipe", "hem").raw("tally:loss", R"({"tally:quantity": 25.5, "tally:uom": "KGM"})");
  stage.must("SERICA", {sewn});
  EXPECT_EQ(stage.balance(scarves), "SERICA 2000");
  Text inspected("ObjectEvent", "2026-07-03T03:00:00Z");
  inspected.amounts("quantityList", {{scarves, "2000", ""}}).word("action", "OBSERVE");
  stage.must("LABX", {inspected.step("inspecting", "conformant").at("SERICA.FIN")});

  std::vector<std::string> packed;
  for (unsigned i = 0; i < 20; ++i) {
    Text carton("AggregationEvent", "2026-07-03T08:00:00Z");
    carton.word("parentID", cartons()[i]).list("childEPCs", serials(scarf, 1 + 100 * i, 100));
    packed.push_back(carton.word("action", "ADD").step("packing", "in_progress").at("SERICA.FIN"));
  }
  Text loaded("AggregationEvent", "2026-07-03T09:00:00Z");
  loaded.word("parentID", pallet).list("childEPCs", cartons()).word("action", "ADD").step("packing", "in_progress");
  packed.push_back(loaded.at("SERICA.FIN"));
  stage.must("SERICA", packed);
  EXPECT_EQ(stage.balance(scarves), "SERICA 2000");
}

/// The step that the escrow takes when the pallet is accepted.
Micro pass(Stage& stage, Title title) {
  Micro missed = 0;
  stage.act("SPREE", {}, [&](Context& context) -> Result<void> {
    title.act = log_operation(context, ledger::Operation(ledger::AdvanceTime{}));
    missed = pass_title(context, title);
    return {};
  });
  return missed;
}

std::size_t changed_in(Stage const& stage, Space space) {
  std::size_t count = 0;
  for (auto const& [key, value] : stage.changes()) count += key[0] == static_cast<std::uint8_t>(space) ? 1 : 0;
  return count;
}

void ship(Stage& stage) {
  Handover const loaded{
      "SERICA", "HALDEN", "HALDEN.SHA", {pallet}, {{"https://id.gs1.org/01/09521001000109", "2000", ""}}};
  stage.hand_over(loaded, "2026-07-05T03:30:00Z", "2026-07-05T04:00:00Z");
  EXPECT_EQ(stage.balance(scarves), "HALDEN/SERICA 2000");
  // A pallet of two thousand serials moves as one record.
  EXPECT_EQ(changed_in(stage, Space::unit), 1U);
  EXPECT_EQ(changed_in(stage, Space::item), 0U);
  EXPECT_EQ(changed_in(stage, Space::goods), 0U);
  EXPECT_EQ(changed_in(stage, Space::history_leaf), 1U);

  auto const customs = [&](std::string_view signer, std::string_view time, std::string_view step,
                           std::string_view site) {
    auto const recorded = stage.must(signer, {observation(time, site, step, "in_transit", {pallet})});
    ASSERT_EQ(recorded.facts.size(), 1U);
    EXPECT_EQ(recorded.facts[0].biz_step, "tally:" + std::string(step.substr(step.rfind('/') + 1)));
    EXPECT_EQ(recorded.facts[0].actors, std::vector{party(signer)});
    EXPECT_EQ(recorded.facts[0].subjects, std::vector{watch_name(*gs1::read_key(pallet))});
  };
  customs("HALDEN", "2026-07-05T23:00:00Z", "https://tallystick.example/ns/customs_export", "HALDEN.SHA");
  customs("CNCUST", "2026-07-06T00:00:00Z", "https://tallystick.example/ns/customs_export", "HALDEN.SHA");
  stage.must("HALDEN", {observation("2026-08-12T05:00:00Z", "HALDEN.RTM", "arriving", "in_transit", {pallet})});
  customs("HALDEN", "2026-08-12T14:00:00Z", "https://tallystick.example/ns/customs_import", "HALDEN.RTM");
  customs("NLCUST", "2026-08-12T15:00:00Z", "https://tallystick.example/ns/customs_import", "HALDEN.RTM");
}

void deliver(Stage& stage) {
  Handover const landed{
      "HALDEN", "MAASHUB", "MAASHUB.WH1", {pallet}, {{"https://id.gs1.org/01/09521001000109", "2000", ""}}};
  auto const recorded = stage.hand_over(landed, "2026-08-13T06:40:00Z", "2026-08-13T07:10:00Z");
  ASSERT_EQ(recorded.facts.size(), 2U);
  EXPECT_EQ(recorded.facts[0].accepted, 2'000'000'000U);
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/SERICA 2000");
  EXPECT_EQ(pass(stage, {pallet, party("SERICA"), party("SPREE"), recorded.facts[0].offer, {}, {}, 0}), 0U);
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/SPREE 2000");
  EXPECT_EQ(changed_in(stage, Space::unit), 1U);
  EXPECT_EQ(changed_in(stage, Space::item), 0U);

  stage.must("MAASHUB", {observation("2026-08-13T12:00:00Z", "MAASHUB.WH1", "inspecting", "conformant", {pallet})});
  auto const four = std::vector(cartons());
  std::vector<std::string> const off(four.begin(), four.begin() + 4);
  Text unloaded("AggregationEvent", "2026-08-19T18:00:00Z");
  unloaded.word("parentID", pallet).list("childEPCs", off).word("action", "DELETE");
  stage.must("MAASHUB", {unloaded.step("unpacking", "in_progress").at("MAASHUB.WH1")});
  Handover const first{"MAASHUB", "SPREE", "SPREE.DC", off, {{"https://id.gs1.org/01/09521001000109", "400", ""}}};
  stage.hand_over(first, "2026-08-20T05:30:00Z", "2026-08-20T06:00:00Z");
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/SPREE 1600, SPREE 400");
}

std::string sale(std::string_view time, std::string_view site, std::string const& serial) {
  Text sold("ObjectEvent", time);
  sold.list("epcList", {serial}).word("action", "OBSERVE").step("retail_selling", "retail_sold").at(site);
  return sold.word("tally:handover", "sale");
}

/// The world after the whole journey; told once for all tests.
Stage const& told() {
  static Stage const after = [] {
    Stage stage;
    make_cloth(stage);
    make_scarves(stage);
    ship(stage);
    deliver(stage);
    stage.must("SPREE", {sale("2026-08-24T09:00:00Z", "SPREE.SHOP", item(scarf, "S000042"))});
    return stage;
  }();
  return after;
}

TEST(SilkJourney, EndsWithTheAccountsOfTheStory) {
  auto stage = told();
  EXPECT_EQ(stage.balance(scarves), "MAASHUB/SPREE 1600, SPREE 399, consumer 1");
}

TEST(SilkJourney, LeavesThirtyFourLeavesOfTwentySixEvents) {
  auto stage = told();
  std::vector<std::pair<std::string, std::uint64_t>> const expected{
      {item(scarf, "S000042"), 3}, {cartons()[0], 6}, {pallet, 13}, {scarves, 2}, {cloth, 4}, {silk, 2}, {cocoons, 4}};
  std::uint64_t sum = 0;
  std::set<std::uint64_t> events;
  for (auto const& [link, count] : expected) {
    EXPECT_EQ(stage.leaves(link), count) << link;
    sum += stage.leaves(link);
    auto const subject = ledger::tree_key(subject_key(stage.state(), *gs1::read_key(link)));
    for (std::uint64_t i = 0; i < stage.leaves(link); ++i) {
      events.insert(ledger::history_leaf(stage.state(), subject, i)->log_index);
    }
  }
  EXPECT_EQ(sum, 34U);
  EXPECT_EQ(events.size(), 26U);
}

TEST(SilkJourney, LinksLeadFromTheScarfToTheCocoons) {
  auto stage = told();
  auto const subject = [](Space space, std::string const& link) { return ledger::tree_key(space, link); };
  auto const links = [&](Space space, std::string const& link, std::uint64_t sequence) {
    return static_cast<std::vector<ledger::Link> const&>(
        ledger::history_leaf(stage.state(), subject(space, link), sequence)->links);
  };
  using ledger::LinkRole;
  auto const scarf42 = item(scarf, "S000042");
  auto const carton = cartons()[0];
  using Links = std::vector<ledger::Link>;
  EXPECT_EQ(links(Space::item, scarf42, 0), (Links{{LinkRole::lot, subject(Space::lot, scarves), 0}}));
  EXPECT_EQ(links(Space::item, scarf42, 1), (Links{{LinkRole::into, subject(Space::unit, carton), 0}}));
  EXPECT_EQ(links(Space::item, scarf42, 2), (Links{{LinkRole::out_of, subject(Space::unit, carton), 5}}));
  EXPECT_EQ(links(Space::unit, carton, 1), (Links{{LinkRole::into, subject(Space::unit, pallet), 0}}));
  EXPECT_EQ(links(Space::unit, carton, 2), (Links{{LinkRole::out_of, subject(Space::unit, pallet), 12}}));
  EXPECT_EQ(links(Space::lot, scarves, 0), (Links{{LinkRole::made_from, subject(Space::lot, cloth), 3}}));
  EXPECT_EQ(links(Space::lot, silk, 0), (Links{{LinkRole::made_from, subject(Space::lot, cocoons), 3}}));
}

TEST(SilkJourney, ASerialIsSoldOnce) {
  auto stage = told();
  auto const again = sale("2026-08-24T09:40:00Z", "SPREE.SHOP", item(scarf, "S000042"));
  EXPECT_EQ(stage.refusal("SPREE", {again}), "E_NOT_CUSTODIAN operations[0].events[0].epcList[0]");
  EXPECT_EQ(stage.refusal("MAASHUB", {again}), "E_NOT_CUSTODIAN operations[0].events[0].epcList[0]");
  // The receiver's side cannot sell what still stands with the warehouse.
  auto const early = sale("2026-08-24T09:40:00Z", "SPREE.SHOP", item(scarf, "S001999"));
  EXPECT_EQ(stage.refusal("SPREE", {early}), "E_NOT_CUSTODIAN operations[0].events[0].epcList[0]");
}

TEST(SilkJourney, TheBuyerClaimsTheScarfOnce) {
  Stage stage;
  make_cloth(stage);
  make_scarves(stage);
  auto const scarf42 = item(scarf, "S000042");
  base::PartyKey const code{crypto::sha256(base::bytes_of("code")).bytes};
  base::PartyKey const buyer{crypto::sha256(base::bytes_of("buyer")).bytes};
  std::string refusal;
  auto const set = [&](Context& context) {
    return set_claim_code(context, {scarf42, code_key_hash(code)}, "operations[0]");
  };
  stage.act("SPREE", {}, set, &refusal);
  EXPECT_EQ(refusal, "E_NOT_CUSTODIAN operations[0].item");
  stage.act("SERICA", {}, set);
  auto const claims = [&](Context& context) { return claim(context, {scarf42, code, buyer}, "operations[0]"); };
  stage.act("", {{PartyId{}, code}}, claims, &refusal);
  EXPECT_EQ(refusal, "E_NOT_OWNER operations[0].item");
  stage.must("SERICA", {sale("2026-07-04T09:00:00Z", "SERICA.FIN", scarf42)});
  EXPECT_EQ(stage.leaves(scarf42), 3U);
  stage.act("", {{PartyId{}, buyer}}, claims, &refusal);
  EXPECT_EQ(refusal, "E_MISSING_SIGNER operations[0].code_key");
  stage.act("", {{PartyId{}, code}}, claims);
  EXPECT_EQ(stage.leaves(scarf42), 4U);
  stage.act("", {{PartyId{}, code}}, claims, &refusal);
  EXPECT_EQ(refusal, "E_ALREADY_REGISTERED operations[0].item");
}

}  // namespace
}  // namespace contracts::goods::test
