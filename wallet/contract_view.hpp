// SPDX-License-Identifier: Apache-2.0
#pragma once

// A contract as a node has it: record and terms, which are compared with their hash, and what names them.

#include "contracts/escrow/explain.hpp"
#include "rpc/client.hpp"

namespace wallet {

struct ContractView {
  ledger::Hash id;
  contracts::escrow::Terms terms;
  ledger::ContractRecord record;
  contracts::escrow::Naming naming;
  /// Time and height of the answer.
  std::string as_of;
};

/// By label or id.
base::Result<ContractView> fetch_contract(rpc::Client& client, std::string const& id);
/// An asset's decimals.
base::Result<unsigned> scale_of(rpc::Client& client, std::string const& asset);

}  // namespace wallet
