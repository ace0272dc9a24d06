// SPDX-License-Identifier: Apache-2.0
// Methods about money and contracts.
#include <algorithm>
#include <set>

#include "base/time.hpp"
#include "base/view.hpp"
#include "ledger/contract.hpp"
#include "rpc/registry.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using ledger::Space;

std::string amount_text(ledger::Amount amount, unsigned scale) {
  return base::to_decimal_literal(static_cast<base::i128>(amount), scale);
}

Result<ledger::AssetRecord> asset_named(Call const& call) {
  auto const record = ledger::load<ledger::AssetRecord>(*call.at.state, Space::asset, call.text("asset"));
  if (!record) return Error{Code::E_ASSET_UNKNOWN, "asset", ""};
  return *record;
}

Result<Value> asset_get(Call const& call) {
  TRY_ASSIGN(auto const record, asset_named(call));
  auto out = base::view(record);
  out.add("issuer_name", party_view(*call.at.state, record.issuer));
  return out;
}

Result<Value> account_get(Call const& call) {
  TRY_ASSIGN(auto const asset, asset_named(call));
  TRY_ASSIGN(auto const member, member_named(*call.at.state, call.text("party")));
  auto const key = ledger::balance_key(ledger::party_id(member.gln), call.text("asset"));
  auto const balance = ledger::load<ledger::BalanceRecord>(*call.at.state, key).value_or(ledger::BalanceRecord{});
  auto out = base::view(balance);
  out.add("available", Value::of(base::to_decimal(balance.posted - balance.held)));
  out.add("scale", Value::of(std::uint64_t{asset.scale}));
  out.add("shown", Value::of(amount_text(balance.posted, asset.scale)));
  return out;
}

/// The account's balance under a certified root: docs/proof.md, section "Accounts".
Result<Value> account_proof(Call const& call) {
  TRY(asset_named(call));
  TRY_ASSIGN(auto const member, member_named(*call.at.state, call.text("party")));
  auto const party = ledger::party_id(member.gln);
  TRY_ASSIGN(auto const proof, ledger::prove_record(call.at, ledger::balance_key(party, call.text("asset"))));
  auto out = Value::object();
  out.add("gln", Value::of(static_cast<std::string const&>(member.gln)));
  out.add("proof", Value::of("0x" + base::to_hex(base::encode(proof))));
  return out;
}

/// A record of the state under a certified root, by its stored key: docs/proof.md, section "Accounts".
Result<Value> record_proof(Call const& call) {
  auto const key = base::from_hex(call.text("key"));
  constexpr std::size_t key_bytes_max = decltype(ledger::RecordProof::key)::max;
  if (!key || !ledger::is_proved(*key) || key->size() > key_bytes_max) {
    return Error{Code::E_ENCODING, "key", "0x, then a namespace below 80 and an id, at most 600 bytes"};
  }
  TRY_ASSIGN(auto const proof, ledger::prove_record(call.at, *key));
  auto out = Value::object();
  out.add("proof", Value::of("0x" + base::to_hex(base::encode(proof))));
  return out;
}

/// The canonical bytes of an account's lines, which its record's lines_root is over.
Result<Value> account_lines(Call const& call) {
  TRY(asset_named(call));
  TRY_ASSIGN(auto const member, member_named(*call.at.state, call.text("party")));
  TRY_ASSIGN(auto const from, number_parameter(call, "from", 0, ~std::uint64_t{0}));
  TRY_ASSIGN(auto const limit, number_parameter(call, "limit", 1000, 1000));
  auto const party = ledger::party_id(member.gln);
  auto list = Value::array();
  ledger::scan_lines(*call.at.state, party, call.text("asset"), from, [&](std::uint64_t, ledger::BytesView line) {
    if (list.items.size() >= limit) return false;
    list.items.push_back(Value::of("0x" + base::to_hex(line)));
    return true;
  });
  auto out = Value::object();
  out.add("cursor", Value::of(std::to_string(from + list.items.size())));
  out.add("lines", std::move(list));
  return out;
}

Result<Value> hold_get(Call const& call) {
  TRY_ASSIGN(auto const id, hash_parameter(call, "id"));
  auto const record = ledger::load<ledger::HoldRecord>(*call.at.state, ledger::hold_key(id));
  if (!record) return Error{Code::E_HOLD_UNKNOWN, "id", ""};
  auto out = base::view(*record);
  out.add("rest", Value::of(base::to_decimal(record->rest())));
  return out;
}

