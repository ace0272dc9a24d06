// SPDX-License-Identifier: Apache-2.0
#include "wallet/draft.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "wallet/terminal.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

base::Result<ChainInfo> chain_info(rpc::Client& client) {
  TRY_ASSIGN(auto const answer, client.call("chain_status", Value::object()));
  auto const chain = ledger::Hash::from_text(answer.string_of("chain"));
  auto const height = base::from_decimal(answer.string_of("height"));
  auto const time = base::from_rfc3339(answer.string_of("time"));
  if (!chain || !height || !time)
    return Error{Code::E_ENCODING, "chain_status", "the answer lacks chain, height or time"};
  return ChainInfo{*chain, std::string(answer.string_of("name")), static_cast<ledger::Height>(*height), *time};
}

ledger::Transaction sign(Draft draft, ChainInfo const& chain, std::vector<Identity> const& identities) {
  constexpr ledger::TimeMs slack_ms = 60 * 1000;
  ledger::Transaction out;
  out.body.chain = chain.chain;
  out.body.actor = draft.actor;
  out.body.valid_from_ms = chain.time_ms - std::min(chain.time_ms, slack_ms);
  out.body.valid_until_ms = chain.time_ms + window_ms;
  out.body.idempotency_key = draft.idempotency_key;
  out.body.operations = std::move(draft.operations);
  auto sorted = identities;
  std::ranges::sort(sorted, {}, [](Identity const& one) { return ledger::Signer{one.party, one.key}; });
  for (auto const& one : sorted) out.body.signers.push_back({one.party, one.key});
  auto const id = out.body.id();
  for (auto const& one : sorted) out.signatures.push_back(crypto::party_sign(one.secret, id, random_bytes()));
  for (auto& payload : draft.payloads) out.payloads.emplace_back(std::move(payload));
  return out;
}

base::Result<ledger::Hash> submit(rpc::Client& client, ledger::Transaction const& transaction) {
  auto params = Value::object();
  params.add("bytes", Value::of("0x" + base::to_hex(base::encode(transaction))));
  TRY_ASSIGN(auto const answer, client.call("tx_submit", std::move(params)));
  auto const id = ledger::Hash::from_text(answer.string_of("id"));
  if (!id) return Error{Code::E_ENCODING, "tx_submit", "the answer lacks an id"};
  return *id;
}

base::Result<Outcome> wait(rpc::Client& client, ledger::Hash const& id, std::uint64_t timeout_ms) {
  constexpr std::uint64_t call_ms_max = 2000;
  while (true) {
    auto const call_ms = std::min(timeout_ms, call_ms_max);
    auto params = Value::object();
    params.add("id", Value::of(id.hex()));
    params.add("timeout_ms", Value::of(call_ms));
    TRY_ASSIGN(auto const answer, client.call("tx_wait", std::move(params)));
    timeout_ms -= call_ms;
    Outcome out;
    out.id = id;
    out.state = answer.string_of("state");
    out.code = answer.string_of("code");
    out.field = answer.string_of("field");
    if (auto const* codes = answer.find("event_codes")) {
      for (auto const& code : codes->items) out.event_codes.push_back(code.text);
    }
    out.height = static_cast<ledger::Height>(base::from_decimal(answer.string_of("recorded_height")).value_or(0));
    bool const settled = out.state == "done" || out.state == "failed";
    if (settled || timeout_ms == 0) return out;
  }
}

base::Value view_of(Outcome const& outcome) {
  auto out = Value::object();
  out.add("id", Value::of(outcome.id.hex()));
  out.add("state", Value::of(outcome.state));
  if (!outcome.code.empty()) out.add("code", Value::of(outcome.code));
  if (!outcome.field.empty()) out.add("field", Value::of(outcome.field));
  if (outcome.height != 0) out.add("recorded_height", Value::of(std::to_string(outcome.height)));
  return out;
}

void print(Outcome const& outcome) {
  std::printf("%s", outcome.state.c_str());
  if (!outcome.code.empty()) {
    std::printf("  %s %s  height %lu", shown(outcome.code).c_str(), shown(outcome.field).c_str(), outcome.height);
  }
  std::printf("\n");
}

namespace {

/// The operation that "operations[3].to" is about.
ledger::Operation const* operation_at(ledger::Body const* body, std::string_view field) {
  constexpr std::string_view before = "operations[";
  if (body == nullptr || !field.starts_with(before)) return nullptr;
  field.remove_prefix(before.size());
  auto const number = base::from_decimal(field.substr(0, field.find(']')), body->operations.size());
  if (!number || *number >= body->operations.size()) return nullptr;
  return &body->operations[static_cast<std::size_t>(*number)];
}

/// E_NOT_AUTHORISED has three reasons; only one of them can be cured.
std::string next_of_unauthorised(std::string_view field, ledger::Operation const* operation, ledger::Body const* body) {
  constexpr char const* fixed = "flags are fixed when an asset is created; issue another one with ";
  if (field.ends_with(".asset")) {
    bool const clawback = operation != nullptr && std::holds_alternative<ledger::Clawback>(*operation);
    bool const freeze = operation != nullptr && std::holds_alternative<ledger::Freeze>(*operation);
    auto const flag = clawback ? "--can-clawback" : freeze ? "--can-freeze" : "the flag that this needs";
    return "this asset was not created so that this could be done: its " + std::string(fixed) + flag;
  }
  auto const* mint = operation == nullptr ? nullptr : std::get_if<ledger::Mint>(operation);
  if (field.ends_with(".debtor") || (mint != nullptr && mint->to == body->actor)) {
    return "an issuer holds no balance of its own asset; name a holder";
  }
  return std::string(base::hint(Code::E_NOT_AUTHORISED)) + ": tally asset authorise";
}

/// Only the kind of a key tells who enters and ends it; what it may is never more than the other key may.
std::string next_of_scope(std::string_view field, ledger::Operation const* operation) {
  using ledger::KeyKind;
  auto const* add = operation == nullptr ? nullptr : std::get_if<ledger::KeyAdd>(operation);
  if (add != nullptr && field.ends_with(".scope")) {
    return "the key that signs has an end, prefixes or sites of its own: give --until no later than its end, and "
           "--prefix and --site within its own";
  }
  if (add != nullptr) {
    bool const upper = add->kind == KeyKind::root || add->kind == KeyKind::admin;
    return upper ? "sign with a root key of this party: it enters root and admin keys"
                 : "sign with an admin key of this party: it enters staff and device keys, a root key does not";
  }
  if (operation != nullptr && std::holds_alternative<ledger::KeyRevoke>(*operation)) {
    return "a root key ends root and admin keys, an admin key staff and device keys";
  }
  return std::string(base::hint(Code::E_SCOPE));
}

}  // namespace

std::string next_of(Outcome const& outcome, ledger::Body const* body) {
  if (outcome.state != "failed") return "";
  if (outcome.code == base::name(Code::E_NOT_AUTHORISED)) {
    return next_of_unauthorised(outcome.field, operation_at(body, outcome.field), body);
  }
  if (outcome.code == base::name(Code::E_SCOPE)) return next_of_scope(outcome.field, operation_at(body, outcome.field));
  for (std::uint16_t number = 2; number < 1000; ++number) {
    if (base::known(number) && base::name(static_cast<Code>(number)) == outcome.code) {
      return std::string(base::hint(static_cast<Code>(number)));
    }
  }
  return "";
}

int exit_of(Outcome const& outcome) {
  return code(outcome.state == "done" ? Exit::done : outcome.state == "failed" ? Exit::refused : Exit::fault);
}

}  // namespace wallet
