// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "contracts/escrow/arithmetic.hpp"
#include "contracts/escrow/graph.hpp"

namespace contracts::escrow {

namespace {

/// Limits of one analysis: waiting states times counter values, and interval operations.
constexpr std::size_t configurations_max = 4096;
constexpr std::size_t operations_max = 1'000'000;

struct Interval {
  i128 low = 0;
  i128 high = 0;
};

Interval hull(Interval a, Interval b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

enum class Truth : std::uint8_t { no, maybe, yes };

Truth both(Truth a, Truth b) { return std::min(a, b); }
Truth either(Truth a, Truth b) { return std::max(a, b); }
Truth denied(Truth a) { return a == Truth::yes ? Truth::no : a == Truth::no ? Truth::yes : Truth::maybe; }

/// All that may be true of a lane's money and numbers at one place of the unfolded chart.
struct Values {
  std::vector<Interval> pots;
  std::vector<Interval> variables;
  std::vector<std::uint32_t> counters;
};

void join(Values& into, Values const& more) {
  for (std::size_t i = 0; i < into.pots.size(); ++i) into.pots[i] = hull(into.pots[i], more.pots[i]);
  for (std::size_t i = 0; i < into.variables.size(); ++i) {
    into.variables[i] = hull(into.variables[i], more.variables[i]);
  }
}

/// One pass over the chart unfolded by its counters, which has no cycles: each place is left when everything that leads
/// to it was seen.
class Analysis {
 public:
  Analysis(Terms const& terms, std::vector<std::size_t> ranks) : terms_(terms), ranks_(std::move(ranks)) {}

  Result<void> run() {
    Values first;
    first.pots.resize(terms_.pots.size());
    first.variables.resize(terms_.variables.size());
    first.counters.resize(terms_.counters.size());
    reach(terms_.start, std::move(first));
    std::size_t places = 0;
    while (!todo_.empty()) {
      if (++places > configurations_max) return broken("states", "more than 4096 states times counter values");
      auto const node = todo_.extract(todo_.begin());
      TRY(leave(terms_.states[node.key().state], node.mapped()));
    }
    return {};
  }

 private:
  /// Every end leads to a greater place: it counts, or it leads to a state of higher rank.
  struct Place {
    std::uint64_t counted = 0;
    std::size_t rank = 0;
    std::size_t state = 0;
    std::vector<std::uint32_t> counters;
    auto operator<=>(Place const&) const = default;
  };

  static Error broken(std::string path, std::string detail) {
    return {Code::E_ANALYSIS, std::move(path), std::move(detail)};
  }

  void reach(std::size_t state, Values values) {
    Place place;
    place.counted = std::accumulate(values.counters.begin(), values.counters.end(), std::uint64_t{0});
    place.rank = ranks_[state];
    place.state = state;
    place.counters = values.counters;
    auto const [found, fresh] = todo_.try_emplace(std::move(place), values);
    if (!fresh) join(found->second, values);
  }

  Result<void> leave(State const& state, Values const& values) {
    auto const path = "states." + state.name;
    for (std::size_t i = 0; i < state.cases.size(); ++i) {
      auto const here = path + ".when[" + std::to_string(i) + "]";
      Values after = values;
      event_.reset();
      TRY_ASSIGN(bool const possible, happen(state.cases[i].event, after, here + ".on"));
      if (!possible) continue;
      TRY_ASSIGN(auto const truth, end(state.cases[i].end, std::move(after), here));
      static_cast<void>(truth);
    }
    event_.reset();
    for (std::size_t i = 0; i < state.late.size(); ++i) {
      auto const here = path + (state.late_is_list ? ".late[" + std::to_string(i) + "]" : std::string(".late"));
      TRY_ASSIGN(auto const truth, end(state.late[i], values, here));
      if (truth == Truth::yes) return {};
    }
    return {};
  }

  /// What the event brings; false when it can never be.
  Result<bool> happen(Event const& event, Values& values, std::string const& path) {
    if (auto const* fact = std::get_if<FactEvent>(&event)) {
      if (fact->value) event_ = Interval{fact->facts[*fact->value].low, fact->facts[*fact->value].high};
      return true;
    }
    if (auto const* vote = std::get_if<VoteEvent>(&event)) {
      event_ = Interval{vote->low, vote->high};
      return true;
    }
    auto const& deposit = std::get<DepositEvent>(event);
    TRY_ASSIGN(auto const amount, evaluate(deposit.amount, values, path + ".deposit.amount"));
    if (amount.low < 1) return broken(path + ".deposit.amount", "can be " + base::to_decimal(amount.low));
    auto& pot = values.pots[deposit.pot];
    auto const cap = static_cast<i128>(terms_.pots[deposit.pot].cap);
    // What the cap refuses is no transition, so the sums stay far below 127 bits.
    if (amount.low > cap || pot.low > cap - amount.low) return false;
    pot = {pot.low + amount.low, std::min(cap, pot.high + std::min(amount.high, cap))};
    return true;
  }

  Result<Truth> end(End const& end, Values values, std::string const& path) {
    auto truth = Truth::yes;
    if (end.condition) {
      TRY_ASSIGN(truth, judge(*end.condition, values, path + ".if"));
    }
    if (truth == Truth::no) return truth;
    TRY(steps(end.steps, values, path + ".do"));
    for (auto const target : end.targets) reach(target, values);
    return truth;
  }

  Result<void> steps(std::vector<Step> const& all, Values& values, std::string const& path) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto const here = path + "[" + std::to_string(i) + "]";
      Result<void> done;
      std::visit([&](auto const& step) { done = perform(step, values, here); }, all[i].act);
      TRY(done);
    }
    return {};
  }