Result<Value> netting_get(Call const& call) {
  TRY_ASSIGN(auto const id, hash_parameter(call, "id"));
  auto const record = ledger::load<ledger::NettingRecord>(*call.at.state, ledger::netting_key(id));
  if (!record) return Error{Code::E_NETTING_UNKNOWN, "id", ""};
  return base::view(*record);
}

/// Open holds from an account, in the order of their ids.
Result<Value> hold_list(Call const& call) {
  TRY(asset_named(call));
  TRY_ASSIGN(auto const member, member_named(*call.at.state, call.text("party")));
  auto list = Value::array();
  auto const prefix = ledger::hold_index_key(ledger::party_id(member.gln), call.text("asset"));
  call.at.state->scan(prefix, [&](ledger::BytesView key, ledger::BytesView) {
    list.items.push_back(Value::of(ledger::Hash::from(key.last(ledger::Hash::size))->hex()));
    return true;
  });
  auto out = Value::object();
  out.add("holds", std::move(list));
  return out;
}

Result<Value> receivable_get(Call const& call) {
  TRY_ASSIGN(auto const document, hash_parameter(call, "document"));
  auto const record = ledger::load<ledger::ReceivableRecord>(*call.at.state, ledger::receivable_key(document));
  if (!record) return Error{Code::E_RECEIVABLE_UNKNOWN, "document", ""};
  auto out = base::view(*record);
  out.add("owner_name", party_view(*call.at.state, record->owner));
  if (record->pledgee) out.add("pledgee_name", party_view(*call.at.state, *record->pledgee));
  return out;
}

Result<Value> account_entries(Call const& call) {
  TRY_ASSIGN(auto const asset, asset_named(call));
  TRY_ASSIGN(auto const member, member_named(*call.at.state, call.text("party")));
  TRY_ASSIGN(auto const from, number_parameter(call, "from", 0, ~std::uint64_t{0}));
  TRY_ASSIGN(auto const limit, number_parameter(call, "limit", 100, 1000));
  auto list = Value::array();
  auto next = from;
  auto const show = [&](std::uint64_t number, ledger::BytesView bytes) {
    if (list.items.size() >= limit) return false;
    auto const line = base::decode<ledger::StatementRecord>(bytes);
    CHECK(line.has_value());
    auto one = base::view(*line);
    next = number + 1;
    one.add("number", Value::of(std::to_string(number)));
    one.add("shown", Value::of(amount_text(line->entry.amount, asset.scale)));
    list.items.push_back(std::move(one));
    return true;
  };
  ledger::scan_lines(*call.at.state, ledger::party_id(member.gln), call.text("asset"), from, show);
  auto out = Value::object();
  out.add("entries", std::move(list));
  out.add("cursor", Value::of(std::to_string(next)));
  return out;
}

/// Party ids of a list: E_ENCODING.
Result<std::set<ledger::PartyId>> parties_parameter(Call const& call, std::string_view name) {
  constexpr std::size_t parties_max = 64;
  std::set<ledger::PartyId> out;
  auto const* list = call.params.find(name);
  if (list != nullptr && list->items.size() > parties_max) {
    return Error{Code::E_TOO_LARGE, std::string(name), "at most 64 parties"};
  }
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    auto const party = ledger::PartyId::from_text(list->items[i].text);
    if (!party) return Error{Code::E_ENCODING, std::string(name), "party ids, 0x and 64 hexadecimal digits each"};
    out.insert(*party);
  }
  return out;
}

/// A contract by its id or its label. Everybody may give a contract a label that another one has, so of several those
/// count in which one of `parties` has a role, if there are any.
Result<ledger::Hash> contract_named(Call const& call) {
  auto const& state = *call.at.state;
  auto const name = call.text("id");
  if (auto const id = ledger::Hash::from_text(name); id && name.starts_with("0x")) return *id;
  constexpr std::size_t looked_at_max = 1000;
  constexpr std::size_t told_max = 8;
  TRY_ASSIGN(auto const parties, parties_parameter(call, "parties"));
  auto found = ledger::contracts_by_label(state, name, looked_at_max);
  if (found.empty()) return Error{Code::E_CONTRACT_UNKNOWN, "id", "no contract has this label"};
  if (found.size() > 1) {
    std::vector<ledger::Hash> own;
    std::copy_if(found.begin(), found.end(), std::back_inserter(own), [&](ledger::Hash const& id) {
      auto const record = ledger::load<ledger::ContractRecord>(state, ledger::contract_key(id));
      CHECK(record.has_value());
      auto const is_one = [&](ledger::RoleBinding const& one) { return parties.contains(one.party); };
      return std::any_of(record->parties.begin(), record->parties.end(), is_one) ||
             std::any_of(record->assigned.begin(), record->assigned.end(), is_one);
    });
    if (!own.empty()) found = std::move(own);
  }
  if (found.size() == 1) return found.front();
  std::string ids;
  for (std::size_t i = 0; i < std::min(found.size(), told_max); ++i) ids += (i == 0 ? "" : ", ") + found[i].hex();
  if (found.size() > told_max) ids += " and more";
  return Error{Code::E_CONTRACT_UNKNOWN, "id", "several contracts have this label: " + ids};
}

