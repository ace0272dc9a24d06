// SPDX-License-Identifier: Apache-2.0
#pragma once

// The terms of a contract as typed values: an acyclic chart of waiting states. Read from canonical JSON; names are
// resolved to their numbers, in the order of the canonical form (members sorted by name).

#include <variant>

#include "base/result.hpp"
#include "ledger/contract.hpp"

namespace contracts::escrow {

using base::Amount;
using base::Code;
using base::Error;
using base::Hash;
using base::i128;
using base::Result;
using base::Round;
using base::TimeMs;
using ledger::Moment;

/// Limits of the language; beyond them E_ESCROW_FORM.
constexpr std::size_t states_max = 64;
constexpr std::size_t cases_max = 16;
constexpr std::size_t pots_max = 8;
constexpr std::size_t roles_max = 16;
constexpr std::size_t assets_max = 8;
constexpr std::size_t subjects_max = 8;
constexpr std::size_t params_max = 64;
constexpr std::size_t counters_max = 8;
constexpr std::size_t variables_max = 32;
constexpr std::size_t steps_max = 256;
constexpr std::size_t parts_max = 16;
constexpr std::size_t table_rows_max = 64;
constexpr std::size_t triggers_max = 64;
/// Whose readings a state asks for, counted each time: every look goes through all of them.
constexpr std::size_t sensors_max = 16;
/// Parts of an expression or a condition: a case asks its condition of each fact.
constexpr std::size_t nodes_max = 256;
constexpr std::size_t entries_max = 16;
constexpr unsigned expression_depth_max = 8;
constexpr std::uint32_t count_max = 4096;
constexpr i128 basis_points = 10'000;

struct Condition;

/// What is asked of the readings of sensors.
struct Sensor {
  enum class Aggregate : std::uint8_t { max, min, minutes_above, minutes_below, count };
  Aggregate aggregate = Aggregate::max;
  std::size_t subject = 0;
  /// What is watched, of each owner of devices (Terms::triggers); the k-th largest of their values counts.
  std::vector<std::size_t> triggers;
  std::size_t needed = 1;
  /// Values of `max` and `min` are multiples of 10^-scale.
  unsigned scale = 0;
  /// Of each owner the k-th largest over his devices counts.
  std::size_t agree = 1;
  /// As an event: the value must be beyond it.
  std::optional<i128> greater_than;
  std::optional<i128> less_than;
};

struct Expression {
  enum class Kind : std::uint8_t {
    number,
    variable,
    pot,
    counter,
    event_value,
    add,
    min,
    max,
    sub,
    mul,
    div,
    bps,
    days,
    table,
    reading,
    choose,
  };
  Kind kind = Kind::number;
  /// Of `number` (a parameter too: it is a constant).
  i128 number = 0;
  /// Of `variable`, `pot`, `counter`: its number in the terms. Of `days`: of the state, in Terms::entry_states.
  std::size_t index = 0;
  std::vector<Expression> operands;
  /// Of `choose`: one, whether the first operand holds or the second.
  std::vector<Condition> conditions;
  Round round = Round::down;
  /// Of `days`: a fixed time instead of a state.
  std::optional<TimeMs> since_ms;
  TimeMs grace_ms = 0;
  i128 days_max = 0;
  /// Of `table`: ascending (from, value); the last row with from <= operand counts, the first below all.
  std::vector<std::pair<i128, i128>> rows;
  /// Of `reading`: one, and to what its value is clamped.
  std::vector<Sensor> sensors;
  i128 low = 0;
  i128 high = 0;
};

/// What a fact's answer must be; a milestone has none.
enum class Wanted : std::uint8_t { accepted, rejected, unanswered };

struct FactPattern {
  enum class Value : std::uint8_t { none, quantity, grade, reading };
  /// Numbers of what is watched (Terms::triggers): one for each party that may attest it, and how many of them must,
  /// with equal values.
  std::vector<std::size_t> triggers;
  std::size_t needed = 1;
  Wanted wanted = Wanted::accepted;
  /// Of a milestone; empty: any.
  std::string disposition;
  /// Of a handover: its value is the quantity accepted that carries this claim; empty: all of it.
  std::string claim;
  Value value = Value::none;
  /// Of a quantity: in this unit times 10^scale, floored; empty: whatever unit it is in.
  std::string unit = "EA";
  unsigned scale = 0;
  i128 low = 0;
  i128 high = 0;
  /// What a sensor must show for this to be a fact; else the reading that is the value.
  std::optional<Sensor> sensor;
  std::optional<Sensor> reading;
  /// Facts before the lane entered its state do not count.
  bool since_state = false;
  /// The oldest that an event may be when it is recorded.
  TimeMs age_ms_max = 0;

