// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/unfold.hpp"

#include <algorithm>
#include <numeric>

#include "contracts/escrow/graph.hpp"

namespace contracts::escrow {

namespace {

/// Waiting states times counter values of one analysis.
constexpr std::size_t configurations_max = 4096;
/// Values of one place that are kept apart; further ones are joined with the last.
constexpr std::size_t variants_max = 8;
/// More are not read by anybody.
constexpr std::size_t warnings_max = 64;

constexpr std::uint64_t bit(std::size_t number) { return std::uint64_t{1} << number; }

/// What comes in adds up; of two ways the greater counts.
void add_inflow(Way& way, std::size_t pot, i128 amount) {
  for (auto& [known, sum] : way.inflow) {
    if (known != pot) continue;
    sum += amount;
    return;
  }
  way.inflow.emplace_back(pot, amount);
}

}  // namespace

std::string Path::text() const {
  std::string out = up == nullptr ? "" : up->text();
  if (!name.empty()) out += (out.empty() ? "" : ".") + std::string(name);
  if (index != nowhere) out += "[" + std::to_string(index) + "]";
  return out;
}

void add_flow(std::vector<Flow>& flows, Flow const& flow) {
  for (auto& known : flows) {
    if (known.role != flow.role || known.pot != flow.pot || known.in != flow.in) continue;
    known.amount = {known.amount.low + flow.amount.low, known.amount.high + flow.amount.high};
    return;
  }
  flows.push_back(flow);
}

std::vector<Flow> either(std::vector<Flow> const& a, std::vector<Flow> const& b) {
  std::vector<Flow> out;
  auto const amount_in = [](std::vector<Flow> const& flows, Flow const& like) {
    for (auto const& one : flows) {
      if (one.role == like.role && one.pot == like.pot && one.in == like.in) return one.amount;
    }
    return Interval{};
  };
  for (auto const& one : a) {
    auto merged = one;
    merged.amount = hull(one.amount, amount_in(b, one));
    out.push_back(merged);
  }
  for (auto const& one : b) {
    auto const known = std::any_of(a.begin(), a.end(), [&](Flow const& other) {
      return other.role == one.role && other.pot == one.pot && other.in == one.in;
    });
    auto merged = one;
    merged.amount = hull(one.amount, {});
    if (!known) out.push_back(merged);
  }
  return out;
}

Unfolding::Unfolding(Terms const& terms, std::vector<std::size_t> ranks, TimeMs start_ms, bool details)
    : terms_(terms),
      ranks_(std::move(ranks)),
      start_ms_(start_ms),
      details_(details),
      taken_(terms.states.size(), 0),
      reached_(terms.states.size(), false) {}

void Unfolding::warn(Warning::Kind kind, Path const& path, std::string detail) {
  if (!details_ || warnings_.size() == warnings_max) return;
  auto text = path.text();
  for (auto const& known : warnings_) {
    if (known.kind == kind && known.path == text) return;
  }
  warnings_.push_back({kind, std::move(text), std::move(detail)});
}

Result<void> Unfolding::run() {
  Scene first;
  first.pots.assign(terms_.pots.size(), Number::of(0));
  first.variables.assign(terms_.variables.size(), Number::of(0));
  first.counters.resize(terms_.counters.size());
  auto const all_pots = bit(terms_.pots.size()) - 1;
  reach(terms_.start, first, std::vector<TimeMs>(terms_.entry_states.size(), start_ms_), start_ms_, all_pots);
  while (!todo_.empty()) {
    if (++places_ > configurations_max)
      return broken({nullptr, "states"}, "more than 4096 states times counter values");
    auto const node = todo_.extract(todo_.begin());
    TRY(leave(node.key(), node.mapped()));
  }
  return {};
}

std::size_t Unfolding::reach(std::size_t state, Scene const& scene, std::vector<TimeMs> entries_ms, TimeMs latest_ms,
                             std::uint64_t owned) {
  Place place;
  place.counted = std::accumulate(scene.counters.begin(), scene.counters.end(), std::uint64_t{0});
  place.rank = ranks_[state];
  place.state = state;
  place.counters = scene.counters;
  place.owned = owned;
  for (std::size_t i = 0; i < terms_.entry_states.size(); ++i) {
    if (terms_.entry_states[i] == state) entries_ms[i] = latest_ms;
  }
  auto const same = [](std::vector<Interval> const& known, std::vector<Number> const& more) {
    return std::equal(known.begin(), known.end(), more.begin(),
                      [](Interval const& a, Number const& b) { return a == b.range; });
  };
  auto found = todo_.find(place);
  while (found != todo_.end() &&
         !(same(found->second.pots, scene.pots) && same(found->second.variables, scene.variables))) {
    if (place.variant + 1 == variants_max) break;
    ++place.variant;
    found = todo_.find(place);
  }
  bool const fresh = found == todo_.end();
  if (fresh) found = todo_.try_emplace(std::move(place)).first;
  auto& values = found->second;
  auto const ranges = [&](std::vector<Number> const& from, std::vector<Interval>& into) {
    if (fresh) into.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) into[i] = fresh ? from[i].range : hull(into[i], from[i].range);
  };
  ranges(scene.pots, values.pots);
  ranges(scene.variables, values.variables);
  if (fresh) values.number = numbers_++;
  if (fresh) values.entries_ms.resize(entries_ms.size());
  for (std::size_t i = 0; i < entries_ms.size(); ++i) {
    values.entries_ms[i] = std::max(values.entries_ms[i], entries_ms[i]);
  }
  values.latest_ms = std::max(values.latest_ms, latest_ms);
  return values.number;
}

