// SPDX-License-Identifier: Apache-2.0
#include "node/mempool.hpp"

#include <algorithm>

namespace node {

using base::Code;
using base::Error;

ShortName short_name(Hash const& leaf) {
  ShortName out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | leaf.bytes[i];
  return out;
}

/// A member's part is what it would be if as much as is free now stayed free for ever: dynamic thresholds (Choudhury,
/// Hahne 1998).
Result<void> Mempool::has_room(base::PartyId const& actor, bool facts, std::size_t bytes) const {
  auto const waits = [](std::size_t count) { return std::to_string(count) + " wait"; };
  Share free{limits_.transactions - order_.size(), limits_.bytes - bytes_};
  if (free.transactions == 0 || free.bytes < bytes) {
    return Error{Code::E_BUSY, "", "the pool is full: " + waits(order_.size())};
  }
  Share const of_facts{limits_.transactions / limits_.fact_part, limits_.bytes / limits_.fact_part};
  if (!facts) {
    free = {limits_.transactions - of_facts.transactions, limits_.bytes - of_facts.bytes};
    if (free.transactions <= asked_.transactions || free.bytes < asked_.bytes + bytes) {
      return Error{Code::E_BUSY, "", "the pool is full for all but facts: " + waits(asked_.transactions)};
    }
    free.transactions -= asked_.transactions;
    free.bytes -= asked_.bytes;
  }
  auto const found = members_.find(actor);
  Share share;
  if (found != members_.end()) share = {found->second.asked.size() + found->second.facts.size(), found->second.bytes};
  auto const others = limits_.member_part - 1;
  if (share.transactions * others >= free.transactions || (share.bytes + bytes) * others > free.bytes) {
    return Error{Code::E_BUSY, "actor", "this member's part of the pool is full: " + waits(share.transactions)};
  }
  return {};
}

Result<bool> Mempool::would_add(Hash const& id, base::PartyId const& actor, bool facts, std::size_t bytes) const {
  std::lock_guard const lock(mutex_);
  if (by_id_.contains(id)) return false;
  TRY(has_room(actor, facts, bytes));
  return true;
}

Result<bool> Mempool::add(Pooled transaction) {
  std::lock_guard const lock(mutex_);
  if (by_id_.contains(transaction.id)) return false;
  auto const size = transaction.bytes->size();
  bool const asks = !transaction.facts;
  TRY(has_room(transaction.actor, transaction.facts, size));
  auto& member = members_[transaction.actor];
  auto& line = asks ? member.asked : member.facts;
  member.bytes += size;
  bytes_ += size;
  if (asks) ++asked_.transactions;
  if (asks) asked_.bytes += size;
  if (!held_.contains(transaction.id)) ++waiting_;
  auto const one = order_.insert(order_.end(), {std::move(transaction), next_++, {}});
  one->place = line.insert(line.end(), one);
  by_id_.emplace(one->transaction.id, one);
  named_.try_emplace(short_name(one->transaction.leaf), one);
  return true;
}

bool Mempool::contains(Hash const& id) const {
  std::lock_guard const lock(mutex_);
  return by_id_.contains(id);
}

std::vector<Found> Mempool::find(std::vector<ShortName> const& names) const {
  std::lock_guard const lock(mutex_);
  std::vector<Found> out(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto const named = named_.find(names[i]);
    if (named == named_.end()) continue;
    auto const& transaction = named->second->transaction;
    out[i] = {transaction.bytes, transaction.leaf};
  }
  return out;
}

void Mempool::hold(std::vector<Hash> const& ids) {
  std::lock_guard const lock(mutex_);
  for (auto const& id : ids) {
    if (held_[id]++ == 0 && by_id_.contains(id)) --waiting_;
  }
}

void Mempool::release(std::vector<Hash> const& ids) {
  std::lock_guard const lock(mutex_);
  for (auto const& id : ids) {
    auto const held = held_.find(id);
    CHECK(held != held_.end());
    if (--held->second > 0) continue;
    held_.erase(held);
    if (by_id_.contains(id)) ++waiting_;
  }
}

void Mempool::erase(Hash const& id) {
  auto const found = by_id_.find(id);
  if (found == by_id_.end()) return;
  auto const one = found->second;
  auto const& transaction = one->transaction;
  auto const size = transaction.bytes->size();
  auto const member = members_.find(transaction.actor);
  member->second.bytes -= size;
  (transaction.facts ? member->second.facts : member->second.asked).erase(one->place);
  if (member->second.asked.empty() && member->second.facts.empty()) members_.erase(member);
  bytes_ -= size;
  if (!transaction.facts) --asked_.transactions;
  if (!transaction.facts) asked_.bytes -= size;
  if (!held_.contains(id)) --waiting_;
  auto const named = named_.find(short_name(transaction.leaf));
  if (named != named_.end() && named->second == one) named_.erase(named);
  by_id_.erase(found);
  order_.erase(one);
}

void Mempool::remove(std::vector<Hash> const& ids) {
  std::lock_guard const lock(mutex_);
  for (auto const& id : ids) erase(id);
}

void Mempool::expire(TimeMs time_ms) {
  std::lock_guard const lock(mutex_);
  std::vector<Hash> expired;
  for (auto const& [transaction, arrival, place] : order_) {
    if (transaction.valid_until_ms < time_ms) expired.push_back(transaction.id);
  }
  for (auto const& id : expired) erase(id);
}

namespace {

/// One member's transactions in a block that cannot hold all: deficit round robin (Shreedhar, Varghese 1995) by bytes.
/// A member may overdraw its turn by its last transaction, so that a large one never waits for ever.
struct Turn {
  std::uint64_t since = 0;
  std::vector<Pooled const*> queue;
  std::size_t next = 0;
  std::int64_t deficit = 0;
};

/// Bytes a member may add in each round: a transaction or two, so that a small block too has a turn for all.
constexpr std::int64_t quantum_bytes = 512;

/// What a block holds so far.
struct Used {
  std::size_t transactions = 0;
  std::size_t bytes = 0;

