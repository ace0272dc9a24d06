// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/parse.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/goods/subject.hpp"
#include "gs1/json.hpp"

namespace contracts::escrow {

namespace {

constexpr std::size_t title_bytes_max = 400;

bool contains(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(std::initializer_list<std::string_view> names) {
  std::string out;
  for (auto const name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<void> Reader::object(Value const& value, std::string const& path, Names required, Names optional) {
  if (!value.is(Value::Kind::object)) return form(path, "expected an object");
  for (auto const& [name, member] : value.members) {
    if (contains(required, name) || contains(optional, name)) continue;
    std::string const known = joined(required) + (required.size() > 0 && optional.size() > 0 ? ", " : "");
    return form(at(path, name), "no such member here; known: " + known + joined(optional));
  }
  for (auto const name : required) {
    if (value.find(name) == nullptr) return form(at(path, name), "is missing");
  }
  return {};
}

Result<std::string> Reader::one_of(Value const& value, std::string const& path, Names names, Names beside) {
  if (!value.is(Value::Kind::object)) return form(path, "expected an object with one of: " + joined(names));
  std::string found;
  for (auto const& [name, member] : value.members) {
    if (contains(beside, name)) continue;
    if (!contains(names, name)) return form(at(path, name), "no such member here; known: " + joined(names));
    if (!found.empty()) return form(at(path, name), "stands beside \"" + found + "\"; only one may");
    found = name;
  }
  if (found.empty()) return form(path, "expected one of: " + joined(names));
  return found;
}

Result<void> Reader::list(Value const& value, std::string const& path, std::size_t least, std::size_t most) {
  if (!value.is(Value::Kind::array)) return form(path, "expected a list");
  if (value.items.size() < least || value.items.size() > most) {
    return form(path, std::to_string(least) + " to " + std::to_string(most) + " entries");
  }
  return {};
}

Result<std::string> Reader::text(Value const& value, std::string const& path, std::size_t bytes_max) {
  if (!value.is(Value::Kind::string)) return form(path, "expected a text");
  if (value.text.empty() || value.text.size() > bytes_max) {
    return form(path, "1 to " + std::to_string(bytes_max) + " bytes");
  }
  return value.text;
}

Result<i128> Reader::integer(Value const& value, std::string const& path) {
  bool const written = value.is(Value::Kind::number) || value.is(Value::Kind::string);
  std::string_view digits = value.text;
  bool const negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  constexpr auto most = base::u128{1} << 126;
  auto const magnitude = written ? base::from_decimal(digits, most) : std::nullopt;
  if (!magnitude || (negative && *magnitude == 0)) return form(path, "expected an integer");
  return negative ? -static_cast<i128>(*magnitude) : static_cast<i128>(*magnitude);
}

Result<i128> Reader::integer_in(Value const& value, std::string const& path, i128 low, i128 high) {
  TRY_ASSIGN(auto const number, integer(value, path));
  if (number >= low && number <= high) return number;
  return form(path, "expected " + base::to_decimal(low) + " to " + base::to_decimal(high));
}

Result<bool> Reader::boolean(Value const* value, std::string const& path) {
  if (value == nullptr) return false;
  if (!value->is(Value::Kind::boolean)) return form(path, "expected true or false");
  return value->boolean;
}

Result<TimeMs> Reader::duration(Value const& value, std::string const& path) {
  auto const found = value.is(Value::Kind::string) ? base::from_duration(value.text) : std::nullopt;
  if (!found) return form(path, "expected a duration like P3D or PT12H");
  return *found;
}

Result<Round> Reader::rounding(Value const* value, std::string const& path) {
  if (value == nullptr) return form(path, "is missing: down, up or half_up");
  if (value->is(Value::Kind::string)) {
    if (value->text == "down") return Round::down;
    if (value->text == "up") return Round::up;
    if (value->text == "half_up") return Round::half_up;
  }
  return form(path, "expected down, up or half_up");
}

Result<std::pair<i128, i128>> Reader::bounds(Value const& value, std::string const& path, i128 least, i128 most) {
  TRY(list(value, path, 2, 2));
  TRY_ASSIGN(auto const low, integer_in(value.items[0], at(path, std::size_t{0}), least, most));
  TRY_ASSIGN(auto const high, integer_in(value.items[1], at(path, std::size_t{1}), low, most));
  return std::pair{low, high};
}

Result<void> Reader::new_name(std::string const& name, std::string const& path, std::size_t bytes_max) {
  bool const plain =
      std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
  if (!name.empty() && name.size() <= bytes_max && plain && is_letter(name[0])) return {};
  return form(path, "a name is a letter, then letters, digits, _; at most " + std::to_string(bytes_max));
}

Result<std::size_t> Reader::role(Value const& value, std::string const& path) const {
  return known(terms_.roles, value, path, "role");
}

Result<std::size_t> Reader::pot(Value const& value, std::string const& path) const {
  return known(terms_.pots, value, path, "pot");
}

Result<std::size_t> Reader::state(Value const& value, std::string const& path) const {
  return known(terms_.states, value, path, "state");
}

Result<void> Reader::roles(Value const& value) {
  for (auto const& [name, body] : value.members) {
    auto const path = at("roles", name);
    TRY(new_name(name, path));
    TRY(object(body, path, {}, {"assignable", "attests"}));
    TRY_ASSIGN(bool const assignable, boolean(body.find("assignable"), at(path, "assignable")));
    TRY_ASSIGN(bool const attests, boolean(body.find("attests"), at(path, "attests")));
    terms_.roles.push_back({name, assignable, attests});
  }
  if (terms_.roles.empty() || terms_.roles.size() > roles_max) return form("roles", "1 to 16 roles");
  return {};
}

Result<void> Reader::assets(Value const& value) {
  for (auto const& [symbol, id] : value.members) {
    auto const path = at("assets", symbol);
    TRY(new_name(symbol, path));
    TRY_ASSIGN(auto name, text(id, path, decltype(ledger::RoleTotal::asset)::max));
    auto const dot = name.find('.');
    if (dot == name.npos || dot == 0 || dot + 1 == name.size()) return form(path, "expected CODE.ISSUER");
    terms_.assets.push_back({symbol, std::move(name)});
  }
  if (terms_.assets.empty() || terms_.assets.size() > assets_max) return form("assets", "1 to 8 assets");
  return {};
}

Result<void> Reader::subjects(Value const& value) {
  for (auto const& [name, uri] : value.members) {
    auto const path = at("subjects", name);
    TRY(new_name(name, path));
    TRY_ASSIGN(auto const written, text(uri, path, gs1::key_bytes_max));
    auto const key = gs1::read_key(written);
    if (!key) return form(path, std::string(base::name(key.error().code)) + ": " + key.error().detail);
    terms_.subjects.push_back({name, key->uri, goods::watch_name(*key)});
  }
  if (terms_.subjects.size() > subjects_max) return form("subjects", "at most 8 subjects");
  return {};
}

Result<void> Reader::params(Value const& value) {
  for (auto const& [name, number] : value.members) {
    auto const path = at("params", name);
    TRY(new_name(name, path));
    TRY_ASSIGN(auto const constant, integer(number, path));
    terms_.params.emplace_back(name, constant);
  }
  if (terms_.params.size() > params_max) return form("params", "at most 64 parameters");
  return {};
}

Result<void> Reader::pots(Value const& value) {
  for (auto const& [name, body] : value.members) {
    auto const path = at("pots", name);
    TRY(new_name(name, path));
    TRY(object(body, path, {"asset", "cap", "residual"}, {}));
    Pot out;
    out.name = name;
    auto const& asset = *body.find("asset");
    auto const same = [&](Asset const& one) { return asset.is(Value::Kind::string) && one.symbol == asset.text; };
    auto const found = std::find_if(terms_.assets.begin(), terms_.assets.end(), same);
    if (found == terms_.assets.end()) return form(at(path, "asset"), "no such asset in assets");
    out.asset = static_cast<std::size_t>(found - terms_.assets.begin());
    auto const most = static_cast<i128>(base::amount_max);
    TRY_ASSIGN(auto const cap, integer_in(*body.find("cap"), at(path, "cap"), 1, most));
    out.cap = static_cast<Amount>(cap);
    TRY_ASSIGN(out.residual, role(*body.find("residual"), at(path, "residual")));
    terms_.pots.push_back(std::move(out));
  }
  if (terms_.pots.empty() || terms_.pots.size() > pots_max) return form("pots", "1 to 8 pots");
  return {};
}

Result<void> Reader::counters(Value const& value) {
  for (auto const& [name, body] : value.members) {
    auto const path = at("counters", name);
    TRY(new_name(name, path));
    TRY(object(body, path, {"max"}, {}));
    TRY_ASSIGN(auto const max, integer_in(*body.find("max"), at(path, "max"), 1, count_max));
    terms_.counters.push_back({name, static_cast<std::uint32_t>(max)});
  }
  if (terms_.counters.size() > counters_max) return form("counters", "at most 8 counters");
  return {};
}

/// Variables are what `set` names; they may be read in a state that stands before.
Result<void> Reader::variables(Value const& value, std::string const& path) {
  for (std::size_t i = 0; i < value.items.size(); ++i) TRY(variables(value.items[i], at(path, i)));
  for (auto const& [name, member] : value.members) {
    auto const here = at(path, name);
    if (name == "set" && member.is(Value::Kind::object)) {
      for (auto const& [variable, expression] : member.members) {
        TRY(new_name(variable, at(here, variable)));
        auto const& all = terms_.variables;
        if (std::find(all.begin(), all.end(), variable) == all.end()) terms_.variables.push_back(variable);
      }
    }
    TRY(variables(member, here));
  }
  return {};
}

Result<void> Reader::states(Value const& value) {
  for (auto const& [name, body] : value.members) {
    auto const path = at("states", name);
    TRY(new_name(name, path, decltype(ledger::Lane::state)::max));
    if (name == ledger::closed_state) return form(path, "the name of the end");
    terms_.states.emplace_back().name = name;
  }
  if (terms_.states.empty() || terms_.states.size() > states_max) return form("states", "1 to 64 states");
  for (std::size_t i = 0; i < value.members.size(); ++i) {
    auto const& [name, body] = value.members[i];
    TRY_ASSIGN(terms_.states[i], state_body(name, body, at("states", name)));
  }
  return {};
}

Result<void> Reader::read(Value const& root) {
  TRY(object(root, "", {"escrow", "title", "roles", "assets", "subjects", "params", "pots", "start", "states"},
             {"counters"}));
  auto const& version = *root.find("escrow");
  if (!version.is(Value::Kind::number) || version.text != "1") return form("escrow", "this ledger reads version 1");
  TRY_ASSIGN(terms_.title, text(*root.find("title"), "title", title_bytes_max));
  for (std::string const name : {"roles", "assets", "subjects", "params", "pots", "states", "counters"}) {
    auto const* part = root.find(name);
    if (part != nullptr && !part->is(Value::Kind::object)) return form(name, "expected an object");
  }
  TRY(roles(*root.find("roles")));
  TRY(assets(*root.find("assets")));
  TRY(subjects(*root.find("subjects")));
  TRY(params(*root.find("params")));
  TRY(pots(*root.find("pots")));
  if (auto const* found = root.find("counters")) TRY(counters(*found));
  TRY(variables(*root.find("states"), "states"));
  std::sort(terms_.variables.begin(), terms_.variables.end());
  if (terms_.variables.size() > variables_max) return form("states", "at most 32 variables");
  TRY(states(*root.find("states")));
  TRY_ASSIGN(terms_.start, state(*root.find("start"), "start"));
  return {};
}

std::optional<std::size_t> Terms::state(std::string_view name) const {
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i].name == name) return i;
  }
  return std::nullopt;
}

Result<Terms> read_terms(std::string_view json) {
  gs1::JsonLimits limits;
  limits.bytes_max = ledger::terms_bytes_max;
  limits.code = Code::E_ESCROW_FORM;
  TRY_ASSIGN(auto const written, gs1::parse_json(json, limits));
  Terms out;
  TRY_ASSIGN(out.json, gs1::canonical_json(written));
  // Numbering follows the canonical form, so that two spellings of the same terms behave the same.
  TRY_ASSIGN(auto const root, gs1::parse_json(out.json, limits));
  out.hash = crypto::sha256(base::bytes_of(out.json));
  TRY(Reader(out).read(root));
  out.reach = reach_of(out);
  return out;
}

}  // namespace contracts::escrow
