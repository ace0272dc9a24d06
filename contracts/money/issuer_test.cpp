// SPDX-License-Identifier: Apache-2.0
// What an issuer can and cannot do with its asset.
#include <gtest/gtest.h>

#include "contracts/money/iso4217.hpp"
#include "contracts/money/money.hpp"
#include "contracts/world_test.hpp"

namespace contracts::test {

namespace {

using base::Code;
using ledger::AssetFlag;
using ledger::BalanceRecord;

constexpr std::uint32_t all_but_auth = 30;
constexpr TimeMs hour_ms = 3'600'000;

/// EUR.BANK with these flags; ALFA has 1,000.
void create(World& world, std::uint32_t flags, ledger::CreateAsset asset = {"EUR", 2, 1'000'000}) {
  asset.flags = flags;
  ASSERT_EQ(outcome(world.one(world.by(world.bank, "staff", {asset}))), "done");
  if ((flags & static_cast<std::uint32_t>(AssetFlag::require_auth)) == 0) {
    ASSERT_EQ(outcome(world.one(world.by(world.bank, "staff", {mint(world.alfa, 1000)}))), "done");
  }
}

BalanceRecord account(World const& world, Firm const& firm) {
  return ledger::load<BalanceRecord>(world.state, ledger::balance_key(firm.id, "EUR.BANK")).value_or(BalanceRecord{});
}

std::string by_bank(World& world, ledger::Operation const& operation) {
  return outcome(world.one(world.by(world.bank, "staff", {operation})));
}
std::string pays(World& world, base::Amount amount, TimeMs after_ms = 1000) {
  if (after_ms > 1000) world.apply({}, after_ms - 1000);
  return outcome(world.one(world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, amount)})));
}

}  // namespace

TEST(Issuer, ScalesAreThoseOfIso4217) {
  EXPECT_EQ(money::iso_scale("EUR"), 2);
  EXPECT_EQ(money::iso_scale("JPY"), 0);
  EXPECT_EQ(money::iso_scale("BHD"), 3);
  EXPECT_EQ(money::iso_scale("CLF"), 4);
  EXPECT_EQ(money::iso_scale("XAU"), std::nullopt) << "gold has no minor unit";
  EXPECT_EQ(money::iso_scale("DEM"), std::nullopt) << "withdrawn";
  EXPECT_EQ(money::iso_scale("UR "), std::nullopt);
}

TEST(Issuer, ApproverSignsAboveTheThreshold) {
  World world;
  ledger::CreateAsset asset{"EUR", 2, 1'000'000};
  asset.approval = ledger::Approval{world.bank.id, 500};
  EXPECT_EQ(by_bank(world, asset), "E_SCOPE operations[0].approval.approver") << "of its own acts";
  asset.approval->approver = world.cert.id;
  EXPECT_EQ(by_bank(world, asset), "done");
  EXPECT_EQ(by_bank(world, mint(world.alfa, 500)), "done");
  EXPECT_EQ(by_bank(world, mint(world.alfa, 501)), "E_MISSING_SIGNER operations[0].approval");
  auto const both = world.sign(world.body(world.bank, {mint(world.alfa, 501)}), {"BANK.staff", "CERT.staff"});
  EXPECT_EQ(outcome(world.one(both)), "done");
  ledger::Burn const burn{"EUR.BANK", world.alfa.id, 501};
  auto const two = world.sign(world.body(world.bank, {burn}), {"BANK.staff", "ALFA.staff"});
  EXPECT_EQ(outcome(world.one(two)), "E_MISSING_SIGNER operations[0].approval");
  auto const three = world.sign(world.body(world.bank, {burn}), {"BANK.staff", "ALFA.staff", "CERT.staff"});
  EXPECT_EQ(outcome(world.one(three)), "done");
}

