// SPDX-License-Identifier: Apache-2.0
#pragma once

// A contract as a node has it: record and terms, which are compared with their hash, and what names them.

#include "contracts/escrow/explain.hpp"
#include "wallet/provider.hpp"

namespace wallet {

struct ContractView {
  ledger::Hash id;
  contracts::escrow::Terms terms;
  ledger::ContractRecord record;
  contracts::escrow::Naming naming;
  /// Time and height of the answer.
  std::string as_of;
};

/// By id, or by label: of several contracts with it, the one in which one of `parties` has a role. A provider with an
/// anchor proves the record and its parties' names. Errors: E_SIGNATURE when the node answers with another contract or
/// other terms; E_CONTRACT_UNKNOWN, with the ids when several have the label.
base::Result<ContractView> fetch_contract(Provider const& provider, std::string const& id,
                                          std::vector<base::PartyId> const& parties = {});
/// The same for who acts in it: E_NOT_PARTY when the label's contract has a role for none of them, because then it is
/// hardly the one that is meant.
base::Result<ContractView> fetch_own_contract(Provider const& provider, std::string const& id,
                                              std::vector<base::PartyId> const& parties);
/// What to do about an error of these two; empty where its own hint says it.
std::string contract_next(base::Error const& error);

/// The amount of a deposit that hangs on nothing.
std::optional<base::Amount> fixed_amount(contracts::escrow::DepositEvent const& deposit);
/// The act that pays exactly this into the contract for this party. Errors: E_AMOUNT when it waits for another amount
/// or asset, which is said, or for one that hangs on facts; E_NO_CASE when it waits for no deposit of this party.
base::Result<ledger::EscrowAct> deposit_into(ContractView const& contract, base::PartyId const& party,
                                             std::string const& asset, base::Amount amount);

}  // namespace wallet
