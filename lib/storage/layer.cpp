// SPDX-License-Identifier: Apache-2.0
#include "storage/layer.hpp"

#include <algorithm>
#include <bit>

namespace storage {

Layer::Layer(ledger::StateDiff const& diff) : texts_(diff.texts()), bytes_(diff.text_bytes()) {
  rows_.reserve(diff.size());
  for (auto entry = diff.begin(); entry != diff.end(); ++entry) rows_.push_back(entry.row());
  index();
}

Layer::Layer(Layer const& older, Layer const& newer) : texts_(older.texts_), bytes_(older.bytes_ + newer.bytes_) {
  texts_.insert(texts_.end(), newer.texts_.begin(), newer.texts_.end());
  rows_.reserve(older.rows_.size() + newer.rows_.size());
  // Of two that are the same, the one of the first range is taken.
  std::set_union(newer.rows_.begin(), newer.rows_.end(), older.rows_.begin(), older.rows_.end(),
                 std::back_inserter(rows_));
  index();
}

Layer::Row const* Layer::find(BytesView key, std::uint32_t hash) const {
  auto const mask = slots_.size() - 1;
  for (auto at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    auto const& row = rows_[slots_[at] - 1];
    if (row.is(key, hash)) return &row;
  }
  return nullptr;
}

std::span<Layer::Row const> Layer::from(BytesView key) const {
  auto const first = std::partition_point(rows_.begin(), rows_.end(), [&](Row const& row) { return row < key; });
  return {first, rows_.end()};
}

void Layer::index() {
  slots_.assign(std::bit_ceil(2 * rows_.size() + 1), 0);
  auto const mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    auto at = rows_[i].hash() & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = i + 1;
  }
}

}  // namespace storage
