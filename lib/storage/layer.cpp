// SPDX-License-Identifier: Apache-2.0
#include "storage/layer.hpp"

#include <algorithm>

namespace storage {

Layer::Layer(ledger::StateDiff const& diff) : texts_(diff.texts()), bytes_(diff.text_bytes()) {
  rows_.reserve(diff.size());
  for (auto entry = diff.begin(); entry != diff.end(); ++entry) rows_.push_back(entry.row());
  index_.build(rows_);
}

Layer::Layer(Layer const& older, Layer const& newer) : texts_(older.texts_), bytes_(older.bytes_ + newer.bytes_) {
  texts_.insert(texts_.end(), newer.texts_.begin(), newer.texts_.end());
  rows_.reserve(older.rows_.size() + newer.rows_.size());
  // Of two that are the same, the one of the first range is taken.
  std::set_union(newer.rows_.begin(), newer.rows_.end(), older.rows_.begin(), older.rows_.end(),
                 std::back_inserter(rows_));
  index_.build(rows_);
}

Layer::Row const* Layer::find(BytesView key, std::uint32_t hash) const {
  auto const number = index_.find(rows_, key, hash);
  return number == rows_.size() ? nullptr : &rows_[number];
}

std::span<Layer::Row const> Layer::from(BytesView key) const {
  auto const first = std::partition_point(rows_.begin(), rows_.end(), [&](Row const& row) { return row < key; });
  return {first, rows_.end()};
}

}  // namespace storage
