// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/mutants.hpp"
#include "contracts/escrow/parse.hpp"

namespace contracts::escrow {

namespace {

/// What an act may carry (ledger::EscrowAct::value fits it too).
constexpr auto vote_value_max = static_cast<i128>(base::amount_max);

bool waits_for_value(Event const& event) {
  if (auto const* fact = std::get_if<FactEvent>(&event)) return fact->value.has_value();
  return std::holds_alternative<VoteEvent>(event);
}

}  // namespace

Result<State> Reader::state_body(std::string const& name, Value const& value, std::string const& path) {
  TRY(object(value, path, {"when", "until", "late"}, {}));
  State out;
  out.name = name;
  sensors_ = 0;
  auto const& when = *value.find("when");
  TRY(list(when, at(path, "when"), 0, cases_max));
  for (std::size_t i = 0; i < when.items.size(); ++i) {
    TRY_ASSIGN(auto read, one_case(when.items[i], at(at(path, "when"), i)));
    out.cases.push_back(std::move(read));
  }
  TRY_ASSIGN(out.until, until(*value.find("until"), at(path, "until")));
  out.late_is_list = value.find("late")->is(Value::Kind::array);
  TRY_ASSIGN(out.late, late(*value.find("late"), at(path, "late")));
  return out;
}

Result<Until> Reader::until(Value const& value, std::string const& path) {
  TRY_ASSIGN(auto const kind, one_of(value, path, {"after", "at"}, {"of"}));
  auto const& when = *value.find(kind);
  auto const* of = value.find("of");
  Until out;
  if (kind == "at") {
    if (of != nullptr) return form(at(path, "of"), "only beside \"after\"");
    out.at_ms = when.is(Value::Kind::string) ? base::from_rfc3339(when.text) : std::nullopt;
    if (!out.at_ms) return form(at(path, "at"), "expected a time like 2026-08-20T00:00:00Z");
    return out;
  }
  TRY_ASSIGN(out.after_ms, duration(when, at(path, "after")));
  if (of != nullptr) {
    TRY_ASSIGN(auto const named, state(*of, at(path, "of")));
    TRY_ASSIGN(out.of, entry_state(named, at(path, "of")));
  }
  return out;
}

Result<std::size_t> Reader::entry_state(std::size_t state, std::string const& path) {
  auto& all = terms_.entry_states;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == state) return i;
  }
  if (all.size() == entries_max) return form(path, "more than 16 states whose entry counts");
  all.push_back(state);
  return all.size() - 1;
}

Result<Case> Reader::one_case(Value const& value, std::string const& path) {
  TRY(object(value, path, {"on", "goto"}, {"if", "do"}));
  Case out;
  has_value_ = false;
  TRY_ASSIGN(out.event, event(*value.find("on"), at(path, "on")));
  has_value_ = waits_for_value(out.event);
  TRY_ASSIGN(out.end, end(value, path));
  has_value_ = false;
  return out;
}

Result<End> Reader::end(Value const& value, std::string const& path) {
  End out;
  if (auto const* asked = value.find("if")) {
    TRY_ASSIGN(auto read, condition(*asked, at(path, "if")));
    out.condition = std::move(read);
  }
  if (auto const* acts = value.find("do")) {
    TRY_ASSIGN(out.steps, steps(*acts, at(path, "do"), false));
  }
  TRY_ASSIGN(out.targets, targets(*value.find("goto"), at(path, "goto")));
  return out;
}

