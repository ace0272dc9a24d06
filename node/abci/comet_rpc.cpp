// SPDX-License-Identifier: Apache-2.0
#include "node/abci/comet_rpc.hpp"

#include "base/time.hpp"
#include "rpc/json.hpp"

namespace node::comet {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Hash;
using base::Result;
using base::Value;

namespace {

constexpr std::uint64_t timeout_ms = 2'000;
/// As many as the listeners' threads may use at once.
constexpr std::size_t idle_max = 16;

Error misses(std::string_view name) { return {Code::E_ENCODING, std::string(name), "CometBFT's answer has no such"}; }

Value const* member(Value const& value, std::initializer_list<std::string_view> path) {
  Value const* at = &value;
  for (auto const name : path) at = at == nullptr ? nullptr : at->find(name);
  return at;
}

/// CometBFT writes 64-bit numbers as strings and shorter ones as numbers.
Result<std::uint64_t> number(Value const& value, std::string_view name) {
  auto const* found = value.find(name);
  auto const read = found == nullptr ? std::nullopt : base::from_decimal(found->text, ~std::uint64_t{0});
  if (!read) return misses(name);
  return static_cast<std::uint64_t>(*read);
}

/// Upper-case hexadecimal.
template <class Out>
Result<Out> hexadecimal(Value const& value, std::string_view name) {
  std::string text(value.string_of(name));
  for (auto& c : text) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  auto const out = Out::from_text(text);
  if (!out) return misses(name);
  return *out;
}

/// RFC 3339 with up to nine decimals.
Result<ledger::CometTime> time(Value const& value, std::string_view name) {
  auto const text = value.string_of(name);
  auto const end = text.find_first_of(".Z");
  if (end == std::string_view::npos || text.back() != 'Z') return misses(name);
  auto const seconds = base::from_rfc3339(std::string(text.substr(0, end)) + "Z");
  std::string decimals(text[end] == '.' ? text.substr(end + 1, text.size() - end - 2) : "");
  constexpr std::size_t nano_digits = 9;
  bool const digits = decimals.find_first_not_of("0123456789") == std::string::npos;
  if (!seconds || !digits || decimals.size() > nano_digits) return misses(name);
  decimals.resize(nano_digits, '0');
  std::uint32_t nanos = 0;
  for (char const c : decimals) nanos = nanos * 10 + static_cast<std::uint32_t>(c - '0');
  return ledger::CometTime{*seconds / base::second_ms, nanos};
}

Result<std::optional<ledger::CometBlockId>> block_id(Value const& value) {
  if (value.string_of("hash").empty()) return std::optional<ledger::CometBlockId>();
  auto const* parts = value.find("parts");
  if (parts == nullptr) return misses("parts");
  ledger::CometBlockId out;
  TRY_ASSIGN(out.hash, hexadecimal<Hash>(value, "hash"));
  TRY_ASSIGN(auto const total, number(*parts, "total"));
  out.parts = static_cast<std::uint32_t>(total);
  TRY_ASSIGN(out.parts_hash, hexadecimal<Hash>(*parts, "hash"));
  return std::optional(out);
}

Result<ledger::CometHeader> read_header(Value const& value) {
  ledger::CometHeader out;
  auto const* version = value.find("version");
  auto const* last = value.find("last_block_id");
  if (version == nullptr || last == nullptr) return misses("header.version, header.last_block_id");
  TRY_ASSIGN(out.block_version, number(*version, "block"));
  // Left out when it is zero.
  if (version->find("app") != nullptr) {
    TRY_ASSIGN(out.app_version, number(*version, "app"));
  }
  TRY_ASSIGN(out.time, time(value, "time"));
  TRY_ASSIGN(out.last_block, block_id(*last));
  TRY_ASSIGN(out.last_commit_hash, hexadecimal<Hash>(value, "last_commit_hash"));
  TRY_ASSIGN(out.data_hash, hexadecimal<Hash>(value, "data_hash"));
  TRY_ASSIGN(out.next_validators_hash, hexadecimal<Hash>(value, "next_validators_hash"));
  TRY_ASSIGN(out.consensus_hash, hexadecimal<Hash>(value, "consensus_hash"));
  TRY_ASSIGN(out.last_results_hash, hexadecimal<Hash>(value, "last_results_hash"));
  TRY_ASSIGN(out.evidence_hash, hexadecimal<Hash>(value, "evidence_hash"));
  TRY_ASSIGN(out.proposer, hexadecimal<ledger::CometAddress>(value, "proposer_address"));
  return out;
}

Result<ledger::CometVote> read_vote(Value const& value) {
  constexpr std::uint64_t committed = 2;
  constexpr std::uint64_t nil = 3;
  TRY_ASSIGN(auto const flag, number(value, "block_id_flag"));
  if (flag != committed && flag != nil) return ledger::CometVote(ledger::CometAbsent{});
  TRY_ASSIGN(auto const at, time(value, "timestamp"));
  auto const bytes = from_base64(value.string_of("signature"));
  auto const signature = base::ValidatorSignature::from(bytes ? BytesView(*bytes) : BytesView());
  if (!signature) return misses("signature");
  if (flag == nil) return ledger::CometVote(ledger::CometNil{at, *signature});
  return ledger::CometVote(ledger::CometCommitted{at, *signature});
}

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(BytesView bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto const left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) three = three << 8 | (k < left ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out.push_back(k <= left ? letters[three >> (18 - 6 * k) & 63] : '=');
  }
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  Bytes out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (char const c : text) {
    auto const value = letters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return out;
}

Result<ledger::CometFinality> read_commit(Value const& result, ledger::ResultHeader const& header,
                                          crypto::ValidatorSet const& set) {
  auto const* signed_header = member(result, {"signed_header", "header"});
  auto const* commit = member(result, {"signed_header", "commit"});
  auto const* signatures = commit == nullptr ? nullptr : commit->find("signatures");
  auto const* id = commit == nullptr ? nullptr : commit->find("block_id");
  if (signed_header == nullptr || signatures == nullptr || id == nullptr) return misses("signed_header");
  ledger::CometFinality out;
  TRY_ASSIGN(out.header, read_header(*signed_header));
  TRY_ASSIGN(auto const round, number(*commit, "round"));
  out.round = static_cast<std::uint32_t>(round);
  TRY_ASSIGN(auto const block, block_id(*id));
  if (!block) return misses("block_id");
  out.parts = block->parts;
  out.parts_hash = block->parts_hash;
  if (signatures->items.size() != set.size()) {
    return Error{Code::E_FORM, "signatures",
                 std::to_string(signatures->items.size()) + " for " + std::to_string(set.size()) + " validators"};
  }
  ledger::CometPlace const place{header.chain, header.height + 1, header.hash()};
  auto const order = ledger::comet_order(set);
  for (std::size_t i = 0; i < order.size(); ++i) {
    TRY_ASSIGN(auto vote, read_vote(signatures->items[i]));
    auto const holds = [&](auto const& one, std::optional<ledger::CometBlockId> const& voted) {
      auto const bytes = ledger::comet_sign_bytes(place, out.round, voted, one.time);
      return crypto::validator_verify_bytes(set.validators[order[i]].key, bytes, one.signature);
    };
    auto const* committed = std::get_if<ledger::CometCommitted>(&vote);
    auto const* nil = std::get_if<ledger::CometNil>(&vote);
    bool const good = committed != nullptr ? holds(*committed, block) : nil == nullptr || holds(*nil, std::nullopt);
    if (!good) vote = ledger::CometAbsent{};
    out.votes.push_back(std::move(vote));
  }
  return out;
}

std::unique_ptr<rpc::Client> CometRpc::take() {
  {
    std::lock_guard const lock(mutex_);
    if (!idle_.empty()) {
      auto client = std::move(idle_.back());
      idle_.pop_back();
      return client;
    }
  }
  auto client = rpc::connect(url_, timeout_ms);
  CHECK(client.has_value());
  return std::move(client).value();
}

void CometRpc::give_back(std::unique_ptr<rpc::Client> client) {
  std::lock_guard const lock(mutex_);
  if (idle_.size() < idle_max) idle_.push_back(std::move(client));
}

Result<Value> CometRpc::get(std::string const& target) {
  auto client = take();
  auto const answer = client->send("GET", target, "");
  give_back(std::move(client));
  if (!answer) return answer.error();
  TRY_ASSIGN(auto const value, rpc::from_answer(answer->body));
  auto const* result = value.find("result");
  if (result != nullptr) return *result;
  auto const* data = member(value, {"error", "data"});
  return Error{Code::E_SYNCING, target, data == nullptr ? "CometBFT answers no result" : data->text};
}

Result<ledger::CometFinality> CometRpc::finality(ledger::ResultHeader const& header, crypto::ValidatorSet const& set) {
  TRY_ASSIGN(auto const result, get("/commit?height=" + std::to_string(header.height + 1)));
  return read_commit(result, header, set);
}

Result<rpc::DecidedBlock> CometRpc::block(base::Height height, crypto::ValidatorSet const& set) {
  TRY_ASSIGN(auto const result, get("/block?height=" + std::to_string(height)));
  auto const* header = member(result, {"block", "header"});
  auto const* transactions = member(result, {"block", "data", "txs"});
  auto const* id = result.find("block_id");
  if (header == nullptr || transactions == nullptr || id == nullptr) return misses("block");
  rpc::DecidedBlock out;
  out.height = height;
  TRY_ASSIGN(out.hash, hexadecimal<Hash>(*id, "hash"));
  TRY_ASSIGN(auto const at, time(*header, "time"));
  out.time_ms = at.seconds * base::second_ms + at.nanos / 1'000'000;
  TRY_ASSIGN(auto const proposer, hexadecimal<ledger::CometAddress>(*header, "proposer_address"));
  while (out.proposer < set.size() && ledger::comet_address(set.validators[out.proposer].key) != proposer) {
    ++out.proposer;
  }
  for (auto const& item : transactions->items) {
    auto bytes = from_base64(item.text);
    if (!bytes) return misses("txs");
    out.transactions.push_back(std::move(*bytes));
  }
  return out;
}

Result<void> CometRpc::submit(BytesView transaction) {
  auto params = Value::object();
  params.add("tx", Value::of(to_base64(transaction)));
  auto request = Value::object();
  request.add("jsonrpc", Value::of("2.0"));
  request.add("id", Value::of(std::uint64_t{1}));
  request.add("method", Value::of("broadcast_tx_sync"));
  request.add("params", std::move(params));
  auto client = take();
  auto const answer = client->send("POST", "/", rpc::to_text(request));
  give_back(std::move(client));
  if (!answer) return answer.error();
  TRY_ASSIGN(auto const value, rpc::from_answer(answer->body));
  if (auto const* result = value.find("result")) {
    TRY_ASSIGN(auto const code, number(*result, "code"));
    if (code == 0) return {};
    auto const known = code <= 0xffff && base::known(static_cast<std::uint16_t>(code));
    return Error{known ? static_cast<Code>(code) : Code::E_BUSY, "", std::string(result->string_of("log"))};
  }
  auto const* data = member(value, {"error", "data"});
  auto const reason = data == nullptr ? std::string("CometBFT answers no result") : data->text;
  if (reason.find("already exists in cache") != std::string::npos) return {};
  return Error{Code::E_BUSY, "", reason};
}

Result<base::Height> CometRpc::peers_height() {
  TRY_ASSIGN(auto const state, get("/dump_consensus_state"));
  auto const* peers = state.find("peers");
  if (peers == nullptr) return misses("peers");
  base::Height highest = 0;
  for (auto const& peer : peers->items) {
    auto const* round_state = member(peer, {"peer_state", "round_state"});
    if (round_state == nullptr) continue;
    // The height that it works on: one above what it decided.
    TRY_ASSIGN(auto const height, number(*round_state, "height"));
    highest = std::max(highest, height == 0 ? 0 : height - 1);
  }
  return highest;
}

Result<CometStatus> CometRpc::status() {
  CometStatus out;
  TRY_ASSIGN(auto const status, get("/status"));
  auto const* sync = status.find("sync_info");
  if (sync == nullptr) return misses("sync_info");
  TRY_ASSIGN(out.height, number(*sync, "latest_block_height"));
  auto const* catching_up = sync->find("catching_up");
  out.catching_up = catching_up != nullptr && catching_up->boolean;
  TRY_ASSIGN(auto const net, get("/net_info"));
  auto const* peers = net.find("peers");
  if (peers == nullptr) return misses("peers");
  for (auto const& peer : peers->items) {
    auto const* info = peer.find("node_info");
    if (info != nullptr) out.peers.insert(std::string(info->string_of("id")));
  }
  return out;
}

}  // namespace node::comet
