// SPDX-License-Identifier: Apache-2.0
// Netting sets: what members owe each other, settled by what is left when all is added up.
#include <set>

#include "contracts/members/mandate.hpp"
#include "contracts/money/account.hpp"

namespace contracts::money {

namespace {

using base::i128;
using ledger::NettingRecord;
using ledger::NettingState;
using ledger::Obligation;

/// What each party gets (positive) or pays (negative) of each asset.
using Positions = std::map<std::pair<std::string, PartyId>, i128>;

std::set<PartyId> parties_of(ledger::OpenNetting const& terms) {
  std::set<PartyId> out;
  for (auto const& one : terms.obligations) {
    out.insert(one.debtor);
    out.insert(one.creditor);
  }
  return out;
}

std::vector<Obligation> between(ledger::OpenNetting const& terms, std::set<PartyId> const& members) {
  std::vector<Obligation> out;
  for (auto const& one : terms.obligations) {
    if (members.contains(one.debtor) && members.contains(one.creditor)) out.push_back(one);
  }
  return out;
}

/// 64 amounts below 2^63 cannot pass 127 bits.
Positions positions_of(std::vector<Obligation> const& obligations) {
  Positions out;
  for (auto const& one : obligations) {
    out[{one.asset, one.debtor}] -= static_cast<i128>(one.amount);
    out[{one.asset, one.creditor}] += static_cast<i128>(one.amount);
  }
  return out;
}

Result<void> move(Context& context, std::string const& id, PartyId const& party, i128 position, Hash const& netting,
                  std::string const& label) {
  TRY_ASSIGN(auto asset, asset_of(context, id, ""));
  auto const amount = static_cast<Amount>(position < 0 ? -position : position);
  auto account = account_of(context, party, id);
  auto counters = counters_of(context, id, account);
  TRY(require_authorised(asset, account, party, "", ""));
  if (position < 0) {
    if (account.frozen) return Error{Code::E_FROZEN, "", ""};
    TRY(check_debit(counters, amount));
    TRY(spend(context, party, id, account.tier, amount, ""));
    debit(counters, amount);
  } else if (party == asset.issuer) {
    lower(asset.issued, amount);
    lower(asset.posted, amount);
    put_asset(context, id, asset);
  } else {
    TRY(check_credit(counters, amount));
    credit(counters, amount);
  }
  if (party != asset.issuer) {
    set_counters(account, counters);
    put_account(context, party, id, account);
  }
  line(context, party, id, position < 0 ? EntryKind::netting_out : EntryKind::netting_in, amount, netting, label);
  return {};
}

/// Pays all positions, or names the first party that cannot.
std::optional<PartyId> pay(Context& context, Positions const& positions, Hash const& netting,
                           std::string const& label) {
  for (bool const debtors : {true, false}) {
    for (auto const& [key, position] : positions) {
      if (position == 0 || (position < 0) != debtors) continue;
      if (!move(context, key.first, key.second, position, netting, label)) return key.second;
    }
  }
  return std::nullopt;
}

/// All that the party owes counts against its keys' day and as paid without a travel statement: what will be left of it
/// when it is netted is not known yet.
Result<void> charge_debts(Context& context, ledger::OpenNetting const& terms, PartyId const& party,
                          std::string const& field) {
  members::Spending spending;
  for (std::size_t i = 0; i < terms.obligations.size(); ++i) {
    auto const& one = terms.obligations[i];
    if (one.debtor != party) continue;
    spending.value += one.amount;
    spending.counterparties.insert(one.creditor);
    auto const at = field + ".obligations[" + std::to_string(i) + "]";
    TRY_ASSIGN(auto const asset, asset_of(context, one.asset, at));
    TRY(require_small(context, asset, one, at + ".amount"));
  }
  return members::charge_limits(context, context.state, party, spending, field);
}

}  // namespace

Result<void> open_netting(Context& context, ledger::OpenNetting const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, ledger::Act::money, field));
  if (operation.settles_ms <= context.time_ms || operation.settles_ms - context.time_ms > hold_ms_max) {
    return error(Code::E_TIME_WINDOW, field, "settles_ms", "later than now and within 366 days");
  }
  for (std::size_t i = 0; i < operation.obligations.size(); ++i) {
    auto const& one = operation.obligations[i];
    auto const at = field + ".obligations[" + std::to_string(i) + "]";
    TRY_ASSIGN(auto const asset, asset_of(context, one.asset, at));
    TRY(require_amount(one.amount, at, "amount"));
    TRY(require_member(context, one.debtor, at, "debtor"));
    TRY(require_member(context, one.creditor, at, "creditor"));
    if (one.debtor == asset.issuer) {
      return error(Code::E_NOT_AUTHORISED, at, "debtor", "an issuer holds no balance of its own asset");
    }
    if (asset.travel_above && one.amount > *asset.travel_above) {
      return error(Code::E_TRAVEL_RULE, at, "amount", "a transfer carries the institution's signature; a set cannot");
    }
    bool const redeems = one.creditor == asset.issuer;
    if (!asset.has(ledger::AssetFlag::transferable) && !redeems) {
      return error(Code::E_NOT_TRANSFERABLE, at, "asset", "this asset is paid to its issuer only");
    }
  }
  auto const id = ledger::contract_id(context.transaction, context.operation_index);
  context.state.put(ledger::expiry_key(operation.settles_ms, ledger::Expiry::netting, id), {});
  ledger::store(context.state, ledger::netting_key(id), NettingRecord{operation, {}, NettingState::open, 0});
  return join_netting(context, {id}, field);
}

