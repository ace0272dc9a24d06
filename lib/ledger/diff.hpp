// SPDX-License-Identifier: Apache-2.0
#pragma once

// Changes to a state's records: sorted by key, as trees, databases and scans want them, and found by a hash of the key,
// because a block of thousands of transactions asks for one record after the other.

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace ledger {

using base::Bytes;
using base::BytesView;

class StateDiff {
 public:
  struct Less {
    using is_transparent = void;
    bool operator()(BytesView a, BytesView b) const;
  };
  /// Null for a record that is deleted.
  using Map = std::map<Bytes, std::optional<Bytes>, Less>;
  using value_type = Map::value_type;
  using iterator = Map::iterator;
  using const_iterator = Map::const_iterator;

  StateDiff() = default;
  StateDiff(std::initializer_list<value_type> entries);
  StateDiff(StateDiff const& other);
  StateDiff(StateDiff&&) noexcept = default;
  StateDiff& operator=(StateDiff other) noexcept;

  const_iterator begin() const { return map_.begin(); }
  const_iterator end() const { return map_.end(); }
  const_iterator find(BytesView key) const;
  const_iterator lower_bound(BytesView key) const { return map_.lower_bound(key); }
  bool contains(BytesView key) const { return find(key) != end(); }
  bool empty() const { return map_.empty(); }
  std::size_t size() const { return map_.size(); }
  std::optional<Bytes>& operator[](BytesView key);
  /// False, and nothing changes, when there is an entry already.
  bool try_emplace(BytesView key, std::optional<Bytes> record);
  /// Takes over all entries of another, in place of those with the same keys; it is empty afterwards.
  void merge(StateDiff&& above);
  bool operator==(StateDiff const& other) const { return map_ == other.map_; }

 private:
  struct Slot {
    /// 0: free.
    std::uint64_t hash = 0;
    iterator entry;
  };
  std::uint64_t hash(BytesView key) const;
  /// Where the key's entry is, or the free slot where it belongs; there are slots.
  std::size_t slot_of(std::uint64_t hash, BytesView key) const;
  iterator entry(BytesView key);
  void index(iterator entry);
  void index_all();

  Map map_;
  /// Of all entries, when there are many: a power of two, at most half in use.
  std::vector<Slot> slots_;
  std::uint64_t seed_ = 0;
};

/// One after the other: what a later one says of a key counts.
using StateDiffs = std::span<StateDiff const* const>;

}  // namespace ledger
