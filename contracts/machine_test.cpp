// SPDX-License-Identifier: Apache-2.0
#include "contracts/machine.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/time.hpp"
#include "contracts/world_test.hpp"
#include "ledger/history.hpp"

namespace contracts::test {

namespace {

using base::Code;
using ledger::Space;

ledger::IdempotencyKey key_number(std::uint8_t number) {
  ledger::IdempotencyKey key;
  key.bytes[0] = number;
  return key;
}

std::vector<Code> codes_of(Execution const& execution) {
  std::vector<Code> out;
  for (auto const& receipt : execution.receipts) out.push_back(receipt.code);
  return out;
}

std::size_t keys_in(ledger::StateView const& state, Space space) {
  std::size_t count = 0;
  state.scan(ledger::state_key(space, ledger::BytesView{}), [&](auto, auto) { return ++count > 0; });
  return count;
}

std::string payment(World const& world, base::Amount amount, std::string const& key) {
  auto const transaction = world.sign(world.body(world.alfa, {transfer(world.alfa, world.beta, amount)}), {key});
  auto const receipt = world.run({transaction}).receipts.back();
  return std::string(base::name(receipt.code)) + " " + receipt.field;
}

}  // namespace

TEST(Machine, TransferMovesMoneyAndTellsBothAccounts) {
  World world;
  world.fund(1000);
  auto const execution = world.apply({world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 300)})});
  EXPECT_EQ(world.balance(world.alfa), 700u);
  EXPECT_EQ(world.balance(world.beta), 300u);

  auto const& receipt = execution.receipts.at(0);
  EXPECT_EQ(receipt.code, Code::done);
  EXPECT_EQ(receipt.work, 1u);
  EXPECT_EQ(receipt.entries_count, 2u);
  ledger::Entry out{world.alfa.id, "EUR.BANK", ledger::EntryKind::transfer_out, 300, {world.beta.id.bytes}, ""};
  ledger::Entry in{world.beta.id, "EUR.BANK", ledger::EntryKind::transfer_in, 300, {world.alfa.id.bytes}, ""};
  EXPECT_EQ(receipt.entries_root,
            crypto::log_node_hash(crypto::log_leaf_hash(base::encode(out)), crypto::log_leaf_hash(base::encode(in))));

  auto const line = world.line(world.alfa, 1);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->entry, out);
  EXPECT_EQ(line->height, 3u);
  auto const count = world.state.get(ledger::statement_key(world.alfa.id, "EUR.BANK"));
  EXPECT_EQ(ledger::from_big_endian(count.value()), 2u);
}

TEST(Machine, ReceiptsAreKeptAndRooted) {
  World world;
  world.fund(1000);
  auto const good = world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 1)});
  auto const bad = world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 2000)});
  auto const execution = world.apply({good, bad});
  ASSERT_EQ(codes_of(execution), (std::vector{Code::done, Code::E_INSUFFICIENT_FUNDS}));
  EXPECT_EQ(execution.receipts[1].field, "operations[0].amount");
  EXPECT_EQ(execution.receipts_root, crypto::log_node_hash(crypto::log_leaf_hash(base::encode(execution.receipts[0])),
                                                           crypto::log_leaf_hash(base::encode(execution.receipts[1]))));
  auto const kept =
      ledger::load<ledger::ReceiptRecord>(world.state, ledger::state_key(Space::receipt, bad.body.id().view()));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->height, 3u);
  EXPECT_EQ(kept->index, 1u);
  EXPECT_EQ(kept->receipt, execution.receipts[1]);
}

TEST(Machine, OneFailedOperationUndoesTheOthers) {
  World world;
  world.fund(1000);
  auto const receipt = world.one(
      world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 600), transfer(world.alfa, world.beta, 600)}));
  EXPECT_EQ(receipt.code, Code::E_INSUFFICIENT_FUNDS);
  EXPECT_EQ(receipt.field, "operations[1].amount");
  EXPECT_EQ(receipt.entries_count, 0u);
  EXPECT_EQ(world.balance(world.alfa), 1000u);
  EXPECT_EQ(world.balance(world.beta), 0u);
}

