// SPDX-License-Identifier: Apache-2.0
// The world that a journeys file speaks of: its organisations, what they make, and by which recipes.
#include <algorithm>

#include "base/number.hpp"
#include "contracts/goods/travel.hpp"
#include "gs1/identifier.hpp"
#include "testnet/story.hpp"

namespace testnet {

using base::Result;
using base::Value;

namespace {

constexpr std::size_t validators_count = 4;
constexpr std::uint32_t whole_ppm = 1'000'000;

/// Of "carrier (truck/sea/air)" and the like; who is nothing else makes or sells goods.
std::uint32_t roles_in(std::string const& text) {
  using ledger::Role;
  constexpr std::pair<std::string_view, Role> words[] = {{"carrier", Role::carrier},   {"warehouse", Role::warehouse},
                                                         {"retailer", Role::retailer}, {"certifier", Role::certifier},
                                                         {"customs", Role::customs},   {"issuer", Role::issuer},
                                                         {"insurer", Role::insurer},   {"arbiter", Role::arbiter},
                                                         {"auditor", Role::auditor},   {"regulator", Role::regulator}};
  std::uint32_t out = 0;
  for (auto const& [word, role] : words) {
    if (text.find(word) != text.npos) out |= static_cast<std::uint32_t>(role);
  }
  return out == 0 ? static_cast<std::uint32_t>(Role::brand) : out;
}

Result<std::string> gln_in(Fields const& value, std::string_view name) {
  TRY_ASSIGN(auto gln, value.text(name));
  if (gln.size() != 13 || !gs1::read_key("https://id.gs1.org/414/" + gln)) {
    return value.error(name, "write a GLN: 13 digits with the right check digit");
  }
  return gln;
}

/// Micro-degrees above the lowest possible value.
Result<std::uint32_t> coordinate(Fields const& value, std::string_view name, int lowest) {
  auto const* found = value.value().find(name);
  auto const micro = found == nullptr ? std::nullopt : base::from_decimal_literal(found->text, 6);
  base::i128 const above = micro ? *micro + base::i128{-lowest} * whole_ppm : base::i128{-1};
  if (above < 0 || above > base::i128{-2 * lowest} * whole_ppm) return value.error(name, "write degrees");
  return static_cast<std::uint32_t>(above);
}

Result<Organisation> organisation_in(std::string const& code, Fields const& value) {
  Organisation out;
  out.code = code;
  TRY_ASSIGN(out.prefix, value.text("gcp"));
  TRY_ASSIGN(auto const gln, gln_in(value, "party_gln"));
  TRY_ASSIGN(auto const country, value.text("country"));
  bool const digits = out.prefix.find_first_not_of("0123456789") == std::string::npos && out.prefix.size() <= 12;
  if (!digits || out.prefix.size() < 4) return value.error("gcp", "write a GS1 company prefix, 4 to 12 digits");
  if (code.size() > 16 || country.size() != 2) return value.error("country", "two letters, and a code of 16 at most");
  out.member.gln = gln;
  out.member.short_name = code;
  out.member.country = country;
  out.member.accounting = true;
  out.member.roles = roles_in(value.text_or("role"));
  out.member.names.push_back({std::string("en"), value.text_or("name", code).substr(0, 120)});
  TRY_ASSIGN(auto const sites, value.object("sites"));
  for (auto const& [name, site] : sites.members()) {
    Place place;
    place.code = code + "." + name;
    TRY_ASSIGN(auto const site_gln, gln_in(site, "gln"));
    place.site.gln = site_gln;
    place.site.party = out.party();
    place.site.names.push_back({std::string("en"), site.text_or("name", name).substr(0, 120)});
    place.site.country = country;
    TRY_ASSIGN(place.site.latitude_micro, coordinate(site, "lat", -90));
    TRY_ASSIGN(place.site.longitude_micro, coordinate(site, "lon", -180));
    out.places.push_back(std::move(place));
  }
  return out;
}

/// The class in "01/GTIN/…"; empty for another form.
std::string gtin_in(std::string const& item) { return item.starts_with("01/") ? item.substr(3, 14) : ""; }

/// How the events count a product, and what a piece weighs.
Result<void> learn_products(Fields const& journey, std::vector<Fields> const& events, World& world) {
  for (auto const& event : events) {
    TRY_ASSIGN(auto const outputs, event.list("out"));
    for (auto const& output : outputs) {
      auto const gtin = gtin_in(output.text_or("item"));
      auto const product = std::ranges::find_if(world.products, [&](auto const& one) { return one.gtin == gtin; });
      if (product == world.products.end()) continue;
      auto const uom = output.text_or("uom", "EA");
      if (uom.size() > 3) return output.error("uom", "write a UN/ECE Rec 20 code like KGM");
      product->unit = uom;
      product->unit_mass_micro_kg = uom == "EA" ? 0 : whole_ppm;
      if (output.has("unit_kg")) {
        TRY_ASSIGN(product->unit_mass_micro_kg, output.amount("unit_kg"));
      } else if (uom == "EA" && journey.has("unit_mass_g")) {
        TRY_ASSIGN(auto const grams, journey.amount("unit_mass_g"));
        product->unit_mass_micro_kg = grams / 1000;
      }
    }
  }
  return {};
}

/// Classes of what goes in: by the lots and serials that events before have made.
Result<void> learn_recipes(std::vector<Fields> const& events, World& world) {
  std::map<std::string, std::string> classes;
  for (auto const& event : events) {
    TRY_ASSIGN(auto const outputs, event.list("out"));
    TRY_ASSIGN(auto const inputs, event.list("inp"));
    auto const kind = event.text_or("kind");
    if (kind == "transform" || kind == "assemble") {
      ledger::AddRecipe recipe;
      auto const* site = world.find_site(event.text_or("site"));
      auto const name = event.text_or("recipe");
      if (site == nullptr) return event.error("site", event.text_or("site") + " is no site of the file's orgs");
      if (name.empty() || name.size() > 64) return event.error("recipe", "write a name of at most 64 letters");
      recipe.site = site->gln;
      recipe.recipe = name;
      recipe.balance = kind == "assemble" ? ledger::Balance::pieces : ledger::Balance::mass;
      recipe.yield_ppm = whole_ppm;
      if (event.has("max_yield")) {
        TRY_ASSIGN(auto const most, event.amount("max_yield"));
        if (most > 10 * whole_ppm) return event.error("max_yield", "write output by input, at most 10");
        recipe.yield_ppm = static_cast<std::uint32_t>(most);
      }
      for (auto const& input : inputs) {
        auto const names = input.value().items.empty() ? std::string() : input.value().items.front().text;
        auto const made = classes.find(names.substr(0, names.find("..")));
        if (made == classes.end()) return event.error("inp", names + " was made by no event before");
        recipe.inputs.emplace_back(made->second);
      }
      for (auto const& output : outputs) recipe.outputs.emplace_back(gtin_in(output.text_or("item")));
      auto const same = [&](auto const& one) { return one.site == recipe.site && one.recipe == recipe.recipe; };
      if (std::ranges::none_of(world.recipes, same)) world.recipes.push_back(std::move(recipe));
    }
    for (auto const& output : outputs) {
      auto const item = output.text_or("item");
      auto const last = item.substr(item.rfind('/') + 1);
      classes[last.substr(0, last.find(".."))] = gtin_in(item);
    }
  }
  return {};
}

}  // namespace

/// The law has the ceilings; a file may repeat them.
Result<void> check_speeds(Fields const& file) {
  if (!file.has("max_speed_kmh")) return {};
  TRY_ASSIGN(auto const speeds, file.object("max_speed_kmh"));
  auto const modes = enum_names(gs1::TravelMode{});
  for (auto const& [name, value] : speeds.members()) {
    auto const found = std::ranges::find(modes, name);
    if (found == modes.end() && name != "none") return speeds.error(name, "no mode of transport");
    auto const mode =
        found == modes.end() ? std::nullopt : std::optional(static_cast<gs1::TravelMode>(found - modes.begin()));
    auto const law = contracts::goods::speed_of(mode);
    TRY_ASSIGN(auto const speed, speeds.whole(name));
    if (speed != law) return speeds.error(name, "the law's ceiling is " + std::to_string(law));
  }
  return {};
}

Result<World> world_of(Value const& journeys) {
  Fields const file(journeys, "");
  TRY(check_speeds(file));
  World out;
  TRY_ASSIGN(auto const orgs, file.object("orgs"));
  for (auto const& [code, value] : orgs.members()) {
    TRY_ASSIGN(auto organisation, organisation_in(code, value));
    out.organisations.push_back(std::move(organisation));
  }
  if (out.organisations.size() < validators_count) return file.error("orgs", "at least four, who validate");
  TRY_ASSIGN(auto const gtins, file.object("gtins"));
  for (auto const& [name, value] : gtins.members()) {
    auto const gtin = value.value().text;
    if (gtin.size() != 14 || !gs1::read_key("https://id.gs1.org/01/" + gtin)) {
      return gtins.error(name, "write a GTIN: 14 digits with the right check digit");
    }
    ledger::AddProduct product;
    product.gtin = gtin;
    product.names.push_back({std::string("en"), name.substr(0, 120)});
    product.unit = std::string("EA");
    out.products.push_back(std::move(product));
  }
  TRY_ASSIGN(auto const all, file.object("journeys"));
  for (auto const& [name, journey] : all.members()) {
    TRY_ASSIGN(auto const events, events_of(journey));
    TRY(learn_products(journey, events, out));
    TRY(learn_recipes(events, out));
  }
  for (std::size_t i = 0; i < validators_count; ++i) out.validators.push_back(out.organisations[i].code);
  return out;
}

}  // namespace testnet
