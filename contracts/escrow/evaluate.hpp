// SPDX-License-Identifier: Apache-2.0
#pragma once

// The values of expressions and conditions at one moment of a contract's life, and which facts match.

#include <functional>
#include <map>

#include "contracts/escrow/terms.hpp"

namespace contracts::escrow {

/// The facts recorded of each trigger of the terms, in order; they stay in place while a transition is made. Counts the
/// work of those who read them.
class FactsOf {
 public:
  template <class Get>
  requires(!std::same_as<Get, FactsOf>) FactsOf(Get get) : get_(std::move(get)) {}
  /// For who goes through all of them.
  std::vector<ledger::FactEntry> const& operator()(std::size_t trigger) const {
    auto const& out = get_(trigger);
    count(1 + out.size());
    return out;
  }
  /// For who counts by himself.
  std::vector<ledger::FactEntry> const& uncounted(std::size_t trigger) const { return get_(trigger); }
  /// What is counted is law: it says how many turns of a block are left to others.
  void count(std::uint64_t work) const { work_ += work; }
  /// In facts passed and conditions asked, each some ten nanoseconds.
  std::uint64_t work() const { return work_; }

 private:
  std::function<std::vector<ledger::FactEntry> const&(std::size_t trigger)> get_;
  mutable std::uint64_t work_ = 0;
};

/// Since when each attester's words for a pattern stand, and until when; those over are passed once.
struct Words {
  struct Word {
    Moment from;
    std::optional<Moment> until;
  };
  struct Attester {
    std::size_t next = 0;
    std::vector<Word> words;
  };
  std::map<std::size_t, Attester> by_trigger;
};
/// What the devices of one owner reported before a moment.
struct Joined {
  struct Device {
    /// As they stand in time.
    std::vector<ledger::Stretch const*> parts;
    ledger::Stretch all;
  };
  Moment now;
  /// The first fact that is not joined yet.
  std::size_t next = 0;
  std::map<Hash, Device> devices;
};
/// What one search of a lane went through already; mostly its moments grow, and only what is new is looked at.
struct Known {
  std::map<FactPattern const*, Words> words;
  std::map<std::pair<Sensor const*, std::size_t>, Joined> joined;
  /// By subject: when readings end.
  std::map<std::size_t, std::optional<TimeMs>> ends_ms;
};

/// What an expression sees.
struct View {
  Terms const& terms;
  ledger::ContractRecord const& contract;
  ledger::Lane const& lane;
  FactsOf const& facts;
  /// The moment of the transition that asks: facts from it on are not seen yet, days are counted up to it.
  Moment now;
  /// The event's value.
  i128 value = 0;
  /// Spares a search to go through all facts again for each moment.
  Known* known = nullptr;
};

/// Numbers beyond 127 bits and divisions by zero, which the analysis refuses, count as 0.
i128 evaluate(Expression const& expression, View const& view);
bool holds(Condition const& condition, View const& view);

/// True when the pattern takes this fact: its answer, disposition, claim, age, unit and value, and where it stands in
/// time; of a sensor, what it shows after this batch. Whether the lane used it before is the caller's question.
bool matches(FactPattern const& pattern, ledger::FactEntry const& fact, View const& view);
/// The quantity or grade of a fact that matches; 0 for a pattern without.
i128 value_of(FactPattern const& pattern, ledger::FactEntry const& fact);

/// What several parties recorded of one pattern, in order; of one party his facts.
struct Attested {
  ledger::FactEntry const* fact = nullptr;
  std::size_t trigger = 0;
};
std::vector<Attested> attested(FactPattern const& pattern, FactsOf const& facts);

/// The value of the reading at this moment, clamped to the pattern's bounds.
i128 reading_of(FactPattern const& pattern, View const& view);

/// Whole days from one time to another, with grace, rounded, within 0 and max.
i128 days_between(TimeMs since_ms, TimeMs grace_ms, TimeMs now_ms, i128 days_max, Round round);

}  // namespace contracts::escrow
