// SPDX-License-Identifier: Apache-2.0
// Rule 12: whose readings count, in which order, and what is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/goods/device.hpp"
#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/statement.hpp"
#include "ledger/condition.hpp"

namespace contracts::goods::test {
namespace {

constexpr std::string_view start = "2026-10-05T14:00:00Z";
std::string const pallet = new_unit("9521001", 1);

std::string device(unsigned number) { return "https://id.gs1.org/8004/9521016SNS000" + std::to_string(number); }
ledger::Signer signer(unsigned number) { return {party("LABX"), key_of(device(number))}; }
std::string time_at(unsigned k) { return base::to_rfc3339(*base::from_rfc3339(start) + k * 300'000ULL); }

/// One batch as a device writes it: values in hundredths, one every five minutes from reading `first` on.
std::string batch(unsigned number, unsigned first, std::vector<int> const& values, std::string const& previous) {
  std::string reports;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto const whole = base::to_decimal_literal(values[i], 2);
    reports += std::string(i > 0 ? ", " : "") + R"({"type": "Temperature", "time": ")" + time_at(first + unsigned(i)) +
               R"(", "value": )" + whole + R"(, "uom": "CEL"})";
  }
  Text text("ObjectEvent", time_at(first + unsigned(values.size()) - 1));
  text.list("epcList", {pallet}).word("action", "OBSERVE").step("sensor_reporting");
  text.raw("sensorElementList",
           R"([{"sensorMetadata": {"deviceID": ")" + device(number) + R"("}, "sensorReport": [)" + reports + "]}]");
  auto chain = R"({"tally:firstSequence": )" + std::to_string(first);
  if (!previous.empty()) chain += R"(, "tally:previous": ")" + previous + "\"";
  return text.raw("tally:batch", chain + "}");
}

/// Twelve scarves on a pallet with one logger, under a rule: no more than 60 minutes above 4 degrees.
Stage cold(unsigned loggers = 1, std::uint8_t agree = 1) {
  Stage stage;
  Text made("ObjectEvent", "2026-10-05T08:00:00Z");
  made.word("action", "ADD").list("epcList", serials(scarf, 1, 12)).step("commissioning").at("SERICA.FIN");
  Text packed("AggregationEvent", "2026-10-05T09:00:00Z");
  packed.word("parentID", pallet).list("childEPCs", serials(scarf, 1, 12)).word("action", "ADD");
  packed.step("packing", "in_progress").at("SERICA.FIN");
  stage.must("SERICA", {made.raw("ilmd", R"({"tally:lot": "S1"})"), packed});
  std::vector<std::string> names;
  for (unsigned i = 1; i <= loggers; ++i) {
    names.push_back(device(i));
    stage.block_at("2026-10-05T10:00:00Z");
    stage.act("LABX", {signer(i)}, [&](Context& context) {
      return register_device(context, {device(i), party("LABX"), signer(i).key, {}}, "operations[0]");
    });
  }
  stage.act("SERICA", {}, [&](Context& context) {
    ledger::SetProductRule rule;
    rule.product = scarf;
    rule.rule = std::string_view("cold");
    rule.type = std::string_view("Temperature");
    rule.uom = std::string_view("CEL");
    rule.threshold = 4'000'000;
    rule.minutes_max = 60;
    rule.agree = agree;
    return set_product_rule(context, rule, "operations[0]");
  });
  Text installed("AssociationEvent", "2026-10-05T13:00:00Z");
  installed.word("parentID", pallet).list("childEPCs", names).word("action", "ADD").step("installing");
  stage.must("SERICA", {installed.at("SERICA.FIN")});
  return stage;
}

std::string send(Stage& stage, unsigned number, std::string const& event) {
  stage.also_signs(signer(number));
  return stage.refusal("HALDEN", {event});
}

ledger::Condition condition(Stage const& stage) {
  return ledger::condition_of(stage.state(), pallet, ledger::rules_of(stage.state(), scarf).at(0));
}

