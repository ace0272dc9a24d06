// SPDX-License-Identifier: Apache-2.0
#pragma once

// The block log: the decisions in order, the source of truth of a node. The state follows from it. Segments of some
// MiB; each decision names the hash of the one before, so that none can be missing or exchanged. It begins at its base:
// 0, or where older decisions were let go, or where a node took over a state.

#include <functional>
#include <mutex>

#include "storage/folder.hpp"

namespace storage {

struct Frame;

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

/// Where a log begins: behind this height.
struct LogBase {
  Height height = 0;
  /// SHA-256 of the decision that ended there; zero when this log never had it.
  Hash previous;
  /// What the owner wants to know of the decisions that are gone, opaque here.
  base::Blob<(std::size_t{4} << 20)> note;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("height", self.height);
    visit("previous", self.previous);
    visit("note", self.note);
  }
  bool operator==(LogBase const&) const = default;
};

constexpr std::uint64_t log_segment_bytes_max = std::uint64_t{16} << 20;
/// Segments whose index stays in memory: peers that catch up walk through one each.
constexpr std::size_t indexed_segments_max = 8;

class BlockLog {
 public:
  /// Reads and checks every segment, and cuts off a decision that a crash tore. Errors: damage before the end, a gap,
  /// a chain that does not hold, with file and offset.
  static Result<std::unique_ptr<BlockLog>> open(Folder& folder);

  /// Cuts a damaged log before its first damage, and behind height `last_max` in any case, so that it opens with the
  /// whole decisions up to there. Returns its last height; the base's when none is whole. Durable on return; a crash
  /// before leaves a damaged log, to be cut again.
  static Height cut(Folder& folder, Height last_max);

  LogBase const& base() const { return base_; }
  /// Begins an empty log behind a height. Durable on return.
  void begin(LogBase base);
  /// Lets go of the oldest segment, unless it is the newest too, and says whether it went. `may_go` judges its last
  /// decision; `note` becomes the base's. A crash at any step leaves the log with or without the segment.
  Result<bool> prune(std::function<bool(Decision const&)> const& may_go, BytesView note);

  /// Of the last decided block; the base's when there is none.
  Height height() const;
  /// Appends decisions without a gap. Durable on return.
  void append(Decision decision);
  /// The decision that holds this height, from any thread; nothing above height() and at or below the base's.
  /// Errors: the file was damaged since it was opened.
  Result<std::optional<Decision>> read(Height height) const;

 private:
  /// Where each decision of a segment begins in its file, by its first height.
  using Index = std::map<Height, std::pair<std::uint64_t, std::uint64_t>>;
  explicit BlockLog(Folder& folder) : folder_(folder) {}
  Result<void> read_base(std::map<std::string, std::uint64_t> const& files);
  void write_base();
  Result<void> check(std::string const& name, std::uint64_t size, bool last);
  Result<void> follow(Frame const& frame, std::string const& name, Index& index);
  void make_room() const;
  Result<Index> index_of(std::string const& name, std::uint64_t size) const;

  Folder& folder_;
  LogBase base_;
  mutable std::mutex mutex_;
  /// By the first height in it, its size.
  std::map<Height, std::uint64_t> segments_;
  /// The newest segment's, always here, and of a few others.
  mutable std::map<Height, Index> indexes_;
  Height height_ = 0;
  Hash last_hash_;
};

}  // namespace storage
