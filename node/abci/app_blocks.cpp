// SPDX-License-Identifier: Apache-2.0
// Transactions on their way into a block, and what a block does.
#include "base/time.hpp"
#include "node/abci/abci.pb.h"
#include "node/abci/app.hpp"
#include "node/abci/note.hpp"

namespace node::comet {

using base::Code;
using base::Error;

namespace {

/// Of the ledger: CometBFT's time, which grows by a millisecond at least from block to block, moved by the test clock.
TimeMs time_of(abci::Time const& time, Tip const& tip) {
  constexpr std::uint64_t nanos_a_ms = 1'000'000;
  auto const wall = static_cast<std::uint64_t>(time.seconds()) * base::second_ms +
                    static_cast<std::uint64_t>(time.nanos()) / nanos_a_ms;
  return std::max(wall + tip.clock_offset_ms, tip.header.time_ms + 1);
}

/// What a transaction takes in CometBFT's list of them: its tag and length too.
std::size_t wire_bytes(std::size_t size) {
  std::size_t length = 1;
  for (auto left = size; left >= 0x80; left >>= 7) ++length;
  return 1 + length + size;
}

std::shared_ptr<Bytes const> shared(std::string const& bytes) {
  return std::make_shared<Bytes const>(base::to_bytes(bytes));
}

base::Code code_of(ledger::StateDiff const& diff, Hash const& id) {
  auto const* const found = diff.find(ledger::receipt_key(id));
  // One that was recorded before changes nothing.
  if (found == nullptr || !found->record()) return Code::exists;
  auto const record = base::decode<ledger::ReceiptRecord>(*found->record());
  CHECK(record.has_value());
  return record->receipt.code;
}

}  // namespace

Result<Candidate> App::judge(BytesView transaction) const {
  auto const at = tip();
  auto const now = setup_.wall_ms() + at->clock_offset_ms;
  crypto::PartyVerifier verifier;
  return judge_candidate(transaction, chain_, at->parameters, now, *at->state, *verified_, verifier);
}

void App::check_tx(abci::RequestCheckTx const& in, abci::ResponseCheckTx& out) {
  auto const judged = judge(base::bytes_of(in.tx()));
  if (judged && !judged->recorded) {
    std::lock_guard const lock(mutex_);
    if (pending_.size() < pending_max) pending_.emplace(judged->id, judged->valid_until_ms);
    return;
  }
  auto const error = judged ? Error{Code::exists, "", "it is recorded"} : judged.error();
  out.set_code(static_cast<std::uint32_t>(error.code));
  out.set_codespace("tally");
  out.set_log(base::to_string(error));
  constexpr int recheck = 1;
  if (in.type() != recheck) return;
  // CometBFT drops what fails a second look.
  auto const transaction = base::decode<ledger::Transaction>(base::bytes_of(in.tx()));
  if (!transaction) return;
  std::lock_guard const lock(mutex_);
  pending_.erase(transaction->body.id());
}

/// In CometBFT's order, which is that of arrival, what every validator will find valid at the block's time.
void App::prepare(abci::RequestPrepareProposal const& in, abci::ResponsePrepareProposal& out) const {
  auto const at = tip();
  auto const time_ms = time_of(in.time(), *at);
  auto comet_left = static_cast<std::size_t>(std::max<std::int64_t>(in.max_tx_bytes(), 0));
  std::size_t left = at->parameters.block_bytes_max - payload_overhead;
  for (auto const& bytes : in.txs()) {
    auto const size = bytes.size() + payload_overhead;
    if (wire_bytes(bytes.size()) > comet_left || size > left) continue;
    if (bytes.size() > at->parameters.transaction_bytes_max) continue;
    auto const payload = decode_payload(encode_payload({shared(bytes)}), at->parameters);
    if (!payload || is_recorded(*at->state, payload->ids.front())) continue;
    if (!check_payload(*payload, chain_, at->parameters, time_ms, *verified_)) continue;
    comet_left -= wire_bytes(bytes.size());
    left -= size;
    *out.add_txs() = bytes;
    if (out.txs_size() == static_cast<int>(block_transactions_max)) break;
  }
}

Result<Payload> App::read_block(abci::RequestBlock const& in, TimeMs time_ms) const {
  auto const at = tip();
  if (in.height() != static_cast<std::int64_t>(at->height) + 1) {
    return Error{Code::E_FORM, "height",
                 "block " + std::to_string(in.height()) + " does not follow " + std::to_string(at->height)};
  }
  std::vector<std::shared_ptr<Bytes const>> transactions;
  std::size_t bytes = payload_overhead;
  for (auto const& transaction : in.txs()) {
    bytes += transaction.size() + payload_overhead;
    bool const fits = transaction.size() <= at->parameters.transaction_bytes_max &&
                      bytes <= at->parameters.block_bytes_max && transactions.size() < block_transactions_max;
    if (!fits) return Error{Code::E_TOO_LARGE, "transactions", "more than a block may hold"};
    transactions.push_back(shared(transaction));
  }
  TRY_ASSIGN(auto payload, decode_payload(encode_payload(transactions), at->parameters));
  TRY(check_payload(payload, chain_, at->parameters, time_ms, *verified_));
  return payload;
}

bool App::accepts(abci::RequestBlock const& in) const {
  auto const read = read_block(in, time_of(in.time(), *tip()));
  if (!read) setup_.log("warn", "a proposal is not valid: " + base::to_string(read.error()));
  return read.has_value();
}

Result<void> App::finalize(abci::RequestBlock const& in, abci::ResponseFinalizeBlock& out) {
  auto const at = tip();
  auto const time_ms = time_of(in.time(), *at);
  auto const block = Hash::from(base::bytes_of(in.hash()));
  if (!block) return Error{Code::E_ENCODING, "hash", "is none of 32 bytes"};
  TRY_ASSIGN(auto payload, read_block(in, time_ms));
  auto const height = static_cast<Height>(in.height());
  TRY(check_version(*at->state, height, setup_.knows_version));
  {
    std::lock_guard const lock(mutex_);
    decided_ = height;
    certifiable_ = at;
  }
  setup_.changed();
  ids_ = payload.ids;
  diff_ = {};
  bool const idle = payload.transactions.empty() && (!at->next_deadline_ms || *at->next_deadline_ms > time_ms);
  if (idle) {
    auto next = std::make_shared<Tip>(*at);
    next->height = height;
    next_ = std::move(next);
  } else {
    BlockPlace const place{chain_, 0, 0, height, time_ms, *block, at->header.hash(), payload.ends_epoch};
    next_ = execute(*at, place, std::move(payload));
  }
  for (auto const& id : ids_) {
    auto const code = code_of(diff_, id);
    auto& result = *out.add_tx_results();
    result.set_code(static_cast<std::uint32_t>(code));
    if (!base::is_success(code)) result.set_codespace("tally");
  }
  update_validators(at->set, next_->set, out);
  out.set_app_hash(std::string(base::text_of(next_->header.hash().view())));
  return {};
}

std::shared_ptr<Tip const> App::execute(Tip const& tip, BlockPlace const& place, Payload payload) {
  auto executed = execute_block(*tip.state, tip.tree, place, std::move(payload.transactions), payload.ids,
                                verified_->take(payload.leaves));
  for (auto const& alarm : executed.alarms) setup_.log("error", "alarm: " + alarm);
  // Who signs is CometBFT's to say, two heights later.
  executed.header.validators_hash = executed.header.next_validators_hash = {};
  auto next = std::make_shared<Tip>(tip);
  next->height = place.height;
  next->header = executed.header;
  next->signers = tip.set;
  next->tree = std::move(executed.tree);
  next->clock_offset_ms = executed.clock_offset_ms;
  next->next_deadline_ms = executed.next_deadline_ms;
  auto const state =
      std::make_shared<ledger::LayeredState const>(tip.state, std::make_shared<ledger::StateDiff const>(executed.diff));
  auto const parameters = ledger::load<ledger::ParametersRecord>(*state, ledger::Space::parameters, "");
  auto const epoch = ledger::load<ledger::EpochRecord>(*state, ledger::Space::epoch, "");
  CHECK(parameters && epoch);
  next->parameters = parameters->parameters;
  next->set = epoch->validators;
  diff_ = std::move(executed.diff);
  return next;
}

/// Members who leave get the power 0.
void update_validators(crypto::ValidatorSet const& before, crypto::ValidatorSet const& after,
                       abci::ResponseFinalizeBlock& out) {
  auto const holds = [](crypto::ValidatorSet const& set, base::ValidatorKey const& key) {
    auto const& all = set.validators;
    return std::any_of(all.begin(), all.end(), [&](auto const& one) { return one.key == key; });
  };
  for (auto const& old : before.validators) {
    if (!holds(after, old.key)) add_update(*out.add_validator_updates(), old.key, 0);
  }
  for (auto const& fresh : after.validators) {
    if (!holds(before, fresh.key)) add_update(*out.add_validator_updates(), fresh.key, 1);
  }
}

}  // namespace node::comet
