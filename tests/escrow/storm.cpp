// SPDX-License-Identifier: Apache-2.0
#include "escrow/storm.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/rehearsal.hpp"
#include "contracts/escrow/sensor.hpp"
#include "escrow/generate.hpp"

namespace storm {

namespace {

namespace escrow = contracts::escrow;
using base::i128;
using base::TimeMs;
using contracts::Reading;
using escrow::FactPattern;
using escrow::Rehearsal;
using escrow::Terms;

constexpr TimeMs start_ms = 1'782'345'600'000;  // 2026-06-25T00:00:00Z
constexpr int steps = 40;
constexpr std::uint64_t schedules_a_contract = 10;
constexpr std::uint64_t unit = 1'000'000;

void pass_time(Rehearsal& play, Chance& chance) {
  TimeMs due_ms = 0;
  for (auto const& lane : play.contract().lanes) {
    if (!lane.closed() && (due_ms == 0 || lane.due_ms < due_ms)) due_ms = lane.due_ms;
  }
  switch (chance.below(4)) {
    case 0:
      return play.advance(due_ms);
    case 1:
      return play.advance(std::max(play.now_ms(), due_ms - 1));
    default:
      return play.advance(play.now_ms() + chance.below(3 * base::day_ms));
  }
}

void make_readings(Rehearsal& play, std::size_t trigger, Chance& chance) {
  std::vector<Reading> readings;
  auto const first_ms = play.now_ms() - chance.below(2 * base::hour_ms);
  for (std::uint64_t i = 0; i <= chance.below(6); ++i) {
    auto const value = static_cast<std::int64_t>(chance.below(12 * unit)) - static_cast<std::int64_t>(2 * unit);
    readings.push_back({i, first_ms + i * chance.below(base::hour_ms), value});
  }
  auto const device = crypto::sha256(base::bytes_of("device" + std::to_string(chance.below(3))));
  for (auto& stretch : escrow::stretches(readings, device, *play.terms().triggers[trigger].sensor, {})) {
    ledger::FactEntry fact;
    fact.stretch = std::move(stretch);
    play.record(trigger, std::move(fact));
  }
}

void make_fact(Rehearsal& play, Chance& chance) {
  auto const& triggers = play.terms().triggers;
  if (triggers.empty()) return;
  auto const number = chance.below(triggers.size());
  auto const kind = triggers[number].kind;
  if (kind == ledger::WatchKind::sensor) return make_readings(play, number, chance);
  if (kind != ledger::WatchKind::handover) {
    auto const age_ms = chance.one_in(8) ? 4 * base::day_ms : 0;
    return play.milestone(number, chance.of({"", "conformant"}), age_ms, static_cast<i128>(chance.below(32)));
  }
  switch (chance.below(5)) {
    case 0:
      return play.offer(number);
    case 1:
      return play.reject(number);
    case 2:
      return play.withdraw(number);
    default:
      return play.accept(number, chance.below(32) * unit + chance.below(2));
  }
}

/// True when what is refused changed nothing.
bool make_act(Rehearsal& play, Chance& chance) {
  auto const& lanes = play.contract().lanes;
  auto const state = std::string(lanes[chance.below(lanes.size())].state);
  auto const number = play.terms().state(state);
  if (!number || play.terms().states[*number].cases.empty()) return true;
  auto const& cases = play.terms().states[*number].cases;
  auto const index = chance.below(cases.size());
  auto roles = escrow::roles_of(cases[index].event);
  if (roles.empty() || chance.one_in(8)) roles = {chance.below(play.terms().roles.size())};
  auto value = static_cast<i128>(chance.below(10));
  if (chance.one_in(3)) value = static_cast<i128>(chance.below(10001));
  if (std::holds_alternative<escrow::DepositEvent>(cases[index].event)) value = 0;
  play.run();
  auto const before = play.contract();
  auto const done = play.act(state, index, value, roles);
  return done || play.contract() == before;
}

/// Watches a life from outside.
class Watch {
 public:
  Watch(Judged const& judged, Rehearsal& play) : judged_(judged), play_(play) {
    play.on_transition = [this](escrow::Transition const& one) { look(one); };
  }

  std::string const& broken() const { return broken_; }

