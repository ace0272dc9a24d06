// SPDX-License-Identifier: Apache-2.0
// The cost of the invariants: a block of keyed transfers is checked, signatures too, and executed, as every validator
// does; the same invariants are timed alone on the same changes.
#include "invariants.hpp"

#include <chrono>
#include <cstdio>

#include "contracts/machine.hpp"
#include "contracts/money/money.hpp"
#include "crypto/party.hpp"

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t payments = 2000;
constexpr int rounds = 5;
constexpr char const* glns[] = {"9521020000005", "9521001000000", "9521002000009"};

crypto::PartySecret secret(std::size_t firm) { return {crypto::sha256(base::encode(std::uint64_t{firm})).bytes}; }

ledger::Genesis genesis() {
  ledger::Genesis out;
  out.chain_name = "bench";
  out.time_ms = 1'780'000'000'000;
  for (std::size_t firm = 0; firm < 3; ++firm) {
    ledger::AddMember member;
    member.gln = glns[firm];
    member.short_name = std::string(1, static_cast<char>('A' + firm));
    member.country = "DE";
    member.roles = static_cast<std::uint32_t>(ledger::Role::issuer);
    out.operations.emplace_back(member);
    auto const party = ledger::party_id(glns[firm]);
    auto const key = crypto::party_key(secret(firm)).value();
    auto const all = ledger::Scope{15, {}, {}};
    out.operations.emplace_back(ledger::KeyAdd{party, key, ledger::KeyKind::staff, all, 0});
  }
  auto const validator = crypto::ValidatorSecret{crypto::sha256(base::bytes_of("validator")).bytes};
  out.validators.validators.push_back({ledger::party_id(glns[0]), crypto::validator_key(validator), {}});
  return out;
}

ledger::Transaction by(std::size_t firm, ledger::TimeMs time_ms, std::uint64_t number, ledger::Operation operation) {
  ledger::Transaction out;
  out.body.chain = genesis().chain();
  out.body.actor = ledger::party_id(glns[firm]);
  out.body.signers = {{out.body.actor, crypto::party_key(secret(firm)).value()}};
  out.body.valid_from_ms = time_ms;
  out.body.valid_until_ms = time_ms + 3'600'000;
  auto const key = crypto::sha256(base::encode(number));
  out.body.idempotency_key = ledger::IdempotencyKey::from(key.view().first(16));
  out.body.operations = {std::move(operation)};
  return out;
}

ledger::Transfer payment(std::size_t number) {
  ledger::Transfer out;
  out.from = ledger::party_id(glns[1 + number % 2]);
  out.to = ledger::party_id(glns[2 - number % 2]);
  out.asset = "EUR.A";
  out.amount = 1 + number % 7;
  return out;
}

double seconds(Steady::duration span) { return std::chrono::duration<double>(span).count(); }

/// The checks alone, over the changes that each payment makes by itself.
double checks_alone(ledger::StateView const& state, ledger::TimeMs time_ms) {
  Steady::duration spent{};
  ledger::Parameters const parameters;
  for (std::size_t i = 0; i < payments; ++i) {
    ledger::Overlay acts(state);
    contracts::Context context{acts, parameters};
    context.time_ms = time_ms;
    auto const operation = payment(i);
    context.signers = {{operation.from, crypto::party_key(secret(1 + i % 2)).value()}};
    if (!contracts::money::transfer(context, operation, "operations[0]")) std::printf("a payment failed\n");
    auto const begin = Steady::now();
    auto const broken = contracts::money::broken_invariant({state, acts.diff(), context.entries, context.signers});
    spent += Steady::now() - begin;
    if (broken) std::printf("broken: %s\n", broken->c_str());
  }
  return seconds(spent);
}

/// Form and signature of each payment; called before the block is executed.
double checked(std::vector<ledger::Transaction> const& block, ledger::TimeMs time_ms) {
  auto const chain = genesis().chain();
  ledger::Parameters const parameters;
  auto const begin = Steady::now();
  for (auto const& transaction : block) {
    auto const verdict = contracts::check(transaction, chain, parameters, time_ms);
    if (!verdict) std::printf("a payment is refused: %s\n", base::to_string(verdict.error()).c_str());
  }
  return seconds(Steady::now() - begin);
}

}  // namespace

void invariant_cost() {
  auto const first = contracts::execute_genesis(genesis());
  if (!first) return;
  ledger::MemoryState state;
  state.apply(first->diff);
  auto const time_ms = genesis().time_ms + 1000;
  std::vector<ledger::Transaction> opening = {by(0, time_ms, 1, ledger::CreateAsset{"EUR", 2, 1'000'000'000})};
  for (std::size_t firm = 1; firm < 3; ++firm) {
    auto const reserve = crypto::sha256(base::bytes_of("reserve"));
    opening.push_back(
        by(0, time_ms, 1 + firm, ledger::Mint{"EUR.A", ledger::party_id(glns[firm]), 1'000'000, reserve}));
  }
  auto const opened = contracts::execute(state, first->tree, {1, time_ms, {}, opening});
  state.apply(opened.diff);
  std::vector<ledger::Transaction> block;
  for (std::size_t i = 0; i < payments; ++i) {
    block.push_back(by(1 + i % 2, time_ms, 10 + i, payment(i)));
    block.back().signatures = {crypto::party_sign(secret(1 + i % 2), block.back().body.id(), {})};
  }
  double whole = 1e9;
  double checks = 1e9;
  for (int round = 0; round < rounds; ++round) {
    auto const begin = Steady::now();
    auto const done = contracts::execute(state, opened.tree, {2, time_ms + 1000, {}, block});
    whole = std::min(whole, seconds(Steady::now() - begin));
    for (auto const& receipt : done.receipts) {
      if (receipt.code != base::Code::done) std::printf("a payment failed: %s\n", base::name(receipt.code).data());
    }
    checks = std::min(checks, checks_alone(state, time_ms + 1000));
  }
  auto const before = checked(block, time_ms + 1000);
  std::printf(
      "invariants: %.1f us a payment, which takes %.1f us to check and %.1f us to execute: %.1f %% more than without "
      "them, %.1f %% of execution alone\n",
      checks / payments * 1e6, before / payments * 1e6, whole / payments * 1e6,
      100 * checks / (before + whole - checks), 100 * checks / (whole - checks));
}