TEST(Machine, FailedTransactionChangesOnlyItsBooks) {
  World world;
  world.fund(1000);
  auto body = world.body(world.alfa, {transfer(world.alfa, world.beta, 1), transfer(world.alfa, world.beta, 2000)});
  body.idempotency_key = key_number(1);
  auto const failed = world.run({world.sign(body, {"ALFA.staff"})});
  auto const empty = world.run({});
  std::set<Space> spaces;
  for (auto const& [key, value] : failed.diff) {
    auto const* const same = empty.diff.find(key);
    if (same == nullptr || !same->record() || !base::equal(*same->record(), *value)) {
      spaces.insert(static_cast<Space>(key[0]));
    }
  }
  EXPECT_EQ(spaces, (std::set{Space::transfer, Space::meter, Space::replay_minute, Space::replay_id, Space::log_peaks,
                              Space::receipt, Space::tree_leaf}));
  EXPECT_EQ(failed.event_log_root, empty.event_log_root);
}

TEST(Machine, ReplayInTheSameBlockAndLaterChangesNothing) {
  World world;
  world.fund(1000);
  auto const paid = world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 300)});
  auto const once = world.run({paid});
  auto const twice = world.run({paid, paid});
  EXPECT_EQ(codes_of(twice), (std::vector{Code::done, Code::exists}));
  EXPECT_EQ(once.diff, twice.diff);
  EXPECT_EQ(once.state_root, twice.state_root);
  EXPECT_NE(once.receipts_root, twice.receipts_root);

  world.apply({paid});
  auto const later = world.run({paid});
  EXPECT_EQ(codes_of(later), (std::vector{Code::exists}));
  EXPECT_EQ(later.diff, world.run({}).diff);
}

TEST(Machine, ReplayMinuteIsRootedAndForgottenAfterTheWindow) {
  World world;
  auto const a = world.by(world.bank, "staff", {ledger::CreateAsset{"EUR", 2, 1000}});
  auto const b = world.by(world.bank, "staff", {ledger::CreateAsset{"USD", 2, 1000}});
  world.apply({a, b});
  auto const minute = ledger::big_endian(a.body.valid_until_ms / base::minute_ms);
  auto const record =
      ledger::load<ledger::ReplayMinuteRecord>(world.state, ledger::state_key(Space::replay_minute, minute));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->count, 2u);
  EXPECT_EQ(record->root, crypto::log_node_hash(crypto::log_leaf_hash(a.body.id().view()),
                                                crypto::log_leaf_hash(b.body.id().view())));
  EXPECT_EQ(keys_in(world.state, Space::replay_id), 1u);
  // Within the last minute the ids are still there, after it none is left.
  auto const end = (a.body.valid_until_ms / base::minute_ms + 1) * base::minute_ms;
  world.apply({}, end - 1 - world.time_ms);
  EXPECT_EQ(keys_in(world.state, Space::replay_id), 1u);
  world.apply({}, 1);
  EXPECT_EQ(keys_in(world.state, Space::replay_id), 0u);
  EXPECT_EQ(keys_in(world.state, Space::replay_minute), 0u);
  EXPECT_EQ(keys_in(world.state, Space::log_peaks), 1u) << "the event log's own remain";
}

TEST(Machine, IdempotencyKeyGivesTheEarlierResult) {
  World world;
  world.fund(1000);
  auto pay = [&](base::Amount amount, std::uint8_t number) {
    auto body = world.body(world.alfa, {transfer(world.alfa, world.beta, amount)});
    body.idempotency_key = key_number(number);
    return world.one(world.sign(body, {"ALFA.staff"}));
  };
  EXPECT_EQ(pay(300, 1).code, Code::done);
  EXPECT_EQ(pay(300, 1).code, Code::exists) << "same fields, another window";
  auto const other = pay(301, 1);
  EXPECT_EQ(other.code, Code::exists_with_different_amount);
  EXPECT_EQ(other.field, "operations[0].amount");
  EXPECT_EQ(pay(300, 2).code, Code::done) << "a key of its own";
  EXPECT_EQ(world.balance(world.beta), 600u);

  EXPECT_EQ(pay(5000, 3).code, Code::E_INSUFFICIENT_FUNDS);
  world.one(world.by(world.bank, "staff", {mint(world.alfa, 9000)}));
  auto const retried = pay(5000, 3);
  EXPECT_EQ(retried.code, Code::id_already_failed) << "a retry cannot turn out differently";
  EXPECT_EQ(retried.field, "idempotency_key");
  EXPECT_EQ(pay(4000, 3).code, Code::id_already_failed) << "whatever is asked now";
  EXPECT_EQ(world.balance(world.beta), 600u);
  EXPECT_EQ(pay(0, 4).code, Code::E_AMOUNT);
  EXPECT_EQ(pay(200, 4).code, Code::done) << "what can never be does not burn a key";
}