Result<void> join_netting(Context& context, ledger::JoinNetting const& operation, std::string const& field) {
  auto record = ledger::load<NettingRecord>(context.state, ledger::netting_key(operation.netting));
  if (!record || record->state != NettingState::open) {
    return error(Code::E_NETTING_UNKNOWN, field, "netting", "no open set " + operation.netting.hex());
  }
  auto const parties = parties_of(record->terms);
  std::set<PartyId> members(record->members.begin(), record->members.end());
  bool joined = false;
  for (auto const& party : valid_signers(context, ledger::Act::money)) {
    if (!parties.contains(party)) continue;
    joined = true;
    if (members.insert(party).second) TRY(charge_debts(context, record->terms, party, field));
  }
  if (!joined) return error(Code::E_MISSING_SIGNER, field, "netting", "no party of this set signed");
  record->members = std::vector<PartyId>(members.begin(), members.end());
  if (members == parties) {
    settle_netting(context, operation.netting, *record);
  } else {
    ledger::store(context.state, ledger::netting_key(operation.netting), *record);
  }
  return {};
}

void settle_netting(Context& context, Hash const& id, NettingRecord& record) {
  std::set<PartyId> members(record.members.begin(), record.members.end());
  // Who cannot pay drops out with all that he owes and is owed, and the rest is added up again: at most once a member.
  while (true) {
    auto const obligations = between(record.terms, members);
    record.netted = static_cast<std::uint32_t>(obligations.size());
    record.state = obligations.empty() ? NettingState::dropped : NettingState::settled;
    ledger::Overlay attempt(context.state);
    Context trial{attempt, context.parameters};
    trial.time_ms = context.time_ms;
    auto const failed = pay(trial, positions_of(obligations), id, record.terms.label);
    context.work += static_cast<std::uint32_t>(obligations.size());
    if (failed) {
      members.erase(*failed);
      continue;
    }
    context.state.merge(std::move(attempt));
    context.entries.insert(context.entries.end(), trial.entries.begin(), trial.entries.end());
    break;
  }
  context.state.erase(ledger::expiry_key(record.terms.settles_ms, ledger::Expiry::netting, id));
  ledger::store(context.state, ledger::netting_key(id), record);
}

}  // namespace contracts::money