Unfolding::Scene Unfolding::scene_of(Place const& place, Values const& values) {
  unknowns_ = Unknowns();
  Scene out;
  for (auto const& range : values.pots) out.pots.push_back(unknowns_.fresh(range));
  for (auto const& range : values.variables) out.variables.push_back(unknowns_.fresh(range));
  out.counters = place.counters;
  out.way.work = 1;
  return out;
}

TimeMs Unfolding::due_of(State const& state, Values const& values) const {
  auto const& until = state.until;
  if (until.at_ms) return std::max(values.latest_ms, *until.at_ms);
  auto const from_ms = until.of ? values.entries_ms[*until.of] : values.latest_ms;
  return std::max(values.latest_ms, from_ms + until.after_ms);
}

Result<void> Unfolding::leave(Place const& place, Values const& values) {
  auto const& state = terms_.states[place.state];
  reached_[place.state] = true;
  if (nodes_.size() <= values.number) nodes_.resize(values.number + 1);
  order_.push_back(values.number);
  if (details_) {
    auto& node = nodes_[values.number];
    node.state = place.state;
    for (auto const& range : values.pots) node.pots_high.push_back(range.high);
  }
  Path const states{nullptr, "states"};
  Path const here{&states, state.name};
  if (state.until.at_ms && *state.until.at_ms <= start_ms_) warn(Warning::Kind::past, {&here, "until"});
  auto const base = scene_of(place, values);
  for (std::size_t i = 0; i < state.cases.size(); ++i) {
    Path const path{&here, "when", i};
    auto scene = base;
    announce(state.cases[i].event, scene);
    auto const* deposit = std::get_if<DepositEvent>(&state.cases[i].event);
    TRY_ASSIGN(auto const truth, follow(state.cases[i].end, deposit, std::move(scene), place, values, path));
    if (truth != Truth::no) taken_[place.state] |= bit(i);
  }
  auto scene = base;
  for (std::size_t i = 0; i < state.late.size(); ++i) {
    Path const path{&here, "late", state.late_is_list ? i : Path::nowhere};
    TRY_ASSIGN(auto const truth, follow(state.late[i], nullptr, scene, place, values, path));
    if (truth != Truth::no) taken_[place.state] |= bit(state.cases.size() + i);
    if (truth == Truth::yes) break;
    Path const asked{&path, "if"};
    suppose(*state.late[i].condition, false, scene, asked);
  }
  return {};
}

