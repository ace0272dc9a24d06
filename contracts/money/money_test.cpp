// SPDX-License-Identifier: Apache-2.0
#include "contracts/money/money.hpp"

#include <gtest/gtest.h>

#include "contracts/world_test.hpp"

namespace contracts::test {

namespace {

using base::Amount;
using base::Code;
using ledger::BalanceRecord;
using ledger::Space;

constexpr std::string_view eur = "EUR.BANK";

/// The test's own recount: sums all balances of the asset, without the machine's totals.
Amount sum_of_balances(ledger::StateView const& state) {
  Amount sum = 0;
  state.scan(ledger::state_key(Space::balance, ledger::BytesView{}), [&](auto key, auto value) {
    if (base::text_of(key.subspan(33)) == eur) sum += base::decode<BalanceRecord>(value)->posted;
    return true;
  });
  return sum;
}

}  // namespace

TEST(Money, AssetIsNamedAfterItsIssuer) {
  World world;
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {ledger::CreateAsset{"EUR", 2, 500}}))), "done");
  auto const asset = asset_of(world.state);
  EXPECT_EQ(asset.issuer, world.bank.id);
  EXPECT_EQ(asset.scale, 2u);
  EXPECT_EQ(asset.max_supply, 500u);
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {ledger::CreateAsset{"EUR", 2, 400}}))),
            "E_ALREADY_REGISTERED operations[0].code");
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {ledger::CreateAsset{"EUR", 2, 500}}))),
            "E_SCOPE operations[0].code");
}

TEST(Money, OnlyTheIssuerMintsWithinTheSupply) {
  World world;
  world.one(world.by(world.bank, "staff", {ledger::CreateAsset{"EUR", 2, 500}}));
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {mint(world.alfa, 1)}))),
            "E_NOT_ISSUER operations[0].asset");
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "root", {mint(world.alfa, 1)}))), "E_SCOPE operations[0]");
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {mint(world.alfa, 501)}))),
            "E_SUPPLY operations[0].amount");
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {mint(world.alfa, 500)}))), "done");
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {mint(world.alfa, 1)}))), "E_SUPPLY operations[0].amount");
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {mint(world.bank, 1)}))),
            "E_NOT_AUTHORISED operations[0].to");
  auto stranger = mint(world.alfa, 1);
  stranger.to = ledger::party_id("none");
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {stranger}))), "E_MEMBER_UNKNOWN operations[0].to");
  auto unknown = mint(world.alfa, 2);
  unknown.asset = "USD.BANK";
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {unknown}))), "E_ASSET_UNKNOWN operations[0].asset");
  EXPECT_EQ(asset_of(world.state).issued, 500u);
  EXPECT_EQ(world.balance(world.alfa), 500u);
}

TEST(Money, PaymentToTheIssuerRedeems) {
  World world;
  world.fund(1000);
  auto const receipt = world.one(world.by(world.alfa, "staff", {transfer(world.alfa, world.bank, 400)}));
  EXPECT_EQ(outcome(receipt), "done");
  EXPECT_EQ(receipt.entries_count, 2u);
  EXPECT_EQ(world.balance(world.alfa), 600u);
  EXPECT_EQ(world.balance(world.bank), 0u);
  EXPECT_EQ(asset_of(world.state).issued, 600u);
  EXPECT_EQ(asset_of(world.state).posted, 600u);
}

TEST(Money, BurnNeedsIssuerAndHolder) {
  World world;
  world.fund(1000);
  ledger::Burn const burn{"EUR.BANK", world.alfa.id, 400};
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {burn}))), "E_MISSING_SIGNER operations[0].from");
  EXPECT_EQ(outcome(world.one(world.by(world.alfa, "staff", {burn}))), "E_NOT_ISSUER operations[0].asset");
  auto const both = std::vector<std::string>{"BANK.staff", "ALFA.staff"};
  EXPECT_EQ(outcome(world.one(world.sign(world.body(world.bank, {burn}), both))), "done");
  EXPECT_EQ(world.balance(world.alfa), 600u);
  EXPECT_EQ(asset_of(world.state).issued, 600u);
  ledger::Burn const more{"EUR.BANK", world.alfa.id, 601};
  EXPECT_EQ(outcome(world.one(world.sign(world.body(world.bank, {more}), both))),
            "E_INSUFFICIENT_FUNDS operations[0].amount");
}

TEST(Money, OneBodyExchangesTwoParties) {
  World world;
  world.fund(1000);
  world.one(world.by(world.bank, "staff", {mint(world.beta, 50)}));
  std::vector<ledger::Operation> const legs{transfer(world.alfa, world.beta, 100),
                                            transfer(world.beta, world.alfa, 120)};
  auto const body = world.body(world.alfa, legs);
  EXPECT_EQ(outcome(world.one(world.sign(body, {"ALFA.staff"}))), "E_MISSING_SIGNER operations[1].from");
  EXPECT_EQ(outcome(world.one(world.sign(body, {"ALFA.staff", "BETA.staff"}))), "done");
  EXPECT_EQ(world.balance(world.alfa), 1020u);
  EXPECT_EQ(world.balance(world.beta), 30u);
}

