// SPDX-License-Identifier: Apache-2.0
#include "ledger/snapshot.hpp"

#include <algorithm>
#include <span>

namespace ledger {

namespace {

using base::Code;
using base::Error;
using Leaf = StatePath::Other;

bool bit(Hash const& key, std::size_t depth) { return (key.bytes[depth / 8] >> (7 - depth % 8) & 1) != 0; }

Hash with_bit(Hash key, std::size_t depth) {
  key.bytes[depth / 8] = static_cast<std::uint8_t>(key.bytes[depth / 8] | 1U << (7 - depth % 8));
  return key;
}

bool share_bits(Hash const& a, Hash const& b, std::size_t count) {
  for (std::size_t depth = 0; depth < count; ++depth) {
    if (bit(a, depth) != bit(b, depth)) return false;
  }
  return true;
}

/// What stands at a place of the tree: nothing (a zero hash), a lone leaf, or a node.
struct Place {
  Hash hash;
  std::optional<Leaf> leaf;
};

Place leaf_place(Leaf const& leaf) {
  return {crypto::hash(crypto::Tag::state_leaf, {leaf.key.view(), leaf.record_hash.view()}), leaf};
}

/// A lone leaf takes the place of its parent.
Place join(Place const& left, Place const& right) {
  if (left.hash.is_zero() && (right.hash.is_zero() || right.leaf)) return right;
  if (right.hash.is_zero() && left.leaf) return left;
  return {crypto::hash(crypto::Tag::state_node, {left.hash.view(), right.hash.view()}), std::nullopt};
}

/// The place over sorted leaves that share the bits above this depth.
Place over(std::span<Leaf const> leaves, std::size_t depth) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return leaf_place(leaves[0]);
  CHECK(depth <= 255);
  auto const middle =
      std::partition_point(leaves.begin(), leaves.end(), [&](Leaf const& l) { return !bit(l.key, depth); });
  auto const left = static_cast<std::size_t>(middle - leaves.begin());
  return join(over(leaves.first(left), depth + 1), over(leaves.subspan(left), depth + 1));
}

std::vector<Leaf> leaves_of(Chunk const& chunk) {
  std::vector<Leaf> out;
  out.reserve(chunk.records.size());
  for (auto const& [key, record] : chunk.records) {
    out.push_back({tree_key(key), crypto::hash(crypto::Tag::record, {record})});
  }
  return out;
}

/// What a record takes in a chunk's bytes.
std::size_t size_of(ChunkRecord const& record) { return record.key.size() + record.record.size() + 8; }

}  // namespace

bool ChunkRange::holds(Hash const& key) const { return share_bits(first, key, depth); }

base::Result<void> verify_chunk(Chunk const& chunk, Hash const& root) {
  auto const depth = chunk.range.depth;
  for (std::size_t i = depth; i < 256; ++i) {
    if (bit(chunk.range.first, i)) return Error{Code::E_FORM, "range", "has bits below its depth"};
  }
  if (chunk.siblings.size() != depth) return Error{Code::E_FORM, "siblings", "not one for each bit of the range"};
  auto const leaves = leaves_of(chunk);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    auto const field = "records[" + std::to_string(i) + "]";
    if (!chunk.range.holds(leaves[i].key)) return Error{Code::E_FORM, field, "not of this range"};
    if (i > 0 && leaves[i - 1].key >= leaves[i].key) return Error{Code::E_FORM, field, "not in order"};
  }
  if (chunk.neighbour && !leaves.empty()) return Error{Code::E_FORM, "neighbour", "beside records"};
  auto neighbour = chunk.neighbour;
  auto place = over(leaves, depth);
  for (std::size_t i = depth; i-- > 0;) {
    Place beside{chunk.siblings[i], std::nullopt};
    if (neighbour && !beside.hash.is_zero()) {
      // The deepest place beside an empty range: what it shows is a leaf there, and only there.
      bool const fits = share_bits(neighbour->key, chunk.range.first, i) &&
                        bit(neighbour->key, i) != bit(chunk.range.first, i) &&
                        leaf_place(*neighbour).hash == beside.hash;
      if (!fits) return Error{Code::E_FORM, "neighbour", "not the leaf beside the range"};
      beside.leaf = neighbour;
      neighbour.reset();
    }
    place = bit(chunk.range.first, i) ? join(beside, place) : join(place, beside);
  }
  if (neighbour) return Error{Code::E_FORM, "neighbour", "beside nothing"};
  if (place.hash != root) {
    return Error{Code::E_FORM, "records", "they give the root " + place.hash.hex() + ", not " + root.hex()};
  }
  return {};
}

