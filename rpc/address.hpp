// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who is asking, by address and by the names that a browser gives: the bounds of one address, and whether a request
// comes from this machine.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace rpc {

/// What each address has open and has asked. From any thread.
class Addresses {
 public:
  struct Rate {
    std::uint32_t burst;
    std::uint32_t per_s;
  };
  /// Addresses that are remembered; beyond, those without a connection are forgotten.
  static constexpr std::size_t addresses_max = 4'096;

  /// Counts a connection and returns how many the address has now.
  std::size_t opened(std::string const& address);
  void closed(std::string const& address);
  /// Takes one request from what the address has left.
  bool may_ask(std::string const& address, std::uint64_t now_ms, Rate rate);

 private:
  struct Entry {
    std::size_t connections = 0;
    /// Thousandths of a request that it has used of its burst, and when that was counted.
    std::uint64_t used = 0;
    std::uint64_t at_ms = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

/// True when `host` (a Host header; empty for none) names this machine's loopback, and `origin` (empty for none) is a
/// page of the same host and port.
bool is_local(std::string_view host, std::string_view origin);

}  // namespace rpc
