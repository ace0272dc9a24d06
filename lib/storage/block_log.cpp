// SPDX-License-Identifier: Apache-2.0
#include "storage/block_log.hpp"

#include <cstdio>

#include "crypto/hash.hpp"
#include "storage/frame.hpp"

namespace storage {

namespace {

constexpr std::uint8_t decision_type = 2;
constexpr std::string_view prefix = "blocks-";

std::string name_of(Height first) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%020llu", static_cast<unsigned long long>(first));
  return std::string(prefix) + digits;
}

std::optional<Height> first_of(std::string const& name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  auto const digits = std::string_view(name).substr(prefix.size());
  auto const first = digits.find_first_not_of('0');
  if (first == std::string_view::npos) return std::nullopt;
  auto const number = base::from_decimal(digits.substr(first), ~std::uint64_t{0});
  if (!number || name_of(static_cast<Height>(*number)) != name) return std::nullopt;
  return static_cast<Height>(*number);
}

base::Error damage(std::string const& name, std::uint64_t offset, std::string const& what) {
  return {base::Code::E_ENCODING, name + ":" + std::to_string(offset), what};
}

}  // namespace

Result<std::unique_ptr<BlockLog>> BlockLog::open(Folder& folder) {
  std::unique_ptr<BlockLog> log(new BlockLog(folder));
  std::map<Height, std::uint64_t> found;
  for (auto const& [name, size] : folder.list()) {
    if (auto const first = first_of(name)) found[*first] = size;
  }
  for (auto const& [first, size] : found) {
    auto const name = name_of(first);
    if (first != log->height_ + 1) return damage(name, 0, "the blocks before it are missing");
    TRY(log->check(name, size, first == found.rbegin()->first));
  }
  return log;
}

Result<void> BlockLog::check(std::string const& name, std::uint64_t size, bool last) {
  auto const first = height_ + 1;
  auto const file = folder_.read(name, 0, size);
  Index index;
  auto const take = [&](Frame const& frame) -> Result<void> {
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
  };
  TRY_ASSIGN(auto const end, walk_frames(file, name, last, take));
  if (end < size) folder_.truncate(name, end);
  // A process that was killed before its sync left bytes that the next power failure takes away, if nobody syncs them.
  if (last) folder_.sync(name);
  segments_[first] = end;
  if (last) indexes_[first] = std::move(index);
  return {};
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
  if (height == 0 || height > height_) return std::optional<Decision>();
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
