// SPDX-License-Identifier: Apache-2.0
#pragma once

// One contract between the interpreter and the ledger: its record, facts and indexes, and what its transitions do to
// money, titles and histories.

#include <map>
#include <memory>
#include <set>

#include "contracts/context.hpp"
#include "contracts/escrow/interpreter.hpp"
#include "ledger/history.hpp"

namespace contracts::escrow {

/// Distinct questions about the readings of one sort that are kept for one subject: each costs every batch its work.
constexpr std::size_t sensor_watches_max = 64;

/// Terms read from the state, each once, for as long as one call lasts.
class TermsShelf {
 public:
  Terms const& of(ledger::StateView const& state, Hash const& terms);

 private:
  /// Contracts of one block mostly share templates; when more differ, the shelf is emptied.
  static constexpr std::size_t terms_max = 256;
  std::map<Hash, std::shared_ptr<Terms const>> read_;
};

/// Terms that were stored and therefore are right.
Terms stored_terms(ledger::StateView const& state, Hash const& terms);

/// How many of the block's turns an act of this actor may take: whoever acts leaves as many as he has taken.
std::uint32_t act_turns(Context const& context);
/// E_BUSY: they do not suffice.
Error no_turns(std::string const& field);

class Host {
 public:
  /// An open contract; its terms must outlive the host.
  Host(Context& context, Hash const& contract, ledger::ContractRecord record, Terms const& terms);

  ledger::ContractRecord& record() { return record_; }
  Terms const& terms() const { return terms_; }
  FactsOf const& facts() const { return facts_of_; }
  PartyId const& party(std::size_t role) const { return record_.parties[role].party; }
  /// By role.
  std::vector<ledger::RoleBinding> parties() const { return {record_.parties.begin(), record_.parties.end()}; }
  /// Who gets what the role is paid: its party, or whom it was assigned to.
  PartyId const& payee(std::size_t role) const;

  /// Enters a new contract into what is watched: E_LIMIT for a subject that too many name.
  Result<void> watch(std::string const& field);
  /// From here on a party's act is the cause: it draws on the turns that the block has for acts, and pays for its look.
  /// E_BUSY where they do not suffice.
  Result<void> begin_act(std::string const& field);
  /// Makes what facts and deadlines bring up to now, within the block's turns, of which a look that moves nothing takes
  /// some too. When they are used up, or as many as one look may take, and more is to be done, the contract goes into
  /// the queue; else it stands there no more.
  void run();
  /// E_BUSY where the block has not the turns for the transition that a party's act made.
  Result<void> require_turns_for(Transition const& transition, std::string const& field) const;
  /// Performs it. `act` is the operation's leaf.
  void perform(Transition const& transition, ledger::ActLeaf const& act, std::uint64_t sequence);
  /// Stores the record and brings the indexes up to date: a contract that ended is watched no more, and one that this
  /// host queued has no deadline in the index, since its turn brings that too.
  void save();

  std::size_t transitions() const { return transitions_; }
  /// Of the first transition made: its lane, and when it was due or its fact was recorded.
  std::uint8_t first_lane() const { return first_lane_; }
  TimeMs first_ms() const { return first_ms_; }

 private:
  struct Waiting {
    std::set<Hash> triggers;
    std::set<std::pair<TimeMs, std::uint8_t>> due;
  };
  ledger::Watched watched(std::size_t trigger) const;
  Waiting waiting() const;
  std::set<Hash> subjects() const;
  std::map<Hash, ledger::Watched> all_watched() const;
  void unwatch();
  /// A transition that facts or time made: it gets a log entry and a leaf of its own.
  void perform(Transition const& transition);
  void effects(Transition const& transition, ledger::ActLeaf const& act, std::uint64_t sequence);
  bool has_turns() const;
  /// Whether a look that stopped would go on.
  bool has_more() const;
  /// Turns of the block.
  void take(std::uint32_t turns);
  /// The same, of which an act may take only so many.
  void spend(std::uint32_t turns);
  /// For the facts that were read and gone through since the last time. That is known only when it is done, so an act
  /// is not refused for it: its party has less for the next one.
  std::uint32_t take_work();
  std::vector<ledger::FactEntry> const& read_facts(std::size_t trigger);

  Context& context_;
  Hash contract_;
  ledger::ContractRecord record_;
  Terms const& terms_;
  Waiting before_;
  bool was_queued_;
  std::map<std::size_t, std::vector<ledger::FactEntry>> facts_;
  FactsOf facts_of_;
  /// Of a party's act: how many turns it may still take.
  std::optional<std::uint32_t> act_turns_;
  bool look_paid_ = false;
  /// FactsOf::work that is paid.
  std::uint64_t work_paid_ = 0;
  std::size_t transitions_ = 0;
  std::uint8_t first_lane_ = 0;
  TimeMs first_ms_ = 0;
};

}  // namespace contracts::escrow
