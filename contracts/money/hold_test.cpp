// SPDX-License-Identifier: Apache-2.0
// Holds, batches, netting sets, receivables.
#include <gtest/gtest.h>

#include "contracts/money/money.hpp"
#include "contracts/world_test.hpp"

namespace contracts::test {

namespace {

using base::Amount;
using ledger::BalanceRecord;
using ledger::HoldState;

constexpr TimeMs hour_ms = 3'600'000;

ledger::PostHold post(Hash const& hold, Amount amount, bool final) {
  ledger::PostHold out;
  out.hold = hold;
  out.amount = amount;
  out.final = final;
  return out;
}

struct Funded : World {
  Funded() { fund(1000); }
  explicit Funded(ledger::Parameters const& parameters) : World(parameters) { fund(1000); }

  /// ALFA holds for BETA, and BETA posts.
  ledger::OpenHold hold(Amount amount, TimeMs lasts_ms = hour_ms) const {
    ledger::OpenHold out;
    out.from = alfa.id;
    out.to = beta.id;
    out.by = beta.id;
    out.asset = "EUR.BANK";
    out.amount = amount;
    out.expires_ms = time_ms + lasts_ms;
    return out;
  }
  Hash open(ledger::OpenHold const& operation) {
    auto const sent = by(alfa, "staff", {operation});
    EXPECT_EQ(outcome(one(sent)), "done");
    return ledger::contract_id(sent.body.id(), 0);
  }
  std::string by_beta(ledger::Operation const& operation) { return outcome(one(by(beta, "staff", {operation}))); }
  std::string by_alfa(ledger::Operation const& operation) { return outcome(one(by(alfa, "staff", {operation}))); }
  BalanceRecord account(Firm const& of) const {
    return ledger::load<BalanceRecord>(state, ledger::balance_key(of.id, "EUR.BANK")).value_or(BalanceRecord{});
  }
  HoldState state_of(Hash const& id) const {
    return ledger::load<ledger::HoldRecord>(state, ledger::hold_key(id)).value().state;
  }
};

}  // namespace

TEST(Hold, IsPaidOutInParts) {
  Funded world;
  auto const id = world.open(world.hold(600));
  EXPECT_EQ(world.account(world.alfa).held, 600u);
  EXPECT_EQ(world.account(world.beta).incoming, 600u);
  EXPECT_EQ(world.by_alfa(transfer(world.alfa, world.beta, 401)), "E_INSUFFICIENT_FUNDS operations[0].amount");
  EXPECT_EQ(world.by_alfa(post(id, 1, false)), "E_MISSING_SIGNER operations[0].hold");
  EXPECT_EQ(world.by_beta(post(id, 200, false)), "done");
  EXPECT_EQ(world.by_beta(post(id, 100, false)), "done");
  EXPECT_EQ(world.account(world.alfa).held, 300u);
  EXPECT_EQ(world.account(world.alfa).posted, 700u);
  EXPECT_EQ(world.by_beta(post(id, 301, false)), "E_AMOUNT operations[0].amount");
  EXPECT_EQ(world.by_beta(post(id, 0, true)), "E_AMOUNT operations[0].amount");
  EXPECT_EQ(world.by_beta(post(id, 50, true)), "done") << "the final post gives the rest free";
  EXPECT_EQ(world.account(world.alfa).held, 0u);
  EXPECT_EQ(world.account(world.alfa).holds, 0u);
  EXPECT_EQ(world.account(world.beta).incoming, 0u);
  EXPECT_EQ(world.balance(world.beta), 350u);
  EXPECT_EQ(world.by_beta(post(id, 1, false)), "E_HOLD_ENDED operations[0].hold");
  EXPECT_EQ(world.by_beta(ledger::VoidHold{id}), "E_HOLD_ENDED operations[0].hold");
  EXPECT_EQ(world.by_beta(ledger::VoidHold{world.chain}), "E_HOLD_UNKNOWN operations[0].hold");
  EXPECT_EQ(world.state_of(id), HoldState::posted);
}

TEST(Hold, IsVoidedByItsPosterOrPayee) {
  Funded world;
  auto hold = world.hold(600);
  hold.by = world.cert.id;
  auto const id = world.open(hold);
  EXPECT_EQ(world.by_alfa(ledger::VoidHold{id}), "E_MISSING_SIGNER operations[0].hold") << "the payer is bound";
  EXPECT_EQ(world.by_beta(ledger::VoidHold{id}), "done");
  EXPECT_EQ(world.account(world.alfa).held, 0u);
  EXPECT_EQ(world.state_of(id), HoldState::voided);
}

TEST(Hold, ToTheIssuerRedeems) {
  Funded world;
  auto hold = world.hold(600);
  hold.to = hold.by = world.bank.id;
  auto const id = world.open(hold);
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {post(id, 600, false)}))), "done");
  EXPECT_EQ(asset_of(world.state).issued, 400u);
  EXPECT_EQ(world.state_of(id), HoldState::posted) << "nothing is left";
}

