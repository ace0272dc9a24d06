// SPDX-License-Identifier: Apache-2.0
#include "storage/block_log.hpp"

#include <cstdio>
#include <tuple>

#include "crypto/hash.hpp"
#include "storage/frame.hpp"

namespace storage {

namespace {

constexpr std::uint8_t decision_type = 2;
constexpr std::uint8_t base_type = 3;
constexpr std::string_view segment_prefix = "blocks-";
constexpr std::string_view base_prefix = "base-";

std::string name_of(std::string_view prefix, Height height) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%020llu", static_cast<unsigned long long>(height));
  return std::string(prefix) + digits;
}
std::string name_of(Height first) { return name_of(segment_prefix, first); }

std::optional<Height> height_of(std::string_view prefix, std::string const& name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  auto const digits = std::string_view(name).substr(prefix.size());
  auto const first = digits.find_first_not_of('0');
  if (first == std::string_view::npos) return std::nullopt;
  auto const number = base::from_decimal(digits.substr(first), ~std::uint64_t{0});
  if (!number || name_of(prefix, static_cast<Height>(*number)) != name) return std::nullopt;
  return static_cast<Height>(*number);
}

base::Error damage(std::string const& name, std::uint64_t offset, std::string const& what) {
  return {base::Code::E_ENCODING, name + ":" + std::to_string(offset), what};
}

}  // namespace

Result<std::unique_ptr<BlockLog>> BlockLog::open(Folder& folder) {
  std::unique_ptr<BlockLog> log(new BlockLog(folder));
  auto const files = folder.list();
  TRY(log->read_base(files));
  std::map<Height, std::uint64_t> found;
  for (auto const& [name, size] : files) {
    auto const first = height_of(segment_prefix, name);
    if (!first) continue;
    if (*first > log->base_.height) {
      found[*first] = size;
    } else {
      // Let go of when a crash came.
      folder.remove(name);
    }
  }
  for (auto const& [first, size] : found) {
    auto const name = name_of(first);
    if (first != log->height_ + 1) return damage(name, 0, "the blocks before it are missing");
    TRY(log->check(name, size, first == found.rbegin()->first));
  }
  return log;
}

/// The highest whole one counts: a crash while one is written leaves the one before, and all that follows it.
Result<void> BlockLog::read_base(std::map<std::string, std::uint64_t> const& files) {
  std::optional<std::string> torn;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    auto const& [name, size] = *file;
    auto const height = height_of(base_prefix, name);
    if (!height) continue;
    auto const bytes = folder_.read(name, 0, size);
    auto const frame = frame_at(bytes, 0);
    auto base = frame && frame->type == base_type ? base::decode<LogBase>(frame->payload) : damage(name, 0, "torn");
    if (!base || base->height != *height) {
      torn = name;
      continue;
    }
    base_ = std::move(base).value();
    height_ = base_.height;
    last_hash_ = base_.previous;
    // One that was killed before its sync left what the next power failure takes away.
    folder_.sync(name);
    break;
  }
  // Without it the segments must begin at its height, or be all there; the check of them says so.
  if (torn) folder_.remove(*torn);
  return {};
}

void BlockLog::write_base() {
  auto const name = name_of(base_prefix, base_.height);
  folder_.append(name, make_frame(base_type, base::encode(base_)));
  folder_.sync(name);
}

void BlockLog::begin(LogBase base) {
  CHECK(height_ == 0 && segments_.empty() && base.height > 0);
  base_ = std::move(base);
  write_base();
  std::lock_guard const lock(mutex_);
  height_ = base_.height;
  last_hash_ = base_.previous;
}

Result<bool> BlockLog::prune(std::function<bool(Decision const&)> const& may_go, BytesView note) {
  if (segments_.size() < 2) return false;
  auto const oldest = segments_.begin()->first;
  auto const next = std::next(segments_.begin())->first;
  TRY_ASSIGN(auto const last, read(next - 1));
  TRY_ASSIGN(auto const follower, read(next));
  CHECK(last && follower && follower->first == next);
  if (!may_go(*last)) return false;
  auto const before = base_.height;
  base_.height = next - 1;
  base_.previous = follower->previous;
  base_.note.assign(note.begin(), note.end());
  write_base();
  {
    std::lock_guard const lock(mutex_);
    segments_.erase(oldest);
    indexes_.erase(oldest);
  }
  folder_.remove(name_of(oldest));
  if (before > 0) folder_.remove(name_of(base_prefix, before));
  return true;
}

Result<void> BlockLog::check(std::string const& name, std::uint64_t size, bool last) {
  auto const first = height_ + 1;
  auto const file = folder_.read(name, 0, size);
  Index index;
  auto const take = [&](Frame const& frame) { return follow(frame, name, index); };
  TRY_ASSIGN(auto const end, walk_frames(file, name, last, take));
  if (end < size) folder_.truncate(name, end);
  // A process that was killed before its sync left bytes that the next power failure takes away, if nobody syncs them.
  if (last) folder_.sync(name);
  segments_[first] = end;
  if (last) indexes_[first] = std::move(index);
  return {};
}