TEST(Issuer, ThresholdCountsWhatADayMovedWithoutTheApprover) {
  World world;
  ledger::CreateAsset asset{"EUR", 2, 1'000'000};
  asset.approval = ledger::Approval{world.cert.id, 500};
  ASSERT_EQ(by_bank(world, asset), "done");
  auto const issues = [&](std::vector<base::Amount> const& amounts, std::vector<std::string> const& keys) {
    std::vector<ledger::Operation> mints;
    for (auto const amount : amounts) mints.emplace_back(mint(world.alfa, amount));
    return outcome(world.one(world.sign(world.body(world.bank, mints), keys)));
  };
  EXPECT_EQ(issues(std::vector<base::Amount>(64, 500), {"BANK.staff"}), "E_MISSING_SIGNER operations[1].approval");
  EXPECT_EQ(issues({200, 200}, {"BANK.staff"}), "done");
  EXPECT_EQ(issues({101}, {"BANK.staff"}), "E_MISSING_SIGNER operations[0].approval")
      << "of another body, the same day";
  EXPECT_EQ(issues(std::vector<base::Amount>(64, 500), {"BANK.staff", "CERT.staff"}), "done");
  EXPECT_EQ(issues({100}, {"BANK.staff"}), "done") << "what was approved does not count";
  // Both directions count together: what is redeemed makes no room.
  auto const redeems = [&](base::Amount amount) {
    ledger::Burn const burn{"EUR.BANK", world.alfa.id, amount};
    return outcome(world.one(world.sign(world.body(world.bank, {burn}), {"ALFA.staff", "BANK.staff"})));
  };
  EXPECT_EQ(redeems(1), "E_MISSING_SIGNER operations[0].approval");
  world.apply({}, 23 * hour_ms);
  EXPECT_EQ(redeems(1), "E_MISSING_SIGNER operations[0].approval");
  world.apply({}, 2 * hour_ms);
  EXPECT_EQ(redeems(500), "done");
}

TEST(Issuer, BurnCountsAgainstTheTiersLimits) {
  World world;
  create(world, all_but_auth);
  EXPECT_EQ(by_bank(world, ledger::SetLimits{"EUR.BANK", 0, std::nullopt, 100, 150, std::nullopt}), "done");
  auto const redeems = [&](base::Amount amount) {
    ledger::Burn const burn{"EUR.BANK", world.alfa.id, amount};
    return outcome(world.one(world.sign(world.body(world.bank, {burn}), {"ALFA.staff", "BANK.staff"})));
  };
  EXPECT_EQ(redeems(101), "E_LIMIT operations[0].amount");
  EXPECT_EQ(redeems(100), "done");
  EXPECT_EQ(redeems(51), "E_LIMIT operations[0].amount");
  EXPECT_EQ(pays(world, 51), "E_LIMIT operations[0].amount") << "of one window";
  EXPECT_EQ(redeems(50), "done");
}

TEST(Issuer, AuthorisesWhoMayHold) {
  World world;
  create(world, 31);
  EXPECT_EQ(by_bank(world, mint(world.alfa, 1000)), "E_NOT_AUTHORISED operations[0].to");
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {ledger::Authorise{"EUR.BANK", world.alfa.id, true, 0}}))),
            "E_NOT_ISSUER operations[0].asset");
  EXPECT_EQ(by_bank(world, ledger::Authorise{"EUR.BANK", world.alfa.id, true, 1}), "done");
  EXPECT_EQ(by_bank(world, mint(world.alfa, 1000)), "done");
  EXPECT_EQ(pays(world, 5), "E_NOT_AUTHORISED operations[0].to");
  EXPECT_EQ(by_bank(world, ledger::Authorise{"EUR.BANK", world.beta.id, true, 1}), "done");
  EXPECT_EQ(pays(world, 5), "done");
  EXPECT_EQ(by_bank(world, ledger::Authorise{"EUR.BANK", world.alfa.id, false, 1}), "done");
  EXPECT_EQ(pays(world, 5), "E_NOT_AUTHORISED operations[0].from");
  Act act(world);
  EXPECT_EQ(money::deposit(act.context, world.alfa.id, "EUR.BANK", 5, world.chain, "E", "f").error().code,
            Code::E_NOT_AUTHORISED);
  ASSERT_TRUE(ledger::load<ledger::AssetRecord>(act.overlay, ledger::Space::asset, "EUR.BANK"));
  auto asset = asset_of(act.overlay);
  asset.pots = 7;
  ledger::store(act.overlay, ledger::Space::asset, "EUR.BANK", asset);
  money::payout(act.context, world.alfa.id, "EUR.BANK", 7, world.chain, "ESC-1");
  EXPECT_EQ(ledger::load<BalanceRecord>(act.overlay, ledger::balance_key(world.alfa.id, "EUR.BANK"))->posted, 1002u)
      << "a payout needs no authorisation";
}

