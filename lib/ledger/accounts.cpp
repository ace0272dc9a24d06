// SPDX-License-Identifier: Apache-2.0
#include "ledger/accounts.hpp"

#include "ledger/records.hpp"

namespace ledger {

namespace {

/// Namespace ‖ party ‖ asset.
Bytes account_key(Space space, PartyId const& party, std::string_view asset) {
  Bytes key = state_key(space, party.view());
  base::append(key, base::bytes_of(asset));
  return key;
}

}  // namespace

Bytes balance_key(PartyId const& party, std::string_view asset) { return account_key(Space::balance, party, asset); }

Bytes spending_key(PartyId const& party, std::string_view asset) { return account_key(Space::spending, party, asset); }

Bytes institution_key(PartyId const& party, std::string_view asset) {
  return account_key(Space::institution, party, asset);
}

Bytes travel_key(PartyId const& institution, std::string_view reference) {
  return account_key(Space::travel_reference, institution, reference);
}

Bytes paid_key(PartyId const& from, PartyId const& to, std::string_view asset) {
  Bytes key = account_key(Space::paid, from, {});
  base::append(key, to.view());
  base::append(key, base::bytes_of(asset));
  return key;
}

Bytes hold_index_key(PartyId const& party, std::string_view asset, std::optional<Hash> const& hold) {
  Bytes key = account_key(Space::hold_index, party, asset);
  key.push_back(0);
  if (hold) base::append(key, hold->view());
  return key;
}

Bytes expiry_key(TimeMs due_ms, Expiry kind, Hash const& id) {
  Bytes key = state_key(Space::expiry_index, big_endian(due_ms));
  key.push_back(static_cast<std::uint8_t>(kind));
  base::append(key, id.view());
  return key;
}

Bytes limits_key(std::string_view asset, std::uint8_t tier) {
  Bytes key = state_key(Space::limits, asset);
  key.push_back(0);
  key.push_back(tier);
  return key;
}

Bytes statement_key(PartyId const& party, std::string_view asset) {
  Bytes key = account_key(Space::entry_index, party, asset);
  key.push_back(0);
  return key;
}

Bytes statement_key(PartyId const& party, std::string_view asset, std::uint64_t number) {
  Bytes key = statement_key(party, asset);
  base::append(key, big_endian(number));
  return key;
}

void append_line(Overlay& state, StatementRecord const& line) {
  auto const peaks_key = account_key(Space::account_peaks, line.entry.account, line.entry.asset);
  auto record = load<PeaksRecord>(state, peaks_key).value_or(PeaksRecord{});
  auto const counter = statement_key(line.entry.account, line.entry.asset);
  auto bytes = base::encode(line);
  crypto::Peaks peaks{record.count, std::move(record.hashes)};
  peaks.append(crypto::log_leaf_hash(bytes));
  state.put(statement_key(line.entry.account, line.entry.asset, record.count), std::move(bytes));
  state.put(counter, big_endian(peaks.count));
  record.count = peaks.count;
  record.hashes = std::move(peaks.hashes);
  store(state, peaks_key, record);
}

void fold_lines(Overlay& state) {
  auto const first = state_key(Space::account_peaks, BytesView{});
  std::vector<std::pair<Bytes, BalanceRecord>> grown;
  for (auto at = state.diff().lower_bound(first); at != state.diff().end() && at->first[0] == first[0]; ++at) {
    CHECK(at->second.has_value());
    auto record = base::decode<PeaksRecord>(*at->second);
    CHECK(record.has_value());
    auto key = state_key(Space::balance, BytesView(at->first).subspan(1));
    auto balance = load<BalanceRecord>(state, key).value_or(BalanceRecord{});
    crypto::Peaks const peaks{record->count, std::move(record->hashes)};
    balance.lines = peaks.count;
    balance.lines_root = peaks.root();
    grown.emplace_back(std::move(key), std::move(balance));
  }
  for (auto const& [key, balance] : grown) store(state, key, balance);
}

}  // namespace ledger