  /// After the end: in time, and within what the report promised.
  void settle() {
    if (!play_.ended()) return note("it never ends");
    if (!play_.broken.empty()) return note(play_.broken);
    if (*play_.contract().closed_ms > judged_.report.ends_ms) return note("it ends later than promised");
    for (auto const& one : judged_.report.prospects) {
      auto const name = play_.terms().roles[one.role].name + ":" + play_.terms().assets[one.asset].symbol;
      auto const in = amount(play_.deposits, name);
      auto const out = amount(play_.payouts, name);
      bool const kept = within(in, one.paid_in) && within(out, one.paid_out) && within(out - in, one.net);
      if (!kept) {
        return note(name + " in " + base::to_decimal(in) + " out " + base::to_decimal(out) +
                    " is not as promised: in " + told(one.paid_in) + " out " + told(one.paid_out) + " net " +
                    told(one.net));
      }
    }
  }

 private:
  static i128 amount(std::map<std::string, base::Amount> const& all, std::string const& name) {
    auto const found = all.find(name);
    return found == all.end() ? 0 : static_cast<i128>(found->second);
  }
  static bool within(i128 value, escrow::Interval const& range) { return value >= range.low && value <= range.high; }
  static std::string told(escrow::Interval const& range) {
    return base::to_decimal(range.low) + ".." + base::to_decimal(range.high);
  }
  void note(std::string text) {
    if (broken_.empty()) broken_ = std::move(text);
  }

  void look(escrow::Transition const& one) {
    if (one.cause != ledger::MoveCause::fact) return;
    auto const& state = judged_.terms.states[judged_.terms.state(one.from).value()];
    auto const& event = std::get<escrow::FactEvent>(state.cases[*one.case_index].event);
    // One fact, of one party: it fires one transition in its lane.
    auto const lead = event.value.value_or(0);
    auto const& pattern = event.facts[lead];
    if (pattern.triggers.size() > 1 || (event.facts.size() > 1 && !event.value)) return;
    auto const& used = play_.contract().lanes[one.lane].used;
    for (auto const& use : used) {
      if (use.trigger != pattern.trigger()) continue;
      if (!fired_.insert({one.lane, use.trigger, use.log_index}).second) note("a fact fires twice in a lane");
      return;
    }
    if (!play_.contract().lanes[one.lane].closed()) note("what fired is not used up");
  }

  Judged const& judged_;
  Rehearsal& play_;
  std::string broken_;
  std::set<std::tuple<std::uint8_t, std::uint16_t, std::uint64_t>> fired_;
};

}  // namespace

Judged next_accepted(Chance& chance, std::uint64_t& tried) {
  while (true) {
    ++tried;
    auto terms = escrow::read_terms(random_terms(chance));
    if (!terms) continue;
    auto report = escrow::report(*terms, start_ms);
    if (report) return {*std::move(terms), *std::move(report)};
  }
}

std::optional<std::string> play_schedule(Judged const& judged, Chance& chance) {
  Rehearsal play(judged.terms, start_ms);
  Watch watch(judged, play);
  for (int i = 0; i < steps && !play.ended(); ++i) {
    auto const kind = chance.below(10);
    if (i < 5 || kind >= 7) {
      if (!make_act(play, chance)) return "a refused act changed the contract";
    } else if (kind >= 3) {
      make_fact(play, chance);
    } else {
      pass_time(play, chance);
    }
    // A contract may be looked at late: facts and deadlines keep their order.
    if (!chance.one_in(4)) play.run();
  }
  play.finish();
  watch.settle();
  if (watch.broken().empty()) return std::nullopt;
  return watch.broken() + "\n" + judged.terms.json;
}

Storm run_storm(std::uint64_t schedules, std::uint64_t seed) {
  Storm out;
  std::uint64_t tried = 0;
  for (std::uint64_t contract = 0; out.schedules < schedules; ++contract) {
    Chance chance(seed * 1'000'003 + contract);
    auto const judged = next_accepted(chance, tried);
    ++out.contracts;
    for (std::uint64_t i = 0; i < schedules_a_contract && out.schedules < schedules; ++i, ++out.schedules) {
      out.broken = play_schedule(judged, chance);
      if (out.broken) {
        *out.broken += "\nseed " + std::to_string(seed) + ", contract " + std::to_string(contract) + ", schedule " +
                       std::to_string(i);
        return out;
      }
    }
  }
  return out;
}

}  // namespace storm