TEST(Machine, IdempotencyKeyBelongsToItsActor) {
  World world;
  world.fund(1000);
  auto first = world.body(world.alfa, {transfer(world.alfa, world.beta, 300)});
  auto second = world.body(world.beta, {transfer(world.beta, world.alfa, 100)});
  first.idempotency_key = second.idempotency_key = key_number(1);
  auto const execution = world.apply({world.sign(first, {"ALFA.staff"}), world.sign(second, {"BETA.staff"})});
  EXPECT_EQ(codes_of(execution), (std::vector{Code::done, Code::done}));

  // A stranger cannot burn a key: the actor did not sign.
  auto forged = world.body(world.alfa, {transfer(world.alfa, world.beta, 1)});
  forged.idempotency_key = key_number(9);
  EXPECT_EQ(world.one(world.sign(forged, {"BETA.staff"})).code, Code::E_MISSING_SIGNER);
  auto own = world.body(world.alfa, {transfer(world.alfa, world.beta, 2)});
  own.idempotency_key = key_number(9);
  EXPECT_EQ(world.one(world.sign(own, {"ALFA.staff"})).code, Code::done);
}

TEST(Machine, AfterWaitsForARecordedTransaction) {
  World world;
  world.fund(1000);
  auto const first = world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 10)});
  auto body = world.body(world.alfa, {transfer(world.alfa, world.beta, 20)});
  body.after = first.body.id();
  auto const second = world.sign(body, {"ALFA.staff"});
  EXPECT_EQ(codes_of(world.run({second, first})), (std::vector{Code::E_AFTER, Code::done}));
  EXPECT_EQ(codes_of(world.run({first, second})), (std::vector{Code::done, Code::done}));
  world.apply({first});
  EXPECT_EQ(codes_of(world.run({second})), (std::vector{Code::done}));
}

TEST(Machine, MeterRunsDryAndRefillsWithTime) {
  ledger::Parameters parameters;
  parameters.meter_bucket = 3;
  parameters.meter_refill_per_s = 1;
  World world(parameters);
  world.fund(1000);
  std::vector<ledger::Transaction> four;
  for (base::Amount amount = 1; amount <= 4; ++amount) {
    four.push_back(world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, amount)}));
  }
  auto const execution = world.apply(four);
  EXPECT_EQ(codes_of(execution), (std::vector{Code::done, Code::done, Code::done, Code::E_METER}));
  EXPECT_EQ(world.balance(world.beta), 6u);

  // A refill of a tenth each block adds up to one unit after ten of them.
  auto pay = [&] { return world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 7)}); };
  for (int block = 0; block < 9; ++block) world.apply({}, 100);
  EXPECT_EQ(codes_of(world.run({pay()}, 99)), (std::vector{Code::E_METER}));
  EXPECT_EQ(codes_of(world.run({pay(), pay()}, 100)), (std::vector{Code::done, Code::exists}));
  // What is left after a payment is not lost either: 1.5, 0.5, then 1.
  auto split = world;
  EXPECT_EQ(codes_of(split.apply({pay()}, 600)), (std::vector{Code::done}));
  auto const next = split.by(split.alfa, "staff", {transfer(split.alfa, split.beta, 9)});
  EXPECT_EQ(codes_of(split.run({next}, 500)), (std::vector{Code::done}));
  EXPECT_EQ(codes_of(split.run({next}, 499)), (std::vector{Code::E_METER}));
  // Two signatures are two units.
  auto const two =
      world.sign(world.body(world.alfa, {transfer(world.alfa, world.beta, 8)}), {"ALFA.staff", "ALFA.admin"});
  EXPECT_EQ(codes_of(world.run({two}, 1999)), (std::vector{Code::done}));
  EXPECT_EQ(codes_of(world.run({two}, 1000)), (std::vector{Code::E_METER}));
}

