// SPDX-License-Identifier: Apache-2.0
// Every way through small terms, tried: what the analysis promises must hold on each, what it refuses must go wrong on
// one.
#include <set>

#include "base/time.hpp"
#include "contracts/escrow/arithmetic.hpp"
#include "contracts/escrow/evaluate.hpp"
#include "escrow/generate.hpp"
#include "escrow/storm.hpp"

namespace storm {

namespace {

namespace escrow = contracts::escrow;
using base::i128;
using escrow::Terms;

/// What a lane of small terms holds.
struct Place {
  std::size_t state = 0;
  i128 pot = 0;
  i128 variable = 0;
  std::uint32_t counter = 0;
  auto operator<=>(Place const&) const = default;
};

/// A walk of its own: no interval, no form, only numbers.
class Walk {
 public:
  explicit Walk(Terms const& terms) : terms_(terms) {}

  /// True when no way through the terms breaks a promise.
  bool sound() {
    visit({terms_.start, 0, 0, 0}, 0);
    return sound_;
  }

 private:
  /// States times turns of the counter bound every way that ends.
  static constexpr unsigned depth_max = 64;

  void visit(Place const& place, unsigned depth) {
    if (depth > depth_max) sound_ = false;
    if (!sound_ || !seen_.insert(place).second) return;
    auto const& state = terms_.states[place.state];
    for (auto const& one : state.cases) {
      if (auto const* deposit = std::get_if<escrow::DepositEvent>(&one.event)) {
        auto next = place;
        next.pot += value(deposit->amount, place, 0);
        if (next.pot <= static_cast<i128>(terms_.pots[0].cap)) follow(one.end, next, 0, depth);
        continue;
      }
      auto const& vote = std::get<escrow::VoteEvent>(one.event);
      for (auto said = vote.low; said <= vote.high; ++said) follow(one.end, place, said, depth);
    }
    for (auto const& end : state.late) follow(end, place, 0, depth);
  }

  void follow(escrow::End const& end, Place place, i128 said, unsigned depth) {
    if (end.condition && !holds(*end.condition, place, said)) return;
    for (auto const& step : end.steps) perform(step, place, said);
    for (auto const target : end.targets) {
      place.state = target;
      visit(place, depth + 1);
    }
  }

  void perform(escrow::Step const& step, Place& place, i128 said) {
    if (auto const* pay = std::get_if<escrow::PayStep>(&step.act)) {
      auto const amount = value(pay->take.amount, place, said);
      if (amount < 0 || amount > place.pot) sound_ = false;
      place.pot -= amount;
    } else if (auto const* split = std::get_if<escrow::SplitStep>(&step.act)) {
      i128 sum = 0;
      for (auto const& part : split->parts) sum += value(part.bps, place, said);
      if (sum > escrow::basis_points) sound_ = false;
      place.pot = 0;
    } else if (auto const* set = std::get_if<escrow::SetStep>(&step.act)) {
      place.variable = value(set->values[0].second, place, said);
    } else if (std::holds_alternative<escrow::CountStep>(step.act)) {
      if (++place.counter > terms_.counters[0].max) sound_ = false;
    } else if (auto const* choice = std::get_if<escrow::IfStep>(&step.act)) {
      for (auto const& one : holds(choice->condition, place, said) ? choice->then : choice->otherwise) {
        perform(one, place, said);
      }
    }
  }

  i128 value(escrow::Expression const& expression, Place const& place, i128 said) const {
    using Kind = escrow::Expression::Kind;
    auto const part = [&](std::size_t i) { return value(expression.operands[i], place, said); };
    switch (expression.kind) {
      case Kind::pot:
        return place.pot;
      case Kind::variable:
        return place.variable;
      case Kind::counter:
        return place.counter;
      case Kind::event_value:
        return said;
      case Kind::mul:
        return part(0) * part(1);
      case Kind::sub:
        return part(0) - part(1);
      default:
        return expression.number;
    }
  }

  /// Small terms only compare.
  bool holds(escrow::Condition const& condition, Place const& place, i128 said) const {
    using Is = escrow::Condition::Kind;
    auto const a = value(condition.operands[0], place, said);
    auto const b = value(condition.operands[1], place, said);
    switch (condition.kind) {
      case Is::lt:
        return a < b;
      case Is::le:
        return a <= b;
      case Is::gt:
        return a > b;
      case Is::ge:
        return a >= b;
      default:
        return a == b;
    }
  }

  Terms const& terms_;
  bool sound_ = true;
  std::set<Place> seen_;
};

}  // namespace

Verdicts compare_verdicts(std::uint64_t contracts, std::uint64_t seed, bool branches) {
  Verdicts out;
  for (std::uint64_t i = 0; i < contracts; ++i) {
    Chance chance(seed * 7'919 + i);
    auto const text = small_terms(chance, branches);
    auto const terms = escrow::read_terms(text);
    if (!terms) {
      out.differs = base::to_string(terms.error()) + "\n" + text;
      return out;
    }
    auto const judged = escrow::analyse(*terms);
    bool const sound = Walk(*terms).sound();
    (judged ? out.accepted : out.refused) += 1;
    // Behind a branch ranges are joined: what is refused there may yet be sound.
    if (branches && sound && !judged) out.cautious += 1;
    if (judged.has_value() == sound || (branches && sound)) continue;
    out.differs = (judged ? std::string("accepted, but a way through it goes wrong")
                          : "refused, but no way through it goes wrong: " + base::to_string(judged.error())) +
                  "\n" + text;
    return out;
  }
  if (out.cautious > contracts / 1'000) out.differs = std::to_string(out.cautious) + " sound terms are refused";
  return out;
}

}  // namespace storm
