// SPDX-License-Identifier: Apache-2.0
#pragma once

// What those who connect may take of this node's time: peers by their pinned keys, callers whose key is not known yet
// by their address.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace node {

/// What one peer may send. Beyond the rates it is read more slowly; who keeps sending beyond them is a flood: it is
/// dropped and not taken back for a while.
struct PeerLimits {
  std::uint64_t bytes_per_s = std::uint64_t{64} << 20;
  /// Each may cost a signature's check on the core thread; validators send a few hundred at the most.
  std::uint64_t frames_per_s = 2'000;
  /// So much at once of either, in time at the full rate: what waits for a peer behind a partition comes in one go.
  std::uint64_t burst_ms = 4'000;
  std::uint64_t patience_ms = 10'000;
  std::uint64_t exile_ms = 30'000;
  /// A handshake costs some milliseconds on the core thread; who is dropped calls again four times a second at most.
  std::uint64_t handshakes_per_s = 20;
};

/// What was taken, as the time that it takes at the full rate.
class Pace {
 public:
  /// Counts it; answers how far it all is ahead of the rate.
  std::uint64_t charge(std::uint64_t now_us, std::uint64_t cost_us) {
    until_us_ = std::max(until_us_, now_us) + cost_us;
    return until_us_ - now_us;
  }
  std::uint64_t ahead_us(std::uint64_t now_us) const { return until_us_ > now_us ? until_us_ - now_us : 0; }

 private:
  std::uint64_t until_us_ = 0;
};

/// One peer's, over all its connections: a new one brings no new allowance.
class PeerBudget {
 public:
  struct Verdict {
    /// Until more is read.
    std::uint64_t wait_us = 0;
    /// It has been beyond the rates for longer than anybody has patience.
    bool flood = false;
  };
  Verdict frame(PeerLimits const& limits, std::uint64_t now_ms, std::size_t size);
  Verdict handshake(PeerLimits const& limits, std::uint64_t now_ms);

 private:
  Verdict charge(PeerLimits const& limits, std::uint64_t now_ms, std::uint64_t cost_us);

  Pace spent_;
  std::optional<std::uint64_t> throttled_since_ms_;
};

/// Handshakes of one address in a second and at once, whoever makes them: they cost time before a key is proven. Four
/// validators on one machine need four a second when all are refused.
constexpr std::uint64_t address_handshakes_per_s = 50;
constexpr std::uint64_t address_handshakes_at_once = 100;
/// Beyond it, those that have spent least are forgotten.
constexpr std::size_t addresses_max = 4'096;

class CallerBudget {
 public:
  /// Whether a handshake with this address may begin now; counts it when it may.
  bool admits(std::string const& address, std::uint64_t now_ms);
  std::size_t size() const { return spent_.size(); }

 private:
  std::map<std::string, Pace> spent_;
};

/// Which of the strangers, oldest first, gives its place to a newcomer: the oldest one of the address that holds most,
/// so that who fills the places drives out itself. With one address for all, the oldest. At least one.
std::size_t who_yields(std::vector<std::string> const& addresses);

}  // namespace node
