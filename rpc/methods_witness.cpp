// SPDX-License-Identifier: Apache-2.0
// Methods for witnesses, who follow the chain and co-sign results (docs/proof.md, "Witnesses").
#include "ledger/receipt.hpp"
#include "rpc/registry.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;

/// A key, a signature or bytes in hexadecimal.
template <class Fixed>
base::Result<Fixed> fixed_parameter(Call const& call, std::string_view name) {
  auto const found = Fixed::from_text(call.text(name));
  if (found) return *found;
  return Error{Code::E_ENCODING, std::string(name), "0x and " + std::to_string(2 * Fixed::size) + " digits"};
}

base::Result<Value> witness_next(Call const& call) {
  TRY_ASSIGN(auto const key, fixed_parameter<ledger::PartyKey>(call, "key"));
  TRY_ASSIGN(auto const first, number_parameter(call, "first", 0, ~std::uint64_t{0}));
  auto const at = call.backend.witnesses().offer(call.backend.certified());
  TRY_ASSIGN(auto const proof, ledger::prove_record(*at, ledger::state_key(ledger::Space::key, key.view())));
  auto out = Value::object();
  out.add("height", Value::of(std::to_string(at->header.height)));
  out.add("proof", Value::of("0x" + base::to_hex(base::encode(proof))));
  auto path = Value::array();
  for (auto const& hash : ledger::log_consistency(*at, first).value_or(std::vector<ledger::Hash>{})) {
    path.items.push_back(Value::of(hash.hex()));
  }
  out.add("path", std::move(path));
  return out;
}

base::Result<Value> witness_sign(Call const& call) {
  ledger::Cosignature one;
  TRY_ASSIGN(auto const result, hash_parameter(call, "result"));
  TRY_ASSIGN(one.key, fixed_parameter<ledger::PartyKey>(call, "key"));
  TRY_ASSIGN(one.time_ms, number_parameter(call, "time_ms", 0, ~std::uint64_t{0}));
  TRY_ASSIGN(one.signature, fixed_parameter<base::PartySignature>(call, "signature"));
  TRY_ASSIGN(auto const count, call.backend.witnesses().accept(result, one));
  auto out = Value::object();
  out.add("witnesses", Value::of(std::uint64_t{count}));
  return out;
}

}  // namespace

std::vector<Method> witness_methods() {
  Parameter const key{"key", "string", true, "the witness's, 0x…"};
  return {
      {"witness_next",
       "The result to co-sign now, with the proof of the witness's key in it, and that its log extends a smaller one.",
       {key, {"first", "string", false, "how many events the log had that the witness signed last"}},
       Access::everybody,
       witness_next},
      {"witness_sign",
       "A co-signature of a result that witness_next gave, which proofs then carry.",
       {{"result", "string", true, "the result header's hash"},
        key,
        {"time_ms", "string", true, "by the witness's clock"},
        {"signature", "string", true, "BIP-340"}},
       Access::everybody,
       witness_sign},
  };
}

}  // namespace rpc
