// SPDX-License-Identifier: Apache-2.0
// What somebody might try with contracts: against the chain, an asset's rules, the travel rule, a key's limits.
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/escrow/guard_test.hpp"
#include "contracts/machine.hpp"

namespace contracts::test {

namespace {

using base::Code;
using ledger::AssetFlag;

/// ALFA pays 1,000 to b, then 1,000 to c, by deposits that end their states.
std::string two_payments(std::string const& asset) {
  return R"({"escrow":1,"title":"Pay","roles":{"a":{},"b":{"assignable":true},"c":{"assignable":true}},
 "assets":{"X":")" +
         asset + R"("},"subjects":{},"params":{},"pots":{"p":{"asset":"X","cap":1000,"residual":"b"},
 "q":{"asset":"X","cap":1000,"residual":"c"}},"start":"s","states":{
 "s":{"when":[{"on":{"deposit":{"by":"a","into":"p","amount":1000}},"goto":"t"}],"until":{"after":"P1D"},
  "late":{"goto":"close"}},
 "t":{"when":[{"on":{"deposit":{"by":"a","into":"q","amount":1000}},"goto":"close"}],"until":{"after":"P1D"},
  "late":{"goto":"close"}}}})";
}

/// An asset of BANK's with these flags, 100,000 of which ALFA has.
std::string issue(World& world, std::uint32_t flags, std::optional<base::Amount> travel_above = std::nullopt) {
  ledger::CreateAsset asset{"TOK", 2, 1'000'000};
  asset.flags = flags;
  asset.travel_above = travel_above;
  auto minted = mint(world.alfa, 100'000);
  minted.asset = "TOK.BANK";
  ledger::Authorise allowed;
  allowed.asset = "TOK.BANK";
  allowed.party = world.alfa.id;
  allowed.authorised = true;
  EXPECT_EQ(done(world, world.bank, {asset, allowed, minted}), "done");
  return "TOK.BANK";
}

constexpr std::uint32_t bits(std::initializer_list<AssetFlag> flags) {
  std::uint32_t out = 0;
  for (auto const flag : flags) out |= static_cast<std::uint32_t>(flag);
  return out;
}

}  // namespace

TEST(EscrowGuard, ALaneMayBeDueAgainAtTheSameTime) {
  World world;
  world.fund(5000);
  auto const due_ms = world.time_ms + 60'000;
  auto const terms =
      R"({"escrow":1,"title":"Loop","roles":{"a":{}},"assets":{"EUR":"EUR.BANK"},"subjects":{},
 "params":{},
 "pots":{"p":{"asset":"EUR","cap":10,"residual":"a"}},"counters":{"c":{"max":2500}},"start":"s",
 "states":{"s":{"when":[],
 "until":{"at":")" +
      base::to_rfc3339(due_ms) +
      R"("},"late":[{"if":{"lt":[{"counter":"c"},2500]},"do":[{"count":"c"}],"goto":"s"},
 {"goto":"close"}]}}})";
  auto const opened = world.by(world.alfa, "staff", {opening(terms, {{"a", world.alfa.id}})});
  ASSERT_EQ(outcome(world.one(opened)), "done");
  world.apply({}, due_ms - world.time_ms);
  for (int block = 0; block < 5; ++block) world.apply({});
  EXPECT_TRUE(is_closed(world, ledger::contract_id(opened.body.id(), 0)));
}