Result<std::vector<End>> Reader::late(Value const& value, std::string const& path) {
  std::vector<End> out;
  if (!value.is(Value::Kind::array)) {
    TRY(object(value, path, {"goto"}, {"do"}));
    TRY_ASSIGN(auto only, end(value, path));
    out.push_back(std::move(only));
    return out;
  }
  TRY(list(value, path, 1, cases_max));
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    auto const here = at(path, i);
    bool const last = i + 1 == value.items.size();
    TRY(object(value.items[i], here, {"goto"}, {"if", "do"}));
    bool const asks = value.items[i].find("if") != nullptr;
    if (last && asks && !ESCROW_PLANTED(late_without_default))
      return form(at(here, "if"), "the last end has no condition, so that one always holds");
    if (!last && !asks) return form(at(here, "if"), "is missing; what follows could never be reached");
    TRY_ASSIGN(auto read, end(value.items[i], here));
    out.push_back(std::move(read));
  }
  return out;
}

Result<std::vector<std::size_t>> Reader::targets(Value const& value, std::string const& path) {
  std::vector<std::size_t> out;
  if (value.is(Value::Kind::string) && value.text == ledger::closed_state) return out;
  if (!value.is(Value::Kind::array)) {
    TRY_ASSIGN(auto const only, state(value, path));
    out.push_back(only);
    return out;
  }
  TRY(list(value, path, 2, ledger::lanes_max));
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    TRY_ASSIGN(auto const target, state(value.items[i], at(path, i)));
    out.push_back(target);
  }
  return out;
}

Result<Event> Reader::event(Value const& value, std::string const& path) {
  TRY_ASSIGN(auto const kind, one_of(value, path,
                                     {"handover", "milestone", "sensor", "documents", "certificate", "all", "deposit",
                                      "choice", "award", "approve"},
                                     {"value", "bounds", "since", "maxAge"}));
  if (kind == "deposit" || kind == "choice" || kind == "award" || kind == "approve" || kind == "all") {
    TRY(object(value, path, {kind}, {}));
    auto const& body = *value.find(kind);
    if (kind == "all") return all_facts(body, at(path, kind));
    return kind == "deposit" ? deposit(body, at(path, kind)) : vote(kind, body, at(path, kind));
  }
  FactEvent out;
  TRY_ASSIGN(out.facts, fact(value, path, false));
  if (out.facts.front().has_value()) out.value = 0;
  return Event{std::move(out)};
}

Result<Event> Reader::all_facts(Value const& value, std::string const& path) {
  TRY(list(value, path, 2, cases_max));
  FactEvent out;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    TRY_ASSIGN(auto const read, fact(value.items[i], at(path, i), false));
    for (auto const& one : read) {
      if (one.has_value() && out.value) return form(at(at(path, i), "value"), "only one fact of \"all\" has a value");
      if (one.has_value()) out.value = out.facts.size();
      out.facts.push_back(one);
    }
  }
  return Event{std::move(out)};
}

Result<Event> Reader::deposit(Value const& value, std::string const& path) {
  TRY(object(value, path, {"by", "into", "amount"}, {}));
  DepositEvent out;
  TRY_ASSIGN(out.role, role(*value.find("by"), at(path, "by")));
  TRY_ASSIGN(out.pot, pot(*value.find("into"), at(path, "into")));
  TRY_ASSIGN(out.amount, expression(*value.find("amount"), at(path, "amount")));
  return Event{std::move(out)};
}

Result<Event> Reader::vote(std::string const& kind, Value const& value, std::string const& path) {
  VoteEvent out;
  if (kind == "approve") {
    TRY(object(value, path, {"of", "k"}, {}));
    out.kind = VoteEvent::Kind::approve;
    TRY_ASSIGN(auto several, voters(*value.find("of"), *value.find("k"), path));
    out.roles = std::move(several.roles);
    out.needed = several.needed;
    return Event{std::move(out)};
  }
  TRY(object(value, path, {"by", "name", "bounds"}, {}));
  TRY_ASSIGN(out.name, text(*value.find("name"), at(path, "name"), 64));
  TRY(new_name(out.name, at(path, "name"), 64));
  TRY_ASSIGN(auto const range, bounds(*value.find("bounds"), at(path, "bounds"), 0, vote_value_max));
  std::tie(out.low, out.high) = range;
  out.kind = kind == "choice" ? VoteEvent::Kind::choice : VoteEvent::Kind::award;
  auto const here = at(path, "by");
  if (kind == "award") {
    TRY_ASSIGN(auto several, by(*value.find("by"), here));
    out.roles = std::move(several.roles);
    out.needed = several.needed;
    return Event{std::move(out)};
  }
  TRY_ASSIGN(auto const only, role(*value.find("by"), here));
  out.roles.push_back(only);
  return Event{std::move(out)};
}

