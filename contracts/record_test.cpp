// SPDX-License-Identifier: Apache-2.0
// Events on their way through the machine: payloads, receipts, the log.
#include <gtest/gtest.h>

#include "contracts/machine.hpp"
#include "contracts/world_test.hpp"
#include "ledger/history.hpp"

namespace contracts::test {

namespace {

using base::Code;

std::string verdict(World const& world, ledger::Transaction const& transaction) {
  auto const result = check(transaction, world.chain, world.first.parameters, world.time_ms + 1000);
  return result ? "fine" : std::string(base::name(result.error().code)) + " " + result.error().field;
}

}  // namespace

TEST(RecordTransaction, EventsOfSeveralOperationsFindTheirPayloads) {
  World world;
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "a"), observation(world, "b")});
  recording.operations.emplace_back(ledger::KeyAdd{world.alfa.id, key_of("ALFA.clerk"), ledger::KeyKind::staff, {}, 0});
  recording.add(ledger::RecordMode::proceed, {observation(world, "c"), observation(world, "a")});
  auto const log_size = ledger::log_size(world.state);
  auto const receipt = world.one(recording.by(world, {"ALFA.staff", "ALFA.admin"}));
  EXPECT_EQ(receipt.code, Code::done);
  EXPECT_EQ(static_cast<std::vector<Code> const&>(receipt.event_codes),
            (std::vector{Code::done, Code::done, Code::done, Code::exists}));
  EXPECT_EQ(receipt.work, 2u + 2u + 4u) << "signatures, operations beside the first, events";
  EXPECT_EQ(receipt.first_log_index, log_size);
  EXPECT_EQ(receipt.log_count, 4u) << "three events and the key";
  auto const third = ledger::stored_event(world.state, log_size + 3);
  ASSERT_TRUE(third);
  EXPECT_EQ(base::text_of(third->payload), recording.payloads[2]);
  EXPECT_EQ(third->event_index, 2u);
  EXPECT_EQ(world.apply({}).event_log_size, log_size + 4);
}

TEST(RecordTransaction, TheSameEventAgainExists) {
  World world;
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "a")});
  EXPECT_EQ(world.one(recording.by(world, {"ALFA.staff"})).log_count, 1u);
  auto const receipt = world.one(recording.by(world, {"ALFA.staff"}, 1));
  EXPECT_EQ(receipt.code, Code::done);
  EXPECT_EQ(static_cast<std::vector<Code> const&>(receipt.event_codes), (std::vector{Code::exists}));
  EXPECT_EQ(receipt.log_count, 0u);
}

TEST(RecordTransaction, CheckNamesTheEventAndItsField) {
  World world;
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "a"), observation(world, "b", "inspectingg")});
  EXPECT_EQ(verdict(world, recording.by(world, {"ALFA.staff"})), "E_VOCABULARY operations[0].events[1].bizStep");

  Recording sound;
  sound.add(ledger::RecordMode::rollback, {observation(world, "a")});
  auto swapped = sound.by(world, {"ALFA.staff"});
  EXPECT_EQ(verdict(world, swapped), "fine");
  swapped.payloads[0] = base::to_bytes(observation(world, "b"));
  EXPECT_TRUE(verdict(world, swapped).starts_with("E_ENCODING operations[0]")) << verdict(world, swapped);
}

TEST(RecordTransaction, AKeyWithoutTheActRecordsNothing) {
  World world;
  Recording recording;
  recording.add(ledger::RecordMode::proceed, {observation(world, "a")});
  auto const receipt = world.one(recording.by(world, {"ALFA.root"}));
  EXPECT_EQ(receipt.code, Code::E_SCOPE);
  EXPECT_EQ(receipt.field, "operations[0]");
  EXPECT_TRUE(receipt.event_codes.empty());
  EXPECT_EQ(receipt.log_count, 0u);
}

}  // namespace contracts::test