void Unfolding::announce(Event const& event, Scene& scene) {
  if (auto const* fact = std::get_if<FactEvent>(&event)) {
    if (!fact->value) return;
    auto const& pattern = fact->facts[*fact->value];
    scene.event = unknowns_.fresh({pattern.low, pattern.high});
  }
  if (auto const* vote = std::get_if<VoteEvent>(&event)) scene.event = unknowns_.fresh({vote->low, vote->high});
}

Result<bool> Unfolding::pay_in(DepositEvent const& deposit, Scene& scene, Path const& path) {
  Path const on{&path, "on"};
  Path const kind{&on, "deposit"};
  Path const here{&kind, "amount"};
  TRY_ASSIGN(auto amount, evaluate(deposit.amount, scene, here));
  if (amount.range.low < 1) return broken(here, "can be " + base::to_decimal(amount.range.low));
  auto& pot = scene.pots[deposit.pot];
  auto const cap = static_cast<i128>(terms_.pots[deposit.pot].cap);
  if (amount.range.low > cap) {
    return broken(here, terms_.pots[deposit.pot].name + " takes at most " + base::to_decimal(cap));
  }
  // What the cap refuses is no transition, so the sums stay far below 127 bits.
  if (pot.range.low > cap - amount.range.low) return false;
  amount.range.high = std::min(amount.range.high, cap);
  pot = plus(pot, amount);
  pot.range.high = std::min(cap, pot.range.high);
  if (details_) {
    add_flow(scene.way.flows, {deposit.role, deposit.pot, true, amount.range});
    add_inflow(scene.way, deposit.pot, amount.range.high);
  }
  return true;
}

Result<Truth> Unfolding::follow(End const& end, DepositEvent const* deposit, Scene scene, Place const& place,
                                Values const& values, Path const& path) {
  auto truth = Truth::yes;
  auto const assumed = unknowns_.assumed();
  auto const go = [&]() -> Result<Truth> {
    if (end.condition) {
      Path const asked{&path, "if"};
      TRY_ASSIGN(truth, judge(*end.condition, scene, asked));
      if (truth == Truth::no) return truth;
      suppose(*end.condition, true, scene, asked);
    }
    if (deposit != nullptr) {
      TRY_ASSIGN(bool const possible, pay_in(*deposit, scene, path));
      if (!possible) return Truth::no;
    }
    Path const acts{&path, "do"};
    TRY(steps(end.steps, scene, acts));
    arrive(end, scene, place, values);
    return truth;
  };
  auto out = go();
  unknowns_.forget(assumed);
  return out;
}

/// The lane goes on, parts, or closes and pays what is its own.
void Unfolding::arrive(End const& end, Scene& scene, Place const& place, Values const& values) {
  auto const due_ms = due_of(terms_.states[place.state], values);
  if (end.targets.empty()) {
    ends_ms_ = std::max(ends_ms_, due_ms);
    for (std::size_t i = 0; i < terms_.pots.size(); ++i) {
      if ((place.owned >> i & 1) != 0) pay(i, terms_.pots[i].residual, scene.pots[i].range, scene);
    }
  }
  std::uint64_t others = place.owned;
  for (auto const target : end.targets) others &= ~terms_.reach[target].pots;
  for (auto const target : end.targets) {
    // What no lane can reach waits for one of them to end.
    auto const owned = end.targets.size() == 1 ? place.owned : (place.owned & terms_.reach[target].pots) | others;
    others = 0;
    scene.way.targets.push_back(reach(target, scene, values.entries_ms, due_ms, owned));
  }
  nodes_[values.number].ways.push_back(std::move(scene.way));
}

void Unfolding::pay(std::size_t pot, std::size_t role, Interval amount, Scene& scene) {
  ++scene.way.work;
  if (details_) add_flow(scene.way.flows, {role, pot, false, {std::max(i128{0}, amount.low), amount.high}});
}

Result<void> Unfolding::steps(std::vector<Step> const& all, Scene& scene, Path const& path) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    Path const here{&path, "", i};
    if (++operations_ > operations_max) return broken(here, "more than 200,000 operations to judge");
    Result<void> done;
    std::visit([&](auto const& step) { done = perform(step, scene, here); }, all[i].act);
    TRY(done);
  }
  return {};
}

