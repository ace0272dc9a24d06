// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "contracts/money/money.hpp"
#include "contracts/world_test.hpp"
#include "ledger/contract.hpp"

namespace contracts::test {

namespace {

using ledger::AssetRecord;
using ledger::BalanceRecord;
using ledger::EntryKind;
using ledger::Space;

constexpr std::string_view eur = "EUR.BANK";

/// A funded world, an act on it that is tampered with, and what an invariant says of it.
struct Tampered {
  Tampered() : overlay((world.fund(1000), world.state)) {
    asset = asset_of(world.state);
    balance = ledger::load<BalanceRecord>(world.state, ledger::balance_key(world.alfa.id, eur)).value();
  }
  std::string says(money::Invariant invariant) {
    ledger::store(overlay, Space::asset, eur, asset);
    ledger::store(overlay, ledger::balance_key(world.alfa.id, eur), balance);
    return invariant({world.state, overlay.diff(), entries, signers}).value_or("none");
  }
  void entry(EntryKind kind, base::Amount amount, Hash const& counterparty = {}) {
    entries.push_back({world.alfa.id, "EUR.BANK", kind, amount, counterparty, ""});
  }

  World world;
  ledger::Overlay overlay;
  AssetRecord asset;
  BalanceRecord balance;
  std::vector<ledger::Entry> entries;
  std::vector<ledger::Signer> signers;
};

}  // namespace

TEST(Invariant, I1AccountsAndPotsGainWhatIsIssued) {
  auto const broken = [](auto const& change) {
    Tampered act;
    change(act.asset, act.balance);
    return act.says(money::conserves_assets);
  };
  EXPECT_EQ(broken([](auto&, auto&) {}), "none");
  EXPECT_EQ(broken([](auto&, auto& b) { b.posted += 1; }), "EUR.BANK: posted total = sum of balances");
  EXPECT_EQ(broken([](auto& a, auto&) { a.posted -= 1; }), "EUR.BANK: posted total = sum of balances");
  EXPECT_EQ(broken([](auto& a, auto& b) { a.posted += 1, b.posted += 1; }), "EUR.BANK: posted + pots = issued");
  EXPECT_EQ(broken([](auto& a, auto&) { a.pots += 1; }), "EUR.BANK: posted + pots = issued");
  EXPECT_EQ(broken([](auto& a, auto&) { a.issued -= 1; }), "EUR.BANK: posted + pots = issued");
  EXPECT_EQ(broken([](auto& a, auto& b) { a.posted -= 5, b.posted -= 5, a.pots += 5; }), "none");
  Tampered gone;
  gone.overlay.erase(ledger::balance_key(gone.world.alfa.id, eur));
  EXPECT_EQ(money::conserves_assets({gone.world.state, gone.overlay.diff(), {}, {}}),
            "EUR.BANK: posted total = sum of balances")
      << "a balance that vanishes while its asset is not touched";
}

TEST(Invariant, I2HeldIsAtMostPosted) {
  Tampered act;
  act.balance.held = 1000;
  EXPECT_EQ(act.says(money::keeps_balances), "none");
  act.balance.held = 1001;
  EXPECT_EQ(act.says(money::keeps_balances), "EUR.BANK: held <= posted");
  act.balance.held = 0;
  act.balance.total_in += 1;
  EXPECT_EQ(act.says(money::keeps_balances), "EUR.BANK: posted = in - out");
}

TEST(Invariant, I3HeldIsTheSumOfOpenHolds) {
  Tampered act;
  act.balance.held = 300;
  EXPECT_EQ(act.says(money::matches_holds), "EUR.BANK: held = sum of open holds");
  ledger::HoldRecord hold;
  hold.terms.from = act.world.alfa.id;
  hold.terms.to = act.world.bank.id;
  hold.terms.asset = "EUR.BANK";
  hold.amount = 400;
  hold.paid = 100;
  auto const key = ledger::hold_key(act.world.chain);
  ledger::store(act.overlay, key, hold);
  EXPECT_EQ(act.says(money::matches_holds), "none");
  hold.state = ledger::HoldState::voided;
  ledger::store(act.overlay, key, hold);
  EXPECT_EQ(act.says(money::matches_holds), "EUR.BANK: held = sum of open holds");
  act.balance.held = 0;
  EXPECT_EQ(act.says(money::matches_holds), "none");
  act.balance.incoming = 1;
  EXPECT_EQ(act.says(money::matches_holds), "EUR.BANK: incoming = sum of open holds");
}

TEST(Invariant, I4PotsAreDepositsLessPayouts) {
  Hash const contract = crypto::sha256(base::bytes_of("contract"));
  auto const broken = [&](auto const& change) {
    Tampered act;
    ledger::ContractRecord record;
    record.pots = {{"price", 70}};
    record.totals = {{"buyer", "EUR.BANK", 100, 0}, {"seller", "EUR.BANK", 0, 30}};
    act.asset.pots += 70;
    act.entry(EntryKind::deposit, 100, contract);
    act.entry(EntryKind::payout, 30, contract);
    change(act, record);
    ledger::store(act.overlay, ledger::contract_key(contract), record);
    return act.says(money::matches_pots);
  };
  auto const name = contract.hex();
  EXPECT_EQ(broken([](auto&, auto&) {}), "none");
  EXPECT_EQ(broken([](auto&, auto& c) { c.pots[0].amount = 71; }), name + ": pots = deposits - payouts");
  EXPECT_EQ(broken([](auto& act, auto&) { act.entries.pop_back(); }), name + ": deposits and payouts have lines");
  EXPECT_EQ(broken([](auto& act, auto&) { act.entry(EntryKind::payout, 1, act.world.chain); }).substr(66),
            ": deposits and payouts have a contract");
  EXPECT_EQ(broken([](auto& act, auto&) { act.asset.pots += 1; }), "EUR.BANK: pots total = sum of contracts");
}

TEST(Invariant, I5IssuedIsAtMostTheSupply) {
  Tampered act;
  act.asset.max_supply = act.asset.issued;
  EXPECT_EQ(act.says(money::keeps_supply), "none");
  act.asset.max_supply -= 1;
  EXPECT_EQ(act.says(money::keeps_supply), "EUR.BANK: issued <= max_supply");
}

TEST(Invariant, I6FailedTransactionsLeaveNoTrace) {
  World world;
  auto const says = [&](ledger::Bytes const& key) {
    ledger::Overlay overlay(world.state);
    overlay.put(key, ledger::Bytes{1});
    return money::leaves_no_trace(overlay.diff()).has_value();
  };
  auto const empty = ledger::BytesView{};
  for (auto const space : {Space::replay_minute, Space::meter, Space::transfer, Space::receipt}) {
    EXPECT_FALSE(says(ledger::state_key(space, world.chain.view())));
  }
  EXPECT_FALSE(says(ledger::state_key(Space::log_peaks, ledger::big_endian(7)))) << "of a replay minute";
  EXPECT_TRUE(says(ledger::state_key(Space::log_peaks, empty))) << "of the event log";
  for (auto const space : {Space::balance, Space::asset, Space::hold, Space::contract, Space::item, Space::lot,
                           Space::entry_index, Space::deadline_index, Space::parameters}) {
    EXPECT_TRUE(says(ledger::state_key(space, world.chain.view())));
  }
}

TEST(Invariant, I7EndedContractsHoldAndWaitForNothing) {
  Hash const contract = crypto::sha256(base::bytes_of("contract"));
  auto const broken = [&](auto const& change) {
    Tampered act;
    ledger::ContractRecord record;
    record.pots = {{"price", 0}};
    record.closed_ms = 5;
    change(act.overlay, record);
    ledger::store(act.overlay, ledger::contract_key(contract), record);
    return act.says(money::clears_ended);
  };
  auto const name = contract.hex();
  EXPECT_EQ(broken([](auto&, auto&) {}), "none");
  EXPECT_EQ(broken([](auto&, auto& c) { c.pots[0].amount = 1; }), name + ": ended with full pots");
  EXPECT_EQ(broken([](auto&, auto& c) { c.pots[0].amount = 1, c.closed_ms.reset(); }), "none") << "it runs";
  EXPECT_EQ(broken([&](auto& state, auto&) { state.put(ledger::deadline_key(9, contract, 0), {}); }),
            name + ": ended and still indexed");
  EXPECT_EQ(broken([&](auto& state, auto&) { state.put(ledger::trigger_key(contract, contract), {}); }),
            name + ": ended and still indexed");
  EXPECT_EQ(broken([&](auto& state, auto&) { state.put(ledger::pending_place_key(contract), {}); }),
            name + ": ended and still indexed");
}

TEST(Invariant, I8DebitsHaveASignatureOrACause) {
  auto const broken = [](EntryKind kind, base::Amount amount, bool is_signed) {
    Tampered act;
    act.balance.posted -= 5;
    act.balance.total_out += 5;
    if (amount > 0) act.entry(kind, amount);
    if (is_signed) act.signers = {{act.world.alfa.id, key_of("ALFA.staff")}};
    return act.says(money::names_causes);
  };
  EXPECT_EQ(broken(EntryKind::transfer_out, 5, true), "none");
  EXPECT_EQ(broken(EntryKind::transfer_out, 5, false), "EUR.BANK: a debit that its party did not sign");
  EXPECT_EQ(broken(EntryKind::deposit, 5, false), "EUR.BANK: a debit that its party did not sign");
  EXPECT_EQ(broken(EntryKind::clawback, 5, false), "none");
  EXPECT_EQ(broken(EntryKind::hold_paid, 5, false), "none");
  EXPECT_EQ(broken(EntryKind::netting_out, 5, false), "none");
  EXPECT_EQ(broken(EntryKind::transfer_out, 4, true), "EUR.BANK: a debit without a line");
  EXPECT_EQ(broken(EntryKind::transfer_out, 0, true), "EUR.BANK: a debit without a line");
}

namespace {

/// Counts what is read of a state.
class Counting final : public ledger::StateView {
 public:
  explicit Counting(ledger::StateView const& state) : state_(state) {}
  bool read(ledger::BytesView key, std::uint32_t hash, Reader const& reader) const override {
    ++reads;
    return state_.read(key, hash, reader);
  }
  using StateView::scan;
  void scan(ledger::BytesView prefix, ledger::BytesView from, Visitor const& visit) const override {
    state_.scan(prefix, from, [&](ledger::BytesView key, ledger::BytesView value) {
      ++reads;
      return visit(key, value);
    });
  }
  mutable std::size_t reads = 0;