  /// Takes from the pot and returns how much.
  Result<Interval> taken(std::size_t pot, Take const& take, Values& values, std::string const& path) {
    auto& held = values.pots[pot];
    auto out = held;
    if (take.kind == Take::Kind::all) {
      held = {0, 0};
      return out;
    }
    bool const clamps = take.kind == Take::Kind::up_to;
    auto const here = path + (clamps ? ".upTo" : ".amount");
    TRY_ASSIGN(auto const amount, evaluate(take.amount, values, here));
    if (!clamps && amount.low < 0) return broken(here, "can be " + base::to_decimal(amount.low));
    if (!clamps && amount.high > held.low) {
      return broken(here, "can be " + base::to_decimal(amount.high) + " when " + terms_.pots[pot].name + " holds " +
                              base::to_decimal(held.low));
    }
    out = {std::clamp(amount.low, i128{0}, held.low), std::clamp(amount.high, i128{0}, held.high)};
    held = {std::max(i128{0}, held.low - out.high), held.high - out.low};
    return out;
  }

  Result<void> perform(PayStep const& step, Values& values, std::string const& path) {
    TRY(taken(step.from, step.take, values, path + ".pay"));
    return {};
  }
  Result<void> perform(MoveStep const& step, Values& values, std::string const& path) {
    TRY_ASSIGN(auto const amount, taken(step.from, step.take, values, path + ".move"));
    auto& into = values.pots[step.into];
    into = {into.low + amount.low, into.high + amount.high};
    return {};
  }
  Result<void> perform(SplitStep const& step, Values& values, std::string const& path) {
    i128 most = 0;
    for (std::size_t i = 0; i < step.parts.size(); ++i) {
      auto const here = path + ".split.parts[" + std::to_string(i) + "].bps";
      TRY_ASSIGN(auto const share, evaluate(step.parts[i].bps, values, here));
      if (share.low < 0) return broken(here, "can be " + base::to_decimal(share.low));
      if (share.high > basis_points) return broken(here, "can be " + base::to_decimal(share.high));
      most += share.high;
      if (most > basis_points) return broken(here, "the parts can exceed the whole: " + base::to_decimal(most));
    }
    TRY(taken(step.from, step.take, values, path + ".split"));
    return {};
  }
  Result<void> perform(TitleStep const&, Values&, std::string const&) { return {}; }
  Result<void> perform(SetStep const& step, Values& values, std::string const& path) {
    for (auto const& [variable, expression] : step.values) {
      TRY_ASSIGN(values.variables[variable], evaluate(expression, values, path + ".set." + terms_.variables[variable]));
    }
    return {};
  }
  Result<void> perform(CountStep const& step, Values& values, std::string const& path) {
    auto const& counter = terms_.counters[step.counter];
    if (values.counters[step.counter] == counter.max) {
      return broken(path + ".count", counter.name + " can pass its max; ask {\"lt\": [{\"counter\": \"" + counter.name +
                                         "\"}, " + std::to_string(counter.max) + "]} first");
    }
    ++values.counters[step.counter];
    return {};
  }
  Result<void> perform(IfStep const& step, Values& values, std::string const& path) {
    TRY_ASSIGN(auto const truth, judge(step.condition, values, path + ".if"));
    Values otherwise = values;
    if (truth != Truth::no) TRY(steps(step.then, values, path + ".do"));
    if (truth != Truth::yes) TRY(steps(step.otherwise, otherwise, path + ".else"));
    if (truth == Truth::no) values = std::move(otherwise);
    if (truth == Truth::maybe) join(values, otherwise);
    return {};
  }

