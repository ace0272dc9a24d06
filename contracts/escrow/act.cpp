// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "contracts/escrow/run.hpp"

namespace contracts::escrow {

namespace {

using ledger::ContractRecord;
using ledger::Lane;

/// One act while it is judged.
class Judge {
 public:
  Judge(Terms const& terms, ContractRecord& contract, FactsOf const& facts, PartyAct const& wanted)
      : terms_(terms), contract_(contract), facts_(facts), wanted_(wanted) {}

  Result<std::optional<Transition>> run() {
    TRY(find());
    auto const& one = state().cases[wanted_.case_index];
    if (auto const* deposit = std::get_if<DepositEvent>(&one.event)) return take(*deposit, one.end);
    return vote(std::get<VoteEvent>(one.event), one.end);
  }

 private:
  static Error refused(Code code, std::string field, std::string detail) {
    return {code, std::move(field), std::move(detail)};
  }
  State const& state() const { return terms_.states[state_]; }
  View view(i128 value) const { return {terms_, contract_, contract_.lanes[lane_], facts_, wanted_.now, value}; }

  bool allowed(End const& end, i128 value) const { return !end.condition || holds(*end.condition, view(value)); }

  /// The lane and the case; that a party of the case signed.
  Result<void> find() {
    for (auto const& lane : contract_.lanes) {
      if (!lane.closed() && lane.due_ms <= wanted_.now.time_ms) {
        return refused(Code::E_DEADLINE_DUE, "contract", "the deadline of " + lane.state);
      }
    }
    auto const here = [&](Lane const& lane) { return !lane.closed() && lane.state == wanted_.state; };
    auto const lane = std::find_if(contract_.lanes.begin(), contract_.lanes.end(), here);
    if (lane == contract_.lanes.end()) return refused(Code::E_NO_CASE, "state", "no lane is in this state");
    lane_ = static_cast<std::size_t>(lane - contract_.lanes.begin());
    state_ = terms_.state(lane->state).value();
    auto const& cases = state().cases;
    if (wanted_.case_index >= cases.size()) {
      return refused(Code::E_NO_CASE, "case_index", "the state has " + std::to_string(cases.size()) + " cases");
    }
    auto const roles = roles_of(cases[wanted_.case_index].event);
    if (roles.empty()) return refused(Code::E_NO_CASE, "case_index", "this case waits for a fact about goods");
    for (auto const role : wanted_.roles) {
      if (std::find(roles.begin(), roles.end(), role) != roles.end()) voters_.push_back(role);
    }
    if (!voters_.empty()) return {};
    std::string names;
    for (auto const role : roles) names += (names.empty() ? "" : ", ") + terms_.roles[role].name;
    return refused(Code::E_NOT_PARTY, "case_index", "only " + names);
  }

  /// The first case that an event fits takes it; who names a later one is told.
  Result<void> check_order(i128 value) const {
    auto const& cases = state().cases;
    auto const& mine = cases[wanted_.case_index].event;
    for (std::size_t i = 0; i < wanted_.case_index; ++i) {
      if (!same_event(cases[i].event, mine, value) || !allowed(cases[i].end, value)) continue;
      return refused(Code::E_NO_CASE, "case_index", "case " + std::to_string(i) + " takes it first");
    }
    return {};
  }

  bool same_event(Event const& earlier, Event const& mine, i128 value) const {
    if (auto const* deposit = std::get_if<DepositEvent>(&earlier)) {
      auto const* other = std::get_if<DepositEvent>(&mine);
      return other != nullptr && deposit->role == other->role && deposit->pot == other->pot &&
             evaluate(deposit->amount, view(0)) == evaluate(other->amount, view(0));
    }
    auto const* vote = std::get_if<VoteEvent>(&earlier);
    auto const* other = std::get_if<VoteEvent>(&mine);
    return vote != nullptr && other != nullptr && vote->kind == other->kind && vote->roles == other->roles &&
           vote->needed == other->needed && vote->name == other->name && value >= vote->low && value <= vote->high;
  }

