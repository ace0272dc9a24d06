// SPDX-License-Identifier: Apache-2.0
// What a look at a contract may cost: facts are gone through once, that is paid in turns, and nobody's acts take from
// others what is left of a block.
#include <gtest/gtest.h>

#include <random>

#include "base/time.hpp"
#include "contracts/escrow/escrow.hpp"
#include "contracts/escrow/guard_test.hpp"
#include "contracts/escrow/interpreter.hpp"
#include "contracts/escrow/queue.hpp"
#include "contracts/escrow/sensor.hpp"
#include "contracts/machine.hpp"

namespace contracts::test {

namespace {

using base::Code;
using escrow::FactsOf;

std::string chart(std::string const& states, std::string const& more = "") {
  return R"({"escrow":1,"title":"Work","roles":{"a":{},"i":{}},"assets":{"EUR":"EUR.BANK"},
 "subjects":{"g":"https://example.com/thing/crate"},"params":{},
 "pots":{"p":{"asset":"EUR","cap":1000000,"residual":"a"}},)" +
         more + R"("start":"s","states":{)" + states + "}}";
}

std::string const inspecting = R"({"milestone":{"subject":"g","bizStep":"inspecting","by":"i"}})";

/// Whether one of so many times sixteen things was seen, that never are.
std::string asked(int groups) {
  std::string out;
  for (int group = 0; group < groups; ++group) {
    std::string some;
    for (int i = 0; i < 16; ++i) {
      some += std::string(i == 0 ? "" : ",") +
              R"({"seen":{"milestone":{"subject":"g","bizStep":"inspecting","by":"i","disposition":"damaged"}}})";
    }
    out += std::string(group == 0 ? "" : ",") + R"({"or":[)" + some + "]}";
  }
  return R"({"or":[)" + out + "]}";
}

/// Ends on an inspection, if one of eighty things was seen.
std::string asking_much() {
  return chart(R"("s":{"when":[{"on":)" + inspecting + R"(,"if":)" + asked(5) +
               R"(,"goto":"close"}],"until":{"after":"P300D"},"late":{"goto":"close"}})");
}

constexpr ledger::TimeMs start_ms = 1'780'000'000'000;

ledger::ContractRecord started(escrow::Terms const& terms) {
  return escrow::start(terms, {{"a", ledger::party_id("a")}, {"i", ledger::party_id("i")}}, {start_ms, 0});
}

ledger::FactEntry fact_at(unsigned second, std::optional<unsigned> until_second = std::nullopt) {
  ledger::FactEntry out;
  out.recorded = {start_ms + std::uint64_t{second} * 1000, second};
  out.event_ms = out.recorded.time_ms;
  if (until_second) out.until = ledger::Moment{start_ms + std::uint64_t{*until_second} * 1000, 0};
  return out;
}

std::string paying(int payouts) {
  std::string out;
  for (int i = 0; i < payouts; ++i) {
    out += std::string(i == 0 ? "" : ",") + R"({"pay":{"from":"p","to":"i","upTo":1}})";
  }
  return out;
}

class EscrowWork : public ::testing::Test {
 protected:
  static ledger::Parameters parameters() {
    ledger::Parameters out;
    out.transitions_a_block_max = 100;
    out.deadlines_a_block_max = 1;
    return out;
  }
  void SetUp() override { world.fund(500'000); }

  Hash open(Firm const& firm, std::string const& terms) {
    auto const transaction = world.by(firm, "staff", {opening(terms, {{"a", firm.id}, {"i", world.alfa.id}})});
    EXPECT_EQ(outcome(world.one(transaction)), "done");
    return ledger::contract_id(transaction.body.id(), 0);
  }
  void inspect(int times) {
    Recording recording;
    std::vector<std::string> events;
    auto const now_ms = world.time_ms;
    for (int i = 0; i < times; ++i) {
      events.push_back(observation(world, "crate"));
      world.time_ms -= 1000;
    }
    world.time_ms = now_ms;
    recording.add(ledger::RecordMode::rollback, events);
    ASSERT_EQ(outcome(world.one(recording.by(world, {"ALFA.staff"}))), "done");
  }
  bool queued(Hash const& contract) const { return escrow::is_queued(world.state, contract); }

  World world{parameters()};
};

}  // namespace

TEST(EscrowWorkOfALook, EachFactIsPassedOnceForEachQuestion) {
  auto const terms = escrow::read_terms(asking_much()).value();
  auto contract = started(terms);
  std::vector<ledger::FactEntry> facts;
  for (unsigned i = 1; i <= 1024; ++i) facts.push_back(fact_at(i));
  std::vector<ledger::FactEntry> const none;
  FactsOf const of([&](std::size_t) -> auto const& { return facts; });
  EXPECT_FALSE(escrow::next(terms, contract, of, 0));
  // 1,024 inspections, each asked eighty questions of which each knows its 1,024 facts. What is counted is law.
  EXPECT_EQ(of.work(), 254'033u);
}

/// Ends on an inspection, if it was warm for long.
std::string warm() {
  return chart(R"("s":{"when":[{"on":)" + inspecting +
               R"(,"if":{"seen":{"sensor":{"subject":"g","type":"Temperature","by":"i","aggregate":"minutesAbove",
 "uom":"CEL","scale":0,"threshold":8,"maxGap":"PT1H","greaterThan":100000}}},"goto":"close"}],"until":{"after":"P300D"},
 "late":{"goto":"close"}})");
}

