// SPDX-License-Identifier: Apache-2.0
// Methods about the chain itself, the node, and transactions.
#include <algorithm>

#include "base/time.hpp"
#include "base/view.hpp"
#include "rpc/registry.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;

Result<Value> chain_status(Call const& call) {
  auto const status = call.backend.status();
  auto const parameters = ledger::load<ledger::ParametersRecord>(*call.at.state, ledger::Space::parameters, "");
  auto out = Value::object();
  out.add("chain", Value::of(call.at.chain.hex()));
  out.add("name", Value::of(status.chain_name));
  out.add("height", Value::of(std::to_string(call.at.header.height)));
  out.add("time", Value::of(base::to_rfc3339(call.at.header.time_ms)));
  out.add("state_root", Value::of(call.at.header.state_root.hex()));
  out.add("event_log_size", Value::of(std::to_string(call.at.header.event_log_size)));
  out.add("event_log_root", Value::of(call.at.header.event_log_root.hex()));
  out.add("block_hash", Value::of(call.at.header.block_hash.hex()));
  out.add("validators_hash", Value::of(call.at.validators.hash().hex()));
  out.add("test_clock", Value::of(status.test_clock));
  out.add("clock_offset_ms", Value::of(std::to_string(parameters ? parameters->clock_offset_ms : 0)));
  return out;
}

Result<Value> chain_block(Call const& call) {
  TRY_ASSIGN(auto const height, number_parameter(call, "height", call.at.header.height, ~std::uint64_t{0}));
  auto const block = call.backend.block(height);
  if (!block) return Error{Code::E_ENCODING, "height", "no decided block there"};
  auto out = Value::object();
  out.add("block_height", Value::of(std::to_string(block->height)));
  out.add("block_time", Value::of(base::to_rfc3339(block->time_ms)));
  out.add("hash", Value::of(block->hash.hex()));
  out.add("proposer", Value::of(std::uint64_t{block->proposer}));
  auto transactions = Value::array();
  for (auto const& bytes : block->transactions) {
    auto const transaction = base::decode<ledger::Transaction>(bytes);
    if (transaction) transactions.items.push_back(Value::of(transaction->body.id().hex()));
  }
  out.add("transactions", std::move(transactions));
  return out;
}

/// Of the epoch asked for, or of the next block's.
Result<Value> chain_validators(Call const& call) {
  auto epoch = ledger::load<ledger::EpochRecord>(*call.at.state, ledger::Space::epoch, "");
  if (!epoch) return Error{Code::E_SYNCING, "epoch", "this node has no state yet"};
  TRY_ASSIGN(auto const number, number_parameter(call, "epoch", epoch->epoch, ~std::uint64_t{0}));
  if (number != epoch->epoch) {
    auto const key = ledger::state_key(ledger::Space::epoch, ledger::big_endian(number));
    epoch = ledger::load<ledger::EpochRecord>(*call.at.state, key);
    if (!epoch) return Error{Code::E_FORM, "epoch", "there was no such epoch yet"};
  }
  auto out = Value::object();
  auto list = Value::array();
  for (auto const& validator : epoch->validators.validators) {
    auto one = party_view(*call.at.state, validator.party);
    one.add("key", Value::of(validator.key.hex()));
    one.add("tls_key", Value::of(validator.tls_key.hex()));
    list.items.push_back(std::move(one));
  }
  out.add("epoch", Value::of(std::to_string(epoch->epoch)));
  out.add("first_height", Value::of(std::to_string(epoch->first)));
  out.add("quorum", Value::of(std::uint64_t{epoch->validators.quorum()}));
  out.add("validators", std::move(list));
  return out;
}

/// What the validators may vote on, the oldest first.
Result<Value> chain_proposals(Call const& call) {
  auto list = Value::array();
  constexpr std::size_t id_at = 1 + 8;
  call.at.state->scan(ledger::Bytes{static_cast<std::uint8_t>(ledger::Space::proposal)},
                      [&](ledger::BytesView key, ledger::BytesView value) {
                        auto const record = base::decode<ledger::ProposalRecord>(value);
                        if (!record) return true;
                        auto one = Value::object();
                        one.add("proposal", Value::of("0x" + base::to_hex(key.subspan(id_at))));
                        one.add("change", base::view(record->change));
                        one.add("proposer", party_view(*call.at.state, record->proposer));
                        one.add("expires", Value::of(base::to_rfc3339(record->expires_ms)));
                        auto votes = Value::array();
                        for (auto const& vote : record->votes) {
                          auto voter = party_view(*call.at.state, vote.party);
                          voter.add("yes", Value::of(vote.yes));
                          votes.items.push_back(std::move(voter));
                        }
                        one.add("votes", std::move(votes));
                        list.items.push_back(std::move(one));
                        return true;
                      });
  auto out = Value::object();
  out.add("proposals", std::move(list));
  return out;
}

