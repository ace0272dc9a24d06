// SPDX-License-Identifier: Apache-2.0
// Whose contracts are looked at when a block cannot look at all: nobody waits for what others opened, however many and
// whatever they do.
#include "contracts/escrow/queue.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/escrow/guard_test.hpp"
#include "contracts/machine.hpp"

namespace contracts::test {

namespace {

using base::Code;

Hash numbered(std::uint8_t number) {
  Hash out;
  out.bytes[0] = number;
  return out;
}

constexpr char const* head = R"({"escrow":1,"title":"Wait","roles":{"a":{},"i":{}},"assets":{"EUR":"EUR.BANK"},
 "subjects":{"g":"https://example.com/thing/THING"},"params":{},"pots":{"p":{"asset":"EUR","cap":10,"residual":"a"}},)";

/// Ends when ALFA inspects the thing.
std::string inspected(std::string const& thing) {
  auto out = std::string(head) +
             R"("start":"s","states":{"s":{"when":[{"on":{"milestone":{"subject":"g","bizStep":"inspecting",
 "by":"i"}},"goto":"close"}],"until":{"after":"P300D"},"late":{"goto":"close"}}}})";
  return out.replace(out.find("THING"), 5, thing);
}

std::string ending(ledger::TimeMs due_ms) {
  return std::string(head) + R"("start":"s","states":{"s":{"when":[],"until":{"at":")" + base::to_rfc3339(due_ms) +
         R"("},"late":{"goto":"close"}}}})";
}

/// From then on moves 400 times without a pause.
std::string loop(ledger::TimeMs due_ms) {
  return R"("s":{"when":[{"on":{"milestone":{"subject":"g","bizStep":"inspecting","by":"i"}},"goto":"close"}],
 "until":{"at":")" +
         base::to_rfc3339(due_ms) +
         R"("},"late":[{"if":{"lt":[{"counter":"c"},400]},"do":[{"count":"c"}],"goto":"s"},{"goto":"close"}]}})";
}
std::string looping(ledger::TimeMs due_ms) {
  return std::string(head) + R"("counters":{"c":{"max":400}},"start":"s","states":{)" + loop(due_ms) + "}";
}

/// The same in one lane, and another that ends later.
std::string looping_beside(ledger::TimeMs due_ms, ledger::TimeMs later_ms) {
  return std::string(head) +
         R"("counters":{"c":{"max":400}},"start":"f","states":{"f":{"when":[{"on":{"choice":{"by":"a","name":"go",
 "bounds":[1,1]}},"goto":["s","t"]}],"until":{"after":"P1D"},"late":{"goto":"close"}},"t":{"when":[],"until":{"at":")" +
         base::to_rfc3339(later_ms) + R"("},"late":{"goto":"close"}},)" + loop(due_ms) + "}";
}

class EscrowQueue : public ::testing::Test {
 protected:
  static ledger::Parameters parameters() {
    ledger::Parameters out;
    out.transitions_a_block_max = 100;
    out.deadlines_a_block_max = 100;
    return out;
  }
  void SetUp() override { world.fund(5000); }

  std::vector<Hash> open(Firm const& firm, std::string const& terms, int count = 1) {
    std::vector<Hash> out;
    auto const one = opening(terms, {{"a", firm.id}, {"i", world.alfa.id}});
    while (count > 0) {
      auto const now = static_cast<std::size_t>(std::min(count, 30));
      auto const transaction = world.by(firm, "staff", std::vector<ledger::Operation>(now, one));
      EXPECT_EQ(outcome(world.one(transaction)), "done");
      for (std::uint16_t i = 0; i < now; ++i) out.push_back(ledger::contract_id(transaction.body.id(), i));
      count -= static_cast<int>(now);
    }
    return out;
  }
  ledger::Transaction inspection(std::string const& thing) {
    Recording recording;
    recording.add(ledger::RecordMode::rollback, {observation(world, thing)});
    return recording.by(world, {"ALFA.staff"});
  }
  bool closed(Hash const& contract) const { return is_closed(world, contract); }
  std::ptrdiff_t open_of(std::vector<Hash> const& contracts) const {
    return std::ranges::count_if(contracts, [&](Hash const& one) { return !closed(one); });
  }

