// SPDX-License-Identifier: Apache-2.0
#include "ledger/state.hpp"

namespace ledger {

namespace {

bool begins_with(BytesView key, BytesView prefix) {
  return key.size() >= prefix.size() && base::equal(key.first(prefix.size()), prefix);
}

/// Where a scan starts: no key with the prefix stands before the prefix itself.
Bytes scan_start(BytesView prefix, BytesView from) {
  auto const start = base::less(from, prefix) ? prefix : from;
  return {start.begin(), start.end()};
}

bool read_row(Row const& row, StateView::Reader const& reader) {
  auto const record = row.record();
  if (record) reader(*record);
  return record.has_value();
}

bool read_layered(StateView const& below, StateDiff const& diff, BytesView key, std::uint32_t hash,
                  StateView::Reader const& reader) {
  auto const* const found = diff.find(key, hash);
  return found == nullptr ? below.read(key, hash, reader) : read_row(*found, reader);
}

/// An ordered merge of both; what the diff says of a key hides what stands below.
void scan_layered(StateView const& below, StateDiff const& diff, BytesView prefix, BytesView from,
                  StateView::Visitor const& visit) {
  auto const start = scan_start(prefix, from);
  auto change = diff.lower_bound(start);
  auto const pending = [&] { return change != diff.end() && begins_with(change->first, prefix); };
  auto const emit_change = [&] {
    bool const goes_on = !change->second || visit(change->first, *change->second);
    ++change;
    return goes_on;
  };
  bool goes_on = true;
  below.scan(prefix, start, [&](BytesView key, BytesView value) {
    while (goes_on && pending() && base::less(change->first, key)) goes_on = emit_change();
    if (!goes_on) return false;
    goes_on = pending() && base::equal(change->first, key) ? emit_change() : visit(key, value);
    return goes_on;
  });
  while (goes_on && pending()) goes_on = emit_change();
}

}  // namespace

Bytes state_key(Space space, BytesView id) {
  Bytes key;
  key.reserve(1 + id.size());
  key.push_back(static_cast<std::uint8_t>(space));
  base::append(key, id);
  return key;
}

Bytes state_key(Space space, std::string_view id) { return state_key(space, base::bytes_of(id)); }

Hash tree_key(BytesView stored_key) { return crypto::hash(crypto::Tag::key, {stored_key}); }

Bytes big_endian(std::uint64_t number) {
  Bytes bytes(8);
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return bytes;
}

std::uint64_t from_big_endian(BytesView bytes) {
  CHECK(bytes.size() == 8);
  std::uint64_t number = 0;
  for (auto const byte : bytes) number = number << 8 | byte;
  return number;
}

std::optional<Bytes> StateView::get(BytesView key) const {
  std::optional<Bytes> out;
  read(key, Row::hash_of(key), [&out](BytesView record) { out.emplace(record.begin(), record.end()); });
  return out;
}

bool StateView::has(BytesView key) const {
  return read(key, Row::hash_of(key), [](BytesView) {});
}

void StateView::read_many(std::span<HashedKey const> keys, ManyReader const& reader) const {
  for (auto const& one : keys) {
    bool const is_there = read(one.key, one.hash, [&](BytesView record) { reader(one, record); });
    if (!is_there) reader(one, std::nullopt);
  }
}

bool MemoryState::read(BytesView key, std::uint32_t, Reader const& reader) const {
  auto const found = records_.find(Bytes(key.begin(), key.end()));
  if (found != records_.end()) reader(found->second);
  return found != records_.end();
}

void MemoryState::scan(BytesView prefix, BytesView from, Visitor const& visit) const {
  for (auto i = records_.lower_bound(scan_start(prefix, from)); i != records_.end(); ++i) {
    if (!begins_with(i->first, prefix) || !visit(i->first, i->second)) return;
  }
}

void MemoryState::apply(StateDiff const& diff) {
  for (auto const& [key, value] : diff) {
    Bytes name(key.begin(), key.end());
    if (value) {
      records_.insert_or_assign(std::move(name), Bytes(value->begin(), value->end()));
    } else {
      records_.erase(name);
    }
  }
}

LayeredState::LayeredState(std::shared_ptr<StateView const> below, std::shared_ptr<StateDiff const> diff)
    : below_(std::move(below)), diff_(std::move(diff)) {
  CHECK(below_ && diff_);
  // From here on any thread reads it.
  diff_->begin();
}

bool LayeredState::read(BytesView key, std::uint32_t hash, Reader const& reader) const {
  return read_layered(*below_, *diff_, key, hash, reader);
}

void LayeredState::read_many(std::span<HashedKey const> keys, ManyReader const& reader) const {
  std::vector<HashedKey> left;
  for (auto const& one : keys) {
    auto const* const found = diff_->find(one.key, one.hash);
    if (found == nullptr) {
      left.push_back(one);
    } else {
      reader(one, found->record());
    }
  }
  below_->read_many(left, reader);
}

void LayeredState::scan(BytesView prefix, BytesView from, Visitor const& visit) const {
  scan_layered(*below_, *diff_, prefix, from, visit);
}

bool RememberedState::read(BytesView key, std::uint32_t hash, Reader const& reader) const {
  if (auto const* const known = read_.find(key, hash)) return read_row(*known, reader);
  bool const is_there = below_.read(key, hash, [&](BytesView record) {
    read_.put(key, hash, record);
    reader(record);
  });
  if (!is_there) read_.put(key, hash, std::nullopt);
  return is_there;
}

void RememberedState::expect(std::span<Bytes const> keys) const {
  std::vector<HashedKey> unknown;
  for (auto const& key : keys) {
    auto const hash = Row::hash_of(key);
    if (read_.find(key, hash) == nullptr) unknown.push_back({key, hash});
  }
  below_.read_many(unknown, [&](HashedKey const& one, auto const& record) { read_.put(one.key, one.hash, record); });
}

bool Overlay::read(BytesView key, std::uint32_t hash, Reader const& reader) const {
  return read_layered(below_, diff_, key, hash, reader);
}

void Overlay::scan(BytesView prefix, BytesView from, Visitor const& visit) const {
  scan_layered(below_, diff_, prefix, from, visit);
}

void Overlay::put(BytesView key, BytesView value) { diff_.put(key, value); }

void Overlay::erase(BytesView key) { diff_.put(key, std::nullopt); }

void Overlay::merge(Overlay&& above) {
  CHECK(&above.below_ == this);
  diff_.merge(std::move(above.diff_));
}

}  // namespace ledger
