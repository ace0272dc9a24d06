// SPDX-License-Identifier: Apache-2.0
// Expressions and conditions over what is known of their parts.
#include <algorithm>

#include "contracts/escrow/unfold.hpp"

namespace contracts::escrow {

namespace {

Truth both(Truth a, Truth b) { return std::min(a, b); }
Truth either(Truth a, Truth b) { return std::max(a, b); }
Truth denied(Truth a) { return a == Truth::yes ? Truth::no : a == Truth::no ? Truth::yes : Truth::maybe; }

std::optional<i128> corner(Expression const& expression, i128 x, i128 y) {
  using Kind = Expression::Kind;
  switch (expression.kind) {
    case Kind::add:
      return add(x, y);
    case Kind::min:
      return std::min(x, y);
    case Kind::max:
      return std::max(x, y);
    case Kind::sub:
      return sub(x, y);
    case Kind::mul:
      return mul(x, y);
    case Kind::div:
      return div(x, y, expression.round);
    default: {
      auto const product = mul(x, y);
      return product ? div(*product, basis_points, expression.round) : std::nullopt;
    }
  }
}

/// What the numbers are made of, where the operation keeps it exact.
std::optional<Form> form_of(Expression::Kind kind, Number const& a, Number const& b) {
  using Kind = Expression::Kind;
  if (!a.form || !b.form) return std::nullopt;
  if (kind == Kind::add) return add(*a.form, *b.form);
  if (kind == Kind::sub) return sub(*a.form, *b.form);
  if (kind == Kind::mul && b.form->parts.empty()) return scaled(*a.form, b.form->constant);
  if (kind == Kind::mul && a.form->parts.empty()) return scaled(*b.form, a.form->constant);
  return std::nullopt;
}

}  // namespace

Number Unfolding::plus(Number const& a, Number const& b) {
  Number out{{a.range.low + b.range.low, a.range.high + b.range.high}, std::nullopt};
  if (a.form && b.form) out.form = add(*a.form, *b.form);
  if (!out.form) return unknowns_.fresh(out.range);
  unknowns_.narrow(out);
  return out;
}

Number Unfolding::minus(Number const& a, Number const& b) {
  Number out{{a.range.low - b.range.high, a.range.high - b.range.low}, std::nullopt};
  if (a.form && b.form) out.form = sub(*a.form, *b.form);
  out.range.high = std::max(out.range.high, out.range.low);
  if (!out.form) {
    out.range.low = std::max(i128{0}, out.range.low);
    out.range.high = std::max(i128{0}, out.range.high);
    return unknowns_.fresh(out.range);
  }
  unknowns_.narrow(out);
  return out;
}

Result<Number> Unfolding::evaluate(Expression const& expression, Scene const& scene, Path const& path) {
  using Kind = Expression::Kind;
  if (++operations_ > operations_max) return broken(path, "more than 200,000 operations to judge");
  switch (expression.kind) {
    case Kind::number:
      return Number::of(expression.number);
    case Kind::variable:
      return scene.variables[expression.index];
    case Kind::pot:
      return scene.pots[expression.index];
    case Kind::counter:
      return Number::of(scene.counters[expression.index]);
    case Kind::event_value:
      CHECK(scene.event.has_value());
      return *scene.event;
    case Kind::days:
      return unknowns_.fresh({0, expression.days_max});
    case Kind::reading:
      return unknowns_.fresh({expression.low, expression.high});
    case Kind::table: {
      TRY_ASSIGN(auto const of, evaluate(expression.operands[0], scene, path));
      auto const& rows = expression.rows;
      std::optional<Interval> out;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        bool const begins = i == 0 || rows[i].first <= of.range.high;
        bool const ends = i + 1 == rows.size() || rows[i + 1].first > of.range.low;
        Interval const row{rows[i].second, rows[i].second};
        if (begins && ends) out = out ? hull(*out, row) : row;
      }
      return unknowns_.fresh(*out);
    }
    case Kind::choose: {
      TRY_ASSIGN(auto const truth, judge(expression.conditions[0], scene, path));
      TRY_ASSIGN(auto const a, evaluate(expression.operands[0], scene, path));
      TRY_ASSIGN(auto const b, evaluate(expression.operands[1], scene, path));
      if (truth != Truth::maybe) return truth == Truth::yes ? a : b;
      return unknowns_.fresh(hull(a.range, b.range));
    }
    default:
      break;
  }
  TRY_ASSIGN(auto out, evaluate(expression.operands[0], scene, path));
  for (std::size_t i = 1; i < expression.operands.size(); ++i) {
    TRY_ASSIGN(auto const more, evaluate(expression.operands[i], scene, path));
    TRY_ASSIGN(out, combine(expression, out, more, path));
  }
  return out;
}

