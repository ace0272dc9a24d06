// SPDX-License-Identifier: Apache-2.0
#include "contracts/members/members.hpp"

#include "gs1/identifier.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::members {

namespace {

using ledger::Act;
using ledger::Bytes;
using ledger::BytesView;
using ledger::KeyKind;
using ledger::KeyRecord;
using ledger::MemberRecord;
using ledger::Role;
using ledger::Space;
using ledger::state_key;

constexpr std::size_t prefix_digits_min = 6;
constexpr std::size_t prefix_digits_max = 12;

Error error(Code code, std::string const& field, std::string_view member, std::string detail) {
  return {code, field + "." + std::string(member), std::move(detail)};
}

bool exists(Context const& context, Space space, std::string_view id) {
  return context.state.has(state_key(space, id));
}

Bytes index_key(PartyId const& party) { return state_key(Space::name_index, party.view()); }

/// Members and prefixes enter by the genesis (or by governance), never by a member's own signature.
Result<void> require_genesis(Context const& context, std::string const& field) {
  if (context.genesis) return {};
  return Error{Code::E_NOT_ALLOWED_HERE, field, "made by the genesis"};
}

Result<void> require_holder(Context const& context, std::string_view digits, PartyId const& party,
                            std::string const& field) {
  auto const holder = prefix_holder(context.state, digits);
  if (holder && *holder == party) return {};
  return Error{Code::E_PREFIX_NOT_OWNED, field, "under no prefix of this member"};
}

/// An independent witness: a certifier or one of `roles`, with a key that may certify.
Result<void> require_certifier(Context const& context, std::uint32_t roles, std::string const& field) {
  if (context.genesis) return {};
  TRY(require_signer(context, context.actor, Act::certify, field));
  auto const record = member(context.state, context.actor);
  if (!record || (record->roles & roles) == 0)
    return Error{Code::E_SCOPE, field, "the actor's role does not cover this"};
  return {};
}

template <class Items>
Result<void> require_all(Context const& context, Space space, Items const& ids, Code code, std::string const& field,
                         std::string_view list) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (exists(context, space, ids[i])) continue;
    return error(code, field, std::string(list) + "[" + std::to_string(i) + "]", "not registered: " + ids[i]);
  }
  return {};
}

bool ends_within(ledger::TimeMs until_ms, ledger::TimeMs bound_ms) {
  return bound_ms == 0 || (until_ms != 0 && until_ms <= bound_ms);
}

/// True when the new key may do nothing that the key which adds it may not.
bool covers(KeyRecord const& by, ledger::KeyAdd const& added) {
  auto const within = [](auto const& wider, auto const& narrower, auto const& contains) {
    if (wider.empty()) return true;
    return !narrower.empty() && std::all_of(narrower.begin(), narrower.end(), [&](auto const& one) {
      return std::any_of(wider.begin(), wider.end(), [&](auto const& other) { return contains(other, one); });
    });
  };
  auto const begins = [](std::string const& prefix, std::string const& one) { return one.starts_with(prefix); };
  auto const equals = [](std::string const& site, std::string const& one) { return site == one; };
  return within(by.scope.prefixes, added.scope.prefixes, begins) && within(by.scope.sites, added.scope.sites, equals) &&
         ends_within(added.until_ms, by.until_ms);
}

/// Root and admin keys are changed by a root key, the others by an admin key.
Result<KeyKind> require_keeper(Context const& context, PartyId const& party, KeyKind changed,
                               std::string const& field) {
  if (changed == KeyKind::root || changed == KeyKind::admin) {
    TRY(require_root(context, party, field));
    return KeyKind::root;
  }
  TRY(require_admin(context, party, field));
  return KeyKind::admin;
}

Result<ledger::CertificateRecord> certificate_of(Context const& context, std::string_view number,
                                                 std::string const& field) {
  auto record = ledger::load<ledger::CertificateRecord>(context.state, Space::certificate, number);
  if (!record) return error(Code::E_CERT_UNKNOWN, field, "number", "no certificate " + std::string(number));
  return std::move(*record);
}

}  // namespace