TEST(Money, AmountsAreOneToTheLargestOnTheWire) {
  World world;
  ledger::CreateAsset asset{"EUR", 2, 0};
  auto const created = [&] { return outcome(world.one(world.by(world.bank, "staff", {asset}))); };
  EXPECT_EQ(created(), "E_AMOUNT operations[0].max_supply");
  asset.max_supply = base::amount_max + 1;
  EXPECT_EQ(created(), "E_AMOUNT operations[0].max_supply");
  asset.max_supply = base::amount_max;
  EXPECT_EQ(created(), "done");
  auto const both = std::vector<std::string>{"BANK.staff", "ALFA.staff"};
  for (Amount const amount : {Amount{0}, base::amount_max + 1, ~Amount{0}}) {
    ledger::Burn const burn{"EUR.BANK", world.alfa.id, amount};
    for (auto const& operation : {ledger::Operation(mint(world.alfa, amount)), ledger::Operation(burn),
                                  ledger::Operation(transfer(world.alfa, world.beta, amount))}) {
      EXPECT_EQ(outcome(world.one(world.sign(world.body(world.bank, {operation}), both))),
                "E_AMOUNT operations[0].amount");
    }
  }
  EXPECT_EQ(outcome(world.one(world.by(world.bank, "staff", {mint(world.alfa, base::amount_max)}))), "done");
}

TEST(Money, HeldAndFrozenFundsCannotBeDebited) {
  World world;
  world.fund(1000);
  Act act(world);
  auto const key = ledger::balance_key(world.alfa.id, eur);
  BalanceRecord account;
  account.posted = account.total_in = 1000;
  account.held = 900;
  ledger::store(act.overlay, key, account);
  Hash const contract = world.chain;
  auto deposit = [&](Amount amount) {
    auto const result = money::deposit(act.context, world.alfa.id, std::string(eur), amount, contract, "ESC-1", "f");
    return result ? "done" : base::to_string(result.error());
  };
  EXPECT_EQ(deposit(101), "E_INSUFFICIENT_FUNDS f.amount: available 100");
  EXPECT_EQ(deposit(100), "done");
  account.held = 0;
  account.frozen = true;
  ledger::store(act.overlay, key, account);
  EXPECT_EQ(deposit(1), "E_FROZEN f.from: frozen for debits");
  money::payout(act.context, world.alfa.id, std::string(eur), 40, contract, "ESC-1");
  EXPECT_EQ(ledger::load<BalanceRecord>(act.overlay, key)->posted, 1040u) << "a credit cannot fail";
}

TEST(Money, PotsTakeDepositsAndPayOut) {
  World world;
  world.fund(1000);
  Act act(world);
  std::string const asset(eur);
  Hash const contract = world.chain;
  ASSERT_TRUE(money::deposit(act.context, world.alfa.id, asset, 700, contract, "ESC-1", "f"));
  EXPECT_EQ(asset_of(act.overlay).pots, 700u);
  EXPECT_EQ(asset_of(act.overlay).posted, 300u);
  money::payout(act.context, world.beta.id, asset, 600, contract, "ESC-1");
  money::payout(act.context, world.alfa.id, asset, 0, contract, "ESC-1");
  money::payout(act.context, world.bank.id, asset, 100, contract, "ESC-1");
  auto const record = asset_of(act.overlay);
  EXPECT_EQ(record.pots, 0u);
  EXPECT_EQ(record.posted, 900u);
  EXPECT_EQ(record.issued, 900u) << "a payout to the issuer redeems";
  EXPECT_EQ(money::conserves_assets({world.state, act.overlay.diff(), act.context.entries, {}}), std::nullopt);

  using enum ledger::EntryKind;
  auto const& entries = act.context.entries;
  ASSERT_EQ(entries.size(), 3u) << "nothing is told of a payout of nothing";
  EXPECT_EQ(entries[0], (ledger::Entry{world.alfa.id, "EUR.BANK", deposit, 700, contract, "ESC-1"}));
  EXPECT_EQ(entries[1], (ledger::Entry{world.beta.id, "EUR.BANK", payout, 600, contract, "ESC-1"}));
  EXPECT_EQ(entries[2], (ledger::Entry{world.bank.id, "EUR.BANK", payout, 100, contract, "ESC-1"}));
}

TEST(Money, RandomPaymentsKeepTheSum) {
  World world;
  world.fund(100'000);
  std::uint64_t seed = 42;
  auto random = [&](std::uint64_t below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
  };
  Firm const* const firms[] = {&world.alfa, &world.beta, &world.cert, &world.bank};
  std::size_t done = 0;
  for (int block = 0; block < 40; ++block) {
    std::vector<ledger::Transaction> transactions;
    for (int i = 0; i < 12; ++i) {
      auto const& from = *firms[random(3)];
      auto const& to = *firms[random(4)];
      Amount const amount = 1 + random(40'000);
      auto const kind = random(8);
      if (kind == 0) {
        transactions.push_back(world.by(world.bank, "staff", {mint(from, amount)}));
      } else if (kind == 1) {
        auto const body = world.body(world.bank, {ledger::Burn{"EUR.BANK", from.id, amount}});
        transactions.push_back(world.sign(body, {"BANK.staff", from.name + ".staff"}));
      } else if (from.id != to.id) {
        transactions.push_back(
            world.by(from, "staff", {transfer(from, to, amount), transfer(from, to, amount / 2 + 1)}));
      }
    }
    for (auto const& receipt : world.apply(transactions).receipts) done += receipt.code == Code::done;
    auto const asset = asset_of(world.state);
    ASSERT_EQ(sum_of_balances(world.state), asset.issued) << "block " << block;
    ASSERT_EQ(asset.posted, asset.issued);
  }
  EXPECT_GT(done, 100u) << "most of the story must happen for it to prove anything";
}

}  // namespace contracts::test