Result<Value> chain_params(Call const& call) {
  auto const record = ledger::load<ledger::ParametersRecord>(*call.at.state, ledger::Space::parameters, "");
  auto out = Value::object();
  if (record) out.add("parameters", base::view(record->parameters));
  // Of the law, for the next block, and what is decided on.
  auto const version = ledger::load<ledger::VersionRecord>(*call.at.state, ledger::Space::version, "");
  out.add("version", Value::of(std::uint64_t{version ? version->at(call.at.header.height + 1) : 1}));
  if (version && version->next && version->next->height > call.at.header.height + 1) {
    out.add("next_version", base::view(*version->next));
  }
  return out;
}

Result<Value> chain_header(Call const& call) {
  TRY_ASSIGN(auto const height, number_parameter(call, "height", call.at.header.height, ~std::uint64_t{0}));
  std::optional header(call.at.header);
  auto finality = call.at.finality;
  if (height != call.at.header.height) {
    auto const block = call.backend.block(height);
    if (!block || !block->result) return Error{Code::E_FORM, "height", "no decided block there"};
    header = block->result;
    finality = block->finality;
  }
  auto out = Value::object();
  out.add("header", base::view(*header));
  out.add("bytes", Value::of("0x" + base::to_hex(base::encode(*header))));
  if (finality) {
    out.add("finality", Value::of("0x" + base::to_hex(base::encode(*finality))));
    out.add("signatures", Value::of(std::uint64_t{ledger::signature_count(*finality)}));
  }
  return out;
}

Result<Value> tx_prepare(Call const& call) {
  TRY_ASSIGN(auto const body, base::read_view<ledger::Body>(*call.params.find("body"), "body"));
  auto out = Value::object();
  out.add("id", Value::of(body.id().hex()));
  out.add("bytes", Value::of("0x" + base::to_hex(base::encode(body))));
  out.add("reading", base::view(body));
  return out;
}

Result<Value> tx_submit(Call const& call) {
  TRY_ASSIGN(auto bytes, submitted_bytes(call.params));
  TRY_ASSIGN(auto const id, call.backend.submit(std::move(bytes)));
  return submitted(id);
}

std::optional<ledger::ReceiptRecord> receipt_of(ledger::Certified const& at, ledger::Hash const& id) {
  return ledger::load<ledger::ReceiptRecord>(*at.state, ledger::receipt_key(id));
}

Value outcome_view(ledger::Certified const& at, ledger::ReceiptRecord const& record) {
  auto out = Value::object();
  auto const& receipt = record.receipt;
  out.add("state", Value::of(base::is_success(receipt.code) ? "done" : "failed"));
  out.add("code", Value::of(base::name(receipt.code)));
  if (!base::is_success(receipt.code)) {
    out.add("field", Value::of(static_cast<std::string const&>(receipt.field)));
    out.add("hint", Value::of(base::hint(receipt.code)));
  }
  auto codes = Value::array();
  for (auto const code : receipt.event_codes) codes.items.push_back(Value::of(base::name(code)));
  out.add("event_codes", std::move(codes));
  out.add("recorded_height", Value::of(std::to_string(record.height)));
  out.add("index", Value::of(std::uint64_t{record.index}));
  out.add("first_log_index", Value::of(std::to_string(receipt.first_log_index)));
  out.add("log_count", Value::of(std::uint64_t{receipt.log_count}));
  out.add("work", Value::of(std::uint64_t{receipt.work}));
  out.add("height", Value::of(std::to_string(at.header.height)));
  out.add("time", Value::of(base::to_rfc3339(at.header.time_ms)));
  return out;
}

