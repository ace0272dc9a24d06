// SPDX-License-Identifier: Apache-2.0
// Contracts inside the machine: real blocks, signatures, money and indexes.
#include "contracts/machine.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/goods/subject.hpp"
#include "contracts/world_test.hpp"
#include "ledger/contract.hpp"
#include "ledger/history.hpp"

namespace contracts::test {

namespace {

using base::Code;
using ledger::ContractRecord;
using ledger::Space;

constexpr char const* thing = "https://example.com/thing/crate";

std::string amount_of(base::Amount amount) { return base::to_decimal(amount); }

/// ALFA buys from BETA; CERT inspects; silence of ten days pays ALFA back.
std::string terms(base::Amount price = 1000,
                  std::string const& step = R"({"pay": {"from": "price", "to": "seller", "all": true}})") {
  return R"({"escrow": 1, "title": "Inspected", "roles": {"buyer": {}, "seller": {}, "inspector": {"attests": true}},
 "assets": {"EUR": "EUR.BANK"}, "subjects": {"goods": ")" +
         std::string(thing) + R"("}, "params": {"price": )" + amount_of(price) +
         R"(}, "pots": {"price": {"asset": "EUR", "cap": )" + amount_of(price) +
         R"(, "residual": "buyer"}}, "start": "funding",
 "states": {
  "funding": {"when": [{"on": {"deposit": {"by": "buyer", "into": "price", "amount": {"param": "price"}}},
    "goto": "transit"}], "until": {"after": "P3D"}, "late": {"goto": "close"}},
  "transit": {"when": [
    {"on": {"milestone": {"subject": "goods", "bizStep": "inspecting", "by": "inspector"}}, "do": [)" +
         step + R"(], "goto": "close"},
    {"on": {"choice": {"by": "seller", "name": "cancel", "bounds": [1, 1]}}, "goto": "close"}],
   "until": {"after": "P10D"}, "late": {"goto": "close"}}}})";
}

ledger::EscrowOpen opening(World const& world, std::string text = terms()) {
  ledger::EscrowOpen out;
  out.terms = std::move(text);
  out.parties = {{"buyer", world.alfa.id}, {"seller", world.beta.id}, {"inspector", world.cert.id}};
  out.label = "TEST-1";
  return out;
}

ledger::EscrowAct take(Hash const& contract, std::string state, std::uint8_t index, std::uint64_t value = 0) {
  return {contract, std::move(state), index, value};
}

/// Opens by ALFA and returns the contract's id.
Hash open(World& world, ledger::EscrowOpen const& operation) {
  auto const transaction = world.by(world.alfa, "staff", {operation});
  auto const receipt = world.one(transaction);
  EXPECT_EQ(receipt.code, Code::done) << base::name(receipt.code) << " " << receipt.field;
  return ledger::contract_id(transaction.body.id(), 0);
}

std::string refusal(World const& world, std::vector<ledger::Operation> operations,
                    std::vector<std::string> const& keys) {
  auto const& actor = world.firm(keys.front().substr(0, keys.front().find('.')));
  auto const receipt = world.run({world.sign(world.body(actor, std::move(operations)), keys)}).receipts.back();
  return receipt.code == Code::done ? "" : std::string(base::name(receipt.code)) + " " + receipt.field;
}

/// CERT inspects the crate.
ledger::Transaction inspection(World const& world) {
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "crate")});
  auto out = recording.by(world, {"ALFA.staff"});
  auto body = world.body(world.cert, out.body.operations);
  auto signed_by_cert = world.sign(body, {"CERT.staff"});
  signed_by_cert.payloads = out.payloads;
  return signed_by_cert;
}

ContractRecord record(World const& world, Hash const& contract) {
  return ledger::load<ContractRecord>(world.state, ledger::contract_key(contract)).value();
}

std::size_t keys_in(World const& world, Space space) {
  std::size_t count = 0;
  world.state.scan(ledger::state_key(space, ledger::BytesView{}), [&](auto, auto) { return ++count > 0; });
  return count;
}

