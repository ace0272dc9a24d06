// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include "firms.hpp"
#include "goods_book.hpp"

namespace sim {

namespace {

constexpr std::string_view asset = "EUR.BANK";
constexpr base::Amount max_supply = 100'000'000;
constexpr std::size_t remembered_drafts_max = 64;

/// All together less than a transaction's window.
constexpr std::uint64_t advances_max = 20;
constexpr TimeMs advance_ms_max = 60'000;

/// What the brands need for goods: prefixes, sites, two products, the one recipe.
void add_goods(ledger::Genesis& genesis) {
  for (std::size_t i = 0; i < firms.size(); ++i) {
    if (firms[i].site.empty()) continue;
    genesis.operations.emplace_back(ledger::GrantPrefix{std::string(firms[i].gln.substr(0, 7)), party(i)});
    ledger::AddSite site;
    site.gln = firms[i].site;
    site.party = party(i);
    site.country = "DE";
    genesis.operations.emplace_back(site);
  }
  for (auto const gtin : {raw_gtin, cloth_gtin}) {
    ledger::AddProduct product;
    product.gtin = gtin;
    product.unit = "KGM";
    product.unit_mass_micro_kg = 1'000'000;
    genesis.operations.emplace_back(product);
  }
  ledger::AddRecipe recipe;
  recipe.site = firms[1].site;
  recipe.recipe = recipe_name;
  recipe.inputs.push_back(ledger::Gtin(raw_gtin));
  recipe.outputs.push_back(ledger::Gtin(cloth_gtin));
  recipe.yield_ppm = static_cast<std::uint32_t>(yield_tenths * 100'000);
  genesis.operations.emplace_back(recipe);
}

/// The one certificate, of the brand that makes the raw goods.
ledger::IssueCertificate certificate() {
  ledger::IssueCertificate out;
  out.number = certificate_number;
  out.scheme = claim_scheme;
  out.holder = party(2);
  out.products.push_back(ledger::Gtin(raw_gtin));
  out.valid_until_ms = 2 * world_start_ms;
  out.quota = claim_quota;
  return out;
}

}  // namespace

ledger::Genesis make_genesis(std::vector<base::ValidatorKey> const& keys, ledger::Parameters const& parameters,
                             bool test_clock) {
  ledger::Genesis out;
  out.chain_name = "sim";
  out.time_ms = world_start_ms;
  out.parameters = parameters;
  if (test_clock) out.clock = ledger::TestClock{key(clock_keeper), world_start_ms};
  for (std::size_t i = 0; i < firms.size(); ++i) {
    ledger::AddMember member;
    member.gln = firms[i].gln;
    member.short_name = firms[i].name;
    member.names = {{"en", std::string(firms[i].name) + " Ltd"}};
    member.country = "DE";
    member.roles = static_cast<std::uint32_t>(firms[i].role);
    member.accounting = !firms[i].site.empty();
    out.operations.emplace_back(member);
    ledger::KeyAdd added;
    added.party = party(i);
    added.key = key(i);
    // The first runs all validators and votes on who they are.
    if (i == 0) added.kind = ledger::KeyKind::admin;
    added.scope.acts =
        static_cast<std::uint32_t>(ledger::Act::money) | static_cast<std::uint32_t>(ledger::Act::record) |
        static_cast<std::uint32_t>(ledger::Act::escrow) | static_cast<std::uint32_t>(ledger::Act::certify);
    out.operations.emplace_back(added);
  }
  add_goods(out);
  for (auto const& validator : keys) {
    out.validators.validators.push_back({party(0), validator, crypto::sha256(validator.view())});
  }
  return out;
}

Draft signed_by_validators(Hash const& chain, ledger::Operation operation, TimeMs now_ms, std::optional<Hash> after) {
  ledger::Transaction out;
  out.body.chain = chain;
  out.body.actor = party(0);
  out.body.signers = {{party(0), key(0)}};
  out.body.valid_from_ms = now_ms - 900'000;
  out.body.valid_until_ms = now_ms + 3'600'000;
  out.body.operations.push_back(std::move(operation));
  out.body.after = after;
  out.signatures.push_back(crypto::party_sign(secret(0), out.body.id(), {}));
  return {base::encode(out), out.body.id(), out.body.valid_until_ms};
}

ledger::Body Workload::body(std::size_t firm, TimeMs now_ms, std::vector<ledger::Operation> operations) {
  ledger::Body out;
  out.chain = chain_;
  out.actor = party(firm);
  // Wide enough for nodes whose clocks are ten minutes off; the number makes equal orders different transactions.
  out.valid_from_ms = now_ms - 900'000;
  out.valid_until_ms = now_ms + (random_.percent(4) ? 1'000 : 3'600'000) + drawn_;
  out.operations = std::move(operations);
  return out;
}

Draft Workload::sign(ledger::Body body, std::vector<std::size_t> const& signing, std::vector<Bytes> payloads) {
  std::vector<std::pair<ledger::Signer, std::size_t>> signers;
  for (auto const firm : signing) signers.emplace_back(ledger::Signer{party(firm), key(firm)}, firm);
  std::sort(signers.begin(), signers.end());
  for (auto const& [signer, firm] : signers) body.signers.push_back(signer);
  ledger::Transaction transaction;
  transaction.body = std::move(body);
  for (auto& payload : payloads) transaction.payloads.emplace_back(std::move(payload));
  Draft out;
  out.id = transaction.body.id();
  out.valid_until_ms = transaction.body.valid_until_ms;
  for (auto const& [signer, firm] : signers) {
    transaction.signatures.push_back(crypto::party_sign(secret(firm), out.id, {}));
  }
  out.bytes = base::encode(transaction);
  return out;
}

ledger::Transfer Workload::transfer(std::size_t from) {
  ledger::Transfer out;
  out.from = party(from);
  // Now and then to the issuer, which redeems.
  out.to = party(random_.percent(8) ? 0 : 1 + (from + random_.below(2)) % 3);
  out.asset = random_.percent(2) ? "EUR.NOBODY" : asset;
  out.amount = random_.percent(15) ? 5'000'000 + random_.below(1'000'000) : 1 + random_.below(200'000);
  out.purpose = "order " + std::to_string(drawn_);
  return out;
}

/// An idempotency key of few, so that it is used again with the same fields, with others, and after a failure.
Draft Workload::keyed(TimeMs now_ms) {
  auto const number = random_.below(6);
  ledger::Transfer fixed;
  fixed.from = party(1);
  fixed.to = party(2);
  fixed.asset = asset;
  fixed.amount = number < 2 ? max_supply : 10 + number + (random_.percent(30) ? 1 : 0);
  auto out = body(1, now_ms, {fixed});
  out.idempotency_key = ledger::IdempotencyKey{};
  out.idempotency_key->bytes.fill(static_cast<std::uint8_t>(number + 1));
  return sign(std::move(out), {1});
}

/// Some are too late, because the clock has been advanced farther before.
Draft Workload::advance(TimeMs now_ms) {
  auto const to_ms = now_ms + ++advances_ * advance_ms_max - random_.below(2 * advance_ms_max);
  return sign(body(clock_keeper, now_ms, {ledger::AdvanceTime{to_ms}}), {clock_keeper});
}

Draft Workload::good(TimeMs now_ms) {
  if (drawn_ == 6) return sign(body(certifier, now_ms, {certificate()}), {certifier});
  if (drawn_ > 6 && random_.percent(30)) return random_.percent(65) ? goods(now_ms) : sale(now_ms);
  auto const from = 1 + random_.below(3);
  auto const kind = random_.below(100);
  if (drawn_ == 1 || kind < 2) return sign(body(0, now_ms, {ledger::CreateAsset{"EUR", 2, max_supply}}), {0});
  if (drawn_ < 6 || kind < 10) {
    auto const amount = drawn_ < 6 ? 1'000'000 : 1 + random_.below(20'000'000);
    ledger::Mint const mint{asset, party(from), amount, crypto::sha256(base::encode(drawn_))};
    return sign(body(0, now_ms, {mint}), {0});
  }
  if (kind < 16)
    return sign(body(0, now_ms, {ledger::Burn{asset, party(from), 1 + random_.below(300'000)}}), {0, from});
  if (kind < 24) return sign(body(from, now_ms, {transfer(from), transfer(from)}), {from});
  if (kind < 32) return keyed(now_ms);
  if (kind < 36 && test_clock_ && advances_ < advances_max) return advance(now_ms);
  auto out = body(from, now_ms, {transfer(from)});
  if (kind < 40 && !before_.empty()) out.after = before_[random_.below(before_.size())].id;
  return sign(std::move(out), {from});
}

Draft Workload::bad(TimeMs now_ms) {
  auto out = good(now_ms);
  auto const kind = random_.below(3);
  if (kind == 0) {
    out.bytes.back() ^= 1;  // of the last signature
  } else if (kind == 1) {
    out.bytes.pop_back();
  } else {
    auto const chain = chain_;
    chain_ = crypto::sha256(base::bytes_of("another chain"));
    out = good(now_ms);
    chain_ = chain;
  }
  out.good = false;
  return out;
}

Draft Workload::next(TimeMs now_ms) {
  ++drawn_;
  if (drawn_ > 6 && random_.percent(4)) return bad(now_ms);
  if (!before_.empty() && random_.percent(8)) return before_[random_.below(before_.size())];
  auto out = good(now_ms);
  // Ids whose window has passed are forgotten, and `after` cannot find them.
  if (out.valid_until_ms < now_ms + 60'000) return out;
  if (before_.size() >= remembered_drafts_max) before_.erase(before_.begin());
  before_.push_back(out);
  return out;
}

}  // namespace sim
