// SPDX-License-Identifier: Apache-2.0
#pragma once

// The block log: every decision in order, the source of truth of a node. The state follows from it. Segments of some
// MiB; each decision names the hash of the one before, so that none can be missing or exchanged.

#include <mutex>

#include "storage/folder.hpp"

namespace storage {

/// A decided block and the header of its result, opaque here.
struct LoggedBlock {
  base::Blob<(std::size_t{9} << 20)> block;
  base::Blob<4096> result;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("block", self.block);
    visit("result", self.result);
  }
  bool operator==(LoggedBlock const&) const = default;
};

/// Blocks that were decided together: the certificate is of the last, and proves the others through it.
struct Decision {
  /// The height of the first block.
  Height first = 0;
  /// In which the last block was finalized.
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;
  base::List<LoggedBlock, (std::size_t{1} << 15)> blocks;
  base::Blob<(std::size_t{64} << 10)> finality;
  /// SHA-256 of the canonical bytes of the decision before, zero for the first; the log sets it.
  Hash previous;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("first", self.first);
    visit("epoch", self.epoch);
    visit("view", self.view);
    visit("blocks", self.blocks);
    visit("finality", self.finality);
    visit("previous", self.previous);
  }
  bool operator==(Decision const&) const = default;

  Height last() const { return first + blocks.size() - 1; }
};

constexpr std::uint64_t log_segment_bytes_max = std::uint64_t{16} << 20;
/// Segments whose index stays in memory: peers that catch up walk through one each.
constexpr std::size_t indexed_segments_max = 8;

class BlockLog {
 public:
  /// Reads and checks every segment, and cuts off a decision that a crash tore. Errors: damage before the end, a gap,
  /// a chain that does not hold, with file and offset.
  static Result<std::unique_ptr<BlockLog>> open(Folder& folder);

  /// Of the last decided block; 0 when there is none.
  Height height() const;
  /// Appends decisions without a gap. Durable on return.
  void append(Decision decision);
  /// The decision that holds this height, from any thread; nothing above height() and at 0. Errors: the file was
  /// damaged since it was opened.
  Result<std::optional<Decision>> read(Height height) const;

 private:
  /// Where each decision of a segment begins in its file, by its first height.
  using Index = std::map<Height, std::pair<std::uint64_t, std::uint64_t>>;
  explicit BlockLog(Folder& folder) : folder_(folder) {}
  Result<void> check(std::string const& name, std::uint64_t size, bool last);
  void make_room() const;
  Result<Index> index_of(std::string const& name, std::uint64_t size) const;

  Folder& folder_;
  mutable std::mutex mutex_;
  /// By the first height in it, its size.
  std::map<Height, std::uint64_t> segments_;
  /// The newest segment's, always here, and of a few others.
  mutable std::map<Height, Index> indexes_;
  Height height_ = 0;
  Hash last_hash_;
};

}  // namespace storage
