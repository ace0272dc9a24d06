// SPDX-License-Identifier: Apache-2.0
#include "node/mempool.hpp"

namespace node {

using base::Code;
using base::Error;

ShortName short_name(Hash const& leaf) {
  ShortName out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | leaf.bytes[i];
  return out;
}

Result<bool> Mempool::add(Pooled transaction) {
  std::lock_guard const lock(mutex_);
  if (arrivals_.contains(transaction.id)) return false;
  auto const size = transaction.bytes->size();
  if (by_arrival_.size() >= limits_.transactions || bytes_ + size > limits_.bytes) {
    return Error{Code::E_BUSY, "", "the pool is full: " + std::to_string(by_arrival_.size()) + " transactions wait"};
  }
  bool const asks = !transaction.facts;
  if (asks && (asked_.transactions >= limits_.transactions - limits_.transactions / limits_.fact_part ||
               asked_.bytes + size > limits_.bytes - limits_.bytes / limits_.fact_part)) {
    return Error{Code::E_BUSY, "",
                 "the pool is full for all but facts: " + std::to_string(asked_.transactions) + " wait"};
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
  if (asks) ++asked_.transactions;
  if (asks) asked_.bytes += size;
  if (!held_.contains(transaction.id)) ++waiting_;
  arrivals_[transaction.id] = next_;
  named_.try_emplace(short_name(transaction.leaf), next_);
  by_arrival_[next_++] = std::move(transaction);
  return true;
}

bool Mempool::contains(Hash const& id) const {
  std::lock_guard const lock(mutex_);
  return arrivals_.contains(id);
}

std::vector<Found> Mempool::find(std::vector<ShortName> const& names) const {
  std::lock_guard const lock(mutex_);
  std::vector<Found> out(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto const named = named_.find(names[i]);
    if (named == named_.end()) continue;
    auto const& transaction = by_arrival_.at(named->second);
    out[i] = {transaction.bytes, transaction.leaf};
  }
  return out;
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
  if (!found->second.facts) --asked_.transactions;
  if (!found->second.facts) asked_.bytes -= size;
  if (!held_.contains(id)) --waiting_;
  auto const named = named_.find(short_name(found->second.leaf));
  if (named != named_.end() && named->second == arrival->second) named_.erase(named);
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

/// Members in the order of their oldest transaction.
struct Queues {
  std::vector<Turn> turns;
  std::map<base::PartyId, std::size_t> places;

  Turn& of(base::PartyId const& member) {
    auto const [place, is_new] = places.try_emplace(member, turns.size());
    if (is_new) turns.emplace_back();
    return turns[place->second];
  }
};

/// What a block has room for.
struct Room {
  std::size_t count = 0;
  std::size_t bytes = 0;
};

/// Round by round; the first that does not fit ends it.
void share(Queues& queues, Room room, std::size_t overhead, std::vector<Pooled>& out, Room& used) {
  for (bool left = true; left;) {
    left = false;
    for (auto& turn : queues.turns) {
      if (turn.next == turn.queue.size()) continue;
      turn.deficit += quantum_bytes;
      while (turn.next < turn.queue.size() && turn.deficit > 0) {
        auto const& transaction = *turn.queue[turn.next];
        auto const size = transaction.bytes->size() + overhead;
        if (used.count >= room.count || used.bytes + size > room.bytes) return;
        ++used.count;
        used.bytes += size;
        turn.deficit -= static_cast<std::int64_t>(size);
        out.push_back(transaction);
        ++turn.next;
      }
      left = left || turn.next < turn.queue.size();
    }
  }
}

}  // namespace

Selection Mempool::select(TimeMs time_ms, std::size_t count_max, std::size_t bytes_max, std::size_t overhead,
                          std::function<bool(Hash const& id)> const& taken) const {
  std::lock_guard const lock(mutex_);
  Selection out;
  out.arrivals = next_;
  Queues facts;
  Queues asked;
  std::size_t bytes = 0;
  for (auto const& [arrival, transaction] : by_arrival_) {
    auto& turn = (transaction.facts ? facts : asked).of(transaction.actor);
    // More of one member than fills a block cannot be chosen.
    if (turn.queued_bytes > bytes_max || turn.queue.size() > count_max) continue;
    if (time_ms < transaction.valid_from_ms || time_ms > transaction.valid_until_ms || taken(transaction.id)) continue;
    auto const size = transaction.bytes->size() + overhead;
    turn.queue.push_back(&transaction);
    turn.queued_bytes += size;
    out.all = out.all && out.transactions.size() < count_max && bytes + size <= bytes_max;
    if (!out.all) continue;
    bytes += size;
    out.transactions.push_back(transaction);
  }
  if (out.all) return out;
  out.transactions.clear();
  auto const part = limits_.fact_part;
  Room used;
  share(facts, {(count_max + part - 1) / part, bytes_max / part}, overhead, out.transactions, used);
  share(asked, {count_max, bytes_max}, overhead, out.transactions, used);
  share(facts, {count_max, bytes_max}, overhead, out.transactions, used);
  return out;
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

std::uint64_t Mempool::arrivals() const {
  std::lock_guard const lock(mutex_);
  return next_;
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
