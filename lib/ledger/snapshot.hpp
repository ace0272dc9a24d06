// SPDX-License-Identifier: Apache-2.0
#pragma once

// A state cut into chunks that a stranger may hand over. A chunk is all records of one range, the keys of the state
// tree that share their first bits, with the hashes beside the path to the root: it is checked alone, and what lies in
// its range is complete. The same cut serves the records beside the tree, arranged in a tree of their own that is only
// ever made for a snapshot; its root is not part of the state (docs/node.md says who vouches for it).

#include "ledger/tree.hpp"

namespace ledger {

/// Of the rows beside the state tree. No root of the tree tells it, so who keeps or hands over such rows says it.
constexpr std::uint8_t rows_format = 3;

/// The records of a chunk stay within this, except for a lone record that is larger.
constexpr std::size_t chunk_bytes_max = std::size_t{7} << 20;
/// Of one tree: at half a chunk each, a state of some 200 GB.
constexpr std::size_t chunks_max = std::size_t{1} << 16;

/// The tree keys whose first `depth` bits are those of `first`; its other bits are zero.
struct ChunkRange {
  Hash first;
  std::uint8_t depth = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(first) LEDGER_VISIT(depth)
  }
  bool operator==(ChunkRange const&) const = default;
  bool holds(Hash const& key) const;
};

struct ChunkRecord {
  base::Blob<4096> key;
  base::Blob<(std::size_t{4} << 20)> record;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(record)
  }
  bool operator==(ChunkRecord const&) const = default;
};

struct Chunk {
  ChunkRange range;
  /// Ascending by tree key.
  List<ChunkRecord, 1'000'000> records;
  /// One hash for each bit of the range, from the root downwards; zero for an empty side.
  List<Hash, 255> siblings;
  /// For a chunk without records: the leaf of a lone record beside it, which in the tree takes both places.
  std::optional<StatePath::Other> neighbour;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(range) LEDGER_VISIT(records) LEDGER_VISIT(siblings) LEDGER_VISIT(neighbour)
  }
  bool operator==(Chunk const&) const = default;
};

/// E_FORM with the field: not all and only the records of its range under this root.
base::Result<void> verify_chunk(Chunk const& chunk, Hash const& root);

/// The ranges of these depths, in order from the first key on. E_FORM: they do not cover all keys, each once.
base::Result<std::vector<ChunkRange>> ranges_of(std::vector<std::uint8_t> const& depths);

/// Where a record goes when there are 2^depth ranges.
std::size_t place_of(Hash const& key, std::uint8_t depth);
/// Range number `place` of 2^depth; depth at most 32.
ChunkRange range_at(std::size_t place, std::uint8_t depth);
/// All records of a range, in any order, as one chunk or, where they are too many, as several of longer prefixes; their
/// paths are missing.
std::vector<Chunk> cut(ChunkRange const& range, std::vector<ChunkRecord> records,
                       std::size_t bytes_max = chunk_bytes_max);

/// What a chunk's path is made of: its range and what stands at its place in the tree.
struct ChunkTop {
  ChunkRange range;
  Hash hash;
  /// Of a lone record.
  std::optional<StatePath::Other> leaf;
};
ChunkTop top_of(Chunk const& chunk);

struct ChunkPaths {
  struct Path {
    List<Hash, 255> siblings;
    std::optional<StatePath::Other> neighbour;
  };
  Hash root;
  /// In the order of the tops.
  std::vector<Path> paths;
};
/// From the tops of all chunks, whose ranges cover all keys in order.
ChunkPaths paths_of(std::vector<ChunkTop> const& tops);

}  // namespace ledger