/// One reading, of one of three devices.
ledger::FactEntry reading_at(unsigned recorded_second, unsigned made_second, std::uint8_t device, int celsius,
                             ledger::SensorWatch const& watch) {
  auto out = fact_at(recorded_second);
  Hash name;
  name.bytes[0] = device;
  out.stretch =
      escrow::stretches({{0, start_ms + std::uint64_t{made_second} * 1000, celsius * 1'000'000}}, name, watch, {})
          .front();
  return out;
}

TEST(EscrowWorkOfALook, WhatIsJoinedStepByStepIsWhatIsJoinedAtOnce) {
  auto const terms = escrow::read_terms(warm()).value();
  auto const contract = started(terms);
  auto const& sensor = *terms.states[0].cases[0].end.condition->fact.sensor;
  auto const& watch = *terms.triggers[sensor.triggers[0]].sensor;
  std::mt19937 random(7);
  std::size_t shown = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<ledger::FactEntry> facts;
    for (unsigned i = 0; i < 30; ++i) {
      facts.push_back(reading_at(i * 10, static_cast<unsigned>(random() % 20000),
                                 static_cast<std::uint8_t>(random() % 3), static_cast<int>(random() % 17), watch));
    }
    FactsOf const of([&](std::size_t) -> auto const& { return facts; });
    escrow::Known known;
    for (unsigned i = 0; i < 40; ++i) {
      // Mostly on, sometimes back.
      auto const second = i % 9 == 8 ? 0 : i * 10;
      ledger::Moment const now{start_ms + std::uint64_t{second} * 1000, second};
      // As they stand in time, before they came in this order.
      auto sorted = facts;
      std::erase_if(sorted, [&](auto const& one) { return one.recorded >= now; });
      std::ranges::sort(sorted, {}, [](auto const& one) { return one.stretch->first_ms; });
      for (auto& one : sorted) one.recorded = {start_ms, 0};
      FactsOf const in_order([&](std::size_t) -> auto const& { return sorted; });
      auto const at_once =
          escrow::measure(sensor, {terms, contract, contract.lanes[0], in_order, {now.time_ms + 1, 0}}, false);
      escrow::View view{terms, contract, contract.lanes[0], of, now};
      view.known = &known;
      ASSERT_EQ(escrow::measure(sensor, view, false), at_once) << round << " " << i;
      shown += at_once.value_or(0) > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(shown, 1000u);
}

TEST(EscrowWorkOfALook, ReadingsArePassedOnceForEachQuestion) {
  auto const terms = escrow::read_terms(warm()).value();
  auto contract = started(terms);
  auto const& sensor = *terms.states[0].cases[0].end.condition->fact.sensor;
  std::vector<ledger::FactEntry> inspections;
  std::vector<ledger::FactEntry> readings;
  for (unsigned i = 1; i <= 1024; ++i) inspections.push_back(fact_at(2 * i));
  for (unsigned i = 1; i <= 256; ++i) {
    readings.push_back(reading_at(8 * i + 1, 60 * i, 0, 9, *terms.triggers[sensor.triggers[0]].sensor));
  }
  FactsOf const of([&](std::size_t i) -> auto const& { return i == sensor.triggers[0] ? readings : inspections; });
  EXPECT_FALSE(escrow::next(terms, contract, of, 0));
  EXPECT_EQ(of.work(), 9444u);
}

TEST(EscrowWorkOfALook, WhatTookAnothersPlaceFiresAtItsOwnMoment) {
  auto const certificate = R"({"certificate":{"kind":"GOTS","subject":"g","by":"a"}})";
  auto const terms =
      escrow::read_terms(chart(R"("s":{"when":[{"on":{"all":[)" + inspecting + "," + certificate +
                               R"(]},"if":{"seen":{"milestone":{"subject":"g","bizStep":"arriving","by":"a"}}},
 "goto":"close"}],"until":{"after":"P1D"},"late":{"goto":"close"}})"))
          .value();
  auto contract = started(terms);
  std::vector<std::vector<ledger::FactEntry>> facts(3);
  auto const of_kind = [&](ledger::WatchKind kind, std::string const& word) -> auto& {
    for (std::size_t i = 0; i < terms.triggers.size(); ++i) {
      if (terms.triggers[i].kind == kind && terms.triggers[i].word.ends_with(word)) return facts[i];
    }
    ADD_FAILURE() << word;
    return facts[0];
  };
  of_kind(ledger::WatchKind::certificate, "") = {fact_at(1, 50), fact_at(10, 1000)};
  of_kind(ledger::WatchKind::milestone, "inspecting") = {fact_at(2), fact_at(60)};
  of_kind(ledger::WatchKind::milestone, "arriving") = {fact_at(5)};
  auto const moved = escrow::next(
      terms, contract, [&](std::size_t i) -> auto const& { return facts[i]; }, 0);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->moment.time_ms, start_ms + 60'000);
}

