// SPDX-License-Identifier: Apache-2.0
#include "ledger/diff.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.hpp"
#include "base/seeded_hash.hpp"

namespace ledger {

namespace {

/// Fewer rows are found as fast one after the other.
constexpr std::size_t rows_by_order_max = 8;
/// So few new ones find their places among the sorted faster one by one.
constexpr std::size_t insertions_max = 8;
constexpr std::size_t text_min = 1024;
constexpr std::size_t text_max = std::size_t{64} << 10;

/// The first eight bytes of a key, with zeros behind a shorter one, as a number: they sort as keys do.
std::uint64_t head_of(BytesView key) {
  std::uint64_t out = 0;
  if (!key.empty()) std::memcpy(&out, key.data(), std::min(key.size(), sizeof out));
  return std::endian::native == std::endian::little ? __builtin_bswap64(out) : out;
}

std::uint8_t* write(std::uint8_t* to, BytesView bytes) { return std::copy(bytes.begin(), bytes.end(), to); }

}  // namespace

std::size_t Row::text_bytes(BytesView key, std::optional<BytesView> const& record) {
  return sizeof(Sizes) + key.size() + (record ? record->size() : 0);
}

Row::Row(BytesView key, std::uint32_t hash, std::optional<BytesView> const& record, std::uint8_t* text)
    : head_(head_of(key)), text_(text), hash_(hash) {
  CHECK(key.size() < deleted && (!record || record->size() < deleted));
  Sizes const sizes{static_cast<std::uint32_t>(key.size()),
                    record ? static_cast<std::uint32_t>(record->size()) : deleted};
  std::memcpy(text, &sizes, sizeof sizes);
  text = write(text + sizeof sizes, key);
  if (record) write(text, *record);
}

std::uint32_t Row::hash_of(BytesView key) {
  // Where this program was loaded is drawn by chance at each start.
  auto const seed = base::seed_of(reinterpret_cast<std::uintptr_t>(&text_max));
  return static_cast<std::uint32_t>(base::seeded_hash(key, seed));
}

bool Row::operator<(Row const& other) const {
  return head_ != other.head_ ? head_ < other.head_ : base::less(key(), other.key());
}

bool Row::operator<(BytesView other) const {
  auto const head = head_of(other);
  return head_ != head ? head_ < head : base::less(key(), other);
}

std::size_t RowIndex::find(std::span<Row const> rows, BytesView key, std::uint32_t hash) const {
  if (slots_.empty()) {
    std::size_t at = 0;
    while (at < rows.size() && !rows[at].is(key, hash)) ++at;
    return at;
  }
  auto const mask = slots_.size() - 1;
  for (auto at = hash & mask; slots_[at].number != 0; at = (at + 1) & mask) {
    auto const row = slots_[at].number - 1;
    if (slots_[at].hash == hash && rows[row].is(key, hash)) return row;
  }
  return rows.size();
}

void RowIndex::add(std::span<Row const> rows) {
  if (2 * rows.size() > slots_.size()) return build(rows);
  auto const mask = slots_.size() - 1;
  auto const hash = rows.back().hash();
  auto at = hash & mask;
  while (slots_[at].number != 0) at = (at + 1) & mask;
  slots_[at] = {hash, static_cast<std::uint32_t>(rows.size())};
}

void RowIndex::build(std::span<Row const> rows) {
  if (rows.size() <= rows_by_order_max) return;
  slots_.assign(std::bit_ceil(3 * rows.size()), {});
  for (std::size_t count = 1; count <= rows.size(); ++count) add(rows.first(count));
}

StateDiff::StateDiff(std::initializer_list<std::pair<Bytes, std::optional<Bytes>>> entries) {
  for (auto const& [key, record] : entries) (*this)[key] = record;
}

StateDiff::StateDiff(StateDiff const& other)
    : rows_(other.rows_),
      index_(other.index_),
      order_(other.order_),
      texts_(other.texts_),
      text_bytes_(other.text_bytes_) {}

StateDiff& StateDiff::operator=(StateDiff&& other) noexcept {
  rows_ = std::exchange(other.rows_, {});
  index_ = std::exchange(other.index_, {});
  order_ = std::exchange(other.order_, {});
  texts_ = std::exchange(other.texts_, {});
  text_bytes_ = std::exchange(other.text_bytes_, 0);
  free_text_ = std::exchange(other.free_text_, {});
  return *this;
}

StateDiff::const_iterator StateDiff::begin() const {
  sort();
  return {rows_.data(), order_.data()};
}

StateDiff::const_iterator StateDiff::end() const {
  sort();
  return {rows_.data(), order_.data() + order_.size()};
}

StateDiff::const_iterator StateDiff::lower_bound(BytesView key) const {
  sort();
  auto const at =
      std::partition_point(order_.data(), order_.data() + order_.size(), [&](auto i) { return rows_[i] < key; });
  return {rows_.data(), at};
}

Row const* StateDiff::find(BytesView key, std::uint32_t hash) const {
  auto const number = index_.find(rows_, key, hash);
  return number == rows_.size() ? nullptr : &rows_[number];
}

bool StateDiff::try_emplace(BytesView key, std::optional<BytesView> const& record) {
  auto const hash = Row::hash_of(key);
  if (index_.find(rows_, key, hash) != rows_.size()) return false;
  add(key, hash, record);
  return true;
}

void StateDiff::merge(StateDiff&& above) {
  // The fewer move to the many: what a large transaction did becomes that of its block, or the reverse.
  bool const swapped = above.rows_.size() > rows_.size();
  if (swapped) std::swap(*this, above);
  for (auto const& row : above.rows_) {
    if (!swapped) {
      put(row.key(), row.hash_, row.record());
    } else if (index_.find(rows_, row.key(), row.hash_) == rows_.size()) {
      add(row.key(), row.hash_, row.record());
    }
  }
  above = {};
}

bool StateDiff::operator==(StateDiff const& other) const {
  auto const same = [](Entry const& a, Entry const& b) {
    return base::equal(a.first, b.first) && a.second.has_value() == b.second.has_value() &&
           (!a.second || base::equal(*a.second, *b.second));
  };
  return size() == other.size() && std::equal(begin(), end(), other.begin(), same);
}

void StateDiff::put(BytesView key, std::uint32_t hash, std::optional<BytesView> const& record) {
  auto const number = index_.find(rows_, key, hash);
  if (number == rows_.size()) return add(key, hash, record);
  auto& row = rows_[number];
  auto const before = row.record();
  bool const fits = !record || (before && record->size() <= before->size());
  // A copy, or a layer of the store, may hold the texts too, as they were.
  bool const alone = texts_.front().use_count() == 1;
  row = Row(key, hash, record, fits && alone ? row.text_ : take_text(Row::text_bytes(key, record)));
}

void StateDiff::add(BytesView key, std::uint32_t hash, std::optional<BytesView> const& record) {
  rows_.emplace_back(key, hash, record, take_text(Row::text_bytes(key, record)));
  index_.add(rows_);
}

std::uint8_t* StateDiff::take_text(std::size_t bytes) {
  if (bytes > free_text_.size()) {
    auto const size = std::max(bytes, std::clamp(text_bytes_, text_min, text_max));
    texts_.push_back(std::make_shared_for_overwrite<std::uint8_t[]>(size));
    free_text_ = {texts_.back().get(), size};
    text_bytes_ += size;
  }
  auto* const out = free_text_.data();
  free_text_ = free_text_.subspan(bytes);
  return out;
}

void StateDiff::sort() const {
  auto const sorted = order_.size();
  if (sorted == rows_.size()) return;
  auto const before = [&](std::uint32_t a, std::uint32_t b) { return rows_[a] < rows_[b]; };
  bool const few = rows_.size() - sorted <= insertions_max;
  for (auto i = static_cast<std::uint32_t>(sorted); i < rows_.size(); ++i) {
    order_.insert(few ? std::upper_bound(order_.begin(), order_.end(), i, before) : order_.end(), i);
  }
  if (few) return;
  auto const middle = order_.begin() + static_cast<std::ptrdiff_t>(sorted);
  std::sort(middle, order_.end(), before);
  std::inplace_merge(order_.begin(), middle, order_.end(), before);
}

}  // namespace ledger