TEST(Machine, StrangerCannotSpendAMembersMeter) {
  World world;
  world.fund(1000);
  auto const meter = ledger::state_key(Space::meter, world.alfa.id.view());
  auto const forged = world.sign(world.body(world.alfa, {transfer(world.beta, world.alfa, 1)}), {"BETA.staff"});
  auto const execution = world.run({forged});
  EXPECT_EQ(execution.receipts[0].code, Code::E_MISSING_SIGNER);
  EXPECT_EQ(execution.receipts[0].field, "actor");
  EXPECT_EQ(execution.diff.contains(meter), 0u);
  auto body = world.body(world.alfa, {transfer(world.alfa, world.beta, 1)});
  body.actor = {};
  EXPECT_EQ(world.run({world.sign(body, {"ALFA.staff"})}).receipts[0].code, Code::E_MISSING_SIGNER);
  body.actor = ledger::party_id("0000000000000");
  EXPECT_EQ(world.run({world.sign(body, {"ALFA.staff"})}).receipts[0].code, Code::E_MEMBER_UNKNOWN);
}

TEST(Machine, KeysAreJudgedWhenTheTransactionRuns) {
  World world;
  world.fund(1000);
  EXPECT_EQ(payment(world, 1, "ALFA.staff"), "done ");
  EXPECT_EQ(payment(world, 1, "ALFA.admin"), "done ");
  EXPECT_EQ(payment(world, 1, "ALFA.root"), "E_SCOPE operations[0].from");
  EXPECT_EQ(payment(world, 1, "ALFA.nobody"), "E_KEY_UNKNOWN actor");
  EXPECT_EQ(payment(world, 1, "BETA.staff"), "E_MISSING_SIGNER actor");

  // A registered key speaks for its own party only.
  auto borrowed = world.body(world.alfa, {transfer(world.alfa, world.beta, 1)});
  borrowed.signers = {{world.alfa.id, key_of("BETA.staff")}};
  ledger::Transaction forged{borrowed, {}, {}};
  forged.signatures.push_back(crypto::party_sign(secret_of("BETA.staff"), borrowed.id(), {}));
  EXPECT_EQ(world.run({forged}).receipts[0].code, Code::E_KEY_UNKNOWN);

  auto body = world.body(world.alfa, {transfer(world.beta, world.alfa, 1)});
  auto const receipt = world.run({world.sign(body, {"ALFA.staff"})}).receipts[0];
  EXPECT_EQ(receipt.code, Code::E_MISSING_SIGNER);
  EXPECT_EQ(receipt.field, "operations[0].from");

  ledger::KeyAdd clerk{world.alfa.id, key_of("ALFA.clerk"), ledger::KeyKind::staff, {}, 0};
  clerk.scope.acts = static_cast<std::uint32_t>(ledger::Act::record);
  ledger::KeyAdd guest{world.alfa.id, key_of("ALFA.guest"), ledger::KeyKind::staff, {}, world.time_ms + 5000};
  guest.scope.acts = static_cast<std::uint32_t>(ledger::Act::money);
  ASSERT_EQ(world.one(world.by(world.alfa, "admin", {clerk, guest})).code, Code::done);
  EXPECT_EQ(payment(world, 1, "ALFA.clerk"), "E_SCOPE operations[0].from");
  EXPECT_EQ(payment(world, 1, "ALFA.guest"), "done ");
  world.apply({}, 3000);
  EXPECT_EQ(payment(world, 1, "ALFA.guest"), "E_KEY_REVOKED actor") << "its time is over";
}