  World world{parameters()};
};

}  // namespace

TEST(EscrowTurns, AreTakenByThoseWhoOpened) {
  ledger::MemoryState const before;
  ledger::Overlay state(before);
  auto const many = PartyId{};
  PartyId one;
  one.bytes[0] = 1;
  ledger::Bytes from;
  auto const next = [&](std::uint32_t turns = 1) -> unsigned {
    auto const turn = escrow::next_turn(state, from);
    if (!turn) return 0;
    escrow::unqueue(state, turn->contract);
    escrow::charge(state, turn->opener, turns);
    return turn->contract.bytes[0];
  };
  for (std::uint8_t i = 14; i > 10; --i) escrow::queue(state, numbered(i), many);
  escrow::queue(state, numbered(14), many);  // stands there already
  EXPECT_EQ(next(), 14u);
  escrow::queue(state, numbered(20), one);
  escrow::queue(state, numbered(21), one);
  escrow::queue(state, numbered(14), many);
  std::vector<unsigned> order;
  while (escrow::has_queued(state)) order.push_back(next());
  EXPECT_EQ(order, (std::vector<unsigned>{13, 20, 12, 21, 11, 14}));
  EXPECT_EQ(next(), 0u);
  // Who took more waits longer.
  from.clear();
  for (std::uint8_t i = 30; i < 33; ++i) escrow::queue(state, numbered(i), many);
  for (std::uint8_t i = 40; i < 46; ++i) escrow::queue(state, numbered(i), one);
  escrow::unqueue(state, numbered(41));
  EXPECT_FALSE(escrow::is_queued(state, numbered(41)));
  order.clear();
  while (escrow::has_queued(state)) {
    auto const turn = escrow::next_turn(state, from);
    order.push_back(next(turn->opener == many ? 3 : 1));
  }
  EXPECT_EQ(order, (std::vector<unsigned>{30, 40, 42, 43, 31, 44, 45, 32}));
  EXPECT_EQ(next(), 0u);
  EXPECT_FALSE(ledger::first_key(state, ledger::state_key(ledger::Space::pending_index, ledger::BytesView{})));
}

TEST_F(EscrowQueue, LoopsKeepNobodyWaiting) {
  auto const due_ms = world.time_ms / 1000 * 1000 + 3'600'000;
  auto const mine = open(world.beta, inspected("crate")).front();
  auto const silent = open(world.beta, ending(due_ms + 9000)).front();
  auto const loops = open(world.cert, looping(due_ms), 8);
  world.apply({}, due_ms - world.time_ms);
  for (int block = 0; block < 5; ++block) world.apply({});
  // All loops stand in the queue now; that a fact wakes them too gives them no further turn.
  world.apply({inspection("THING"), inspection("crate")});
  EXPECT_TRUE(closed(mine)) << "in the block of its fact";
  while (world.time_ms < due_ms + 9000) world.apply({});
  EXPECT_TRUE(closed(silent)) << "in the block of its deadline";
  EXPECT_EQ(open_of(loops), 8);
  int blocks = 0;
  for (; open_of(loops) > 0 && blocks < 60; ++blocks) world.apply({});
  EXPECT_EQ(open_of(loops), 0);
  EXPECT_GE(blocks, 20) << "3,200 moves, some 75 a block";
}

/// Both looks and moves are paid for: many cheap contracts of one opener and few dear ones of another go on alike.
TEST_F(EscrowQueue, DearLooksCountAsSuch) {
  auto const due_ms = world.time_ms / 1000 * 1000 + 3'600'000;
  auto const mine = open(world.beta, inspected("crate"), 300);
  auto const loops = open(world.cert, looping(due_ms), 20);
  world.apply({}, due_ms - world.time_ms);
  world.apply({inspection("crate")});
  int blocks = 0;
  for (; open_of(mine) > 0 && blocks < 60; ++blocks) world.apply({});
  EXPECT_LE(blocks, 9) << "half of 75 a block";
  EXPECT_EQ(open_of(loops), 20);
}

