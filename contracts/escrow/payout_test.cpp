// SPDX-License-Identifier: Apache-2.0
// Whatever an issuer does to a payee while a contract runs, the contract pays him.
#include <gtest/gtest.h>

#include "contracts/world_test.hpp"
#include "ledger/contract.hpp"

namespace contracts::test {

TEST(Payout, ReachesWhoIsFrozenUnauthorisedAndFull) {
  World world;
  std::string const usd = "USD.BANK";
  auto const by = [&](Firm const& firm, ledger::Operation operation) {
    return outcome(world.one(world.by(firm, "staff", {std::move(operation)})));
  };
  ledger::CreateAsset asset{"USD", 2, 1'000'000};
  asset.flags = 31;
  ASSERT_EQ(by(world.bank, asset), "done");
  for (auto const* firm : {&world.alfa, &world.beta}) {
    ASSERT_EQ(by(world.bank, ledger::Authorise{usd, firm->id, true, 1}), "done");
  }
  ASSERT_EQ(by(world.bank, ledger::Mint{usd, world.alfa.id, 5000, crypto::sha256(base::bytes_of("reserve"))}), "done");
  ledger::EscrowOpen open;
  open.terms =
      R"({"escrow": 1, "title": "Owed", "roles": {"buyer": {}, "seller": {}}, "assets": {"USD": "USD.BANK"},
 "subjects": {}, "params": {}, "pots": {"price": {"asset": "USD", "cap": 1000, "residual": "seller"}},
 "start": "funding", "states": {"funding": {"when": [{"on": {"deposit": {"by": "buyer", "into": "price",
 "amount": 1000}}, "goto": "owed"}], "until": {"after": "P3D"}, "late": {"goto": "close"}},
 "owed": {"when": [], "until": {"after": "PT2H"}, "late": {"goto": "close"}}}})";
  open.parties = {{"buyer", world.alfa.id}, {"seller", world.beta.id}};
  open.label = "OWED-1";
  auto const opened = world.by(world.alfa, "staff", {open});
  ASSERT_EQ(outcome(world.one(opened)), "done");
  auto const contract = ledger::contract_id(opened.body.id(), 0);
  ASSERT_EQ(by(world.alfa, ledger::EscrowAct{contract, "funding", 0, 0}), "done");

  ASSERT_EQ(by(world.bank, ledger::Freeze{usd, world.beta.id, true, "court order 7"}), "done");
  ledger::SetLimits nothing{usd, 1};
  nothing.balance_max = nothing.transfer_max = nothing.day_max = 1;
  ASSERT_EQ(by(world.bank, nothing), "done");
  ASSERT_EQ(by(world.bank, ledger::Authorise{usd, world.beta.id, false, 1}), "done");
  // The pot is nobody's to take back.
  EXPECT_NE(by(world.bank, ledger::Clawback{usd, world.alfa.id, 4001, "fraud"}), "done");
  EXPECT_EQ(world.balance(world.beta, usd), 0u);
  auto const fired = world.apply({}, 3 * 3'600'000);
  ASSERT_EQ(fired.receipts.size(), 1u);
  EXPECT_EQ(world.balance(world.beta, usd), 1000u);
  EXPECT_EQ(asset_of(world.state, usd).pots, 0u);
  EXPECT_EQ(by(world.beta,
               [&] {
                 auto out = transfer(world.beta, world.alfa, 1);
                 out.asset = usd;
                 return out;
               }()),
            "E_NOT_AUTHORISED operations[0].from")
      << "and there it stays";
}

