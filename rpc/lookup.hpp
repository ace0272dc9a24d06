// SPDX-License-Identifier: Apache-2.0
#pragma once

// Addresses of names, in time. The system's look-up knows no deadline and cannot be called off, so each runs on a
// thread of its own; one whose name server is silent is left behind and ends by itself.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace rpc {

/// Numeric, IPv4 or IPv6.
using Addresses = std::vector<std::string>;
/// All addresses of a name; E_UNREACHABLE with the system's reason. Blocks for as long as name servers let it.
using Resolve = std::function<base::Result<Addresses>(std::string const& host)>;
base::Result<Addresses> system_addresses(std::string const& host);

class Lookup {
 public:
  explicit Lookup(Resolve resolve = system_addresses)
      : resolve_(std::move(resolve)), running_(std::make_shared<std::atomic<unsigned>>(0)) {}

  /// E_UNREACHABLE also when the deadline passes, or when as many as may run hang already. Any thread.
  base::Result<Addresses> operator()(std::string const& host, std::chrono::steady_clock::time_point deadline) const;

  static constexpr unsigned running_max = 16;

 private:
  Resolve resolve_;
  /// Shared with the threads, which may outlive this.
  std::shared_ptr<std::atomic<unsigned>> running_;
};

}  // namespace rpc
