// SPDX-License-Identifier: Apache-2.0
#pragma once

// Contracts in a world of firms, and what becomes of what is sent to it.

#include "contracts/world_test.hpp"
#include "ledger/contract.hpp"

namespace contracts::test {

inline bool is_closed(World const& world, Hash const& contract) {
  return ledger::load<ledger::ContractRecord>(world.state, ledger::contract_key(contract))->closed_ms.has_value();
}

inline std::string done(World& world, Firm const& firm, std::vector<ledger::Operation> operations,
                        std::vector<std::string> keys = {}) {
  if (keys.empty()) keys = {firm.name + ".staff"};
  return outcome(world.one(world.sign(world.body(firm, std::move(operations)), keys)));
}

inline ledger::EscrowOpen opening(std::string terms, std::vector<ledger::RoleBinding> const& parties) {
  ledger::EscrowOpen out;
  out.terms = std::move(terms);
  out.parties = parties;
  out.label = "GUARD";
  return out;
}

}  // namespace contracts::test
