// SPDX-License-Identifier: Apache-2.0
#include "ledger/beside.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "ledger/records.hpp"

namespace ledger {
namespace {

Hash number(std::uint8_t n) { return crypto::sha256(Bytes{n}); }

Bytes place(std::uint64_t minute, std::uint64_t index) {
  auto key = state_key(Space::replay_id, big_endian(minute));
  base::append(key, big_endian(index));
  return key;
}

/// The clock shows ten minutes.
struct Window {
  Window() : state(nothing) {
    ParametersRecord parameters;
    parameters.time_ms = 10 * base::minute_ms;
    store(state, Space::parameters, "", parameters);
  }
  void remember(std::uint64_t minute, std::uint8_t n, std::uint64_t index = 0) {
    auto const id = number(n);
    state.put(place(minute, index), Bytes(id.bytes.begin(), id.bytes.end()));
    state.put(state_key(Space::replay_id, id.view()), big_endian(minute));
  }
  void count(std::uint64_t minute, std::vector<std::uint8_t> const& ids) {
    crypto::Peaks peaks;
    for (auto const n : ids) peaks.append(crypto::log_leaf_hash(number(n).view()));
    store(state, state_key(Space::replay_minute, big_endian(minute)), ReplayMinuteRecord{peaks.count, peaks.root()});
    store(state, state_key(Space::log_peaks, big_endian(minute)), PeaksRecord{peaks.count, peaks.hashes});
  }
  std::string fault() const {
    ResultHeader header;
    header.event_log_root = crypto::log_root({});
    auto const verified = verify_beside(state, header);
    return verified ? "" : verified.error().detail;
  }

  MemoryState nothing;
  Overlay state;
};

TEST(Beside, WhatIsLeftOfForgottenMinutesIsWaste) {
  Window window;
  window.remember(3, 1, 7);
  window.remember(12, 2);
  window.remember(30, 3);
  window.count(12, {2});
  ReplayWaste const waste(window.state);
  std::vector<bool> held;
  for (auto const& [minute, index, n] : {std::tuple{3, 7, 1}, {12, 0, 2}, {30, 0, 3}}) {
    auto const key = place(static_cast<std::uint64_t>(minute), static_cast<std::uint64_t>(index));
    auto const id = number(static_cast<std::uint8_t>(n));
    held.push_back(waste.holds(key, id.view()));
    held.push_back(waste.holds(state_key(Space::replay_id, id.view()), big_endian(static_cast<std::uint64_t>(minute))));
  }
  EXPECT_EQ(held, (std::vector<bool>{true, true, false, false, false, false}));
}

TEST(Beside, WasteIsNoFaultAndInventionsAre) {
  Window window;
  window.remember(12, 2);
  window.count(12, {2});
  EXPECT_EQ(window.fault(), "");
  window.remember(3, 1, 7);
  EXPECT_EQ(window.fault(), "") << "of a minute that has passed";
  window.remember(30, 3);
  EXPECT_EQ(window.fault(), "ids that no minute counts");
}

TEST(Beside, AMinuteThatIsHalfForgottenIsAFault) {
  Window window;
  window.remember(3, 2, 1);
  window.count(3, {1, 2});
  EXPECT_EQ(window.fault(), "an id of the replay window is missing");
}

}  // namespace
}  // namespace ledger
