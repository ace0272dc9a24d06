// SPDX-License-Identifier: Apache-2.0
// What stands beside goods for whoever reads them: warranty, and where accounting ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/statement.hpp"
#include "ledger/badge.hpp"

namespace contracts::goods::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TimeMs moment(std::string_view text) { return *base::from_rfc3339(text); }

/// "word detail" of each badge about the subject itself, or about what is named.
std::vector<std::string> badges(Stage const& stage, std::string const& link,
                                std::string_view now = "2026-08-01T00:00:00Z", std::string const& about = {}) {
  std::vector<std::string> out;
  for (auto const& badge : ledger::badges_of(stage.state(), link, moment(now))) {
    if (badge.subject == (about.empty() ? link : about)) out.push_back(badge.word + " " + badge.detail);
  }
  return out;
}

Text items_made(std::string_view time, std::vector<std::string> const& items) {
  Text text("ObjectEvent", time);
  text.word("action", "ADD").list("epcList", items).step("commissioning", "active").at("SERICA.FIN");
  return text.raw("ilmd", R"({"tally:lot": "S1"})");
}
std::string sale(std::string_view time, std::string const& serial) {
  Text sold("ObjectEvent", time);
  sold.list("epcList", {serial}).word("action", "OBSERVE").step("retail_selling", "retail_sold").at("SERICA.FIN");
  return sold.word("tally:handover", "sale");
}
std::string receiving(std::string_view time, Amount const& amount) {
  Text text("ObjectEvent", time);
  text.word("action", "OBSERVE").amounts("quantityList", {amount}).step("receiving", "in_progress").at("SERICA.FIN");
  return text.parties("PLAIN", "SERICA");
}
std::string set_warranty_of(Stage& stage, std::string_view actor, std::uint16_t days) {
  return stage.tried(actor, {}, [&](Context& context) {
    return set_warranty(context, ledger::SetWarranty{std::string(scarf), days}, "operations[0]");
  });
}

TEST(Badge, WarrantyRunsFromTheSaleAndEnds) {
  Stage stage;
  auto const items = serials(scarf, 1, 3);
  stage.must("SERICA", {items_made("2026-07-01T08:00:00Z", items)});
  EXPECT_EQ(set_warranty_of(stage, "SPREE", 730), "E_PREFIX_NOT_OWNED operations[0].product");
  stage.must("SERICA", {sale("2026-07-02T08:00:00Z", items[0])});
  EXPECT_EQ(set_warranty_of(stage, "SERICA", 30), "");
  stage.must("SERICA", {sale("2026-07-03T08:00:00Z", items[1])});
  // What was sold before has none, what is unsold has none yet.
  EXPECT_THAT(badges(stage, items[0]), IsEmpty());
  EXPECT_THAT(badges(stage, items[2]), IsEmpty());
  EXPECT_THAT(badges(stage, items[1]), ElementsAre("warranty 2026-08-02"));
  EXPECT_THAT(badges(stage, items[1], "2026-08-02T08:00:00Z"), ElementsAre("warranty 2026-08-02"));
  EXPECT_THAT(badges(stage, items[1], "2026-08-02T08:00:01Z"), ElementsAre("warranty_ended 2026-08-02"));
  // A later promise does not change an earlier sale.
  EXPECT_EQ(set_warranty_of(stage, "SERICA", 730), "");
  EXPECT_THAT(badges(stage, items[1]), ElementsAre("warranty 2026-08-02"));
}

TEST(Badge, WhatComesFromOutsideAccountingSaysSo) {
  Stage stage;
  auto const phantom = lot("09521031000018", "T1");
  std::vector<std::string> const outside{"unrooted ", "not_balanced came in from outside goods accounting"};
  // A firm outside accounting makes 5,000 pieces of nothing: its word is kept, and no account.
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  made.word("action", "ADD").amounts("quantityList", {{phantom, "5000", ""}}).step("creating_class_instance", "active");
  stage.must("PLAIN", {made});
  EXPECT_EQ(stage.balance(phantom), "");
  EXPECT_THAT(badges(stage, phantom), ElementsAre("not_balanced outside goods accounting"));
  // Who takes them over has them unrooted, and a claim they never get.
  stage.must("SERICA", {receiving("2026-07-02T08:00:00Z", {phantom, "5000", ""})});
  EXPECT_EQ(stage.balance(phantom), "SERICA 5000");
  EXPECT_EQ(badges(stage, phantom), outside);
  // What is in accounts has neither badge.
  auto const items = serials(scarf, 1, 1);
  stage.must("SERICA", {items_made("2026-07-01T08:00:00Z", items)});
  EXPECT_THAT(badges(stage, items[0], "2026-08-01T00:00:00Z", lot(scarf, "S1")), ElementsAre("unrooted "));
  EXPECT_THAT(badges(stage, item("09521031000018", "NONE")), IsEmpty());
}

TEST(Badge, AFirmOutsideAccountingMakesNothingUnderAMembersPrefix) {
  Stage stage;
  Text made("ObjectEvent", "2026-07-01T08:00:00Z");
  made.word("action", "ADD").amounts("quantityList", {{lot(scarf, "PHANTOM"), "5000", ""}});
  stage.record("PLAIN", {made.step("creating_class_instance", "active")});
  EXPECT_EQ(stage.balance(lot(scarf, "PHANTOM")), "");
}

}  // namespace
}  // namespace contracts::goods::test