base::Result<std::vector<ChunkRange>> ranges_of(std::vector<std::uint8_t> const& depths) {
  std::vector<ChunkRange> out;
  Hash next;
  bool covered = false;
  for (auto const depth : depths) {
    if (covered) return Error{Code::E_FORM, "depths", "more than all keys"};
    ChunkRange const range{next, depth};
    for (std::size_t i = depth; i < 256; ++i) {
      if (bit(next, i)) return Error{Code::E_FORM, "depths", "ranges that overlap"};
    }
    out.push_back(range);
    // The next range begins where the last bit of this one carries to.
    std::size_t i = depth;
    while (i > 0 && bit(next, i - 1)) {
      --i;
      next.bytes[i / 8] = static_cast<std::uint8_t>(next.bytes[i / 8] & ~(1U << (7 - i % 8)));
    }
    covered = i == 0;
    if (!covered) next = with_bit(next, i - 1);
  }
  if (!covered) return Error{Code::E_FORM, "depths", "not all keys"};
  return out;
}

std::size_t place_of(Hash const& key, std::uint8_t depth) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < depth; ++i) out = out << 1 | (bit(key, i) ? 1 : 0);
  return out;
}

ChunkRange range_at(std::size_t place, std::uint8_t depth) {
  CHECK(depth <= 32 && place >> depth == 0);
  ChunkRange out{{}, depth};
  for (std::size_t i = 0; i < depth; ++i) {
    if ((place >> (depth - 1 - i) & 1) != 0) out.first = with_bit(out.first, i);
  }
  return out;
}

namespace {

struct Keyed {
  Hash key;
  ChunkRecord record;
};

void cut_sorted(ChunkRange const& range, std::span<Keyed> records, std::size_t bytes_max, std::vector<Chunk>& out) {
  std::size_t bytes = 0;
  for (auto const& one : records) bytes += size_of(one.record);
  if (records.size() <= 1 || (bytes <= bytes_max && records.size() <= 1'000'000)) {
    Chunk chunk;
    chunk.range = range;
    for (auto& one : records) chunk.records.push_back(std::move(one.record));
    out.push_back(std::move(chunk));
    return;
  }
  auto const middle = std::partition_point(records.begin(), records.end(),
                                           [&](Keyed const& one) { return !bit(one.key, range.depth); });
  auto const left = static_cast<std::size_t>(middle - records.begin());
  auto const depth = static_cast<std::uint8_t>(range.depth + 1);
  cut_sorted({range.first, depth}, records.first(left), bytes_max, out);
  cut_sorted({with_bit(range.first, range.depth), depth}, records.subspan(left), bytes_max, out);
}

}  // namespace

std::vector<Chunk> cut(ChunkRange const& range, std::vector<ChunkRecord> records, std::size_t bytes_max) {
  std::vector<Keyed> keyed;
  keyed.reserve(records.size());
  for (auto& record : records) {
    auto const key = tree_key(record.key);
    CHECK(range.holds(key));
    keyed.push_back({key, std::move(record)});
  }
  std::sort(keyed.begin(), keyed.end(), [](Keyed const& a, Keyed const& b) { return a.key < b.key; });
  std::vector<Chunk> out;
  cut_sorted(range, keyed, bytes_max, out);
  return out;
}

ChunkTop top_of(Chunk const& chunk) {
  auto const place = over(leaves_of(chunk), chunk.range.depth);
  return {chunk.range, place.hash, place.leaf};
}

namespace {

/// Walks the tops under one place; each path grows from its chunk upwards and is turned round at the end.
Place fold(std::span<ChunkTop const> tops, std::size_t depth, std::span<ChunkPaths::Path> paths) {
  CHECK(!tops.empty());
  if (tops.size() == 1 && tops[0].range.depth == depth) return {tops[0].hash, tops[0].leaf};
  auto const middle =
      std::partition_point(tops.begin(), tops.end(), [&](ChunkTop const& top) { return !bit(top.range.first, depth); });
  auto const count = static_cast<std::size_t>(middle - tops.begin());
  auto const left = fold(tops.first(count), depth + 1, paths.first(count));
  auto const right = fold(tops.subspan(count), depth + 1, paths.subspan(count));
  auto const beside = [&](std::span<ChunkTop const> chunks, std::span<ChunkPaths::Path> own, Place const& mine,
                          Place const& other) {
    for (std::size_t i = 0; i < own.size(); ++i) {
      own[i].siblings.push_back(other.hash);
      if (mine.hash.is_zero() && other.leaf && chunks[i].hash.is_zero() && !own[i].neighbour) {
        own[i].neighbour = other.leaf;
      }
    }
  };
  beside(tops.first(count), paths.first(count), left, right);
  beside(tops.subspan(count), paths.subspan(count), right, left);
  return join(left, right);
}

}  // namespace

ChunkPaths paths_of(std::vector<ChunkTop> const& tops) {
  ChunkPaths out;
  out.paths.resize(tops.size());
  out.root = fold(tops, 0, out.paths).hash;
  for (auto& path : out.paths) std::reverse(path.siblings.begin(), path.siblings.end());
  return out;
}

}  // namespace ledger
