// SPDX-License-Identifier: Apache-2.0
#pragma once

// What two transports say to each other before the first frame.

#include "node/seams.hpp"

namespace node {

/// Programs with different numbers do not speak with each other.
constexpr std::uint16_t protocol_version = 4;

/// The first frame in both directions.
struct Hello {
  std::uint16_t version = protocol_version;
  Hash chain;
  /// Drawn by each process at its start.
  Hash instance;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("version", self.version);
    visit("chain", self.chain);
    visit("instance", self.instance);
  }
};

/// The second: whether another instance of the greeter is connected, and how long ago it was heard.
struct Welcome {
  bool doubled = false;
  std::uint32_t heard_before_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("doubled", self.doubled);
    visit("heard_before_ms", self.heard_before_ms);
  }
};

}  // namespace node
