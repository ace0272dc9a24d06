// SPDX-License-Identifier: Apache-2.0
#pragma once

// Admitted transactions that no decided block holds yet, in the order of their arrival. May be used from any thread.

#include <functional>
#include <limits>
#include <list>
#include <mutex>

#include "node/lookup.hpp"
#include "node/seams.hpp"

namespace node {

struct PoolLimits {
  std::size_t transactions = 50'000;
  std::size_t bytes = std::size_t{256} << 20;
  /// A member who waits alone may fill this part of either; of many each fills less, and what becomes free goes to who
  /// has little.
  std::size_t member_part = 4;
  /// This part of the pool and of a block is for facts that contracts wait for: what parties ask for cannot delay them.
  std::size_t fact_part = 4;
};

struct Pooled {
  Hash id;
  SharedBytes bytes;
  /// H(00 ‖ bytes): its leaf under a block's tx_root.
  Hash leaf;
  base::PartyId actor;
  TimeMs valid_from_ms = 0;
  TimeMs valid_until_ms = 0;
  /// On the steady clock.
  std::uint64_t arrived_ms = 0;
  /// It tells of goods or certificates, and of nothing else.
  bool facts = false;
  /// A block that holds it is the last of its epoch.
  bool ends_epoch = false;
};

/// The first eight bytes of a leaf, as a number: who made two transactions of one name has gained nothing but a
/// question.
using ShortName = std::uint64_t;
ShortName short_name(Hash const& leaf);

/// Nothing where a name is not known.
struct Found {
  SharedBytes bytes;
  Hash leaf;
};

/// What a block may hold. It is full with the transaction by which it passes `aim_bytes`.
struct BlockRoom {
  std::size_t transactions = 0;
  std::size_t bytes = 0;
  std::size_t aim_bytes = 0;
};

/// What a block is to hold.
struct Selection {
  std::vector<Pooled> transactions;
  /// All that could be in it is.
  bool all = true;
  /// How many had come to the pool by then, and when the next of those that were too early may be in a block.
  std::uint64_t arrivals = 0;
  TimeMs next_from_ms = std::numeric_limits<TimeMs>::max();
};

class Mempool {
 public:
  explicit Mempool(PoolLimits limits = {}) : limits_(limits) {}

  /// True when it is new; false when it is here already. E_BUSY: full, for this member or for all.
  Result<bool> add(Pooled transaction);
  /// What add would answer now, for so many bytes.
  Result<bool> would_add(Hash const& id, base::PartyId const& actor, bool facts, std::size_t bytes) const;
  bool contains(Hash const& id) const;
  /// For each name the transaction that has it; of two with one name either.
  std::vector<Found> find(std::vector<ShortName> const& names) const;
  /// A block that may be decided holds these, whether they are here or not.
  void hold(std::vector<Hash> const& ids);
  /// That block was dropped or decided: the opposite of hold.
  void release(std::vector<Hash> const& ids);
  void remove(std::vector<Hash> const& ids);
  /// Removes what can be in no block of this time or a later one.
  void expire(TimeMs time_ms);

  /// For a block of this time: in order of arrival, each counted with `overhead` bytes; without those in `taken`. When
  /// not all fit, members take turns, first with facts in the part that is theirs.
  Selection select(TimeMs time_ms, BlockRoom room, std::size_t overhead,
                   std::function<bool(Hash const& id)> const& taken) const;
  /// Those that wait since before `arrived_before_ms`: the oldest, at most so many. A block that holds one may have
  /// lost its view without this node's knowing, so it does not count.
  std::vector<SharedBytes> overdue(std::uint64_t arrived_before_ms, std::size_t count_max, std::size_t bytes_max) const;

  std::size_t size() const;
  /// How many have come so far.
  std::uint64_t arrivals() const;
  std::size_t bytes() const;
  /// True when there is one that no block holds which may be decided.
  bool has_waiting() const;

 private:
  struct Share {
    std::size_t transactions = 0;
    std::size_t bytes = 0;
  };
  struct Waiting;
  /// In the order of arrival, from which any may leave.
  using Order = std::list<Waiting>;
  using Line = std::list<Order::iterator>;
  struct Waiting {
    Pooled transaction;
    /// Its number among all that ever came.
    std::uint64_t arrival = 0;
    /// In its member's line.
    Line::iterator place;
  };
  struct Queued {
    Line asked, facts;
    std::size_t bytes = 0;
  };
  Result<void> has_room(base::PartyId const& actor, bool facts, std::size_t bytes) const;
  void erase(Hash const& id);

  PoolLimits limits_;
  mutable std::mutex mutex_;
  Order order_;
  IdMap<Hash, Order::iterator> by_id_;
  /// By their names, the first of each.
  IdMap<ShortName, Order::iterator> named_;
  std::map<base::PartyId, Queued> members_;
  /// All but facts.
  Share asked_;
  /// How many blocks that may be decided hold an id.
  IdMap<Hash, std::size_t> held_;
  std::uint64_t next_ = 0;
  std::size_t bytes_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace node
