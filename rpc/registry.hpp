// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one registry of JSON-RPC methods: what exists, what it takes, who may call it. The OpenRPC document is made from
// it.

#include <string_view>
#include <vector>

#include "base/value.hpp"
#include "rpc/backend.hpp"

namespace rpc {

using base::Result;
using base::Value;

/// Who is asking: anybody on the public listener, or the organisation's own systems.
enum class Access { everybody, member };

struct Parameter {
  std::string_view name;
  /// A JSON type: string, integer, array, object.
  std::string_view type;
  bool required = true;
  std::string_view summary;
};

struct Call {
  Backend& backend;
  ledger::Certified const& at;
  Value const& params;
  /// How long it may wait; a caller that wants longer asks again.
  std::uint64_t wait_ms_max = 0;

  /// The text of a parameter; empty when it is absent.
  std::string_view text(std::string_view name) const { return params.string_of(name); }
};

struct Method {
  std::string_view name;
  std::string_view summary;
  std::vector<Parameter> parameters;
  Access access;
  Result<Value> (*run)(Call const&);
};

std::vector<Method> chain_methods();
std::vector<Method> trace_methods();
std::vector<Method> recall_methods();
std::vector<Method> account_methods();
std::vector<Method> log_methods();
std::vector<Method> witness_methods();
/// All of them, in a fixed order.
std::vector<Method> const& methods();
/// OpenRPC 1.2.6.
Value openrpc_document();

/// What tx_submit reads, and what it answers.
Result<ledger::Bytes> submitted_bytes(Value const& params);
Value submitted(ledger::Hash const& id);

/// Reads the parameter as 0x and 32 bytes.
Result<ledger::Hash> hash_parameter(Call const& call, std::string_view name);
/// Reads the parameter as a decimal string or a whole number.
Result<std::uint64_t> number_parameter(Call const& call, std::string_view name, std::uint64_t fallback,
                                       std::uint64_t max);
/// A member by party id (0x…), GLN or short name: E_MEMBER_UNKNOWN.
Result<ledger::MemberRecord> member_named(ledger::StateView const& state, std::string_view name);
/// GLN and short name of a party; its id where it is no member.
Value party_view(ledger::StateView const& state, ledger::PartyId const& party);
/// A canonical Digital Link from a full one, from a path such as 01/…/21/…, or from an EPC URN.
Result<std::string> subject_of(std::string_view id);

}  // namespace rpc
