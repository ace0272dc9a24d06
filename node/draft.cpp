// SPDX-License-Identifier: Apache-2.0
#include "node/draft.hpp"

#include <algorithm>

#include "node/execution.hpp"

namespace node {

Draft Draft::of(Hash const& parent, Selection chosen) {
  Draft out;
  out.parent = parent;
  std::vector<SharedBytes> transactions;
  std::vector<Hash> leaves;
  for (auto const& one : chosen.transactions) {
    transactions.push_back(one.bytes);
    leaves.push_back(one.leaf);
    out.ends_epoch = out.ends_epoch || one.ends_epoch;
  }
  out.root = crypto::log_root(leaves);
  out.payload = encode_payload(transactions);
  out.chosen = std::move(chosen);
  return out;
}

bool Draft::fits(Hash const& on, TimeMs time_ms, Mempool const& pool) const {
  auto const holds = [&](Pooled const& one) { return one.valid_from_ms <= time_ms && time_ms <= one.valid_until_ms; };
  return parent == on && (!chosen.all || chosen.arrivals == pool.arrivals()) &&
         std::ranges::all_of(chosen.transactions, holds);
}

}  // namespace node
