// SPDX-License-Identifier: Apache-2.0
#pragma once

// What waits for a peer that reads more slowly than others speak.

#include <deque>

#include "node/seams.hpp"

namespace node {

/// What waits for one peer is at most this much and so many frames; when there is more, the oldest is dropped.
constexpr std::size_t waiting_bytes_max = std::size_t{64} << 20;
constexpr std::size_t waiting_frames_max = 4'096;
/// Small frames leave together.
constexpr std::size_t write_bytes = std::size_t{64} << 10;

class Outbox {
 public:
  void put(SharedBytes frame) {
    bytes_ += frame->size();
    waiting_.push_back(std::move(frame));
    // A message that comes too late is worth less than a newer one, and the engine repeats what matters.
    while ((bytes_ > waiting_bytes_max || waiting_.size() > waiting_frames_max) && waiting_.size() > 1) drop();
  }
  /// Appends the next frames, each behind its length, until `out` has as much as is written at once.
  void take(Bytes& out) {
    while (!waiting_.empty() && out.size() < write_bytes) {
      auto const& frame = *waiting_.front();
      for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(frame.size() >> shift));
      base::append(out, frame);
      drop();
    }
  }
  std::size_t frames() const { return waiting_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  void drop() {
    bytes_ -= waiting_.front()->size();
    waiting_.pop_front();
  }

  std::deque<SharedBytes> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace node