TEST(Issuer, FreezeStopsDebitsAndNothingElse) {
  World world;
  create(world, all_but_auth);
  auto freeze = ledger::Freeze{"EUR.BANK", world.alfa.id, true, "court order 7"};
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {freeze}))), "E_NOT_ISSUER operations[0].asset");
  EXPECT_EQ(by_bank(world, freeze), "done");
  EXPECT_EQ(pays(world, 5), "E_FROZEN operations[0].from");
  Act act(world);
  EXPECT_EQ(money::deposit(act.context, world.alfa.id, "EUR.BANK", 5, world.chain, "E", "f").error().code,
            Code::E_FROZEN);
  EXPECT_EQ(by_bank(world, mint(world.alfa, 5)), "done") << "credits go on";
  freeze.frozen = false;
  EXPECT_EQ(by_bank(world, freeze), "done");
  EXPECT_EQ(pays(world, 5), "done");

  World soft;
  create(soft, 24);
  EXPECT_EQ(by_bank(soft, freeze), "E_NOT_AUTHORISED operations[0].asset") << "not agreed on when it was created";
  EXPECT_EQ(by_bank(soft, ledger::Clawback{"EUR.BANK", soft.alfa.id, 1, "x"}), "E_NOT_AUTHORISED operations[0].asset");
}

TEST(Issuer, ClawbackTakesAvailableThenHeldAndNeverPots) {
  World world;
  create(world, all_but_auth);
  ledger::OpenHold hold;
  hold.from = world.alfa.id;
  hold.to = world.beta.id;
  hold.by = world.beta.id;
  hold.asset = "EUR.BANK";
  hold.expires_ms = world.time_ms + 24 * hour_ms;
  hold.amount = 200;
  std::vector<ledger::Operation> holds(3, hold);
  auto const opened = world.by(world.alfa, "staff", holds);
  ASSERT_EQ(outcome(world.one(opened)), "done");
  EXPECT_EQ(account(world, world.alfa).held, 600u);
  EXPECT_EQ(by_bank(world, ledger::Clawback{"EUR.BANK", world.alfa.id, 400, "court"}), "done");
  EXPECT_EQ(account(world, world.alfa).held, 600u) << "what was available was enough";
  EXPECT_EQ(by_bank(world, ledger::Clawback{"EUR.BANK", world.alfa.id, 250, "court"}), "done");
  auto const after = account(world, world.alfa);
  EXPECT_EQ(after.posted, 350u);
  EXPECT_EQ(after.held, 200u) << "two holds were voided";
  EXPECT_EQ(after.holds, 1u);
  // In the order of their ids.
  std::map<Hash, ledger::HoldState> states;
  for (std::uint16_t i = 0; i < 3; ++i) {
    auto const id = ledger::contract_id(opened.body.id(), i);
    states[id] = ledger::load<ledger::HoldRecord>(world.state, ledger::hold_key(id))->state;
  }
  std::vector<ledger::HoldState> in_order;
  for (auto const& [id, state] : states) in_order.push_back(state);
  using enum ledger::HoldState;
  EXPECT_EQ(in_order, (std::vector{voided, voided, open}));
  EXPECT_EQ(by_bank(world, ledger::Clawback{"EUR.BANK", world.alfa.id, 351, "court"}),
            "E_INSUFFICIENT_FUNDS operations[0].amount");
  EXPECT_EQ(asset_of(world.state).issued, 350u);
}

