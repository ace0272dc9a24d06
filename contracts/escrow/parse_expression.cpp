// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/parse.hpp"
#include "gs1/identifier.hpp"
#include "gs1/vocabulary.hpp"

namespace contracts::escrow {

namespace {

constexpr TimeMs age_ms_default = 3 * base::day_ms;
/// Quantities are kept in micro-units.
constexpr i128 scale_max = 6;
constexpr i128 days_most = 36'500;

/// Terms speak CBV's bare words and ours with their prefix.
gs1::Context vocabulary_context() {
  gs1::Context out;
  out.epcis = true;
  out.names.emplace_back("tally", std::string(gs1::tally_namespace));
  return out;
}

}  // namespace

Result<FactPattern> Reader::fact(Value const& value, std::string const& path, bool in_seen) {
  TRY_ASSIGN(auto const kind, one_of(value, path, {"handover", "milestone", "sensor", "documents", "certificate"},
                                     {"value", "bounds", "since", "maxAge"}));
  auto const here = at(path, kind);
  auto const& body = *value.find(kind);
  if (kind != "handover" && kind != "milestone") return not_yet(here, kind);
  if (in_seen && value.find("value") != nullptr) return form(at(path, "value"), "\"seen\" has no value");
  FactPattern out;
  if (kind == "handover") {
    TRY_ASSIGN(out, handover(body, here, in_seen));
  } else {
    TRY_ASSIGN(out, milestone(body, here));
  }
  TRY(fact_value(out, value, path, kind == "handover"));
  if (auto const* since = value.find("since")) {
    bool const state = since->is(Value::Kind::string) && since->text == "state";
    bool const contract = since->is(Value::Kind::string) && since->text == "contract";
    if (!state && !contract) return form(at(path, "since"), "expected contract or state");
    out.since_state = state;
  }
  out.age_ms_max = age_ms_default;
  if (auto const* age = value.find("maxAge")) {
    TRY_ASSIGN(out.age_ms_max, duration(*age, at(path, "maxAge")));
  }
  return out;
}

Result<void> Reader::fact_value(FactPattern& out, Value const& value, std::string const& path, bool is_handover) {
  auto const* wanted = value.find("value");
  auto const* range = value.find("bounds");
  if (wanted == nullptr) {
    if (range != nullptr) return form(at(path, "bounds"), "only beside \"value\"");
    return {};
  }
  auto const here = at(path, "value");
  if (wanted->is(Value::Kind::object)) return not_yet(here, "the value of a sensor");
  if (!wanted->is(Value::Kind::string) || (wanted->text != "quantityAccepted" && wanted->text != "grade")) {
    return form(here, "expected quantityAccepted, grade or a sensor");
  }
  if (wanted->text == "grade") return not_yet(here, "grade");
  if (!is_handover) return not_yet(here, "the quantity of a milestone");
  if (out.wanted != Wanted::accepted) return form(here, "only an accepted handover has a quantity");
  if (range == nullptr) return form(at(path, "bounds"), "is missing beside \"value\"");
  TRY_ASSIGN(auto const limits, bounds(*range, at(path, "bounds"), 0, static_cast<i128>(base::amount_max)));
  std::tie(out.low, out.high) = limits;
  out.has_value = true;
  return {};
}

Result<FactPattern> Reader::handover(Value const& value, std::string const& path, bool in_seen) {
  TRY(object(value, path, {"subject", "from", "to"}, {"answer", "claim", "uom", "scale"}));
  if (value.find("claim") != nullptr) return not_yet(at(path, "claim"), "claim");
  Trigger wanted;
  wanted.kind = ledger::WatchKind::handover;
  TRY_ASSIGN(wanted.subject, known(terms_.subjects, *value.find("subject"), at(path, "subject"), "subject"));
  TRY_ASSIGN(wanted.actor, role(*value.find("from"), at(path, "from")));
  TRY_ASSIGN(wanted.to, role(*value.find("to"), at(path, "to")));
  if (wanted.actor == wanted.to) return form(at(path, "to"), "a handover needs two parties");
  FactPattern out;
  if (auto const* answer = value.find("answer")) {
    auto const here = at(path, "answer");
    if (!answer->is(Value::Kind::string)) return form(here, "expected accepted, rejected or unanswered");
    if (answer->text == "rejected") {
      out.wanted = Wanted::rejected;
    } else if (answer->text == "unanswered") {
      if (!in_seen) return form(here, "silence is no event; only \"seen\" may ask for unanswered");
      out.wanted = Wanted::unanswered;
    } else if (answer->text != "accepted") {
      return form(here, "expected accepted, rejected or unanswered");
    }
  }
  if (auto const* uom = value.find("uom")) {
    TRY_ASSIGN(out.unit, text(*uom, at(path, "uom"), 3));
    if (!gs1::is_unit(out.unit)) return form(at(path, "uom"), "no code of UN/ECE Recommendation 20");
  }
  if (auto const* scale = value.find("scale")) {
    TRY_ASSIGN(auto const places, integer_in(*scale, at(path, "scale"), 0, scale_max));
    out.scale = static_cast<unsigned>(places);
  }
  TRY_ASSIGN(out.trigger, trigger(std::move(wanted), path));
  return out;
}

Result<FactPattern> Reader::milestone(Value const& value, std::string const& path) {
  TRY(object(value, path, {"subject", "bizStep", "by"}, {"disposition"}));
  Trigger wanted;
  TRY_ASSIGN(wanted.subject, known(terms_.subjects, *value.find("subject"), at(path, "subject"), "subject"));
  auto const& by = *value.find("by");
  if (by.is(Value::Kind::object)) return not_yet(at(path, "by"), "k of n for a milestone");
  TRY_ASSIGN(wanted.actor, role(by, at(path, "by")));
  auto const context = vocabulary_context();
  auto const word = [&](gs1::Vocabulary vocabulary, std::string_view member) -> Result<std::string> {
    auto const here = at(path, member);
    TRY_ASSIGN(auto const written, text(*value.find(member), here, gs1::key_bytes_max));
    auto read = gs1::read_word(vocabulary, written, context, here);
    if (!read) return form(here, read.error().detail);
    return read;
  };
  TRY_ASSIGN(wanted.word, word(gs1::Vocabulary::biz_step, "bizStep"));
  FactPattern out;
  if (value.find("disposition") != nullptr) {
    TRY_ASSIGN(out.disposition, word(gs1::Vocabulary::disposition, "disposition"));
  }
  TRY_ASSIGN(out.trigger, trigger(std::move(wanted), path));
  return out;
}

Result<std::size_t> Reader::trigger(Trigger wanted, std::string const& path) {
  auto& all = terms_.triggers;
  auto const found = std::find(all.begin(), all.end(), wanted);
  if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
  if (all.size() == triggers_max) return form(path, "more than 64 different facts");
  all.push_back(std::move(wanted));
  return all.size() - 1;
}

Result<Expression> Reader::expression(Value const& value, std::string const& path, unsigned depth) {
  if (depth > expression_depth_max) return form(path, "an expression is at most 8 deep");
  Expression out;
  if (!value.is(Value::Kind::object)) {
    TRY_ASSIGN(out.number, integer(value, path));
    return out;
  }
  TRY_ASSIGN(auto const kind, one_of(value, path,
                                     {"param", "var", "pot", "counter", "event", "add", "min", "max", "sub", "mul",
                                      "div", "bps", "days", "table", "reading", "if"},
                                     {"round", "bounds"}));
  auto const here = at(path, kind);
  if (kind == "reading") return not_yet(here, "reading");
  if (value.find("bounds") != nullptr) return form(at(path, "bounds"), "only beside \"reading\"");
  bool const rounds = kind == "div" || kind == "bps";
  if (!rounds && value.find("round") != nullptr) return form(at(path, "round"), "only beside \"div\" and \"bps\"");
  if (kind == "days") return days(*value.find(kind), here);
  if (kind == "table") return table(*value.find(kind), here, depth);
  if (kind == "if") return choose(*value.find(kind), here, depth);
  if (kind == "param" || kind == "var" || kind == "pot" || kind == "counter" || kind == "event") {
    return named(kind, *value.find(kind), here);
  }
  TRY_ASSIGN(out, operation(kind, *value.find(kind), here, depth));
  if (rounds) {
    TRY_ASSIGN(out.round, rounding(value.find("round"), at(path, "round")));
  }
  return out;
}

Result<Expression> Reader::named(std::string const& kind, Value const& value, std::string const& path) {
  Expression out;
  if (kind == "event") {
    if (!value.is(Value::Kind::string) || value.text != "value") return form(path, "expected \"value\"");
    if (!has_value_) return form(path, "no event with a value stands here");
    out.kind = Expression::Kind::event_value;
    return out;
  }
  if (kind == "pot") {
    out.kind = Expression::Kind::pot;
    TRY_ASSIGN(out.index, pot(value, path));
    return out;
  }
  if (kind == "counter") {
    out.kind = Expression::Kind::counter;
    TRY_ASSIGN(out.index, known(terms_.counters, value, path, "counter"));
    return out;
  }
  if (!value.is(Value::Kind::string)) return form(path, "expected a name");
  if (kind == "param") {
    for (auto const& [name, constant] : terms_.params) {
      if (name != value.text) continue;
      out.number = constant;
      return out;
    }
    return form(path, "no parameter \"" + value.text.substr(0, 64) + "\"");
  }
  auto const& all = terms_.variables;
  auto const found = std::find(all.begin(), all.end(), value.text);
  if (found == all.end()) return form(path, "no step sets a variable \"" + value.text.substr(0, 64) + "\"");
  out.kind = Expression::Kind::variable;
  out.index = static_cast<std::size_t>(found - all.begin());
  return out;
}

Result<std::vector<Expression>> Reader::operands(Value const& value, std::string const& path, unsigned depth,
                                                 std::size_t least, std::size_t most) {
  TRY(list(value, path, least, most));
  std::vector<Expression> out;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    TRY_ASSIGN(auto read, expression(value.items[i], at(path, i), depth + 1));
    out.push_back(std::move(read));
  }
  return out;
}

