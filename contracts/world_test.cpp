// SPDX-License-Identifier: Apache-2.0
#include "contracts/world_test.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "crypto/validator.hpp"
#include "ledger/record.hpp"

namespace contracts::test {

namespace {

using ledger::Role;

constexpr ledger::TimeMs genesis_ms = 1'780'000'000'000;

Firm make_firm(std::string name, std::string gln) { return {std::move(name), gln, ledger::party_id(gln)}; }

void admit(ledger::Genesis& genesis, Firm const& firm, Role role, Role second = Role{}) {
  ledger::AddMember member;
  member.gln = firm.gln;
  member.short_name = firm.name;
  member.names = {{"en", firm.name + " Ltd"}};
  member.country = "DE";
  member.roles = static_cast<std::uint32_t>(role) | static_cast<std::uint32_t>(second);
  member.accounting = true;
  genesis.operations.emplace_back(member);
  genesis.operations.emplace_back(ledger::GrantPrefix{ledger::Text<12>(firm.gln.substr(0, 7)), firm.id});
  auto const all = ledger::Scope{15, {}, {}};
  for (auto const& [kind, name] : {std::pair{ledger::KeyKind::root, "root"}, std::pair{ledger::KeyKind::admin, "admin"},
                                   std::pair{ledger::KeyKind::staff, "staff"}}) {
    genesis.operations.emplace_back(ledger::KeyAdd{firm.id, key_of(firm.name + "." + name), kind, all, 0});
  }
}

}  // namespace

crypto::PartySecret secret_of(std::string_view name) { return {crypto::sha256(base::bytes_of(name)).bytes}; }

base::PartyKey key_of(std::string_view name) { return crypto::party_key(secret_of(name)).value(); }

World::World() : World(ledger::Parameters{}) {}

World::World(ledger::Parameters const& parameters)
    : bank(make_firm("BANK", "9521020000005")),
      alfa(make_firm("ALFA", "9521001000000")),
      beta(make_firm("BETA", "9521002000009")),
      cert(make_firm("CERT", "9521015000003")),
      first(genesis(parameters)),
      chain(first.chain()) {
  auto execution = execute_genesis(first);
  CHECK(execution.has_value());
  state.apply(execution->diff);
  tree = execution->tree;
  time_ms = first.time_ms;
}

ledger::Genesis World::genesis(ledger::Parameters const& parameters) {
  ledger::Genesis out;
  out.chain_name = "test";
  out.time_ms = genesis_ms;
  out.clock = ledger::TestClock{key_of("clock"), out.time_ms};
  out.parameters = parameters;
  admit(out, make_firm("BANK", "9521020000005"), Role::issuer);
  admit(out, make_firm("ALFA", "9521001000000"), Role::brand);
  admit(out, make_firm("BETA", "9521002000009"), Role::brand);
  admit(out, make_firm("CERT", "9521015000003"), Role::certifier, Role::financier);
  auto const seed = crypto::ValidatorSecret{crypto::sha256(base::bytes_of("validator")).bytes};
  out.validators.validators.push_back({ledger::party_id("9521020000005"), crypto::validator_key(seed), {}});
  return out;
}

ledger::Body World::body(Firm const& actor, std::vector<ledger::Operation> operations) const {
  ledger::Body out;
  out.chain = chain;
  out.actor = actor.id;
  out.valid_from_ms = time_ms;
  out.valid_until_ms = time_ms + 3'600'000;
  out.operations = std::move(operations);
  return out;
}

ledger::Transaction World::sign(ledger::Body body, std::vector<std::string> const& keys) const {
  std::vector<std::pair<ledger::Signer, std::string>> signers;
  for (auto const& key : keys) {
    auto const dot = key.find('.');
    auto const party = dot == key.npos ? base::PartyId{} : firm(key.substr(0, dot)).id;
    signers.emplace_back(ledger::Signer{party, key_of(key)}, key);
  }
  std::sort(signers.begin(), signers.end());
  for (auto const& signer : signers) body.signers.push_back(signer.first);
  ledger::Transaction out;
  out.body = std::move(body);
  auto const id = out.body.id();
  for (auto const& signer : signers) out.signatures.push_back(crypto::party_sign(secret_of(signer.second), id, {}));
  return out;
}

ledger::Transaction World::by(Firm const& actor, std::string const& kind,
                              std::vector<ledger::Operation> operations) const {
  return sign(body(actor, std::move(operations)), {actor.name + "." + kind});
}

Execution World::run(std::vector<ledger::Transaction> const& transactions, ledger::TimeMs after_ms) const {
  for (auto const& transaction : transactions) {
    auto const checked = check(transaction, chain, first.parameters, time_ms + after_ms);
    EXPECT_TRUE(checked) << base::to_string(checked.error());
  }
  return execute(state, tree, {height + 1, time_ms + after_ms, {}, transactions});
}

Execution World::apply(std::vector<ledger::Transaction> const& transactions, ledger::TimeMs after_ms) {
  auto out = run(transactions, after_ms);
  EXPECT_TRUE(out.alarms.empty()) << out.alarms.front();
  state.apply(out.diff);
  tree = out.tree;
  height += 1;
  time_ms += after_ms;
  return out;
}

ledger::Receipt World::one(ledger::Transaction const& transaction) { return apply({transaction}).receipts.back(); }

void World::fund(base::Amount amount) {
  auto const made = one(by(bank, "staff", {ledger::CreateAsset{"EUR", 2, base::amount_max}}));
  CHECK(made.code == base::Code::done);
  auto const paid = one(by(bank, "staff", {mint(alfa, amount)}));
  CHECK(paid.code == base::Code::done);
}

std::optional<ledger::StatementRecord> World::line(Firm const& firm, std::uint64_t number) const {
  std::optional<ledger::StatementRecord> out;
  ledger::scan_lines(state, firm.id, "EUR.BANK", number, [&](std::uint64_t, base::BytesView bytes) {
    out = base::decode<ledger::StatementRecord>(bytes).value();
    return false;
  });
  return out;
}

base::Amount World::balance(Firm const& firm, std::string_view asset) const {
  auto const record = ledger::load<ledger::BalanceRecord>(state, ledger::balance_key(firm.id, asset));
  return record ? record->posted : 0;
}

Firm const& World::firm(std::string_view name) const {
  for (auto const* firm : {&bank, &alfa, &beta, &cert}) {
    if (firm->name == name) return *firm;
  }
  CHECK(false);
  return bank;
}

std::string observation(World const& world, std::string_view name, std::string_view biz_step) {
  return R"({"type":"ObjectEvent","eventTime":")" + base::to_rfc3339(world.time_ms) +
         R"(","eventTimeZoneOffset":"+00:00","epcList":["https://example.com/thing/)" + std::string(name) +
         R"("],"action":"OBSERVE","bizStep":")" + std::string(biz_step) + R"("})";
}

