// SPDX-License-Identifier: Apache-2.0
#include "node/draft.hpp"

#include <algorithm>

#include "node/execution.hpp"

namespace node {

void BlockAim::decided(std::size_t bytes, std::uint64_t after_ms) {
  if (after_ms > block_ms_aim) {
    bytes_ = std::min(bytes_, std::max(bytes * block_ms_aim / after_ms, block_bytes_min));
  } else if (bytes >= bytes_) {
    bytes_ = std::min(2 * bytes_, consensus::payload_bytes_max);
  }
}

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
  bool const complete = chosen.arrivals == pool.arrivals() && time_ms < chosen.next_from_ms;
  return parent == on && (!chosen.all || complete) && std::ranges::all_of(chosen.transactions, holds);
}

}  // namespace node
