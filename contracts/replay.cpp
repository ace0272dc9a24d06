// SPDX-License-Identifier: Apache-2.0
#include "contracts/replay.hpp"

#include <algorithm>
#include <tuple>

#include "base/time.hpp"
#include "ledger/beside.hpp"
#include "ledger/peaks.hpp"

namespace contracts::replay {

namespace {

using base::Bytes;
using base::BytesView;
using base::Hash;
using ledger::Space;
using ledger::state_key;

constexpr std::size_t number_bytes = 8;
constexpr std::size_t row_ids_max = 256;

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

/// Erases rows until `budget` ids are gone.
class Eraser {
 public:
  explicit Eraser(std::size_t budget) : budget_(budget) {}
  /// Notes a row, because no scan may change what it scans. False once the budget is used up.
  bool take(BytesView key, BytesView ids) {
    if (budget_ == 0) return false;
    budget_ -= std::min(budget_, std::max<std::size_t>(1, ids.size() / Hash::size));
    rows_.emplace_back(key.begin(), key.end());
    return true;
  }
  void erase(ledger::Overlay& state) {
    for (auto const& row : rows_) state.erase(row);
    rows_.clear();
  }

 private:
  std::size_t budget_;
  std::vector<Bytes> rows_;
};

/// Erases ids of the minute; true when none is left.
bool erase_ids(ledger::Overlay& state, BytesView minute, Eraser& eraser) {
  bool all = true;
  state.scan(state_key(Space::replay_id, minute),
             [&](BytesView key, BytesView ids) { return all = eraser.take(key, ids); });
  eraser.erase(state);
  return all;
}

std::vector<Bytes> passed_minutes(ledger::StateView const& state, base::TimeMs now_ms) {
  std::vector<Bytes> out;
  state.scan(state_key(Space::replay_minute, BytesView{}), [&](BytesView key, BytesView) {
    if (!ledger::has_passed(key.subspan(1), now_ms)) return false;
    out.emplace_back(key.begin() + 1, key.end());
    return true;
  });
  return out;
}

void forget_minute(ledger::Overlay& state, BytesView minute) {
  state.erase(state_key(Space::replay_minute, minute));
  state.erase(state_key(Space::log_peaks, minute));
}

/// Ids of minutes that have passed.
void erase_waste(ledger::Overlay& state, base::TimeMs now_ms, Eraser& eraser) {
  state.scan(state_key(Space::replay_id, BytesView{}), [&](BytesView key, BytesView ids) {
    return ledger::has_passed(key.subspan(1, number_bytes), now_ms) && eraser.take(key, ids);
  });
  eraser.erase(state);
}

}  // namespace

/// Peaks and record of a minute come and go together, but within a block the peaks are there first. By version 1 of the
/// law an id is unknown as soon as its row is cleared away, which begins with the oldest.
bool consumed(ledger::StateView const& state, Hash const& id) {
  auto const record = ledger::load<ledger::ReceiptRecord>(state, ledger::receipt_key(id));
  if (!record || !record->minute) return false;
  auto const minute = ledger::big_endian(*record->minute);
  if (!state.has(state_key(Space::log_peaks, minute))) return false;
  std::optional<Hash> oldest;
  state.scan(state_key(Space::replay_id, minute), [&](BytesView, BytesView ids) {
    oldest = Hash::from(ids.first(Hash::size));
    return false;
  });
  auto const left = oldest ? ledger::load<ledger::ReceiptRecord>(state, ledger::receipt_key(*oldest)) : std::nullopt;
  return !left || std::tie(left->height, left->index) <= std::tie(record->height, record->index);
}

std::uint64_t Consumed::add(ledger::Overlay& state, Hash const& id, base::TimeMs valid_until_ms) {
  auto const minute = valid_until_ms / base::minute_ms;
  auto const key = ledger::big_endian(minute);
  auto& ids = ids_[minute];
  if (ids.empty()) {
    auto const peaks_key = state_key(Space::log_peaks, key);
    if (!state.get(peaks_key)) ledger::store_peaks(state, peaks_key, {});
  }
  ids.push_back(id);
  return minute;
}

void Consumed::write(ledger::Overlay& state) && {
  for (auto const& [number, ids] : ids_) {
    auto const minute = ledger::big_endian(number);
    auto const peaks_key = state_key(Space::log_peaks, minute);
    auto peaks = ledger::load_peaks(state, peaks_key);
    for (std::size_t first = 0; first < ids.size(); first += row_ids_max) {
      auto const key = ordered_key(minute, peaks.count);
      Bytes row;
      for (auto i = first; i < std::min(ids.size(), first + row_ids_max); ++i) {
        base::append(row, ids[i].view());
        peaks.append(crypto::log_leaf_hash(ids[i].view()));
      }
      state.put(key, std::move(row));
    }
    ledger::store(state, state_key(Space::replay_minute, minute),
                  ledger::ReplayMinuteRecord{peaks.count, peaks.root()});
    ledger::store_peaks(state, peaks_key, std::move(peaks));
  }
}

void prune(ledger::Overlay& state, base::TimeMs now_ms, std::uint32_t version, std::size_t ids_max) {
  auto const passed = passed_minutes(state, now_ms);
  Eraser eraser(ids_max);
  if (version == 1) {
    for (auto const& minute : passed) {
      if (!erase_ids(state, minute, eraser)) return;
      forget_minute(state, minute);
    }
    return;
  }
  for (auto const& minute : passed) forget_minute(state, minute);
  erase_waste(state, now_ms, eraser);
}

namespace {

using base::Code;
using Operations = base::List<ledger::Operation, 64>;

/// One field of one operation: enough of its hash to see that it differs.
struct Mark {
  std::size_t operation = 0;
  std::string_view field;
  std::uint32_t value = 0;
};

std::uint32_t mark_of(BytesView bytes) {
  auto const hash = crypto::hash(crypto::Tag::key, {bytes});
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < sizeof(out); ++i) out = out << 8 | hash.bytes[i];
  return out;
}

std::vector<Mark> marks_of(Operations const& operations) {
  std::vector<Mark> out;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    std::visit(
        [&](auto const& operation) {
          out.push_back({i, "kind", mark_of(base::bytes_of(operation.name))});
          auto visit = [&](std::string_view name, auto const& field) {
            out.push_back({i, name, mark_of(base::encode(field))});
          };
          std::remove_cvref_t<decltype(operation)>::fields(operation, visit);
        },
        operations[i]);
  }
  return out;
}

