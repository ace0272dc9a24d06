// SPDX-License-Identifier: Apache-2.0
#include "contracts/replay.hpp"

#include "base/time.hpp"

namespace contracts::replay {

namespace {

using base::Bytes;
using base::BytesView;
using base::Hash;
using ledger::Space;
using ledger::state_key;

constexpr std::size_t number_bytes = 8;

Bytes id_key(Hash const& id) { return state_key(Space::replay_id, id.view()); }

Bytes ordered_key(BytesView minute, std::uint64_t number) {
  Bytes key = state_key(Space::replay_id, minute);
  base::append(key, ledger::big_endian(number));
  return key;
}

Bytes idempotency_key(ledger::Body const& body) {
  Bytes key = state_key(Space::transfer, body.actor.view());
  base::append(key, body.idempotency_key->view());
  return key;
}

Hash hash_of(base::List<ledger::Operation, 64> const& operations) {
  return crypto::hash_of(crypto::Tag::transaction, operations);
}

/// Erases ids of the minute, at most `budget`; true when none is left.
bool erase_ids(ledger::Overlay& state, BytesView minute, std::size_t& budget) {
  std::vector<std::pair<Bytes, Bytes>> found;
  bool all = true;
  auto const prefix = state_key(Space::replay_id, minute);
  state.scan(prefix, [&](BytesView key, BytesView id) {
    if (key.size() != prefix.size() + number_bytes) return true;  // the entry of an id that begins like a minute
    if (found.size() == budget) return all = false;
    found.emplace_back(Bytes(key.begin(), key.end()), Bytes(id.begin(), id.end()));
    return true;
  });
  for (auto const& [key, id] : found) {
    state.erase(key);
    state.erase(state_key(Space::replay_id, id));
  }
  budget -= found.size();
  return all;
}

}  // namespace

bool consumed(ledger::StateView const& state, Hash const& id) { return state.get(id_key(id)).has_value(); }

void consume(ledger::Overlay& state, Hash const& id, base::TimeMs valid_until_ms) {
  auto const minute = ledger::big_endian(valid_until_ms / base::minute_ms);
  auto const peaks_key = state_key(Space::log_peaks, minute);
  auto record = ledger::load<ledger::PeaksRecord>(state, peaks_key).value_or(ledger::PeaksRecord{});
  state.put(ordered_key(minute, record.count), Bytes(id.bytes.begin(), id.bytes.end()));
  state.put(id_key(id), minute);
  crypto::Peaks peaks{record.count, std::move(record.hashes)};
  peaks.append(crypto::log_leaf_hash(id.view()));
  record.count = peaks.count;
  record.hashes = std::move(peaks.hashes);
  ledger::store(state, peaks_key, record);
}

void fold(ledger::Overlay& state) {
  auto const first = state_key(Space::log_peaks, BytesView{});
  std::vector<std::pair<Bytes, ledger::ReplayMinuteRecord>> minutes;
  for (auto at = state.diff().lower_bound(first); at != state.diff().end() && at->first[0] == first[0]; ++at) {
    auto const& [key, value] = *at;
    if (key.size() != first.size() + number_bytes || !value) continue;
    auto record = base::decode<ledger::PeaksRecord>(*value);
    CHECK(record.has_value());
    crypto::Peaks const peaks{record->count, std::move(record->hashes)};
    minutes.emplace_back(state_key(Space::replay_minute, BytesView(key).subspan(1)),
                         ledger::ReplayMinuteRecord{peaks.count, peaks.root()});
  }
  for (auto const& [key, record] : minutes) ledger::store(state, key, record);
}

void prune(ledger::Overlay& state, base::TimeMs now_ms, std::size_t ids_max) {
  std::vector<Bytes> passed;
  state.scan(state_key(Space::replay_minute, BytesView{}), [&](BytesView key, BytesView) {
    auto const minute = ledger::from_big_endian(key.subspan(1));
    if ((minute + 1) * base::minute_ms > now_ms) return false;
    passed.emplace_back(key.begin() + 1, key.end());
    return true;
  });
  auto budget = ids_max;
  for (auto const& minute : passed) {
    if (!erase_ids(state, minute, budget)) return;
    state.erase(state_key(Space::replay_minute, minute));
    state.erase(state_key(Space::log_peaks, minute));
  }
}

std::optional<base::Code> earlier(ledger::StateView const& state, ledger::Body const& body) {
  if (!body.idempotency_key) return std::nullopt;
  auto const record = ledger::load<ledger::TransferRecord>(state, idempotency_key(body));
  if (!record) return std::nullopt;
  if (record->operations != hash_of(body.operations)) return base::Code::exists_with_different_fields;
  return base::is_success(record->code) ? base::Code::exists : base::Code::id_already_failed;
}

void keep(ledger::Overlay& state, ledger::Body const& body, Hash const& id, base::Code code) {
  if (!body.idempotency_key) return;
  ledger::store(state, idempotency_key(body), ledger::TransferRecord{id, code, hash_of(body.operations)});
}

}  // namespace contracts::replay
