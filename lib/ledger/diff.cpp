// SPDX-License-Identifier: Apache-2.0
#include "ledger/diff.hpp"

#include <algorithm>
#include <cstring>

namespace ledger {

namespace {

/// Fewer entries are found as fast by their order.
constexpr std::size_t entries_by_order_max = 32;
constexpr std::size_t slots_min = 128;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using u128 = unsigned __int128;
  auto const product = static_cast<u128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

bool StateDiff::Less::operator()(BytesView a, BytesView b) const {
  auto const common = std::min(a.size(), b.size());
  auto const order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  return order != 0 ? order < 0 : a.size() < b.size();
}

StateDiff::StateDiff(std::initializer_list<value_type> entries) : map_(entries) { index_all(); }

StateDiff::StateDiff(StateDiff const& other) : map_(other.map_) { index_all(); }

StateDiff& StateDiff::operator=(StateDiff other) noexcept {
  map_.swap(other.map_);
  slots_.swap(other.slots_);
  seed_ = other.seed_;
  return *this;
}

StateDiff::iterator StateDiff::entry(BytesView key) {
  if (slots_.empty()) return map_.find(key);
  auto const& slot = slots_[slot_of(hash(key), key)];
  return slot.hash == 0 ? map_.end() : slot.entry;
}

StateDiff::const_iterator StateDiff::find(BytesView key) const {
  if (slots_.empty()) return map_.find(key);
  auto const& slot = slots_[slot_of(hash(key), key)];
  return slot.hash == 0 ? map_.end() : const_iterator(slot.entry);
}

std::optional<Bytes>& StateDiff::operator[](BytesView key) {
  auto found = entry(key);
  if (found == map_.end()) {
    found = map_.emplace(Bytes(key.begin(), key.end()), std::nullopt).first;
    index(found);
  }
  return found->second;
}

bool StateDiff::try_emplace(BytesView key, std::optional<Bytes> record) {
  if (entry(key) != map_.end()) return false;
  (*this)[key] = std::move(record);
  return true;
}

void StateDiff::merge(StateDiff&& above) {
  // The fewer move to the many: what a large transaction did becomes that of its block, or the reverse.
  bool const swapped = above.map_.size() > map_.size();
  if (swapped) {
    map_.swap(above.map_);
    slots_.swap(above.slots_);
    std::swap(seed_, above.seed_);
  }
  // What is sorted next often stands next here too.
  auto next = map_.begin();
  while (!above.map_.empty()) {
    auto node = above.map_.extract(above.map_.begin());
    auto const found = entry(node.key());
    if (found == map_.end()) {
      next = map_.insert(next, std::move(node));
      index(next++);
    } else if (!swapped) {
      found->second = std::move(node.mapped());
    }
  }
  above = {};
}

/// Members choose keys: a seed that they cannot know keeps them from choosing keys of one slot. It decides where an
/// entry is found, never whether.
std::uint64_t StateDiff::hash(BytesView key) const {
  auto out = seed_ ^ key.size();
  for (std::size_t i = 0; i < key.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data() + i, std::min<std::size_t>(8, key.size() - i));
    out = fold(out ^ word, 0x9e3779b97f4a7c15) + seed_;
  }
  return std::max<std::uint64_t>(out, 1);
}

std::size_t StateDiff::slot_of(std::uint64_t hash, BytesView key) const {
  auto const mask = slots_.size() - 1;
  auto at = hash & mask;
  for (; slots_[at].hash != 0; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && base::equal(slots_[at].entry->first, key)) break;
  }
  return at;
}

void StateDiff::index(iterator entry) {
  if (2 * map_.size() > slots_.size()) return index_all();
  auto const hashed = hash(entry->first);
  slots_[slot_of(hashed, entry->first)] = {hashed, entry};
}

void StateDiff::index_all() {
  if (map_.size() <= entries_by_order_max) return;
  auto slots = slots_min;
  while (slots < 4 * map_.size()) slots *= 2;
  slots_.assign(slots, {});
  if (seed_ == 0) seed_ = fold(reinterpret_cast<std::uintptr_t>(slots_.data()), 0xd1342543de82ef95);
  for (auto entry = map_.begin(); entry != map_.end(); ++entry) {
    auto const hashed = hash(entry->first);
    slots_[slot_of(hashed, entry->first)] = {hashed, entry};
  }
}

}  // namespace ledger