Result<Number> Unfolding::taken(std::size_t pot, Take const& take, Scene& scene, Path const& path) {
  auto& held = scene.pots[pot];
  auto out = held;
  if (take.kind == Take::Kind::all) {
    held = Number::of(0);
    return out;
  }
  bool const clamps = take.kind == Take::Kind::up_to;
  Path const here{&path, clamps ? "upTo" : "amount"};
  TRY_ASSIGN(auto const amount, evaluate(take.amount, scene, here));
  if (!clamps && amount.range.low < 0) return broken(here, "can be " + base::to_decimal(amount.range.low));
  TRY_ASSIGN(bool const covered, fits(take.amount, amount, pot, scene, here));
  if (!clamps && !covered) {
    return broken(here, "can be " + base::to_decimal(amount.range.high) + " when " + terms_.pots[pot].name + " holds " +
                            base::to_decimal(held.range.low));
  }
  if (clamps && amount.range.low < 0) warn(Warning::Kind::domain, here, base::to_decimal(amount.range.low));
  if (covered && amount.range.low >= 0) {
    out = amount;
    out.range.high = std::min(out.range.high, held.range.high);
    held = minus(held, amount);
    held.range.low = std::max(i128{0}, held.range.low);
    return out;
  }
  if (!covered) warn(Warning::Kind::clamped, here, base::to_decimal(amount.range.high));
  out = unknowns_.fresh(
      {std::clamp(amount.range.low, i128{0}, held.range.low), std::clamp(amount.range.high, i128{0}, held.range.high)});
  held = minus(held, out);
  held.range.low = std::max(i128{0}, held.range.low);
  return out;
}

Result<bool> Unfolding::fits(Expression const& amount, Number const& value, std::size_t pot, Scene const& scene,
                             Path const& path) {
  using Kind = Expression::Kind;
  if (unknowns_.at_most(value, scene.pots[pot])) return true;
  bool const all = amount.kind == Kind::max || amount.kind == Kind::choose;
  bool const share = amount.kind == Kind::bps && amount.round == Round::down;
  if (amount.kind != Kind::min && !all && !share) return false;
  std::size_t fitting = 0;
  for (auto const& operand : amount.operands) {
    TRY_ASSIGN(auto const part, evaluate(operand, scene, path));
    TRY_ASSIGN(bool const fit, fits(operand, part, pot, scene, path));
    if (share) {
      if (!fit || part.range.low < 0) return false;
      TRY_ASSIGN(auto const factor, evaluate(amount.operands[1], scene, path));
      return factor.range.low >= 0 && factor.range.high <= basis_points;
    }
    fitting += fit ? 1 : 0;
  }
  return all ? fitting == amount.operands.size() : fitting > 0;
}

Result<void> Unfolding::perform(PayStep const& step, Scene& scene, Path const& path) {
  Path const here{&path, "pay"};
  TRY_ASSIGN(auto const amount, taken(step.from, step.take, scene, here));
  pay(step.from, step.to, amount.range, scene);
  return {};
}

Result<void> Unfolding::perform(MoveStep const& step, Scene& scene, Path const& path) {
  Path const here{&path, "move"};
  TRY_ASSIGN(auto const amount, taken(step.from, step.take, scene, here));
  scene.pots[step.into] = plus(scene.pots[step.into], amount);
  if (details_) add_inflow(scene.way, step.into, amount.range.high);
  return {};
}