TEST(Machine, RevocationHoldsForTheNextTransactionOfTheBlock) {
  World world;
  world.fund(1000);
  auto const before = world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 1)});
  auto const revoke = world.by(world.alfa, "admin", {ledger::KeyRevoke{key_of("ALFA.staff")}});
  auto const after = world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 2)});
  auto const execution = world.apply({before, revoke, after});
  EXPECT_EQ(codes_of(execution), (std::vector{Code::done, Code::done, Code::E_KEY_REVOKED}));
  EXPECT_EQ(world.balance(world.beta), 1u) << "what was signed before stays";
}

TEST(Machine, SameBlockSameResult) {
  World world;
  world.fund(1000);
  std::vector<ledger::Transaction> transactions;
  for (base::Amount amount = 1; amount < 20; ++amount) {
    transactions.push_back(world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, amount * 7)}));
    transactions.push_back(world.by(world.beta, "staff", {transfer(world.beta, world.alfa, amount)}));
  }
  auto const one = world.run(transactions);
  auto const two = world.run(transactions);
  EXPECT_EQ(one.state_root, two.state_root);
  EXPECT_EQ(one.receipts_root, two.receipts_root);
  EXPECT_EQ(one.diff, two.diff);
  // The tree that grew block by block is the tree of the whole state.
  world.apply(transactions);
  EXPECT_EQ(world.tree.root(), ledger::StateTree::of(world.state).root());
  EXPECT_TRUE(ledger::verify_rows(world.state));
}

TEST(Machine, OperationsOfMembersStandInTheirHistory) {
  World world;
  auto const subject = ledger::state_key(Space::member, std::string_view(world.alfa.gln));
  auto const before = ledger::load<ledger::MemberRecord>(world.state, subject)->history;
  EXPECT_EQ(before.count, 4u) << "itself and three keys";
  ledger::KeyAdd const clerk{world.alfa.id, key_of("ALFA.clerk"), ledger::KeyKind::staff, {}, 0};
  auto const transaction = world.by(world.alfa, "admin", {clerk});
  auto const log_size = ledger::log_size(world.state);
  auto const receipt = world.one(transaction);
  EXPECT_EQ(receipt.first_log_index, log_size);
  EXPECT_EQ(receipt.log_count, 1u);

  auto const after = ledger::load<ledger::MemberRecord>(world.state, subject)->history;
  EXPECT_EQ(after.count, 5u);
  EXPECT_NE(after.root, before.root);
  auto const leaf = ledger::history_leaf(world.state, ledger::tree_key(subject), 4);
  ASSERT_TRUE(leaf);
  EXPECT_EQ(leaf->kind, ledger::LeafKind::operation);
  EXPECT_EQ(leaf->log_index, log_size);
  EXPECT_EQ(leaf->actor, world.alfa.id);
  auto const bytes = base::encode(ledger::Operation(clerk));
  EXPECT_EQ(leaf->payload_hash, crypto::sha256(bytes));
  auto const stored = ledger::stored_event(world.state, log_size);
  ASSERT_TRUE(stored);
  EXPECT_EQ(static_cast<ledger::Bytes const&>(stored->payload), bytes);
  EXPECT_EQ(stored->transaction, transaction.body.id());
}

TEST(Machine, TestClockMovesForwardByItsKey) {
  World world;
  auto advance = [&](ledger::TimeMs to_ms, std::string const& key) {
    auto body = world.body(world.bank, {ledger::AdvanceTime{to_ms}});
    body.actor = {};
    return world.sign(body, {key});
  };
  auto const start = world.time_ms + 1000;
  auto const execution = world.apply({advance(start + 5000, "clock"), advance(start + 7000, "clock"),
                                      advance(start + 6000, "clock"), advance(start + 9000, "ALFA.admin")});
  EXPECT_EQ(codes_of(execution), (std::vector{Code::done, Code::done, Code::E_TIME_WINDOW, Code::E_MISSING_SIGNER}));
  EXPECT_EQ(execution.clock_offset_ms, 7000u) << "the second advance starts where the first ended";
  auto const record = ledger::load<ledger::ParametersRecord>(world.state, Space::parameters, "");
  EXPECT_EQ(record->time_ms, start);
  EXPECT_EQ(record->clock_offset_ms, 7000u);
  auto const later = world.apply({advance(world.time_ms + 8000, "clock")}, 3000);
  EXPECT_EQ(later.clock_offset_ms, 7000u + 5000u);
}