TEST(Hold, OutlivesAFreeze) {
  Funded world;
  ledger::CreateAsset usd{"USD", 2, 1000};
  usd.flags = 30;
  auto minted = mint(world.alfa, 100);
  minted.asset = "USD.BANK";
  ASSERT_EQ(outcome(world.one(world.by(world.bank, "staff", {usd, minted}))), "done");
  auto hold = world.hold(60);
  hold.asset = "USD.BANK";
  auto const id = world.open(hold);
  world.one(world.by(world.bank, "staff", {ledger::Freeze{"USD.BANK", world.alfa.id, true, "court"}}));
  EXPECT_EQ(world.by_alfa(hold), "E_FROZEN operations[0].from");
  EXPECT_EQ(world.by_beta(post(id, 60, false)), "done") << "only what is available is frozen";
}

TEST(Hold, ExpiresByItselfInOrderAndSoManyABlock) {
  ledger::Parameters parameters;
  parameters.deadlines_a_block_max = 2;
  Funded world(parameters);
  EXPECT_EQ(world.by_alfa(world.hold(1, 0)), "E_TIME_WINDOW operations[0].expires_ms");
  auto const late = world.open(world.hold(10, 3 * hour_ms));
  auto const third = world.open(world.hold(10, 2 * hour_ms));
  auto const first = world.open(world.hold(10, hour_ms - 2));
  auto const second = world.open(world.hold(10, hour_ms));
  EXPECT_EQ(next_deadline(world.state),
            ledger::load<ledger::HoldRecord>(world.state, ledger::hold_key(first))->terms.expires_ms);
  auto const fired = world.apply({}, 2 * hour_ms + 5000);
  ASSERT_EQ(fired.receipts.size(), 2u) << "the rest waits for the next block";
  EXPECT_EQ(std::get<ledger::DeadlineCause>(fired.receipts[0].cause).contract, first);
  EXPECT_EQ(std::get<ledger::DeadlineCause>(fired.receipts[1].cause).contract, second);
  EXPECT_EQ(fired.receipts[0].entries_count, 1u);
  EXPECT_EQ(world.account(world.alfa).held, 20u);
  EXPECT_EQ(world.state_of(third), HoldState::open);
  auto const posting = world.by(world.beta, "staff", {post(third, 1, false)});
  auto const next = world.apply({posting});
  EXPECT_EQ(outcome(next.receipts.back()), "E_HOLD_ENDED operations[0].hold");
  EXPECT_EQ(world.state_of(third), HoldState::expired);
  EXPECT_EQ(world.state_of(late), HoldState::open);
  EXPECT_EQ(world.account(world.alfa).held, 10u);
}

