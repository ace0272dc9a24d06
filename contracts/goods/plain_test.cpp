// SPDX-License-Identifier: Apache-2.0
// Events outside goods accounting: kept, traced and proved, without moving an account.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/subject.hpp"
#include "gs1/document.hpp"
#include "ledger/record.hpp"

namespace contracts::goods::test {
namespace {

using ledger::Space;

std::vector<std::filesystem::path> documents() {
  auto const folder = std::filesystem::path(TALLY_SOURCE_DIR) / ".." / "shared" / "standards" / "epcis" / "documents";
  std::vector<std::filesystem::path> out;
  if (!std::filesystem::exists(folder)) {
    std::cout << "not run, no shared standards beside the source: published EPCIS documents as plain events\n";
    char const* ci = std::getenv("CI");
    EXPECT_FALSE(ci != nullptr && std::string(ci) == "true") << "the published documents must run here";
    return out;
  }
  for (auto const& entry : std::filesystem::recursive_directory_iterator(folder)) {
    auto const extension = entry.path().extension();
    if (extension == ".json" || extension == ".jsonld") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  EXPECT_GE(out.size(), 40U);
  return out;
}

bool moved_accounts(Stage const& stage) {
  auto const spaces = {Space::goods, Space::lot, Space::item, Space::unit, Space::claim_total, Space::offer};
  for (auto const& [key, value] : stage.changes()) {
    for (auto const space : spaces) {
      if (key[0] == static_cast<std::uint8_t>(space)) return true;
    }
  }
  return false;
}

TEST(Plain, PublishedDocumentsGoInFromAnyMember) {
  auto const all = documents();
  std::size_t recorded = 0;
  for (std::string_view const member : {"PLAIN", "SERICA"}) {
    Stage stage;
    for (auto const& path : all) {
      std::ifstream in(path, std::ios::binary);
      std::string const text{std::istreambuf_iterator<char>(in), {}};
      auto const document = gs1::read_document(text);
      ASSERT_TRUE(document) << path << (document ? "" : base::to_string(document.error()));
      std::vector<std::string> const events(document->events.begin(), document->events.end());
      stage.block_at("2030-01-01T00:00:00Z");
      auto const verdict = stage.record_under(document->context, member, events);
      EXPECT_EQ(verdict.code, Code::done) << path << ": " << base::name(verdict.code) << " " << verdict.field;
      EXPECT_FALSE(moved_accounts(stage)) << path;
      for (auto const code : verdict.recorded.codes) {
        EXPECT_TRUE(base::is_success(code)) << path;
        recorded += base::is_success(code) ? 1 : 0;
      }
    }
  }
  EXPECT_GE(recorded, 2 * all.size());
}

TEST(Plain, AFirmOutsideAccountingPacksAndShipsWithoutMovingAnAccount) {
  Stage stage;
  auto const box = new_unit("9521031", 1);
  auto const things = std::vector{item("09521031000018", "A1"), item("09521031000018", "A2")};
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  made.list("epcList", things).word("action", "ADD").step("commissioning", "active").at("SERICA.FIN");
  Text packed("AggregationEvent", "2026-07-01T09:00:00Z");
  packed.word("parentID", box).list("childEPCs", things).word("action", "ADD").step("packing", "in_progress");
  stage.must("PLAIN", {made, packed});
  EXPECT_FALSE(moved_accounts(stage));
  EXPECT_EQ(stage.leaves(things[0]), 2U);
  auto const child = ledger::history_leaf(stage.state(), ledger::tree_key(Space::thing, things[0]), 1);
  EXPECT_EQ(child->links,
            (std::vector<ledger::Link>{{ledger::LinkRole::into, ledger::tree_key(Space::thing, box), 0}}));

  Handover const given{"PLAIN", "SERICA", "SERICA.FIN", {box}, {}};
  auto const recorded = stage.must("PLAIN", {offer_text(given, "2026-07-02T08:00:00Z")});
  EXPECT_FALSE(moved_accounts(stage));
  // No handover that a contract could be paid for, only what somebody says he did.
  ASSERT_EQ(recorded.facts.size(), 1U);
  EXPECT_EQ(recorded.facts[0].kind, FactKind::milestone);
  EXPECT_EQ(recorded.facts[0].biz_step, "shipping");
}

TEST(Plain, ObservationsOfAccountedGoodsStandInTheirHistory) {
  Stage stage;
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  made.word("action", "ADD").list("epcList", serials(scarf, 1, 2)).step("commissioning", "active").at("SERICA.FIN");
  stage.must("SERICA", {made.raw("ilmd", R"({"tally:lot": "S1"})")});
  Text seen("ObjectEvent", "2026-07-02T08:00:00Z");
  seen.list("epcList", serials(scarf, 1, 1))
      .word("action", "OBSERVE")
      .step("inspecting", "conformant")
      .at("SERICA.FIN");
  stage.must("PLAIN", {seen});
  EXPECT_EQ(stage.leaves(item(scarf, "S000001")), 2U);
  EXPECT_EQ(stage.leaves(item(scarf, "S000002")), 1U);
  EXPECT_EQ(stage.leaves(lot(scarf, "S1")), 1U);
  EXPECT_EQ(stage.balance(lot(scarf, "S1")), "SERICA 2");
}

TEST(Plain, AShipmentIsNamedWhateverTheGoodsAre) {
  Stage stage;
  Text said("TransactionEvent", "2026-07-02T08:00:00Z");
  said.list("epcList", {"urn:epc:id:sgtin:4012345.011122.25"}).word("action", "OBSERVE").step("receiving");
  auto const recorded = stage.must("PLAIN", {said.shipment("SHIP0007")});
  ASSERT_EQ(recorded.facts.size(), 1U);
  auto const names = recorded.facts[0].subjects;
  auto const shipment = watch_name(*gs1::read_key("https://id.gs1.org/253/9521003000008SHIP0007"));
  EXPECT_EQ(names.size(), 2U);
  EXPECT_NE(std::find(names.begin(), names.end(), shipment), names.end());
}

std::string receiving(std::string_view time, std::string_view from, std::string_view to, Amount const& amount) {
  Text text("ObjectEvent", time);
  text.amounts("quantityList", {amount}).word("action", "OBSERVE").step("receiving", "in_progress").at("SERICA.FIN");
  return text.parties(from, to);
}

TEST(Border, ALotFromOutsideEntersUnrooted) {
  Stage stage;
  auto const thread = lot("09521031000018", "T1");
  stage.must("SERICA", {receiving("2026-07-01T08:00:00Z", "PLAIN", "SERICA", {thread, "5", ""})});
  EXPECT_EQ(stage.balance(thread), "SERICA 5");
  auto const record = ledger::load<ledger::LotRecord>(stage.state(), Space::lot, thread);
  ASSERT_TRUE(record.has_value());
  EXPECT_TRUE(record->unrooted);
  EXPECT_EQ(record->origin, ledger::LotOrigin::taken_in);
  // Nothing of another firm in accounting is invented at the border.
  EXPECT_EQ(stage.refusal("SPREE", {receiving("2026-07-01T08:00:00Z", "PLAIN", "SPREE", {lot(scarf, "S1"), "5", ""})}),
            "E_INSUFFICIENT_GOODS operations[0].events[0].quantityList[0]");
  // Nobody takes in for another.
  stage.must("SPREE", {receiving("2026-07-01T09:00:00Z", "PLAIN", "SERICA", {thread, "6", ""})});
  EXPECT_EQ(stage.balance(thread), "SERICA 5");
}

TEST(Border, WhatGoesOutComesBackAndNoMore) {
  Stage stage;
  auto const scarves = lot(scarf, "S1");
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  made.word("action", "ADD").amounts("quantityList", {{scarves, "50", ""}}).step("creating_class_instance");
  stage.must("SERICA", {made.at("SERICA.FIN")});
  Handover const out{"SERICA", "PLAIN", "SERICA.FIN", {}, {{scarves, "30", ""}}, {{"SERICA", "PLAIN"}}};
  auto const offer = offer_text(out, "2026-07-02T08:00:00Z");
  auto const recorded = stage.must("SERICA", {offer});
  ASSERT_EQ(recorded.facts.size(), 1U);
  EXPECT_EQ(recorded.facts[0].kind, FactKind::milestone);
  EXPECT_EQ(stage.balance(scarves), "SERICA 20, outside 30");
  EXPECT_EQ(stage.refusal("SPREE", {receiving("2026-07-03T08:00:00Z", "PLAIN", "SPREE", {scarves, "31", ""})}),
            "E_INSUFFICIENT_GOODS operations[0].events[0].quantityList[0]");
  stage.must("SPREE", {receiving("2026-07-03T08:00:00Z", "PLAIN", "SPREE", {scarves, "12", ""})});
  EXPECT_EQ(stage.balance(scarves), "SERICA 20, SPREE 12, outside 18");

  stage.must("SERICA", {Text("ObjectEvent", "2026-07-04T08:00:00Z")
                            .word("action", "ADD")
                            .list("epcList", serials(scarf, 1, 10))
                            .step("commissioning")
                            .at("SERICA.FIN")
                            .raw("ilmd", R"({"tally:lot": "S1"})")});
  auto const box = new_unit("9521001", 3);
  Text packed("AggregationEvent", "2026-07-04T09:00:00Z");
  packed.word("parentID", box).list("childEPCs", serials(scarf, 1, 10)).word("action", "ADD").step("packing");
  stage.must("SERICA", {packed.at("SERICA.FIN")});
  Handover const lent{"SERICA", "PLAIN", "SERICA.FIN", {box}, {}};
  stage.must("SERICA", {offer_text(lent, "2026-07-05T08:00:00Z")});
  EXPECT_EQ(stage.balance(scarves), "SERICA 10, SPREE 12, outside 18, outside/SERICA 10");
  Text back("ObjectEvent", "2026-07-06T08:00:00Z");
  back.list("epcList", {box}).word("action", "OBSERVE").step("receiving").at("SPREE.DC").parties("PLAIN", "SPREE");
  stage.must("SPREE", {back});
  EXPECT_EQ(stage.balance(scarves), "SERICA 10, SPREE 12, SPREE/SERICA 10, outside 18");
}

TEST(Plain, NobodySignsForAnotherFirm) {
  Stage stage;
  std::string refusal;
  Text seen("ObjectEvent", "2026-07-02T08:00:00Z");
  seen.list("epcList", serials(scarf, 1, 1)).word("action", "OBSERVE").step("inspecting");
  auto const text = std::string(seen);
  std::vector const payloads{base::bytes_of(text)};
  auto const operation = ledger::make_record(ledger::RecordMode::rollback, "", payloads);
  ASSERT_TRUE(operation);
  auto const as_spree = [&](Context& context) -> Result<void> {
    context.actor = party("SPREE");
    auto const result = record(context, *operation, payloads, "operations[0]");
    return result ? Result<void>() : Result<void>(result.error());
  };
  stage.act("SERICA", {}, as_spree, &refusal);
  EXPECT_EQ(refusal, "E_MISSING_SIGNER operations[0]");
}

}  // namespace
}  // namespace contracts::goods::test