Result<Expression> Reader::operation(std::string const& kind, Value const& value, std::string const& path,
                                     unsigned depth) {
  using Kind = Expression::Kind;
  Expression out;
  bool const many = kind == "add" || kind == "min" || kind == "max";
  out.kind = kind == "add"   ? Kind::add
             : kind == "min" ? Kind::min
             : kind == "max" ? Kind::max
             : kind == "sub" ? Kind::sub
             : kind == "mul" ? Kind::mul
             : kind == "div" ? Kind::div
                             : Kind::bps;
  TRY_ASSIGN(out.operands, operands(value, path, depth, many ? 1 : 2, many ? parts_max : 2));
  return out;
}

Result<Expression> Reader::days(Value const& value, std::string const& path) {
  TRY(object(value, path, {"since", "max", "round"}, {"grace"}));
  Expression out;
  out.kind = Expression::Kind::days;
  auto const& since = *value.find("since");
  if (since.is(Value::Kind::string)) out.since_ms = base::from_rfc3339(since.text);
  if (!out.since_ms) {
    auto const named = state(since, at(path, "since"));
    if (!named) return form(at(path, "since"), "expected a state or a time like 2026-08-20T00:00:00Z");
    TRY_ASSIGN(out.index, entry_state(*named, at(path, "since")));
  }
  TRY_ASSIGN(out.days_max, integer_in(*value.find("max"), at(path, "max"), 1, days_most));
  TRY_ASSIGN(out.round, rounding(value.find("round"), at(path, "round")));
  if (auto const* grace = value.find("grace")) {
    TRY_ASSIGN(out.grace_ms, duration(*grace, at(path, "grace")));
  }
  return out;
}