TEST(Hold, ExpiredButNotYetFiredCannotBePosted) {
  ledger::Parameters parameters;
  parameters.deadlines_a_block_max = 0;
  Funded world(parameters);
  auto const id = world.open(world.hold(10));
  auto const posting = world.by(world.beta, "staff", {post(id, 1, false)});
  EXPECT_EQ(outcome(world.apply({posting}, hour_ms).receipts.back()), "E_HOLD_ENDED operations[0].hold");
  EXPECT_EQ(world.state_of(id), HoldState::open);
}

TEST(Hold, AreSoManyAnAccount) {
  Funded world;
  auto const key = ledger::balance_key(world.alfa.id, "EUR.BANK");
  ledger::Overlay overlay(world.state);
  auto account = world.account(world.alfa);
  account.holds = money::holds_an_account_max;
  ledger::store(overlay, key, account);
  world.state.apply(std::move(overlay).take());
  EXPECT_EQ(world.by_alfa(world.hold(1)), "E_LIMIT operations[0].from");
}

TEST(Batch, Of64LegsIsAllOrNothing) {
  Funded world;
  std::vector<ledger::Operation> legs;
  for (int i = 0; i < 32; ++i) {
    legs.emplace_back(transfer(world.alfa, world.beta, 20));
    legs.emplace_back(transfer(world.beta, world.alfa, 15));
  }
  auto const both = std::vector<std::string>{"ALFA.staff", "BETA.staff"};
  EXPECT_EQ(outcome(world.one(world.sign(world.body(world.alfa, legs), both))), "done");
  EXPECT_EQ(world.balance(world.beta), 160u);
  legs.back() = transfer(world.beta, world.alfa, 1000);
  auto const failed = world.one(world.sign(world.body(world.alfa, legs), both));
  EXPECT_EQ(outcome(failed), "E_INSUFFICIENT_FUNDS operations[63].amount");
  EXPECT_EQ(failed.entries_count, 0u);
  EXPECT_EQ(world.balance(world.beta), 160u) << "the 63 legs before left nothing";
}

namespace {

/// ALFA, BETA and CERT owe each other in a ring.
ledger::OpenNetting ring(World const& world, TimeMs lasts_ms = hour_ms) {
  ledger::OpenNetting out;
  out.label = "NET-1";
  out.obligations = {{world.alfa.id, world.beta.id, "EUR.BANK", 900},
                     {world.beta.id, world.cert.id, "EUR.BANK", 800},
                     {world.cert.id, world.alfa.id, "EUR.BANK", 500}};
  out.settles_ms = world.time_ms + lasts_ms;
  return out;
}

ledger::NettingState netting_state(World const& world, Hash const& id) {
  return ledger::load<ledger::NettingRecord>(world.state, ledger::netting_key(id)).value().state;
}

}  // namespace

TEST(Netting, SettlesAsSoonAsAllHaveJoined) {
  Funded world;
  auto const opened = world.by(world.alfa, "staff", {ring(world)});
  ASSERT_EQ(outcome(world.one(opened)), "done");
  auto const id = ledger::contract_id(opened.body.id(), 0);
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {ledger::JoinNetting{id}}))),
            "E_MISSING_SIGNER operations[0].netting");
  EXPECT_EQ(world.by_beta(ledger::JoinNetting{id}), "done");
  EXPECT_EQ(world.balance(world.alfa), 1000u);
  auto const last = world.one(world.by(world.cert, "staff", {ledger::JoinNetting{id}}));
  EXPECT_EQ(outcome(last), "done");
  EXPECT_EQ(last.entries_count, 3u) << "2,200 of debts are settled by 400 of payments";
  EXPECT_EQ(world.balance(world.alfa), 600u);
  EXPECT_EQ(world.balance(world.beta), 100u);
  EXPECT_EQ(world.balance(world.cert), 300u);
  EXPECT_EQ(netting_state(world, id), ledger::NettingState::settled);
  EXPECT_EQ(world.by_beta(ledger::JoinNetting{id}), "E_NETTING_UNKNOWN operations[0].netting");
  EXPECT_EQ(next_deadline(world.state), std::nullopt);
}