TEST(Device, ItsOwnKeySignsWhoeverRelays) {
  auto stage = cold();
  auto const first = batch(1, 0, {100, 120, 110}, {});
  EXPECT_EQ(stage.refusal("HALDEN", {first}),
            "E_DEVICE_UNKNOWN operations[0].events[0].sensorElementList[0].sensorMetadata.deviceID");
  stage.also_signs({party("LABX"), key_of("some other key")});
  EXPECT_EQ(stage.refusal("HALDEN", {first}),
            "E_DEVICE_UNKNOWN operations[0].events[0].sensorElementList[0].sensorMetadata.deviceID");
  stage.also_signs(signer(1));
  auto const recorded = stage.must("HALDEN", {first});
  ASSERT_EQ(recorded.facts.size(), 2U);
  EXPECT_EQ(recorded.facts[0].kind, FactKind::readings);
  EXPECT_EQ(recorded.facts[0].actors, std::vector{party("LABX")});
  EXPECT_EQ(recorded.facts[0].sensor_type, "Temperature");
  auto const start_ms = *base::from_rfc3339(start);
  EXPECT_THAT(recorded.facts[0].readings,
              testing::ElementsAre(Reading{0, start_ms, 1'000'000}, Reading{1, start_ms + 300'000, 1'200'000},
                                   Reading{2, start_ms + 600'000, 1'100'000}));
}

TEST(Device, ADeviceKeySignsNothingElse) {
  auto stage = cold();
  Text seen("ObjectEvent", "2026-10-05T14:00:00Z");
  seen.list("epcList", {pallet}).word("action", "OBSERVE").step("inspecting", "conformant");
  std::string refusal;
  stage.limit("LABX", {0, {}, {gln("SERICA.FIN")}});
  stage.also_signs(signer(1));
  EXPECT_EQ(stage.refusal("LABX", {seen}), "E_SCOPE operations[0].events[0]");
}

TEST(Device, ABatchFollowsTheOneBefore) {
  auto stage = cold();
  auto const first = batch(1, 0, {100, 120}, {});
  auto const second = batch(1, 2, {110, 130}, event_id(first));
  EXPECT_EQ(send(stage, 1, first), "");
  EXPECT_EQ(send(stage, 1, batch(1, 2, {110, 130}, event_id(second))),
            "E_SEQ operations[0].events[0].tally:batch.tally:previous");
  EXPECT_EQ(send(stage, 1, second), "");
  EXPECT_EQ(send(stage, 1, batch(1, 2, {90, 90}, event_id(first))), "E_SEQ operations[0].events[0].tally:batch");
  EXPECT_EQ(send(stage, 1, batch(1, 0, {90}, {})), "E_SEQ operations[0].events[0].tally:batch");
  EXPECT_THAT(stage.alarms(), testing::IsEmpty());
}

TEST(Device, AJumpIsAGapUntilItsBatchComes) {
  auto stage = cold();
  auto const first = batch(1, 0, {100, 120}, {});
  auto const lost = batch(1, 2, std::vector<int>(12, 100), event_id(first));
  auto const next = batch(1, 14, {100, 100}, event_id(lost));
  EXPECT_EQ(send(stage, 1, first), "");
  EXPECT_EQ(send(stage, 1, next), "");
  EXPECT_EQ(condition(stage).minutes, 65U);
  EXPECT_THAT(stage.alarms(), testing::ElementsAre("sensor_gap " + pallet + " 12 readings, 65 minutes",
                                                   "breach " + pallet + " 65 minutes, rule cold"));
  // Something else in its place does not close it.
  EXPECT_EQ(send(stage, 1, batch(1, 2, std::vector<int>(12, 90), event_id(first))),
            "E_SEQ operations[0].events[0].tally:batch");
  EXPECT_EQ(send(stage, 1, lost), "");
  EXPECT_EQ(condition(stage).minutes, 0U);
  EXPECT_EQ(stage.alarms().back(), "gap_closed " + pallet + " 12 readings came late");
}

TEST(Device, AGapIsFilledPieceByPiece) {
  auto stage = cold();
  auto const first = batch(1, 0, {100}, {});
  auto const a = batch(1, 1, std::vector<int>(10, 100), event_id(first));
  auto const b = batch(1, 11, std::vector<int>(10, 100), event_id(a));
  auto const last = batch(1, 21, {100}, event_id(b));
  EXPECT_EQ(send(stage, 1, first), "");
  EXPECT_EQ(send(stage, 1, last), "");
  EXPECT_EQ(condition(stage).gap_minutes, 105U);
  EXPECT_EQ(send(stage, 1, b), "");
  EXPECT_EQ(condition(stage).gap_minutes, 55U);
  EXPECT_EQ(send(stage, 1, a), "");
  EXPECT_EQ(condition(stage).gap_minutes, 0U);
  EXPECT_EQ(condition(stage).readings, 22U);
}

TEST(Device, TheSecondOfThreeLoggersDecides) {
  auto stage = cold(3, 2);
  std::vector<std::vector<int>> const values{std::vector<int>(20, 500), std::vector<int>(20, 100),
                                             std::vector<int>(20, 100)};
  auto second = values[1];
  std::fill(second.begin(), second.begin() + 14, 450);
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(send(stage, i + 1, batch(i + 1, 0, i == 1 ? second : values[i], {})), "");
  }
  auto const now = condition(stage);
  EXPECT_EQ(now.minutes, 70U);
  EXPECT_EQ(now.devices, 3U);
  EXPECT_EQ(now.highest, 5'000'000);
  EXPECT_EQ(now.lowest, 1'000'000);
  EXPECT_TRUE(now.breached());
  EXPECT_THAT(stage.alarms(), testing::ElementsAre("breach " + pallet + " 70 minutes, rule cold"));
}

TEST(Device, ReadingsCountForTheUnitThatItTravelsWith) {
  auto stage = cold();
  Text removed("AssociationEvent", "2026-10-05T13:30:00Z");
  removed.word("parentID", pallet).list("childEPCs", {device(1)}).word("action", "DELETE").step("removing");
  stage.must("SERICA", {removed.at("SERICA.FIN")});
  EXPECT_EQ(send(stage, 1, batch(1, 0, {100}, {})), "E_DEVICE_UNKNOWN operations[0].events[0].epcList");
  EXPECT_EQ(
      stage.tried("LABX", {}, [&](Context& context) { return retire_device(context, {device(1)}, "operations[0]"); }),
      "");
  EXPECT_EQ(send(stage, 1, batch(1, 0, {100}, {})),
            "E_DEVICE_UNKNOWN operations[0].events[0].sensorElementList[0].sensorMetadata.deviceID");
}

/// Whether light fell into the box at reading `number`: somebody opened its door.
std::string door(unsigned number, bool open, std::string const& previous) {
  Text text("ObjectEvent", time_at(number));
  text.list("epcList", {pallet}).word("action", "OBSERVE").step("sensor_reporting");
  text.raw("sensorElementList", R"([{"sensorMetadata": {"deviceID": ")" + device(1) +
                                    R"("}, "sensorReport": [{"type": "Illuminance", "time": ")" + time_at(number) +
                                    R"(", "booleanValue": )" + (open ? "true" : "false") + "}]}]");
  auto chain = R"({"tally:firstSequence": )" + std::to_string(number);
  if (!previous.empty()) chain += R"(, "tally:previous": ")" + previous + "\"";
  return text.raw("tally:batch", chain + "}");
}

