// SPDX-License-Identifier: Apache-2.0
#include "wallet/provider.hpp"

#include "contracts/money/iso4217.hpp"
#include "ledger/accounts.hpp"
#include "ledger/records.hpp"
#include "wallet/commands.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

/// Nobody can issue a currency with other decimals than these: contracts refuses it.
std::optional<unsigned> iso_scale_of(std::string const& asset) {
  return contracts::money::iso_scale(asset.substr(0, asset.find('.')));
}

}  // namespace

base::Result<ledger::Bytes> Provider::proved_bytes(ledger::Bytes const& key) const {
  CHECK(anchor_.has_value());
  auto ask = Value::object();
  ask.add("key", Value::of("0x" + base::to_hex(key)));
  TRY_ASSIGN(auto const answer, call("record_proof", std::move(ask)));
  auto const bytes = base::from_hex(answer.string_of("proof"));
  if (!bytes) return Error{Code::E_ENCODING, "record_proof", "the answer lacks a proof"};
  TRY_ASSIGN(auto const proof, base::decode<ledger::TraceProof>(*bytes));
  return ledger::verify_record(proof, key, *anchor_);
}

base::Result<Provider> provider_of(rpc::Client& client, Options const& options) {
  if (options.genesis.empty()) return Provider(client);
  TRY_ASSIGN(auto const anchor, anchor_of(options, nullptr));
  return Provider(client, anchor);
}

base::Result<base::PartyId> party_called(Provider const& provider, std::string const& name, Value const& answer,
                                         char const* field) {
  std::string const gln(answer.string_of("gln"));
  auto const id = ledger::party_id(gln);
  if (name == gln || name == id.hex()) return id;
  std::string short_name(answer.string_of("short_name"));
  if (provider.proves()) {
    TRY_ASSIGN(auto const member, provider.proved<ledger::MemberRecord>(ledger::state_key(ledger::Space::member, gln)));
    short_name = member.short_name;
  }
  if (short_name == name) return id;
  return Error{Code::E_SIGNATURE, field, "the node answers with GLN " + gln + ", who is not called " + name};
}

base::Result<unsigned> scale_of(Provider const& provider, std::string const& asset) {
  auto ask = Value::object();
  ask.add("asset", Value::of(asset));
  TRY_ASSIGN(auto const found, provider.call("asset_get", std::move(ask)));
  auto const* scale = found.find("scale");
  auto const told = scale == nullptr ? std::nullopt : base::from_decimal(scale->text, 9);
  if (!told) return Error{Code::E_ENCODING, "asset_get", "the answer lacks the scale"};
  auto right = iso_scale_of(asset);
  if (!right && provider.proves()) {
    TRY_ASSIGN(auto const record, provider.proved<ledger::AssetRecord>(ledger::state_key(ledger::Space::asset, asset)));
    right = record.scale;
  }
  if (right && *right != *told) {
    return Error{Code::E_SIGNATURE, "asset_get",
                 "the node says that " + asset + " has " + base::to_decimal(*told) + " decimals; it has " +
                     std::to_string(*right)};
  }
  return static_cast<unsigned>(*told);
}

bool has_iso_scale(std::string const& asset) { return iso_scale_of(asset).has_value(); }

}  // namespace wallet