TEST(EscrowWorkOfALook, WhatIsRecordedNextIsNotSeenYet) {
  auto const terms =
      escrow::read_terms(chart(R"("s":{"when":[{"on":)" + inspecting +
                               R"(,"if":{"seen":{"milestone":{"subject":"g","bizStep":"arriving","by":"a"}}},
 "goto":"close"}],"until":{"after":"P1D"},"late":{"goto":"close"}})"))
          .value();
  auto const moves = [&](unsigned arriving_at) {
    auto contract = started(terms);
    std::vector<std::vector<ledger::FactEntry>> facts(2);
    for (std::size_t i = 0; i < 2; ++i) {
      bool const leads = terms.triggers[i].word.ends_with("inspecting");
      facts[i] = {fact_at(7)};
      facts[i][0].recorded.log_index = leads ? 7 : arriving_at;
    }
    return escrow::next(
               terms, contract, [&](std::size_t i) -> auto const& { return facts[i]; }, 0)
        .has_value();
  };
  EXPECT_TRUE(moves(6));
  EXPECT_FALSE(moves(8));
}

TEST(EscrowWorkOfALook, OneMomentIsAskedOnce) {
  std::string const either = R"({"milestone":{"subject":"g","bizStep":"inspecting","by":{"of":["a","i"],"k":1}}})";
  auto const terms = escrow::read_terms(chart(R"("s":{"when":[{"on":)" + either +
                                              R"(,"if":{"lt":[2,1]},"goto":"close"}],"until":{"after":"P1D"},
 "late":{"goto":"close"}})"))
                         .value();
  auto contract = started(terms);
  std::vector<ledger::FactEntry> facts;
  for (unsigned i = 1; i <= 10; ++i) facts.push_back(fact_at(i));
  FactsOf const of([&](std::size_t) -> auto const& { return facts; });
  EXPECT_FALSE(escrow::next(terms, contract, of, 0));
  // Each party's eleven to read, sorting twenty, passing twenty, and ten times three parts of the condition.
  EXPECT_EQ(of.work(), 2 * 11u + 4 * 20u + 20u + 10 * 3u);
}

TEST_F(EscrowWork, FactsGoneThroughAreTurns) {
  std::vector<Hash> all;
  for (int i = 0; i < 20; ++i) all.push_back(open(world.beta, asking_much()));
  inspect(500);
  auto const waiting = std::ranges::count_if(all, [&](Hash const& one) { return queued(one); });
  EXPECT_GE(waiting, 10) << "500 facts by 80 questions take far more than a turn";
  EXPECT_LT(waiting, 20);
}