void Recording::add(ledger::RecordMode mode, std::vector<std::string> const& events) {
  constexpr std::string_view context = R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"])";
  std::vector<ledger::BytesView> views;
  for (auto const& event : events) views.push_back(base::bytes_of(event));
  operations.emplace_back(ledger::make_record(mode, context, views).value());
  payloads.insert(payloads.end(), events.begin(), events.end());
}

ledger::Transaction Recording::by(World const& world, std::vector<std::string> const& keys,
                                  ledger::TimeMs later_ms) const {
  auto body = world.body(world.alfa, operations);
  body.valid_until_ms += later_ms;
  auto out = world.sign(body, keys);
  for (auto const& payload : payloads) out.payloads.emplace_back(base::to_bytes(payload));
  return out;
}

std::string outcome(ledger::Receipt const& receipt) {
  return std::string(base::name(receipt.code)) + (receipt.field.empty() ? "" : " " + receipt.field);
}

ledger::AssetRecord asset_of(ledger::StateView const& state, std::string_view asset) {
  return ledger::load<ledger::AssetRecord>(state, ledger::Space::asset, asset).value();
}

ledger::Transfer transfer(Firm const& from, Firm const& to, base::Amount amount) {
  ledger::Transfer out;
  out.from = from.id;
  out.to = to.id;
  out.asset = "EUR.BANK";
  out.amount = amount;
  return out;
}

ledger::Mint mint(Firm const& to, base::Amount amount) {
  return {"EUR.BANK", to.id, amount, crypto::sha256(base::bytes_of("reserve"))};
}

}  // namespace contracts::test
