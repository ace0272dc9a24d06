// SPDX-License-Identifier: Apache-2.0
#include "wallet/contract_view.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

std::string party_of(Value const& parties, std::string_view role) {
  for (auto const& one : parties.items) {
    if (one.string_of("role") == role) return std::string(one.string_of("name"));
  }
  return std::string(role);
}

}  // namespace

base::Result<unsigned> scale_of(rpc::Client& client, std::string const& asset) {
  auto ask = Value::object();
  ask.add("asset", Value::of(asset));
  TRY_ASSIGN(auto const found, client.call("asset_get", std::move(ask)));
  auto const* scale = found.find("scale");
  auto const decimals = scale == nullptr ? std::nullopt : base::from_decimal(scale->text, 9);
  if (!decimals) return Error{Code::E_ENCODING, "asset_get", "the answer lacks the scale"};
  return static_cast<unsigned>(*decimals);
}

base::Result<ContractView> fetch_contract(rpc::Client& client, std::string const& id) {
  auto ask = Value::object();
  ask.add("id", Value::of(id));
  TRY_ASSIGN(auto const answer, client.call("escrow_get", std::move(ask)));
  ContractView out;
  auto const contract = ledger::Hash::from_text(answer.string_of("id"));
  auto const bytes = base::from_hex(answer.string_of("record"));
  auto const* parties = answer.find("parties");
  if (!contract || !bytes || parties == nullptr) {
    return Error{Code::E_ENCODING, "escrow_get", "the answer lacks id, record or parties"};
  }
  out.id = *contract;
  TRY_ASSIGN(out.record, base::decode<ledger::ContractRecord>(*bytes));
  TRY_ASSIGN(out.terms, contracts::escrow::read_terms(answer.string_of("terms")));
  if (out.terms.hash != out.record.terms)
    return Error{Code::E_ESCROW_FORM, "terms", "not those that the contract names"};
  for (auto const& role : out.terms.roles) out.naming.parties.push_back(party_of(*parties, role.name));
  for (auto const& asset : out.terms.assets) {
    TRY_ASSIGN(auto const scale, scale_of(client, asset.id));
    out.naming.scales.push_back(scale);
  }
  out.as_of = std::string(answer.string_of("time")) + ", height " + std::string(answer.string_of("height"));
  return out;
}

}  // namespace wallet