Result<Value> escrow_get(Call const& call) {
  auto const& state = *call.at.state;
  TRY_ASSIGN(auto const id, contract_named(call));
  auto const record = ledger::load<ledger::ContractRecord>(state, ledger::contract_key(id));
  if (!record) return Error{Code::E_CONTRACT_UNKNOWN, "id", ""};
  auto const terms = ledger::load<ledger::TermsRecord>(state, ledger::terms_key(record->terms));
  CHECK(terms.has_value());
  auto parties = Value::array();
  for (auto const& binding : record->parties) {
    auto one = party_view(state, binding.party);
    one.add("role", Value::of(static_cast<std::string const&>(binding.role)));
    one.add("claim", Value::of(ledger::role_claim(id, binding.role).hex()));
    parties.items.push_back(std::move(one));
  }
  auto out = Value::object();
  out.add("id", Value::of(id.hex()));
  out.add("contract", base::view(*record));
  out.add("record", Value::of("0x" + base::to_hex(base::encode(*record))));
  out.add("terms", Value::of(static_cast<std::string const&>(terms->json)));
  out.add("parties", std::move(parties));
  return out;
}

Result<Value> escrow_list(Call const& call) {
  auto const& state = *call.at.state;
  TRY_ASSIGN(auto const member, member_named(state, call.text("party")));
  std::optional<ledger::Hash> after;
  if (!call.text("cursor").empty()) {
    TRY_ASSIGN(after, hash_parameter(call, "cursor"));
  }
  constexpr std::size_t page_max = 100;
  auto const ids = ledger::contracts_by_party(state, ledger::party_id(member.gln), after, page_max);
  auto list = Value::array();
  for (auto const& id : ids) {
    auto const record = ledger::load<ledger::ContractRecord>(state, ledger::contract_key(id));
    CHECK(record.has_value());
    auto one = Value::object();
    one.add("id", Value::of(id.hex()));
    one.add("label", Value::of(static_cast<std::string const&>(record->label)));
    one.add("open", Value::of(!record->closed_ms.has_value()));
    list.items.push_back(std::move(one));
  }
  auto out = Value::object();
  out.add("contracts", std::move(list));
  if (ids.size() == page_max) out.add("cursor", Value::of(ids.back().hex()));
  return out;
}

}  // namespace

std::vector<Method> account_methods() {
  auto const member = Access::member;
  Parameter const asset{"asset", "string", true, "CODE.SHORTNAME"};
  Parameter const party{"party", "string", true, "GLN, short name or id"};
  return {
      {"asset_get", "An asset and its supply.", {asset}, member, asset_get},
      {"account_get", "What a party holds.", {party, asset}, member, account_get},
      {"account_entries",
       "A party's statement.",
       {party, asset, {"from", "string", false, "running number"}, {"limit", "integer", false, "at most 1000"}},
       member,
       account_entries},
      {"account_proof", "An account's record with its proof.", {party, asset}, member, account_proof},
      {"record_proof",
       "A record of the state with its proof.",
       {{"key", "string", true, "0x, namespace and id in hexadecimal"}},
       member,
       record_proof},
      {"account_lines",
       "The bytes of an account's lines.",
       {party, asset, {"from", "string", false, "running number"}, {"limit", "integer", false, "at most 1000"}},
       member,
       account_lines},
      {"hold_get", "A hold.", {{"id", "string", true, "0x and 64 hexadecimal digits"}}, member, hold_get},
      {"hold_list", "The open holds from an account.", {party, asset}, member, hold_list},
      {"netting_get", "A netting set.", {{"id", "string", true, "0x and 64 hexadecimal digits"}}, member, netting_get},
      {"receivable_get",
       "An entry of the register of receivables.",
       {{"document", "string", true, "hash of the document"}},
       member,
       receivable_get},
      {"escrow_get",
       "A contract: record, terms, parties.",
       {{"id", "string", true, "id or label"},
        {"parties", "array", false, "ids: of several contracts with a label, those in which one has a role"}},
       member,
       escrow_get},
      {"escrow_list",
       "A party's contracts.",
       {party, {"cursor", "string", false, "of the last answer"}},
       member,
       escrow_list},
  };
}

}  // namespace rpc