  std::size_t trigger() const { return triggers.front(); }
  bool has_value() const { return value != Value::none; }
};

struct Condition {
  enum class Kind : std::uint8_t { ge, gt, le, lt, eq, all, any, negation, seen };
  Kind kind = Kind::ge;
  /// Of the comparisons: two.
  std::vector<Expression> operands;
  /// Of `all`, `any`; of `negation` one.
  std::vector<Condition> conditions;
  FactPattern fact;
};

/// What a lane may wait for about goods, and open contracts watch.
struct Trigger {
  ledger::WatchKind kind = ledger::WatchKind::milestone;
  std::size_t subject = 0;
  /// bizStep of a milestone, type of a sensor, code of a document, scheme of a certificate.
  std::string word;
  std::size_t actor = 0;
  /// Of a handover: the receiver.
  std::size_t to = 0;
  std::optional<ledger::SensorWatch> sensor;
  bool operator==(Trigger const&) const = default;
};

struct FactEvent {
  /// One, or all of them together.
  std::vector<FactPattern> facts;
  /// The one whose value the event has.
  std::optional<std::size_t> value;
};
struct DepositEvent {
  std::size_t role = 0;
  std::size_t pot = 0;
  Expression amount;
};
/// A choice (one role), an award (one, or k equal of several), an approval (k of several, value 1).
struct VoteEvent {
  enum class Kind : std::uint8_t { choice, award, approve };
  Kind kind = Kind::choice;
  std::vector<std::size_t> roles;
  std::size_t needed = 1;
  std::string name;
  i128 low = 1;
  i128 high = 1;
};
using Event = std::variant<FactEvent, DepositEvent, VoteEvent>;

struct Take {
  enum class Kind : std::uint8_t { all, up_to, amount };
  Kind kind = Kind::all;
  Expression amount;
};
struct Step;
struct PayStep {
  std::size_t from = 0;
  std::size_t to = 0;
  Take take;
};
struct MoveStep {
  std::size_t from = 0;
  std::size_t into = 0;
  Take take;
};
struct SplitPart {
  std::size_t to = 0;
  Expression bps;
};
struct SplitStep {
  std::size_t from = 0;
  Take take;
  std::vector<SplitPart> parts;
  std::size_t rest = 0;
};
struct TitleStep {
  std::size_t subject = 0;
  std::size_t from = 0;
  std::size_t to = 0;
};
/// In order: a later one sees what an earlier one set.
struct SetStep {
  std::vector<std::pair<std::size_t, Expression>> values;
};
struct CountStep {
  std::size_t counter = 0;
};
struct IfStep {
  Condition condition;
  std::vector<Step> then;
  std::vector<Step> otherwise;
};
/// Changes nothing: that the condition does not hold is noted.
struct AssertStep {
  Condition condition;
};
struct EmitStep {
  std::string code;
};
struct Step {
  std::variant<PayStep, MoveStep, SplitStep, TitleStep, SetStep, CountStep, IfStep, AssertStep, EmitStep> act;
};

struct End {
  std::optional<Condition> condition;
  std::vector<Step> steps;
  /// The states that lanes go on in; none: the lane closes.
  std::vector<std::size_t> targets;
};

struct Case {
  Event event;
  End end;
};

struct Until {
  /// A time, or a duration after the entry of a state: this one, or that of Terms::entry_states.
  std::optional<TimeMs> at_ms;
  TimeMs after_ms = 0;
  std::optional<std::size_t> of;
};

struct State {
  std::string name;
  std::vector<Case> cases;
  Until until;
  /// The first whose condition holds; the last has none.
  std::vector<End> late;
  /// It was written as a list (for paths).
  bool late_is_list = false;
};

struct Role {
  std::string name;
  bool assignable = false;
  bool attests = false;
  bool operator==(Role const&) const = default;
};
struct Asset {
  std::string symbol;
  std::string id;
};
struct Subject {
  std::string name;
  /// Canonical Digital Link, or a plain URI.
  std::string uri;
  /// Under which facts speak of it.
  Hash watched;
};
struct Pot {
  std::string name;
  std::size_t asset = 0;
  Amount cap = 0;
  std::size_t residual = 0;
};
struct Counter {
  std::string name;
  std::uint32_t max = 0;
};

/// What states that can be reached from one may touch: bits by number.
struct Reach {
  std::uint64_t states = 0;
  std::uint64_t pots = 0;
  std::uint64_t counters = 0;
  /// Variables that are set, that are read.
  std::uint64_t variables = 0;
  std::uint64_t variables_read = 0;
  bool operator==(Reach const&) const = default;
};

struct Terms {
  /// RFC 8785, and its SHA-256.
  std::string json;
  Hash hash;
  std::string title;
  std::vector<Role> roles;
  std::vector<Asset> assets;
  std::vector<Subject> subjects;
  std::vector<std::pair<std::string, i128>> params;
  std::vector<Pot> pots;
  std::vector<Counter> counters;
  std::vector<std::string> variables;
  std::vector<State> states;
  std::size_t start = 0;
  /// In order of appearance, without repetition; those only asked for by `seen` too.
  std::vector<Trigger> triggers;
  /// States whose entry `of` or `since` refer to.
  std::vector<std::size_t> entry_states;
  /// Of each state.
  std::vector<Reach> reach;

  /// The number of the state, nothing for another name ("close").
  std::optional<std::size_t> state(std::string_view name) const;
};

/// Reads terms: strict JSON, every name known, no stray member. Paths are relative to the terms
/// ("states.m2.when[0].on.handover.claim"); E_ESCROW_FORM and E_TOO_LARGE.
Result<Terms> read_terms(std::string_view json);

/// Judges whether terms can be opened: every cycle is counted, forks part what lanes touch, deadlines count from states
/// that were entered, no fixed amount exceeds its pot, no share its whole, no number 127 bits. E_ANALYSIS with the
/// path.
Result<void> analyse(Terms const& terms);

/// What the states that a state can reach touch; filled in by read_terms.
std::vector<Reach> reach_of(Terms const& terms);

/// Calls visit(end, path under the state: "when[2]", "late", "late[1]") for each end of a state.
template <class Visit>
void each_end(State const& state, Visit const& visit) {
  for (std::size_t i = 0; i < state.cases.size(); ++i) {
    visit(state.cases[i].end, "when[" + std::to_string(i) + "]");
  }
  for (std::size_t i = 0; i < state.late.size(); ++i) {
    visit(state.late[i], state.late_is_list ? "late[" + std::to_string(i) + "]" : std::string("late"));
  }
}

}  // namespace contracts::escrow
