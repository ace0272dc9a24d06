// SPDX-License-Identifier: Apache-2.0
// Events on their way through the machine: payloads, receipts, the log.
#include <gtest/gtest.h>

#include "contracts/machine.hpp"
#include "contracts/world_test.hpp"
#include "ledger/history.hpp"
#include "ledger/record.hpp"

namespace contracts::test {

namespace {

using base::Code;

std::string verdict(World const& world, ledger::Transaction const& transaction) {
  auto const result = check(transaction, world.chain, world.first.parameters, world.time_ms + 1000);
  return result ? "fine" : std::string(base::name(result.error().code)) + " " + result.error().field;
}

/// One event under a context that says what its prefix means.
ledger::Transaction noted(World const& world, std::string_view meaning, std::string_view note) {
  auto event = observation(world, "a");
  event.insert(event.size() - 1, R"(,"ex:note":")" + std::string(note) + '"');
  auto const context = R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"ex":"https://example.com/)" +
                       std::string(meaning) + R"(/"}])";
  Recording out;
  out.operations.emplace_back(
      ledger::make_record(ledger::RecordMode::rollback, context, {base::bytes_of(event)}).value());
  out.payloads.push_back(event);
  return out.by(world, {"ALFA.staff"});
}

ReadRecords read_of(World const& world, ledger::Transaction const& transaction) {
  ReadRecords out;
  EXPECT_TRUE(check(transaction, world.chain, world.first.parameters, world.time_ms + 1000, &out));
  return out;
}

/// The block of this transaction, where execution is told what was read, of whatever.
Execution block_of(World const& world, ledger::Transaction const& transaction, std::vector<ReadRecords> const& read) {
  return execute(world.state, world.tree, {world.height + 1, world.time_ms + 1000, {}, {transaction}}, read);
}

}  // namespace

TEST(RecordTransaction, WhatCheckReadChangesNoResult) {
  World world;
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "a"), observation(world, "b")});
  recording.operations.emplace_back(ledger::KeyAdd{world.alfa.id, key_of("ALFA.clerk"), ledger::KeyKind::staff, {}, 0});
  recording.add(ledger::RecordMode::proceed, {observation(world, "c"), observation(world, "a")});
  auto const transaction = recording.by(world, {"ALFA.staff", "ALFA.admin"});
  auto const read = read_of(world, transaction);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_GT(memory_of(read), 4 * recording.payloads[0].size());
  auto const alone = block_of(world, transaction, {});
  EXPECT_EQ(alone.receipts.back().code, Code::done);
  for (auto const& told : {read, ReadRecords{}, ReadRecords{read[1], read[0]}, ReadRecords{nullptr, read[1]}}) {
    auto const done = block_of(world, transaction, {told});
    EXPECT_EQ(done.state_root, alone.state_root);
    EXPECT_EQ(done.diff, alone.diff);
  }
}

/// An event that fails and a transaction that fails leave no word to be found by.
TEST(RecordTransaction, WhatIsRecordedIsFoundByItsWords) {
  World world;
  auto const log_size = ledger::log_size(world.state);
  auto ahead = observation(world, "b");
  ahead.replace(ahead.find("\"eventTime\":\"") + 13, 4, "2999");
  Recording recording;
  recording.add(ledger::RecordMode::proceed, {observation(world, "a"), ahead, observation(world, "c", "packing")});
  auto const first = recording.by(world, {"ALFA.staff"});
  Recording fails;
  fails.add(ledger::RecordMode::rollback, {observation(world, "d")});
  fails.operations.emplace_back(ledger::KeyRevoke{key_of("NOBODY")});
  Recording more;
  more.add(ledger::RecordMode::rollback, {observation(world, "e")});
  auto const done =
      world.apply({first, fails.by(world, {"ALFA.staff", "ALFA.admin"}, 1), more.by(world, {"ALFA.staff"}, 2)});
  ASSERT_EQ(done.receipts[0].event_codes, (std::vector{Code::done, Code::E_TIME_WINDOW, Code::done}));
  ASSERT_FALSE(base::is_success(done.receipts[1].code));
  ASSERT_EQ(done.receipts[2].code, Code::done);
  auto const found = [&](std::string_view step) {
    std::vector<std::uint64_t> out;
    ledger::scan_index(world.state, ledger::IndexKind::biz_step, step, 0, [&](std::uint64_t index) {
      out.push_back(index);
      return true;
    });
    return out;
  };
  EXPECT_EQ(found("inspecting"), (std::vector{log_size, log_size + 2}));
  EXPECT_EQ(found("packing"), std::vector{log_size + 1});
}

TEST(RecordTransaction, WhatWasReadOfOtherBytesIsNotUsed) {
  World const world;
  auto const one = noted(world, "one", "x");
  auto const other_context = noted(world, "two", "x");
  auto const other_event = noted(world, "one", "y");
  for (auto const& transaction : {other_context, other_event}) {
    auto const alone = block_of(world, transaction, {});
    EXPECT_EQ(alone.receipts.back().code, Code::done);
    EXPECT_NE(alone.diff, block_of(world, one, {}).diff);
    EXPECT_EQ(block_of(world, transaction, {read_of(world, one)}).diff, alone.diff);
  }
  // What check would not have let into a block.
  auto swapped = one;
  swapped.payloads = other_event.payloads;
  auto false_root = one;
  std::get<ledger::Record>(false_root.body.operations[0]).events_root =
      std::get<ledger::Record>(other_event.body.operations[0]).events_root;
  for (auto const& transaction : {swapped, false_root}) {
    auto const done = block_of(world, transaction, {read_of(world, one)});
    EXPECT_EQ(done.receipts.back().code, Code::E_ENCODING);
    EXPECT_EQ(done.diff, block_of(world, transaction, {}).diff);
  }
}

TEST(RecordTransaction, ALimitLoweredAfterCheckHolds) {
  using Lower = void (*)(ledger::Parameters&);
  for (Lower const lower : std::initializer_list<Lower>{[](auto& now) { now.keys_an_event_max = 0; },
                                                        [](auto& now) { now.event_bytes_max = 10; },
                                                        [](auto& now) { now.events_max = 0; }}) {
    World world;
    auto const transaction = noted(world, "one", "x");
    auto const read = read_of(world, transaction);
    ledger::Overlay changed(world.state);
    auto record = ledger::load<ledger::ParametersRecord>(world.state, ledger::Space::parameters, "").value();
    lower(record.parameters);
    ledger::store(changed, ledger::Space::parameters, "", record);
    world.state.apply(changed.diff());
    EXPECT_EQ(block_of(world, transaction, {}).receipts.back().code, Code::E_TOO_LARGE);
    EXPECT_EQ(block_of(world, transaction, {read}).diff, block_of(world, transaction, {}).diff);
  }
}

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