TEST(EscrowGuard, QueuedFactsAndTwoLanesOfOneDeadline) {
  ledger::Parameters parameters;
  parameters.transitions_a_block_max = 1;
  World world(parameters);
  world.fund(5000);
  auto const due_ms = world.time_ms / 1000 * 1000 + 60'000;
  std::string terms = R"({"escrow":1,"title":"Two","roles":{"a":{}},"assets":{"EUR":"EUR.BANK"},
 "subjects":{"g":"https://example.com/thing/crate"},"params":{},"pots":{"p":{"asset":"EUR","cap":10,"residual":"a"}},
 "start":"f","states":{
 "f":{"when":[{"on":{"choice":{"by":"a","name":"go","bounds":[1,1]}},"goto":["x","y"]}],"until":{"at":"D"},
  "late":{"goto":"close"}},
 "x":{"when":[{"on":{"milestone":{"subject":"g","bizStep":"inspecting","by":"a"}},"goto":"x2"}],
  "until":{"after":"P1D"},"late":{"goto":"close"}},
 "x2":{"when":[],"until":{"at":"D"},"late":{"goto":"close"}},
 "y":{"when":[],"until":{"at":"D"},"late":{"goto":"close"}}}})";
  std::string const mark = "\"D\"";
  for (auto at = terms.find(mark); at != terms.npos; at = terms.find(mark)) {
    terms.replace(at, mark.size(), "\"" + base::to_rfc3339(due_ms) + "\"");
  }
  std::vector<Hash> ids;
  for (int i = 0; i < 3; ++i) {
    auto const opened = world.by(world.alfa, "staff", {opening(terms, {{"a", world.alfa.id}})});
    ASSERT_EQ(outcome(world.one(opened)), "done");
    ids.push_back(ledger::contract_id(opened.body.id(), 0));
    ASSERT_EQ(done(world, world.alfa, {ledger::EscrowAct{ids.back(), "f", 0, 1}}), "done");
  }
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "crate")});
  world.apply({recording.by(world, {"ALFA.staff"})}, due_ms - 1000 - world.time_ms);
  world.apply({}, due_ms - world.time_ms);
  for (int block = 0; block < 40; ++block) world.apply({});
  for (auto const& id : ids) EXPECT_TRUE(is_closed(world, id));
}

/// Asks so many questions at each count: that costs more to judge than its bytes say.
std::string counting_to(int last, int questions) {
  std::string branches;
  for (int i = 0; i < questions; ++i) {
    branches += R"({"if":{"lt":[{"counter":"c"},)" + std::to_string(i) + R"(]},"do":[{"emit":"x"}]},)";
  }
  auto const to = std::to_string(last);
  return R"({"escrow":1,"title":"Count","roles":{"a":{}},"assets":{"EUR":"EUR.BANK"},"subjects":{},
 "params":{},"pots":{"p":{"asset":"EUR","cap":10,"residual":"a"}},"counters":{"c":{"max":)" +
         to + R"(}},"start":"s","states":{"s":{"when":[],"until":{"after":"PT1H"},
 "late":[{"if":{"lt":[{"counter":"c"},)" +
         to + R"(]},"do":[)" + branches + R"({"count":"c"}],"goto":"s"},{"goto":"close"}]}}})";
}

/// Waits for i to find the crate conformant, or for what these cases say besides.
std::string inspected(std::string const& cases = "") {
  return R"({"escrow":1,"title":"Wait","roles":{"a":{},"i":{}},"assets":{"EUR":"EUR.BANK"},
 "subjects":{"g":"https://example.com/thing/crate"},"params":{},"pots":{"p":{"asset":"EUR","cap":10,"residual":"a"}},
 "start":"s","states":{"s":{"when":[{"on":{"milestone":{"subject":"g","bizStep":"inspecting","by":"i",
 "disposition":"conformant"}},"goto":"close"})" +
         cases + R"(],"until":{"after":"P300D"},"late":{"goto":"close"}}}})";
}

TEST(EscrowGuard, FactsOfOthersKeepNobodyFromActing) {
  ledger::Parameters parameters;
  parameters.transitions_a_block_max = 8;
  World world(parameters);
  world.fund(5000);
  auto const terms = inspected(R"(,{"on":{"choice":{"by":"a","name":"go","bounds":[1,1]}},"goto":"close"})");
  std::vector<ledger::RoleBinding> const parties{{"a", world.alfa.id}, {"i", world.alfa.id}};
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(done(world, world.alfa, std::vector<ledger::Operation>(3, opening(terms, parties))), "done");
  }
  auto const mine = world.by(world.alfa, "staff", {opening(terms, parties)});
  ASSERT_EQ(outcome(world.one(mine)), "done");
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "crate")});
  // All are woken, more than a block looks at; what the act's own contract has to look at is looked at with it.
  world.apply({recording.by(world, {"ALFA.staff"})});
  EXPECT_EQ(done(world, world.alfa, {ledger::EscrowAct{ledger::contract_id(mine.body.id(), 0), "s", 1, 1}}), "done");
}

TEST(EscrowGuard, ABlockJudgesOnlySoMuch) {
  World world;
  world.fund(100);
  auto const open = [&](std::size_t count) {
    return done(world, world.alfa,
                std::vector<ledger::Operation>(count, opening(counting_to(400, 80), {{"a", world.alfa.id}})));
  };
  EXPECT_EQ(open(20), "done");
  auto const many = open(64);
  EXPECT_TRUE(many.starts_with("E_BUSY operations[2") || many.starts_with("E_BUSY operations[3")) << many;
  EXPECT_EQ(open(1), "done") << "in the next block";

  // Who was told to come again comes with the same key.
  auto body =
      world.body(world.alfa, std::vector<ledger::Operation>(64, opening(counting_to(400, 80), {{"a", world.alfa.id}})));
  body.idempotency_key = ledger::IdempotencyKey{};
  body.idempotency_key->bytes[0] = 1;
  EXPECT_TRUE(outcome(world.one(world.sign(body, {"ALFA.staff"}))).starts_with("E_BUSY"));
  body.operations.resize(1);
  EXPECT_EQ(outcome(world.one(world.sign(body, {"ALFA.staff"}))), "done");
}

TEST(EscrowGuard, WakingAndJudgingCost) {
  ledger::Parameters parameters;
  parameters.transitions_a_block_max = 8;
  World world(parameters);
  world.fund(100);
  auto const terms = inspected();
  auto const one = opening(terms, {{"a", world.alfa.id}, {"i", world.alfa.id}});
  EXPECT_EQ(done(world, world.alfa, std::vector<ledger::Operation>(4, one)), "E_BUSY operations[3]")
      << "half of six turns";
  for (int i = 0; i < 200; ++i) ASSERT_EQ(done(world, world.alfa, {one}), "done");
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "crate")});
  auto const execution = world.apply({recording.by(world, {"ALFA.staff"})});
  auto const& told = execution.receipts.back();
  ASSERT_EQ(outcome(told), "done");
  EXPECT_GE(told.work, 200u / 16) << "200 contracts were woken";
  auto const touched = std::ranges::count_if(execution.diff, [](auto const& change) {
    return change.first[0] == static_cast<std::uint8_t>(ledger::Space::contract);
  });
  EXPECT_EQ(touched, 8) << "the others wait for their turn and nobody looks at them";

  auto const counting = counting_to(400, 40);
  auto const opened = world.one(world.by(world.alfa, "staff", {opening(counting, {{"a", world.alfa.id}})}));
  ASSERT_EQ(outcome(opened), "done");
  EXPECT_GT(opened.work, 1 + counting.size() / 64 + 40) << counting.size();

  std::vector<ledger::Operation> const payments(64, transfer(world.alfa, world.beta, 1));
  EXPECT_EQ(world.one(world.by(world.alfa, "staff", payments)).work, 64u);
}