TEST_F(EscrowQueue, SilenceWaitsForNobodysDeadlines) {
  for (auto const& [victim, other] : {std::pair{world.beta, world.cert}, std::pair{world.cert, world.beta}}) {
    auto const due_ms = world.time_ms / 1000 * 1000 + 3'600'000;
    auto const silent = open(victim, ending(due_ms + 1000)).front();
    auto const loops = open(other, looping(due_ms), 60);
    world.apply({}, due_ms - world.time_ms);
    world.apply({});
    EXPECT_TRUE(closed(silent)) << victim.name;
    EXPECT_EQ(open_of(loops), 60);
    while (open_of(loops) > 0) world.apply({});
  }
}

TEST_F(EscrowQueue, WhoFailsPaysAndKeepsNobodyFromActing) {
  auto const terms = head +
                     std::string(R"("counters":{"c":{"max":400}},"start":"f","states":{"f":{"when":[{"on":{"choice":{
 "by":"a","name":"go","bounds":[1,1]}},"goto":"s"}],"until":{"after":"P1D"},"late":{"goto":"close"}},)") +
                     loop(world.time_ms) + "}";
  auto const loops = open(world.cert, terms, 30);
  std::vector<ledger::Operation> acts;
  for (auto const& one : loops) acts.emplace_back(ledger::EscrowAct{one, "f", 0, 1});
  acts.emplace_back(ledger::EscrowAct{loops.front(), "none", 0, 1});
  auto const failing = world.by(world.cert, "staff", acts);
  auto const mine =
      world.by(world.beta, "staff", {opening(inspected("crate"), {{"a", world.beta.id}, {"i", world.alfa.id}})});
  auto const execution = world.apply({failing, mine});
  auto const& failed = execution.receipts.at(execution.receipts.size() - 2);
  EXPECT_EQ(failed.code, Code::E_BUSY);
  EXPECT_GE(failed.work, 38u) << "half of the turns for acts";
  EXPECT_EQ(execution.receipts.back().code, Code::done);
  // The same of facts: what its body woke for nothing its actor pays.
  auto const woken = open(world.cert, inspected("box"), 90);
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "box")});
  recording.operations.emplace_back(ledger::EscrowAct{loops.front(), "none", 0, 1});
  EXPECT_GE(world.one(recording.by(world, {"ALFA.staff"})).work, 90u);
  EXPECT_EQ(open_of(woken), 90);
}

TEST_F(EscrowQueue, AnotherLanesDeadlineIsNotForgotten) {
  auto const due_ms = world.time_ms / 1000 * 1000 + 60'000;
  auto const contract = open(world.cert, looping_beside(due_ms, due_ms + 120'000)).front();
  ASSERT_EQ(done(world, world.cert, {ledger::EscrowAct{contract, "f", 0, 1}}), "done");
  world.apply({}, due_ms - world.time_ms);
  for (int block = 0; block < 10; ++block) world.apply({});
  EXPECT_FALSE(closed(contract));
  EXPECT_EQ(world.run({}).next_deadline_ms, due_ms + 120'000);
  world.apply({}, due_ms + 120'000 - world.time_ms);
  EXPECT_TRUE(closed(contract));
}

TEST_F(EscrowQueue, ManyOfOneOpenerKeepNobodyWaiting) {
  auto const mine = open(world.beta, inspected("crate")).front();
  auto const many = open(world.cert, inspected("box"), 600);
  auto const two = open(world.cert, inspected("tin"), 2);
  open(world.cert, inspected("can"), 60);
  world.apply({inspection("box")});
  EXPECT_EQ(open_of(many), 500);
  // What stood in the queue before leaves a quarter of a block to what that brings itself.
  world.apply({inspection("tin")});
  EXPECT_EQ(open_of(two), 0);
  EXPECT_EQ(open_of(many), 425);
  // Others' facts of the same block may take that too; then it is the next one, though hundreds were there before.
  world.apply({inspection("can"), inspection("crate")});
  EXPECT_FALSE(closed(mine));
  world.apply({});
  EXPECT_TRUE(closed(mine));
  EXPECT_GE(open_of(many), 275);
  // Who is paid stays as it was until what was recorded before has been looked at.
  auto const last = std::ranges::max(many);
  ASSERT_FALSE(closed(last));
  ledger::EscrowAssign const assign{last, "a", world.beta.id};
  EXPECT_EQ(done(world, world.cert, {assign}), "E_BUSY operations[0].contract");
}

}  // namespace contracts::test
