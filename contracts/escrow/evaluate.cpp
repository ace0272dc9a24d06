// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/evaluate.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "contracts/escrow/arithmetic.hpp"
#include "contracts/escrow/mutants.hpp"
#include "contracts/escrow/sensor.hpp"

namespace contracts::escrow {

namespace {

using Kind = Expression::Kind;

i128 fold(Expression const& expression, View const& view) {
  i128 out = evaluate(expression.operands.front(), view);
  for (std::size_t i = 1; i < expression.operands.size(); ++i) {
    auto const next = evaluate(expression.operands[i], view);
    if (expression.kind == Kind::add) {
      out = add(out, next).value_or(0);
    } else {
      out = expression.kind == Kind::min ? std::min(out, next) : std::max(out, next);
    }
  }
  return out;
}

i128 binary(Expression const& expression, View const& view) {
  auto const a = evaluate(expression.operands[0], view);
  auto const b = evaluate(expression.operands[1], view);
  switch (expression.kind) {
    case Kind::sub:
      return sub(a, b).value_or(0);
    case Kind::mul:
      return mul(a, b).value_or(0);
    case Kind::div:
      return div(a, b, expression.round).value_or(0);
    default:
      return div(mul(a, b).value_or(0), basis_points, expression.round).value_or(0);
  }
}

i128 look_up(Expression const& expression, i128 of) {
  i128 out = expression.rows.front().second;
  for (auto const& [from, value] : expression.rows) {
    if (from <= of) out = value;
  }
  return out;
}

i128 signed_of(ledger::VariableValue const& variable) {
  auto const magnitude = static_cast<i128>(variable.magnitude);
  return variable.negative ? -magnitude : magnitude;
}

base::Micro claimed(FactPattern const& pattern, ledger::FactEntry const& fact) {
  for (auto const& part : fact.claims) {
    if (part.claim == pattern.claim) return part.quantity;
  }
  return 0;
}

/// The first moment that knows of it.
Moment after(ledger::FactEntry const& fact) { return {fact.recorded.time_ms, fact.recorded.log_index + 1}; }

bool in_answer(Wanted wanted, ledger::FactAnswer answer) {
  switch (wanted) {
    case Wanted::accepted:
      return answer == ledger::FactAnswer::none || answer == ledger::FactAnswer::accepted;
    case Wanted::rejected:
      return answer == ledger::FactAnswer::rejected;
    default:
      return answer == ledger::FactAnswer::offered;
  }
}

/// An offer that nobody answered stands; a time limit of its own does not end it.
Words unanswered(FactPattern const& pattern, View const& view) {
  auto const& facts = view.facts(pattern.trigger());
  std::map<Hash, Moment> answered;
  std::vector<Words::Word> words;
  for (auto fact = facts.rbegin(); fact != facts.rend(); ++fact) {
    if (fact->answer != ledger::FactAnswer::offered) {
      answered[fact->offer] = after(*fact);
    } else if (matches(pattern, *fact, view)) {
      auto const answer = answered.find(fact->offer);
      std::optional<Moment> until;
      if (answer != answered.end()) until = answer->second;
      if (ESCROW_PLANTED(expired_offer_refunds)) {
        Moment const next_day{fact->recorded.time_ms + base::day_ms, 0};
        until = std::min(until.value_or(next_day), next_day);
      }
      words.push_back({fact->recorded, until});
    }
  }
  std::reverse(words.begin(), words.end());
  Words out;
  out.by_trigger[pattern.trigger()].words = std::move(words);
  return out;
}

Words words_of(FactPattern const& pattern, View const& view) {
  if (pattern.wanted == Wanted::unanswered) return unanswered(pattern, view);
  Words out;
  for (auto const trigger : pattern.triggers) {
    auto& words = out.by_trigger[trigger].words;
    for (auto const& fact : view.facts(trigger)) {
      if (matches(pattern, fact, view)) words.push_back({fact.recorded, fact.until});
    }
  }
  return out;
}

/// How many attesters have a word that stands now.
std::size_t standing(Words& words, View const& view) {
  std::size_t out = 0;
  view.facts.count(words.by_trigger.size());
  for (auto& [trigger, one] : words.by_trigger) {
    auto const over = [&](Words::Word const& word) { return word.until && *word.until <= view.now; };
    for (; one.next < one.words.size() && over(one.words[one.next]); ++one.next) view.facts.count(1);
    if (one.next < one.words.size() && one.words[one.next].from < view.now) ++out;
  }
  return out;
}

bool seen(FactPattern const& pattern, View const& view) {
  if (pattern.sensor) {
    auto const value = measure(*pattern.sensor, view, pattern.since_state);
    return value && is_beyond(*pattern.sensor, *value);
  }
  Known nothing;
  auto& words = (view.known == nullptr ? nothing : *view.known).words;
  auto known = words.find(&pattern);
  if (known == words.end()) known = words.emplace(&pattern, words_of(pattern, view)).first;
  return standing(known->second, view) >= pattern.needed;
}

}  // namespace

i128 days_between(TimeMs since_ms, TimeMs grace_ms, TimeMs now_ms, i128 days_max, Round round) {
  auto const passed = static_cast<i128>(now_ms) - static_cast<i128>(since_ms) - static_cast<i128>(grace_ms);
  auto const days = div(passed, static_cast<i128>(base::day_ms), round).value_or(0);
  return std::clamp(days, i128{0}, days_max);
}

i128 evaluate(Expression const& expression, View const& view) {
  view.facts.count(1);
  switch (expression.kind) {
    case Kind::number:
      return expression.number;
    case Kind::variable:
      return signed_of(view.contract.variables[expression.index]);
    case Kind::pot:
      return static_cast<i128>(view.contract.pots[expression.index].amount);
    case Kind::counter:
      return view.contract.counters[expression.index].value;
    case Kind::event_value:
      return view.value;
    case Kind::add:
    case Kind::min:
    case Kind::max:
      return fold(expression, view);
    case Kind::days: {
      auto const since = expression.since_ms ? *expression.since_ms : view.contract.entries[expression.index].time_ms;
      return days_between(since, expression.grace_ms, view.now.time_ms, expression.days_max, expression.round);
    }
    case Kind::table:
      return look_up(expression, evaluate(expression.operands.front(), view));
    case Kind::reading: {
      auto const value = measure(expression.sensors.front(), view, false);
      return std::clamp(value.value_or(0), expression.low, expression.high);
    }
    case Kind::choose:
      return evaluate(expression.operands[holds(expression.conditions.front(), view) ? 0 : 1], view);
    default:
      return binary(expression, view);
  }
}

bool holds(Condition const& condition, View const& view) {
  view.facts.count(1);
  using Is = Condition::Kind;
  auto const here = [&](Condition const& part) { return holds(part, view); };
  auto const& parts = condition.conditions;
  switch (condition.kind) {
    case Is::all:
      return std::all_of(parts.begin(), parts.end(), here);
    case Is::any:
      return std::any_of(parts.begin(), parts.end(), here);
    case Is::negation:
      return !here(parts.front());
    case Is::seen:
      return seen(condition.fact, view);
    default:
      break;
  }
  auto const a = evaluate(condition.operands[0], view);
  auto const b = evaluate(condition.operands[1], view);
  switch (condition.kind) {
    case Is::ge:
      return a >= b;
    case Is::gt:
      return a > b;
    case Is::le:
      return a <= b;
    case Is::lt:
      return a < b;
    default:
      return a == b;
  }
}

/// To sort one fact in, as FactsOf counts it.
constexpr std::uint64_t work_to_sort = 4;

std::vector<Attested> attested(FactPattern const& pattern, FactsOf const& facts) {
  std::vector<Attested> out;
  for (auto const trigger : pattern.triggers) {
    for (auto const& fact : facts(trigger)) out.push_back({&fact, trigger});
  }
  if (pattern.triggers.size() > 1) {
    facts.count(work_to_sort * out.size());
    std::stable_sort(out.begin(), out.end(),
                     [](Attested const& a, Attested const& b) { return a.fact->recorded < b.fact->recorded; });
  }
  return out;
}

i128 value_of(FactPattern const& pattern, ledger::FactEntry const& fact) {
  if (pattern.value == FactPattern::Value::grade) return fact.grade.value_or(0);
  if (pattern.value != FactPattern::Value::quantity) return 0;
  i128 micro_a_unit = 1'000'000;
  for (unsigned i = 0; i < pattern.scale; ++i) micro_a_unit /= 10;
  return static_cast<i128>(pattern.claim.empty() ? fact.quantity : claimed(pattern, fact)) / micro_a_unit;
}

i128 reading_of(FactPattern const& pattern, View const& view) {
  return std::clamp(measure(*pattern.reading, view, false).value_or(0), pattern.low, pattern.high);
}

bool matches(FactPattern const& pattern, ledger::FactEntry const& fact, View const& view) {
  using Is = FactPattern::Value;
  if (!in_answer(pattern.wanted, fact.answer)) return false;
  if (!pattern.disposition.empty() && pattern.disposition != fact.disposition) return false;
  // Several parties attest anew in each state.
  bool const since_state = pattern.since_state || pattern.triggers.size() > 1;
  bool const sensor = pattern.sensor.has_value();
  if (fact.recorded < view.contract.opened) return false;
  if (!sensor && since_state && fact.recorded < view.lane.entered) return false;
  bool const old = fact.event_ms < fact.recorded.time_ms && fact.recorded.time_ms - fact.event_ms > pattern.age_ms_max;
  if (old) return false;
  if (sensor) {
    // After this batch, before the next.
    View then = view;
    then.now = after(fact);
    auto const value = measure(*pattern.sensor, then, pattern.since_state);
    return value && is_beyond(*pattern.sensor, *value);
  }
  bool const accepts = fact.answer == ledger::FactAnswer::accepted;
  if (accepts && !pattern.claim.empty() && claimed(pattern, fact) == 0) return false;
  if (pattern.value == Is::grade && !fact.grade) return false;
  if (pattern.value == Is::quantity && !pattern.unit.empty() && fact.unit != pattern.unit) return false;
  if (pattern.value != Is::grade && pattern.value != Is::quantity) return true;
  auto const value = value_of(pattern, fact);
  return value >= pattern.low && value <= pattern.high;
}

}  // namespace contracts::escrow