TEST(EscrowGuard, AnAssetsRulesHoldInContractsToo) {
  struct Case {
    std::uint32_t flags;
    char const* said;
  };
  for (auto const& [flags, said] :
       {Case{bits({AssetFlag::can_escrow}), "E_NOT_TRANSFERABLE operations[0].terms.assets.X"},
        Case{bits({AssetFlag::transferable}), "E_NOT_TRANSFERABLE operations[0].terms.assets.X"},
        Case{bits({AssetFlag::can_escrow, AssetFlag::transferable, AssetFlag::require_auth}),
             "E_NOT_AUTHORISED operations[0].parties.b.TOK.BANK"}}) {
    World world;
    auto const asset = issue(world, flags);
    auto const open = opening(two_payments(asset), {{"a", world.alfa.id}, {"b", world.beta.id}, {"c", world.alfa.id}});
    EXPECT_EQ(done(world, world.alfa, {open}), said);
  }
  // Nor is a role assigned to somebody who may not hold it.
  World world;
  auto const asset = issue(world, bits({AssetFlag::can_escrow, AssetFlag::transferable, AssetFlag::require_auth}));
  ledger::Authorise allowed;
  allowed.asset = asset;
  allowed.party = world.beta.id;
  allowed.authorised = true;
  ASSERT_EQ(done(world, world.bank, {allowed}), "done");
  auto const opened =
      world.by(world.alfa, "staff",
               {opening(two_payments(asset), {{"a", world.alfa.id}, {"b", world.beta.id}, {"c", world.beta.id}})});
  ASSERT_EQ(outcome(world.one(opened)), "done");
  auto const contract = ledger::contract_id(opened.body.id(), 0);
  EXPECT_EQ(done(world, world.beta, {ledger::EscrowAssign{contract, "c", world.cert.id}}),
            "E_NOT_AUTHORISED operations[0].to.TOK.BANK");
}

