// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plays one contract without a ledger: the interpreter alone, with facts and time from a script.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/value.hpp"
#include "contracts/escrow/interpreter.hpp"

namespace contracts::escrow::test {

std::string read_file(std::string const& path_in_source);
base::Value read_json(std::string const& path_in_source);
/// Terms that must be right: read and analysed.
Terms terms_of(std::string const& path_in_source);
/// The same from their text.
Terms sound_terms(std::string const& json, std::string const& name);

class Play {
 public:
  Play(Terms terms, TimeMs start_ms);

  Terms const& terms() const { return terms_; }
  ledger::ContractRecord const& contract() const { return contract_; }
  bool ended() const { return contract_.closed_ms.has_value(); }
  /// The state that is the only open lane's.
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
  void milestone(std::size_t trigger, std::string const& disposition = "", TimeMs age_ms = 0);
  void offer(std::size_t trigger);
  /// Answers the open offer, or a new one.
  void accept(std::size_t trigger, base::Micro micro, std::string const& unit = "EA");
  void reject(std::size_t trigger);
  bool has_open_offer(std::size_t trigger) const { return open_offers_.contains(trigger); }
  /// What facts bring; returns how many transitions.
  std::size_t run();

  /// An act of these roles, after what is pending.
  Result<std::optional<Transition>> act(std::string_view state, std::size_t case_index, std::uint64_t value,
                                        std::vector<std::size_t> roles);
  /// Makes the case of the state happen: its facts, deposit or votes. The value is the least that is allowed when none
  /// is given.
  void happen(std::string const& state, std::size_t case_index, std::optional<std::uint64_t> value);

  /// "role:SYMBOL" → amount, from the effects; they agree with the record's totals.
  std::map<std::string, Amount> deposits;
  std::map<std::string, Amount> payouts;
  std::vector<TitlePass> titles;
  std::vector<Transition> transitions;
  /// The first invariant that broke; empty while all hold.
  std::string broken;

 private:
  void take(Transition transition);
  void record(std::size_t trigger, ledger::FactEntry fact);
  void happen_fact(FactPattern const& pattern, std::optional<std::uint64_t> value);
  Hash next_offer();
  FactsOf facts() const;

  Terms terms_;
  TimeMs now_ms_;
  std::uint64_t log_ = 1;
  std::vector<std::vector<ledger::FactEntry>> facts_;
  std::map<std::size_t, Hash> open_offers_;
  ledger::ContractRecord contract_;
};

}  // namespace contracts::escrow::test
