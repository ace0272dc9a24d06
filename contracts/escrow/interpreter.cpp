// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/interpreter.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "contracts/escrow/mutants.hpp"
#include "contracts/escrow/run.hpp"

namespace contracts::escrow {

namespace {

using ledger::ContractRecord;
using ledger::FactEntry;
using ledger::Lane;
using ledger::MoveCause;

/// Facts that can fire a case, and what they are worth.
struct Firing {
  Moment moment;
  std::uint64_t log_index = 0;
  std::size_t case_index = 0;
  std::vector<ledger::UsedFact> used;
  i128 value = 0;
  std::optional<Hash> offer;
  /// The first end of these facts: it must be after the moment.
  std::optional<Moment> until;
  bool stands() const { return !until || moment < *until; }

  bool before(Firing const& other) const {
    return std::tie(moment, log_index, case_index) < std::tie(other.moment, other.log_index, other.case_index);
  }
};

/// To count one vote among several, as FactsOf counts it.
constexpr std::uint64_t votes_work = 2;

/// Looks for the first facts that fire a lane.
class Search {
 public:
  Search(Terms const& terms, ContractRecord const& contract, Lane const& lane, FactsOf const& facts)
      : terms_(terms), contract_(contract), lane_(lane), facts_(facts) {}

  std::optional<Firing> first() const {
    std::optional<Firing> best;
    auto const& cases = terms_.states[terms_.state(lane_.state).value()].cases;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      auto const* event = std::get_if<FactEvent>(&cases[i].event);
      if (event == nullptr) continue;
      auto found = first_of(*event, cases[i].end.condition);
      if (!found) continue;
      found->case_index = i;
      if (!best || found->before(*best)) best = std::move(found);
    }
    return best;
  }

 private:
  /// The position after the fact, not before the state was entered.
  Moment moment_of(FactEntry const& fact) const {
    return std::max(Moment{fact.recorded.time_ms, fact.recorded.log_index + 1}, lane_.entered);
  }
  bool in_time(Moment const& moment) const { return moment.time_ms < lane_.due_ms; }

  bool is_used(std::size_t trigger, FactEntry const& fact) const {
    if (ESCROW_PLANTED(fact_fires_twice)) return false;
    return std::any_of(lane_.used.begin(), lane_.used.end(), [&](auto const& use) {
      return use.trigger == trigger && use.log_index >= fact.recorded.log_index;
    });
  }

  View view(Moment const& moment, i128 value, Known* known = nullptr) const {
    return {terms_, contract_, lane_, facts_, moment, value, known};
  }

  static void end(Firing& firing, std::optional<Moment> const& until) {
    if (until && (!firing.until || *until < *firing.until)) firing.until = until;
  }

  static void take(Firing& firing, Attested const& one, i128 value, Moment moment) {
    firing.log_index = std::max(firing.log_index, one.fact->recorded.log_index);
    firing.moment = std::max(firing.moment, moment);
    firing.used.push_back({static_cast<std::uint16_t>(one.trigger), one.fact->recorded.log_index});
    firing.value = value;
    end(firing, one.fact->until);
    if (one.fact->answer != ledger::FactAnswer::none) firing.offer = one.fact->offer;
  }

  /// Calls visit(firing of this pattern alone) for each time that it comes true, in order, until visit returns false.
  /// Of several attesters the last word of each counts, and as many as are needed must have said the same.
  template <class Visit>
  void each(FactPattern const& pattern, std::vector<Attested> const& words, bool unused_only, Known& known,
            Visit const& visit) const {
    std::map<std::size_t, std::pair<Attested, i128>> votes;
    for (auto const& one : words) {
      facts_.count(1 + votes_work * votes.size());
      auto const moment = moment_of(*one.fact);
      if (!in_time(moment)) return;
      if (one.fact->until && *one.fact->until <= moment) continue;
      if (unused_only && is_used(one.trigger, *one.fact)) continue;
      if (!matches(pattern, *one.fact, view(moment, 0, &known))) continue;
      auto const value = value_of(pattern, *one.fact);
      Firing firing;
      if (pattern.needed == 1) {
        take(firing, one, value, moment);
      } else {
        votes.insert_or_assign(one.trigger, std::pair{one, value});
        for (auto const& [trigger, vote] : votes) {
          if (vote.second == value) take(firing, vote.first, value, moment);
        }
        if (firing.used.size() < pattern.needed) continue;
      }
      if (!visit(firing)) return;
    }
  }