TEST(Payout, AboveTheTravelThresholdThePayeesInstitutionSignedTheOpening) {
  World world;
  ledger::CreateAsset asset{"EUR", 2, 1'000'000};
  asset.travel_above = 999;
  ASSERT_EQ(outcome(world.one(world.by(world.bank, "staff", {asset}))), "done");
  ledger::Authorise const named{"EUR.BANK", world.beta.id, true, 0, world.cert.id};
  ASSERT_EQ(outcome(world.one(world.by(world.bank, "staff", {named}))), "done");
  auto const opening = [&](std::string const& cap) {
    ledger::EscrowOpen open;
    open.terms = R"({"escrow": 1, "title": "Owed", "roles": {"buyer": {}, "seller": {"assignable": true}, "agent": {}},
 "assets": {"EUR": "EUR.BANK"}, "subjects": {}, "params": {}, "pots": {"price": {"asset": "EUR", "cap": )" +
                 cap + R"(, "residual": "seller"}}, "start": "funding", "states": {"funding": {"when": [{"on":
 {"deposit": {"by": "buyer", "into": "price", "amount": )" +
                 cap + R"(}}, "do": [{"split": {"from": "price", "parts": [{"to": "agent", "bps": 5000}],
 "rest": "buyer"}}], "goto": "owed"},
 {"on": {"deposit": {"by": "agent", "into": "price", "amount": 1}}, "goto": "owed"}],
 "until": {"after": "P3D"}, "late": {"goto": "close"}},
 "owed": {"when": [], "until": {"after": "PT2H"}, "late": {"goto": "close"}}}})";
    open.parties = {{"buyer", world.alfa.id}, {"seller", world.beta.id}, {"agent", world.beta.id}};
    open.label = "OWED-1";
    return world.body(world.alfa, {open});
  };
  auto const opened = [&](std::string const& cap, std::vector<std::string> const& keys) {
    return outcome(world.one(world.sign(opening(cap), keys)));
  };
  // BETA's two roles count together: half of it to the agent, and at most 1 to the seller.
  EXPECT_EQ(opened("1996", {"ALFA.staff"}), "done") << "999 are not above it, and a refund is no payment";
  EXPECT_EQ(opened("1998", {"ALFA.staff"}), "E_TRAVEL_RULE operations[0].parties.seller");
  EXPECT_EQ(opened("2000", {"ALFA.staff"}), "E_TRAVEL_RULE operations[0].parties.seller");
  EXPECT_EQ(opened("2000", {"ALFA.staff", "BANK.staff"}), "E_TRAVEL_RULE operations[0].parties.seller");
  EXPECT_EQ(opened("2000", {"ALFA.staff", "BETA.staff", "CERT.staff"}), "done");
}

TEST(Payout, AboveTheTravelThresholdTheAssigneesInstitutionSignsToo) {
  World world;
  ledger::CreateAsset asset{"EUR", 2, 1'000'000};
  asset.travel_above = 999;
  ASSERT_EQ(outcome(world.one(world.by(world.bank, "staff", {asset}))), "done");
  ledger::EscrowOpen open;
  open.terms =
      R"({"escrow": 1, "title": "Owed", "roles": {"buyer": {}, "seller": {"assignable": true}},
 "assets": {"EUR": "EUR.BANK"}, "subjects": {}, "params": {},
 "pots": {"price": {"asset": "EUR", "cap": 1000, "residual": "seller"}},
 "start": "funding", "states": {"funding": {"when": [{"on": {"deposit": {"by": "buyer", "into": "price",
 "amount": 1000}}, "goto": "close"}], "until": {"after": "P3D"}, "late": {"goto": "close"}}}})";
  open.parties = {{"buyer", world.alfa.id}, {"seller", world.beta.id}};
  open.label = "OWED-1";
  auto const opened = world.sign(world.body(world.alfa, {open}), {"ALFA.staff", "BANK.staff"});
  ASSERT_EQ(outcome(world.one(opened)), "done");
  ledger::EscrowAssign const assign{ledger::contract_id(opened.body.id(), 0), "seller", world.cert.id};
  EXPECT_EQ(outcome(world.one(world.by(world.beta, "staff", {assign}))), "E_TRAVEL_RULE operations[0].to");
  auto const both = world.sign(world.body(world.beta, {assign}), {"BANK.staff", "BETA.staff"});
  EXPECT_EQ(outcome(world.one(both)), "done");
}

}  // namespace contracts::test