 private:
  ledger::StateView const& state_;
};

/// What the checks of one payment read, after so many holds were opened and payments made before it.
std::size_t reads_of_a_payment(int before) {
  World world;
  world.fund(1'000'000);
  for (int i = 0; i < before; ++i) {
    ledger::OpenHold hold;
    hold.from = world.alfa.id;
    hold.to = hold.by = world.beta.id;
    hold.asset = eur;
    hold.amount = 1;
    hold.expires_ms = world.time_ms + 3'600'000;
    world.one(world.by(world.alfa, "staff", {hold}));
    world.one(world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 1)}));
  }
  Act act(world);
  act.context.time_ms = world.time_ms;
  act.context.signers = {{world.alfa.id, key_of("ALFA.staff")}};
  EXPECT_TRUE(money::transfer(act.context, transfer(world.alfa, world.beta, 5), "operations[0]"));
  Counting const state(world.state);
  EXPECT_FALSE(money::broken_invariant({state, act.overlay.diff(), act.context.entries, act.context.signers}));
  return state.reads;
}

}  // namespace

TEST(Invariant, CostsWhatAnActTouchesWhateverElseThereIs) {
  auto const few = reads_of_a_payment(1);
  EXPECT_LE(few, 24u);
  EXPECT_EQ(reads_of_a_payment(60), few);
}

}  // namespace contracts::test
