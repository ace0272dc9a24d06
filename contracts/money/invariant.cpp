// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "contracts/escrow/host.hpp"
#include "contracts/money/money.hpp"
#include "ledger/contract.hpp"
#include "ledger/records.hpp"

namespace contracts::money {

namespace {

using base::i128;
using ledger::AssetRecord;
using ledger::BalanceRecord;
using ledger::ContractRecord;
using ledger::EntryKind;
using ledger::HoldRecord;
using ledger::Space;

i128 difference(Amount after, Amount before) { return static_cast<i128>(after) - static_cast<i128>(before); }

/// The record that a change leaves; a deleted one counts as empty.
template <class R>
R after_of(std::optional<ledger::BytesView> const& change) {
  if (!change) return R{};
  auto record = base::decode<R>(*change);
  CHECK(record.has_value());
  return std::move(record).value();
}

/// A record before and after the act.
template <class R>
struct Pair {
  ledger::BytesView id;
  R before;
  R after;
};

/// Each changed record of a namespace, in order.
template <class R>
std::vector<Pair<R>> changed(Change const& change, Space space) {
  std::vector<Pair<R>> out;
  auto const first = static_cast<std::uint8_t>(space);
  auto at = change.changes.lower_bound({&first, 1});
  for (; at != change.changes.end() && at->first[0] == first; ++at) {
    if (out.empty()) out.reserve(2);  // A payment's two accounts.
    out.push_back({ledger::BytesView(at->first).subspan(1), ledger::load<R>(change.before, at->first).value_or(R{}),
                   after_of<R>(at->second)});
  }
  return out;
}

/// Views into what the act changed.
struct AccountName {
  PartyId party;
  std::string_view asset;
  auto operator<=>(AccountName const&) const = default;
};
AccountName account_name(ledger::BytesView id) {
  return {*PartyId::from(id.first(PartyId::size)), base::text_of(id.subspan(PartyId::size))};
}

std::optional<std::string> broken(std::string_view what, char const* rule) { return std::string(what) + ": " + rule; }

/// What an act touched, read once for all that is asked of it.
struct Touched {
  explicit Touched(Change const& what)
      : change(what),
        balances(changed<BalanceRecord>(what, Space::balance)),
        assets(changed<AssetRecord>(what, Space::asset)),
        holds(changed<HoldRecord>(what, Space::hold)),
        contracts(changed<ContractRecord>(what, Space::contract)) {
    names.reserve(balances.size());
    for (auto const& one : balances) names.push_back(account_name(one.id));
  }

  Change const& change;
  std::vector<Pair<BalanceRecord>> balances;
  /// Of the balances.
  std::vector<AccountName> names;
  std::vector<Pair<AssetRecord>> assets;
  std::vector<Pair<HoldRecord>> holds;
  std::vector<Pair<ContractRecord>> contracts;

