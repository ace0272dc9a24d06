// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <algorithm>
#include <utility>

#include "contracts/machine.hpp"
#include "membership.hpp"
#include "node/execution.hpp"

namespace sim {

using base::Code;
using consensus::VoteKind;

namespace {

constexpr std::size_t findings_max = 8;

std::string at_height(Height height) { return " at height " + std::to_string(height); }

}  // namespace

Judge::Judge(ledger::Genesis const& genesis)
    : chain_(genesis.chain()), parameters_(genesis.parameters), validators_(genesis.validators), book_(genesis) {
  auto execution = contracts::execute_genesis(genesis);
  CHECK(execution.has_value());
  state_.apply(execution->diff);
  tree_ = std::move(execution->tree);
}

void Judge::fail(std::string finding) {
  if (findings_.size() < findings_max) findings_.push_back(std::move(finding));
}

Judge::Recorded const* Judge::recorded(Hash const& transaction) const {
  auto const found = recorded_.find(transaction);
  return found == recorded_.end() ? nullptr : &found->second;
}

void Judge::saw_vote(std::size_t machine, consensus::Vote const& vote) {
  auto const& ballot = vote.ballot;
  std::pair const key{machine, Moment{ballot.epoch, ballot.view}};
  auto const who = " by machine " + std::to_string(machine) + " in view " + std::to_string(ballot.view) + " of epoch " +
                   std::to_string(ballot.epoch);
  if (ballot.kind == VoteKind::notarize) {
    if (notarized_.emplace(key, ballot.block).first->second != ballot.block) fail("P4: two Notarize" + who);
  } else if (ballot.kind == VoteKind::nullify) {
    nullified_.insert(key);
    if (finalized_.contains(key)) fail("P4: Nullify after Finalize" + who);
  } else {
    if (nullified_.contains(key)) fail("P4: Finalize after Nullify" + who);
    auto const digest = ballot.digest();
    if (finalized_.emplace(key, digest).first->second != digest) fail("P4: two Finalize" + who);
    auto const known = results_.emplace(std::pair{machine, ballot.block}, ballot.result);
    if (known.first->second != ballot.result) fail("P4: two results of one block (R4)" + who);
  }
}

void Judge::saw_certificate(Certificate const& certificate) {
  auto const& ballot = certificate.ballot;
  if (ballot.kind == VoteKind::finalize) return saw_finalization(ballot);
  Moment const moment{ballot.epoch, ballot.view};
  if (ballot.kind != VoteKind::nullify || !nullifications_.insert(moment).second) return;
  if (finalizations_.contains(moment)) {
    fail("P4: nullification and finalization of view " + std::to_string(ballot.view));
  }
}

void Judge::saw_finalization(crypto::Ballot const& ballot) {
  auto const view = std::to_string(ballot.view);
  Moment const moment{ballot.epoch, ballot.view};
  if (nullifications_.contains(moment)) fail("P4: nullification and finalization of view " + view);
  if (finalizations_.emplace(moment, ballot).first->second != ballot) fail("P1: two finalizations of view " + view);
  auto const known = finalized_heights_.emplace(ballot.height, ballot);
  auto const& first = known.first->second;
  if (first.block != ballot.block || first.result != ballot.result)
    fail("P1: two finalizations" + at_height(ballot.height));
}

void Judge::saw_decision(storage::Decision const& decision) {
  auto const certificate = base::decode<Certificate>(decision.finality);
  if (!certificate) return fail("P1: a decision without a certificate" + at_height(decision.first));
  saw_certificate(*certificate);
  Hash last;
  for (std::size_t i = 0; i < decision.blocks.size(); ++i) {
    auto const block = base::decode<consensus::Block>(decision.blocks[i].block);
    auto const result = base::decode<ledger::ResultHeader>(decision.blocks[i].result);
    if (!block || !result) return fail("P3: unreadable" + at_height(decision.first + i));
    auto const height = decision.first + i;
    if (height == decided_.size() + 1) extend(*block, *result);
    if (height > decided_.size()) return;
    auto const& known = decided_[height - 1];
    if (known.block != block->header.hash()) return fail("P2: another block decided" + at_height(height));
    if (known.result != result->hash()) return fail("P1: another result decided" + at_height(height));
    last = known.result;
  }
  auto const& ballot = certificate->ballot;
  if (ballot.height != decision.last() || ballot.result != last)
    fail("P1: a certificate of another result" + at_height(ballot.height));
}

void Judge::extend(consensus::Block const& block, ledger::ResultHeader const& result) {
  auto const& header = block.header;
  check_place(block);
  auto transactions = read(block);
  auto const previous = decided_.empty() ? result.previous_result : decided_.back().result;
  bool const belongs = result.chain == chain_ && result.height == header.height && result.view == header.view &&
                       result.time_ms == header.time_ms && result.block_hash == header.hash() &&
                       result.previous_result == previous;
  if (!belongs) fail("P1: a result of another block" + at_height(header.height));
  bool const changes = std::ranges::any_of(transactions, [](ledger::Transaction const& transaction) {
    auto const& operation = transaction.body.operations.front();
    return std::holds_alternative<ledger::ReportEvidence>(operation) ||
           std::holds_alternative<ledger::VoteChange>(operation);
  });
  bool const ends_epoch = changes || header.height + 1 == epoch_first_ + parameters_.epoch_blocks;
  if (ends_epoch) epoch_first_ = header.height + 1;
  execute({header.height, header.time_ms, header.hash(), std::move(transactions), ends_epoch}, result);
  if (ends_epoch) check_validators();
  decided_.push_back({header, header.hash(), result.hash()});
}

/// P12: who was accused on the chain leaves with the epoch, at most f a time; beside that only what was voted for
/// changes.
void Judge::check_validators() {
  auto const set = ledger::load<ledger::EpochRecord>(state_, ledger::Space::epoch, "")->validators;
  auto const before = std::exchange(validators_, set);
  auto const expected = next_validators(before, book_.take_accepted(), book_.accused());
  changes_ += set != before;
  if (set == expected) return;
  for (auto const& validator : expected.validators) {
    if (std::ranges::count(set.validators, validator) == 0) fail("P12: a validator is missing" + at_height(height()));
  }
  for (auto const& validator : set.validators) {
    if (std::ranges::count(expected.validators, validator) == 0)
      fail("P12: who should have left is still a validator" + at_height(height()));
  }
  fail("P12: the validators stand in another order" + at_height(height()));
}

/// P2 and P5: a child of the block before, and every view between the two is nullified.
void Judge::check_place(consensus::Block const& block) {
  auto const& header = block.header;
  auto const where = at_height(header.height);
  auto const parent_hash = decided_.empty() ? chain_ : decided_.back().block;
  if (header.height != decided_.size() + 1 || header.parent_hash != parent_hash)
    fail("P2: not a child of the one before" + where);
  if (header.time_ms <= (decided_.empty() ? 0 : decided_.back().header.time_ms)) fail("P3: time does not rise" + where);
  auto const epoch = ledger::load<ledger::EpochRecord>(state_, ledger::Space::epoch, "");
  if (header.epoch != epoch->epoch) fail("P2: of epoch " + std::to_string(header.epoch) + where);
  bool const is_first = header.height == epoch->first;
  View const parent_view = is_first ? 0 : decided_.back().header.view;
  for (View skipped = parent_view + 1; skipped < header.view; ++skipped) {
    if (!nullifications_.contains({header.epoch, skipped}))
      return fail("P5: view " + std::to_string(skipped) + " was skipped" + where);
  }
}

/// P3: every transaction passes the law's own check at the block's time.
std::vector<ledger::Transaction> Judge::read(consensus::Block const& block) {
  auto const where = at_height(block.header.height);
  auto payload = node::decode_payload(block.payload, parameters_);
  if (!payload) {
    fail("P3: " + base::to_string(payload.error()) + where);
    return {};
  }
  if (payload->root != block.header.tx_root || payload->transactions.size() != block.header.tx_count)
    fail("P3: another tx_root" + where);
  for (auto const& transaction : payload->transactions) {
    auto const checked = contracts::check(transaction, chain_, parameters_, block.header.time_ms);
    if (!checked) fail("P3: " + base::to_string(checked.error()) + where);
  }
  return std::move(payload->transactions);
}

/// One execution by the judge stands for all machines: their results are compared with it.
void Judge::execute(ledger::Block const& block, ledger::ResultHeader const& result) {
  auto const execution = contracts::execute(state_, tree_, block);
  bool const same = execution.state_root == result.state_root && execution.receipts_root == result.receipts_root &&
                    execution.event_log_root == result.event_log_root &&
                    execution.event_log_size == result.event_log_size;
  if (!same) fail("P9: executes to another result" + at_height(block.height));
  for (auto const& alarm : execution.alarms) fail("P6: " + alarm);
  state_.apply(execution.diff);
  tree_ = execution.tree;
  check_receipts(block, execution.receipts);
  if (auto const mismatch = book_.mismatch(state_)) fail("P6: " + *mismatch + at_height(block.height));
}

void Judge::check_receipts(ledger::Block const& block, std::vector<ledger::Receipt> const& receipts) {
  auto const where = at_height(block.height);
  // Fired deadlines come first.
  auto const fired = book_.begin(block.time_ms);
  if (receipts.size() != fired + block.transactions.size()) {
    return fail("P3: not one receipt for each transaction and deadline" + where);
  }
  for (std::size_t i = 0; i < fired; ++i) {
    if (!std::holds_alternative<ledger::DeadlineCause>(receipts[i].cause)) return fail("P6: no deadline fired" + where);
  }
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    auto const& transaction = block.transactions[i];
    auto const& receipt = receipts[fired + i];
    auto const id = transaction.body.id();
    auto const* cause = std::get_if<ledger::TransactionCause>(&receipt.cause);
    if (cause == nullptr || cause->id != id) return fail("P3: a receipt of another transaction" + where);
    auto const code = receipt.code;
    auto const expected = book_.apply(transaction);
    if (code != expected)
      fail("P6: " + id.hex() + " gave " + std::string(base::name(code)) + ", not " + std::string(base::name(expected)) +
           where);
    bool const is_new = recorded_.emplace(id, Recorded{block.height, code}).second;
    if (!is_new && code != Code::exists) fail("P3: recorded twice: " + id.hex() + where);
  }
}

}  // namespace sim
