// SPDX-License-Identifier: Apache-2.0
#pragma once

// One transition while it is made: steps, the lane's way on, residuals. Only the interpreter uses it.

#include "contracts/escrow/interpreter.hpp"

namespace contracts::escrow {

class Run {
 public:
  Run(Terms const& terms, ledger::ContractRecord& contract, std::size_t lane, FactsOf const& facts, Moment now,
      i128 value, ledger::MoveCause cause)
      : terms_(terms), contract_(contract), lane_(lane), facts_(facts), now_(now), value_(value), cause_(cause) {}

  /// The money is already the contract's.
  void deposit(Deposit const& deposit);
  /// Performs the end and returns the transition, without what its caller knows: the fact, the due time.
  Transition finish(End const& end) &&;

  // The steps, as std::visit calls them.
  void operator()(PayStep const& step);
  void operator()(MoveStep const& step);
  /// Each part is floored; what rounding and the parts leave is the rest's.
  void operator()(SplitStep const& step);
  void operator()(TitleStep const& step);
  void operator()(SetStep const& step);
  void operator()(CountStep const& step);
  void operator()(IfStep const& step);
  void operator()(AssertStep const& step);
  void operator()(EmitStep const& step);

 private:
  ledger::Lane& lane() { return contract_.lanes[lane_]; }
  View view() const { return {terms_, contract_, contract_.lanes[lane_], facts_, now_, value_}; }
  void steps(std::vector<Step> const& all);
  /// Never more than the pot holds; what is asked beyond that is noted.
  Amount taken(std::size_t pot, Take const& take);
  void pay(std::size_t pot, std::size_t role, Amount amount);
  /// Keeps the role's totals and the tale of this transition.
  void note(std::size_t role, std::size_t pot, Amount amount, bool out);
  void enter(std::size_t number, std::size_t target);
  /// Pots that no open lane can reach go to their residual roles; with the last lane that is all.
  void close_lane();
  void remember(Transition const& done);

  Terms const& terms_;
  ledger::ContractRecord& contract_;
  std::size_t lane_;
  FactsOf const& facts_;
  Moment now_;
  i128 value_;
  ledger::MoveCause cause_;
  std::vector<Effect> effects_;
  std::vector<ledger::Payment> payments_;
  ledger::PastMove notes_;
};

/// When a lane that enters the state now is due. `contract.entries` are up to date.
TimeMs due_of(State const& state, ledger::ContractRecord const& contract, TimeMs now_ms);

}  // namespace contracts::escrow
