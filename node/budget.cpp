// SPDX-License-Identifier: Apache-2.0
#include "node/budget.hpp"

#include <algorithm>

#include "base/result.hpp"

namespace node {

namespace {

constexpr std::uint64_t second_us = 1'000'000;

}  // namespace

PeerBudget::Verdict PeerBudget::frame(PeerLimits const& limits, std::uint64_t now_ms, std::size_t size) {
  return charge(limits, now_ms, size * second_us / limits.bytes_per_s + second_us / limits.frames_per_s);
}

PeerBudget::Verdict PeerBudget::handshake(PeerLimits const& limits, std::uint64_t now_ms) {
  return charge(limits, now_ms, second_us / limits.handshakes_per_s);
}

PeerBudget::Verdict PeerBudget::charge(PeerLimits const& limits, std::uint64_t now_ms, std::uint64_t cost_us) {
  auto const burst_us = limits.burst_ms * 1'000;
  auto const ahead_us = spent_.charge(now_ms * 1'000, cost_us);
  if (ahead_us < burst_us / 2) throttled_since_ms_.reset();
  if (ahead_us <= burst_us) return {};
  if (!throttled_since_ms_) throttled_since_ms_ = now_ms;
  if (now_ms - *throttled_since_ms_ <= limits.patience_ms) return {ahead_us - burst_us, false};
  // After its exile it begins anew.
  *this = {};
  return {0, true};
}

bool CallerBudget::admits(std::string const& address, std::uint64_t now_ms) {
  constexpr auto cost_us = second_us / address_handshakes_per_s;
  auto const now_us = now_ms * 1'000;
  auto const known = spent_.find(address);
  if (known != spent_.end()) {
    if (known->second.ahead_us(now_us) + cost_us > address_handshakes_at_once * cost_us) return false;
    known->second.charge(now_us, cost_us);
    return true;
  }
  if (spent_.size() == addresses_max) {
    std::erase_if(spent_, [&](auto const& one) { return one.second.ahead_us(now_us) == 0; });
  }
  if (spent_.size() == addresses_max) {
    spent_.erase(std::ranges::min_element(spent_, {}, [&](auto const& one) { return one.second.ahead_us(now_us); }));
  }
  spent_[address].charge(now_us, cost_us);
  return true;
}

std::size_t who_yields(std::vector<std::string> const& addresses) {
  CHECK(!addresses.empty());
  std::map<std::string_view, std::size_t> held;
  for (auto const& address : addresses) ++held[address];
  auto const most = std::ranges::max_element(held, {}, [](auto const& one) { return one.second; })->second;
  auto const first = std::ranges::find_if(addresses, [&](auto const& address) { return held[address] == most; });
  return static_cast<std::size_t>(first - addresses.begin());
}

}  // namespace node
