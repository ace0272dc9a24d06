// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "contracts/escrow/graph.hpp"
#include "contracts/escrow/mutants.hpp"

namespace contracts::escrow {

namespace {

constexpr std::uint64_t bit(std::size_t number) { return std::uint64_t{1} << number; }

void touch(Reach& reach, Condition const& condition);

void touch(Reach& reach, Expression const& expression) {
  if (expression.kind == Expression::Kind::pot) reach.pots |= bit(expression.index);
  if (expression.kind == Expression::Kind::counter) reach.counters |= bit(expression.index);
  if (expression.kind == Expression::Kind::variable) reach.variables_read |= bit(expression.index);
  for (auto const& operand : expression.operands) touch(reach, operand);
  for (auto const& condition : expression.conditions) touch(reach, condition);
}

void touch(Reach& reach, Condition const& condition) {
  for (auto const& operand : condition.operands) touch(reach, operand);
  for (auto const& part : condition.conditions) touch(reach, part);
}

void touch(Reach& reach, std::vector<Step> const& steps);

struct StepTouch {
  Reach& reach;
  void operator()(PayStep const& step) const { from(step.from, step.take); }
  void operator()(MoveStep const& step) const {
    from(step.from, step.take);
    reach.pots |= bit(step.into);
  }
  void operator()(SplitStep const& step) const {
    from(step.from, step.take);
    for (auto const& part : step.parts) touch(reach, part.bps);
  }
  void operator()(TitleStep const&) const {}
  void operator()(SetStep const& step) const {
    for (auto const& [variable, expression] : step.values) {
      reach.variables |= bit(variable);
      touch(reach, expression);
    }
  }
  void operator()(CountStep const& step) const { reach.counters |= bit(step.counter); }
  void operator()(IfStep const& step) const {
    touch(reach, step.condition);
    touch(reach, step.then);
    touch(reach, step.otherwise);
  }
  void operator()(AssertStep const& step) const { touch(reach, step.condition); }
  void operator()(EmitStep const&) const {}
  void from(std::size_t pot, Take const& take) const {
    reach.pots |= bit(pot);
    touch(reach, take.amount);
  }
};

void touch(Reach& reach, std::vector<Step> const& steps) {
  for (auto const& step : steps) std::visit(StepTouch{reach}, step.act);
}

/// What the state's own cases and ends touch.
Reach own(State const& state) {
  Reach out;
  for (auto const& one : state.cases) {
    auto const* deposit = std::get_if<DepositEvent>(&one.event);
    if (deposit == nullptr) continue;
    out.pots |= bit(deposit->pot);
    touch(out, deposit->amount);
  }
  each_end(state, [&](End const& end, std::string const&) {
    if (end.condition) touch(out, *end.condition);
    touch(out, end.steps);
  });
  return out;
}

void join(Reach& into, Reach const& more) {
  into.states |= more.states;
  into.pots |= more.pots;
  into.counters |= more.counters;
  into.variables |= more.variables;
  into.variables_read |= more.variables_read;
}

std::string state_path(State const& state) { return "states." + state.name; }

Error broken(std::string path, std::string detail) { return {Code::E_ANALYSIS, std::move(path), std::move(detail)}; }

bool counts(End const& end) {
  return std::any_of(end.steps.begin(), end.steps.end(),
                     [](Step const& step) { return std::holds_alternative<CountStep>(step.act); });
}

/// Orders the states along the ends that do not count; fails on a cycle of such ends.
class Ordering {
 public:
  explicit Ordering(Terms const& terms) : terms_(terms), marks_(terms.states.size(), Mark::fresh) {}

  Result<std::vector<std::size_t>> rank() {
    for (std::size_t i = 0; i < terms_.states.size(); ++i) TRY(visit(i));
    std::vector<std::size_t> out(terms_.states.size());
    for (std::size_t i = 0; i < done_.size(); ++i) out[done_[i]] = done_.size() - 1 - i;
    return out;
  }