TEST(Issuer, LimitsHoldByTierAndInRollingWindows) {
  World world;
  create(world, all_but_auth);
  EXPECT_EQ(by_bank(world, ledger::SetLimits{"EUR.BANK", 0, std::nullopt, 100, 250, 400}), "done");
  EXPECT_EQ(pays(world, 101), "E_LIMIT operations[0].amount");
  EXPECT_EQ(pays(world, 100), "done");
  EXPECT_EQ(pays(world, 100, hour_ms), "done");
  EXPECT_EQ(pays(world, 51, hour_ms), "E_LIMIT operations[0].amount");
  EXPECT_EQ(pays(world, 50), "done");
  EXPECT_EQ(pays(world, 1, 20 * hour_ms), "E_LIMIT operations[0].amount");
  EXPECT_EQ(pays(world, 100, 4 * hour_ms), "done") << "the first 100 left the window of 24 hours";
  EXPECT_EQ(pays(world, 51, 24 * hour_ms), "E_LIMIT operations[0].amount") << "350 of 400 in 30 days";
  EXPECT_EQ(pays(world, 50), "done");
  EXPECT_EQ(pays(world, 1, 25 * hour_ms), "E_LIMIT operations[0].amount");
  EXPECT_EQ(pays(world, 100, 29 * 24 * hour_ms), "done");
  // Another tier has other limits; a balance cap stops credits that are no payouts.
  EXPECT_EQ(by_bank(world, ledger::SetLimits{"EUR.BANK", 3, 600, std::nullopt, std::nullopt, std::nullopt}), "done");
  EXPECT_EQ(by_bank(world, ledger::Authorise{"EUR.BANK", world.alfa.id, true, 1}), "done");
  EXPECT_EQ(by_bank(world, ledger::Authorise{"EUR.BANK", world.beta.id, true, 3}), "done");
  EXPECT_EQ(pays(world, 101), "E_LIMIT operations[0].amount") << "500 and 101 are more than the payee's cap";
  auto sweep = transfer(world.alfa, world.beta, 400);
  sweep.up_to = ledger::UpTo::both;
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {sweep}))), "done");
  EXPECT_EQ(world.balance(world.beta), 600u) << "a sweep fills the room that is left";
}

TEST(Issuer, AnHourCountsUntilItIsWhollyPast) {
  World world;
  create(world, all_but_auth);
  EXPECT_EQ(by_bank(world, ledger::SetLimits{"EUR.BANK", 0, std::nullopt, std::nullopt, 100, std::nullopt}), "done");
  auto const hour = (world.time_ms / hour_ms + 2) * hour_ms;
  world.apply({}, hour - 2000 - world.time_ms);
  EXPECT_EQ(pays(world, 100), "done");
  // 23 hours and some seconds later the clock shows the same hour of the next day.
  EXPECT_EQ(pays(world, 100, 23 * hour_ms + 4000), "E_LIMIT operations[0].amount");
  EXPECT_EQ(pays(world, 100, hour_ms), "done");
}

TEST(Issuer, WhatWasSpentInOneTierCountsInTheNext) {
  World world;
  create(world, all_but_auth);
  EXPECT_EQ(by_bank(world, ledger::SetLimits{"EUR.BANK", 0, std::nullopt, std::nullopt, 100, std::nullopt}), "done");
  EXPECT_EQ(by_bank(world, ledger::SetLimits{"EUR.BANK", 1, std::nullopt, 500, std::nullopt, std::nullopt}), "done");
  EXPECT_EQ(by_bank(world, ledger::Authorise{"EUR.BANK", world.alfa.id, true, 1}), "done");
  EXPECT_EQ(pays(world, 200), "done");
  EXPECT_EQ(by_bank(world, ledger::Authorise{"EUR.BANK", world.alfa.id, true, 0}), "done");
  EXPECT_EQ(pays(world, 1), "E_LIMIT operations[0].amount");
}

