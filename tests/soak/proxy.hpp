// SPDX-License-Identifier: Apache-2.0
#pragma once

// TCP proxies between validators: every connection of a pair goes through one, which delays, stalls, resets or refuses
// it, each direction on its own. There is no packet to lose: the loss of one is played as TCP shows it to programs,
// bytes that come a retransmission later, and now and then a reset.

#include <map>
#include <memory>
#include <string>

#include "node/config.hpp"

namespace soak {

/// Of one direction between two nodes.
struct Weather {
  std::uint64_t delay_ms = 0;
  /// Of the pieces that are read from a connection, each at most 16 KiB.
  unsigned loss_percent = 0;
  /// Nothing arrives; it will when this ends.
  bool stalled = false;
};

struct ProxyFigures {
  std::uint64_t bytes = 0;
  std::uint64_t connections = 0;
  std::uint64_t late = 0;
  std::uint64_t resets = 0;
};

class Proxies {
 public:
  explicit Proxies(std::uint64_t seed);
  ~Proxies();
  Proxies(Proxies const&) = delete;
  Proxies& operator=(Proxies const&) = delete;

  /// What `caller` sends to `listener` goes on to `target`, where `answerer` listens. Before start.
  base::Result<void> add(std::size_t caller, std::size_t answerer, node::Address const& listener,
                         node::Address const& target);
  void start();

  void set(std::size_t from, std::size_t to, Weather weather);
  /// Ends what connects them, with a reset.
  void reset(std::size_t one, std::size_t other);
  /// Nobody listens for the two.
  void refuse(std::size_t one, std::size_t other, bool so);
  ProxyFigures figures() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace soak
