// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/parse.hpp"

namespace contracts::escrow {

namespace {

constexpr i128 days_most = 36'500;

}  // namespace

Result<void> Reader::node(std::string const& path, unsigned depth) {
  if (depth > expression_depth_max) return form(path, "an expression or condition is at most 8 deep");
  if (depth == 1) nodes_ = 0;
  if (++nodes_ > nodes_max) return form(path, "an expression or condition has at most 256 parts");
  return {};
}

Result<Expression> Reader::expression(Value const& value, std::string const& path, unsigned depth) {
  TRY(node(path, depth));
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
  if (kind == "reading") return reading(value, path);
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

Result<Expression> Reader::reading(Value const& value, std::string const& path) {
  TRY(object(value, path, {"reading", "bounds"}, {}));
  Expression out;
  out.kind = Expression::Kind::reading;
  TRY_ASSIGN(auto read, sensor(*value.find("reading"), at(path, "reading"), false));
  out.sensors.push_back(std::move(read));
  auto const most = static_cast<i128>(base::amount_max);
  TRY_ASSIGN(auto const limits, bounds(*value.find("bounds"), at(path, "bounds"), -most, most));
  std::tie(out.low, out.high) = limits;
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
  TRY(node(path, depth));
  TRY_ASSIGN(auto const kind, one_of(value, path, {"ge", "gt", "le", "lt", "eq", "and", "or", "not", "seen"}, {}));
  auto const here = at(path, kind);
  auto const& body = *value.find(kind);
  Condition out;
  if (kind == "seen") {
    TRY_ASSIGN(auto const facts, fact(body, here, true));
    for (auto const& one : facts) {
      if (facts.size() > 1) TRY(node(here, depth + 1));
      Condition each;
      each.kind = Kind::seen;
      each.fact = one;
      if (facts.size() == 1) return each;
      out.conditions.push_back(std::move(each));
    }
    out.kind = Kind::all;
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
