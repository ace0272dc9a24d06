// SPDX-License-Identifier: Apache-2.0
#include "testnet/cast.hpp"

#include <algorithm>
#include <set>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/scenario.hpp"
#include "gs1/identifier.hpp"
#include "gs1/json.hpp"

namespace testnet {

namespace escrow = contracts::escrow;

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

/// Who plays a role that a scenario gives to nobody.
constexpr std::pair<std::string_view, std::string_view> usual[] = {
    {"buyer", "SPREE"},      {"seller", "SERICA"},    {"carrier", "HALDEN"},  {"warehouse", "MAASHUB"},
    {"arbiter", "ARB1"},     {"logger", "LABX"},      {"maker", "SERICA"},    {"inspector", "CERTA"},
    {"platform", "RHEINWH"}, {"receiver", "MAASHUB"}, {"applicant", "SPREE"}, {"beneficiary", "SERICA"},
    {"bank", "INSURE"},      {"factor", "INSURE"},    {"shipper", "SERICA"},  {"insurer", "INSURE"},
    {"consumer", "FRESHTV"}, {"a", "SPREE"},          {"b", "SERICA"}};
/// Who issues an asset whose issuer is no member.
constexpr std::pair<std::string_view, std::string_view> issuers[] = {
    {"CNY", "CNBANK"}, {"EUR", "EUBANK"}, {"GBP", "EUBANK"}, {"USD", "EUBANK"}};

template <std::size_t n>
std::string_view found_in(std::pair<std::string_view, std::string_view> const (&table)[n], std::string_view name) {
  for (auto const& [key, value] : table) {
    if (key == name) return value;
  }
  return {};
}

std::string padded(unsigned number, std::size_t digits) {
  auto const text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

/// The same kind of key under the same prefix, with a number of its own.
Result<std::string> own_key(std::string uri, unsigned number) {
  constexpr std::string_view sscc = "https://id.gs1.org/00/";
  if (uri.starts_with(sscc) && uri.size() == sscc.size() + 18) {
    auto digits = uri.substr(sscc.size(), 8) + "9" + padded(number, 8);
    return std::string(sscc) + digits + gs1::check_digit(digits);
  }
  auto const dot = uri.rfind('.');
  if (!uri.starts_with("urn:epc:") || dot == std::string::npos || uri.size() < dot + 5) {
    return Error{Code::E_FORM, "subjects", uri + ": expected an SSCC, or a lot or serial as an EPC URN"};
  }
  return uri.substr(0, dot + 2) + padded(number, uri.size() - dot - 2);
}

bool is_organisation(World const& world, std::string_view code) {
  return std::ranges::find(world.organisations, code, &Organisation::code) != world.organisations.end();
}

Result<escrow::Terms> own_terms(World const& world, Value terms, unsigned number) {
  for (auto& [name, value] : terms.members) {
    if (name == "subjects") {
      for (auto& [subject, uri] : value.members) {
        TRY_ASSIGN(uri.text, own_key(uri.text, number));
      }
    }
    if (name != "assets") continue;
    for (auto& [symbol, id] : value.members) {
      auto const dot = id.text.find('.');
      if (dot != std::string::npos && is_organisation(world, id.text.substr(dot + 1))) continue;
      auto const issuer = found_in(issuers, id.text.substr(0, dot));
      if (issuer.empty()) return Error{Code::E_FORM, "assets." + symbol, "nobody issues " + id.text};
      id.text = id.text.substr(0, dot) + "." + std::string(issuer);
    }
  }
  TRY_ASSIGN(auto const text, gs1::canonical_json(terms));
  return escrow::read_terms(text);
}

Result<std::vector<std::string>> players_of(World const& world, escrow::Terms const& terms, Value const& scenario) {
  std::vector<std::string> out;
  auto const* parties = scenario.find("parties");
  for (auto const& role : terms.roles) {
    auto player = std::string(parties == nullptr ? "" : parties->string_of(role.name));
    if (player.empty()) player = found_in(usual, role.name);
    if (!is_organisation(world, player)) {
      return Error{Code::E_FORM, "parties." + role.name, "no organisation of this world plays it"};
    }
    out.push_back(std::move(player));
  }
  return out;
}

/// What is said of a handover in events and conditions.
std::vector<escrow::FactPattern> handovers(escrow::Terms const& terms) {
  auto out = escrow::asked_of(terms);
  for (auto const& state : terms.states) {
    for (auto const& one : state.cases) {
      auto const* event = std::get_if<escrow::FactEvent>(&one.event);
      if (event != nullptr) out.insert(out.end(), event->facts.begin(), event->facts.end());
    }
  }
  std::erase_if(out, [&](escrow::FactPattern const& one) {
    return one.triggers.empty() || terms.triggers[one.trigger()].kind != ledger::WatchKind::handover;
  });
  return out;
}

/// The most that the trace says was accepted at once.
std::uint64_t accepted_in(Value const& scenario) {
  std::uint64_t out = 0;
  for (auto const& entry : scenario.find("trace")->items) {
    if (auto const value = whole(entry.find("value"))) out = std::max(out, *value);
  }
  return out;
}

Result<Freight> freight_of(World const& world, Cast const& cast, std::size_t subject,
                           std::vector<escrow::FactPattern> const& all) {
  Freight out;
  out.subject = subject;
  out.unit = cast.terms.subjects[subject].uri;
  std::set<std::size_t> receivers;
  for (auto const& pattern : all) receivers.insert(cast.terms.triggers[pattern.trigger()].to);
  for (auto const& pattern : all) {
    auto const& trigger = cast.terms.triggers[pattern.trigger()];
    if (trigger.subject != subject) continue;
    if (!receivers.contains(trigger.actor)) out.maker = cast.players[trigger.actor];
    if (pattern.scale != 0) return Error{Code::E_FORM, out.unit, "handovers are played in whole units"};
    if (!pattern.has_value()) continue;
    out.total = std::max(out.total, static_cast<std::uint64_t>(pattern.high));
    out.claim = pattern.claim;
    out.uom = pattern.unit == "EA" ? "" : pattern.unit;
  }
  if (out.total == 0) out.total = 1;
  if (!out.claim.empty()) out.claimed = accepted_in(cast.scenario);
  if (out.maker.empty()) return Error{Code::E_FORM, out.unit, "nobody gives it first"};
  auto const& prefix = world.organisation(out.maker).prefix;
  for (auto const& product : world.products) {
    bool const fits = product.unit == (out.uom.empty() ? "EA" : out.uom);
    if (fits && std::string_view(product.gtin).substr(1).starts_with(prefix)) out.gtin = product.gtin;
  }
  if (out.gtin.empty()) return Error{Code::E_FORM, out.maker, "has no product counted in " + out.uom};
  return out;
}

bool names(auto const& list, std::string_view name, auto member) {
  return std::ranges::any_of(list, [&](auto const& one) { return one.*member == name; });
}

/// That deposits, payouts and assignments name roles, assets and organisations that there are.
Result<void> check_names(World const& world, Cast const& cast) {
  for (auto const* member : {"deposits", "payouts"}) {
    auto const* amounts = cast.scenario.find(member);
    if (amounts == nullptr || !amounts->is(Value::Kind::object)) {
      return Error{Code::E_FORM, member, "expected {\"role:ASSET\": amount}"};
    }
    for (auto const& [name, amount] : amounts->members) {
      auto const colon = std::min(name.find(':'), name.size() - 1);
      bool const known = names(cast.terms.roles, name.substr(0, colon), &escrow::Role::name) &&
                         names(cast.terms.assets, name.substr(colon + 1), &escrow::Asset::symbol);
      if (!known || !whole(&amount)) return Error{Code::E_FORM, std::string(member) + "." + name, "role:ASSET, amount"};
    }
  }
  for (auto const& entry : cast.scenario.find("trace")->items) {
    auto const* assigned = entry.find("assign");
    if (assigned == nullptr) continue;
    if (!names(cast.terms.roles, assigned->string_of("role"), &escrow::Role::name) ||
        !is_organisation(world, assigned->string_of("to"))) {
      return Error{Code::E_FORM, "assign", "expected {role, to} of the terms and of this world"};
    }
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> whole(Value const* value) {
  bool const number = value != nullptr && (value->is(Value::Kind::number) || value->is(Value::Kind::string));
  auto const read = number ? base::from_decimal(value->text) : std::nullopt;
  return read ? std::optional(static_cast<std::uint64_t>(*read)) : std::nullopt;
}

Result<Cast> cast(World const& world, Value terms, Value scenario, unsigned number, ledger::TimeMs start_ms) {
  Cast out;
  out.number = number;
  out.contract = escrow::terms_name(scenario);
  out.name = escrow::scenario_name(scenario);
  out.start_ms = start_ms;
  if (auto const* start = scenario.find("start")) {
    auto const read = base::from_rfc3339(start->text);
    if (!read) return Error{Code::E_FORM, "start", "expected a time like 2026-08-20T00:00:00Z"};
    out.start_ms = *read;
  }
  auto const* trace = scenario.find("trace");
  if (trace == nullptr || !trace->is(Value::Kind::array)) return Error{Code::E_FORM, "trace", "expected a list"};
  out.scenario = std::move(scenario);
  TRY_ASSIGN(out.terms, own_terms(world, std::move(terms), number));
  TRY_ASSIGN(out.players, players_of(world, out.terms, out.scenario));
  TRY(check_names(world, out));
  auto const all = handovers(out.terms);
  std::set<std::size_t> subjects;
  for (auto const& pattern : all) subjects.insert(out.terms.triggers[pattern.trigger()].subject);
  for (auto const subject : subjects) {
    TRY_ASSIGN(auto freight, freight_of(world, out, subject, all));
    out.freight.push_back(std::move(freight));
  }
  return out;
}

}  // namespace testnet
