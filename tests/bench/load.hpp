// SPDX-License-Identifier: Apache-2.0
#pragma once

// A load at a steady rate, and how long some of it takes from the moment at which it was due to be sent until its
// client hears that a block has it.

#include <functional>
#include <string>
#include <vector>

#include "rpc/client.hpp"

namespace bench {

/// What is loaded. Transactions are prepared before and named by their number.
struct Target {
  /// Clients are shared out evenly.
  std::vector<std::string> urls;
  /// True when the node took it.
  std::function<bool(rpc::Client&, std::size_t number)> submit;
  /// True when a block has it.
  std::function<bool(rpc::Client&, std::size_t number)> commit;
  /// How many transactions a second are waited for and measured, at most; the rest of the load is only sent. Each of
  /// the few clients that wait must have its outcome before its next is due.
  unsigned waiting_per_second = 40;
};

struct Load {
  unsigned per_second = 0;
  double warm_up_s = 0;
  double measured_s = 0;
  /// How many transactions must be prepared.
  std::size_t transactions() const;
};

struct Latency {
  unsigned per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  /// Latencies measured, transactions taken a second in that time, and those that failed.
  std::size_t measured = 0;
  double reached_per_s = 0;
  std::size_t failed = 0;
};

Latency run_load(Target const& target, Load const& load);

/// A quantile of sorted numbers; 0 of none.
double quantile(std::vector<double> const& sorted, double q);

}  // namespace bench