TEST(Machine, WallClockMovesByItself) {
  World world;
  world.first.clock = ledger::WallClock{};
  auto const execution = execute_genesis(world.first);
  ASSERT_TRUE(execution);
  ledger::MemoryState state;
  state.apply(execution->diff);
  auto body = world.body(world.bank, {ledger::AdvanceTime{world.time_ms + 60'000}});
  body.actor = {};
  auto const transaction = world.sign(body, {"clock"});
  auto const result = execute(state, execution->tree, {1, world.time_ms + 1000, {}, {transaction}});
  EXPECT_EQ(result.receipts[0].code, Code::E_NOT_ALLOWED_HERE);
}

TEST(Machine, MembersEnterByGenesisOnly) {
  World world;
  ledger::AddMember member;
  member.gln = "9521003000008";
  member.short_name = "GAMMA";
  member.country = "NL";
  auto const receipt = world.one(world.by(world.alfa, "root", {member}));
  EXPECT_EQ(receipt.code, Code::E_NOT_ALLOWED_HERE);
  EXPECT_EQ(receipt.field, "operations[0]");
}

TEST(Genesis, IsAFunctionOfItsBytes) {
  auto const genesis = World::genesis({});
  auto const one = execute_genesis(genesis);
  auto const two = execute_genesis(base::decode<ledger::Genesis>(base::encode(genesis)).value());
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->state_root, two->state_root);
  EXPECT_EQ(one->diff, two->diff);
  EXPECT_EQ(one->event_log_size, 16u) << "four members and their keys";
  auto other = genesis;
  other.parameters.meter_bucket += 1;
  EXPECT_NE(execute_genesis(other)->state_root, one->state_root);
}

TEST(Genesis, NamesTheOperationThatCannotBe) {
  struct Case {
    std::string name;
    void (*change)(ledger::Genesis&);
    Code code;
    std::string field;
  };
  std::vector<Case> const cases{
      {"twice", [](auto& g) { g.operations.push_back(g.operations[0]); }, Code::E_ALREADY_REGISTERED,
       "operations[20].gln"},
      {"check digit", [](auto& g) { std::get<ledger::AddMember>(g.operations[0]).gln = "9521020000006"; },
       Code::E_CHECK_DIGIT, "operations[0].gln"},
      {"money",
       [](auto& g) {
         g.operations.emplace_back(ledger::CreateAsset{"EUR", 2, 5});
       },
       Code::E_NOT_ALLOWED_HERE, "operations[20]"},
      {"prefix before member", [](auto& g) { std::swap(g.operations[0], g.operations[1]); }, Code::E_MEMBER_UNKNOWN,
       "operations[0].party"},
      {"format", [](auto& g) { g.format = 2; }, Code::E_FORM, "format"},
      {"no validators", [](auto& g) { g.validators = {}; }, Code::E_FORM, "validators"},
      {"validator's party", [](auto& g) { g.validators.validators[0].party = {}; }, Code::E_MEMBER_UNKNOWN,
       "validators.validators[0].party"},
      {"validator's key", [](auto& g) { g.validators.validators[0].key = {}; }, Code::E_FORM,
       "validators.validators[0].key"},
      {"validator twice", [](auto& g) { g.validators.validators.push_back(g.validators.validators[0]); }, Code::E_FORM,
       "validators.validators[1].key"},
      {"name", [](auto& g) { g.chain_name = "a b"; }, Code::E_FORM, "chain_name"},
  };
  for (auto const& [name, change, code, field] : cases) {
    auto genesis = World::genesis({});
    change(genesis);
    auto const result = execute_genesis(genesis);
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(base::name(result.error().code), base::name(code)) << name;
    EXPECT_EQ(result.error().field, field) << name;
  }
}

}  // namespace contracts::test
