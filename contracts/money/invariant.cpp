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
R after_of(std::optional<ledger::Bytes> const& change) {
  if (!change) return R{};
  auto record = base::decode<R>(*change);
  CHECK(record.has_value());
  return std::move(record).value();
}

/// Calls visit(id, before, after) for each changed record of a namespace, in order.
template <class R, class Visit>
void each(Change const& change, Space space, Visit const& visit) {
  auto const first = ledger::state_key(space, ledger::BytesView{});
  for (auto at = change.changes.lower_bound(first); at != change.changes.end() && at->first[0] == first[0]; ++at) {
    auto const before = ledger::load<R>(change.before, at->first).value_or(R{});
    visit(ledger::BytesView(at->first).subspan(1), before, after_of<R>(at->second));
  }
}

struct AccountName {
  PartyId party;
  std::string asset;
  auto operator<=>(AccountName const&) const = default;
};
AccountName account_name(ledger::BytesView id) {
  return {*PartyId::from(id.first(PartyId::size)), std::string(base::text_of(id.subspan(PartyId::size)))};
}

std::optional<std::string> broken(std::string const& what, std::string const& rule) { return what + ": " + rule; }

}  // namespace

std::optional<std::string> conserves_assets(Change const& change) {
  std::map<std::string, i128> posted;
  each<BalanceRecord>(change, Space::balance, [&](auto id, auto const& before, auto const& after) {
    posted[account_name(id).asset] += difference(after.posted, before.posted);
  });
  std::optional<std::string> out;
  each<AssetRecord>(change, Space::asset, [&](auto id, auto const& before, auto const& after) {
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

std::optional<std::string> keeps_balances(Change const& change) {
  std::optional<std::string> out;
  each<BalanceRecord>(change, Space::balance, [&](auto id, auto const&, auto const& after) {
    if (out) return;
    if (after.held > after.posted) out = broken(account_name(id).asset, "held <= posted");
    if (base::sub(after.total_in, after.total_out) != after.posted) {
      out = broken(account_name(id).asset, "posted = in - out");
    }
  });
  return out;
}

std::optional<std::string> matches_holds(Change const& change) {
  // By account: what holds from it and to it changed, less what the account says of it.
  std::map<AccountName, std::pair<i128, i128>> open;
  std::map<std::string, PartyId> issuers;
  each<HoldRecord>(change, Space::hold, [&](auto, auto const& before, auto const& after) {
    auto const delta = difference(after.rest(), before.rest());
    auto const& terms = after.terms;
    open[{terms.from, terms.asset}].first += delta;
    auto [issuer, is_new] = issuers.try_emplace(terms.asset);
    if (is_new) issuer->second = ledger::load<AssetRecord>(change.before, Space::asset, terms.asset)->issuer;
    if (terms.to != issuer->second) open[{terms.to, terms.asset}].second += delta;
  });
  each<BalanceRecord>(change, Space::balance, [&](auto id, auto const& before, auto const& after) {
    auto const held = difference(after.held, before.held);
    auto const incoming = difference(after.incoming, before.incoming);
    if (held == 0 && incoming == 0) return;
    auto& sums = open[account_name(id)];
    sums.first -= held;
    sums.second -= incoming;
  });
  for (auto const& [name, sums] : open) {
    if (sums.first != 0) return broken(name.asset, "held = sum of open holds");
    if (sums.second != 0) return broken(name.asset, "incoming = sum of open holds");
  }
  return std::nullopt;
}

namespace {

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
  auto const stored = change.changes.find(key);
  if (stored != change.changes.end() && stored->second) state.put(key, *stored->second);
  auto const terms = escrow::stored_terms(state, contract.terms);
  for (std::size_t i = 0; i < contract.pots.size() && i < terms.pots.size(); ++i) {
    out[terms.assets[terms.pots[i].asset].id] += static_cast<i128>(contract.pots[i].amount);
  }
  return out;
}

void drop_zeros(std::map<std::string, i128>& sums) {
  std::erase_if(sums, [](auto const& one) { return one.second == 0; });
}

}  // namespace

std::optional<std::string> matches_pots(Change const& change) {
  // By contract and asset, then by asset alone.
  std::map<Hash, std::map<std::string, i128>> told;
  std::map<std::string, i128> pots;
  for (auto const& entry : change.entries) {
    if (entry.kind != EntryKind::deposit && entry.kind != EntryKind::payout) continue;
    auto const amount = static_cast<i128>(entry.amount);
    told[entry.counterparty][entry.asset] += entry.kind == EntryKind::deposit ? amount : -amount;
  }
  std::optional<std::string> out;
  each<ContractRecord>(change, Space::contract, [&](auto id, auto const& before, auto const& after) {
    auto after_sums = balance_of(after);
    auto held = pots_of(change, after, after_sums);
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
  each<AssetRecord>(change, Space::asset, [&](auto id, auto const& before, auto const& after) {
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

std::optional<std::string> keeps_supply(Change const& change) {
  std::optional<std::string> out;
  each<AssetRecord>(change, Space::asset, [&](auto id, auto const&, auto const& after) {
    if (!out && after.issued > after.max_supply) out = broken(std::string(base::text_of(id)), "issued <= max_supply");
  });
  return out;
}

std::optional<std::string> clears_ended(Change const& change) {
  std::set<Hash> ended;
  std::optional<std::string> out;
  auto const find = [&](ledger::Bytes const& key) -> bool {
    auto const at = change.changes.find(key);
    return at == change.changes.end() ? change.before.get(key).has_value() : at->second.has_value();
  };
  each<ContractRecord>(change, Space::contract, [&](auto id, auto const& before, auto const& after) {
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
    auto const first = ledger::state_key(space, ledger::BytesView{});
    for (auto at = change.changes.lower_bound(first); at != change.changes.end() && at->first[0] == first[0]; ++at) {
      if (!at->second) continue;
      auto const contract = space == Space::trigger_index ? ledger::contract_of_key(at->first)
                                                          : ledger::read_deadline_key(at->first).contract;
      if (ended.contains(contract)) return broken(contract.hex(), "ended and still indexed");
    }
  }
  return out;
}

std::optional<std::string> names_causes(Change const& change) {
  std::set<PartyId> signed_by;
  for (auto const& signer : change.signers) signed_by.insert(signer.party);
  std::map<AccountName, i128> unexplained;
  each<BalanceRecord>(change, Space::balance, [&](auto id, auto const& before, auto const& after) {
    auto const out = difference(after.total_out, before.total_out);
    if (out != 0) unexplained[account_name(id)] += out;
  });
  for (auto const& entry : change.entries) {
    if (ledger::sign_of(entry.kind) >= 0) continue;
    bool const has_other_cause =
        entry.kind == EntryKind::clawback || entry.kind == EntryKind::hold_paid || entry.kind == EntryKind::netting_out;
    if (!has_other_cause && !signed_by.contains(entry.account)) {
      return broken(std::string(entry.asset), "a debit that its party did not sign");
    }
    unexplained[{entry.account, entry.asset}] -= static_cast<i128>(entry.amount);
  }
  for (auto const& [name, sum] : unexplained) {
    if (sum != 0) return broken(name.asset, "a debit without a line");
  }
  return std::nullopt;
}

std::optional<std::string> leaves_no_trace(ledger::StateDiff const& changes) {
  for (auto const& [key, value] : changes) {
    switch (static_cast<Space>(key[0])) {
      case Space::replay_id:
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
  constexpr std::array<Invariant, 7> all = {conserves_assets, keeps_balances, matches_holds, matches_pots,
                                            keeps_supply,     clears_ended,   names_causes};
  for (auto const invariant : all) {
    if (auto name = invariant(change)) return name;
  }
  return std::nullopt;
}

}  // namespace contracts::money