  Result<Interval> evaluate(Expression const& expression, Values const& values, std::string const& path);
  Result<Interval> combine(Expression const& expression, Interval a, Interval b, std::string const& path);
  Result<Truth> judge(Condition const& condition, Values const& values, std::string const& path);
  Truth compare(Condition::Kind kind, Interval a, Interval b) const;

  Terms const& terms_;
  std::vector<std::size_t> ranks_;
  std::map<Place, Values> todo_;
  /// Of the event of the case that is looked at.
  std::optional<Interval> event_;
  std::size_t operations_ = 0;
};

Result<Interval> Analysis::evaluate(Expression const& expression, Values const& values, std::string const& path) {
  using Kind = Expression::Kind;
  if (++operations_ > operations_max) return broken(path, "more than a million operations to judge");
  switch (expression.kind) {
    case Kind::number:
      return Interval{expression.number, expression.number};
    case Kind::variable:
      return values.variables[expression.index];
    case Kind::pot:
      return values.pots[expression.index];
    case Kind::counter:
      return Interval{values.counters[expression.index], values.counters[expression.index]};
    case Kind::event_value:
      CHECK(event_.has_value());
      return *event_;
    case Kind::days:
      return Interval{0, expression.days_max};
    case Kind::table: {
      TRY_ASSIGN(auto const of, evaluate(expression.operands[0], values, path));
      auto const& rows = expression.rows;
      std::optional<Interval> out;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        bool const begins = i == 0 || rows[i].first <= of.high;
        bool const ends = i + 1 == rows.size() || rows[i + 1].first > of.low;
        Interval const row{rows[i].second, rows[i].second};
        if (begins && ends) out = out ? hull(*out, row) : row;
      }
      return *out;
    }
    case Kind::choose: {
      TRY_ASSIGN(auto const truth, judge(expression.conditions[0], values, path));
      TRY_ASSIGN(auto const a, evaluate(expression.operands[0], values, path));
      TRY_ASSIGN(auto const b, evaluate(expression.operands[1], values, path));
      return truth == Truth::yes ? a : truth == Truth::no ? b : hull(a, b);
    }
    default:
      break;
  }
  TRY_ASSIGN(auto out, evaluate(expression.operands[0], values, path));
  for (std::size_t i = 1; i < expression.operands.size(); ++i) {
    TRY_ASSIGN(auto const more, evaluate(expression.operands[i], values, path));
    TRY_ASSIGN(out, combine(expression, out, more, path));
  }
  return out;
}

Result<Interval> Analysis::combine(Expression const& expression, Interval a, Interval b, std::string const& path) {
  using Kind = Expression::Kind;
  auto const one = [&](i128 x, i128 y) -> std::optional<i128> {
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
  };
  if (expression.kind == Kind::div && b.low <= 0 && b.high >= 0) return broken(path, "can divide by zero");
  // Each operation is monotone in each operand, where a divisor keeps its sign: the extremes are at the corners.
  std::optional<Interval> out;
  for (auto const x : {a.low, a.high}) {
    for (auto const y : {b.low, b.high}) {
      auto const corner = one(x, y);
      if (!corner) return broken(path, "can exceed 127 bits");
      Interval const point{*corner, *corner};
      out = out ? hull(*out, point) : point;
    }
  }
  return *out;
}

Truth Analysis::compare(Condition::Kind kind, Interval a, Interval b) const {
  using Is = Condition::Kind;
  auto const less = [](Interval x, Interval y) {
    return x.high < y.low ? Truth::yes : x.low >= y.high ? Truth::no : Truth::maybe;
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

Result<Truth> Analysis::judge(Condition const& condition, Values const& values, std::string const& path) {
  using Is = Condition::Kind;
  if (++operations_ > operations_max) return broken(path, "more than a million operations to judge");
  if (condition.kind == Is::seen) return Truth::maybe;
  if (!condition.conditions.empty()) {
    auto out = condition.kind == Is::any ? Truth::no : Truth::yes;
    for (auto const& part : condition.conditions) {
      TRY_ASSIGN(auto const truth, judge(part, values, path));
      out = condition.kind == Is::any ? either(out, truth) : both(out, truth);
    }
    return condition.kind == Is::negation ? denied(out) : out;
  }
  TRY_ASSIGN(auto const a, evaluate(condition.operands[0], values, path));
  TRY_ASSIGN(auto const b, evaluate(condition.operands[1], values, path));
  return compare(condition.kind, a, b);
}

}  // namespace

Result<void> analyse(Terms const& terms) {
  TRY_ASSIGN(auto ranks, check_graph(terms));
  return Analysis(terms, std::move(ranks)).run();
}

}  // namespace contracts::escrow
