// SPDX-License-Identifier: Apache-2.0
#include "rpc/registry.hpp"

#include "gs1/identifier.hpp"

namespace rpc {

std::vector<Method> const& methods() {
  static std::vector<Method> const all = [] {
    std::vector<Method> out = chain_methods();
    for (auto const& more : {trace_methods(), recall_methods(), account_methods(), log_methods(), witness_methods()})
      out.insert(out.end(), more.begin(), more.end());
    return out;
  }();
  return all;
}

std::vector<Result<ledger::Hash>> Backend::submit_all(std::vector<ledger::Bytes> transactions) {
  std::vector<Result<ledger::Hash>> out;
  for (auto& transaction : transactions) out.push_back(submit(std::move(transaction)));
  return out;
}

Result<ledger::Bytes> Backend::receipt(ledger::LogInclusion const&) const {
  return base::Error{base::Code::E_NOT_ALLOWED_HERE, "", "this node has no validator's key to sign with"};
}

Value openrpc_document() {
  auto document = Value::object();
  document.add("openrpc", Value::of("1.2.6"));
  auto info = Value::object();
  info.add("title", Value::of("Tallystick"));
  info.add("version", Value::of("0.1.0"));
  document.add("info", std::move(info));
  auto list = Value::array();
  for (auto const& method : methods()) {
    auto shown = Value::object();
    shown.add("name", Value::of(method.name));
    shown.add("summary", Value::of(method.summary));
    shown.add("paramStructure", Value::of("by-name"));
    auto parameters = Value::array();
    for (auto const& parameter : method.parameters) {
      auto one = Value::object();
      one.add("name", Value::of(parameter.name));
      one.add("summary", Value::of(parameter.summary));
      one.add("required", Value::of(parameter.required));
      auto schema = Value::object();
      schema.add("type", Value::of(parameter.type));
      one.add("schema", std::move(schema));
      parameters.items.push_back(std::move(one));
    }
    shown.add("params", std::move(parameters));
    auto result = Value::object();
    result.add("name", Value::of("result"));
    auto schema = Value::object();
    schema.add("type", Value::of("object"));
    result.add("schema", std::move(schema));
    shown.add("result", std::move(result));
    list.items.push_back(std::move(shown));
  }
  document.add("methods", std::move(list));
  return document;
}

Result<ledger::Hash> hash_parameter(Call const& call, std::string_view name) {
  auto const text = call.text(name);
  auto const hash = text.starts_with("0x") ? ledger::Hash::from_text(text) : std::nullopt;
  if (!hash) return base::Error{base::Code::E_ENCODING, std::string(name), "expected 0x and 64 hexadecimal digits"};
  return *hash;
}

Result<std::uint64_t> number_parameter(Call const& call, std::string_view name, std::uint64_t fallback,
                                       std::uint64_t max) {
  auto const* value = call.params.find(name);
  if (value == nullptr) return fallback;
  auto const number = base::from_decimal(value->text, max);
  if (!number)
    return base::Error{base::Code::E_ENCODING, std::string(name),
                       "expected a whole number up to " + std::to_string(max)};
  return static_cast<std::uint64_t>(*number);
}

Result<ledger::MemberRecord> member_named(ledger::StateView const& state, std::string_view name) {
  std::string gln(name);
  // The index maps short names and party ids (0x…) to the GLN (contracts/members).
  if (auto const found = state.get(ledger::state_key(ledger::Space::name_index, name))) gln = base::text_of(*found);
  if (auto const id = ledger::Hash::from_text(name); id && name.starts_with("0x")) {
    auto const found = state.get(ledger::state_key(ledger::Space::name_index, id->view()));
    if (found) gln = base::text_of(*found);
  }
  auto const record = ledger::load<ledger::MemberRecord>(state, ledger::Space::member, gln);
  if (!record) return base::Error{base::Code::E_MEMBER_UNKNOWN, std::string(name), ""};
  return *record;
}

Value party_view(ledger::StateView const& state, ledger::PartyId const& party) {
  auto out = Value::object();
  out.add("id", Value::of(party.hex()));
  if (auto const record = member_named(state, party.hex())) {
    out.add("gln", Value::of(record->gln));
    out.add("name", Value::of(record->short_name));
  }
  return out;
}

Result<std::string> subject_of(std::string_view id) {
  std::string uri(id);
  if (!id.empty() && id[0] == '/') uri = "https://id.gs1.org" + uri;
  if (!id.empty() && id[0] >= '0' && id[0] <= '9') uri = "https://id.gs1.org/" + uri;
  TRY_ASSIGN(auto const key, gs1::read_key(uri, "id"));
  return key.uri;
}

}  // namespace rpc
