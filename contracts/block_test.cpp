// SPDX-License-Identifier: Apache-2.0
// Goods, contracts and money in one block: facts that pay, deadlines that fire first, one failure that undoes all.
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/machine.hpp"
#include "contracts/world_test.hpp"
#include "ledger/contract.hpp"

namespace contracts::test {

namespace {

using base::Code;

/// BETA buys from ALFA: 100 on inspection of the thing "a", back to the buyer after three days of silence.
constexpr std::string_view terms = R"({
  "escrow": 1, "title": "Pay on inspection", "roles": {"buyer": {}, "seller": {}}, "assets": {"EUR": "EUR.BANK"},
  "subjects": {"goods": "https://example.com/thing/a"}, "params": {},
  "pots": {"price": {"asset": "EUR", "cap": 100, "residual": "buyer"}}, "start": "funding",
  "states": {
    "funding": {"when": [{"on": {"deposit": {"by": "buyer", "into": "price", "amount": 100}}, "goto": "waiting"}],
                "until": {"after": "P1D"}, "late": {"goto": "close"}},
    "waiting": {"when": [{"on": {"milestone": {"subject": "goods", "bizStep": "inspecting", "by": "seller"}},
                          "do": [{"pay": {"from": "price", "to": "seller", "all": true}}], "goto": "close"}],
                "until": {"after": "P3D"}, "late": {"goto": "close"}}}})";

/// A world in which BETA has 1,000 and has paid into the contract.
struct Funded {
  Funded() {
    world.one(world.by(world.bank, "staff", {ledger::CreateAsset{"EUR", 2, 1'000'000}}));
    world.one(world.by(world.bank, "staff", {mint(world.beta, 1000)}));
    ledger::EscrowOpen const open{
        ledger::Text<32768>(terms), {{"buyer", world.beta.id}, {"seller", world.alfa.id}}, "ESC-1"};
    auto const opened = world.by(world.beta, "staff", {open});
    EXPECT_EQ(world.one(opened).code, Code::done);
    contract = ledger::contract_id(opened.body.id(), 0);
    auto const paid = world.one(world.by(world.beta, "staff", {ledger::EscrowAct{contract, "funding", 0, 0}}));
    EXPECT_EQ(paid.code, Code::done) << paid.field;
    EXPECT_EQ(world.balance(world.beta), 900u);
  }
  bool is_open() const {
    auto const record = ledger::load<ledger::ContractRecord>(world.state, ledger::contract_key(contract));
    return record && !record->closed_ms;
  }

  World world;
  Hash contract;
};

}  // namespace

TEST(Block, FactPaysInTheTransactionThatBroughtIt) {
  Funded funded;
  auto& world = funded.world;
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "a")});
  // The money is there before the next operation runs.
  recording.operations.emplace_back(transfer(world.alfa, world.beta, 30));
  auto const receipt = world.one(recording.by(world, {"ALFA.staff"}));
  EXPECT_EQ(receipt.code, Code::done) << receipt.field;
  EXPECT_EQ(receipt.entries_count, 3u);
  EXPECT_EQ(receipt.work, 1u + 1u + 1u + 1u)
      << "signature, event, payment, a contract woken; who opened it paid for what it does then";
  EXPECT_EQ(receipt.log_count, 2u) << "the event and the contract's move";
  EXPECT_EQ(world.balance(world.alfa), 70u);
  EXPECT_EQ(world.balance(world.beta), 930u);
  EXPECT_FALSE(funded.is_open());
  auto const line = world.line(world.alfa, 0);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->entry,
            (ledger::Entry{world.alfa.id, "EUR.BANK", ledger::EntryKind::payout, 100, funded.contract, "ESC-1"}));
}

TEST(Block, FailureAfterAFactUndoesItsPayment) {
  Funded funded;
  auto& world = funded.world;
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "a")});
  recording.operations.emplace_back(transfer(world.alfa, world.beta, 101));
  auto const receipt = world.one(recording.by(world, {"ALFA.staff"}));
  EXPECT_EQ(receipt.code, Code::E_INSUFFICIENT_FUNDS);
  EXPECT_EQ(receipt.field, "operations[1].amount");
  EXPECT_EQ(receipt.entries_count, 0u);
  EXPECT_TRUE(receipt.event_codes.empty());
  EXPECT_EQ(world.balance(world.alfa), 0u);
  EXPECT_TRUE(funded.is_open());
}

TEST(Block, DeadlinesFireBeforeTransactions) {
  Funded funded;
  auto& world = funded.world;
  auto const entered_ms = world.time_ms;
  auto const waiting = world.apply({});
  ASSERT_TRUE(waiting.next_deadline_ms);
  EXPECT_EQ(*waiting.next_deadline_ms, entered_ms + 3 * base::day_ms);

  world.apply({}, *waiting.next_deadline_ms - 1 - world.time_ms);
  EXPECT_TRUE(funded.is_open());
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "a")});
  auto const too_late = recording.by(world, {"ALFA.staff"});
  auto const spends = world.by(world.beta, "staff", {transfer(world.beta, world.alfa, 1000)});
  auto const execution = world.apply({too_late, spends}, 1);
  ASSERT_EQ(execution.receipts.size(), 3u);
  auto const& fired = execution.receipts[0];
  EXPECT_EQ(fired.cause, (decltype(fired.cause)(ledger::DeadlineCause{funded.contract, 0, *waiting.next_deadline_ms})));
  EXPECT_EQ(fired.code, Code::done);
  EXPECT_EQ(fired.entries_count, 1u);
  EXPECT_EQ(fired.log_count, 1u);
  EXPECT_EQ(execution.receipts[1].first_log_index, fired.first_log_index + 1);
  EXPECT_EQ(execution.receipts[1].entries_count, 0u) << "an event at the deadline is late";
  EXPECT_EQ(execution.receipts[2].code, Code::done) << "the refund is there for the first transaction";
  EXPECT_EQ(world.balance(world.alfa), 1000u);
  EXPECT_EQ(execution.next_deadline_ms, std::nullopt);
  auto const kept =
      ledger::load<ledger::ReceiptRecord>(world.state, ledger::deadline_receipt_key(funded.contract, world.height, 0));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->receipt, fired);
}

TEST(Block, WhatAContractDoesIsAFunctionOfTheBlock) {
  Funded funded;
  auto const& world = funded.world;
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "a"), observation(world, "b")});
  auto const transaction = recording.by(world, {"ALFA.staff"});
  auto const one = world.run({transaction});
  auto const two = world.run({transaction});
  EXPECT_EQ(one.state_root, two.state_root);
  EXPECT_EQ(one.event_log_root, two.event_log_root);
  EXPECT_EQ(one.diff, two.diff);
  funded.world.apply({transaction});
  EXPECT_EQ(world.tree.root(), ledger::StateTree::of(world.state).root());
  EXPECT_TRUE(ledger::verify_rows(world.state));
}

}  // namespace contracts::test