TEST_F(EscrowWork, ReadingsAreJoinedBeyondABound) {
  open(world.beta, chart(R"("s":{"when":[{"on":{"sensor":{"subject":"g","type":"Temperature","by":"i",
 "aggregate":"minutesAbove","uom":"CEL","scale":0,"threshold":8,"greaterThan":100000}},"goto":"close"}],
 "until":{"after":"P300D"},"late":{"goto":"close"}})"));
  auto const records = [&](ledger::StateView const& state) {
    std::vector<ledger::FactsRecord> out;
    state.scan(ledger::state_key(ledger::Space::facts, std::string_view()), [&](ledger::BytesView, auto value) {
      out.push_back(base::decode<ledger::FactsRecord>(value).value());
      return true;
    });
    return out;
  };
  auto const asked = records(world.state).at(0).watched;
  Act act(world);
  act.context.time_ms = world.time_ms;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Fact fact;
    fact.kind = FactKind::readings;
    fact.subjects = {asked.subject};
    fact.actors = {asked.actor};
    fact.sensor_type = asked.word;
    fact.unit = asked.sensor->unit;
    fact.device = asked.subject;
    fact.readings = {{i, world.time_ms + i * 60'000, 9'000'000}};
    fact.log_index = 1000 + i;
    fact.event_time_ms = act.context.time_ms;
    escrow::observe(act.context, {fact});
  }
  auto const kept = records(act.overlay).at(0).facts;
  std::uint64_t readings = 0;
  for (auto const& one : kept) readings += one.stretch->readings;
  EXPECT_EQ(kept.size(), 256u);
  EXPECT_EQ(readings, 300u);
}

TEST_F(EscrowWork, DearActsLeaveOthersTheirs) {
  auto const choice = [](std::string const& target) {
    return R"({"on":{"choice":{"by":"a","name":"go","bounds":[1,1]}},"goto":")" + target + "\"}";
  };
  auto const state = [](std::string const& name, std::string const& when, std::string const& late) {
    return "\"" + name + R"(":{"when":[)" + when + R"(],"until":{"after":"P1D"},"late":{)" + late +
           R"("goto":"close"}})";
  };
  auto const deposit = R"({"on":{"deposit":{"by":"a","into":"p","amount":1000}},"goto":"t"})";
  // Its silence is over at once, and pays 160 times: 41 turns.
  auto const dear = chart(state("s", deposit, "") + "," + state("t", choice("u"), "") +
                          R"(,"u":{"when":[],"until":{"at":")" + base::to_rfc3339(world.time_ms / 1000 * 1000) +
                          R"("},"late":{"do":[)" + paying(160) + R"(],"goto":"close"}})");
  auto const cheap = chart(state("s", choice("close"), ""));
  auto const his = open(world.alfa, dear);
  ASSERT_EQ(done(world, world.alfa, {ledger::EscrowAct{his, "s", 0, 0}}), "done");
  auto const mine = open(world.cert, cheap);
  auto const one = opening(cheap, {{"a", world.beta.id}, {"i", world.alfa.id}});
  auto const execution = world.apply({world.by(world.alfa, "staff", std::vector<ledger::Operation>(18, one)),
                                      world.by(world.alfa, "staff", std::vector<ledger::Operation>(17, one)),
                                      world.by(world.alfa, "staff", {ledger::EscrowAct{his, "t", 0, 1}}),
                                      world.by(world.cert, "staff", {ledger::EscrowAct{mine, "s", 0, 1}})});
  EXPECT_EQ(execution.receipts.back().code, Code::done);
  EXPECT_TRUE(queued(his));
  // Nor does one act take more than half, when nobody acted before.
  world.apply({});
  EXPECT_TRUE(is_closed(world, his));
  auto const again = open(world.alfa, dear);
  ASSERT_EQ(done(world, world.alfa, {ledger::EscrowAct{again, "s", 0, 0}}), "done");
  auto const halves = world.apply({world.by(world.alfa, "staff", {ledger::EscrowAct{again, "t", 0, 1}}),
                                   world.by(world.alfa, "staff", {ledger::EscrowAct{again, "", 0, 0}})});
  EXPECT_EQ(halves.receipts[halves.receipts.size() - 2].code, Code::done);
  EXPECT_EQ(halves.receipts.back().code, Code::E_BUSY);
  EXPECT_TRUE(queued(again));
}