TEST(Issuer, LimitsAndFreezesHoldForEveryWay) {
  World world;
  create(world, all_but_auth);
  ledger::SetLimits const limits{"EUR.BANK", 0, 1050, 100, std::nullopt, std::nullopt};
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {limits}))), "E_NOT_ISSUER operations[0].asset");
  EXPECT_EQ(by_bank(world, limits), "done");
  EXPECT_EQ(by_bank(world, mint(world.alfa, 51)), "E_LIMIT operations[0].amount") << "above the account's cap";
  EXPECT_EQ(by_bank(world, mint(world.alfa, 50)), "done");
  ledger::OpenHold hold;
  hold.from = world.alfa.id;
  hold.to = hold.by = world.beta.id;
  hold.asset = "EUR.BANK";
  hold.expires_ms = world.time_ms + 24 * hour_ms;
  hold.amount = 101;
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {hold}))), "E_LIMIT operations[0].amount");
  Act act(world);
  EXPECT_EQ(money::deposit(act.context, world.alfa.id, "EUR.BANK", 101, world.chain, "E", "f").error().code,
            Code::E_LIMIT);
  EXPECT_EQ(by_bank(world, ledger::Freeze{"EUR.BANK", world.alfa.id, true, "court order 7"}), "done");
  ledger::Burn const burn{"EUR.BANK", world.alfa.id, 5};
  auto const both = world.sign(world.body(world.bank, {burn}), {"BANK.staff", "ALFA.staff"});
  EXPECT_EQ(outcome(world.one(both)), "E_FROZEN operations[0].from");
}

namespace {

/// EUR.BANK asks for a statement above 100; CERT, a financier, answers for BETA. Payments of ALFA's to BETA.
class Attested : public World {
 public:
  Attested() {
    ledger::CreateAsset asset{"EUR", 2, 1'000'000};
    asset.travel_above = 100;
    create(*this, all_but_auth, asset);
  }
  /// The statement of the institution that owns the key, about this payment.
  ledger::Travel statement(ledger::Transfer const& payment, std::string const& institution = "BANK",
                           std::string const& reference = "REF-1") const {
    ledger::Travel out{reference, firm(institution).id, key_of(institution + ".staff"), time_ms + hour_ms, {}};
    ledger::TravelStatement const signed_one{chain,         out.reference,  payment.from, payment.to,
                                             payment.asset, payment.amount, payment.uetr, out.until_ms};
    out.signature = crypto::party_sign(secret_of(institution + ".staff"), signed_one.digest(), {});
    return out;
  }
  std::string by_alfa(ledger::Operation const& operation) { return outcome(one(by(alfa, "staff", {operation}))); }
};

}  // namespace

TEST(Issuer, TravelStatementIsAboutOnePaymentAndUsedOnce) {
  Attested world;
  EXPECT_EQ(pays(world, 101), "E_TRAVEL_RULE operations[0].travel");
  auto const payment = transfer(world.alfa, world.beta, 101);
  auto const changed = [&](auto const& change) {
    auto other = payment;
    other.travel = world.statement(payment);
    change(other);
    return world.by_alfa(other);
  };
  std::string const signature = "E_TRAVEL_RULE operations[0].travel.signature";
  EXPECT_EQ(changed([](auto& one) { one.amount = 102; }), signature);
  EXPECT_EQ(changed([&](auto& one) { one.to = world.cert.id; }), signature);
  EXPECT_EQ(changed([](auto& one) { one.uetr = "00000000-0000-4000-8000-000000000000"; }), signature);
  EXPECT_EQ(changed([](auto& one) { one.travel->reference = "REF-2"; }), signature);
  EXPECT_EQ(changed([](auto& one) { one.travel->until_ms += 1; }), signature);
  auto from_beta = transfer(world.beta, world.cert, 101);
  from_beta.travel = world.statement(transfer(world.alfa, world.cert, 101));
  EXPECT_EQ(outcome(world.one(world.by(world.beta, "staff", {from_beta}))), signature) << "of another payer";
  EXPECT_EQ(changed([](auto& one) { one.travel->key = key_of("BANK.root"); }), "E_SCOPE operations[0].travel.key");
  EXPECT_EQ(changed([](auto& one) { one.travel->key = key_of("ALFA.staff"); }),
            "E_KEY_UNKNOWN operations[0].travel.key");
  auto const late = world.statement(payment, "BANK", "REF-9");
  EXPECT_EQ(changed([](auto&) {}), "done");
  EXPECT_EQ(changed([](auto&) {}), "E_TRAVEL_RULE operations[0].travel.reference") << "the same statement again";
  world.apply({}, hour_ms);
  EXPECT_EQ(changed([&](auto& one) { one.travel = late; }), "E_TRAVEL_RULE operations[0].travel.until_ms");
}