 private:
  enum class Mark : std::uint8_t { fresh, open, done };

  Result<void> visit(std::size_t index) {
    if (marks_[index] == Mark::done) return {};
    marks_[index] = Mark::open;
    auto const& state = terms_.states[index];
    Result<void> result;
    each_end(state, [&](End const& end, std::string const& where) {
      if (!result || counts(end)) return;
      for (auto const target : end.targets) {
        if (!result) return;
        if (marks_[target] == Mark::open) {
          result = broken(state_path(state) + "." + where + ".goto",
                          "closes a cycle through " + terms_.states[target].name + " that nothing counts");
        } else {
          result = visit(target);
        }
      }
    });
    TRY(result);
    marks_[index] = Mark::done;
    done_.push_back(index);
    return {};
  }

  Terms const& terms_;
  std::vector<Mark> marks_;
  std::vector<std::size_t> done_;
};

/// The states that can be reached without passing through `without`.
std::uint64_t reachable_without(Terms const& terms, std::size_t without) {
  std::uint64_t seen = 0;
  std::vector<std::size_t> todo;
  auto const push = [&](std::size_t index) {
    if (index == without || (seen & bit(index)) != 0) return;
    seen |= bit(index);
    todo.push_back(index);
  };
  push(terms.start);
  while (!todo.empty()) {
    auto const index = todo.back();
    todo.pop_back();
    each_end(terms.states[index], [&](End const& end, std::string const&) {
      for (auto const target : end.targets) push(target);
    });
  }
  return seen;
}

/// Calls visit(entry state, path) for each `days since` under the state.
class SinceWalk {
 public:
  using Visit = std::function<void(std::size_t entry, std::string const& path)>;
  explicit SinceWalk(Visit visit) : visit_(std::move(visit)) {}

  void walk(Expression const& expression, std::string const& path) const {
    if (expression.kind == Expression::Kind::days && !expression.since_ms) visit_(expression.index, path);
    for (auto const& operand : expression.operands) walk(operand, path);
    for (auto const& condition : expression.conditions) walk(condition, path);
  }
  void walk(Condition const& condition, std::string const& path) const {
    for (auto const& operand : condition.operands) walk(operand, path);
    for (auto const& part : condition.conditions) walk(part, path);
  }
  void walk(std::vector<Step> const& steps, std::string const& path) const {
    for (std::size_t i = 0; i < steps.size(); ++i) walk(steps[i], path + "[" + std::to_string(i) + "]");
  }