  Result<std::optional<Transition>> take(DepositEvent const& event, End const& end) {
    if (wanted_.value != 0) return refused(Code::E_NO_CASE, "value", "a deposit's amount is in the terms");
    TRY(check_order(0));
    if (!allowed(end, 0)) return refused(Code::E_NO_CASE, "case_index", "its condition does not hold");
    auto const amount = evaluate(event.amount, view(0));
    auto const& pot = terms_.pots[event.pot];
    auto const room = static_cast<i128>(pot.cap) - static_cast<i128>(contract_.pots[event.pot].amount);
    if (amount <= 0 || amount > room) {
      return refused(Code::E_AMOUNT, "case_index", "the pot takes 1 to " + base::to_decimal(room) + " more");
    }
    Run run(terms_, contract_, lane_, facts_, wanted_.now, 0, ledger::MoveCause::act);
    run.deposit({event.role, event.pot, static_cast<Amount>(amount)});
    return taken(std::move(run).finish(end));
  }

  Result<std::optional<Transition>> vote(VoteEvent const& event, End const& end) {
    auto const value = wanted_.value;
    if (value < event.low || value > event.high) {
      return refused(Code::E_NO_CASE, "value",
                     "expected " + base::to_decimal(event.low) + " to " + base::to_decimal(event.high));
    }
    TRY(check_order(value));
    auto votes = contract_.lanes[lane_].votes;
    auto const said = static_cast<std::uint64_t>(value);
    auto const index = static_cast<std::uint8_t>(wanted_.case_index);
    for (auto const role : voters_) {
      auto const& name = terms_.roles[role].name;
      auto const same = [&](ledger::Vote const& one) { return one.case_index == index && one.role == name; };
      votes.erase(std::remove_if(votes.begin(), votes.end(), same), votes.end());
      votes.push_back({index, name, said});
    }
    auto const equal = std::count_if(votes.begin(), votes.end(), [&](ledger::Vote const& one) {
      return one.case_index == index && one.value == said;
    });
    if (static_cast<std::size_t>(equal) < event.needed) {
      contract_.lanes[lane_].votes = std::move(votes);
      return std::optional<Transition>();
    }
    if (!allowed(end, value)) return refused(Code::E_NO_CASE, "value", "the case's condition does not hold");
    Run run(terms_, contract_, lane_, facts_, wanted_.now, value, ledger::MoveCause::act);
    return taken(std::move(run).finish(end));
  }

  std::optional<Transition> taken(Transition done) const {
    done.case_index = wanted_.case_index;
    return std::optional{std::move(done)};
  }

  Terms const& terms_;
  ContractRecord& contract_;
  FactsOf const& facts_;
  PartyAct const& wanted_;
  std::size_t lane_ = 0;
  std::size_t state_ = 0;
  std::vector<std::size_t> voters_;
};

}  // namespace

Result<std::optional<Transition>> act(Terms const& terms, ContractRecord& contract, FactsOf const& facts,
                                      PartyAct const& wanted) {
  return Judge(terms, contract, facts, wanted).run();
}

namespace {

Result<std::size_t> assignable(Terms const& terms, std::string_view role) {
  for (std::size_t i = 0; i < terms.roles.size(); ++i) {
    if (terms.roles[i].name != role) continue;
    if (terms.roles[i].assignable) return i;
    return Error{Code::E_NOT_PARTY, "role", "the terms do not let it be assigned"};
  }
  return Error{Code::E_NOT_PARTY, "role", "the terms have no such role"};
}

auto assignment(ContractRecord& contract, std::string_view role) {
  return std::find_if(contract.assigned.begin(), contract.assigned.end(),
                      [&](ledger::RoleBinding const& one) { return one.role == role; });
}

}  // namespace

Result<PartyId> holder(Terms const& terms, ContractRecord const& contract, std::string_view role) {
  TRY_ASSIGN(auto const number, assignable(terms, role));
  for (auto const& one : contract.assigned) {
    if (one.role == role) return one.party;
  }
  return contract.parties[number].party;
}

Result<void> assign(Terms const& terms, ContractRecord& contract, std::string_view role, PartyId const& to) {
  TRY_ASSIGN(auto const number, assignable(terms, role));
  auto const& own = contract.parties[number].party;
  auto const known = assignment(contract, role);
  if (known != contract.assigned.end()) {
    if (to != own) return Error{Code::E_ALREADY_PLEDGED, "role", "to " + known->party.hex()};
    contract.assigned.erase(known);
    return {};
  }
  if (to == own) return Error{Code::E_NOT_PARTY, "to", "it is the role's own party"};
  contract.assigned.push_back({std::string(role), to});
  return {};
}

}  // namespace contracts::escrow
