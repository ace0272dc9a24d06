// SPDX-License-Identifier: Apache-2.0
// What a role of a contract will be paid is a claim of the register of receivables: given to one financier, whichever
// way is tried first.
#include <gtest/gtest.h>

#include "contracts/world_test.hpp"
#include "ledger/contract.hpp"

namespace contracts::test {

namespace {

using ledger::AssignReceivable;
using ledger::EscrowAssign;
using ledger::ReceivableRecord;
using ledger::Security;

/// ALFA owes BETA 1,000 on the day after tomorrow; BANK and CERT finance.
class Owed : public World {
 public:
  Owed() {
    fund(5000);
    ledger::EscrowOpen open;
    open.terms =
        R"({"escrow": 1, "title": "Owed", "roles": {"buyer": {}, "seller": {"assignable": true}},
 "assets": {"EUR": "EUR.BANK"}, "subjects": {}, "params": {}, "pots": {"price": {"asset": "EUR", "cap": 1000,
 "residual": "seller"}}, "start": "funding", "states": {"funding": {"when": [{"on": {"deposit": {"by": "buyer",
 "into": "price", "amount": 1000}}, "goto": "owed"}], "until": {"after": "P3D"}, "late": {"goto": "close"}},
 "owed": {"when": [], "until": {"after": "P2D"}, "late": {"goto": "close"}}}})";
    open.parties = {{"buyer", alfa.id}, {"seller", beta.id}};
    open.label = "OWED-1";
    auto const opened = by(alfa, "staff", {open});
    EXPECT_EQ(one(opened).code, Code::done);
    contract = ledger::contract_id(opened.body.id(), 0);
    claim = ledger::role_claim(contract, "seller");
    EXPECT_EQ(act(alfa, ledger::EscrowAct{contract, "funding", 0, 0}), "done");
  }

  std::string act(Firm const& firm, ledger::Operation operation) {
    return outcome(one(by(firm, "staff", {std::move(operation)})));
  }
  ReceivableRecord entry() const {
    return ledger::load<ReceivableRecord>(state, ledger::receivable_key(claim)).value();
  }
  std::string registered(Firm const& by) {
    return act(by, ledger::RegisterReceivable{claim, alfa.id, "EUR.BANK", 1000, time_ms, "OWED-1"});
  }

  Hash contract;
  Hash claim;
};

}  // namespace

TEST(Claim, WhatAContractTurnedOverCannotBePledged) {
  Owed world;
  EXPECT_EQ(world.act(world.beta, EscrowAssign{world.contract, "seller", world.cert.id}), "done");
  EXPECT_EQ(world.entry().owner, world.cert.id);
  EXPECT_EQ(world.entry().creditor, world.beta.id);
  EXPECT_EQ(world.entry().rank, 1u);
  EXPECT_EQ(world.entry().secured_rank, 2u);
  AssignReceivable const pledge{world.claim, Security::pledged, world.bank.id};
  EXPECT_EQ(world.act(world.beta, pledge), "E_ALREADY_PLEDGED operations[0].document");
  EXPECT_EQ(world.act(world.cert, pledge), "E_ALREADY_PLEDGED operations[0].document");
  EXPECT_EQ(world.registered(world.beta), "E_ALREADY_REGISTERED operations[0].document");
  EXPECT_EQ(world.act(world.beta, EscrowAssign{world.contract, "seller", world.bank.id}),
            "E_ALREADY_PLEDGED operations[0].role");
  // Who has it gives it back; then it is free, and the next one has a later rank.
  EXPECT_EQ(world.act(world.cert, EscrowAssign{world.contract, "seller", world.beta.id}), "done");
  EXPECT_EQ(world.act(world.beta, pledge), "done");
  EXPECT_EQ(world.entry().secured_rank, 3u);
}

TEST(Claim, WhatIsPledgedAContractTurnsOverToNobodyElse) {
  Owed world;
  EXPECT_EQ(world.registered(world.beta), "done");
  EXPECT_EQ(world.act(world.beta, AssignReceivable{world.claim, Security::pledged, world.bank.id}), "done");
  EXPECT_EQ(world.act(world.beta, EscrowAssign{world.contract, "seller", world.cert.id}),
            "E_ALREADY_PLEDGED operations[0].role");
  // The pledgee may be paid by the contract itself, and keeps its rank.
  EXPECT_EQ(world.act(world.beta, EscrowAssign{world.contract, "seller", world.bank.id}), "done");
  EXPECT_EQ(world.entry().secured_rank, 2u);
  auto const before = asset_of(world.state).issued;
  world.apply({}, 3 * 24 * 3'600'000ULL);
  EXPECT_EQ(world.balance(world.beta), 0u);
  EXPECT_EQ(asset_of(world.state).issued, before - 1000) << "paid to its issuer it is redeemed";
}

TEST(Claim, ReleasedItIsFree) {
  Owed world;
  EXPECT_EQ(world.registered(world.beta), "done");
  EXPECT_EQ(world.act(world.beta, AssignReceivable{world.claim, Security::pledged, world.bank.id}), "done");
  EXPECT_EQ(world.act(world.bank, AssignReceivable{world.claim, Security::released, {}}), "done");
  EXPECT_EQ(world.act(world.beta, EscrowAssign{world.contract, "seller", world.cert.id}), "done");
  world.apply({}, 3 * 24 * 3'600'000ULL);
  EXPECT_EQ(world.balance(world.cert), 1000u);
}

TEST(Claim, AStrangersEntryIsInNobodysWay) {
  Owed world;
  EXPECT_EQ(world.registered(world.cert), "done");
  EXPECT_EQ(world.act(world.cert, AssignReceivable{world.claim, Security::pledged, world.bank.id}), "done");
  EXPECT_EQ(world.act(world.beta, EscrowAssign{world.contract, "seller", world.cert.id}), "done");
  EXPECT_EQ(world.entry().creditor, world.beta.id);
  EXPECT_FALSE(world.entry().pledgee.has_value());
}

TEST(Claim, ADepositCountsAgainstTheKeysDay) {
  Owed world;
  ledger::LimitKey limit;
  limit.key = key_of("ALFA.staff");
  limit.value_a_day = 1500;
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "admin", {limit}))), "done");
  auto const again = [&] {
    ledger::EscrowOpen open;
    open.terms =
        ledger::load<ledger::TermsRecord>(
            world.state,
            ledger::terms_key(
                ledger::load<ledger::ContractRecord>(world.state, ledger::contract_key(world.contract))->terms))
            ->json;
    open.parties = {{"buyer", world.alfa.id}, {"seller", world.beta.id}};
    open.label = "OWED-2";
    auto const opened = world.by(world.alfa, "staff", {open});
    EXPECT_EQ(world.one(opened).code, Code::done);
    return world.act(world.alfa, ledger::EscrowAct{ledger::contract_id(opened.body.id(), 0), "funding", 0, 0});
  };
  EXPECT_EQ(again(), "done");
  EXPECT_EQ(again(), "E_LIMIT operations[0]");
}

}  // namespace contracts::test