TEST(EscrowGuard, ManySmallContractsNeedTheInstitutionToo) {
  World world;
  auto const asset = issue(world, bits({AssetFlag::can_escrow, AssetFlag::transferable}), 1000);
  auto const open = opening(two_payments(asset), {{"a", world.alfa.id}, {"b", world.beta.id}, {"c", world.cert.id}});
  EXPECT_EQ(done(world, world.alfa, {open, open}), "E_TRAVEL_RULE operations[1].parties.b");
  EXPECT_EQ(done(world, world.alfa, {open}), "done");
  EXPECT_EQ(done(world, world.alfa, {open}), "E_TRAVEL_RULE operations[0].parties.b") << "the same day";
  EXPECT_EQ(done(world, world.alfa, {open}, {"ALFA.staff", "BANK.staff"}), "done");
  auto small = transfer(world.alfa, world.beta, 1);
  small.asset = asset;
  EXPECT_EQ(done(world, world.alfa, {small}), "E_TRAVEL_RULE operations[0].travel") << "with payments too";
}

TEST(EscrowGuard, AnAssigneeIsAskedForAllItsRoles) {
  World world;
  auto const asset = issue(world, bits({AssetFlag::can_escrow, AssetFlag::transferable}), 1000);
  auto const opened =
      world.by(world.alfa, "staff",
               {opening(two_payments(asset), {{"a", world.alfa.id}, {"b", world.beta.id}, {"c", world.cert.id}})});
  ASSERT_EQ(outcome(world.one(opened)), "done");
  auto const contract = ledger::contract_id(opened.body.id(), 0);
  ledger::EscrowAssign const assign{contract, "c", world.beta.id};
  EXPECT_EQ(done(world, world.cert, {assign}), "E_TRAVEL_RULE operations[0].to");
  EXPECT_EQ(done(world, world.cert, {assign}, {"CERT.staff", "BANK.staff"}), "done");
}

