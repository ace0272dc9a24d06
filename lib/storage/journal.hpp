// SPDX-License-Identifier: Apache-2.0
#pragma once

// The vote journal: everything that a validator must remember before it speaks. One frame a turn, one sync a turn.
// Segments of a few MiB; one goes when a decision at or above all its views is durable.

#include <deque>
#include <map>

#include "storage/folder.hpp"

namespace storage {

/// The view of a note that outlives decisions: until the next pinned one of its kind, and one without bytes is itself
/// forgotten.
constexpr std::uint64_t note_pinned = ~std::uint64_t{0};

/// One thing to remember, opaque here. It may be forgotten once a block of this view or a later one, or of a later
/// epoch, is durably decided.
struct Note {
  std::uint8_t kind = 0;
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;
  base::Blob<(std::size_t{9} << 20)> bytes;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("kind", self.kind);
    visit("epoch", self.epoch);
    visit("view", self.view);
    visit("bytes", self.bytes);
  }
  bool operator==(Note const&) const = default;
};

constexpr std::uint64_t journal_segment_bytes_max = std::uint64_t{4} << 20;
/// Notes of one turn: the engine saves at most 32 full blocks in one, and votes for at most all its open views.
constexpr std::size_t turn_notes_max = std::size_t{1} << 16;

class Journal {
 public:
  /// Cuts off a turn that a crash tore. Errors: damage before the end, with file and offset.
  static Result<std::unique_ptr<Journal>> open(Folder& folder);

  /// The notes it held when it was opened, in order, those pinned last; once.
  std::vector<Note> take_notes();
  /// True when there was no journal at all: a new node, or a lost one.
  bool was_absent() const { return was_absent_; }
  /// One turn. Durable on return.
  void append(std::vector<Note> turn);
  /// A decision of this epoch and view is durable: older segments may go.
  void release(std::uint64_t epoch, std::uint64_t view);

 private:
  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    /// The latest epoch and view in it.
    std::pair<std::uint64_t, std::uint64_t> latest{};
  };
  explicit Journal(Folder& folder) : folder_(folder) {}
  Result<void> read(Segment& segment, bool last);
  void note(Segment& segment, Note const& note);

  Folder& folder_;
  std::deque<Segment> segments_;
  std::vector<Note> notes_;
  /// By kind. Each segment begins with them, so that the ones before it may go.
  std::map<std::uint8_t, Note> pinned_;
  bool was_absent_ = false;
};

}  // namespace storage