  template <class Visit>
  void each_balance(Visit const& visit) const {
    for (std::size_t i = 0; i < balances.size(); ++i) visit(names[i], balances[i].before, balances[i].after);
  }
};

template <class R, class Visit>
void each(std::vector<Pair<R>> const& all, Visit const& visit) {
  for (auto const& one : all) visit(one.id, one.before, one.after);
}

std::optional<std::string> conserves_assets(Touched const& touched) {
  std::map<std::string_view, i128> posted;
  touched.each_balance([&](AccountName const& name, auto const& before, auto const& after) {
    posted[name.asset] += difference(after.posted, before.posted);
  });
  std::optional<std::string> out;
  each(touched.assets, [&](auto id, auto const& before, auto const& after) {
    std::string const name(base::text_of(id));
    auto const node = posted.extract(name);
    i128 const sum = node.empty() ? 0 : node.mapped();
    if (out) return;
    if (difference(after.posted, before.posted) != sum) {
      out = broken(name, "posted total = sum of balances");
    } else if (sum + difference(after.pots, before.pots) != difference(after.issued, before.issued)) {
      out = broken(name, "posted + pots = issued");
    }
  });
  for (auto const& [asset, sum] : posted) {
    if (!out && sum != 0) out = broken(asset, "posted total = sum of balances");
  }
  return out;
}

std::optional<std::string> keeps_balances(Touched const& touched) {
  std::optional<std::string> out;
  touched.each_balance([&](AccountName const& name, auto const&, auto const& after) {
    if (out) return;
    if (after.held > after.posted) out = broken(name.asset, "held <= posted");
    if (base::sub(after.total_in, after.total_out) != after.posted) {
      out = broken(name.asset, "posted = in - out");
    }
  });
  return out;
}

std::optional<std::string> matches_holds(Touched const& touched) {
  // By account: what holds from it and to it changed, less what the account says of it.
  std::map<AccountName, std::pair<i128, i128>> open;
  std::map<std::string, PartyId> issuers;
  each(touched.holds, [&](auto, auto const& before, auto const& after) {
    auto const delta = difference(after.rest(), before.rest());
    auto const& terms = after.terms;
    open[{terms.from, terms.asset}].first += delta;
    auto [issuer, is_new] = issuers.try_emplace(terms.asset);
    if (is_new) issuer->second = ledger::load<AssetRecord>(touched.change.before, Space::asset, terms.asset)->issuer;
    if (terms.to != issuer->second) open[{terms.to, terms.asset}].second += delta;
  });
  touched.each_balance([&](AccountName const& name, auto const& before, auto const& after) {
    auto const held = difference(after.held, before.held);
    auto const incoming = difference(after.incoming, before.incoming);
    if (held == 0 && incoming == 0) return;
    auto& sums = open[name];
    sums.first -= held;
    sums.second -= incoming;
  });
  for (auto const& [name, sums] : open) {
    if (sums.first != 0) return broken(name.asset, "held = sum of open holds");
    if (sums.second != 0) return broken(name.asset, "incoming = sum of open holds");
  }
  return std::nullopt;
}

/// By asset, what roles paid in less what they were paid.
std::map<std::string, i128> balance_of(ContractRecord const& contract) {
  std::map<std::string, i128> out;
  for (auto const& total : contract.totals) out[total.asset] += difference(total.paid_in, total.paid_out);
  return out;
}

/// By asset, what the pots hold. Only terms say of what a pot is, so they are read when there is a choice.
std::map<std::string, i128> pots_of(Change const& change, ContractRecord const& contract,
                                    std::map<std::string, i128> const& balance) {
  std::map<std::string, i128> out;
  if (balance.size() <= 1) {
    for (auto const& pot : contract.pots) {
      if (pot.amount != 0) out[balance.empty() ? "" : balance.begin()->first] += static_cast<i128>(pot.amount);
    }
    return out;
  }
  // They may have been stored by the same act.
  ledger::Overlay state(change.before);
  auto const key = ledger::terms_key(contract.terms);
  auto const* const stored = change.changes.find(key);
  if (stored != nullptr && stored->record()) state.put(key, *stored->record());
  auto const terms = escrow::stored_terms(state, contract.terms);
  for (std::size_t i = 0; i < contract.pots.size() && i < terms.pots.size(); ++i) {
    out[terms.assets[terms.pots[i].asset].id] += static_cast<i128>(contract.pots[i].amount);
  }
  return out;
}

void drop_zeros(std::map<std::string, i128>& sums) {
  std::erase_if(sums, [](auto const& one) { return one.second == 0; });
}

std::optional<std::string> matches_pots(Touched const& touched) {
  // By contract and asset, then by asset alone.
  std::map<Hash, std::map<std::string, i128>> told;
  std::map<std::string, i128> pots;
  for (auto const& entry : touched.change.entries) {
    if (entry.kind != EntryKind::deposit && entry.kind != EntryKind::payout) continue;
    auto const amount = static_cast<i128>(entry.amount);
    told[entry.counterparty][entry.asset] += entry.kind == EntryKind::deposit ? amount : -amount;
  }
  std::optional<std::string> out;
  each(touched.contracts, [&](auto id, auto const& before, auto const& after) {
    auto after_sums = balance_of(after);
    auto held = pots_of(touched.change, after, after_sums);
    auto moved = after_sums;
    for (auto const& [asset, sum] : balance_of(before)) moved[asset] -= sum;
    drop_zeros(after_sums);
    drop_zeros(held);
    drop_zeros(moved);
    auto lines = told.extract(*Hash::from(id));
    if (!lines.empty()) drop_zeros(lines.mapped());
    auto const expected = lines.empty() ? std::map<std::string, i128>{} : lines.mapped();
    if (!out && held != after_sums) out = broken("0x" + base::to_hex(id), "pots = deposits - payouts");
    if (!out && moved != expected) out = broken("0x" + base::to_hex(id), "deposits and payouts have lines");
    for (auto const& [asset, sum] : moved) pots[asset] += sum;
  });
  if (!out && !told.empty()) out = broken(told.begin()->first.hex(), "deposits and payouts have a contract");
  each(touched.assets, [&](auto id, auto const& before, auto const& after) {
    std::string const name(base::text_of(id));
    auto const node = pots.extract(name);
    i128 const sum = node.empty() ? 0 : node.mapped();
    if (!out && difference(after.pots, before.pots) != sum) out = broken(name, "pots total = sum of contracts");
  });
  for (auto const& [asset, sum] : pots) {
    if (!out && sum != 0) out = broken(asset, "pots total = sum of contracts");
  }
  return out;
}

std::optional<std::string> keeps_supply(Touched const& touched) {
  std::optional<std::string> out;
  each(touched.assets, [&](auto id, auto const&, auto const& after) {
    if (!out && after.issued > after.max_supply) out = broken(std::string(base::text_of(id)), "issued <= max_supply");
  });
  return out;
}

std::optional<std::string> clears_ended(Touched const& touched) {
  auto const& change = touched.change;
  std::set<Hash> ended;
  std::optional<std::string> out;
  auto const find = [&](ledger::Bytes const& key) -> bool {
    auto const* const at = change.changes.find(key);
    return at == nullptr ? change.before.has(key) : at->record().has_value();
  };
  each(touched.contracts, [&](auto id, auto const& before, auto const& after) {
    if (!after.closed_ms || out) return;
    auto const contract = *Hash::from(id);
    ended.insert(contract);
    auto const full = [](ledger::PotAmount const& pot) { return pot.amount != 0; };
    bool waits = find(ledger::pending_place_key(contract));
    for (std::size_t i = 0; i < before.lanes.size(); ++i) {
      waits = waits || find(ledger::deadline_key(before.lanes[i].due_ms, contract, static_cast<std::uint8_t>(i)));
    }
    if (std::any_of(after.pots.begin(), after.pots.end(), full)) out = broken(contract.hex(), "ended with full pots");
    if (waits) out = broken(contract.hex(), "ended and still indexed");
  });
  if (out || ended.empty()) return out;
  for (auto const space : {Space::trigger_index, Space::deadline_index}) {
    auto const first = static_cast<std::uint8_t>(space);
    auto at = change.changes.lower_bound({&first, 1});
    for (; at != change.changes.end() && at->first[0] == first; ++at) {
      if (!at->second) continue;
      auto const contract = space == Space::trigger_index ? ledger::contract_of_key(at->first)
                                                          : ledger::read_deadline_key(at->first).contract;
      if (ended.contains(contract)) return broken(contract.hex(), "ended and still indexed");
    }
  }
  return out;
}

std::optional<std::string> names_causes(Touched const& touched) {
  auto const& signers = touched.change.signers;
  // Of each balance, in their order: what went out and no line tells of.
  std::vector<i128> unexplained;
  unexplained.reserve(touched.balances.size());
  for (auto const& one : touched.balances) {
    unexplained.push_back(difference(one.after.total_out, one.before.total_out));
  }
  for (auto const& entry : touched.change.entries) {
    if (ledger::sign_of(entry.kind) >= 0) continue;
    bool const has_other_cause =
        entry.kind == EntryKind::clawback || entry.kind == EntryKind::hold_paid || entry.kind == EntryKind::netting_out;
    auto const signs = [&](ledger::Signer const& one) { return one.party == entry.account; };
    if (!has_other_cause && std::none_of(signers.begin(), signers.end(), signs)) {
      return broken(entry.asset, "a debit that its party did not sign");
    }
    AccountName const name{entry.account, entry.asset};
    auto const place = std::lower_bound(touched.names.begin(), touched.names.end(), name);
    if (place == touched.names.end() || *place != name) return broken(entry.asset, "a debit without a line");
    unexplained[static_cast<std::size_t>(place - touched.names.begin())] -= static_cast<i128>(entry.amount);
  }
  for (std::size_t i = 0; i < unexplained.size(); ++i) {
    if (unexplained[i] != 0) return broken(touched.names[i].asset, "a debit without a line");
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> conserves_assets(Change const& change) { return conserves_assets(Touched(change)); }
std::optional<std::string> keeps_balances(Change const& change) { return keeps_balances(Touched(change)); }
std::optional<std::string> matches_holds(Change const& change) { return matches_holds(Touched(change)); }
std::optional<std::string> matches_pots(Change const& change) { return matches_pots(Touched(change)); }
std::optional<std::string> keeps_supply(Change const& change) { return keeps_supply(Touched(change)); }
std::optional<std::string> clears_ended(Change const& change) { return clears_ended(Touched(change)); }
std::optional<std::string> names_causes(Change const& change) { return names_causes(Touched(change)); }

std::optional<std::string> leaves_no_trace(ledger::StateDiff const& changes) {
  for (auto const& [key, value] : changes) {
    switch (static_cast<Space>(key[0])) {
      case Space::replay_minute:
      case Space::log_peaks:
      case Space::meter:
      case Space::transfer:
      case Space::receipt:
        // Of the peaks only a minute's: those of the event log have an empty id.
        if (static_cast<Space>(key[0]) != Space::log_peaks || key.size() > 1) continue;
        break;
      default:
        break;
    }
    return broken("0x" + base::to_hex(key), "changed by a failed transaction");
  }
  return std::nullopt;
}

std::optional<std::string> broken_invariant(Change const& change) {
  Touched const touched(change);
  using Check = std::optional<std::string> (*)(Touched const& touched);
  constexpr std::array<Check, 7> all = {conserves_assets, keeps_balances, matches_holds, matches_pots,
                                        keeps_supply,     clears_ended,   names_causes};
  for (auto const invariant : all) {
    if (auto name = invariant(touched)) return name;
  }
  return std::nullopt;
}

}  // namespace contracts::money
