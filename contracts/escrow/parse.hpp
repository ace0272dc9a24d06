// SPDX-License-Identifier: Apache-2.0
#pragma once

// The reader of terms: one method for each production of the grammar (docs/escrow-language.md). Only parse*.cpp use it.

#include "base/value.hpp"
#include "contracts/escrow/terms.hpp"

namespace contracts::escrow {

using base::Value;

class Reader {
 public:
  /// `terms` gets everything; its json and hash are the caller's.
  explicit Reader(Terms& terms) : terms_(terms) {}

  Result<void> read(Value const& root);

 private:
  using Names = std::initializer_list<std::string_view>;
  /// Who attests: one role, or k of several.
  struct By {
    std::vector<std::size_t> roles;
    std::size_t needed = 1;
  };

  static Error form(std::string path, std::string detail) {
    return {Code::E_ESCROW_FORM, std::move(path), std::move(detail)};
  }
  static std::string at(std::string const& path, std::string_view member) {
    return path.empty() ? std::string(member) : path + "." + std::string(member);
  }
  static std::string at(std::string const& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

  /// An object with these members and no others.
  static Result<void> object(Value const& value, std::string const& path, Names required, Names optional);
  /// An object with exactly one of the names, and beside it no member but `beside`. Returns the name.
  static Result<std::string> one_of(Value const& value, std::string const& path, Names names, Names beside);
  static Result<void> list(Value const& value, std::string const& path, std::size_t least, std::size_t most);
  static Result<std::string> text(Value const& value, std::string const& path, std::size_t bytes_max);
  static Result<i128> integer(Value const& value, std::string const& path);
  static Result<i128> integer_in(Value const& value, std::string const& path, i128 low, i128 high);
  static Result<bool> boolean(Value const* value, std::string const& path);
  static Result<TimeMs> duration(Value const& value, std::string const& path);
  static Result<Round> rounding(Value const* value, std::string const& path);
  /// [low, high]
  static Result<std::pair<i128, i128>> bounds(Value const& value, std::string const& path, i128 least, i128 most);
  /// Names that the terms give to things.
  static Result<void> new_name(std::string const& name, std::string const& path, std::size_t bytes_max = 32);

  template <class List>
  static Result<std::size_t> known(List const& list, Value const& value, std::string const& path,
                                   std::string_view what);
  Result<std::size_t> role(Value const& value, std::string const& path) const;
  Result<std::size_t> pot(Value const& value, std::string const& path) const;
  Result<std::size_t> state(Value const& value, std::string const& path) const;

  // Declarations.
  Result<void> roles(Value const& value);
  Result<void> assets(Value const& value);
  Result<void> subjects(Value const& value);
  Result<void> params(Value const& value);
  Result<void> pots(Value const& value);
  Result<void> counters(Value const& value);
  Result<void> variables(Value const& value, std::string const& path);
  Result<void> states(Value const& value);

  // The chart.
  Result<State> state_body(std::string const& name, Value const& value, std::string const& path);
  Result<Until> until(Value const& value, std::string const& path);
  Result<Case> one_case(Value const& value, std::string const& path);
  /// `if`, `do`, `goto` of a case or of an end.
  Result<End> end(Value const& value, std::string const& path);
  Result<std::vector<End>> late(Value const& value, std::string const& path);
  Result<std::vector<std::size_t>> targets(Value const& value, std::string const& path);
  Result<Event> event(Value const& value, std::string const& path);
  Result<Event> all_facts(Value const& value, std::string const& path);
  Result<Event> deposit(Value const& value, std::string const& path);
  Result<Event> vote(std::string const& kind, Value const& value, std::string const& path);
  Result<By> voters(Value const& of, Value const& needed, std::string const& path) const;
  Result<std::vector<Step>> steps(Value const& value, std::string const& path, bool conditional);
  Result<Step> step(Value const& value, std::string const& path, bool conditional);
  Result<Take> take(Value const& value, std::string const& path, bool required);
  Result<Step> pay(Value const& value, std::string const& path);
  Result<Step> move(Value const& value, std::string const& path);
  Result<Step> split(Value const& value, std::string const& path);
  Result<Step> title(Value const& value, std::string const& path);
  Result<Step> set(Value const& value, std::string const& path);
  Result<Step> emit(Value const& value, std::string const& path);

  // Facts, expressions, conditions.
  /// A fact; the documents of one presentation are one for each code.
  Result<std::vector<FactPattern>> fact(Value const& value, std::string const& path, bool in_seen);
  Result<FactPattern> handover(Value const& value, std::string const& path, bool in_seen);
  Result<FactPattern> milestone(Value const& value, std::string const& path);
  Result<FactPattern> certificate(Value const& value, std::string const& path);
  Result<FactPattern> sensor_fact(Value const& value, std::string const& path);
  Result<std::vector<FactPattern>> documents(Value const& value, std::string const& path);
  Result<void> fact_value(FactPattern& out, Value const& value, std::string const& path, std::string const& kind);
  Result<Sensor> sensor(Value const& value, std::string const& path, bool as_event);
  Result<By> by(Value const& value, std::string const& path) const;
  Result<std::size_t> subject(Value const& value, std::string const& path) const;
  Result<std::size_t> trigger(Trigger wanted, std::string const& path);
  Result<std::vector<std::size_t>> triggers(Trigger const& wanted, By const& by, std::string const& path);
  Result<Expression> expression(Value const& value, std::string const& path, unsigned depth = 1);
  Result<Expression> named(std::string const& kind, Value const& value, std::string const& path);
  Result<Expression> operation(std::string const& kind, Value const& value, std::string const& path, unsigned depth);
  Result<Expression> days(Value const& value, std::string const& path);
  Result<Expression> table(Value const& value, std::string const& path, unsigned depth);
  Result<Expression> reading(Value const& value, std::string const& path);
  Result<Expression> choose(Value const& value, std::string const& path, unsigned depth);
  Result<std::vector<Expression>> operands(Value const& value, std::string const& path, unsigned depth,
                                           std::size_t least, std::size_t most);
  Result<Condition> condition(Value const& value, std::string const& path, unsigned depth = 1);
  /// One more part of an expression or a condition.
  Result<void> node(std::string const& path, unsigned depth);
  Result<std::size_t> entry_state(std::size_t state, std::string const& path);

  Terms& terms_;
  std::size_t steps_ = 0;
  /// Of the state that is being read.
  std::size_t sensors_ = 0;
  /// Of the expression or condition that is being read.
  std::size_t nodes_ = 0;
  /// The case that is being read has an event with a value.
  bool has_value_ = false;
};

template <class List>
Result<std::size_t> Reader::known(List const& list, Value const& value, std::string const& path,
                                  std::string_view what) {
  if (!value.is(Value::Kind::string)) return form(path, "expected the name of a " + std::string(what));
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].name == value.text) return i;
  }
  return form(path, "no " + std::string(what) + " \"" + value.text.substr(0, 64) + "\"");
}

}  // namespace contracts::escrow
