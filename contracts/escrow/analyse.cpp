// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/analyse.hpp"

#include <algorithm>

#include "contracts/escrow/graph.hpp"
#include "contracts/escrow/unfold.hpp"

namespace contracts::escrow {

namespace {

/// Ways that silence can take from one state, told apart; more are cut.
constexpr std::size_t ways_max = 16;

/// From the last place to the first: what a life can still bring from there on.
class Prospects {
 public:
  Prospects(Terms const& terms, Unfolding const& unfolding) : terms_(terms), unfolding_(unfolding) {}

  void fill(Report& report) {
    ahead_.resize(unfolding_.nodes().size());
    auto const& order = unfolding_.order();
    for (auto number = order.rbegin(); number != order.rend(); ++number) look(*number, report);
    auto const& first = ahead_[order.front()];
    for (std::size_t role = 0; role < terms_.roles.size(); ++role) {
      for (std::size_t asset = 0; asset < terms_.assets.size(); ++asset) {
        Prospect one;
        one.role = role;
        one.asset = asset;
        bool touched = false;
        for (std::size_t pot = 0; pot < terms_.pots.size(); ++pot) {
          if (terms_.pots[pot].asset != asset) continue;
          auto const& sums = first.sums[slot(role, pot)];
          touched = touched || sums.in.high > 0 || sums.out.high > 0;
          one.paid_in = plus(one.paid_in, sums.in);
          one.paid_out = plus(one.paid_out, sums.out);
          one.net = plus(one.net, sums.net);
        }
        if (touched) report.prospects.push_back(one);
      }
    }
  }

 private:
  struct Sums {
    Interval in;
    Interval out;
    Interval net;
  };
  struct Ahead {
    std::vector<Sums> sums;
    std::vector<i128> inflow;
  };

  std::size_t slot(std::size_t role, std::size_t pot) const { return role * terms_.pots.size() + pot; }
  static Interval plus(Interval a, Interval b) { return {a.low + b.low, a.high + b.high}; }

  void look(std::size_t number, Report& report) {
    auto const& node = unfolding_.nodes()[number];
    auto& out = ahead_[number];
    out.sums.resize(terms_.roles.size() * terms_.pots.size());
    out.inflow.resize(terms_.pots.size());
    bool fresh = true;
    for (auto const& way : node.ways) {
      report.transition_work = std::max(report.transition_work, way.work);
      auto const one = along(way);
      for (std::size_t i = 0; i < out.inflow.size(); ++i) out.inflow[i] = std::max(out.inflow[i], one.inflow[i]);
      for (std::size_t i = 0; i < out.sums.size(); ++i) {
        auto& known = out.sums[i];
        auto const& more = one.sums[i];
        known = fresh ? more : Sums{hull(known.in, more.in), hull(known.out, more.out), hull(known.net, more.net)};
      }
      fresh = false;
    }
    // Whatever the turns of a cycle seem to add up to, a pot pays what is in it and what comes in.
    for (std::size_t role = 0; role < terms_.roles.size(); ++role) {
      for (std::size_t pot = 0; pot < terms_.pots.size(); ++pot) {
        auto& sums = out.sums[slot(role, pot)];
        auto const most = node.pots_high[pot] + out.inflow[pot];
        sums.out.high = std::min(sums.out.high, most);
        sums.net.high = std::min(sums.net.high, most);
      }
    }
  }

  Ahead along(Way const& way) const {
    Ahead out;
    out.sums.resize(terms_.roles.size() * terms_.pots.size());
    out.inflow.resize(terms_.pots.size());
    for (auto const target : way.targets) {
      auto const& next = ahead_[target];
      for (std::size_t i = 0; i < out.inflow.size(); ++i) out.inflow[i] += next.inflow[i];
      for (std::size_t i = 0; i < out.sums.size(); ++i) {
        out.sums[i] = {plus(out.sums[i].in, next.sums[i].in), plus(out.sums[i].out, next.sums[i].out),
                       plus(out.sums[i].net, next.sums[i].net)};
      }
    }
    for (auto const& [pot, amount] : way.inflow) out.inflow[pot] += amount;
    for (auto const& flow : way.flows) {
      auto& sums = out.sums[slot(flow.role, flow.pot)];
      (flow.in ? sums.in : sums.out) = plus(flow.in ? sums.in : sums.out, flow.amount);
      sums.net = plus(sums.net, flow.in ? Interval{-flow.amount.high, -flow.amount.low} : flow.amount);
    }
    return out;
  }

