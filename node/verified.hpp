// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which transactions this node has checked already, by their full bytes: none is checked twice. And what checking read
// of their events, until execution takes it. May be used from any thread.

#include <deque>
#include <list>
#include <map>
#include <mutex>

#include "contracts/machine.hpp"
#include "node/lookup.hpp"

namespace node {

class Verified {
 public:
  /// The oldest are forgotten; 131,072 of them are what two full pools hold, about 20 MiB. What was read of them may
  /// take 64 MiB more, some ten thousand events: those of the next few blocks.
  explicit Verified(std::size_t entries_max = std::size_t{1} << 17, std::size_t read_bytes_max = std::size_t{64} << 20)
      : entries_max_(entries_max), read_bytes_max_(read_bytes_max) {}

  /// By the leaf hash of the transaction's bytes, signatures and payloads included.
  bool contains(base::Hash const& leaf) const {
    std::lock_guard const lock(mutex_);
    return ids_.contains(leaf);
  }
  /// The transaction's id, when it is known.
  std::optional<base::Hash> id_of(base::Hash const& leaf) const {
    std::lock_guard const lock(mutex_);
    auto const found = ids_.find(leaf);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }
  void add(base::Hash const& leaf, base::Hash const& id, contracts::ReadRecords read) {
    std::lock_guard const lock(mutex_);
    if (!ids_.emplace(leaf, id).second) return;
    keep(leaf, std::move(read));
    order_.push_back(leaf);
    if (order_.size() <= entries_max_) return;
    ids_.erase(order_.front());
    order_.pop_front();
  }
  /// What was read of each of these transactions, empty where it is not kept. Each is given away once: a transaction is
  /// executed once, but for blocks that are not decided.
  std::vector<contracts::ReadRecords> take(std::vector<base::Hash> const& leaves) {
    std::lock_guard const lock(mutex_);
    std::vector<contracts::ReadRecords> out(leaves.size());
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      auto const found = read_.find(leaves[i]);
      if (found != read_.end()) out[i] = drop(found);
    }
    return out;
  }

 private:
  struct Kept {
    contracts::ReadRecords read;
    std::size_t bytes = 0;
    std::list<base::Hash>::iterator place;
  };
  using KeptByLeaf = IdMap<base::Hash, Kept>;

  void keep(base::Hash const& leaf, contracts::ReadRecords read) {
    if (read.empty()) return;
    auto const bytes = contracts::memory_of(read);
    auto const [kept, is_new] = read_.emplace(leaf, Kept{std::move(read), bytes, {}});
    if (!is_new) return;
    kept->second.place = read_order_.insert(read_order_.end(), leaf);
    read_bytes_ += bytes;
    while (read_bytes_ > read_bytes_max_) drop(read_.find(read_order_.front()));
  }
  contracts::ReadRecords drop(KeptByLeaf::iterator kept) {
    auto read = std::move(kept->second.read);
    read_bytes_ -= kept->second.bytes;
    read_order_.erase(kept->second.place);
    read_.erase(kept);
    return read;
  }

  std::size_t entries_max_;
  std::size_t read_bytes_max_;
  mutable std::mutex mutex_;
  IdMap<base::Hash, base::Hash> ids_;
  std::deque<base::Hash> order_;
  KeptByLeaf read_;
  std::list<base::Hash> read_order_;
  std::size_t read_bytes_ = 0;
};

}  // namespace node
