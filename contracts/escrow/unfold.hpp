// SPDX-License-Identifier: Apache-2.0
#pragma once

// The chart unfolded by its counters, walked once: at each place what pots and variables can hold. Only the analysis
// uses it.

#include <map>

#include "contracts/escrow/analyse.hpp"

namespace contracts::escrow {

/// Interval operations of one analysis: about 20 ms.
constexpr std::size_t operations_max = 200'000;

enum class Truth : std::uint8_t { no, maybe, yes };

/// Where a check stands in the terms; written out only when something is to be said of it.
struct Path {
  Path const* up = nullptr;
  std::string_view name;
  std::size_t index = nowhere;

  static constexpr std::size_t nowhere = ~std::size_t{0};
  std::string text() const;
};

/// Money between a role and a pot in one transition.
struct Flow {
  std::size_t role = 0;
  std::size_t pot = 0;
  bool in = false;
  Interval amount;
};

/// One way out of a place.
struct Way {
  std::vector<Flow> flows;
  /// The most that comes into each pot from outside or from other pots.
  std::vector<std::pair<std::size_t, i128>> inflow;
  /// Numbers of places; none: the lane closes.
  std::vector<std::size_t> targets;
  std::uint64_t work = 0;
};

struct Node {
  std::size_t state = 0;
  std::vector<i128> pots_high;
  std::vector<Way> ways;
};

class Unfolding {
 public:
  /// With `details` the ways have their flows, and warnings are kept; the verdict is the same without.
  Unfolding(Terms const& terms, std::vector<std::size_t> ranks, TimeMs start_ms, bool details);

  Result<void> run();

  TimeMs ends_ms() const { return ends_ms_; }
  std::size_t places() const { return places_; }
  std::size_t operations() const { return operations_; }
  /// In the order of the walk: every way leads to a later one.
  std::vector<std::size_t> const& order() const { return order_; }
  std::vector<Node> const& nodes() const { return nodes_; }
  std::vector<Warning> take_warnings() { return std::move(warnings_); }
  /// Bit e of a state: its end e (cases first, then late) can be taken.
  std::vector<std::uint64_t> const& taken() const { return taken_; }
  bool reached(std::size_t state) const { return reached_[state]; }

 private:
  /// Every end leads to a greater place: it counts, or it leads to a state of higher rank.
  struct Place {
    std::uint64_t counted = 0;
    std::size_t rank = 0;
    std::size_t state = 0;
    std::vector<std::uint32_t> counters;
    /// Pots whose residual this lane pays.
    std::uint64_t owned = 0;
    /// Different values at the same place are kept apart, as far as they are few.
    std::size_t variant = 0;
    auto operator<=>(Place const&) const = default;
  };
  /// All that may be true when a lane comes to a place.
  struct Values {
    std::vector<Interval> pots;
    std::vector<Interval> variables;
    /// The latest that each of Terms::entry_states was entered, and that this place is.
    std::vector<TimeMs> entries_ms;
    TimeMs latest_ms = 0;
    std::size_t number = 0;
  };
  /// The same while one way out is followed.
  struct Scene {
    std::vector<Number> pots;
    std::vector<Number> variables;
    std::vector<std::uint32_t> counters;
    std::optional<Number> event;
    Way way;
  };

  static Error broken(Path const& path, std::string detail) {
    return {Code::E_ANALYSIS, path.text(), std::move(detail)};
  }
  void warn(Warning::Kind kind, Path const& path, std::string detail = {});
  std::size_t reach(std::size_t state, Scene const& scene, std::vector<TimeMs> entries_ms, TimeMs latest_ms,
                    std::uint64_t owned);
  Result<void> leave(Place const& place, Values const& values);
  Scene scene_of(Place const& place, Values const& values);
  TimeMs due_of(State const& state, Values const& values) const;
  void announce(Event const& event, Scene& scene);
  /// False when the pot can never take it here.
  Result<bool> pay_in(DepositEvent const& deposit, Scene& scene, Path const& path);
  /// Follows an end, unless its condition never holds. A condition is asked before a deposit is paid in.
  Result<Truth> follow(End const& end, DepositEvent const* deposit, Scene scene, Place const& place,
                       Values const& values, Path const& path);
  void arrive(End const& end, Scene& scene, Place const& place, Values const& values);

  Result<void> steps(std::vector<Step> const& all, Scene& scene, Path const& path);
  Result<void> perform(PayStep const& step, Scene& scene, Path const& path);
  Result<void> perform(MoveStep const& step, Scene& scene, Path const& path);
  Result<void> perform(SplitStep const& step, Scene& scene, Path const& path);
  Result<void> perform(TitleStep const& step, Scene& scene, Path const& path);
  Result<void> perform(SetStep const& step, Scene& scene, Path const& path);
  Result<void> perform(CountStep const& step, Scene& scene, Path const& path);
  Result<void> perform(IfStep const& step, Scene& scene, Path const& path);
  Result<void> perform(AssertStep const& step, Scene& scene, Path const& path);
  Result<void> perform(EmitStep const& step, Scene& scene, Path const& path);
  /// Takes from the pot and returns how much.
  Result<Number> taken(std::size_t pot, Take const& take, Scene& scene, Path const& path);
  /// True when the expression, whose value this is, never exceeds the pot.
  Result<bool> fits(Expression const& amount, Number const& value, std::size_t pot, Scene const& scene,
                    Path const& path);
  void pay(std::size_t pot, std::size_t role, Interval amount, Scene& scene);
  Number minus(Number const& a, Number const& b);
  Number plus(Number const& a, Number const& b);

  Result<Number> evaluate(Expression const& expression, Scene const& scene, Path const& path);
  Result<Number> combine(Expression const& expression, Number const& a, Number const& b, Path const& path);
  Result<Truth> judge(Condition const& condition, Scene const& scene, Path const& path);
  Truth compare(Condition::Kind kind, Number const& a, Number const& b) const;
  /// From here on the condition counts as this.
  void suppose(Condition const& condition, bool truth, Scene& scene, Path const& path);
  void suppose_less(Expression const& a, Expression const& b, i128 by, Scene& scene, Path const& path);
  static Number* place_of(Expression const& expression, Scene& scene);

  Terms const& terms_;
  std::vector<std::size_t> ranks_;
  TimeMs start_ms_ = 0;
  bool details_ = false;
  std::map<Place, Values> todo_;
  Unknowns unknowns_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> order_;
  std::vector<Warning> warnings_;
  std::vector<std::uint64_t> taken_;
  std::vector<bool> reached_;
  TimeMs ends_ms_ = 0;
  std::size_t places_ = 0;
  std::size_t numbers_ = 0;
  std::size_t operations_ = 0;
};

/// Adds to what flows between the same role and pot.
void add_flow(std::vector<Flow>& flows, Flow const& flow);
/// Of two ways that a step can take.
std::vector<Flow> either(std::vector<Flow> const& a, std::vector<Flow> const& b);

}  // namespace contracts::escrow