Result<Reader::By> Reader::voters(Value const& of, Value const& needed, std::string const& path) const {
  auto const here = at(path, "of");
  TRY(list(of, here, 1, roles_max));
  By out;
  for (std::size_t i = 0; i < of.items.size(); ++i) {
    TRY_ASSIGN(auto const voter, role(of.items[i], at(here, i)));
    for (auto const other : out.roles) {
      if (other == voter) return form(at(here, i), "named twice");
    }
    out.roles.push_back(voter);
  }
  TRY_ASSIGN(auto const k, integer_in(needed, at(path, "k"), 1, static_cast<i128>(out.roles.size())));
  out.needed = static_cast<std::size_t>(k);
  return out;
}

Result<Reader::By> Reader::by(Value const& value, std::string const& path) const {
  if (value.is(Value::Kind::object)) {
    TRY(object(value, path, {"of", "k"}, {}));
    return voters(*value.find("of"), *value.find("k"), path);
  }
  TRY_ASSIGN(auto const only, role(value, path));
  return By{{only}, 1};
}

Result<std::vector<Step>> Reader::steps(Value const& value, std::string const& path, bool conditional) {
  TRY(list(value, path, 1, steps_max));
  std::vector<Step> out;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    TRY_ASSIGN(auto read, step(value.items[i], at(path, i), conditional));
    out.push_back(std::move(read));
  }
  return out;
}

Result<Step> Reader::step(Value const& value, std::string const& path, bool conditional) {
  if (++steps_ > steps_max) return form(path, "more than 256 steps");
  TRY_ASSIGN(
      auto const kind,
      one_of(value, path, {"pay", "move", "split", "title", "set", "count", "if", "assert", "emit"}, {"do", "else"}));
  auto const here = at(path, kind);
  auto const& body = *value.find(kind);
  if (kind == "if") {
    TRY(object(value, path, {"if", "do"}, {"else"}));
    IfStep out;
    TRY_ASSIGN(out.condition, condition(body, here));
    TRY_ASSIGN(out.then, steps(*value.find("do"), at(path, "do"), true));
    if (auto const* otherwise = value.find("else")) {
      TRY_ASSIGN(out.otherwise, steps(*otherwise, at(path, "else"), true));
    }
    return Step{std::move(out)};
  }
  TRY(object(value, path, {kind}, {}));
  if (kind == "assert") {
    TRY_ASSIGN(auto claimed, condition(body, here));
    return Step{AssertStep{std::move(claimed)}};
  }
  if (kind == "emit") return emit(body, here);
  if (kind == "pay") return pay(body, here);
  if (kind == "move") return move(body, here);
  if (kind == "split") return split(body, here);
  if (kind == "title") return title(body, here);
  if (kind == "set") return set(body, here);
  if (conditional) return form(here, "a count stands outside \"if\", so that every turn of a cycle counts");
  CountStep out;
  TRY_ASSIGN(out.counter, known(terms_.counters, body, here, "counter"));
  return Step{out};
}

Result<Take> Reader::take(Value const& value, std::string const& path, bool required) {
  Take out;
  std::string found;
  for (std::string const name : {"all", "upTo", "amount"}) {
    if (value.find(name) == nullptr) continue;
    if (!found.empty()) return form(at(path, name), "stands beside \"" + found + "\"; only one may");
    found = name;
  }
  if (found.empty()) {
    if (required) return form(path, "expected one of: all, upTo, amount");
    return out;
  }
  auto const& how_much = *value.find(found);
  auto const here = at(path, found);
  if (found == "all") {
    if (!how_much.is(Value::Kind::boolean) || !how_much.boolean) return form(here, "expected true");
    return out;
  }
  out.kind = found == "upTo" ? Take::Kind::up_to : Take::Kind::amount;
  TRY_ASSIGN(out.amount, expression(how_much, here));
  return out;
}

