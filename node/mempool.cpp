// SPDX-License-Identifier: Apache-2.0
#include "node/mempool.hpp"

namespace node {

using base::Code;
using base::Error;

Result<bool> Mempool::add(Pooled transaction) {
  std::lock_guard const lock(mutex_);
  if (arrivals_.contains(transaction.id)) return false;
  auto const size = transaction.bytes->size();
  if (by_arrival_.size() >= limits_.transactions || bytes_ + size > limits_.bytes) {
    return Error{Code::E_BUSY, "", "the pool is full: " + std::to_string(by_arrival_.size()) + " transactions wait"};
  }
  auto& share = shares_[transaction.actor];
  if (share.transactions >= limits_.transactions / limits_.member_part ||
      share.bytes + size > limits_.bytes / limits_.member_part) {
    auto const waiting = share.transactions;
    if (waiting == 0) shares_.erase(transaction.actor);
    return Error{Code::E_BUSY, "actor", "this member's part of the pool is full: " + std::to_string(waiting) + " wait"};
  }
  ++share.transactions;
  share.bytes += size;
  bytes_ += size;
  if (!held_.contains(transaction.id)) ++waiting_;
  arrivals_[transaction.id] = next_;
  by_arrival_[next_++] = std::move(transaction);
  return true;
}

bool Mempool::contains(Hash const& id) const {
  std::lock_guard const lock(mutex_);
  return arrivals_.contains(id);
}

void Mempool::hold(std::vector<Hash> const& ids) {
  std::lock_guard const lock(mutex_);
  for (auto const& id : ids) {
    if (held_[id]++ == 0 && arrivals_.contains(id)) --waiting_;
  }
}

void Mempool::release(std::vector<Hash> const& ids) {
  std::lock_guard const lock(mutex_);
  for (auto const& id : ids) {
    auto const held = held_.find(id);
    CHECK(held != held_.end());
    if (--held->second > 0) continue;
    held_.erase(held);
    if (arrivals_.contains(id)) ++waiting_;
  }
}

void Mempool::erase(Hash const& id) {
  auto const arrival = arrivals_.find(id);
  if (arrival == arrivals_.end()) return;
  auto const found = by_arrival_.find(arrival->second);
  auto const size = found->second.bytes->size();
  auto const share = shares_.find(found->second.actor);
  share->second.bytes -= size;
  if (--share->second.transactions == 0) shares_.erase(share);
  bytes_ -= size;
  if (!held_.contains(id)) --waiting_;
  by_arrival_.erase(found);
  arrivals_.erase(arrival);
}

void Mempool::remove(std::vector<Hash> const& ids) {
  std::lock_guard const lock(mutex_);
  for (auto const& id : ids) erase(id);
}

void Mempool::expire(TimeMs time_ms) {
  std::lock_guard const lock(mutex_);
  std::vector<Hash> expired;
  for (auto const& [arrival, transaction] : by_arrival_) {
    if (transaction.valid_until_ms < time_ms) expired.push_back(transaction.id);
  }
  for (auto const& id : expired) erase(id);
}

namespace {

/// One member's transactions in a block that cannot hold all: deficit round robin (Shreedhar, Varghese 1995) by bytes.
/// A member may overdraw its turn by its last transaction, so that a large one never waits for ever.
struct Turn {
  std::vector<Pooled const*> queue;
  std::size_t next = 0;
  std::size_t queued_bytes = 0;
  std::int64_t deficit = 0;
};

/// Bytes a member may add in each round.
constexpr std::int64_t quantum_bytes = 16 * 1024;

/// Round by round, members in the order of their oldest transaction; the first that does not fit ends the block.
std::vector<Pooled> share(std::vector<Turn>& turns, std::size_t count_max, std::size_t bytes_max,
                          std::size_t overhead) {
  std::vector<Pooled> out;
  std::size_t bytes = 0;
  for (bool left = true; left;) {
    left = false;
    for (auto& turn : turns) {
      if (turn.next == turn.queue.size()) continue;
      turn.deficit += quantum_bytes;
      while (turn.next < turn.queue.size() && turn.deficit > 0) {
        auto const& transaction = *turn.queue[turn.next];
        auto const size = transaction.bytes->size() + overhead;
        if (out.size() >= count_max || bytes + size > bytes_max) return out;
        bytes += size;
        turn.deficit -= static_cast<std::int64_t>(size);
        out.push_back(transaction);
        ++turn.next;
      }
      left = left || turn.next < turn.queue.size();
    }
  }
  return out;
}

}  // namespace

std::vector<Pooled> Mempool::select(TimeMs time_ms, std::size_t count_max, std::size_t bytes_max, std::size_t overhead,
                                    std::function<bool(Hash const& id)> const& taken) const {
  std::lock_guard const lock(mutex_);
  std::vector<Pooled> out;
  std::vector<Turn> turns;
  std::map<base::PartyId, std::size_t> places;
  std::size_t bytes = 0;
  bool all = true;
  for (auto const& [arrival, transaction] : by_arrival_) {
    auto const [place, is_new] = places.try_emplace(transaction.actor, turns.size());
    if (is_new) turns.emplace_back();
    auto& turn = turns[place->second];
    // More of one member than fills a block cannot be chosen.
    if (turn.queued_bytes > bytes_max || turn.queue.size() > count_max) continue;
    if (time_ms < transaction.valid_from_ms || time_ms > transaction.valid_until_ms || taken(transaction.id)) continue;
    auto const size = transaction.bytes->size() + overhead;
    turn.queue.push_back(&transaction);
    turn.queued_bytes += size;
    all = all && out.size() < count_max && bytes + size <= bytes_max;
    if (!all) continue;
    bytes += size;
    out.push_back(transaction);
  }
  return all ? out : share(turns, count_max, bytes_max, overhead);
}

std::vector<SharedBytes> Mempool::overdue(std::uint64_t arrived_before_ms, std::size_t count_max,
                                          std::size_t bytes_max) const {
  std::lock_guard const lock(mutex_);
  std::vector<SharedBytes> out;
  std::size_t bytes = 0;
  for (auto const& [arrival, transaction] : by_arrival_) {
    if (transaction.arrived_ms >= arrived_before_ms || out.size() >= count_max) break;
    if (bytes + transaction.bytes->size() > bytes_max) break;
    bytes += transaction.bytes->size();
    out.push_back(transaction.bytes);
  }
  return out;
}

std::size_t Mempool::size() const {
  std::lock_guard const lock(mutex_);
  return by_arrival_.size();
}

std::size_t Mempool::bytes() const {
  std::lock_guard const lock(mutex_);
  return bytes_;
}

bool Mempool::has_waiting() const {
  std::lock_guard const lock(mutex_);
  return waiting_ > 0;
}

}  // namespace node