  Terms const& terms_;
  Unfolding const& unfolding_;
  std::vector<Ahead> ahead_;
};

/// Units of work of the dearest life: from each place the dearest way, with all that its lanes come to.
std::uint64_t life_work(Unfolding const& unfolding) {
  auto const& nodes = unfolding.nodes();
  auto const& order = unfolding.order();
  std::vector<std::uint64_t> ahead(nodes.size());
  for (auto number = order.rbegin(); number != order.rend(); ++number) {
    for (auto const& way : nodes[*number].ways) {
      auto work = way.work;
      for (auto const target : way.targets) work += ahead[target];
      ahead[*number] = std::max(ahead[*number], work);
    }
  }
  return ahead[order.front()];
}

/// Follows silence from a state, lane by lane, through every end that a condition may choose.
void follow_silence(Terms const& terms, std::size_t state, Silence::Way way, std::vector<Silence::Way>& out) {
  auto const again = std::count(way.states.begin(), way.states.end(), state);
  way.states.push_back(state);
  // A cycle of silence counts its turns; once round is enough to tell.
  if (again > 0 || out.size() >= ways_max) {
    if (out.size() < ways_max) out.push_back(std::move(way));
    return;
  }
  for (auto const& end : terms.states[state].late) {
    auto next = way;
    next.conditional = way.conditional || terms.states[state].late.size() > 1;
    if (end.targets.empty()) {
      if (out.size() < ways_max) out.push_back(std::move(next));
      continue;
    }
    for (auto const target : end.targets) follow_silence(terms, target, next, out);
  }
}

/// Whether the steps pay the role out of a pot.
bool pays(std::vector<Step> const& steps, std::size_t role) {
  return std::any_of(steps.begin(), steps.end(), [&](Step const& step) {
    if (auto const* pay = std::get_if<PayStep>(&step.act)) return pay->to == role;
    if (auto const* choice = std::get_if<IfStep>(&step.act)) {
      return pays(choice->then, role) || pays(choice->otherwise, role);
    }
    auto const* split = std::get_if<SplitStep>(&step.act);
    return split != nullptr &&
           (split->rest == role || std::any_of(split->parts.begin(), split->parts.end(),
                                               [&](SplitPart const& part) { return part.to == role; }));
  });
}

/// G10: the first handover that the state waits for and whose receiver silence pays at once, unasked.
std::optional<std::size_t> unasked(Terms const& terms, State const& state) {
  for (auto const& one : state.cases) {
    auto const* event = std::get_if<FactEvent>(&one.event);
    if (event == nullptr) continue;
    for (auto const& fact : event->facts) {
      auto const& trigger = terms.triggers[fact.trigger()];
      if (trigger.kind != ledger::WatchKind::handover || fact.wanted != Wanted::accepted) continue;
      bool asked = false;
      for (auto const& end : state.late) {
        asked = asked ||
                (end.condition && end.condition->kind == Condition::Kind::seen &&
                 end.condition->fact.wanted == Wanted::unanswered && end.condition->fact.trigger() == fact.trigger());
      }
      auto const& last = state.late.back();
      bool back = false;
      for (std::size_t i = 0; last.targets.empty() && i < terms.pots.size(); ++i) {
        bool const mine = (terms.reach[static_cast<std::size_t>(&state - terms.states.data())].pots >> i & 1) != 0;
        back = back || (mine && terms.pots[i].residual == trigger.to);
      }
      if (!asked && (back || pays(last.steps, trigger.to))) return fact.trigger();
    }
  }
  return std::nullopt;
}

void note_states(Terms const& terms, Unfolding const& unfolding, Report& report) {
  for (std::size_t i = 0; i < terms.states.size(); ++i) {
    auto const& state = terms.states[i];
    auto const path = "states." + state.name;
    if (!unfolding.reached(i)) {
      report.warnings.push_back({Warning::Kind::unreachable, path, {}});
      continue;
    }
    std::size_t number = 0;
    each_end(state, [&](End const&, std::string const& where) {
      bool const taken = (unfolding.taken()[i] >> number++ & 1) != 0;
      if (!taken) report.warnings.push_back({Warning::Kind::never, path + "." + where, {}});
    });
    if (auto const trigger = unasked(terms, state)) {
      auto const& wanted = terms.triggers[*trigger];
      report.warnings.push_back({Warning::Kind::unanswered, path + ".late", terms.roles[wanted.to].name});
    }
    Silence silence;
    silence.state = i;
    follow_silence(terms, i, {}, silence.ways);
    report.silences.push_back(std::move(silence));
  }
}

}  // namespace

Judged judge(Terms const& terms) {
  auto ranks = check_graph(terms);
  if (!ranks) return {ranks.error(), 0, 0};
  Unfolding unfolding(terms, *std::move(ranks), 0, false);
  auto sound = unfolding.run();
  auto const life = sound ? life_work(unfolding) : 0;
  return {std::move(sound), unfolding.operations(), life};
}

Result<void> analyse(Terms const& terms) { return judge(terms).sound; }

Result<Report> report(Terms const& terms, TimeMs start_ms) {
  TRY_ASSIGN(auto ranks, check_graph(terms));
  Unfolding unfolding(terms, std::move(ranks), start_ms, true);
  TRY(unfolding.run());
  Report out;
  out.ends_ms = unfolding.ends_ms();
  out.places = unfolding.places();
  out.operations = unfolding.operations();
  Prospects(terms, unfolding).fill(out);
  out.life_work = life_work(unfolding);
  out.warnings = unfolding.take_warnings();
  note_states(terms, unfolding, out);
  return out;
}

}  // namespace contracts::escrow