Result<Number> Unfolding::combine(Expression const& expression, Number const& a, Number const& b, Path const& path) {
  using Kind = Expression::Kind;
  if (expression.kind == Kind::div && b.range.low <= 0 && b.range.high >= 0) return broken(path, "can divide by zero");
  // Each operation is monotone in each operand, where a divisor keeps its sign: the extremes are at the corners.
  std::optional<Interval> range;
  for (auto const x : {a.range.low, a.range.high}) {
    for (auto const y : {b.range.low, b.range.high}) {
      auto const at = corner(expression, x, y);
      if (!at) return broken(path, "can exceed 127 bits");
      Interval const point{*at, *at};
      range = range ? hull(*range, point) : point;
    }
  }
  if (range->is_point()) return Number::of(range->low);
  Number out{*range, form_of(expression.kind, a, b)};
  if (!out.form) return unknowns_.fresh(*range);
  unknowns_.narrow(out);
  return out;
}

Truth Unfolding::compare(Condition::Kind kind, Number const& a, Number const& b) const {
  using Is = Condition::Kind;
  auto const less = [this](Number const& x, Number const& y) {
    if (x.range.high < y.range.low) return Truth::yes;
    return unknowns_.at_most(y, x) ? Truth::no : Truth::maybe;
  };
  switch (kind) {
    case Is::lt:
      return less(a, b);
    case Is::gt:
      return less(b, a);
    case Is::ge:
      return denied(less(a, b));
    case Is::le:
      return denied(less(b, a));
    default:
      return both(denied(less(a, b)), denied(less(b, a)));
  }
}

Result<Truth> Unfolding::judge(Condition const& condition, Scene const& scene, Path const& path) {
  using Is = Condition::Kind;
  if (++operations_ > operations_max) return broken(path, "more than 200,000 operations to judge");
  if (condition.kind == Is::seen) return Truth::maybe;
  if (!condition.conditions.empty()) {
    auto out = condition.kind == Is::any ? Truth::no : Truth::yes;
    for (auto const& part : condition.conditions) {
      TRY_ASSIGN(auto const truth, judge(part, scene, path));
      out = condition.kind == Is::any ? either(out, truth) : both(out, truth);
    }
    return condition.kind == Is::negation ? denied(out) : out;
  }
  TRY_ASSIGN(auto const a, evaluate(condition.operands[0], scene, path));
  TRY_ASSIGN(auto const b, evaluate(condition.operands[1], scene, path));
  return compare(condition.kind, a, b);
}

Number* Unfolding::place_of(Expression const& expression, Scene& scene) {
  using Kind = Expression::Kind;
  if (expression.kind == Kind::variable) return &scene.variables[expression.index];
  if (expression.kind == Kind::pot) return &scene.pots[expression.index];
  if (expression.kind == Kind::event_value) return &*scene.event;
  return nullptr;
}

/// a + by is at most b.
void Unfolding::suppose_less(Expression const& a, Expression const& b, i128 by, Scene& scene, Path const& path) {
  auto const left = evaluate(a, scene, path);
  auto const right = evaluate(b, scene, path);
  if (!left || !right) return;  // judged before: the error is known
  auto const narrowed = [](Interval range, i128 low, i128 high) {
    Interval const out{std::max(range.low, low), std::min(range.high, high)};
    return out.low <= out.high ? out : range;
  };
  if (auto* place = place_of(a, scene)) {
    place->range = narrowed(place->range, place->range.low, right->range.high - by);
  }
  if (auto* place = place_of(b, scene)) {
    place->range = narrowed(place->range, left->range.low + by, place->range.high);
  }
  if (!left->form || !right->form) return;
  auto form = sub(*left->form, *right->form);
  if (form && form->parts.size() > 0) {
    form->constant += by;
    unknowns_.assume(*std::move(form));
  }
}

void Unfolding::suppose(Condition const& condition, bool truth, Scene& scene, Path const& path) {
  using Is = Condition::Kind;
  auto const& parts = condition.conditions;
  switch (condition.kind) {
    case Is::seen:
      return;
    case Is::negation:
      return suppose(parts.front(), !truth, scene, path);
    case Is::all:
    case Is::any: {
      bool const every = (condition.kind == Is::all) == truth;
      if (!every && parts.size() > 1) return;
      for (auto const& part : parts) suppose(part, truth, scene, path);
      return;
    }
    default:
      break;
  }
  auto const& a = condition.operands[0];
  auto const& b = condition.operands[1];
  switch (condition.kind) {
    case Is::lt:
      return truth ? suppose_less(a, b, 1, scene, path) : suppose_less(b, a, 0, scene, path);
    case Is::gt:
      return truth ? suppose_less(b, a, 1, scene, path) : suppose_less(a, b, 0, scene, path);
    case Is::le:
      return truth ? suppose_less(a, b, 0, scene, path) : suppose_less(b, a, 1, scene, path);
    case Is::ge:
      return truth ? suppose_less(b, a, 0, scene, path) : suppose_less(a, b, 1, scene, path);
    default:
      if (!truth) return;
      suppose_less(a, b, 0, scene, path);
      suppose_less(b, a, 0, scene, path);
  }
}

}  // namespace contracts::escrow
