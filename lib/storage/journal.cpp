// SPDX-License-Identifier: Apache-2.0
#include "storage/journal.hpp"

#include <cstdio>

#include "storage/frame.hpp"

namespace storage {

namespace {

using Turn = base::List<Note, turn_notes_max>;
constexpr std::uint8_t turn_type = 1;
constexpr std::string_view prefix = "votes-";

std::string name_of(std::uint64_t number) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%020llu", static_cast<unsigned long long>(number));
  return std::string(prefix) + digits;
}

std::optional<std::uint64_t> number_of(std::string const& name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  auto const digits = std::string_view(name).substr(prefix.size());
  auto const first = digits.find_first_not_of('0');
  auto const number =
      base::from_decimal(first == std::string_view::npos ? "0" : digits.substr(first), ~std::uint64_t{0});
  if (!number || name_of(static_cast<std::uint64_t>(*number)) != name) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(Folder& folder) {
  std::unique_ptr<Journal> journal(new Journal(folder));
  for (auto const& [name, size] : folder.list()) {
    if (auto const number = number_of(name)) journal->segments_.push_back({*number, size, {}});
  }
  journal->was_absent_ = journal->segments_.empty();
  for (std::size_t i = 0; i < journal->segments_.size(); ++i) {
    auto& segment = journal->segments_[i];
    if (segment.number != journal->segments_.front().number + i) {
      return base::Error{base::Code::E_ENCODING, name_of(segment.number), "the segment before it is missing"};
    }
    TRY(journal->read(segment, i + 1 == journal->segments_.size()));
  }
  return journal;
}

Result<void> Journal::read(Segment& segment, bool last) {
  auto const name = name_of(segment.number);
  auto const file = folder_.read(name, 0, segment.bytes);
  auto const take = [&](Frame const& frame) -> Result<void> {
    auto turn = base::decode<Turn>(frame.payload);
    if (frame.type != turn_type || !turn) {
      return base::Error{base::Code::E_ENCODING, name + ":" + std::to_string(frame.begin), "not a turn of votes"};
    }
    for (auto& one : *turn) {
      note(segment, one);
      if (one.view != note_pinned) notes_.push_back(std::move(one));
    }
    return {};
  };
  TRY_ASSIGN(auto const end, walk_frames(file, name, last, take));
  if (end < segment.bytes) folder_.truncate(name, end);
  segment.bytes = end;
  // A process that was killed before its sync left votes that the next power failure takes away, if nobody syncs them.
  if (last) folder_.sync(name);
  return {};
}

std::vector<Note> Journal::take_notes() {
  for (auto const& [kind, pinned] : pinned_) notes_.push_back(pinned);
  return std::move(notes_);
}

void Journal::note(Segment& segment, Note const& note) {
  if (note.view != note_pinned) {
    segment.latest = std::max(segment.latest, {note.epoch, note.view});
  } else if (note.bytes.empty()) {
    pinned_.erase(note.kind);
  } else {
    pinned_[note.kind] = note;
  }
}

void Journal::append(std::vector<Note> turn) {
  if (segments_.empty() || segments_.back().bytes >= journal_segment_bytes_max) {
    segments_.push_back({segments_.empty() ? 1 : segments_.back().number + 1, 0, {}});
  }
  auto& segment = segments_.back();
  // Also when a crash tore the first turn of a segment.
  if (segment.bytes == 0) {
    std::vector<Note> first;
    for (auto const& [kind, pinned] : pinned_) first.push_back(pinned);
    turn.insert(turn.begin(), first.begin(), first.end());
  }
  for (auto const& one : turn) note(segment, one);
  auto const frame = make_frame(turn_type, base::encode(Turn(std::move(turn))));
  auto const name = name_of(segment.number);
  folder_.append(name, frame);
  folder_.sync(name);
  segment.bytes += frame.size();
}

void Journal::release(std::uint64_t epoch, std::uint64_t view) {
  // Only from the front: the segments that are left are always a row without a gap, which open checks.
  while (segments_.size() > 1 && segments_.front().latest <= std::pair(epoch, view)) {
    folder_.remove(name_of(segments_.front().number));
    segments_.pop_front();
  }
}

}  // namespace storage