TEST(EscrowGuard, AKeyDealsWithItsCounterpartiesAlone) {
  World world;
  world.fund(100'000);
  ledger::LimitKey limit;
  limit.key = key_of("ALFA.staff");
  limit.counterparties = {world.beta.id};
  ASSERT_EQ(done(world, world.alfa, {limit}, {"ALFA.admin"}), "done");
  EXPECT_EQ(done(world, world.alfa, {transfer(world.alfa, world.cert, 10)}), "E_LIMIT operations[0]");
  for (bool const named : {true, false}) {
    auto const& other = named ? world.beta : world.cert;
    auto const opened =
        world.by(world.alfa, "staff",
                 {opening(two_payments("EUR.BANK"), {{"a", world.alfa.id}, {"b", world.beta.id}, {"c", other.id}})});
    ASSERT_EQ(outcome(world.one(opened)), "done");
    auto const contract = ledger::contract_id(opened.body.id(), 0);
    EXPECT_EQ(done(world, world.alfa, {ledger::EscrowAct{contract, "s", 0, 0}}),
              named ? "done" : "E_LIMIT operations[0]");
    ledger::OpenNetting set;
    set.label = named ? "N1" : "N2";
    set.obligations = {{world.alfa.id, other.id, "EUR.BANK", 5}};
    set.settles_ms = world.time_ms + 100'000;
    EXPECT_EQ(done(world, world.alfa, {set}), named ? "done" : "E_LIMIT operations[0]");
  }
}

TEST(EscrowGuard, AStrangerLeavesRoomForTheOwnersQuestions) {
  World world;
  world.fund(100);
  auto const question = [](int threshold, std::string const& next) {
    return R"({"on":{"sensor":{"subject":"g","type":"Temperature","by":"i","aggregate":"minutesAbove","uom":"CEL",
 "scale":0,"threshold":)" +
           std::to_string(threshold) + R"(,"greaterThan":100000}},"goto":")" + next + "\"}";
  };
  auto const terms = [](std::string const& states) {
    return R"({"escrow":1,"title":"Ask","roles":{"a":{},"i":{}},"assets":{"EUR":"EUR.BANK"},
 "subjects":{"g":"https://id.gs1.org/00/095210010000000017"},"params":{},"pots":{"p":{"asset":"EUR","cap":10,
 "residual":"a"}},"start":"s0","states":{)" +
           states + "}}";
  };
  auto const state = [&](int number, int questions, bool last) {
    auto const next = last ? std::string("close") : "s" + std::to_string(number + 1);
    std::string when;
    for (int i = 0; i < questions; ++i) when += (i == 0 ? "" : ",") + question(16 * number + i, "close");
    return "\"s" + std::to_string(number) + R"(":{"when":[)" + when + R"(],"until":{"after":"P30D"},"late":{"goto":")" +
           next + "\"}}";
  };
  auto const one = terms(state(0, 16, true));
  auto const two = terms(state(0, 16, false) + "," + state(1, 16, true));
  auto const three = terms(state(0, 16, false) + "," + state(1, 16, false) + "," + state(2, 1, true));
  auto const parties = [&](Firm const& opener) {
    return std::vector<ledger::RoleBinding>{{"a", opener.id}, {"i", world.alfa.id}};
  };
  EXPECT_EQ(done(world, world.cert, {opening(two, parties(world.cert))}), "E_LIMIT operations[0].terms.subjects");
  EXPECT_EQ(done(world, world.cert, {opening(one, parties(world.cert))}), "done");
  EXPECT_EQ(done(world, world.alfa, {opening(three, parties(world.alfa))}), "done");
  // The same question many times is one.
  World second;
  second.fund(100);
  auto const asking = [&](int threshold) {
    return opening(terms(R"("s0":{"when":[)" + question(threshold, "close") +
                         R"(],"until":{"after":"P30D"},"late":{"goto":"close"}})"),
                   parties(world.cert));
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(done(second, second.cert, std::vector<ledger::Operation>(16, asking(1))), "done");
  }
  EXPECT_EQ(done(second, second.cert, {asking(2)}), "done");
}

/// 250 payments of 1 to b, `turns` times, by silence alone.
std::string many_payments(int turns) {
  std::string pays;
  for (int i = 0; i < 250; ++i) {
    pays += R"({"pay":{"from":"p","to":"b","amount":1}},)";
  }
  return R"({"escrow":1,"title":"Rain","roles":{"a":{},"b":{}},"assets":{"X":"EUR.BANK"},"subjects":{},"params":{},
 "pots":{"p":{"asset":"X","cap":100000,"residual":"a"}},"counters":{"c":{"max":)" +
         std::to_string(turns) + R"(}},"start":"s","states":{
 "s":{"when":[{"on":{"deposit":{"by":"a","into":"p","amount":100000}},"goto":"t"}],"until":{"after":"PT1M"},
  "late":{"goto":"close"}},
 "t":{"when":[],"until":{"after":"PT0S"},"late":[{"if":{"lt":[{"counter":"c"},)" +
         std::to_string(turns) + R"(]},"do":[)" + pays + R"({"count":"c"}],"goto":"t"},{"goto":"close"}]}}})";
}

TEST(EscrowGuard, ABlockPaysNoMoreThanItsTurns) {
  ledger::Parameters parameters;
  parameters.transitions_a_block_max = 300;
  parameters.deadlines_a_block_max = 100;
  World world(parameters);
  world.fund(1'000'000);
  std::vector<ledger::Operation> opened(3, opening(many_payments(20), {{"a", world.alfa.id}, {"b", world.beta.id}}));
  auto const transaction = world.by(world.alfa, "staff", opened);
  auto const receipt = world.one(transaction);
  ASSERT_EQ(outcome(receipt), "done");
  // Three lives of 20 times 250 payments.
  EXPECT_GT(receipt.work, 15'000u);
  // Facts have 300 turns of four payments, acts 225, deadlines 100; what began within the last of each is ended.
  auto const bounded = [&](auto const& block) {
    auto const before = world.balance(world.beta);
    auto said = block();
    EXPECT_LE(world.balance(world.beta) - before, 4 * (300u + 225 + 100) + 3 * 250);
    return said;
  };
  for (std::uint16_t i = 0; i < 3; ++i) {
    auto const contract = ledger::contract_id(transaction.body.id(), i);
    auto const pay = [&] { return done(world, world.alfa, {ledger::EscrowAct{contract, "s", 0, 0}}); };
    auto said = bounded(pay);
    while (said == "E_BUSY operations[0]") said = bounded(pay);
    ASSERT_EQ(said, "done");
  }
  for (int block = 0; block < 100; ++block) bounded([&] { return world.apply({}).receipts.size(); });
  EXPECT_EQ(world.balance(world.beta), 15'000u);
}

TEST(EscrowGuard, WhoOpensPaysForTheLife) {
  ledger::Parameters parameters;
  parameters.meter_bucket = 5000;
  World world(parameters);
  world.fund(1'000'000);
  auto const open = [&](int turns) {
    return done(world, world.alfa, {opening(many_payments(turns), {{"a", world.alfa.id}, {"b", world.beta.id}})});
  };
  EXPECT_EQ(open(20), "E_METER actor");
}

TEST(EscrowGuard, ReadingTermsHasItsPrice) {
  World world;
  world.fund(1'000'000);
  auto const terms = many_payments(1);
  auto const transaction =
      world.by(world.alfa, "staff", {opening(terms, {{"a", world.alfa.id}, {"b", world.beta.id}})});
  ASSERT_EQ(outcome(world.one(transaction)), "done");
  auto const receipt = world.one(
      world.by(world.alfa, "staff", {ledger::EscrowAct{ledger::contract_id(transaction.body.id(), 0), "s", 0, 0}}));
  ASSERT_EQ(outcome(receipt), "done");
  EXPECT_GE(receipt.work, terms.size() / 64);
}

TEST(EscrowGuard, AFrozenHolderGivesNoClaimAway) {
  World world;
  auto const asset = issue(world, bits({AssetFlag::can_freeze, AssetFlag::can_escrow, AssetFlag::transferable}));
  auto const transaction =
      world.by(world.alfa, "staff",
               {opening(two_payments(asset), {{"a", world.alfa.id}, {"b", world.beta.id}, {"c", world.cert.id}})});
  ASSERT_EQ(outcome(world.one(transaction)), "done");
  auto const contract = ledger::contract_id(transaction.body.id(), 0);
  auto const freeze = [&](bool frozen) {
    return done(world, world.bank, {ledger::Freeze{ledger::AssetId(asset), world.beta.id, frozen, "court"}});
  };
  auto const assign = [&] { return done(world, world.beta, {ledger::EscrowAssign{contract, "b", world.cert.id}}); };
  EXPECT_EQ(freeze(true), "done");
  EXPECT_EQ(assign(), "E_FROZEN operations[0].role");
  EXPECT_EQ(freeze(false), "done");
  EXPECT_EQ(assign(), "done");
}

std::string const scarf = "09521001000017";
void add_scarf(World& world) {
  ledger::AddProduct const product{ledger::Gtin(scarf), {{"en", "Scarf"}}, "EA", 90'000};
  ASSERT_EQ(done(world, world.alfa, {product}, {"ALFA.admin"}), "done");
}

/// ALFA pays in 1,000, which BETA gets when CERT certifies the product.
ledger::EscrowOpen certified(World const& world) {
  return opening(R"({"escrow":1,"title":"Cert","roles":{"a":{},"b":{},"c":{"attests":true}},
 "assets":{"X":"EUR.BANK"},"subjects":{"g":"https://id.gs1.org/01/)" +
                     scarf + R"("},"params":{},"pots":{"p":{"asset":"X","cap":1000,"residual":"a"}},"start":"s",
 "states":{"s":{"when":[{"on":{"deposit":{"by":"a","into":"p","amount":1000}},"goto":"t"}],"until":{"after":"P1D"},
  "late":{"goto":"close"}},"t":{"when":[{"on":{"certificate":{"kind":"GOTS","subject":"g","by":"c"}},
  "do":[{"pay":{"from":"p","to":"b","all":true}}],"goto":"close"}],"until":{"after":"P1D"},"late":{"goto":"close"}}}})",
                 {{"a", world.alfa.id}, {"b", world.beta.id}, {"c", world.cert.id}});
}

ledger::IssueCertificate certificate(World const& world, std::string number, ledger::TimeMs until_ms,
                                     ledger::TimeMs from_ms = 1) {
  ledger::IssueCertificate out;
  out.number = std::move(number);
  out.scheme = "GOTS";
  out.holder = world.beta.id;
  out.products = {ledger::Gtin(scarf)};
  out.valid_from_ms = from_ms;
  out.valid_until_ms = until_ms;
  out.quota = 1;
  return out;
}

TEST(EscrowGuard, ACertificatePaysUnlessItIsOver) {
  World world;
  world.fund(1000);
  add_scarf(world);
  auto const transaction = world.by(world.alfa, "staff", {certified(world)});
  ASSERT_EQ(outcome(world.one(transaction)), "done");
  auto const contract = ledger::contract_id(transaction.body.id(), 0);
  ASSERT_EQ(done(world, world.alfa, {ledger::EscrowAct{contract, "s", 0, 0}}), "done");
  auto const certify = [&](char const* number, ledger::TimeMs until_ms, ledger::TimeMs from_ms = 1) {
    return done(world, world.cert, {certificate(world, number, until_ms, from_ms)});
  };
  EXPECT_EQ(certify("K1", world.time_ms - base::day_ms), "done");
  EXPECT_EQ(certify("K0", world.time_ms + 2 * base::day_ms, world.time_ms + base::day_ms), "done");
  EXPECT_EQ(world.balance(world.beta), 0u);
  EXPECT_EQ(certify("K2", world.time_ms + base::day_ms), "done");
  EXPECT_EQ(world.balance(world.beta), 1000u);
}

TEST(EscrowGuard, ARevokedCertificatePaysNothing) {
  World world;
  world.fund(1000);
  add_scarf(world);
  auto const transaction = world.by(world.alfa, "staff", {certified(world)});
  ASSERT_EQ(outcome(world.one(transaction)), "done");
  // Issued before the contract waits for one, and taken back.
  for (auto const* number : {"K1", "K2"}) {
    ASSERT_EQ(done(world, world.cert, {certificate(world, number, world.time_ms + base::day_ms)}), "done");
  }
  for (auto const* number : {"K1", "K2"}) {
    ASSERT_EQ(done(world, world.cert, {ledger::RevokeCertificate{number}}), "done");
  }
  auto const contract = ledger::contract_id(transaction.body.id(), 0);
  ASSERT_EQ(done(world, world.alfa, {ledger::EscrowAct{contract, "s", 0, 0}}), "done");
  EXPECT_EQ(world.balance(world.beta), 0u);
  EXPECT_EQ(done(world, world.cert, {certificate(world, "K3", world.time_ms + base::day_ms)}), "done");
  EXPECT_EQ(world.balance(world.beta), 1000u);
}

TEST(EscrowGuard, ACertificateThatIsOverPaysNothing) {
  World world;
  world.fund(1000);
  add_scarf(world);
  auto const transaction = world.by(world.alfa, "staff", {certified(world)});
  ASSERT_EQ(outcome(world.one(transaction)), "done");
  ASSERT_EQ(done(world, world.cert, {certificate(world, "K1", world.time_ms + 60'000)}), "done");
  world.apply({}, 60'000);
  ASSERT_EQ(done(world, world.alfa, {ledger::EscrowAct{ledger::contract_id(transaction.body.id(), 0), "s", 0, 0}}),
            "done");
  EXPECT_EQ(world.balance(world.beta), 0u);
}

/// Pays for a certificate and an inspection together, and at the end if the certificate is seen.
ledger::EscrowOpen certified_and_inspected(World const& world) {
  std::string const certificate = R"({"certificate":{"kind":"GOTS","subject":"g","by":"c"}})";
  std::string const pay = R"("do":[{"pay":{"from":"p","to":"b","all":true}}],"goto":"close"})";
  return opening(R"({"escrow":1,"title":"Cert","roles":{"a":{},"b":{},"c":{"attests":true}},
 "assets":{"X":"EUR.BANK"},"subjects":{"g":"https://id.gs1.org/01/)" +
                     scarf + R"(","h":"https://example.com/thing/crate"},"params":{},
 "pots":{"p":{"asset":"X","cap":1000,"residual":"a"}},"start":"s",
 "states":{"s":{"when":[{"on":{"deposit":{"by":"a","into":"p","amount":1000}},"goto":"t"}],"until":{"after":"P1D"},
  "late":{"goto":"close"}},"t":{"when":[{"on":{"all":[)" +
                     certificate + R"(,{"milestone":{"subject":"h","bizStep":"inspecting","by":"a"}}]},)" + pay +
                     R"(],"until":{"after":"P1D"},"late":[{"if":{"seen":)" + certificate + "}," + pay +
                     R"(,{"goto":"close"}]}}})",
                 {{"a", world.alfa.id}, {"b", world.beta.id}, {"c", world.cert.id}});
}

TEST(EscrowGuard, ACertificateMustStandWhenTheOthersComeToo) {
  World world;
  world.fund(3000);
  add_scarf(world);
  auto const fund = [&] {
    auto const transaction = world.by(world.alfa, "staff", {certified_and_inspected(world)});
    EXPECT_EQ(outcome(world.one(transaction)), "done");
    auto const contract = ledger::contract_id(transaction.body.id(), 0);
    EXPECT_EQ(done(world, world.alfa, {ledger::EscrowAct{contract, "s", 0, 0}}), "done");
    return contract;
  };
  auto const certify = [&](char const* number) {
    EXPECT_EQ(done(world, world.cert, {certificate(world, number, world.time_ms + 30 * base::day_ms)}), "done");
  };
  auto const revoke = [&](char const* number) {
    EXPECT_EQ(done(world, world.cert, {ledger::RevokeCertificate{number}}), "done");
  };
  auto const silent = fund();
  certify("K1");
  revoke("K1");
  world.apply({}, base::day_ms);
  EXPECT_TRUE(is_closed(world, silent));
  EXPECT_EQ(world.balance(world.beta), 0u) << "seen, but over";
  fund();
  certify("K2");
  revoke("K2");
  Recording recording;
  recording.add(ledger::RecordMode::rollback, {observation(world, "crate")});
  ASSERT_EQ(outcome(world.one(recording.by(world, {"ALFA.staff"}))), "done");
  EXPECT_EQ(world.balance(world.beta), 0u) << "over before the inspection";
  certify("K3");
  EXPECT_EQ(world.balance(world.beta), 1000u) << "another in its place";
  auto const seen = fund();
  certify("K4");
  world.apply({}, base::day_ms);
  EXPECT_TRUE(is_closed(world, seen));
  EXPECT_EQ(world.balance(world.beta), 2000u);
}

/// Whoever was looked at late gets what he would have got at once.
TEST(EscrowGuard, ARevocationCountsFromItsMomentOn) {
  ledger::Parameters parameters;
  parameters.transitions_a_block_max = 4;
  World world(parameters);
  world.fund(5000);
  add_scarf(world);
  for (int i = 0; i < 5; ++i) {
    auto const transaction = world.by(world.alfa, "staff", {certified(world)});
    ASSERT_EQ(outcome(world.one(transaction)), "done");
    ASSERT_EQ(done(world, world.alfa, {ledger::EscrowAct{ledger::contract_id(transaction.body.id(), 0), "s", 0, 0}}),
              "done");
  }
  world.apply({world.by(world.cert, "staff", {certificate(world, "K1", world.time_ms + base::day_ms)}),
               world.by(world.cert, "staff", {ledger::RevokeCertificate{"K1"}})});
  EXPECT_LT(world.balance(world.beta), 5000u);
  for (int block = 0; block < 5; ++block) world.apply({});
  EXPECT_EQ(world.balance(world.beta), 5000u);
}

TEST(EscrowGuard, NobodyClosesASubjectToTheOthers) {
  ledger::Parameters parameters;
  parameters.contracts_a_subject_max = 4;
  World world(parameters);
  world.fund(1);
  auto const terms =
      R"({"escrow":1,"title":"Wait","roles":{"a":{}},"assets":{"EUR":"EUR.BANK"},
 "subjects":{"g":"https://id.gs1.org/00/095210010000000017"},"params":{},
 "pots":{"p":{"asset":"EUR","cap":10,"residual":"a"}},"start":"s",
 "states":{"s":{"when":[],"until":{"after":"P1D"},"late":{"goto":"close"}}}})";
  auto const open = [&](Firm const& firm) { return done(world, firm, {opening(terms, {{"a", firm.id}})}); };
  auto const full = "E_LIMIT operations[0].terms.subjects";
  EXPECT_EQ(open(world.cert), "done");
  EXPECT_EQ(open(world.cert), "done");
  EXPECT_EQ(open(world.cert), full);
  EXPECT_EQ(open(world.alfa), "done");
  EXPECT_EQ(open(world.alfa), full);
  world.time_ms += 2 * base::day_ms;
  EXPECT_EQ(open(world.cert), "done");  // What is closed counts no more.
  EXPECT_EQ(open(world.cert), "done");
  EXPECT_EQ(open(world.cert), full);
}

}  // namespace contracts::test
