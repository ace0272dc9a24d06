// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/rehearsal.hpp"

#include <algorithm>

#include "base/time.hpp"

namespace contracts::escrow {

namespace {

constexpr i128 micro_a_unit = 1'000'000;

base::Micro as_micro(i128 value) { return value <= 0 ? 0 : static_cast<base::Micro>(value); }

}  // namespace

Rehearsal::Rehearsal(Terms terms, TimeMs start_ms, std::map<std::string, std::string> const& names)
    : terms_(std::move(terms)), now_ms_(start_ms), facts_(terms_.triggers.size()) {
  std::vector<ledger::RoleBinding> parties;
  for (auto const& role : terms_.roles) {
    auto const named = names.find(role.name);
    parties.push_back({role.name, ledger::party_id(named == names.end() ? role.name : named->second)});
  }
  contract_ = start(terms_, std::move(parties), {start_ms, log_++});
  run();
}

std::string Rehearsal::only_state() const {
  std::string out;
  for (auto const& lane : contract_.lanes) {
    if (lane.closed()) continue;
    if (!out.empty()) return "";
    out = lane.state;
  }
  return out;
}

bool Rehearsal::stands_in(std::string_view state) const {
  return std::any_of(contract_.lanes.begin(), contract_.lanes.end(),
                     [&](auto const& lane) { return lane.state == state; });
}

FactsOf Rehearsal::facts() const {
  return [this](std::size_t trigger) -> std::vector<ledger::FactEntry> const& { return facts_[trigger]; };
}

void Rehearsal::take(Transition transition) {
  auto const key = [&](std::size_t role, std::size_t pot) {
    return terms_.roles[role].name + ":" + terms_.assets[terms_.pots[pot].asset].symbol;
  };
  for (auto const& effect : transition.effects) {
    if (auto const* in = std::get_if<Deposit>(&effect)) deposits[key(in->role, in->pot)] += in->amount;
    if (auto const* out = std::get_if<Payout>(&effect)) payouts[key(out->role, out->pot)] += out->amount;
    if (auto const* title = std::get_if<TitlePass>(&effect)) titles.push_back(*title);
  }
  if (on_transition) on_transition(transition);
  transitions.push_back(std::move(transition));
  if (broken.empty()) check_conservation();
}

/// Per asset, after each transition: paid in = held + paid out; the same from the record's totals.
void Rehearsal::check_conservation() {
  std::map<std::string, Amount> in;
  std::map<std::string, Amount> out;
  for (auto const& [name, amount] : deposits) in[name.substr(name.find(':') + 1)] += amount;
  for (auto const& [name, amount] : payouts) out[name.substr(name.find(':') + 1)] += amount;
  for (std::size_t i = 0; i < terms_.pots.size(); ++i) {
    auto const& pot = terms_.pots[i];
    out[terms_.assets[pot.asset].symbol] += contract_.pots[i].amount;
    if (contract_.pots[i].amount > base::amount_max) broken = "pot " + pot.name + " beyond all bounds";
    if (ended() && contract_.pots[i].amount != 0) broken = "pot " + pot.name + " is left over";
  }
  for (auto const& asset : terms_.assets) {
    if (in[asset.symbol] != out[asset.symbol]) broken = asset.symbol + " is not conserved";
  }
  for (auto const& total : contract_.totals) {
    auto const asset = std::find_if(terms_.assets.begin(), terms_.assets.end(),
                                    [&](auto const& one) { return one.id == total.asset; });
    auto const name = total.role + ":" + asset->symbol;
    if (deposits[name] != total.paid_in || payouts[name] != total.paid_out) broken = "the totals of " + name;
  }
  std::erase_if(deposits, [](auto const& one) { return one.second == 0; });
  std::erase_if(payouts, [](auto const& one) { return one.second == 0; });
}

void Rehearsal::advance(TimeMs to_ms) {
  while (auto transition = next(terms_, contract_, facts(), to_ms)) take(*std::move(transition));
  now_ms_ = std::max(now_ms_, to_ms);
}

void Rehearsal::finish() { advance(~TimeMs{0} >> 1); }

std::size_t Rehearsal::run() {
  std::size_t count = 0;
  for (; auto transition = next(terms_, contract_, facts(), 0); ++count) take(*std::move(transition));
  return count;
}

void Rehearsal::record(std::size_t trigger, ledger::FactEntry fact) {
  fact.recorded = {now_ms_, log_++};
  if (fact.event_ms == 0) fact.event_ms = now_ms_;
  facts_[trigger].push_back(std::move(fact));
}

Hash Rehearsal::next_offer() { return crypto::sha256(base::bytes_of("offer" + std::to_string(log_))); }

void Rehearsal::milestone(std::size_t trigger, std::string const& disposition, TimeMs age_ms,
                          std::optional<i128> value) {
  ledger::FactEntry fact;
  fact.disposition = disposition;
  fact.event_ms = now_ms_ - age_ms;
  if (value) {
    fact.quantity = as_micro(*value * micro_a_unit);
    fact.unit = "EA";
    fact.grade = static_cast<std::uint32_t>(*value);
  }
  record(trigger, std::move(fact));
}

void Rehearsal::offer(std::size_t trigger) {
  ledger::FactEntry fact;
  fact.answer = ledger::FactAnswer::offered;
  fact.offer = next_offer();
  open_offers_[trigger] = fact.offer;
  record(trigger, std::move(fact));
}

void Rehearsal::accept(std::size_t trigger, base::Micro micro, std::string const& unit, std::string const& claim) {
  if (!has_open_offer(trigger)) offer(trigger);
  ledger::FactEntry fact;
  fact.answer = ledger::FactAnswer::accepted;
  fact.offer = open_offers_.extract(trigger).mapped();
  fact.quantity = micro;
  fact.unit = unit;
  if (!claim.empty()) fact.claims.push_back({claim, micro});
  record(trigger, std::move(fact));
}

void Rehearsal::reject(std::size_t trigger) {
  if (!has_open_offer(trigger)) offer(trigger);
  ledger::FactEntry fact;
  fact.answer = ledger::FactAnswer::rejected;
  fact.offer = open_offers_.extract(trigger).mapped();
  record(trigger, std::move(fact));
}

void Rehearsal::withdraw(std::size_t trigger) {
  if (!has_open_offer(trigger)) return;
  ledger::FactEntry fact;
  fact.answer = ledger::FactAnswer::withdrawn;
  fact.offer = open_offers_.extract(trigger).mapped();
  record(trigger, std::move(fact));
}

void Rehearsal::show(Sensor const& sensor, i128 value) {
  using Aggregate = Sensor::Aggregate;
  i128 micro_a_step = micro_a_unit;
  for (unsigned i = 0; i < sensor.scale; ++i) micro_a_step /= 10;
  bool const valued = sensor.aggregate == Aggregate::max || sensor.aggregate == Aggregate::min;
  ledger::Stretch stretch;
  stretch.first_ms = stretch.last_ms = now_ms_;
  if (valued) {
    stretch.last = stretch.least = stretch.most =
        ledger::SignedMicro::of(static_cast<std::int64_t>(value * micro_a_step));
  }
  auto const minutes = valued ? 0 : as_micro(value);
  if (sensor.aggregate == Aggregate::minutes_above) stretch.above_ms = minutes * base::minute_ms;
  if (sensor.aggregate == Aggregate::minutes_below) stretch.below_ms = minutes * base::minute_ms;
  stretch.readings = sensor.aggregate == Aggregate::count ? static_cast<std::uint32_t>(minutes) : 1;
  stretch.above = stretch.readings;
  for (std::size_t owner = 0; owner < sensor.needed; ++owner) {
    auto const trigger = sensor.triggers[owner];
    facts_[trigger].clear();
    for (std::size_t device = 0; device < sensor.agree; ++device) {
      stretch.device = crypto::sha256(base::bytes_of("device" + std::to_string(device)));
      ledger::FactEntry fact;
      fact.stretch = stretch;
      record(trigger, std::move(fact));
    }
  }
}

Result<std::optional<Transition>> Rehearsal::act(std::string_view state, std::size_t case_index, i128 value,
                                                 std::vector<std::size_t> roles) {
  run();
  auto done = escrow::act(terms_, contract_, facts(), {state, case_index, value, std::move(roles), {now_ms_, log_++}});
  if (!done) return done;
  if (*done) take(**done);
  run();
  return done;
}

Result<void> Rehearsal::assign(std::string_view role, std::string const& to) {
  return escrow::assign(terms_, contract_, role, ledger::party_id(to));
}

void Rehearsal::happen_fact(FactPattern const& pattern, std::optional<i128> value) {
  auto const& trigger = terms_.triggers[pattern.trigger()];
  if (pattern.reading) show(*pattern.reading, value.value_or(pattern.low));
  if (pattern.sensor) {
    auto const& sensor = *pattern.sensor;
    auto const beyond = sensor.greater_than ? *sensor.greater_than + 1 : sensor.less_than.value_or(1) - 1;
    return show(sensor, beyond);
  }
  if (trigger.kind == ledger::WatchKind::handover) {
    if (pattern.wanted == Wanted::rejected) return reject(pattern.trigger());
    auto const pieces = value.value_or(pattern.has_value() ? pattern.low : 1);
    i128 micro_a_step = micro_a_unit;
    for (unsigned i = 0; i < pattern.scale; ++i) micro_a_step /= 10;
    return accept(pattern.trigger(), as_micro(pieces * micro_a_step), pattern.unit, pattern.claim);
  }
  bool const counted = pattern.value == FactPattern::Value::quantity || pattern.value == FactPattern::Value::grade;
  auto const given = counted ? std::optional(value.value_or(pattern.low)) : std::nullopt;
  for (std::size_t i = 0; i < pattern.needed; ++i) milestone(pattern.triggers[i], pattern.disposition, 0, given);
}

Result<void> Rehearsal::happen(std::string const& state, std::size_t case_index, std::optional<i128> value) {
  auto const number = terms_.state(state);
  if (!number || case_index >= terms_.states[*number].cases.size()) {
    return Error{Code::E_NO_CASE, "state", state + " has no case " + std::to_string(case_index)};
  }
  auto const& event = terms_.states[*number].cases[case_index].event;
  if (auto const* fact = std::get_if<FactEvent>(&event)) {
    for (auto const& pattern : fact->facts) happen_fact(pattern, value);
    run();
    return {};
  }
  auto const roles = roles_of(event);
  if (std::holds_alternative<DepositEvent>(event)) {
    TRY(act(state, case_index, 0, roles));
    return {};
  }
  auto const& vote = std::get<VoteEvent>(event);
  for (std::size_t i = 0; i < vote.needed; ++i) TRY(act(state, case_index, value.value_or(vote.low), {roles[i]}));
  return {};
}

}  // namespace contracts::escrow