/// Takes a frame for the next decision.
Result<void> BlockLog::follow(Frame const& frame, std::string const& name, Index& index) {
  auto const decision = base::decode<Decision>(frame.payload);
  if (frame.type != decision_type || !decision || decision->blocks.empty()) {
    return damage(name, frame.begin, "not a decision");
  }
  if (decision->first != height_ + 1 || decision->previous != last_hash_) {
    return damage(name, frame.begin, "does not follow the decision before it");
  }
  index[decision->first] = {frame.begin, frame.end - frame.begin};
  height_ = decision->last();
  last_hash_ = crypto::sha256(frame.payload);
  return {};
}

Height BlockLog::cut(Folder& folder, Height last_max) {
  BlockLog log(folder);
  auto const files = folder.list();
  (void)log.read_base(files);
  std::vector<std::string> behind;
  std::optional<std::pair<std::string, std::uint64_t>> torn;
  for (auto const& [name, size] : files) {
    auto const first = height_of(segment_prefix, name);
    if (!first || *first <= log.base_.height) continue;
    if (torn || !behind.empty() || *first != log.height_ + 1) {
      behind.push_back(name);
      continue;
    }
    auto const file = folder.read(name, 0, size);
    std::uint64_t whole = 0;
    for (auto frame = frame_at(file, 0); frame; frame = frame_at(file, whole)) {
      auto const before = std::pair(log.height_, log.last_hash_);
      Index index;
      bool const follows = log.follow(*frame, name, index).has_value();
      if (!follows || log.height_ > last_max) {
        std::tie(log.height_, log.last_hash_) = before;
        break;
      }
      whole = frame->end;
    }
    if (whole == 0) {
      behind.push_back(name);
    } else if (whole < size) {
      torn = {name, whole};
    }
  }
  // From the end on, so that what is left never has a gap that looks whole.
  for (auto name = behind.rbegin(); name != behind.rend(); ++name) folder.remove(*name);
  if (torn) {
    folder.truncate(torn->first, torn->second);
    folder.sync(torn->first);
  }
  return log.height_;
}

Height BlockLog::height() const {
  std::lock_guard const lock(mutex_);
  return height_;
}

void BlockLog::append(Decision decision) {
  CHECK(decision.first == height_ + 1 && !decision.blocks.empty());
  decision.previous = last_hash_;
  auto const payload = base::encode(decision);
  auto const frame = make_frame(decision_type, payload);
  auto segment = segments_.empty() || segments_.rbegin()->second >= log_segment_bytes_max ? decision.first
                                                                                          : segments_.rbegin()->first;
  auto const name = name_of(segment);
  folder_.append(name, frame);
  folder_.sync(name);
  std::lock_guard const lock(mutex_);
  if (!indexes_.contains(segment)) make_room();
  auto& size = segments_[segment];
  indexes_[segment][decision.first] = {size, frame.size()};
  size += frame.size();
  height_ = decision.last();
  last_hash_ = crypto::sha256(payload);
}

/// The oldest segment's index goes first, never the newest, which append writes on.
void BlockLog::make_room() const {
  if (indexes_.size() >= indexed_segments_max) indexes_.erase(indexes_.begin());
}

Result<std::optional<Decision>> BlockLog::read(Height height) const {
  std::unique_lock lock(mutex_);
  if (segments_.empty() || height < segments_.begin()->first || height > height_) return std::optional<Decision>();
  auto const segment = *std::prev(segments_.upper_bound(height));
  auto const name = name_of(segment.first);
  auto known = indexes_.find(segment.first);
  if (known == indexes_.end()) {
    lock.unlock();
    TRY_ASSIGN(auto index, index_of(name, segment.second));
    lock.lock();
    make_room();
    known = indexes_.insert_or_assign(segment.first, std::move(index)).first;
  }
  auto const place = std::prev(known->second.upper_bound(height))->second;
  lock.unlock();
  auto const bytes = folder_.read(name, place.first, place.second);
  auto const frame = frame_at(bytes, 0);
  if (!frame) return damage(name, place.first, "damaged since the node started");
  TRY_ASSIGN(auto decision, base::decode<Decision>(frame->payload));
  return std::optional<Decision>(std::move(decision));
}

Result<BlockLog::Index> BlockLog::index_of(std::string const& name, std::uint64_t size) const {
  auto const file = folder_.read(name, 0, size);
  Index index;
  TRY_ASSIGN(auto const end, walk_frames(file, name, false, [&](Frame const& frame) -> Result<void> {
               TRY_ASSIGN(auto const decision, base::decode<Decision>(frame.payload));
               index[decision.first] = {frame.begin, frame.end - frame.begin};
               return {};
             }));
  if (end != size) return damage(name, end, "shorter than when the node started");
  return index;
}

}  // namespace storage
