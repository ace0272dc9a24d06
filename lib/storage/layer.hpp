// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rows of the last blocks that are in no file yet: of each key what the newest of these blocks says. A layer is an
// immutable value; blocks add layers, and layers of like size become one, so that there are few.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ledger/diff.hpp"

namespace storage {

using base::Bytes;
using base::BytesView;

class Layer {
 public:
  using Row = ledger::Row;

  explicit Layer(ledger::StateDiff const& diff);
  /// What the newer one says of a key counts.
  Layer(Layer const& older, Layer const& newer);

  /// By the key's Row::hash_of. Null for a key that none of these blocks changed.
  Row const* find(BytesView key, std::uint32_t hash) const;
  std::span<Row const> rows() const { return rows_; }
  /// From the first key on that is not before this one.
  std::span<Row const> from(BytesView key) const;
  /// Of memory that is held for it, about.
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Row> rows_;
  ledger::RowIndex index_;
  std::vector<ledger::StateDiff::Text> texts_;
  std::size_t bytes_ = 0;
};

}  // namespace storage
