// SPDX-License-Identifier: Apache-2.0
#include "node/execution.hpp"

#include <algorithm>

#include "contracts/machine.hpp"

namespace node {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Hash;
using base::Result;
using ledger::Parameters;
using ledger::Transaction;

namespace {

bool ends_epoch(ledger::Body const& body) {
  return std::any_of(body.operations.begin(), body.operations.end(), [](ledger::Operation const& operation) {
    return std::holds_alternative<ledger::VoteChange>(operation) ||
           std::holds_alternative<ledger::ReportEvidence>(operation);
  });
}

using PayloadList = base::List<base::Blob<ledger::transaction_bytes_max>, block_transactions_max>;

/// The window alone; the rest of check holds for ever.
Result<void> check_window(ledger::Body const& body, ledger::TimeMs time_ms) {
  if (time_ms > body.valid_until_ms) return Error{Code::E_EXPIRED, "valid_until_ms", "it is later"};
  if (time_ms < body.valid_from_ms) return Error{Code::E_NOT_YET_VALID, "valid_from_ms", "it is earlier"};
  return {};
}

Result<void> check_once(Transaction const& transaction, Hash const& id, Hash const& leaf, Hash const& chain,
                        Parameters const& parameters, ledger::TimeMs time_ms, Verified& verified,
                        crypto::PartyVerifier& verifier) {
  if (verified.contains(leaf)) return check_window(transaction.body, time_ms);
  contracts::ReadRecords read;
  TRY(contracts::check(transaction, id, chain, parameters, time_ms, &read, verifier));
  verified.add(leaf, id, std::move(read));
  return {};
}

Executed finish(contracts::Execution&& execution, ledger::ResultHeader header) {
  header.state_root = execution.state_root;
  header.event_log_root = execution.event_log_root;
  header.event_log_size = execution.event_log_size;
  header.receipts_root = execution.receipts_root;
  return {header,
          std::move(execution.diff),
          std::move(execution.tree),
          execution.next_deadline_ms,
          execution.clock_offset_ms,
          std::move(execution.alarms)};
}

}  // namespace

bool is_recorded(ledger::StateView const& state, Hash const& id) { return state.has(ledger::receipt_key(id)); }

Bytes encode_payload(std::vector<std::shared_ptr<Bytes const>> const& transactions) {
  if (transactions.empty()) return {};
  PayloadList list;
  for (auto const& bytes : transactions) list.emplace_back(*bytes);
  return base::encode(list);
}

Result<std::vector<Bytes>> transactions_of(BytesView payload) {
  std::vector<Bytes> out;
  if (payload.empty()) return out;
  TRY_ASSIGN(auto list, base::decode<PayloadList>(payload));
  if (list.empty()) return Error{Code::E_ENCODING, "payload", "no transactions are no bytes"};
  for (auto& bytes : list) out.push_back(std::move(bytes));
  return out;
}

Result<Payload> decode_payload(BytesView bytes, Parameters const& parameters, Verified const* verified) {
  Payload out;
  TRY_ASSIGN(auto const list, transactions_of(bytes));
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto transaction = contracts::read_transaction(list[i], parameters);
    if (!transaction) {
      auto error = transaction.error();
      error.field = "transactions[" + std::to_string(i) + "]." + error.field;
      return error;
    }
    out.leaves.push_back(crypto::log_leaf_hash(list[i]));
    auto const known = verified == nullptr ? std::nullopt : verified->id_of(out.leaves.back());
    out.ids.push_back(known ? *known : transaction->body.id());
    out.ends_epoch = out.ends_epoch || ends_epoch(transaction->body);
    out.transactions.push_back(std::move(transaction).value());
  }
  out.root = crypto::log_root(out.leaves);
  return out;
}

Result<void> check_payload(Payload const& payload, Hash const& chain, Parameters const& parameters,
                           ledger::TimeMs time_ms, Verified& verified) {
  crypto::PartyVerifier verifier;
  for (std::size_t i = 0; i < payload.transactions.size(); ++i) {
    auto const checked = check_once(payload.transactions[i], payload.ids[i], payload.leaves[i], chain, parameters,
                                    time_ms, verified, verifier);
    if (checked) continue;
    auto error = checked.error();
    error.field = "transactions[" + std::to_string(i) + "]." + error.field;
    return error;
  }
  return {};
}