TEST(Netting, DropsTheEdgesOfThoseWhoDidNotJoinOrCannotPay) {
  Funded world;
  auto set = ring(world);
  // BANK's account of EUR.BANK does not exist; what is paid to it is redeemed.
  set.obligations.push_back({world.alfa.id, world.bank.id, "EUR.BANK", 50});
  auto const opened = world.by(world.alfa, "staff", {set});
  ASSERT_EQ(outcome(world.one(opened)), "done");
  auto const id = ledger::contract_id(opened.body.id(), 0);
  world.by_beta(ledger::JoinNetting{id});
  world.one(world.by(world.bank, "staff", {ledger::JoinNetting{id}}));
  auto const fired = world.apply({}, hour_ms);
  ASSERT_EQ(fired.receipts.size(), 1u);
  EXPECT_EQ(world.balance(world.alfa), 50u) << "900 to BETA and 50 redeemed; CERT did not join";
  EXPECT_EQ(world.balance(world.beta), 900u);
  EXPECT_EQ(asset_of(world.state).issued, 950u);
  EXPECT_EQ(netting_state(world, id), ledger::NettingState::settled);

  Funded poor;
  poor.by_alfa(transfer(poor.alfa, poor.bank, 700));
  auto const again = poor.by(poor.alfa, "staff", {ring(poor)});
  ASSERT_EQ(outcome(poor.one(again)), "done");
  auto const other = ledger::contract_id(again.body.id(), 0);
  poor.by_beta(ledger::JoinNetting{other});
  poor.one(poor.by(poor.cert, "staff", {ledger::JoinNetting{other}}));
  EXPECT_EQ(poor.balance(poor.alfa), 300u) << "ALFA lacks 100, so it drops out; BETA then cannot pay CERT";
  EXPECT_EQ(netting_state(poor, other), ledger::NettingState::dropped);
}

TEST(Netting, TakesNothingFromAFrozenAccount) {
  for (bool const frozen : {false, true}) {
    Funded world;
    ledger::CreateAsset usd{"USD", 2, 1000};
    usd.flags = 30;
    auto minted = mint(world.alfa, 100);
    minted.asset = "USD.BANK";
    ASSERT_EQ(outcome(world.one(world.by(world.bank, "staff", {usd, minted}))), "done");
    ledger::OpenNetting set;
    set.label = "NET-1";
    set.obligations = {{world.alfa.id, world.beta.id, "USD.BANK", 60}};
    set.settles_ms = world.time_ms + hour_ms;
    auto const opened = world.by(world.alfa, "staff", {set});
    ASSERT_EQ(outcome(world.one(opened)), "done");
    auto const id = ledger::contract_id(opened.body.id(), 0);
    world.one(world.by(world.bank, "staff", {ledger::Freeze{"USD.BANK", world.alfa.id, frozen, "court"}}));
    EXPECT_EQ(world.by_beta(ledger::JoinNetting{id}), "done");
    EXPECT_EQ(netting_state(world, id), frozen ? ledger::NettingState::dropped : ledger::NettingState::settled);
  }
}