/// Nothing of an ended contract is left in the indexes or among what is watched.
void expect_no_traces(World& world) {
  world.apply({});
  for (auto const space :
       {Space::deadline_index, Space::trigger_index, Space::pending_index, Space::watch, Space::facts}) {
    EXPECT_EQ(keys_in(world, space), 0u) << static_cast<int>(space);
  }
}

}  // namespace

TEST(EscrowMachine, OpeningIsJudged) {
  World world;
  world.fund(5000);
  auto const open_with = [&](ledger::EscrowOpen const& operation,
                             std::vector<std::string> const& keys = {"ALFA.staff"}) {
    return refusal(world, {operation}, keys);
  };
  EXPECT_EQ(open_with(opening(world)), "");
  auto unbound = opening(world);
  unbound.parties.pop_back();
  EXPECT_EQ(open_with(unbound), "E_ROLE_UNBOUND operations[0].parties");
  auto stranger = opening(world);
  stranger.parties[2].role = "surveyor";
  EXPECT_EQ(open_with(stranger), "E_ROLE_UNBOUND operations[0].parties[2].role");
  auto nobody = opening(world);
  nobody.parties[1].party = ledger::party_id("9521099000008");
  EXPECT_EQ(open_with(nobody), "E_MEMBER_UNKNOWN operations[0].parties[1].party");
  auto asset = opening(world);
  asset.terms.replace(asset.terms.find("EUR.BANK"), 8, "CHF.BANK");
  EXPECT_EQ(open_with(asset), "E_ASSET_UNKNOWN operations[0].terms.assets.EUR");
  auto const above = opening(world, terms(1000, R"({"pay": {"from": "price", "to": "seller", "amount": 1001}})"));
  EXPECT_EQ(open_with(above), "E_ANALYSIS operations[0].terms.states.transit.when[0].do[0].pay.amount");
  auto const titled = opening(world, terms(1000, R"({"title": {"of": "goods", "from": "seller", "to": "buyer"}})"));
  EXPECT_EQ(open_with(titled), "E_MISSING_SIGNER operations[0].parties.seller");
  EXPECT_EQ(open_with(titled, {"ALFA.staff", "BETA.staff"}), "");
  auto const stray = opening(world, terms(1000, R"({"count": "turn"})"));
  auto const checked =
      check(world.by(world.alfa, "staff", {stray}), world.chain, world.first.parameters, world.time_ms);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::E_ESCROW_FORM);
  EXPECT_EQ(checked.error().field, "operations[0].terms.states.transit.when[0].do[0].count");
}

TEST(EscrowMachine, FactPaysInItsOwnBlock) {
  World world;
  world.fund(5000);
  auto const contract = open(world, opening(world));
  EXPECT_EQ(ledger::contracts_by_label(world.state, "TEST-1", 9), std::vector{contract});
  EXPECT_EQ(ledger::contracts_by_party(world.state, world.cert.id, std::nullopt, 9), std::vector{contract});
  EXPECT_EQ(record(world, contract).lanes[0].due_ms, world.time_ms + 3 * base::day_ms);

  EXPECT_EQ(refusal(world, {take(contract, "funding", 0)}, {"BETA.staff"}), "E_NOT_PARTY operations[0].case_index");
  auto const paid = world.one(world.by(world.alfa, "staff", {take(contract, "funding", 0)}));
  EXPECT_EQ(paid.code, Code::done);
  EXPECT_EQ(paid.entries_count, 1u);
  EXPECT_EQ(world.balance(world.alfa), 4000u);
  EXPECT_EQ(record(world, contract).pots[0].amount, 1000u);
  EXPECT_EQ(keys_in(world, Space::trigger_index), 1u);
  EXPECT_EQ(keys_in(world, Space::deadline_index), 1u);
  auto const again = refusal(world, {take(contract, "funding", 0)}, {"ALFA.staff"});
  EXPECT_EQ(again, "E_NO_CASE operations[0].state");

  auto const receipt = world.one(inspection(world));
  EXPECT_EQ(receipt.code, Code::done);
  EXPECT_EQ(receipt.entries_count, 1u);
  EXPECT_EQ(receipt.log_count, 2u);  // the event, and the contract's move
  EXPECT_EQ(world.balance(world.beta), 1000u);
  auto const ended = record(world, contract);
  EXPECT_EQ(ended.closed_ms, world.time_ms);
  EXPECT_EQ(ended.pots[0].amount, 0u);
  EXPECT_EQ(ended.history.count, 3u);  // opened, funded, moved by the fact
  auto const leaf = ledger::history_leaf(world.state, ledger::tree_key(ledger::contract_key(contract)), 2);
  ASSERT_TRUE(leaf);
  EXPECT_EQ(leaf->kind, ledger::LeafKind::deadline);
  auto const payload =
      base::decode<ledger::DeadlinePayload>(ledger::stored_event(world.state, leaf->log_index)->payload);
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->from, "transit");
  EXPECT_EQ(payload->to, "close");
  expect_no_traces(world);
  EXPECT_EQ(refusal(world, {take(contract, "transit", 1, 1)}, {"BETA.staff"}),
            "E_CONTRACT_UNKNOWN operations[0].contract");
}