Code code_of(std::string_view field) {
  auto const wanted = "exists_with_different_" + std::string(field);
  for (auto number = static_cast<std::uint16_t>(Code::exists_with_different_kind);
       number <= static_cast<std::uint16_t>(Code::exists_with_different_travel); ++number) {
    if (base::name(static_cast<Code>(number)) == wanted) return static_cast<Code>(number);
  }
  return Code::exists_with_different_fields;
}

Earlier named(std::vector<std::uint32_t> const& kept, Operations const& asked) {
  auto const marks = marks_of(asked);
  for (std::size_t i = 0; i < marks.size() && i < kept.size(); ++i) {
    if (marks[i].value == kept[i]) continue;
    auto const path = "operations[" + std::to_string(marks[i].operation) + "]";
    bool const is_kind = marks[i].field == "kind";
    return {code_of(marks[i].field), is_kind ? path : path + "." + std::string(marks[i].field)};
  }
  return {Code::exists_with_different_fields, "operations"};
}

std::vector<std::uint32_t> values_of(Operations const& operations) {
  std::vector<std::uint32_t> out;
  for (auto const& mark : marks_of(operations)) out.push_back(mark.value);
  return out;
}

}  // namespace

bool is_transient(Code code) {
  if (base::is_success(code) || base::is_malformed(code)) return false;
  return code != Code::E_AMOUNT && code != Code::E_HOLD_ENDED && code != Code::E_INVARIANT;
}

std::optional<Earlier> difference(Operations const& kept, Operations const& asked) {
  if (kept == asked) return std::nullopt;
  return named(values_of(kept), asked);
}

std::optional<Earlier> earlier(ledger::StateView const& state, ledger::Body const& body) {
  if (!body.idempotency_key) return std::nullopt;
  auto const record = ledger::load<ledger::TransferRecord>(state, idempotency_key(body));
  if (!record) return std::nullopt;
  if (!base::is_success(record->code)) return Earlier{Code::id_already_failed, "idempotency_key"};
  if (record->operations == hash_of(body.operations)) return Earlier{};
  return named(record->marks, body.operations);
}

void keep(ledger::Overlay& state, ledger::Body const& body, base::Hash const& id, base::Code code) {
  if (!body.idempotency_key || (!base::is_success(code) && !is_transient(code))) return;
  // Nothing was judged: what was signed may be sent again as it is meant, with another id.
  if (code == Code::E_BUSY) return;
  auto marks = values_of(body.operations);
  marks.resize(std::min(marks.size(), decltype(ledger::TransferRecord::marks)::max));
  ledger::store(state, idempotency_key(body),
                ledger::TransferRecord{id, code, hash_of(body.operations), std::move(marks)});
}

}  // namespace contracts::replay
