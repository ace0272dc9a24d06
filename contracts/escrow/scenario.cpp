// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/scenario.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"

namespace contracts::escrow {

namespace {

using base::Value;

/// When a scenario does not say when its contract is opened.
constexpr TimeMs start_ms_default = 1'780'000'000'000;
constexpr base::u128 seconds_max = 100'000'000'000;

Error form(std::string path, std::string detail) { return {Code::E_FORM, std::move(path), std::move(detail)}; }

std::optional<i128> integer(Value const* value) {
  if (value == nullptr || !(value->is(Value::Kind::number) || value->is(Value::Kind::string))) return std::nullopt;
  std::string_view digits = value->text;
  bool const negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  auto const read = base::from_decimal(digits, base::amount_max);
  if (!read) return std::nullopt;
  return negative ? -static_cast<i128>(*read) : static_cast<i128>(*read);
}

bool is_true(Value const& value, std::string_view member) {
  auto const* found = value.find(member);
  return found != nullptr && found->is(Value::Kind::boolean) && found->boolean;
}

/// "role:ASSET", both of the terms: else an expectation of zero would be kept by a misspelt role.
bool is_known(Terms const& terms, std::string_view name) {
  auto const colon = name.find(':');
  auto const is_role = [&](Role const& role) { return role.name == name.substr(0, colon); };
  auto const is_asset = [&](Asset const& asset) { return asset.symbol == name.substr(colon + 1); };
  return colon != name.npos && std::ranges::any_of(terms.roles, is_role) && std::ranges::any_of(terms.assets, is_asset);
}

Result<std::map<std::string, Amount>> amounts(Terms const& terms, Value const& scenario, std::string const& member) {
  std::map<std::string, Amount> out;
  auto const* all = scenario.find(member);
  if (all == nullptr || !all->is(Value::Kind::object)) return form(member, "expected {\"role:ASSET\": amount}");
  for (auto const& [name, written] : all->members) {
    if (!is_known(terms, name)) return form(member + "." + name, "the terms have no such role or asset");
    auto const amount = integer(&written);
    if (!amount || *amount < 0) return form(member + "." + name, "expected an amount in minor units");
    if (*amount > 0) out[name] = static_cast<Amount>(*amount);
  }
  return out;
}

std::string told(std::map<std::string, Amount> const& amounts) {
  std::string out;
  for (auto const& [name, amount] : amounts) {
    out += (out.empty() ? "" : ", ") + name + " " + base::to_decimal(amount);
  }
  return out.empty() ? "nothing" : out;
}

void collect(Condition const& condition, std::vector<FactPattern>& out) {
  if (condition.kind == Condition::Kind::seen) out.push_back(condition.fact);
  for (auto const& part : condition.conditions) collect(part, out);
}

void collect(Condition const& condition, std::vector<Sensor>& out);

void collect(Expression const& expression, std::vector<Sensor>& out) {
  out.insert(out.end(), expression.sensors.begin(), expression.sensors.end());
  for (auto const& operand : expression.operands) collect(operand, out);
  for (auto const& condition : expression.conditions) collect(condition, out);
}

void collect(Condition const& condition, std::vector<Sensor>& out) {
  for (auto const& operand : condition.operands) collect(operand, out);
  for (auto const& part : condition.conditions) collect(part, out);
}

void collect(std::vector<Step> const& steps, std::vector<Sensor>& out) {
  for (auto const& step : steps) {
    if (auto const* pay = std::get_if<PayStep>(&step.act)) collect(pay->take.amount, out);
    if (auto const* move = std::get_if<MoveStep>(&step.act)) collect(move->take.amount, out);
    if (auto const* split = std::get_if<SplitStep>(&step.act)) {
      collect(split->take.amount, out);
      for (auto const& part : split->parts) collect(part.bps, out);
    }
    if (auto const* set = std::get_if<SetStep>(&step.act)) {
      for (auto const& [variable, expression] : set->values) collect(expression, out);
    }
    if (auto const* choice = std::get_if<IfStep>(&step.act)) {
      collect(choice->condition, out);
      collect(choice->then, out);
      collect(choice->otherwise, out);
    }
  }
}

/// A member that nobody reads would be an expectation that nobody checks.
Result<void> require_known(Value const& value, std::initializer_list<std::string_view> known, std::string const& path) {
  for (auto const& [name, ignored] : value.members) {
    if (std::ranges::find(known, name) == known.end()) return form(path + name, "no such member of a scenario");
  }
  return {};
}

/// The number of a member, if it is there and not null.
Result<std::optional<i128>> number(Value const& entry, std::string const& member, std::string const& path) {
  auto const* written = entry.find(member);
  if (written == nullptr || written->is(Value::Kind::null)) return std::optional<i128>();
  auto const read = integer(written);
  if (!read) return form(path + "." + member, "expected a whole number or null");
  return read;
}

/// One scenario while it is played.
class Stage {
 public:
  Stage(Terms const& terms, TimeMs start_ms, std::map<std::string, std::string> const& parties)
      : play_(terms, start_ms, parties), start_ms_(start_ms), sensors_(sensors_of(terms)), asked_(asked_of(terms)) {}