 private:
  void walk(Step const& step, std::string const& path) const {
    if (auto const* pay = std::get_if<PayStep>(&step.act)) walk(pay->take.amount, path);
    if (auto const* move = std::get_if<MoveStep>(&step.act)) walk(move->take.amount, path);
    if (auto const* set = std::get_if<SetStep>(&step.act)) {
      for (auto const& [variable, expression] : set->values) walk(expression, path);
    }
    if (auto const* split = std::get_if<SplitStep>(&step.act)) {
      walk(split->take.amount, path);
      for (auto const& part : split->parts) walk(part.bps, path);
    }
    if (auto const* claimed = std::get_if<AssertStep>(&step.act)) walk(claimed->condition, path);
    if (auto const* choice = std::get_if<IfStep>(&step.act)) {
      walk(choice->condition, path);
      walk(choice->then, path + ".do");
      walk(choice->otherwise, path + ".else");
    }
  }
  Visit visit_;
};

/// "of" and "since" name states through which every way leads here.
Result<void> check_entries(Terms const& terms) {
  std::vector<std::uint64_t> without;
  for (auto const state : terms.entry_states) without.push_back(reachable_without(terms, state));
  Result<void> result;
  for (std::size_t i = 0; i < terms.states.size(); ++i) {
    auto const& state = terms.states[i];
    auto const judge = [&](std::size_t entry, std::string const& path) {
      if (!result || (without[entry] & bit(i)) == 0) return;
      result = broken(path, "this state can be reached without " + terms.states[terms.entry_states[entry]].name);
    };
    if (state.until.of) judge(*state.until.of, state_path(state) + ".until.of");
    SinceWalk const walk(judge);
    for (std::size_t n = 0; n < state.cases.size(); ++n) {
      auto const* deposit = std::get_if<DepositEvent>(&state.cases[n].event);
      auto const path = state_path(state) + ".when[" + std::to_string(n) + "].on.deposit.amount";
      if (deposit != nullptr) walk.walk(deposit->amount, path);
    }
    each_end(state, [&](End const& end, std::string const& where) {
      auto const path = state_path(state) + "." + where;
      if (end.condition) walk.walk(*end.condition, path + ".if");
      walk.walk(end.steps, path + ".do");
    });
  }
  return result;
}

Result<void> check_fork(Terms const& terms, End const& end, std::string const& path) {
  Reach all;
  for (auto const target : end.targets) {
    auto const& reach = terms.reach[target];
    auto const name = terms.states[target].name;
    // A fork inside a cycle is found here too: the lane that leads back reaches the others.
    bool const again = (reach.states & all.states) != 0;
    if (again && ESCROW_PLANTED(fork_inside_a_cycle)) continue;
    if (again) return broken(path, "the lane of " + name + " shares a state with another");
    bool const shared = (reach.pots & all.pots) != 0 && !ESCROW_PLANTED(lanes_share_a_pot);
    if (shared) return broken(path, "the lane of " + name + " shares a pot with another");
    if ((reach.counters & all.counters) != 0) {
      return broken(path, "the lane of " + name + " shares a counter with another");
    }
    auto const mine = reach.variables | reach.variables_read;
    auto const theirs = all.variables | all.variables_read;
    if ((reach.variables & theirs) != 0 || (mine & all.variables) != 0) {
      return broken(path, "the lane of " + name + " shares a variable that one of them sets");
    }
    join(all, reach);
  }
  return {};
}

/// How many lanes can come of one that stands in a state: a fixed point, because cycles have no forks.
Result<void> check_lanes(Terms const& terms) {
  if (ESCROW_PLANTED(fork_inside_a_cycle)) return {};
  std::vector<std::size_t> lanes(terms.states.size(), 1);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < terms.states.size(); ++i) {
      each_end(terms.states[i], [&](End const& end, std::string const&) {
        std::size_t sum = 0;
        for (auto const target : end.targets) sum += lanes[target];
        if (sum > lanes[i]) {
          lanes[i] = sum;
          changed = true;
        }
      });
      if (lanes[i] > ledger::lanes_max) return broken(state_path(terms.states[i]), "more than 8 lanes");
    }
  }
  return {};
}

}  // namespace

std::vector<Reach> reach_of(Terms const& terms) {
  std::vector<Reach> own_reach;
  for (auto const& state : terms.states) own_reach.push_back(own(state));
  auto out = own_reach;
  for (std::size_t i = 0; i < out.size(); ++i) out[i].states = bit(i);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < out.size(); ++i) {
      auto const before = out[i];
      each_end(terms.states[i], [&](End const& end, std::string const&) {
        for (auto const target : end.targets) join(out[i], out[target]);
      });
      changed = changed || !(before == out[i]);
    }
  }
  return out;
}

Result<std::vector<std::size_t>> check_graph(Terms const& terms) {
  TRY_ASSIGN(auto ranks, Ordering(terms).rank());
  TRY(check_entries(terms));
  Result<void> forks;
  for (std::size_t i = 0; i < terms.states.size(); ++i) {
    each_end(terms.states[i], [&](End const& end, std::string const& where) {
      auto const path = state_path(terms.states[i]) + "." + where + ".goto";
      if (forks && end.targets.size() > 1) forks = check_fork(terms, end, path);
    });
  }
  TRY(forks);
  TRY(check_lanes(terms));
  return ranks;
}

}  // namespace contracts::escrow
