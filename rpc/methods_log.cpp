// SPDX-License-Identifier: Apache-2.0
// Methods about the log of all events, for auditors and for software that knows receipts and nothing of this ledger.
#include "base/number.hpp"
#include "gs1/event_hash.hpp"
#include "ledger/receipt.hpp"
#include "rpc/registry.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;

Value hex(ledger::BytesView bytes) { return Value::of("0x" + base::to_hex(bytes)); }

Value list_of(std::vector<ledger::Hash> const& hashes) {
  auto out = Value::array();
  for (auto const& hash : hashes) out.items.push_back(Value::of(hash.hex()));
  return out;
}

/// By its place in the log, or the first one recorded under this event id.
Result<ledger::LogInclusion> inclusion_of(Call const& call) {
  auto const text = call.text("event");
  std::optional<std::uint64_t> index;
  if (auto const number = base::from_decimal(text, ~std::uint64_t{0})) index = static_cast<std::uint64_t>(*number);
  if (auto const id = gs1::from_event_id(text)) {
    auto const prefix = ledger::state_key(ledger::Space::event_hash_index, id->view());
    call.at.state->scan(prefix, [&](ledger::BytesView key, ledger::BytesView) {
      index = ledger::from_big_endian(key.last(8));
      return false;
    });
    if (!index) return Error{Code::E_UNKNOWN_GOODS, "event", "nothing is recorded under this event id"};
  }
  if (!index) return Error{Code::E_ENCODING, "event", "its number in the log, or ni:///sha-256;…"};
  auto inclusion = ledger::log_inclusion(call.at, *index);
  if (inclusion) return *std::move(inclusion);
  return Error{Code::E_FORM, "event", "the log has " + std::to_string(call.at.header.event_log_size) + " events"};
}

Value view_of(ledger::LogInclusion const& inclusion) {
  auto out = Value::object();
  out.add("index", Value::of(std::to_string(inclusion.index)));
  out.add("size", Value::of(std::to_string(inclusion.size)));
  out.add("root", Value::of(inclusion.root.hex()));
  out.add("leaf", hex(inclusion.leaf));
  return out;
}

Result<Value> log_proof(Call const& call) {
  TRY_ASSIGN(auto const inclusion, inclusion_of(call));
  auto out = view_of(inclusion);
  out.add("path", list_of(inclusion.path));
  return out;
}

Result<Value> log_receipt(Call const& call) {
  TRY_ASSIGN(auto const inclusion, inclusion_of(call));
  TRY_ASSIGN(auto const receipt, call.backend.receipt(inclusion));
  auto out = view_of(inclusion);
  out.add("receipt", hex(receipt));
  return out;
}

Result<Value> log_consistency(Call const& call) {
  TRY_ASSIGN(auto const first, number_parameter(call, "first", 0, ~std::uint64_t{0}));
  auto const path = ledger::log_consistency(call.at, first);
  auto const size = call.at.header.event_log_size;
  if (!path) return Error{Code::E_FORM, "first", "from 1 to " + std::to_string(size)};
  auto out = Value::object();
  out.add("first", Value::of(std::to_string(first)));
  out.add("first_root", Value::of(ledger::log_root_of(call.at, first)->hex()));
  out.add("size", Value::of(std::to_string(size)));
  out.add("root", Value::of(call.at.header.event_log_root.hex()));
  out.add("path", list_of(*path));
  return out;
}

/// Up to 256 hashes of the subtrees of 256^level leaves, from number 256 x index on.
Result<Value> log_tile(Call const& call) {
  TRY_ASSIGN(auto const level, number_parameter(call, "level", 0, 7));
  auto const levels = static_cast<unsigned>(level) * ledger::tile_levels;
  auto const count = call.at.header.event_log_size >> levels;
  TRY_ASSIGN(auto const index, number_parameter(call, "index", 0, count >> ledger::tile_levels));
  auto const first = index << ledger::tile_levels;
  std::vector<ledger::Hash> hashes;
  for (auto at = first; at < count && at < first + (1U << ledger::tile_levels); ++at) {
    hashes.push_back(*ledger::log_node(*call.at.state, levels, at));
  }
  auto out = Value::object();
  out.add("hashes", list_of(hashes));
  out.add("size", Value::of(std::to_string(call.at.header.event_log_size)));
  return out;
}

}  // namespace

std::vector<Method> log_methods() {
  auto const member = Access::member;
  Parameter const event{"event", "string", true, "its number in the log, or its event id"};
  return {
      {"log_proof", "That an event is in the log of all events: its leaf and audit path.", {event}, member, log_proof},
      {"log_receipt", "The same as a COSE receipt (RFC 9942) of this node's.", {event}, member, log_receipt},
      {"log_consistency",
       "That the log of its first events is the beginning of the newest one.",
       {{"first", "string", true, "how many events the smaller log has"}},
       Access::everybody,
       log_consistency},
      {"log_tile",
       "Hashes of the log for who reads all of it: 256 leaves, or roots of 256 tiles of the level below.",
       {{"level", "integer", false, "0 (leaves) to 7"}, {"index", "string", false, "which tile of this level"}},
       member,
       log_tile},
  };
}

}  // namespace rpc
