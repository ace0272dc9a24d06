// SPDX-License-Identifier: Apache-2.0
#include "ledger/beside.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "ledger/accounts.hpp"
#include "ledger/history.hpp"
#include "ledger/records.hpp"

namespace ledger {

namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t number_bytes = 8;

Error misfit(BytesView key, std::string what) { return {Code::E_FORM, "0x" + base::to_hex(key), std::move(what)}; }

Bytes space_key(Space space) { return state_key(space, BytesView{}); }

/// A log as what stands beside the tree gives it.
struct Log {
  crypto::Peaks peaks;
  bool same(std::uint64_t count, Hash const& root) const { return peaks.count == count && peaks.root() == root; }
  /// Compares them with those that stand under a key.
  Result<void> same_peaks(BytesView key, PeaksRecord const& record) const {
    if (record.count == peaks.count && record.hashes == peaks.hashes) return {};
    return misfit(key, "not the peaks of what stands there");
  }
};

Result<PeaksRecord> peaks_at(StateView const& state, BytesView key) {
  auto const bytes = state.get(key);
  if (!bytes) return PeaksRecord{};
  auto record = base::decode<PeaksRecord>(*bytes);
  if (!record) return misfit(key, "not an account of a log");
  return record;
}

std::uint64_t count(StateView const& state, Space space) {
  std::uint64_t out = 0;
  state.scan(space_key(space), [&](BytesView, BytesView) { return ++out > 0; });
  return out;
}

/// The leaves of a row, which stands under the number of its first; empty when there are none in it.
using LeavesOf = std::function<std::vector<Hash>(BytesView key, BytesView row)>;

/// The rows under name ‖ running number, log by log; `judge` gets each whole one. Other keys are passed over.
Result<void> walk(StateView const& state, Space space, LeavesOf const& leaves_of,
                  std::function<Result<void>(Bytes const& name, Log const& log)> const& judge) {
  Bytes name;
  Log log;
  Result<void> out;
  state.scan(space_key(space), [&](BytesView key, BytesView row) {
    auto const leaves = leaves_of(key, row);
    if (leaves.empty()) return true;
    if (key.size() <= number_bytes) {
      out = misfit(key, "too short");
      return false;
    }
    auto const own = key.subspan(1, key.size() - 1 - number_bytes);
    if (!base::equal(own, name)) {
      if (log.peaks.count > 0) out = judge(name, log);
      if (!out) return false;
      name.assign(own.begin(), own.end());
      log = {};
    }
    if (from_big_endian(key.last(number_bytes)) != log.peaks.count) {
      out = misfit(key, "one before it is missing");
      return false;
    }
    for (auto const& leaf : leaves) log.peaks.append(leaf);
    return true;
  });
  if (out && log.peaks.count > 0) out = judge(name, log);
  return out;
}

Result<void> same_peaks(StateView const& state, BytesView key, Log const& log) {
  TRY_ASSIGN(auto const record, peaks_at(state, key));
  return log.same_peaks(key, record);
}

/// How many ids has each minute that is not over, by their receipts.
Result<std::map<std::uint64_t, std::uint64_t>> count_receipts(StateView const& state, ReplayWaste const& waste) {
  std::map<std::uint64_t, std::uint64_t> minutes;
  Result<void> out;
  state.scan(space_key(Space::receipt), [&](BytesView key, BytesView bytes) {
    auto const receipt = base::decode<ReceiptRecord>(bytes);
    if (!receipt) {
      out = misfit(key, "not a receipt");
    } else if (receipt->minute && !waste.is_over(big_endian(*receipt->minute))) {
      ++minutes[*receipt->minute];
    }
    return out.has_value();
  });
  if (!out) return out.error();
  return minutes;
}

/// Each minute has its ids in order, the receipt of each says its minute, and no others say one that is not over.
Result<void> verify_window(StateView const& state) {
  ReplayWaste const waste(state);
  TRY_ASSIGN(auto told, count_receipts(state, waste));
  std::uint64_t rows = 0;
  std::uint64_t minutes = 0;
  Result<void> out;
  state.scan(space_key(Space::replay_minute), [&](BytesView key, BytesView bytes) {
    auto const minute = key.subspan(1);
    auto const record = base::decode<ReplayMinuteRecord>(bytes);
    Log log;
    while (record && log.peaks.count < record->count) {
      auto place = state_key(Space::replay_id, minute);
      base::append(place, big_endian(log.peaks.count));
      auto const row = state.get(place).value_or(Bytes{});
      bool whole = !row.empty() && row.size() % Hash::size == 0;
      for (auto ids = BytesView(row); whole && !ids.empty(); ids = ids.subspan(Hash::size)) {
        auto const id = ids.first(Hash::size);
        auto const receipt = load<ReceiptRecord>(state, state_key(Space::receipt, id));
        whole = receipt && receipt->minute == from_big_endian(minute);
        log.peaks.append(crypto::log_leaf_hash(id));
      }
      if (!whole) {
        out = misfit(place, "an id of the replay window is missing");
        return false;
      }
      ++rows;
    }
    if (!record || !log.same(record->count, record->root)) {
      out = misfit(key, "not the ids of this minute");
      return false;
    }
    if (told[from_big_endian(minute)] != record->count) {
      out = misfit(key, "receipts of ids that this minute does not count");
      return false;
    }
    told.erase(from_big_endian(minute));
    out = same_peaks(state, state_key(Space::log_peaks, minute), log);
    ++minutes;
    return out.has_value();
  });
  if (!out) return out;
  if (!told.empty()) return misfit(space_key(Space::receipt), "ids that no minute counts");
  state.scan(space_key(Space::replay_id), [&](BytesView key, BytesView) {
    if (!waste.holds(key)) --rows;
    return true;
  });
  if (rows != 0) return misfit(space_key(Space::replay_id), "ids that no minute counts");
  // The event log's own stand there too, from the first event on.
  auto const own = state.get(space_key(Space::log_peaks)) ? 1 : 0;
  if (count(state, Space::log_peaks) != minutes + own)
    return misfit(space_key(Space::log_peaks), "peaks of a minute that there is not");
  return {};
}

/// Every subject that has a history has these leaves, and nobody else has any.
Result<void> verify_histories(StateView const& state) {
  std::uint64_t walked = 0;
  TRY(walk(
      state, Space::history_leaf, [](BytesView, BytesView row) { return std::vector{crypto::log_leaf_hash(row)}; },
      [&](Bytes const& name, Log const& log) -> Result<void> {
        ++walked;
        auto const key = state_key(Space::subject, name);
        auto const subject = base::decode<SubjectRecord>(state.get(key).value_or(Bytes{}));
        auto const record = subject && has_history(subject->stored_key) ? state.get(subject->stored_key) : std::nullopt;
        auto const history = record ? history_of(*record) : std::nullopt;
        bool const fits = history && base::equal(tree_key(subject->stored_key).view(), name) &&
                          log.same(history->count, history->root);
        if (!fits) return misfit(state_key(Space::history_leaf, name), "not the history of a subject");
        return log.same_peaks(key, subject->history);
      }));
  std::uint64_t counted = 0;
  for (auto const space : {Space::member, Space::lot, Space::item, Space::unit, Space::thing, Space::contract}) {
    state.scan(space_key(space), [&](BytesView, BytesView record) {
      auto const history = history_of(record);
      if (history && history->count > 0) ++counted;
      return true;
    });
  }
  if (walked != counted) return misfit(space_key(Space::history_leaf), "a history is missing");
  if (count(state, Space::subject) != counted) return misfit(space_key(Space::subject), "subjects without a history");
  return {};
}

/// Of a page, under party ‖ asset ‖ 0 ‖ number. The counter of an account ends with the zero; no asset has one in its
/// name.
std::vector<Hash> lines_of(BytesView key, BytesView row) {
  std::vector<Hash> out;
  auto const zero = std::find(key.begin() + std::min(key.size(), 1 + base::PartyId::size), key.end(), 0);
  if (key.end() - zero != 1 + number_bytes) return out;
  auto const page = base::decode<LinePage>(row);
  if (!page) return out;
  for (auto const& line : *page) out.push_back(crypto::log_leaf_hash(line));
  return out;
}

Result<void> verify_lines(StateView const& state) {
  std::uint64_t walked = 0;
  std::uint64_t pages = 0;
  auto const leaves_of = [&](BytesView key, BytesView row) {
    auto lines = lines_of(key, row);
    if (!lines.empty()) ++pages;
    return lines;
  };
  TRY(walk(state, Space::entry_index, leaves_of, [&](Bytes const& name, Log const& log) -> Result<void> {
    ++walked;
    auto const account = BytesView(name).first(name.size() - 1);
    auto const bytes = state.get(state_key(Space::balance, account));
    auto const balance = base::decode<BalanceRecord>(bytes.value_or(Bytes{}));
    if (!balance || !log.same(balance->lines, balance->lines_root)) {
      return misfit(state_key(Space::entry_index, name), "not the lines of an account");
    }
    if (state.get(state_key(Space::entry_index, name)) != big_endian(log.peaks.count)) {
      return misfit(state_key(Space::entry_index, name), "not the number of lines");
    }
    return same_peaks(state, state_key(Space::account_peaks, account), log);
  }));
  std::uint64_t counted = 0;
  Result<void> out;
  state.scan(space_key(Space::balance), [&](BytesView key, BytesView bytes) {
    auto const balance = base::decode<BalanceRecord>(bytes);
    if (!balance) {
      out = misfit(key, "not an account");
    } else if (balance->lines > 0) {
      ++counted;
    }
    return out.has_value();
  });
  if (!out) return out;
  if (walked != counted || count(state, Space::entry_index) != pages + counted) {
    return misfit(space_key(Space::entry_index), "not all and only the lines of the accounts");
  }
  if (count(state, Space::account_peaks) != counted) {
    return misfit(space_key(Space::account_peaks), "peaks of an account without lines");
  }
  return {};
}

}  // namespace