namespace {

/// What contracts may wait for. Whoever adds a wish of his own to it waits as others do.
bool tells_facts(ledger::Body const& body) {
  return std::all_of(body.operations.begin(), body.operations.end(), [](ledger::Operation const& operation) {
    return std::holds_alternative<ledger::Record>(operation) ||
           std::holds_alternative<ledger::IssueCertificate>(operation) ||
           std::holds_alternative<ledger::RevokeCertificate>(operation);
  });
}

}  // namespace

Result<Candidate> judge_candidate(BytesView bytes, Hash const& chain, Parameters const& parameters,
                                  ledger::TimeMs time_ms, ledger::StateView const& state, Verified& verified,
                                  crypto::PartyVerifier& verifier,
                                  std::function<Result<void>(Candidate const&)> const& has_room) {
  TRY_ASSIGN(auto const transaction, contracts::read_transaction(bytes, parameters));
  if (bytes.size() + 2 * payload_overhead > parameters.block_bytes_max) {
    return Error{Code::E_TOO_LARGE, "", "no block can hold it"};
  }
  auto const& body = transaction.body;
  Candidate out{body.id(),           crypto::log_leaf_hash(bytes),
                body.actor,          body.valid_from_ms,
                body.valid_until_ms, tells_facts(body),
                ends_epoch(body),    false};
  if (is_recorded(state, out.id)) {
    out.recorded = true;
    return out;
  }
  if (has_room) TRY(has_room(out));
  TRY(check_once(transaction, out.id, out.leaf, chain, parameters, time_ms, verified, verifier));
  TRY(contracts::check_admission(state, transaction, parameters, time_ms));
  return out;
}

std::uint32_t newest_version() { return contracts::newest_version; }

base::Result<void> check_version(ledger::StateView const& state, base::Height height, std::uint32_t knows) {
  auto const version = contracts::version_at(state, height);
  if (version <= knows) return {};
  auto const wanted = std::to_string(version);
  return Error{Code::E_FORM, "version",
               "from height " + std::to_string(height) + " on version " + wanted +
                   " of the law holds, and this program knows versions up to " + std::to_string(knows) +
                   ": install a tally that knows version " + wanted + " and start it in this folder"};
}

Executed execute_block(ledger::StateView const& state, ledger::StateTree const& tree, BlockPlace const& place,
                       std::vector<Transaction> transactions, std::vector<Hash> const& ids,
                       std::vector<contracts::ReadRecords> const& read) {
  ledger::Block const block{place.height, place.time_ms, place.block, std::move(transactions), place.ends_epoch};
  auto const epoch = ledger::load<ledger::EpochRecord>(state, ledger::Space::epoch, "");
  CHECK(epoch.has_value());
  ledger::ResultHeader header;
  header.chain = place.chain;
  header.epoch = place.epoch;
  header.view = place.view;
  header.height = place.height;
  header.time_ms = place.time_ms;
  header.block_hash = place.block;
  header.validators_hash = header.next_validators_hash = epoch->validators.hash();
  header.previous_result = place.previous_result;
  auto execution = contracts::execute(state, tree, block, read, ids);
  if (place.ends_epoch) {
    auto const* const next = execution.diff.find(ledger::state_key(ledger::Space::epoch, ""));
    CHECK(next != nullptr && next->record());
    auto const record = base::decode<ledger::EpochRecord>(*next->record());
    CHECK(record.has_value());
    header.next_validators_hash = record->validators.hash();
  }
  return finish(std::move(execution), header);
}

std::optional<ledger::TimeMs> next_deadline(ledger::StateView const& state) { return contracts::next_deadline(state); }

Result<Executed> execute_genesis(ledger::Genesis const& genesis) {
  TRY_ASSIGN(auto execution, contracts::execute_genesis(genesis));
  ledger::ResultHeader header;
  header.chain = header.block_hash = genesis.chain();
  header.time_ms = genesis.time_ms;
  header.validators_hash = header.next_validators_hash = genesis.validators.hash();
  return finish(std::move(execution), header);
}

}  // namespace node