void tell(Context& context, PartyId const& party, ledger::Operation const& operation) {
  auto const act = log_operation(context, operation);
  ledger::append_history(context.state, member_key(context.state, party), act, {});
}

Result<void> add_member(Context& context, ledger::AddMember const& operation, std::string const& field) {
  TRY(require_genesis(context, field));
  if (exists(context, Space::member, operation.gln)) {
    return error(Code::E_ALREADY_REGISTERED, field, "gln", "a member has it");
  }
  if (exists(context, Space::name_index, operation.short_name)) {
    return error(Code::E_ALREADY_REGISTERED, field, "short_name", "a member has it");
  }
  MemberRecord record;
  record.gln = operation.gln;
  record.short_name = operation.short_name;
  record.names = operation.names;
  record.country = operation.country;
  record.roles = operation.roles;
  record.accounting = operation.accounting;
  ledger::store(context.state, Space::member, operation.gln, record);
  auto const gln = base::to_bytes(operation.gln);
  auto const party = ledger::party_id(operation.gln);
  context.state.put(state_key(Space::name_index, std::string_view(operation.short_name)), gln);
  context.state.put(index_key(party), gln);
  tell(context, party, operation);
  return {};
}

Result<void> grant_prefix(Context& context, ledger::GrantPrefix const& operation, std::string const& field) {
  TRY(require_genesis(context, field));
  if (!is_member(context.state, operation.party)) {
    return error(Code::E_MEMBER_UNKNOWN, field, "party", "no member " + operation.party.hex());
  }
  if (exists(context, Space::prefix, operation.prefix)) {
    return error(Code::E_ALREADY_REGISTERED, field, "prefix", "granted before");
  }
  ledger::store(context.state, Space::prefix, operation.prefix, ledger::PrefixRecord{operation.party});
  return {};
}

Result<void> add_key(Context& context, ledger::KeyAdd const& operation, std::string const& field) {
  if (!is_member(context.state, operation.party)) {
    return error(Code::E_MEMBER_UNKNOWN, field, "party", "no member " + operation.party.hex());
  }
  TRY_ASSIGN(auto const keeper, require_keeper(context, operation.party, operation.kind, field + ".party"));
  if (!context.genesis) {
    auto const keys = valid_keys(context, operation.party);
    auto const allows = [&](KeyRecord const& key) { return key.kind == keeper && covers(key, operation); };
    if (std::none_of(keys.begin(), keys.end(), allows)) {
      return error(Code::E_SCOPE, field, "scope", "wider than that of the key which adds it");
    }
  }
  auto const key = state_key(Space::key, operation.key.view());
  if (context.state.get(key)) return error(Code::E_ALREADY_REGISTERED, field, "key", "registered before");
  KeyRecord record;
  record.party = operation.party;
  record.kind = operation.kind;
  record.scope = operation.scope;
  record.from_ms = context.time_ms;
  record.until_ms = operation.until_ms;
  ledger::store(context.state, key, record);
  tell(context, operation.party, operation);
  return {};
}

Result<void> revoke_key(Context& context, ledger::KeyRevoke const& operation, std::string const& field) {
  auto const key = state_key(Space::key, operation.key.view());
  auto record = ledger::load<KeyRecord>(context.state, key);
  if (!record) return error(Code::E_KEY_UNKNOWN, field, "key", "not registered");
  TRY(require_keeper(context, record->party, record->kind, field + ".key"));
  if (record->revoked_ms) return error(Code::E_KEY_REVOKED, field, "key", "revoked before");
  record->revoked_ms = context.time_ms;
  ledger::store(context.state, key, *record);
  tell(context, record->party, operation);
  return {};
}

