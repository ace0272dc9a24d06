// SPDX-License-Identifier: Apache-2.0
// What a body takes from the accounts of those who sign it.
#include "wallet/reading.hpp"

namespace wallet {

namespace {

class Counter {
 public:
  Counter(std::set<base::PartyId> const& parties, Names const& names) : parties_(parties), names_(names) {}

  void operator()(ledger::Transfer const& one) { count(one.from, one.asset, one.amount); }
  void operator()(ledger::OpenHold const& one) { count(one.from, one.asset, one.amount); }
  void operator()(ledger::Burn const& one) { count(one.from, one.asset, one.amount); }
  void operator()(ledger::OpenNetting const& one) {
    for (auto const& debt : one.obligations) count(debt.debtor, debt.asset, debt.amount);
  }
  void operator()(ledger::JoinNetting const& one) {
    auto const found = names_.nettings.find(one.netting);
    if (!names_.proved || found == names_.nettings.end()) {
      out_.unknown.push_back("what joining the netting set " + one.netting.hex() + " costs");
    } else {
      (*this)(found->second);
    }
  }
  void operator()(ledger::EscrowAct const& one) {
    if (one.state.empty()) return;
    auto const found = names_.contracts.find(one.contract);
    if (!names_.proved || found == names_.contracts.end()) {
      out_.unknown.push_back("what the act in contract " + one.contract.hex() + " takes");
      return;
    }
    auto const deposit = found->second.deposits.find({one.state, one.case_index});
    if (deposit == found->second.deposits.end()) return;
    count(deposit->second.party, deposit->second.asset, deposit->second.amount);
  }
  /// Nothing else takes money from who signs it: what a hold pays was counted when it was opened.
  template <class Operation>
  void operator()(Operation const&) {}

  Spending take() { return std::move(out_); }

 private:
  void count(base::PartyId const& from, std::string const& asset, base::Amount amount) {
    if (!parties_.contains(from)) return;
    auto& sums = out_.assets[asset];
    sums.largest = std::max(sums.largest, amount);
    sums.total = base::add(sums.total, amount).value_or(~base::Amount{0});
  }

  std::set<base::PartyId> const& parties_;
  Names const& names_;
  Spending out_;
};

}  // namespace

Spending spending_of(ledger::Body const& body, std::set<base::PartyId> const& parties, Names const& names) {
  Counter counter(parties, names);
  for (auto const& operation : body.operations) std::visit(counter, operation);
  return counter.take();
}

}  // namespace wallet
