// SPDX-License-Identifier: Apache-2.0
#pragma once

// Four validators for a measurement, with euros to move.

#include "testnet/network.hpp"

namespace bench {

struct Started {
  testnet::World world;
  std::unique_ptr<testnet::Network> network;
};

/// A fresh network in this folder; each of these organisations has 1,000,000.00 of EUR.EUBANK.
base::Result<Started> start_network(std::filesystem::path const& home, std::string const& engine,
                                    std::vector<std::string> const& payers, std::size_t validators = testnet::nodes);

/// A transfer of a cent from this organisation to SERICA, signed.
ledger::Transaction transfer_of(Started const& started, wallet::ChainInfo const& chain, std::string const& payer);

}  // namespace bench