ReplayWaste::ReplayWaste(StateView const& state) {
  auto const parameters = load<ParametersRecord>(state, Space::parameters, "");
  if (parameters) time_ms_ = parameters->time_ms;
  state.scan(space_key(Space::replay_minute), [&](BytesView key, BytesView) {
    minutes_.emplace(key.begin() + 1, key.end());
    return true;
  });
}

bool ReplayWaste::is_over(BytesView minute) const {
  return !minutes_.contains(Bytes(minute.begin(), minute.end())) && has_passed(minute, time_ms_);
}

bool ReplayWaste::holds(BytesView key) const {
  return key[0] == static_cast<std::uint8_t>(Space::replay_id) && key.size() == 1 + 2 * number_bytes &&
         is_over(key.subspan(1, number_bytes));
}

namespace {

/// All events in order, and the tiles that they fill.
Result<void> verify_events(StateView const& state, ResultHeader const& header) {
  Log log;
  std::uint64_t tiles = 0;
  Result<void> out;
  state.scan(space_key(Space::stored_event), [&](BytesView key, BytesView bytes) {
    auto const event = base::decode<StoredEvent>(bytes);
    if (!event || !base::equal(key.subspan(1), big_endian(log.peaks.count))) {
      out = misfit(key, "not an event, or one before it is missing");
      return false;
    }
    log.peaks.append(crypto::log_leaf_hash(base::encode(log_leaf(*event))),
                     [&](unsigned level, std::uint64_t index, Hash const& hash) {
                       if (level % tile_levels != 0) return;
                       ++tiles;
                       auto const tile = state.get(tile_key(level, index));
                       if (!tile || !base::equal(*tile, hash.view())) {
                         out = misfit(tile_key(level, index), "not the tile of these events");
                       }
                     });
    return out.has_value();
  });
  if (!out) return out;
  if (!log.same(header.event_log_size, header.event_log_root)) {
    return misfit(space_key(Space::stored_event), "not the events of the log");
  }
  if (count(state, Space::log_tile) != tiles) return misfit(space_key(Space::log_tile), "tiles that no event fills");
  if (log.peaks.count == 0) return {};
  return same_peaks(state, space_key(Space::log_peaks), log);
}

}  // namespace

Result<void> verify_beside(StateView const& state, ResultHeader const& header) {
  TRY(verify_events(state, header));
  TRY(verify_window(state));
  TRY(verify_histories(state));
  return verify_lines(state);
}

}  // namespace ledger