  Rehearsal& rehearsal() { return play_; }

  /// Nothing when the entry did what it says.
  Result<std::optional<std::string>> entry(Value const& entry, std::string const& path) {
    TRY(require_known(entry,
                      {"t", "state", "case", "value", "event", "facts", "refused", "reading", "assign", "repeats"},
                      path + "."));
    auto const seconds = integer(entry.find("t"));
    if (!seconds || *seconds < 0 || static_cast<base::u128>(*seconds) > seconds_max) {
      return form(path + ".t", "expected seconds since the start");
    }
    auto const now_ms = start_ms_ + static_cast<TimeMs>(*seconds) * base::second_ms;
    bool const same_moment = now_ms == last_ms_;
    last_ms_ = now_ms;
    play_.advance(now_ms);
    TRY_ASSIGN(auto const reading, number(entry, "reading", path));
    if (reading) {
      for (auto const& sensor : sensors_) play_.show(sensor, *reading);
      play_.run();
    }
    if (auto const* facts = entry.find("facts")) tell(*facts);
    if (auto const* assigned = entry.find("assign")) {
      auto const done = play_.assign(assigned->string_of("role"), std::string(assigned->string_of("to")));
      return judged(entry, done);
    }
    TRY_ASSIGN(auto const index, number(entry, "case", path));
    TRY_ASSIGN(auto const value, number(entry, "value", path));
    if (!index) return std::optional<std::string>();
    return happen(entry, static_cast<std::size_t>(*index), value, same_moment);
  }

 private:
  /// Handovers that the terms ask about where silence decides.
  void tell(Value const& facts) {
    std::vector<std::size_t> done;
    for (auto const& pattern : asked_) {
      auto const trigger = pattern.trigger();
      if (play_.terms().triggers[trigger].kind != ledger::WatchKind::handover) continue;
      if (std::find(done.begin(), done.end(), trigger) != done.end()) continue;
      done.push_back(trigger);
      if (is_true(facts, "unanswered") && !play_.has_open_offer(trigger)) play_.offer(trigger);
      if (is_true(facts, "rejected")) play_.reject(trigger);
      if (is_true(facts, "withdrawn")) play_.withdraw(trigger);
    }
    play_.run();
  }

  static std::optional<std::string> judged(Value const& entry, Result<void> const& done) {
    auto const wanted = std::string(entry.string_of("refused"));
    auto const met = done ? std::string() : std::string(base::name(done.error().code));
    if (met == wanted) return std::nullopt;
    if (wanted.empty()) return "refused: " + base::to_string(done.error());
    return "expected the refusal " + wanted + ", met " + (met.empty() ? "none" : met);
  }

