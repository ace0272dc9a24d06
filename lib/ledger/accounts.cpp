// SPDX-License-Identifier: Apache-2.0
#include "ledger/accounts.hpp"

#include <utility>

#include "ledger/peaks.hpp"

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

void Lines::add(StatementRecord const& line) {
  Bytes account(line.entry.account.bytes.begin(), line.entry.account.bytes.end());
  base::append(account, base::bytes_of(line.entry.asset));
  by_account_[std::move(account)].push_back(base::encode(line));
}

void Lines::write(Overlay& state) && {
  for (auto& [account, lines] : by_account_) {
    auto const peaks_key = state_key(Space::account_peaks, account);
    auto counter = state_key(Space::entry_index, account);
    counter.push_back(0);
    auto peaks = load_peaks(state, peaks_key);
    LinePage page;
    for (auto& line : lines) {
      peaks.append(crypto::log_leaf_hash(line));
      page.emplace_back(std::move(line));
      if (peaks.count % page_lines_max != 0 && &line != &lines.back()) continue;
      auto key = counter;
      base::append(key, big_endian(peaks.count - page.size()));
      store(state, key, std::exchange(page, {}));
    }
    auto const balance_key = state_key(Space::balance, account);
    auto balance = load<BalanceRecord>(state, balance_key).value_or(BalanceRecord{});
    balance.lines = peaks.count;
    balance.lines_root = peaks.root();
    store(state, balance_key, balance);
    state.put(counter, big_endian(peaks.count));
    store_peaks(state, peaks_key, std::move(peaks));
  }
}

void scan_lines(StateView const& state, PartyId const& party, std::string_view asset, std::uint64_t from,
                std::function<bool(std::uint64_t, BytesView)> const& visit) {
  auto const counter = statement_key(party, asset);
  auto start = counter;
  base::append(start, big_endian(from - from % page_lines_max));
  state.scan(counter, start, [&](BytesView key, BytesView row) {
    auto number = from_big_endian(key.subspan(counter.size()));
    auto const page = base::decode<LinePage>(row);
    CHECK(page.has_value());
    for (auto const& line : *page) {
      if (number >= from && !visit(number, line)) return false;
      ++number;
    }
    return true;
  });
}

}  // namespace ledger