TEST(Issuer, TravelStatementIsThePayeesInstitutions) {
  Attested world;
  auto const attested = [&](std::string const& institution, std::string const& reference) {
    auto payment = transfer(world.alfa, world.beta, 101);
    payment.travel = world.statement(payment, institution, reference);
    return world.by_alfa(payment);
  };
  std::string const refused = "E_TRAVEL_RULE operations[0].travel.institution";
  EXPECT_EQ(attested("CERT", "R1"), refused);
  EXPECT_EQ(attested("BETA", "R1"), refused);
  ledger::Authorise named{"EUR.BANK", world.beta.id, true, 0, world.alfa.id};
  EXPECT_EQ(by_bank(world, named), "E_SCOPE operations[0].institution") << "ALFA keeps nobody's accounts";
  EXPECT_EQ(outcome(world.one(world.by(world.beta, "staff", {named}))), "E_NOT_ISSUER operations[0].asset");
  named.institution = world.cert.id;
  EXPECT_EQ(by_bank(world, named), "done");
  EXPECT_EQ(attested("BANK", "R1"), refused) << "the issuer named another";
  EXPECT_EQ(attested("CERT", "R1"), "done");
  named.institution.reset();
  EXPECT_EQ(by_bank(world, named), "done");
  EXPECT_EQ(attested("BANK", "R1"), "done");
}

TEST(Issuer, TravelThresholdCountsWhatADayPaysOnePayee) {
  Attested world;
  auto const pay_each = [&](Firm const& to, base::Amount amount, std::size_t count) {
    std::vector<ledger::Operation> const payments(count, transfer(world.alfa, to, amount));
    return outcome(world.one(world.by(world.alfa, "staff", payments)));
  };
  EXPECT_EQ(pay_each(world.beta, 100, 2), "E_TRAVEL_RULE operations[1].travel");
  EXPECT_EQ(pay_each(world.beta, 50, 2), "done");
  EXPECT_EQ(pay_each(world.beta, 1, 1), "E_TRAVEL_RULE operations[0].travel");
  ledger::OpenHold hold;
  hold.from = world.alfa.id;
  hold.to = hold.by = world.beta.id;
  hold.asset = "EUR.BANK";
  hold.expires_ms = world.time_ms + hour_ms;
  hold.amount = 1;
  EXPECT_EQ(world.by_alfa(hold), "E_TRAVEL_RULE operations[0].travel");
  ledger::OpenNetting set;
  set.label = "NET-1";
  set.settles_ms = world.time_ms + hour_ms;
  set.obligations = {{world.alfa.id, world.beta.id, "EUR.BANK", 1}};
  EXPECT_EQ(world.by_alfa(set), "E_TRAVEL_RULE operations[0].obligations[0].amount");
  EXPECT_EQ(pay_each(world.cert, 100, 1), "done") << "another payee";
  world.apply({}, 25 * hour_ms);
  EXPECT_EQ(pay_each(world.beta, 100, 1), "done");
}

TEST(Issuer, FlagsBindHoldersToo) {
  World world;
  create(world, 6);
  EXPECT_EQ(pays(world, 5), "E_NOT_TRANSFERABLE operations[0].to");
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {transfer(world.alfa, world.bank, 5)}))), "done")
      << "it is always redeemed";
  Act act(world);
  EXPECT_EQ(money::deposit(act.context, world.alfa.id, "EUR.BANK", 5, world.chain, "E", "f").error().code,
            Code::E_NOT_TRANSFERABLE);
}

}  // namespace contracts::test
