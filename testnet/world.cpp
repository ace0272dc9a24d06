// SPDX-License-Identifier: Apache-2.0
#include "testnet/world.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "ledger/state.hpp"
#include "rpc/json.hpp"

namespace testnet {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

std::optional<std::uint32_t> role_bit(std::string_view word) {
  using ledger::Role;
  constexpr std::pair<std::string_view, Role> words[] = {
      {"brand", Role::brand},       {"carrier", Role::carrier},     {"warehouse", Role::warehouse},
      {"retailer", Role::retailer}, {"certifier", Role::certifier}, {"customs", Role::customs},
      {"issuer", Role::issuer},     {"insurer", Role::insurer},     {"arbiter", Role::arbiter},
      {"auditor", Role::auditor},   {"validator", Role::validator},
  };
  for (auto const& [name, role] : words) {
    if (name == word) return static_cast<std::uint32_t>(role);
  }
  return std::nullopt;
}

ledger::LocalNames names_of(Value const& value) {
  ledger::LocalNames out;
  for (auto const& [language, text] : value.members) out.push_back({language, text.text});
  return out;
}

/// Micro-degrees above the lowest possible value.
Result<std::uint32_t> coordinate(std::string_view text, int lowest, std::string const& field) {
  auto const micro = base::from_decimal_literal(text, 6);
  base::i128 const above = micro ? *micro + base::i128{-lowest} * 1'000'000 : base::i128{-1};
  if (above < 0 || above > base::i128{-2 * lowest} * 1'000'000)
    return Error{Code::E_ENCODING, field, "no such coordinate"};
  return static_cast<std::uint32_t>(above);
}

Result<Organisation> read_organisation(Value const& value) {
  Organisation out;
  out.code = value.string_of("code");
  out.prefix = value.string_of("prefix");
  out.member.gln = value.string_of("gln");
  out.member.short_name = out.code;
  out.member.country = value.string_of("country");
  out.member.accounting = true;
  if (auto const* names = value.find("name")) out.member.names = names_of(*names);
  if (auto const* roles = value.find("roles")) {
    for (auto const& role : roles->items) {
      auto const bit = role_bit(role.text);
      if (!bit) return Error{Code::E_ENCODING, out.code + ".roles", role.text};
      out.member.roles |= *bit;
    }
  }
  auto const* sites = value.find("sites");
  if (sites == nullptr) return Error{Code::E_ENCODING, out.code + ".sites", "is missing"};
  for (auto const& entry : sites->items) {
    Place place;
    place.code = entry.string_of("code");
    place.site.gln = entry.string_of("gln");
    place.site.party = out.party();
    place.site.names.push_back({"en", std::string(entry.string_of("name"))});
    if (auto const* names = entry.find("place")) place.site.places = names_of(*names);
    place.site.country = out.member.country;
    TRY_ASSIGN(place.site.latitude_micro, coordinate(entry.string_of("lat"), -90, place.code + ".lat"));
    TRY_ASSIGN(place.site.longitude_micro, coordinate(entry.string_of("lon"), -180, place.code + ".lon"));
    out.places.push_back(std::move(place));
  }
  return out;
}

std::vector<ledger::Gtin> gtins(Value const* value) {
  std::vector<ledger::Gtin> out;
  if (value != nullptr) {
    for (auto const& item : value->items) out.emplace_back(item.text);
  }
  return out;
}

}  // namespace

ledger::PartyId Organisation::party() const { return ledger::party_id(member.gln); }

Organisation const* World::find(std::string_view code) const {
  auto const found = std::ranges::find(organisations, code, &Organisation::code);
  return found == organisations.end() ? nullptr : &*found;
}

ledger::AddSite const* World::find_site(std::string_view code) const {
  auto const* organisation = find(code.substr(0, code.find('.')));
  if (organisation == nullptr) return nullptr;
  auto const found = std::ranges::find(organisation->places, code, &Place::code);
  return found == organisation->places.end() ? nullptr : &found->site;
}