TEST_F(EscrowWork, APartyNeedNotWaitForItsTurn) {
  auto const due_ms = world.time_ms / 1000 * 1000 + 60'000;
  auto const ending =
      chart(R"("s":{"when":[],"until":{"at":")" + base::to_rfc3339(due_ms) + R"("},"late":{"goto":"close"}})");
  auto const first = open(world.beta, ending);
  auto const second = open(world.beta, ending);
  auto const catch_up = [&](Hash const& one) { return ledger::EscrowAct{one, "", 0, 0}; };
  EXPECT_EQ(done(world, world.alfa, {catch_up(first)}), "E_NO_CASE operations[0].contract");
  // One deadline a block: what is served last is overdue and not in the queue yet.
  world.time_ms = due_ms - 1000;
  auto const last = std::max(first, second);
  auto const execution = world.apply({world.by(world.beta, "staff", {ledger::EscrowAssign{last, "a", world.cert.id}}),
                                      world.by(world.alfa, "staff", {catch_up(last)})});
  EXPECT_EQ(execution.receipts[execution.receipts.size() - 2].code, Code::E_BUSY);
  EXPECT_EQ(outcome(execution.receipts.back()), "done");
  EXPECT_TRUE(is_closed(world, last));
}

/// Counts inspections while none was damaged, which it asks 160 times; its party may end it.
std::string counting() {
  return chart(R"("s":{"when":[{"on":)" + inspecting + R"(,"if":{"and":[{"lt":[{"counter":"c"},50]},{"not":)" +
                   asked(10) +
                   R"(}]},"do":[{"count":"c"}],"goto":"s"},{"on":{"choice":{"by":"a","name":"go","bounds":[1,1]}},
 "goto":"close"}],"until":{"after":"P300D"},"late":{"goto":"close"}})",
               R"("counters":{"c":{"max":50}},)");
}

TEST_F(EscrowWork, FactsOfTheOtherKeepNobodyFromActing) {
  open(world.alfa, asking_much());
  inspect(500);
  auto const contract = open(world.beta, counting());
  Recording recording;
  std::vector<std::string> events;
  for (auto const* name : {"crate", "crate", "crate", "crate"}) {
    events.push_back(observation(world, name));
    world.time_ms += 1000;
  }
  recording.add(ledger::RecordMode::rollback, events);
  auto const execution = world.apply(
      {recording.by(world, {"ALFA.staff"}), world.by(world.beta, "staff", {ledger::EscrowAct{contract, "s", 1, 1}})});
  EXPECT_EQ(outcome(execution.receipts[execution.receipts.size() - 2]), "done");
  EXPECT_EQ(outcome(execution.receipts.back()), "done");
  EXPECT_TRUE(is_closed(world, contract));
}

TEST_F(EscrowWork, CatchingUpKeepsTheContractsPlace) {
  auto const due_ms = world.time_ms / 1000 * 1000 + 60'000;
  auto const looping = chart(R"("s":{"when":[],"until":{"at":")" + base::to_rfc3339(due_ms) +
                                 R"("},"late":[{"if":{"lt":[{"counter":"c"},400]},"do":[{"count":"c"}],"goto":"s"},
 {"goto":"close"}]})",
                             R"("counters":{"c":{"max":400}},)");
  open(world.beta, looping);
  open(world.beta, looping);
  world.apply({}, due_ms - world.time_ms);
  world.apply({});
  auto const first_after = [&](std::vector<ledger::Transaction> const& transactions) {
    auto const execution = world.run(transactions);
    if (!transactions.empty()) {
      EXPECT_EQ(outcome(execution.receipts.back()), "done");
    }
    ledger::LayeredState const state({std::shared_ptr<void>(), &world.state},
                                     {std::shared_ptr<void>(), &execution.diff});
    ledger::Overlay overlay(state);
    ledger::Bytes from;
    return escrow::next_turn(overlay, from).value().contract;
  };
  auto const first = first_after({});
  EXPECT_EQ(first_after({world.by(world.alfa, "staff", {ledger::EscrowAct{first, "", 0, 0}})}), first);
}

}  // namespace contracts::test