TEST(EscrowMachine, FactsBeforeTheContractNeverCount) {
  World world;
  world.fund(5000);
  EXPECT_EQ(world.one(inspection(world)).code, Code::done);
  auto const contract = open(world, opening(world));
  world.one(world.by(world.alfa, "staff", {take(contract, "funding", 0)}));
  EXPECT_FALSE(record(world, contract).closed_ms);
  // One that comes while the contract waits for its deposit does.
  World early;
  early.fund(5000);
  auto const waiting = open(early, opening(early));
  EXPECT_EQ(early.one(inspection(early)).code, Code::done);
  EXPECT_EQ(early.balance(early.beta), 0u);
  early.one(early.by(early.alfa, "staff", {take(waiting, "funding", 0)}));
  EXPECT_EQ(early.balance(early.beta), 1000u);
  expect_no_traces(early);
}

TEST(EscrowMachine, FactsOfAnOlderContractAreNotTheNewOnes) {
  World world;
  world.fund(5000);
  auto const older = open(world, opening(world));
  EXPECT_EQ(world.one(inspection(world)).code, Code::done);
  auto const newer = open(world, opening(world));
  EXPECT_EQ(keys_in(world, Space::facts), 1u);  // both watch the same
  world.one(world.by(world.alfa, "staff", {take(newer, "funding", 0)}));
  EXPECT_FALSE(record(world, newer).closed_ms);
  world.one(world.by(world.alfa, "staff", {take(older, "funding", 0)}));
  EXPECT_TRUE(record(world, older).closed_ms);
  EXPECT_EQ(keys_in(world, Space::facts), 1u);
  EXPECT_EQ(world.balance(world.beta), 1000u);
  EXPECT_EQ(world.one(inspection(world)).code, Code::done);
  EXPECT_EQ(world.balance(world.beta), 2000u);
  expect_no_traces(world);
}

TEST(EscrowMachine, DeadlineFiresBeforeTransactions) {
  World world;
  world.fund(5000);
  auto const contract = open(world, opening(world));
  world.one(world.by(world.alfa, "staff", {take(contract, "funding", 0)}));
  auto const due_ms = record(world, contract).lanes[0].due_ms;
  EXPECT_EQ(world.run({}).next_deadline_ms, due_ms);
  // The inspection is in the block of the deadline: late.
  auto late = inspection(world);
  auto body = world.body(world.cert, late.body.operations);
  body.valid_from_ms = due_ms - 1;
  body.valid_until_ms = due_ms + 1;
  auto signed_late = world.sign(body, {"CERT.staff"});
  signed_late.payloads = late.payloads;
  auto const execution = world.apply({signed_late}, due_ms - world.time_ms);
  ASSERT_EQ(execution.receipts.size(), 2u);
  auto const* cause = std::get_if<ledger::DeadlineCause>(&execution.receipts[0].cause);
  ASSERT_TRUE(cause);
  EXPECT_EQ(*cause, (ledger::DeadlineCause{contract, 0, due_ms}));
  EXPECT_EQ(execution.receipts[0].entries_count, 1u);
  EXPECT_EQ(world.balance(world.alfa), 5000u);
  EXPECT_EQ(world.balance(world.beta), 0u);
  EXPECT_EQ(execution.next_deadline_ms, std::nullopt);
  expect_no_traces(world);
}

