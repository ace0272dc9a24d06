// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/run.hpp"

#include <algorithm>

#include "contracts/escrow/mutants.hpp"

namespace contracts::escrow {

using ledger::Lane;

namespace {

Amount as_amount(i128 value) { return value <= 0 ? 0 : static_cast<Amount>(value); }

void count_up(std::uint8_t& count) {
  if (count < 0xff) ++count;
}

}  // namespace

TimeMs due_of(State const& state, ledger::ContractRecord const& contract, TimeMs now_ms) {
  auto const& until = state.until;
  if (until.at_ms) return *until.at_ms;
  return (until.of ? contract.entries[*until.of].time_ms : now_ms) + until.after_ms;
}

void Run::deposit(Deposit const& deposit) {
  contract_.pots[deposit.pot].amount += deposit.amount;
  note(deposit.role, deposit.pot, deposit.amount, false);
  effects_.emplace_back(deposit);
}

Transition Run::finish(End const& end) && {
  Transition out;
  out.lane = static_cast<std::uint8_t>(lane_);
  out.from = lane().state;
  out.cause = cause_;
  out.moment = now_;
  steps(end.steps);
  lane().votes.clear();
  if (end.targets.empty()) {
    close_lane();
  } else {
    enter(lane_, end.targets.front());
    for (std::size_t i = 1; i < end.targets.size(); ++i) {
      CHECK(contract_.lanes.size() < ledger::lanes_max);
      Lane more;
      more.used = lane().used;
      contract_.lanes.push_back(std::move(more));
      enter(contract_.lanes.size() - 1, end.targets[i]);
    }
  }
  out.to = lane().state;
  out.effects = std::move(effects_);
  remember(out);
  return out;
}

void Run::operator()(PayStep const& step) { pay(step.from, step.to, taken(step.from, step.take)); }

void Run::operator()(MoveStep const& step) {
  auto const amount = taken(step.from, step.take);
  contract_.pots[step.from].amount -= amount;
  contract_.pots[step.into].amount += amount;
  if (amount > 0) effects_.emplace_back(Shift{step.from, step.into, amount});
}

void Run::operator()(SplitStep const& step) {
  auto const whole = taken(step.from, step.take);
  // Shares are judged before the first of them is paid: they may speak of the pot itself.
  std::vector<Amount> shares;
  auto left = whole;
  for (auto const& part : step.parts) {
    auto const bps = std::clamp(evaluate(part.bps, view()), i128{0}, basis_points);
    auto const share = base::mul_div(whole, static_cast<Amount>(bps), static_cast<Amount>(basis_points), Round::down);
    shares.push_back(std::min(left, share.value_or(0)));
    left -= shares.back();
  }
  for (std::size_t i = 0; i < shares.size(); ++i) pay(step.from, step.parts[i].to, shares[i]);
  if (ESCROW_PLANTED(remainder_without_name))
    contract_.pots[step.from].amount -= left;
  else
    pay(step.from, step.rest, left);
}

void Run::operator()(TitleStep const& step) { effects_.emplace_back(TitlePass{step.subject, step.from, step.to}); }

void Run::operator()(SetStep const& step) {
  for (auto const& [variable, expression] : step.values) {
    auto const value = evaluate(expression, view());
    auto& record = contract_.variables[variable];
    record.negative = value < 0;
    record.magnitude = value < 0 ? base::u128{0} - static_cast<base::u128>(value) : static_cast<base::u128>(value);
  }
}

void Run::operator()(CountStep const& step) {
  auto& record = contract_.counters[step.counter];
  record.value = std::min(record.value + 1, terms_.counters[step.counter].max);
}

void Run::operator()(IfStep const& step) { steps(holds(step.condition, view()) ? step.then : step.otherwise); }

void Run::operator()(AssertStep const& step) {
  if (holds(step.condition, view())) return;
  count_up(notes_.assertions_failed);
  effects_.emplace_back(Emitted{});
}

void Run::operator()(EmitStep const& step) {
  if (notes_.emitted.size() < decltype(notes_.emitted)::max) notes_.emitted.push_back(step.code);
  effects_.emplace_back(Emitted{step.code});
}

void Run::steps(std::vector<Step> const& all) {
  for (auto const& step : all) std::visit(*this, step.act);
}

Amount Run::taken(std::size_t pot, Take const& take) {
  auto const held = contract_.pots[pot].amount;
  if (take.kind == Take::Kind::all) return held;
  auto const asked = evaluate(take.amount, view());
  auto const amount = std::min(held, as_amount(asked));
  bool const whole = asked >= 0 && static_cast<Amount>(asked) == amount;
  if (!whole) count_up(notes_.clamped);
  if (!whole || asked == 0) effects_.emplace_back(Clamped{pot, asked, amount});
  return amount;
}

void Run::pay(std::size_t pot, std::size_t role, Amount amount) {
  if (amount == 0) return;
  if (ESCROW_PLANTED(payout_that_can_fail) && contract_.totals.empty() == false &&
      contract_.totals[0].role != terms_.roles[role].name)
    return;
  contract_.pots[pot].amount -= amount;
  note(role, pot, amount, true);
  effects_.emplace_back(Payout{role, pot, amount});
}

void Run::note(std::size_t role, std::size_t pot, Amount amount, bool out) {
  auto const& name = terms_.roles[role].name;
  auto const& asset = terms_.assets[terms_.pots[pot].asset].id;
  auto& totals = contract_.totals;
  auto const same = [&](auto const& one) { return one.role == name && one.asset == asset; };
  auto total = std::find_if(totals.begin(), totals.end(), same);
  if (total == totals.end()) total = totals.insert(totals.end(), {name, asset, 0, 0});
  (out ? total->paid_out : total->paid_in) += amount;
  // The tale may be cut short; the totals and the accounts' statements are whole.
  if (payments_.size() < decltype(ledger::PastMove::payments)::max) {
    payments_.push_back({name, terms_.pots[pot].name, amount, out});
  }
}

void Run::enter(std::size_t number, std::size_t target) {
  auto const& state = terms_.states[target];
  for (std::size_t i = 0; i < terms_.entry_states.size(); ++i) {
    if (terms_.entry_states[i] == target) contract_.entries[i].time_ms = now_.time_ms;
  }
  auto& entered = contract_.lanes[number];
  entered.state = state.name;
  entered.entered = now_;
  entered.due_ms = due_of(state, contract_, now_.time_ms);
}

void Run::close_lane() {
  lane() = Lane{};
  lane().state = ledger::closed_state;
  lane().entered = now_;
  std::uint64_t reached = 0;
  bool open = false;
  for (auto const& other : contract_.lanes) {
    if (other.closed()) continue;
    open = true;
    reached |= terms_.reach[terms_.state(other.state).value()].pots;
  }
  for (std::size_t i = 0; i < terms_.pots.size(); ++i) {
    if ((reached >> i & 1) != 0) continue;
    auto const rest = contract_.pots[i].amount;
    pay(i, terms_.pots[i].residual, rest);
    if (ESCROW_PLANTED(settle_twice)) note(terms_.pots[i].residual, i, rest, true);
  }
  if (!open) contract_.closed_ms = now_.time_ms;
}

void Run::remember(Transition const& done) {
  if (contract_.past.size() == ledger::past_moves_max) contract_.past.erase(contract_.past.begin());
  auto move = std::move(notes_);
  move.lane = done.lane;
  move.from = done.from;
  move.to = done.to;
  move.time_ms = now_.time_ms;
  move.cause = cause_;
  move.payments = std::move(payments_);
  contract_.past.push_back(std::move(move));
}

}  // namespace contracts::escrow