ledger::AddProduct const* World::find_product(std::string_view gtin) const {
  auto const found = std::ranges::find(products, gtin, [](auto const& one) { return std::string_view(one.gtin); });
  return found == products.end() ? nullptr : &*found;
}

Organisation const& World::organisation(std::string_view code) const {
  auto const* found = find(code);
  CHECK(found != nullptr);
  return *found;
}

ledger::AddSite const& World::site(std::string_view code) const {
  auto const* found = find_site(code);
  CHECK(found != nullptr);
  return *found;
}

Result<World> read_world(std::string_view json) {
  TRY_ASSIGN(auto const file, rpc::from_text(json));
  World out;
  for (auto const* list : {"members", "products", "recipes", "validators"}) {
    if (file.find(list) == nullptr) return Error{Code::E_ENCODING, list, "is missing"};
  }
  for (auto const& member : file.find("members")->items) {
    TRY_ASSIGN(auto organisation, read_organisation(member));
    out.organisations.push_back(std::move(organisation));
  }
  for (auto const& entry : file.find("products")->items) {
    ledger::AddProduct product;
    product.gtin = entry.string_of("gtin");
    product.names = names_of(*entry.find("name"));
    product.unit = entry.string_of("unit");
    auto const mass = base::from_decimal_literal(entry.string_of("unit_mass_kg"), 6);
    if (!mass || *mass < 0) return Error{Code::E_ENCODING, product.gtin + ".unit_mass_kg", "expected kilograms"};
    product.unit_mass_micro_kg = static_cast<ledger::Micro>(*mass);
    out.products.push_back(std::move(product));
  }
  for (auto const& entry : file.find("recipes")->items) {
    ledger::AddRecipe recipe;
    recipe.site = entry.string_of("site");
    recipe.recipe = entry.string_of("recipe");
    recipe.inputs = gtins(entry.find("inputs"));
    recipe.outputs = gtins(entry.find("outputs"));
    auto const* yield = entry.find("yield_ppm");
    auto const ppm = yield == nullptr ? std::nullopt : base::from_decimal(yield->text, 10'000'000);
    if (!ppm) return Error{Code::E_ENCODING, recipe.recipe + ".yield_ppm", "expected millionths"};
    recipe.yield_ppm = static_cast<std::uint32_t>(*ppm);
    out.recipes.push_back(std::move(recipe));
  }
  for (auto const& code : file.find("validators")->items) out.validators.push_back(code.text);
  return out;
}

ledger::Genesis make_genesis(World const& world, std::map<std::string, MemberKeys> const& keys,
                             crypto::ValidatorSet const& validators, ledger::TestClock const& clock,
                             ledger::TimeMs time_ms, std::string_view chain_name) {
  constexpr ledger::TimeMs keys_hold_ms = 3650 * base::day_ms;
  auto const all_acts =
      static_cast<std::uint32_t>(ledger::Act::record) | static_cast<std::uint32_t>(ledger::Act::money) |
      static_cast<std::uint32_t>(ledger::Act::escrow) | static_cast<std::uint32_t>(ledger::Act::certify);
  ledger::Genesis out;
  out.chain_name = chain_name;
  out.time_ms = time_ms;
  out.clock = clock;
  out.validators = validators;
  for (auto const& organisation : world.organisations) out.operations.emplace_back(organisation.member);
  for (auto const& organisation : world.organisations) {
    out.operations.emplace_back(ledger::GrantPrefix{organisation.prefix, organisation.party()});
    auto const& own = keys.at(organisation.code);
    out.operations.emplace_back(
        ledger::KeyAdd{organisation.party(), own.root, ledger::KeyKind::root, {}, time_ms + keys_hold_ms});
    out.operations.emplace_back(ledger::KeyAdd{
        organisation.party(), own.staff, ledger::KeyKind::staff, {all_acts, {}, {}}, time_ms + keys_hold_ms});
    for (auto const& place : organisation.places) out.operations.emplace_back(place.site);
  }
  for (auto const& product : world.products) out.operations.emplace_back(product);
  for (auto const& recipe : world.recipes) out.operations.emplace_back(recipe);
  return out;
}

}  // namespace testnet