  Result<std::optional<std::string>> happen(Value const& entry, std::size_t index, std::optional<i128> value,
                                            bool same_moment) {
    auto const* named = entry.find("state");
    auto const state = named != nullptr ? named->text : play_.only_state();
    if (same_moment && happened(state) && !play_.stands_in(state)) return std::optional<std::string>();
    auto const before = play_.transitions.size();
    auto const done = play_.happen(state, index, value);
    if (!done || entry.find("refused") != nullptr) return judged(entry, done);
    bool const moved = std::any_of(play_.transitions.begin() + static_cast<std::ptrdiff_t>(before),
                                   play_.transitions.end(), [&](Transition const& one) { return one.from == state; });
    if (!moved) return std::optional(state + " did not move");
    return std::optional<std::string>();
  }

  /// The facts of the entry before made this transition too: one event, two lanes.
  bool happened(std::string const& state) const {
    return std::any_of(play_.transitions.begin(), play_.transitions.end(), [&](Transition const& one) {
      return one.from == state && one.moment.time_ms == last_ms_ && one.cause == ledger::MoveCause::fact;
    });
  }

  Rehearsal play_;
  TimeMs start_ms_;
  TimeMs last_ms_ = ~TimeMs{0};
  std::vector<Sensor> sensors_;
  std::vector<FactPattern> asked_;
};

}  // namespace

std::vector<Sensor> sensors_of(Terms const& terms) {
  std::vector<Sensor> out;
  for (auto const& state : terms.states) {
    each_end(state, [&](End const& end, std::string const&) {
      collect(end.steps, out);
      if (end.condition) collect(*end.condition, out);
    });
  }
  return out;
}

std::vector<FactPattern> asked_of(Terms const& terms) {
  std::vector<FactPattern> out;
  for (auto const& state : terms.states) {
    each_end(state, [&](End const& end, std::string const&) {
      if (end.condition) collect(*end.condition, out);
    });
  }
  return out;
}

std::string_view terms_name(Value const& scenario) {
  auto const contract = scenario.string_of("contract");
  return contract.empty() ? scenario.string_of("template") : contract;
}

std::string_view scenario_name(Value const& scenario) { return scenario.string_of("scenario"); }

Result<std::optional<std::string>> play(Terms const& terms, Value const& scenario) {
  TRY(require_known(
      scenario,
      {"template", "contract", "scenario", "attack", "note", "start", "parties", "trace", "deposits", "payouts"}, ""));
  auto start_ms = start_ms_default;
  if (auto const* start = scenario.find("start")) {
    auto const read = base::from_rfc3339(start->text);
    if (!read) return form("start", "expected a time like 2026-08-20T00:00:00Z");
    start_ms = *read;
  }
  std::map<std::string, std::string> parties;
  if (auto const* named = scenario.find("parties")) {
    for (auto const& [role, party] : named->members) parties[role] = party.text;
  }
  TRY_ASSIGN(auto const deposits, amounts(terms, scenario, "deposits"));
  TRY_ASSIGN(auto const payouts, amounts(terms, scenario, "payouts"));
  auto const* trace = scenario.find("trace");
  if (trace == nullptr || !trace->is(Value::Kind::array)) return form("trace", "expected a list");
  Stage stage(terms, start_ms, parties);
  for (std::size_t i = 0; i < trace->items.size(); ++i) {
    auto const path = "trace[" + std::to_string(i) + "]";
    TRY_ASSIGN(auto const difference, stage.entry(trace->items[i], path));
    if (difference) return std::optional(path + ": " + *difference);
  }
  auto& done = stage.rehearsal();
  done.finish();
  if (!done.ended()) return std::optional<std::string>("it never ends");
  if (!done.broken.empty()) return std::optional(done.broken);
  if (done.deposits != deposits) {
    return std::optional("deposits: " + told(done.deposits) + "; expected " + told(deposits));
  }
  if (done.payouts != payouts) return std::optional("payouts: " + told(done.payouts) + "; expected " + told(payouts));
  return std::optional<std::string>();
}

}  // namespace contracts::escrow