TEST(Netting, FollowsTheRulesOfPayments) {
  // ALFA owes BETA 60 of its 100 USD; what the issuer says of them comes before the set.
  auto const netted = [](std::uint32_t flags, std::vector<ledger::Operation> const& before) -> std::string {
    Funded world;
    ledger::CreateAsset usd{"USD", 2, 1000};
    usd.flags = flags;
    auto minted = mint(world.alfa, 100);
    minted.asset = "USD.BANK";
    std::vector<ledger::Operation> all = {usd, ledger::Authorise{"USD.BANK", world.alfa.id, true, 0}, minted};
    all.insert(all.end(), before.begin(), before.end());
    EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", all))), "done");
    ledger::OpenNetting set;
    set.label = "NET-1";
    set.obligations = {{world.alfa.id, world.beta.id, "USD.BANK", 60}};
    set.settles_ms = world.time_ms + hour_ms;
    auto const opened = world.sign(world.body(world.alfa, {set}), {"ALFA.staff", "BETA.staff"});
    auto const told = outcome(world.one(opened));
    if (told != "done") return told;
    auto const settled =
        netting_state(world, ledger::contract_id(opened.body.id(), 0)) == ledger::NettingState::settled;
    EXPECT_EQ(world.balance(world.beta, "USD.BANK"), settled ? 60u : 0u);
    return settled ? "settled" : "dropped";
  };
  auto const beta = World().beta.id;
  EXPECT_EQ(netted(30, {}), "settled");
  EXPECT_EQ(netted(14, {}), "E_NOT_TRANSFERABLE operations[0].obligations[0].asset");
  EXPECT_EQ(netted(31, {}), "dropped") << "BETA is not authorised";
  EXPECT_EQ(netted(31, {ledger::Authorise{"USD.BANK", beta, true, 0}}), "settled");
  ledger::SetLimits limits{"USD.BANK", 0, 60, 60, 60, 60};
  EXPECT_EQ(netted(30, {limits}), "settled");
  limits.balance_max = 59;
  EXPECT_EQ(netted(30, {limits}), "dropped") << "above the payee's cap";
  limits = {"USD.BANK", 0, std::nullopt, 59, std::nullopt, std::nullopt};
  EXPECT_EQ(netted(30, {limits}), "dropped") << "above the payer's limit";
}

TEST(Netting, IsNoWayRoundTheTravelRule) {
  Funded world;
  ledger::CreateAsset usd{"USD", 2, 1000};
  usd.travel_above = 60;
  ASSERT_EQ(outcome(world.one(world.by(world.bank, "staff", {usd}))), "done");
  ledger::OpenNetting set;
  set.label = "NET-1";
  set.obligations = {{world.alfa.id, world.beta.id, "USD.BANK", 60}, {world.beta.id, world.alfa.id, "USD.BANK", 61}};
  set.settles_ms = world.time_ms + hour_ms;
  EXPECT_EQ(world.by_alfa(set), "E_TRAVEL_RULE operations[0].obligations[1].amount");
  set.obligations.pop_back();
  EXPECT_EQ(world.by_alfa(set), "done");
}

TEST(Netting, CountsAgainstTheKeysDay) {
  Funded world;
  ledger::LimitKey limit;
  limit.key = key_of("ALFA.staff");
  limit.value_a_day = 899;
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "admin", {limit}))), "done");
  EXPECT_EQ(world.by_alfa(ring(world)), "E_LIMIT operations[0]");
  auto const opened = world.by(world.beta, "staff", {ring(world)});
  ASSERT_EQ(outcome(world.one(opened)), "done");
  ledger::JoinNetting const join{ledger::contract_id(opened.body.id(), 0)};
  EXPECT_EQ(world.by_alfa(join), "E_LIMIT operations[0]");
  limit.value_a_day = 900;
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "admin", {limit}))), "done");
  EXPECT_EQ(world.by_alfa(join), "done");
}

TEST(Hold, CountsAgainstTheKeysDay) {
  Funded world;
  ledger::LimitKey limit;
  limit.key = key_of("ALFA.staff");
  limit.value_a_day = 100;
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "admin", {limit}))), "done");
  auto const hold = [&](Amount amount) { return world.by_alfa(world.hold(amount)); };
  EXPECT_EQ(hold(60), "done");
  EXPECT_EQ(hold(41), "E_LIMIT operations[0]");
  EXPECT_EQ(world.by_alfa(transfer(world.alfa, world.beta, 41)), "E_LIMIT operations[0]");
  EXPECT_EQ(world.by_alfa(transfer(world.alfa, world.beta, 40)), "done");
  EXPECT_EQ(hold(1), "E_LIMIT operations[0]");
  world.apply({}, 24 * hour_ms);
  EXPECT_EQ(hold(100), "done");
}

