// SPDX-License-Identifier: Apache-2.0
#pragma once

// One contract played without a ledger: the same interpreter, with facts and time from a script.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contracts/escrow/interpreter.hpp"

namespace contracts::escrow {

class Rehearsal {
 public:
  /// `parties` names who has which role; a role that it leaves out is its own party.
  Rehearsal(Terms terms, TimeMs start_ms, std::map<std::string, std::string> const& parties = {});

  Terms const& terms() const { return terms_; }
  ledger::ContractRecord const& contract() const { return contract_; }
  bool ended() const { return contract_.closed_ms.has_value(); }
  /// The state of the only open lane; empty for none or several.
  std::string only_state() const;
  bool stands_in(std::string_view state) const;
  TimeMs now_ms() const { return now_ms_; }

  /// Fires all deadlines up to this time, then stands there.
  void advance(TimeMs to_ms);
  /// Stands at this time without firing anything: the block before had no room for it.
  void stand_at(TimeMs to_ms) { now_ms_ = to_ms; }
  /// To the end, by silence.
  void finish();

  /// Records facts, without running the contract; run() looks at them.
  void milestone(std::size_t trigger, std::string const& disposition = "", TimeMs age_ms = 0,
                 std::optional<i128> value = {});
  void offer(std::size_t trigger);
  /// Answers the open offer, or a new one. All of it carries the claim, when there is one.
  void accept(std::size_t trigger, base::Micro micro, std::string const& unit = "EA", std::string const& claim = "");
  void reject(std::size_t trigger);
  void withdraw(std::size_t trigger);
  bool has_open_offer(std::size_t trigger) const { return open_offers_.contains(trigger); }
  /// As many devices as the sensor asks for show this value, from now on instead of what they showed before.
  void show(Sensor const& sensor, i128 value);
  /// Any fact, as it would stand in the ledger; `recorded` is set here.
  void record(std::size_t trigger, ledger::FactEntry fact);
  /// What facts bring; returns how many transitions.
  std::size_t run();

  /// An act of these roles, after what is pending.
  Result<std::optional<Transition>> act(std::string_view state, std::size_t case_index, i128 value,
                                        std::vector<std::size_t> roles);
  Result<void> assign(std::string_view role, std::string const& to);
  /// Makes the case of the state happen: its facts, deposit or votes. The value is the least that is allowed when none
  /// is given.
  Result<void> happen(std::string const& state, std::size_t case_index, std::optional<i128> value);

  /// "role:SYMBOL" → amount, from the effects; they agree with the record's totals.
  std::map<std::string, Amount> deposits;
  std::map<std::string, Amount> payouts;
  std::vector<TitlePass> titles;
  std::vector<Transition> transitions;
  /// Told of each transition, after it was made.
  std::function<void(Transition const&)> on_transition;
  /// The first invariant that broke; empty while all hold.
  std::string broken;

 private:
  void take(Transition transition);
  void check_conservation();
  void happen_fact(FactPattern const& pattern, std::optional<i128> value);
  Hash next_offer();
  FactsOf facts() const;

  Terms terms_;
  TimeMs now_ms_;
  std::uint64_t log_ = 1;
  std::vector<std::vector<ledger::FactEntry>> facts_;
  std::map<std::size_t, Hash> open_offers_;
  ledger::ContractRecord contract_;
};

}  // namespace contracts::escrow
