// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which transactions this node has checked already, by their full bytes: none is checked twice. May be used from any
// thread.

#include <deque>
#include <mutex>
#include <set>

#include "base/bytes.hpp"

namespace node {

class Verified {
 public:
  /// The oldest are forgotten; 131,072 of them are what two full pools hold, about 16 MiB.
  explicit Verified(std::size_t entries_max = std::size_t{1} << 17) : entries_max_(entries_max) {}

  /// By the leaf hash of the transaction's bytes, signatures and payloads included.
  bool contains(base::Hash const& leaf) const {
    std::lock_guard const lock(mutex_);
    return leaves_.contains(leaf);
  }
  void add(base::Hash const& leaf) {
    std::lock_guard const lock(mutex_);
    if (!leaves_.insert(leaf).second) return;
    order_.push_back(leaf);
    if (order_.size() <= entries_max_) return;
    leaves_.erase(order_.front());
    order_.pop_front();
  }

 private:
  std::size_t entries_max_;
  mutable std::mutex mutex_;
  std::set<base::Hash> leaves_;
  std::deque<base::Hash> order_;
};

}  // namespace node
