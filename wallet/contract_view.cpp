// SPDX-License-Identifier: Apache-2.0
#include "wallet/contract_view.hpp"

#include <algorithm>

#include "ledger/records.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;
using contracts::escrow::DepositEvent;

namespace {

Error fault(std::string detail) { return {Code::E_SIGNATURE, "escrow_get", std::move(detail)}; }

/// The short name of a role's party: proved by its member's record, which the GLN of the answer leads to.
base::Result<std::string> name_of(Provider const& provider, Value const& parties, ledger::RoleBinding const& binding) {
  for (auto const& one : parties.items) {
    if (one.string_of("role") != std::string_view(binding.role)) continue;
    std::string const gln(one.string_of("gln"));
    if (!provider.proves()) return std::string(one.string_of("name"));
    if (ledger::party_id(gln) != binding.party) return fault("GLN " + gln + " does not play " + binding.role);
    TRY_ASSIGN(auto const member, provider.proved<ledger::MemberRecord>(ledger::state_key(ledger::Space::member, gln)));
    return std::string(member.short_name);
  }
  return std::string(binding.role);
}

bool has_role(ledger::ContractRecord const& record, std::vector<base::PartyId> const& parties) {
  auto const is_one = [&](ledger::RoleBinding const& one) {
    return std::find(parties.begin(), parties.end(), one.party) != parties.end();
  };
  return std::any_of(record.parties.begin(), record.parties.end(), is_one) ||
         std::any_of(record.assigned.begin(), record.assigned.end(), is_one);
}

bool is_id(std::string const& name) { return name.starts_with("0x") && ledger::Hash::from_text(name).has_value(); }

}  // namespace

base::Result<ContractView> fetch_contract(Provider const& provider, std::string const& id,
                                          std::vector<base::PartyId> const& parties) {
  auto ask = Value::object();
  ask.add("id", Value::of(id));
  auto own = Value::array();
  for (auto const& party : parties) own.items.push_back(Value::of(party.hex()));
  if (!parties.empty()) ask.add("parties", std::move(own));
  TRY_ASSIGN(auto const answer, provider.call("escrow_get", std::move(ask)));
  ContractView out;
  auto const contract = ledger::Hash::from_text(answer.string_of("id"));
  auto const bytes = base::from_hex(answer.string_of("record"));
  auto const* names = answer.find("parties");
  if (!contract || !bytes || names == nullptr) {
    return Error{Code::E_ENCODING, "escrow_get", "the answer lacks id, record or parties"};
  }
  out.id = *contract;
  TRY_ASSIGN(out.record, provider.proves() ? provider.proved<ledger::ContractRecord>(ledger::contract_key(out.id))
                                           : base::decode<ledger::ContractRecord>(*bytes));
  if (is_id(id) ? out.id != ledger::Hash::from_text(id) : std::string_view(out.record.label) != id) {
    return fault("the node answers with contract " + out.id.hex() + ", " + out.record.label);
  }
  TRY_ASSIGN(out.terms, contracts::escrow::read_terms(answer.string_of("terms")));
  if (out.terms.hash != out.record.terms || out.terms.roles.size() != out.record.parties.size()) {
    return fault("the terms are not those that the contract names");
  }
  for (auto const& binding : out.record.parties) {
    TRY_ASSIGN(auto name, name_of(provider, *names, binding));
    out.naming.parties.push_back(std::move(name));
  }
  for (auto const& asset : out.terms.assets) {
    TRY_ASSIGN(auto const scale, scale_of(provider, asset.id));
    out.naming.scales.push_back(scale);
  }
  out.as_of = std::string(answer.string_of("time")) + ", height " + std::string(answer.string_of("height")) +
              " by the node's word";
  return out;
}

base::Result<ContractView> fetch_own_contract(Provider const& provider, std::string const& id,
                                              std::vector<base::PartyId> const& parties) {
  TRY_ASSIGN(auto out, fetch_contract(provider, id, parties));
  if (is_id(id) || has_role(out.record, parties)) return out;
  return Error{
      Code::E_NOT_PARTY, "ID",
      "contract " + out.id.hex() + " with this label has no role for who signs; name it by its id if it is meant"};
}

std::string contract_next(base::Error const& error) {
  if (error.code == Code::E_CONTRACT_UNKNOWN) {
    return "name a contract by its id; tally escrow list PARTY shows labels and ids";
  }
  return error.code == Code::E_SIGNATURE ? "do not trust this node; ask another with --node" : "";
}

std::optional<base::Amount> fixed_amount(DepositEvent const& deposit) {
  bool const fixed = deposit.amount.kind == contracts::escrow::Expression::Kind::number && deposit.amount.number >= 0;
  return fixed ? std::optional(static_cast<base::Amount>(deposit.amount.number)) : std::nullopt;
}

base::Result<ledger::EscrowAct> deposit_into(ContractView const& contract, base::PartyId const& party,
                                             std::string const& asset, base::Amount amount) {
  auto const& terms = contract.terms;
  std::string waits;
  for (auto const& lane : contract.record.lanes) {
    auto const state = lane.closed() ? std::nullopt : terms.state(lane.state);
    if (!state) continue;
    auto const& cases = terms.states[*state].cases;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      auto const* deposit = std::get_if<DepositEvent>(&cases[i].event);
      if (deposit == nullptr || contract.record.parties[deposit->role].party != party) continue;
      auto const place = terms.pots[deposit->pot].asset;
      auto const fixed = fixed_amount(*deposit);
      if (fixed == amount && terms.assets[place].id == asset) {
        return ledger::EscrowAct{contract.id, lane.state, static_cast<std::uint8_t>(i), 0};
      }
      waits += (waits.empty() ? "" : ", ") +
               (fixed ? contracts::escrow::grouped(*fixed, contract.naming.scales[place]) : "what facts tell of") +
               " " + terms.assets[place].id;
    }
  }
  if (waits.empty()) {
    return Error{Code::E_NO_CASE, "CdtrAcct", contract.record.label + " waits for no deposit of this party"};
  }
  return Error{Code::E_AMOUNT, "InstdAmt", contract.record.label + " waits for another deposit: " + waits};
}

}  // namespace wallet