  static void add(Firing& firing, FactPattern const& pattern, Firing const& part, bool use) {
    firing.log_index = std::max(firing.log_index, part.log_index);
    firing.moment = std::max(firing.moment, part.moment);
    if (use) firing.used.insert(firing.used.end(), part.used.begin(), part.used.end());
    end(firing, part.until);
    if (pattern.has_value()) firing.value = part.value;
    if (part.offer && (!firing.offer || pattern.has_value())) firing.offer = part.offer;
  }

  /// All facts of the event; uses up the one with a value, else all. The last pattern tried is the one with a value,
  /// or the only one: its facts are tried in order until the condition holds.
  /// Where one of them was over before the last was there, later facts are tried in its place.
  std::optional<Firing> first_of(FactEvent const& event, std::optional<Condition> const& condition) const {
    std::vector<std::vector<Attested>> words;
    for (auto const& pattern : event.facts) words.push_back(attested(pattern, facts_));
    Known known;
    Moment at_least;
    while (true) {
      auto out = first_of(event, condition, words, at_least, known);
      if (!out || out->stands()) return out;
      at_least = out->moment;
      for (auto& one : words) {
        facts_.count(one.size() / 8);
        std::erase_if(one, [&](Attested const& word) { return word.fact->until && *word.fact->until <= at_least; });
      }
    }
  }

  /// Not before `at_least`.
  std::optional<Firing> first_of(FactEvent const& event, std::optional<Condition> const& condition,
                                 std::vector<std::vector<Attested>> const& words, Moment const& at_least,
                                 Known& known) const {
    std::size_t const lead = event.value.value_or(0);
    auto const& leading = event.facts[lead];
    Firing others;
    for (std::size_t i = 0; i < event.facts.size(); ++i) {
      if (i == lead) continue;
      bool found = false;
      bool const use = !event.value;
      each(event.facts[i], words[i], use, known, [&](Firing const& part) {
        add(others, event.facts[i], part, use);
        found = true;
        return false;
      });
      if (!found) return std::nullopt;
    }
    std::optional<Firing> out;
    // The same moment and value give the same answer.
    std::optional<std::pair<Moment, i128>> refused;
    each(leading, words[lead], true, known, [&](Firing const& part) {
      auto firing = others;
      add(firing, leading, part, !ESCROW_PLANTED(all_reuses_its_value) || event.facts.size() == 1);
      if (firing.moment < at_least) return true;
      if (leading.value == FactPattern::Value::reading) {
        firing.value = reading_of(leading, view(firing.moment, 0, &known));
      }
      std::pair const asked{firing.moment, firing.value};
      if (refused == asked) return true;
      if (condition && !holds(*condition, view(firing.moment, firing.value, &known))) {
        refused = asked;
        return true;
      }
      out = std::move(firing);
      return false;
    });
    return out;
  }