  bool leaves_room(BlockRoom const& room, std::size_t size) const {
    return transactions < room.transactions && bytes < room.aim_bytes && bytes + size <= room.bytes;
  }
  void add(std::size_t size) {
    ++transactions;
    bytes += size;
  }
};

/// Round by round; the first that does not fit ends it.
void share(std::vector<Turn>& turns, BlockRoom const& room, std::size_t overhead, std::vector<Pooled>& out,
           Used& used) {
  for (bool left = true; left;) {
    left = false;
    for (auto& turn : turns) {
      if (turn.next == turn.queue.size()) continue;
      turn.deficit += quantum_bytes;
      while (turn.next < turn.queue.size() && turn.deficit > 0) {
        auto const& transaction = *turn.queue[turn.next];
        auto const size = transaction.bytes->size() + overhead;
        if (!used.leaves_room(room, size)) return;
        used.add(size);
        turn.deficit -= static_cast<std::int64_t>(size);
        out.push_back(transaction);
        ++turn.next;
      }
      left = left || turn.next < turn.queue.size();
    }
  }
}

}  // namespace

Selection Mempool::select(TimeMs time_ms, BlockRoom room, std::size_t overhead,
                          std::function<bool(Hash const& id)> const& taken) const {
  std::lock_guard const lock(mutex_);
  Selection out;
  out.arrivals = next_;
  auto const may_stand = [&](Pooled const& one) {
    return one.valid_from_ms <= time_ms && time_ms <= one.valid_until_ms && !taken(one.id);
  };
  Used all;
  for (auto const& [transaction, arrival, place] : order_) {
    if (time_ms < transaction.valid_from_ms) out.next_from_ms = std::min(out.next_from_ms, transaction.valid_from_ms);
    if (!may_stand(transaction)) continue;
    auto const size = transaction.bytes->size() + overhead;
    out.all = all.leaves_room(room, size);
    if (!out.all) break;
    all.add(size);
    out.transactions.push_back(transaction);
  }
  if (out.all) return out;
  // In the order of their oldest; of each no more than could be chosen.
  auto const turns = [&](Line Queued::*line) {
    std::vector<Turn> each;
    for (auto const& [actor, member] : members_) {
      Turn turn;
      Used own;
      for (auto const one : member.*line) {
        auto const& transaction = one->transaction;
        if (!may_stand(transaction)) continue;
        if (turn.queue.empty()) turn.since = one->arrival;
        auto const size = transaction.bytes->size() + overhead;
        if (!own.leaves_room(room, size)) break;
        own.add(size);
        turn.queue.push_back(&transaction);
      }
      if (!turn.queue.empty()) each.push_back(std::move(turn));
    }
    std::ranges::sort(each, {}, &Turn::since);
    return each;
  };
  auto facts = turns(&Queued::facts);
  auto asked = turns(&Queued::asked);
  out.transactions.clear();
  auto const part = limits_.fact_part;
  BlockRoom const of_facts{(room.transactions + part - 1) / part, room.bytes, (room.aim_bytes + part - 1) / part};
  Used used;
  share(facts, of_facts, overhead, out.transactions, used);
  share(asked, room, overhead, out.transactions, used);
  share(facts, room, overhead, out.transactions, used);
  return out;
}

std::vector<SharedBytes> Mempool::overdue(std::uint64_t arrived_before_ms, std::size_t count_max,
                                          std::size_t bytes_max) const {
  std::lock_guard const lock(mutex_);
  std::vector<SharedBytes> out;
  std::size_t bytes = 0;
  for (auto const& [transaction, arrival, place] : order_) {
    if (transaction.arrived_ms >= arrived_before_ms || out.size() >= count_max) break;
    if (bytes + transaction.bytes->size() > bytes_max) break;
    bytes += transaction.bytes->size();
    out.push_back(transaction.bytes);
  }
  return out;
}

std::size_t Mempool::size() const {
  std::lock_guard const lock(mutex_);
  return order_.size();
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