Result<Expression> Reader::table(Value const& value, std::string const& path, unsigned depth) {
  TRY(list(value, path, 2, 2));
  Expression out;
  out.kind = Expression::Kind::table;
  TRY_ASSIGN(auto of, expression(value.items[0], at(path, std::size_t{0}), depth + 1));
  out.operands.push_back(std::move(of));
  auto const here = at(path, std::size_t{1});
  TRY(list(value.items[1], here, 1, table_rows_max));
  for (std::size_t i = 0; i < value.items[1].items.size(); ++i) {
    auto const& row = value.items[1].items[i];
    auto const each = at(here, i);
    TRY(list(row, each, 2, 2));
    TRY_ASSIGN(auto const from, integer(row.items[0], at(each, std::size_t{0})));
    TRY_ASSIGN(auto const number, integer(row.items[1], at(each, std::size_t{1})));
    if (!out.rows.empty() && from <= out.rows.back().first) return form(at(each, std::size_t{0}), "rows ascend");
    out.rows.emplace_back(from, number);
  }
  return out;
}

Result<Expression> Reader::choose(Value const& value, std::string const& path, unsigned depth) {
  TRY(list(value, path, 3, 3));
  Expression out;
  out.kind = Expression::Kind::choose;
  TRY_ASSIGN(auto asked, condition(value.items[0], at(path, std::size_t{0}), depth + 1));
  out.conditions.push_back(std::move(asked));
  for (std::size_t i = 1; i < 3; ++i) {
    TRY_ASSIGN(auto read, expression(value.items[i], at(path, i), depth + 1));
    out.operands.push_back(std::move(read));
  }
  return out;
}

Result<Condition> Reader::condition(Value const& value, std::string const& path, unsigned depth) {
  using Kind = Condition::Kind;
  if (depth > expression_depth_max) return form(path, "a condition is at most 8 deep");
  TRY_ASSIGN(auto const kind, one_of(value, path, {"ge", "gt", "le", "lt", "eq", "and", "or", "not", "seen"}, {}));
  auto const here = at(path, kind);
  auto const& body = *value.find(kind);
  Condition out;
  if (kind == "seen") {
    out.kind = Kind::seen;
    TRY_ASSIGN(out.fact, fact(body, here, true));
    return out;
  }
  if (kind == "not") {
    out.kind = Kind::negation;
    TRY_ASSIGN(auto denied, condition(body, here, depth + 1));
    out.conditions.push_back(std::move(denied));
    return out;
  }
  if (kind == "and" || kind == "or") {
    out.kind = kind == "and" ? Kind::all : Kind::any;
    TRY(list(body, here, 1, parts_max));
    for (std::size_t i = 0; i < body.items.size(); ++i) {
      TRY_ASSIGN(auto part, condition(body.items[i], at(here, i), depth + 1));
      out.conditions.push_back(std::move(part));
    }
    return out;
  }
  out.kind = kind == "ge"   ? Kind::ge
             : kind == "gt" ? Kind::gt
             : kind == "le" ? Kind::le
             : kind == "lt" ? Kind::lt
                            : Kind::eq;
  TRY_ASSIGN(out.operands, operands(body, here, depth, 2, 2));
  return out;
}

}  // namespace contracts::escrow