Result<Step> Reader::pay(Value const& value, std::string const& path) {
  TRY(object(value, path, {"from", "to"}, {"all", "upTo", "amount"}));
  PayStep out;
  TRY_ASSIGN(out.from, pot(*value.find("from"), at(path, "from")));
  TRY_ASSIGN(out.to, role(*value.find("to"), at(path, "to")));
  TRY_ASSIGN(out.take, take(value, path, true));
  return Step{std::move(out)};
}

Result<Step> Reader::move(Value const& value, std::string const& path) {
  TRY(object(value, path, {"from", "into"}, {"all", "upTo", "amount"}));
  MoveStep out;
  TRY_ASSIGN(out.from, pot(*value.find("from"), at(path, "from")));
  TRY_ASSIGN(out.into, pot(*value.find("into"), at(path, "into")));
  if (out.from == out.into) return form(at(path, "into"), "the same pot");
  if (terms_.pots[out.from].asset != terms_.pots[out.into].asset) return form(at(path, "into"), "of another asset");
  TRY_ASSIGN(out.take, take(value, path, true));
  return Step{std::move(out)};
}

Result<Step> Reader::split(Value const& value, std::string const& path) {
  TRY(object(value, path, {"from", "parts", "rest"}, {"all", "upTo", "amount"}));
  SplitStep out;
  TRY_ASSIGN(out.from, pot(*value.find("from"), at(path, "from")));
  TRY_ASSIGN(out.take, take(value, path, false));
  TRY_ASSIGN(out.rest, role(*value.find("rest"), at(path, "rest")));
  auto const& parts = *value.find("parts");
  auto const here = at(path, "parts");
  TRY(list(parts, here, 1, parts_max));
  for (std::size_t i = 0; i < parts.items.size(); ++i) {
    auto const each = at(here, i);
    TRY(object(parts.items[i], each, {"to", "bps"}, {}));
    SplitPart part;
    TRY_ASSIGN(part.to, role(*parts.items[i].find("to"), at(each, "to")));
    TRY_ASSIGN(part.bps, expression(*parts.items[i].find("bps"), at(each, "bps")));
    out.parts.push_back(std::move(part));
  }
  return Step{std::move(out)};
}

Result<Step> Reader::title(Value const& value, std::string const& path) {
  TRY(object(value, path, {"of", "from", "to"}, {}));
  TitleStep out;
  TRY_ASSIGN(out.subject, known(terms_.subjects, *value.find("of"), at(path, "of"), "subject"));
  TRY_ASSIGN(out.from, role(*value.find("from"), at(path, "from")));
  TRY_ASSIGN(out.to, role(*value.find("to"), at(path, "to")));
  return Step{out};
}

Result<Step> Reader::set(Value const& value, std::string const& path) {
  if (!value.is(Value::Kind::object) || value.members.empty()) return form(path, "expected {variable: expression}");
  SetStep out;
  for (auto const& [name, body] : value.members) {
    std::size_t variable = 0;
    while (variable < terms_.variables.size() && terms_.variables[variable] != name) ++variable;
    CHECK(variable < terms_.variables.size());
    TRY_ASSIGN(auto read, expression(body, at(path, name)));
    out.values.emplace_back(variable, std::move(read));
  }
  return Step{std::move(out)};
}

Result<Step> Reader::emit(Value const& value, std::string const& path) {
  EmitStep out;
  TRY_ASSIGN(out.code, text(value, path, 32));
  TRY(new_name(out.code, path));
  return Step{std::move(out)};
}

}  // namespace contracts::escrow