  Terms const& terms_;
  ContractRecord const& contract_;
  Lane const& lane_;
  FactsOf const& facts_;
};

/// What a lane does next by itself.
struct Candidate {
  Moment moment;
  std::size_t lane = 0;
  /// Nothing: its deadline.
  std::optional<Firing> firing;
};

std::optional<Candidate> candidate(Terms const& terms, ContractRecord const& contract, std::size_t number,
                                   FactsOf const& facts, TimeMs deadlines_to_ms) {
  auto const& lane = contract.lanes[number];
  if (lane.closed()) return std::nullopt;
  auto firing = Search(terms, contract, lane, facts).first();
  if (firing) {
    auto const moment = firing->moment;
    return Candidate{moment, number, std::move(firing)};
  }
  if (lane.due_ms > deadlines_to_ms && lane.due_ms > lane.entered.time_ms) return std::nullopt;
  if (ESCROW_PLANTED(no_default_on_silence)) return std::nullopt;
  return Candidate{std::max(Moment{lane.due_ms, 0}, lane.entered), number, std::nullopt};
}

Transition fire(Terms const& terms, ContractRecord& contract, FactsOf const& facts, Candidate const& found) {
  auto& lane = contract.lanes[found.lane];
  auto const& state = terms.states[terms.state(lane.state).value()];
  auto const due_ms = lane.due_ms;
  if (found.firing) {
    auto const& firing = *found.firing;
    for (auto const& use : firing.used) {
      auto const same = [&](ledger::UsedFact const& one) { return one.trigger == use.trigger; };
      auto const known = std::find_if(lane.used.begin(), lane.used.end(), same);
      if (known == lane.used.end()) {
        lane.used.push_back(use);
      } else {
        known->log_index = std::max(known->log_index, use.log_index);
      }
    }
    auto out = Run(terms, contract, found.lane, facts, found.moment, firing.value, MoveCause::fact)
                   .finish(state.cases[firing.case_index].end);
    out.log_index = firing.log_index;
    out.case_index = firing.case_index;
    out.offer = firing.offer;
    return out;
  }
  View const view{terms, contract, lane, facts, found.moment, 0};
  auto const chosen = std::find_if(state.late.begin(), state.late.end(),
                                   [&](End const& end) { return !end.condition || holds(*end.condition, view); });
  CHECK(chosen != state.late.end());
  auto out = Run(terms, contract, found.lane, facts, found.moment, 0, MoveCause::deadline).finish(*chosen);
  out.due_ms = due_ms;
  return out;
}

}  // namespace

ContractRecord start(Terms const& terms, std::vector<ledger::RoleBinding> parties, Moment opened) {
  ContractRecord out;
  out.terms = terms.hash;
  out.parties = std::move(parties);
  out.opened = opened;
  for (auto const& pot : terms.pots) out.pots.push_back({pot.name, 0});
  for (auto const& counter : terms.counters) out.counters.push_back({counter.name, 0});
  for (auto const& variable : terms.variables) out.variables.push_back({variable, false, 0});
  for (auto const state : terms.entry_states) out.entries.push_back({terms.states[state].name, 0});
  for (std::size_t i = 0; i < terms.entry_states.size(); ++i) {
    if (terms.entry_states[i] == terms.start) out.entries[i].time_ms = opened.time_ms;
  }
  auto const& first = terms.states[terms.start];
  Lane lane;
  lane.state = first.name;
  lane.entered = opened;
  lane.due_ms = due_of(first, out, opened.time_ms);
  out.lanes.push_back(std::move(lane));
  return out;
}

std::optional<Transition> next(Terms const& terms, ContractRecord& contract, FactsOf const& facts,
                               TimeMs deadlines_to_ms) {
  std::optional<Candidate> best;
  for (std::size_t i = 0; i < contract.lanes.size(); ++i) {
    auto found = candidate(terms, contract, i, facts, deadlines_to_ms);
    if (found && (!best || found->moment < best->moment)) best = std::move(found);
  }
  if (!best) return std::nullopt;
  return fire(terms, contract, facts, *best);
}

std::vector<std::size_t> roles_of(Event const& event) {
  if (auto const* deposit = std::get_if<DepositEvent>(&event)) return {deposit->role};
  if (auto const* vote = std::get_if<VoteEvent>(&event)) return vote->roles;
  return {};
}

std::vector<std::size_t> waiting_for(Terms const& terms, ContractRecord const& contract) {
  std::set<std::size_t> out;
  for (auto const& lane : contract.lanes) {
    if (lane.closed()) continue;
    for (auto const& one : terms.states[terms.state(lane.state).value()].cases) {
      auto const* event = std::get_if<FactEvent>(&one.event);
      if (event == nullptr) continue;
      for (auto const& fact : event->facts) out.insert(fact.triggers.begin(), fact.triggers.end());
    }
  }
  return {out.begin(), out.end()};
}

}  // namespace contracts::escrow