TEST(EscrowMachine, OverdueContractWaitsForItsDeadline) {
  ledger::Parameters parameters;
  parameters.deadlines_a_block_max = 1;
  World world(parameters);
  world.fund(5000);
  std::vector<Hash> contracts{open(world, opening(world))};
  auto second = world.by(world.alfa, "staff", {opening(world)});
  world.apply({second}, 0);  // the same time as the first, so the same deadline
  contracts.push_back(ledger::contract_id(second.body.id(), 0));
  std::sort(contracts.begin(), contracts.end());
  auto const due_ms = record(world, contracts[1]).lanes[0].due_ms;
  ASSERT_EQ(record(world, contracts[0]).lanes[0].due_ms, due_ms);
  auto body = world.body(world.alfa, {take(contracts[1], "funding", 0)});
  body.valid_from_ms = due_ms;
  body.valid_until_ms = due_ms + 1;
  auto const execution = world.apply({world.sign(body, {"ALFA.staff"})}, due_ms - world.time_ms);
  ASSERT_EQ(execution.receipts.size(), 2u);
  EXPECT_EQ(execution.receipts[1].code, Code::E_NO_CASE) << "the deadline comes before";
  EXPECT_TRUE(record(world, contracts[0]).closed_ms);
  EXPECT_FALSE(record(world, contracts[1]).closed_ms);
  EXPECT_EQ(execution.next_deadline_ms, due_ms);
  world.apply({});
  EXPECT_EQ(record(world, contracts[1]).closed_ms, due_ms);
}

TEST(EscrowMachine, DepositNeedsMoney) {
  World world;
  world.fund(999);
  auto const contract = open(world, opening(world));
  EXPECT_EQ(refusal(world, {take(contract, "funding", 0)}, {"ALFA.staff"}).substr(0, 20), "E_INSUFFICIENT_FUNDS");
  EXPECT_EQ(refusal(world, {take(contract, "funding", 0, 5)}, {"ALFA.staff"}), "E_NO_CASE operations[0].value");
  EXPECT_EQ(record(world, contract).pots[0].amount, 0u);
}

