// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a contract moves: pure functions from terms, a contract's record, facts and time to the next transition and what
// it does with money and titles. Facts are judged by level: whatever is recorded and unused counts, in the order of
// recording, so that running later than a fact gives the same transitions as running at once.

#include "contracts/escrow/evaluate.hpp"

namespace contracts::escrow {

/// Numbers are those of the terms.
struct Deposit {
  std::size_t role = 0;
  std::size_t pot = 0;
  Amount amount = 0;
  bool operator==(Deposit const&) const = default;
};
struct Payout {
  std::size_t role = 0;
  std::size_t pot = 0;
  Amount amount = 0;
  bool operator==(Payout const&) const = default;
};
struct TitlePass {
  std::size_t subject = 0;
  std::size_t from = 0;
  std::size_t to = 0;
  bool operator==(TitlePass const&) const = default;
};
/// Between two pots.
struct Shift {
  std::size_t from = 0;
  std::size_t into = 0;
  Amount amount = 0;
  bool operator==(Shift const&) const = default;
};
/// A step asked a pot for more than it holds, or for nothing.
struct Clamped {
  std::size_t pot = 0;
  i128 asked = 0;
  Amount taken = 0;
  bool operator==(Clamped const&) const = default;
};
/// A code that the terms emit; an empty one: an assertion that does not hold.
struct Emitted {
  std::string code;
  bool operator==(Emitted const&) const = default;
};
using Effect = std::variant<Deposit, Payout, TitlePass, Shift, Clamped, Emitted>;

using ledger::PartyId;

struct Transition {
  std::uint8_t lane = 0;
  std::string from;
  /// Where this lane goes on: of a fork the first target, or ledger::closed_state.
  std::string to;
  ledger::MoveCause cause = ledger::MoveCause::act;
  Moment moment;
  /// The case that was taken; nothing for a deadline.
  std::optional<std::size_t> case_index;
  /// Of a fact: its log index; of a handover the offer's event hash.
  std::uint64_t log_index = 0;
  std::optional<Hash> offer;
  /// Of a deadline.
  TimeMs due_ms = 0;
  /// In order.
  std::vector<Effect> effects;
};

/// A contract in its first state, with empty pots. `parties` stand in the order of the terms' roles.
ledger::ContractRecord start(Terms const& terms, std::vector<ledger::RoleBinding> parties, Moment opened);

/// Makes the next transition that facts or time bring: the earliest, of several at one moment the first lane's. Fires
/// deadlines up to and including `deadlines_to_ms` (0: none), and always those that were past when their state was
/// entered. Nothing when the contract waits.
std::optional<Transition> next(Terms const& terms, ledger::ContractRecord& contract, FactsOf const& facts,
                               TimeMs deadlines_to_ms);

struct PartyAct {
  std::string_view state;
  std::size_t case_index = 0;
  i128 value = 0;
  /// Roles of the terms whose parties signed.
  std::vector<std::size_t> roles;
  Moment now;
};
/// Takes a case for a party: a deposit, a choice, a vote. The contract must have made its pending transitions (next).
/// Nothing when the vote is counted but not enough yet. Errors name the act's field: E_NO_CASE, E_NOT_PARTY,
/// E_DEADLINE_DUE, E_AMOUNT; the contract is then unchanged.
Result<std::optional<Transition>> act(Terms const& terms, ledger::ContractRecord& contract, FactsOf const& facts,
                                      PartyAct const& wanted);

/// Who must sign to assign what the role is paid: its party, or who it is assigned to. E_NOT_PARTY for a role that the
/// terms do not have or do not let be assigned.
Result<PartyId> holder(Terms const& terms, ledger::ContractRecord const& contract, std::string_view role);
/// Assigns it to another party; while that stands only giving it back to the role's party is allowed:
/// E_ALREADY_PLEDGED.
Result<void> assign(Terms const& terms, ledger::ContractRecord& contract, std::string_view role, PartyId const& to);

/// The roles that a case waits for; empty when it waits for facts.
std::vector<std::size_t> roles_of(Event const& event);

/// The triggers that the contract's open lanes wait for now, ascending.
std::vector<std::size_t> waiting_for(Terms const& terms, ledger::ContractRecord const& contract);

}  // namespace contracts::escrow
