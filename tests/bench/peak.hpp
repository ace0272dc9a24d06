// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/report.hpp"
#include "ledger/tx.hpp"
#include "rpc/client.hpp"

namespace bench {

/// The most that four validators take: so many signed transfers are offered faster than blocks hold them. Their rate,
/// its share of the bound that signature checks alone set, and, if asked, that of CometBFT's kvstore in the same run.
/// The rate in transfers a second.
base::Result<double> measure_peak(Report& report, std::size_t transfers, bool vs_comet);

/// The body of a call that submits it, without its frame.
std::string submission(ledger::Transaction const& transaction);
/// JSON-RPC batches of such calls, as large as the door takes them.
std::vector<std::string> batches(std::vector<std::string> const& calls);
/// Cents on the account of those who are paid: one for each transfer that was decided.
base::Result<std::uint64_t> received(rpc::Client& client);

}  // namespace bench