TEST(Receivable, IsPledgedOrAssignedOnce) {
  Funded world;
  ledger::RegisterReceivable const claim{world.chain, world.beta.id, "EUR.BANK", 700, world.time_ms, "INV-1"};
  EXPECT_EQ(world.by_alfa(ledger::AssignReceivable{world.chain, ledger::Security::pledged, world.bank.id}),
            "E_RECEIVABLE_UNKNOWN operations[0].document");
  auto alone = claim;
  alone.document = crypto::sha256(base::bytes_of("another invoice"));
  EXPECT_EQ(world.by_alfa(alone), "done");
  EXPECT_FALSE(
      ledger::load<ledger::ReceivableRecord>(world.state, ledger::receivable_key(alone.document))->acknowledged)
      << "the debtor did not sign";
  auto const both = world.sign(world.body(world.alfa, {claim}), {"ALFA.staff", "BETA.staff"});
  EXPECT_EQ(outcome(world.one(both)), "done");
  EXPECT_EQ(outcome(world.one(world.by(world.cert, "staff", {claim}))), "E_ALREADY_REGISTERED operations[0].document");
  auto const record = [&] {
    return ledger::load<ledger::ReceivableRecord>(world.state, ledger::receivable_key(world.chain)).value();
  };
  EXPECT_TRUE(record().acknowledged);
  EXPECT_EQ(record().rank, 2u);
  ledger::AssignReceivable const pledge{world.chain, ledger::Security::pledged, world.bank.id};
  EXPECT_EQ(world.by_beta(pledge), "E_MISSING_SIGNER operations[0].document");
  EXPECT_EQ(world.by_alfa(pledge), "done");
  EXPECT_EQ(record().secured_rank, 3u);
  EXPECT_EQ(world.by_alfa(ledger::AssignReceivable{world.chain, ledger::Security::assigned, world.cert.id}),
            "E_ALREADY_PLEDGED operations[0].document");
  ledger::AssignReceivable const release{world.chain, ledger::Security::released, {}};
  EXPECT_EQ(world.by_alfa(release), "E_MISSING_SIGNER operations[0].document");
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {release}))), "done");
  EXPECT_EQ(world.by_alfa(ledger::AssignReceivable{world.chain, ledger::Security::assigned, world.cert.id}), "done");
  EXPECT_EQ(record().owner, world.cert.id);
  EXPECT_EQ(outcome(world.one(world.by(world.cert, "staff", {pledge}))), "E_ALREADY_PLEDGED operations[0].document")
      << "assigned once";
}

TEST(Lines, HaveARootInTheAccount) {
  Funded world;
  auto payment = transfer(world.alfa, world.beta, 5);
  payment.uetr = "00000000-0000-4000-8000-000000000000";
  payment.end_to_end = "E2E-1";
  ASSERT_EQ(world.by_alfa(payment), "done");
  std::vector<Hash> leaves;
  std::vector<ledger::StatementRecord> lines;
  ledger::scan_lines(world.state, world.alfa.id, "EUR.BANK", 0, [&](auto, auto value) {
    leaves.push_back(crypto::log_leaf_hash(value));
    lines.push_back(base::decode<ledger::StatementRecord>(value).value());
    return true;
  });
  auto const account = world.account(world.alfa);
  EXPECT_EQ(account.lines, 2u);
  EXPECT_EQ(account.lines_root, crypto::log_root(leaves));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].ids.uetr, payment.uetr);
  EXPECT_EQ(lines[1].ids.end_to_end, payment.end_to_end);
  EXPECT_EQ(lines[0].ids, ledger::PaymentIds{});
}

}  // namespace contracts::test
