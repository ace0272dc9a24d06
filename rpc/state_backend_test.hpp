// SPDX-License-Identifier: Apache-2.0
#pragma once

// A node of one state that tests write into; each change is a block.

#include <condition_variable>
#include <mutex>

#include "rpc/outbox.hpp"

namespace rpc {

/// Keeps texts for as long as it lives: a restart is another site on the same one.
class MemoryKeep final : public Keep {
 public:
  std::map<std::string, std::string> all() const override {
    std::lock_guard const lock(mutex_);
    return texts_;
  }
  base::Result<void> put(std::string const& name, std::string_view text) override {
    std::lock_guard const lock(mutex_);
    if (broken) return base::Error{base::Code::E_DISK, name, "no space"};
    texts_[name] = text;
    return {};
  }
  base::Result<void> erase(std::string const& name) override {
    std::lock_guard const lock(mutex_);
    texts_.erase(name);
    return {};
  }
  bool broken = false;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> texts_;
};

/// The world around a site in tests: loopback may be called.
struct TestOutside {
  MemoryKeep keep;
  std::unique_ptr<Poster> poster = std::move(open_poster({.allow_private = true, .ca_file = {}})).value();
  std::vector<std::string> said;
  std::mutex mutex;

  Outside get() {
    return {keep, *poster, [this](std::string_view, std::string const& text) {
              std::lock_guard const lock(mutex);
              said.push_back(text);
            }};
  }
};

class StateBackend final : public Backend {
 public:
  StateBackend() : state_(std::make_shared<ledger::MemoryState>()) { publish(); }

  template <class Change>
  void change(Change write) {
    std::lock_guard const lock(mutex_);
    ledger::Overlay overlay(*state_);
    write(overlay);
    auto state = shared_ ? std::make_shared<ledger::MemoryState>(*state_) : state_;
    state->apply(overlay.diff());
    state_ = std::move(state);
    publish();
    changed_.notify_all();
  }
  /// Readers on other threads: from now on each state is a copy.
  void share() { shared_ = true; }
  /// Not to be called while a change is written by another thread.
  ledger::Height height() const { return height_; }

  std::shared_ptr<ledger::Certified const> certified() const override {
    std::lock_guard const lock(mutex_);
    return at_;
  }
  base::Result<ledger::Hash> submit(ledger::Bytes) override { return base::Error{base::Code::E_BUSY, "", ""}; }
  base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation>, std::vector<ledger::Bytes>) override {
    return base::Error{base::Code::E_BUSY, "", ""};
  }
  bool is_pending(ledger::Hash const&) const override { return false; }
  NodeStatus status() const override { return {}; }
  std::optional<DecidedBlock> block(ledger::Height) const override { return std::nullopt; }
  void wait_beyond(ledger::Height height, std::uint64_t timeout_ms) const override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return height_ > height; });
  }

 private:
  void publish() {
    auto at = std::make_shared<ledger::Certified>();
    at->header.height = ++height_;
    at->header.time_ms = 1'000'000 * height_;
    at->state = state_;
    at_ = std::move(at);
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::shared_ptr<ledger::MemoryState> state_;
  std::shared_ptr<ledger::Certified const> at_;
  ledger::Height height_ = 0;
  bool shared_ = false;
};

}  // namespace rpc