Result<void> Unfolding::perform(SplitStep const& step, Scene& scene, Path const& path) {
  Path const here{&path, "split"};
  i128 most = 0;
  i128 least = 0;
  std::vector<Interval> shares;
  for (std::size_t i = 0; i < step.parts.size(); ++i) {
    Path const part{&here, "parts", i};
    Path const bps{&part, "bps"};
    TRY_ASSIGN(auto const share, evaluate(step.parts[i].bps, scene, bps));
    if (share.range.low < 0) return broken(bps, "can be " + base::to_decimal(share.range.low));
    if (share.range.high > basis_points) return broken(bps, "can be " + base::to_decimal(share.range.high));
    most += share.range.high;
    least += share.range.low;
    if (most > basis_points) return broken(bps, "the parts can exceed the whole: " + base::to_decimal(most));
    shares.push_back(share.range);
  }
  TRY_ASSIGN(auto const whole, taken(step.from, step.take, scene, here));
  auto const& range = whole.range;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    pay(step.from, step.parts[i].to,
        {range.low * shares[i].low / basis_points, range.high * shares[i].high / basis_points}, scene);
  }
  // Each part is floored: the rest has the more.
  auto const parts = static_cast<i128>(shares.size());
  pay(step.from, step.rest,
      {range.low * (basis_points - most) / basis_points,
       std::min(range.high, range.high * (basis_points - least) / basis_points + parts)},
      scene);
  return {};
}

Result<void> Unfolding::perform(TitleStep const&, Scene& scene, Path const&) {
  ++scene.way.work;
  return {};
}
Result<void> Unfolding::perform(EmitStep const&, Scene&, Path const&) { return {}; }

Result<void> Unfolding::perform(SetStep const& step, Scene& scene, Path const& path) {
  Path const here{&path, "set"};
  for (auto const& [variable, expression] : step.values) {
    Path const each{&here, terms_.variables[variable]};
    TRY_ASSIGN(scene.variables[variable], evaluate(expression, scene, each));
  }
  return {};
}

Result<void> Unfolding::perform(CountStep const& step, Scene& scene, Path const& path) {
  auto const& counter = terms_.counters[step.counter];
  if (scene.counters[step.counter] == counter.max) {
    Path const here{&path, "count"};
    return broken(here, counter.name + " can pass its max; ask {\"lt\": [{\"counter\": \"" + counter.name + "\"}, " +
                            std::to_string(counter.max) + "]} first");
  }
  ++scene.counters[step.counter];
  return {};
}

Result<void> Unfolding::perform(AssertStep const& step, Scene& scene, Path const& path) {
  Path const here{&path, "assert"};
  TRY_ASSIGN(auto const truth, judge(step.condition, scene, here));
  if (truth == Truth::no) return broken(here, "never holds");
  if (truth == Truth::maybe) warn(Warning::Kind::assertion, here);
  return {};
}

Result<void> Unfolding::perform(IfStep const& step, Scene& scene, Path const& path) {
  Path const asked{&path, "if"};
  TRY_ASSIGN(auto const truth, judge(step.condition, scene, asked));
  auto const assumed = unknowns_.assumed();
  Scene otherwise = scene;
  if (truth != Truth::no) {
    suppose(step.condition, true, scene, asked);
    Path const then{&path, "do"};
    TRY(steps(step.then, scene, then));
    unknowns_.forget(assumed);
  }
  if (truth != Truth::yes) {
    suppose(step.condition, false, otherwise, asked);
    Path const instead{&path, "else"};
    TRY(steps(step.otherwise, otherwise, instead));
    unknowns_.forget(assumed);
  }
  if (truth == Truth::yes) return {};
  if (truth == Truth::no) {
    scene = std::move(otherwise);
    return {};
  }
  auto const merge = [&](std::vector<Number>& into, std::vector<Number> const& more) {
    for (std::size_t i = 0; i < into.size(); ++i) {
      bool const same = into[i].form && more[i].form && into[i].form->constant == more[i].form->constant &&
                        into[i].form->parts == more[i].form->parts;
      if (same) {
        into[i].range = hull(into[i].range, more[i].range);
      } else {
        into[i] = unknowns_.fresh(hull(into[i].range, more[i].range));
      }
    }
  };
  merge(scene.pots, otherwise.pots);
  merge(scene.variables, otherwise.variables);
  // Behind both branches the event is again what it was before: what each supposed of it held only there.
  if (scene.event) scene.event->range = hull(scene.event->range, otherwise.event->range);
  scene.way.flows = either(scene.way.flows, otherwise.way.flows);
  for (auto const& [pot, amount] : otherwise.way.inflow) add_inflow(scene.way, pot, amount);
  scene.way.work = std::max(scene.way.work, otherwise.way.work);
  return {};
}

}  // namespace contracts::escrow
