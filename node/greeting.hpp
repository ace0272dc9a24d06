// SPDX-License-Identifier: Apache-2.0
#pragma once

// What two transports say to each other before the first frame, and how long each waits for the other.

#include "node/seams.hpp"

namespace node {

/// Programs with different numbers do not speak with each other.
constexpr std::uint16_t protocol_version = 4;

/// Validators repeat their votes every ten seconds at the latest, so a silent connection is a dead one.
constexpr std::uint64_t silence_ms_max = 30'000;
constexpr std::uint64_t handshake_ms_max = 5'000;
/// Until a caller has proven its key: twice round the world, and one lost packet.
constexpr std::uint64_t stranger_ms_max = 2'000;
/// Connections of one validator that have not greeted yet; more of them take the place of the oldest.
constexpr std::size_t greeting_max = 4;
/// A validator repeats its votes every ten seconds at the latest; silent for longer, it is another's turn.
constexpr std::uint64_t alive_ms_max = 12'000;
/// What a peer heard so shortly after this process began may still be of the one before.
constexpr std::uint64_t predecessor_ms = 3'000;

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