namespace {

/// So many funded contracts of 10 that wait for one milestone, in the order of their ids.
std::vector<Hash> wait_together(World& world, std::size_t contracts) {
  std::vector<Hash> ids;
  for (std::size_t made = 0; made < contracts; made += 50) {
    std::vector<ledger::Operation> operations(50, opening(world, terms(10)));
    auto const transaction = world.by(world.alfa, "staff", operations);
    EXPECT_EQ(world.one(transaction).code, Code::done);
    std::vector<ledger::Operation> deposits;
    for (std::uint16_t i = 0; i < 50; ++i) {
      ids.push_back(ledger::contract_id(transaction.body.id(), i));
      deposits.emplace_back(take(ids.back(), "funding", 0));
    }
    EXPECT_EQ(world.one(world.by(world.alfa, "staff", deposits)).code, Code::done);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(world.balance(world.alfa), 0u);
  return ids;
}

/// How many contracts stand in the queue.
std::size_t waiting(World const& world) {
  std::size_t out = 0;
  world.state.scan(ledger::pending_place_key(), [&](ledger::BytesView, ledger::BytesView) { return ++out > 0; });
  return out;
}

/// The milestone, then empty blocks until all are paid: in order, a bounded number a block.
void pay_all(World& world, std::vector<Hash> const& ids, std::size_t a_block) {
  auto const contracts = ids.size();
  auto const first = world.apply({inspection(world)});
  EXPECT_EQ(first.receipts.back().code, Code::done);
  EXPECT_EQ(world.balance(world.beta), 10u * a_block);
  EXPECT_EQ(first.next_deadline_ms, 1u);  // there is work to do at once
  auto const fact_ms = world.time_ms;
  std::size_t paid = a_block;
  for (std::size_t i = 0; i < a_block; ++i) ASSERT_TRUE(record(world, ids[i]).closed_ms) << i;
  while (paid < contracts) {
    auto const execution = world.apply({});
    for (auto const& receipt : execution.receipts) {
      auto const& cause = std::get<ledger::DeadlineCause>(receipt.cause);
      ASSERT_EQ(cause.contract, ids[paid++]);
      ASSERT_EQ(cause.due_ms, fact_ms);
      ASSERT_EQ(receipt.entries_count, 1u);
    }
    ASSERT_LE(execution.receipts.size(), a_block);
    ASSERT_FALSE(execution.receipts.empty());
  }
  EXPECT_EQ(world.balance(world.beta), 10u * contracts);
  EXPECT_EQ(record(world, ids.back()).closed_ms, fact_ms);
  expect_no_traces(world);
}

}  // namespace

TEST(EscrowMachine, ManyContractsOfOneMilestoneAreServedInOrder) {
  ledger::Parameters parameters;
  parameters.transitions_a_block_max = 300;
  World world(parameters);
  world.fund(10 * 1000);
  auto const ids = wait_together(world, 1000);
  pay_all(world, ids, 300);
}

TEST(EscrowMachine, OneMilestonePaysAThousandContractsInItsBlock) {
  World world;
  world.fund(10 * 1000);
  auto const ids = wait_together(world, 1000);
  world.apply({inspection(world)});
  EXPECT_EQ(world.balance(world.beta), 10u * 1000);
  expect_no_traces(world);
}

TEST(EscrowMachine, FiveThousandContractsAreDrainedInOrder) {
  World world;
  world.fund(10 * 5000);
  auto const ids = wait_together(world, 5000);
  pay_all(world, ids, world.first.parameters.transitions_a_block_max);
}

TEST(EscrowMachine, PartyTrafficDelaysNoPayout) {
  ledger::Parameters parameters;
  parameters.transitions_a_block_max = 8;
  World world(parameters);
  world.fund(10 * 52);
  auto const open_two = world.by(world.alfa, "staff", {opening(world, terms(10)), opening(world, terms(10))});
  ASSERT_EQ(world.one(open_two).code, Code::done);
  for (std::uint16_t i = 0; i < 2; ++i) {
    auto const waiting = ledger::contract_id(open_two.body.id(), i);
    ASSERT_EQ(world.one(world.by(world.alfa, "staff", {take(waiting, "funding", 0)})).code, Code::done);
  }
  // As many openings as a block takes of one member and more, and the milestone at its end.
  auto const traffic = [&](std::size_t openings) {
    return world.by(world.alfa, "staff", std::vector<ledger::Operation>(openings, opening(world, terms(10))));
  };
  auto const execution = world.apply({traffic(3), traffic(1), inspection(world)});
  ASSERT_EQ(execution.receipts.size(), 3u);
  EXPECT_EQ(execution.receipts[0].code, Code::done);
  EXPECT_EQ(execution.receipts[1].code, Code::E_BUSY);
  EXPECT_EQ(execution.receipts[2].code, Code::done);
  EXPECT_EQ(world.balance(world.beta), 20u);
}

TEST(EscrowMachine, LooksThatMoveNothingAreBoundedToo) {
  ledger::Parameters parameters;
  parameters.transitions_a_block_max = 4;
  World world(parameters);
  world.fund(100);
  auto strict = opening(world, terms(10));
  std::string const any = R"("bizStep": "inspecting", )";
  strict.terms.insert(strict.terms.find(any) + any.size(), R"("disposition": "conformant", )");
  for (int i = 0; i < 10; ++i) {
    auto const contract = open(world, strict);
    ASSERT_EQ(world.one(world.by(world.alfa, "staff", {take(contract, "funding", 0)})).code, Code::done);
  }
  EXPECT_EQ(keys_in(world, Space::pending_index), 0u);
  world.apply({inspection(world)});
  EXPECT_EQ(waiting(world), 6u);
  EXPECT_TRUE(world.apply({}).receipts.empty());
  EXPECT_EQ(waiting(world), 3u) << "of four turns one is for what the block brings";
  EXPECT_NE(world.apply({}).next_deadline_ms, 1u);
  EXPECT_EQ(waiting(world), 0u);
}

}  // namespace contracts::test
