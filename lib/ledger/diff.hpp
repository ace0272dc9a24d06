// SPDX-License-Identifier: Apache-2.0
#pragma once

// Changes to a state's records: found by a hash of the key, because a block of thousands of transactions asks for one
// record after the other, and sorted by key when somebody walks through them, as trees, databases and scans want them.
// Keys and records stand one behind the other in a few pieces of memory.

#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace ledger {

using base::Bytes;
using base::BytesView;

/// A key with its record, absent where it is deleted; both stand in memory that somebody else holds. Begins with what
/// decides most comparisons, since most keys are hashes.
class Row {
 public:
  static std::size_t text_bytes(BytesView key, std::optional<BytesView> const& record);
  /// Writes both to `text`, which is as long as they need.
  Row(BytesView key, std::uint32_t hash, std::optional<BytesView> const& record, std::uint8_t* text);

  BytesView key() const { return {text_ + sizeof(Sizes), sizes().key}; }
  std::optional<BytesView> record() const {
    auto const [key, record] = sizes();
    if (record == deleted) return std::nullopt;
    return BytesView(text_ + sizeof(Sizes) + key, record);
  }
  /// Of the key; the same in all rows of this process, and foreseen by nobody.
  std::uint32_t hash() const { return hash_; }
  static std::uint32_t hash_of(BytesView key);
  /// Asks the memory for it ahead of time. Who walks through many rows in order jumps from text to text.
  void prefetch() const {
    for (std::size_t line = 0; line < 3; ++line) __builtin_prefetch(text_ + 64 * line);
  }
  bool is(BytesView key, std::uint32_t hash) const { return hash_ == hash && base::equal(this->key(), key); }
  bool operator<(Row const& other) const;
  bool operator<(BytesView key) const;
  /// Of the same key.
  bool operator==(Row const& other) const { return is(other.key(), other.hash_); }

 private:
  friend class StateDiff;

  /// Stand before key and record.
  struct Sizes {
    std::uint32_t key;
    std::uint32_t record;
  };
  static constexpr std::uint32_t deleted = 0xffffffff;
  Sizes sizes() const {
    Sizes out;
    std::memcpy(&out, text_, sizeof out);
    return out;
  }

  std::uint64_t head_;
  std::uint8_t* text_;
  std::uint32_t hash_;
};

/// How rows of a list are found by their keys. The list is shown to each call and only grows.
class RowIndex {
 public:
  /// The row's number; the count of rows when there is none.
  std::size_t find(std::span<Row const> rows, BytesView key, std::uint32_t hash) const;
  /// After a row was added to the end.
  void add(std::span<Row const> rows);
  /// Of all rows anew.
  void build(std::span<Row const> rows);

 private:
  struct Slot {
    /// Here too, so that a key that is not here costs no look at a row.
    std::uint32_t hash = 0;
    /// Of the row, and one; 0 is free.
    std::uint32_t number = 0;
  };
  /// When there are many rows: a power of two, at most half in use.
  std::vector<Slot> slots_;
};

class StateDiff {
 public:
  struct Entry {
    BytesView first;
    /// Absent for a record that is deleted.
    std::optional<BytesView> second;
  };
  /// In the order of keys.
  class const_iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    struct Arrow {
      Entry entry;
      Entry const* operator->() const { return &entry; }
    };

    const_iterator() = default;
    Row const& row() const { return rows_[*at_]; }
    Entry operator*() const { return {row().key(), row().record()}; }
    Arrow operator->() const { return {**this}; }
    const_iterator& operator++() {
      ++at_;
      return *this;
    }
    const_iterator operator++(int) {
      auto const before = *this;
      ++at_;
      return before;
    }
    bool operator==(const_iterator const& other) const { return at_ == other.at_; }

   private:
    friend class StateDiff;
    const_iterator(Row const* rows, std::uint32_t const* at) : rows_(rows), at_(at) {}

    Row const* rows_ = nullptr;
    std::uint32_t const* at_ = nullptr;
  };

  /// What `diff[key] = record` needs.
  class Place {
   public:
    /// Bytes in any form, or those that are absent.
    template <class Record>
    void operator=(Record const& record) {
      if constexpr (requires { record.has_value(); }) {
        diff_.put(key_, record ? std::optional<BytesView>(*record) : std::nullopt);
      } else {
        diff_.put(key_, record);
      }
    }

   private:
    friend class StateDiff;
    Place(StateDiff& diff, BytesView key) : diff_(diff), key_(key) {}

    StateDiff& diff_;
    BytesView key_;
  };

  using Text = std::shared_ptr<std::uint8_t[]>;

  StateDiff() = default;
  StateDiff(std::initializer_list<std::pair<Bytes, std::optional<Bytes>>> entries);
  /// Shares the memory; what either writes from then on stands elsewhere.
  StateDiff(StateDiff const& other);
  StateDiff(StateDiff&& other) noexcept { *this = std::move(other); }
  StateDiff& operator=(StateDiff const& other) { return *this = StateDiff(other); }
  StateDiff& operator=(StateDiff&& other) noexcept;

  /// The first walk sorts what came since the last; threads may share a diff that was walked through once.
  const_iterator begin() const;
  const_iterator end() const;
  /// The first entry that is not before this key.
  const_iterator lower_bound(BytesView key) const;
  /// Null when there is none.
  Row const* find(BytesView key) const { return find(key, Row::hash_of(key)); }
  Row const* find(BytesView key, std::uint32_t hash) const;
  bool contains(BytesView key) const { return find(key) != nullptr; }
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  /// In place of what was there. Neither may stand in this diff.
  void put(BytesView key, std::optional<BytesView> const& record) { put(key, Row::hash_of(key), record); }
  void put(BytesView key, std::uint32_t hash, std::optional<BytesView> const& record);
  Place operator[](BytesView key) { return {*this, key}; }
  /// False, and nothing changes, when there is an entry already.
  bool try_emplace(BytesView key, std::optional<BytesView> const& record);
  /// Takes over all entries of another, in place of those with the same keys; it is empty afterwards.
  void merge(StateDiff&& above);
  bool operator==(StateDiff const& other) const;

  /// What keys and records stand in, and how much that is: rows of now outlive the diff, and stay, for who holds it.
  std::vector<Text> const& texts() const { return texts_; }
  std::size_t text_bytes() const { return text_bytes_; }

 private:
  void add(BytesView key, std::uint32_t hash, std::optional<BytesView> const& record);
  std::uint8_t* take_text(std::size_t bytes);
  void sort() const;

  std::vector<Row> rows_;
  RowIndex index_;
  /// Of rows, in the order of their keys: all that there were at the last walk.
  mutable std::vector<std::uint32_t> order_;
  std::vector<Text> texts_;
  std::size_t text_bytes_ = 0;
  std::span<std::uint8_t> free_text_;
};

/// One after the other: what a later one says of a key counts.
using StateDiffs = std::span<StateDiff const* const>;

}  // namespace ledger