Result<void> add_site(Context& context, ledger::AddSite const& operation, std::string const& field) {
  if (!is_member(context.state, operation.party)) {
    return error(Code::E_MEMBER_UNKNOWN, field, "party", "no member " + operation.party.hex());
  }
  TRY(require_signer(context, operation.party, Act::admin, field + ".party", {operation.gln, operation.gln}));
  TRY(require_holder(context, operation.gln, operation.party, field + ".gln"));
  if (exists(context, Space::site, operation.gln)) {
    return error(Code::E_ALREADY_REGISTERED, field, "gln", "registered before");
  }
  ledger::store(context.state, Space::site, operation.gln, operation);
  tell(context, operation.party, operation);
  return {};
}

Result<void> add_product(Context& context, ledger::AddProduct const& operation, std::string const& field) {
  auto const digits = std::string_view(operation.gtin).substr(1);
  auto const holder = prefix_holder(context.state, digits);
  if (!holder) return error(Code::E_PREFIX_NOT_OWNED, field, "gtin", "under no prefix of a member");
  auto const signed_by_holder = require_signer(context, *holder, Act::admin, field + ".gtin", {digits, {}});
  if (!signed_by_holder && signed_by_holder.error().code == Code::E_MISSING_SIGNER) {
    return error(Code::E_PREFIX_NOT_OWNED, field, "gtin", "the holder of its prefix did not sign");
  }
  TRY(signed_by_holder);
  if (exists(context, Space::product, operation.gtin)) {
    return error(Code::E_ALREADY_REGISTERED, field, "gtin", "registered before");
  }
  ledger::store(context.state, Space::product, operation.gtin, ledger::ProductRecord{operation, *holder});
  tell(context, *holder, operation);
  return {};
}

Result<void> add_recipe(Context& context, ledger::AddRecipe const& operation, std::string const& field) {
  auto const site = ledger::load<ledger::SiteRecord>(context.state, Space::site, operation.site);
  if (!site) return error(Code::E_SITE_UNKNOWN, field, "site", "not registered: " + operation.site);
  auto const roles = static_cast<std::uint32_t>(Role::certifier) | static_cast<std::uint32_t>(Role::auditor);
  TRY(require_certifier(context, roles, field));
  if (context.actor == site->party) {
    return error(Code::E_NOT_INDEPENDENT, field, "site", "a member does not audit its own site");
  }
  TRY(require_all(context, Space::product, operation.inputs, Code::E_PRODUCT_UNKNOWN, field, "inputs"));
  TRY(require_all(context, Space::product, operation.outputs, Code::E_PRODUCT_UNKNOWN, field, "outputs"));
  // A later audit replaces the recipe; the site's member shows both in its history.
  ledger::store(context.state, recipe_key(operation.site, operation.recipe),
                ledger::RecipeRecord{operation, context.actor});
  tell(context, site->party, operation);
  return {};
}

Result<void> issue_certificate(Context& context, ledger::IssueCertificate const& operation, std::string const& field) {
  TRY(require_certifier(context, static_cast<std::uint32_t>(Role::certifier), field));
  if (!is_member(context.state, operation.holder)) {
    return error(Code::E_MEMBER_UNKNOWN, field, "holder", "no member " + operation.holder.hex());
  }
  if (operation.holder == context.actor) {
    return error(Code::E_NOT_INDEPENDENT, field, "holder", "nobody certifies himself");
  }
  if (exists(context, Space::certificate, operation.number)) {
    return error(Code::E_ALREADY_REGISTERED, field, "number", "issued before");
  }
  TRY(require_all(context, Space::product, operation.products, Code::E_PRODUCT_UNKNOWN, field, "products"));
  TRY(require_all(context, Space::site, operation.sites, Code::E_SITE_UNKNOWN, field, "sites"));
  ledger::CertificateRecord record;
  record.certificate = operation;
  record.issuer = context.actor;
  ledger::store(context.state, Space::certificate, operation.number, record);
  for (auto const& gtin : operation.products) {
    context.state.put(ledger::pair_key(Space::certificate_index, gtin, operation.number), {});
  }
  tell(context, operation.holder, operation);
  return {};
}