TEST(Device, ADoorThatStaysClosedWhileGoodsChangeHandsIsFlagged) {
  for (bool const opens : {true, false}) {
    auto stage = cold();
    auto const closed = door(0, false, {});
    EXPECT_EQ(send(stage, 1, closed), "");
    EXPECT_EQ(send(stage, 1, door(1, opens, event_id(closed))), "");
    stage.hand_over({"SERICA", "HALDEN", "HALDEN.SHA", {pallet}, {}}, "2026-10-05T14:30:00Z", "2026-10-05T15:00:00Z");
    auto const alarm = "no_door_opening " + pallet + " closed when it changed hands";
    EXPECT_EQ(stage.alarms(), opens ? std::vector<std::string>() : std::vector{alarm});
  }
}

TEST(Device, IsRegisteredByItsOwnerAndItself) {
  auto stage = cold();
  auto const registered = [&](Context& context) {
    return register_device(context, {device(7), party("LABX"), signer(7).key, {}}, "operations[0]");
  };
  EXPECT_EQ(stage.tried("LABX", {}, registered), "E_MISSING_SIGNER operations[0].key");
  EXPECT_EQ(stage.tried("HALDEN", {signer(7)}, registered), "E_KEY_UNKNOWN operations[0].owner");
  EXPECT_EQ(stage.tried("LABX", {signer(7)}, registered), "");
  EXPECT_EQ(stage.tried("LABX", {signer(7)}, registered), "E_ALREADY_REGISTERED operations[0].device");
}

}  // namespace
}  // namespace contracts::goods::test
