// SPDX-License-Identifier: Apache-2.0
#include "ledger/history.hpp"

#include "ledger/peaks.hpp"

namespace ledger {

namespace {

constexpr std::size_t history_bytes = 8 + Hash::size;

Bytes leaf_key(Hash const& subject, std::uint64_t sequence) {
  Bytes key = state_key(Space::history_leaf, subject.view());
  base::append(key, big_endian(sequence));
  return key;
}

/// Puts count and root into the last bytes of the subject's record.
void fold(Overlay& state, Bytes const& subject, History const& history) {
  auto record = state.get(subject);
  if (!record && subject[0] == static_cast<std::uint8_t>(Space::thing)) record = base::encode(ThingRecord{});
  CHECK(record && record->size() >= history_bytes);
  auto const bytes = base::encode(history);
  std::copy(bytes.begin(), bytes.end(), record->end() - static_cast<std::ptrdiff_t>(history_bytes));
  state.put(subject, std::move(*record));
}

}  // namespace

Bytes tile_key(unsigned level, std::uint64_t index) {
  Bytes key = state_key(Space::log_tile, BytesView{});
  key.push_back(static_cast<std::uint8_t>(level));
  base::append(key, big_endian(index));
  return key;
}

LogLeaf log_leaf(StoredEvent const& event) {
  LogLeaf leaf;
  leaf.height = event.height;
  leaf.transaction = event.transaction;
  leaf.event_index = event.event_index;
  leaf.actor = event.actor;
  leaf.payload_hash = crypto::sha256(BytesView(event.payload));
  leaf.view_root = event.view_root;
  leaf.view_size = event.view_size;
  return leaf;
}

std::uint64_t append_log(Overlay& state, StoredEvent const& event) {
  auto const keep = [&](unsigned level, std::uint64_t index, Hash const& hash) {
    if (level % tile_levels == 0) state.put(tile_key(level, index), Bytes(hash.view().begin(), hash.view().end()));
  };
  auto const key = state_key(Space::log_peaks, BytesView{});
  auto peaks = load_peaks(state, key);
  auto const index = peaks.count;
  peaks.append(crypto::log_leaf_hash(base::encode(log_leaf(event))), keep);
  store_peaks(state, key, std::move(peaks));
  store(state, state_key(Space::stored_event, big_endian(index)), event);
  return index;
}

bool has_history(BytesView stored_key) {
  if (stored_key.empty()) return false;
  switch (static_cast<Space>(stored_key[0])) {
    case Space::member:
    case Space::lot:
    case Space::item:
    case Space::unit:
    case Space::thing:
    case Space::contract:
      return true;
    default:
      return false;
  }
}

std::uint64_t history_count(StateView const& state, BytesView subject) {
  auto const row = load<SubjectRecord>(state, subject_row(tree_key(subject)));
  return row ? row->history.count : 0;
}

std::uint64_t append_history(Overlay& state, BytesView subject, ActLeaf const& act, std::vector<Link> links) {
  CHECK(has_history(subject));
  HistoryLeaf leaf;
  leaf.subject = tree_key(subject);
  auto const key = subject_row(leaf.subject);
  auto row = load<SubjectRecord>(state, key);
  if (!row) row = SubjectRecord{Bytes(subject.begin(), subject.end()), {}};
  leaf.sequence = row->history.count;
  leaf.log_index = act.log_index;
  leaf.height = act.height;
  leaf.transaction_index = act.transaction_index;
  leaf.kind = act.kind;
  leaf.actor = act.actor;
  leaf.event_time_ms = act.event_time_ms;
  leaf.payload_hash = act.payload_hash;
  leaf.view_root = act.view_root;
  leaf.view_size = act.view_size;
  leaf.links = std::move(links);
  auto bytes = base::encode(leaf);
  auto peaks = peaks_of(std::move(row->history));
  peaks.append(crypto::log_leaf_hash(bytes));
  row->history = record_of(std::move(peaks));
  store(state, key, *row);
  state.put(leaf_key(leaf.subject, leaf.sequence), std::move(bytes));
  return leaf.sequence;
}

void fold_histories(Overlay& state) {
  auto const first = state_key(Space::subject, BytesView{});
  std::vector<std::pair<Bytes, History>> grown;
  auto const& diff = state.diff();
  for (auto i = diff.lower_bound(first); i != diff.end() && i->first[0] == first[0]; ++i) {
    CHECK(i->second.has_value());
    auto row = base::decode<SubjectRecord>(*i->second);
    CHECK(row.has_value());
    auto const peaks = peaks_of(std::move(row->history));
    grown.emplace_back(std::move(row->stored_key), History{peaks.count, peaks.root()});
  }
  for (auto const& [subject, history] : grown) fold(state, subject, history);
}

std::optional<HistoryLeaf> history_leaf(StateView const& state, Hash const& subject, std::uint64_t sequence) {
  return load<HistoryLeaf>(state, leaf_key(subject, sequence));
}

std::vector<Hash> history_leaf_hashes(StateView const& state, Hash const& subject, std::uint64_t count) {
  std::vector<Hash> hashes;
  state.scan(state_key(Space::history_leaf, subject.view()), [&](BytesView, BytesView leaf) {
    if (hashes.size() < count) hashes.push_back(crypto::log_leaf_hash(leaf));
    return hashes.size() < count;
  });
  return hashes;
}

std::optional<History> history_of(BytesView record) {
  if (record.size() < history_bytes) return std::nullopt;
  auto history = base::decode<History>(record.last(history_bytes));
  CHECK(history.has_value());
  return *history;
}

std::optional<Bytes> subject_key(StateView const& state, Hash const& subject) {
  auto row = load<SubjectRecord>(state, subject_row(subject));
  if (!row) return std::nullopt;
  return std::move(row->stored_key);
}

bool is_subject(StateView const& state, Hash const& name) { return state.has(subject_row(name)); }

void each_subject(StateView const& state, Hash const& from,
                  std::function<bool(Hash const& name, BytesView stored_key)> const& visit) {
  state.scan(state_key(Space::subject, BytesView{}), subject_row(from), [&](BytesView key, BytesView bytes) {
    auto const name = Hash::from(key.subspan(1));
    auto const row = base::decode<SubjectRecord>(bytes);
    CHECK(name && row);
    return visit(*name, row->stored_key);
  });
}

std::optional<StoredEvent> stored_event(StateView const& state, std::uint64_t log_index) {
  return load<StoredEvent>(state, state_key(Space::stored_event, big_endian(log_index)));
}

std::uint64_t log_size(StateView const& state) {
  return load_peaks(state, state_key(Space::log_peaks, BytesView{})).count;
}

Hash log_root(StateView const& state) { return load_peaks(state, state_key(Space::log_peaks, BytesView{})).root(); }

namespace {

Hash full_node(StateView const& state, unsigned level, std::uint64_t index) {
  if (level == 0) return crypto::log_leaf_hash(base::encode(log_leaf(*stored_event(state, index))));
  if (level % tile_levels == 0) return *Hash::from(*state.get(tile_key(level, index)));
  return crypto::log_node_hash(full_node(state, level - 1, 2 * index), full_node(state, level - 1, 2 * index + 1));
}

}  // namespace

std::optional<Hash> log_node(StateView const& state, unsigned level, std::uint64_t index) {
  if (level >= 64 || index >= log_size(state) >> level) return std::nullopt;
  return full_node(state, level, index);
}

}  // namespace ledger