Result<void> revoke_certificate(Context& context, ledger::RevokeCertificate const& operation,
                                std::string const& field) {
  TRY_ASSIGN(auto record, certificate_of(context, operation.number, field));
  TRY(require_signer(context, record.issuer, Act::certify, field + ".number"));
  if (record.revoked_ms) return error(Code::E_CERT_EXPIRED, field, "number", "revoked before");
  record.revoked_ms = context.time_ms;
  ledger::store(context.state, Space::certificate, operation.number, record);
  tell(context, record.certificate.holder, operation);
  return {};
}

Fact certificate_fact(Context const& context, std::string_view number) {
  auto const record = ledger::load<ledger::CertificateRecord>(context.state, Space::certificate, number);
  CHECK(record.has_value());
  Fact fact;
  fact.kind = FactKind::certificate;
  for (auto const& gtin : record->certificate.products) {
    fact.subjects.push_back(ledger::tree_key(Space::thing, "https://id.gs1.org/01/" + gtin));
  }
  fact.actors = {record->issuer, record->certificate.holder};
  fact.certificate = number;
  fact.scheme = record->certificate.scheme;
  fact.revoked = record->revoked_ms.has_value();
  fact.valid_until_ms = record->certificate.valid_until_ms;
  fact.log_index = ledger::log_size(context.state) - 1;
  fact.event_time_ms = context.time_ms;
  return fact;
}

Result<void> set_quota(Context& context, ledger::SetQuota const& operation, std::string const& field) {
  TRY_ASSIGN(auto record, certificate_of(context, operation.number, field));
  TRY(require_signer(context, record.issuer, Act::certify, field + ".number"));
  if (operation.amount < record.used) {
    return error(Code::E_QUOTA_EXCEEDED, field, "amount", "used already: " + std::to_string(record.used));
  }
  record.certificate.quota = operation.amount;
  ledger::store(context.state, Space::certificate, operation.number, record);
  tell(context, record.certificate.holder, operation);
  return {};
}

Result<void> advance_time(Context& context, ledger::AdvanceTime const& operation, std::string const& field) {
  auto record = ledger::load<ledger::ParametersRecord>(context.state, Space::parameters, "");
  CHECK(record.has_value());
  auto const* clock = std::get_if<ledger::TestClock>(&record->clock);
  if (clock == nullptr) return Error{Code::E_NOT_ALLOWED_HERE, field, "this ledger's clock is the wall's"};
  ledger::Signer const wanted{PartyId{}, clock->key};
  if (std::find(context.signers.begin(), context.signers.end(), wanted) == context.signers.end()) {
    return Error{Code::E_MISSING_SIGNER, field, "the clock's key did not sign"};
  }
  if (operation.to_ms <= record->time_ms) return error(Code::E_TIME_WINDOW, field, "to_ms", "not ahead of the clock");
  record->clock_offset_ms += operation.to_ms - record->time_ms;
  // What the clock shows for the rest of this block: a second advance in it starts from here.
  record->time_ms = operation.to_ms;
  ledger::store(context.state, Space::parameters, "", *record);
  return {};
}

std::optional<PartyId> prefix_holder(ledger::StateView const& state, std::string_view digits) {
  for (auto length = std::min(digits.size(), prefix_digits_max); length >= prefix_digits_min; --length) {
    auto const record = ledger::load<ledger::PrefixRecord>(state, Space::prefix, digits.substr(0, length));
    if (record) return record->party;
  }
  return std::nullopt;
}

std::optional<MemberRecord> member(ledger::StateView const& state, PartyId const& party) {
  auto const gln = state.get(index_key(party));
  if (!gln) return std::nullopt;
  return ledger::load<MemberRecord>(state, Space::member, base::text_of(*gln));
}

bool is_member(ledger::StateView const& state, PartyId const& party) { return state.has(index_key(party)); }

Bytes member_key(ledger::StateView const& state, PartyId const& party) {
  auto const gln = state.get(index_key(party));
  CHECK(gln.has_value());
  return state_key(Space::member, *gln);
}

Bytes recipe_key(std::string_view site, std::string_view recipe) {
  return state_key(Space::recipe, std::string(site) + std::string(recipe));
}

}  // namespace contracts::members
