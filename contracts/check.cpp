// SPDX-License-Identifier: Apache-2.0
#include "contracts/form.hpp"
#include "contracts/goods/reading.hpp"
#include "contracts/machine.hpp"
#include "crypto/party.hpp"

namespace contracts {

namespace {

using base::Code;
using base::Error;
using ledger::Body;
using ledger::BytesView;
using ledger::Parameters;
using ledger::Transaction;

std::string at(std::string_view list, std::size_t i) { return std::string(list) + "[" + std::to_string(i) + "]"; }

Result<void> check_window(Body const& body, Parameters const& parameters, ledger::TimeMs time_ms) {
  if (body.valid_until_ms < body.valid_from_ms) return Error{Code::E_FORM, "valid_until_ms", "before valid_from_ms"};
  if (body.valid_until_ms - body.valid_from_ms > parameters.window_ms_max) {
    return Error{Code::E_FORM, "valid_until_ms", "the window is longer than window_ms_max"};
  }
  if (time_ms > body.valid_until_ms) return Error{Code::E_EXPIRED, "valid_until_ms", "it is later"};
  if (time_ms < body.valid_from_ms) return Error{Code::E_NOT_YET_VALID, "valid_from_ms", "it is earlier"};
  return {};
}

Result<void> check_sizes(Transaction const& transaction, Parameters const& parameters) {
  auto const& body = transaction.body;
  if (body.signers.empty()) return Error{Code::E_SIGNATURE, "signers", "nobody signs"};
  if (body.signers.size() > parameters.signers_max) return Error{Code::E_TOO_LARGE, "signers", "more than signers_max"};
  if (transaction.signatures.size() != body.signers.size()) {
    return Error{Code::E_SIGNATURE, "signatures", "not one for each signer"};
  }
  if (body.operations.empty()) return Error{Code::E_FORM, "operations", "asks for nothing"};
  if (body.operations.size() > parameters.operations_max) {
    return Error{Code::E_TOO_LARGE, "operations", "more than operations_max"};
  }
  if (transaction.payloads.size() > parameters.events_max) {
    return Error{Code::E_TOO_LARGE, "payloads", "more than events_max"};
  }
  std::size_t events = 0;
  for (auto const& operation : body.operations) {
    if (auto const* record = std::get_if<ledger::Record>(&operation)) events += record->count;
  }
  if (events != transaction.payloads.size()) {
    return Error{Code::E_FORM, "payloads", "the operations count " + std::to_string(events) + " events"};
  }
  for (std::size_t i = 0; i < transaction.payloads.size(); ++i) {
    if (transaction.payloads[i].size() > parameters.event_bytes_max) {
      return Error{Code::E_TOO_LARGE, at("payloads", i), "more than event_bytes_max"};
    }
  }
  return {};
}

Result<void> check_signatures(Transaction const& transaction, Hash const& id, crypto::PartyVerifier& verifier) {
  auto const& signers = transaction.body.signers;
  for (std::size_t i = 1; i < signers.size(); ++i) {
    if (!(signers[i - 1] < signers[i])) return Error{Code::E_FORM, at("signers", i), "not ascending, or named twice"};
  }
  for (std::size_t i = 0; i < signers.size(); ++i) {
    if (!verifier.verify(signers[i].key, id, transaction.signatures[i])) {
      return Error{Code::E_SIGNATURE, at("signatures", i), "not that of the signer's key over the transaction id"};
    }
  }
  return {};
}

Result<void> check_operations(Transaction const& transaction, Parameters const& parameters, ReadRecords& read) {
  std::size_t next_payload = 0;
  for (std::size_t i = 0; i < transaction.body.operations.size(); ++i) {
    auto const& operation = transaction.body.operations[i];
    std::vector<BytesView> payloads;
    if (auto const* record = std::get_if<ledger::Record>(&operation)) {
      for (std::size_t n = 0; n < record->count; ++n) payloads.emplace_back(transaction.payloads[next_payload++]);
    }
    TRY(check_form(operation, payloads, parameters, at("operations", i), read));
    auto const* report = std::get_if<ledger::ReportEvidence>(&operation);
    if (report != nullptr && !crypto::verify(report->evidence, transaction.body.chain)) {
      return Error{Code::E_FORM, at("operations", i) + ".evidence",
                   "no two votes of one key that contradict each other"};
    }
  }
  return {};
}

}  // namespace

Result<void> check(Transaction const& transaction, Hash const& chain, Parameters const& parameters,
                   ledger::TimeMs time_ms, ReadRecords* read) {
  crypto::PartyVerifier verifier;
  return check(transaction, transaction.body.id(), chain, parameters, time_ms, read, verifier);
}

Result<void> check(Transaction const& transaction, Hash const& id, Hash const& chain, Parameters const& parameters,
                   ledger::TimeMs time_ms, ReadRecords* read, crypto::PartyVerifier& verifier) {
  auto const& body = transaction.body;
  if (body.version != 1) return Error{Code::E_FORM, "version", "this ledger reads version 1"};
  if (body.chain != chain) return Error{Code::E_CHAIN, "chain", "another ledger's"};
  TRY(check_window(body, parameters, time_ms));
  TRY(check_sizes(transaction, parameters));
  // Signatures before events: who sends bytes that nobody signed costs a curve operation, not the reading of a
  // document.
  TRY(check_signatures(transaction, id, verifier));
  auto const& key = body.idempotency_key;
  if (key && key->is_zero()) return Error{Code::E_FORM, "idempotency_key", "all zeros: one that was never chosen"};
  ReadRecords records;
  TRY(check_operations(transaction, parameters, records));
  if (read != nullptr) *read = std::move(records);
  return {};
}

Result<Transaction> read_transaction(BytesView bytes, Parameters const& parameters) {
  auto const bytes_max = std::min<std::size_t>(parameters.transaction_bytes_max, ledger::transaction_bytes_max);
  if (bytes.size() > bytes_max) {
    return Error{Code::E_TOO_LARGE, "", "a transaction has at most " + std::to_string(bytes_max) + " bytes"};
  }
  return base::decode<Transaction>(bytes);
}

std::size_t memory_of(ReadRecords const& read) {
  // Keys, words and times as texts of their own: so many times the bytes they were read from, measured on short events.
  constexpr std::size_t texts = 4;
  std::size_t out = 0;
  for (auto const& record : read) {
    out += sizeof(*record) + record->context.size() + texts * record->payload_bytes;
    out += record->events.size() * sizeof(goods::ReadEvent);
  }
  return out;
}

}  // namespace contracts