Result<Value> tx_wait(Call const& call) {
  TRY_ASSIGN(auto const id, hash_parameter(call, "id"));
  TRY_ASSIGN(auto const timeout_ms, number_parameter(call, "timeout_ms", 2000, 60'000));
  auto left_ms = std::min(timeout_ms, call.wait_ms_max);
  auto at = call.backend.certified();
  // Each round ends with a new height or with the time: the node counts the time, this loop only the rounds.
  constexpr std::uint64_t round_ms = 250;
  while (true) {
    if (auto const record = receipt_of(*at, id)) return outcome_view(*at, *record);
    if (left_ms == 0) break;
    auto const pause_ms = std::min(left_ms, round_ms);
    call.backend.wait_beyond(at->header.height, pause_ms);
    left_ms -= pause_ms;
    at = call.backend.certified();
  }
  auto out = Value::object();
  out.add("state", Value::of(call.backend.is_pending(id) ? "pending" : "unknown"));
  out.add("height", Value::of(std::to_string(at->header.height)));
  out.add("time", Value::of(base::to_rfc3339(at->header.time_ms)));
  return out;
}

Result<Value> tx_get(Call const& call) {
  TRY_ASSIGN(auto const id, hash_parameter(call, "id"));
  auto const record = receipt_of(call.at, id);
  if (!record) {
    auto out = Value::object();
    out.add("state", Value::of(call.backend.is_pending(id) ? "pending" : "unknown"));
    return out;
  }
  auto out = outcome_view(call.at, *record);
  auto const block = call.backend.block(record->height);
  if (block && record->index < block->transactions.size()) {
    auto const transaction = base::decode<ledger::Transaction>(block->transactions[record->index]);
    if (transaction) {
      out.add("body", base::view(transaction->body));
      out.add("payloads", Value::of(std::uint64_t{transaction->payloads.size()}));
    }
  }
  return out;
}

Result<Value> node_status(Call const& call) {
  auto const status = call.backend.status();
  auto out = Value::object();
  out.add("validator", Value::of(status.validator));
  out.add("version", Value::of(status.version));
  out.add("chain_name", Value::of(status.chain_name));
  out.add("phase", Value::of(status.phase));
  out.add("not_ready", Value::of(status.not_ready));
  out.add("view", Value::of(std::to_string(status.view)));
  out.add("uptime_ms", Value::of(std::to_string(status.uptime_ms)));
  out.add("mempool_transactions", Value::of(std::uint64_t{status.mempool_transactions}));
  out.add("mempool_bytes", Value::of(std::uint64_t{status.mempool_bytes}));
  out.add("test_clock", Value::of(status.test_clock));
  return out;
}

Result<Value> node_peers(Call const& call) {
  auto list = Value::array();
  for (auto const& peer : call.backend.status().peers) {
    auto one = Value::object();
    one.add("name", Value::of(peer.name));
    one.add("connected", Value::of(peer.connected));
    one.add("height", Value::of(std::to_string(peer.height)));
    list.items.push_back(std::move(one));
  }
  auto out = Value::object();
  out.add("peers", std::move(list));
  return out;
}

Result<Value> discover(Call const&) { return openrpc_document(); }

}  // namespace

Result<ledger::Bytes> submitted_bytes(Value const& params) {
  auto const text = params.string_of("bytes");
  auto bytes = text.starts_with("0x") ? base::from_hex(text) : std::nullopt;
  if (!bytes) return Error{Code::E_ENCODING, "bytes", "expected 0x and lower-case hexadecimal"};
  return *std::move(bytes);
}

Value submitted(ledger::Hash const& id) {
  auto out = Value::object();
  out.add("id", Value::of(id.hex()));
  return out;
}

std::vector<Method> chain_methods() {
  auto const everybody = Access::everybody;
  auto const member = Access::member;
  Parameter const id{"id", "string", true, "0x and 64 hexadecimal digits"};
  return {
      {"chain_status", "The newest certified height, its time and roots.", {}, everybody, chain_status},
      {"chain_block", "A decided block.", {{"height", "string", false, "newest if absent"}}, everybody, chain_block},
      {"chain_validators",
       "The validators of an epoch.",
       {{"epoch", "string", false, "absent: that of the next block"}},
       everybody,
       chain_validators},
      {"chain_proposals", "What the validators may vote on.", {}, everybody, chain_proposals},
      {"chain_params", "Limits that all nodes agree on.", {}, everybody, chain_params},
      {"chain_header",
       "A result header with its finality certificate, or that of the block it was decided with.",
       {{"height", "string", false, "absent: the newest"}},
       everybody,
       chain_header},
      {"tx_prepare",
       "The bytes to sign for a body, with its reading.",
       {{"body", "object", true, "JSON view"}},
       member,
       tx_prepare},
      {"tx_submit",
       "Submits canonical bytes; answers before they are decided.",
       {{"bytes", "string", true, "0x"}},
       member,
       tx_submit},
      {"tx_wait",
       "Waits for an outcome; a timeout is no error.",
       {id, {"timeout_ms", "integer", false, "at most 5000 in one call, shared by a batch"}},
       member,
       tx_wait},
      {"tx_get", "An outcome and the transaction in words.", {id}, member, tx_get},
      {"node_status", "How this node is.", {}, member, node_status},
      {"node_peers", "The other validators as this node sees them.", {}, member, node_peers},
      {"rpc.discover", "This list, as an OpenRPC document.", {}, everybody, discover},
  };
}

}  // namespace rpc
