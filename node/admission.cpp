// SPDX-License-Identifier: Apache-2.0
#include "node/admission.hpp"

namespace node {

using base::Code;
using base::Error;

Admission::Admission(Hash const& chain, Clock const& clock, Transport& transport, Workers& workers, PoolLimits limits,
                     std::function<void()> changed)
    : chain_(chain),
      clock_(clock),
      transport_(transport),
      workers_(workers),
      changed_(std::move(changed)),
      pool_(std::make_shared<Mempool>(limits)),
      verified_(std::make_shared<Verified>()) {}

void Admission::follow(std::shared_ptr<ledger::Certified const> certified, ledger::Parameters const& parameters,
                       std::uint64_t clock_offset_ms) {
  certified_ = std::move(certified);
  parameters_ = parameters;
  clock_offset_ms_ = clock_offset_ms;
}

void Admission::submit(Bytes transaction, Reply reply) {
  if (judged_ >= judged_transactions_max || judged_bytes_ + transaction.size() > judged_bytes_max) {
    reply(Error{Code::E_BUSY, "", std::to_string(judged_) + " transactions are being checked"});
    return;
  }
  judge(std::make_shared<Bytes const>(std::move(transaction)), true, std::move(reply));
}

void Admission::receive(GossipFrame gossip) {
  for (auto& transaction : gossip.transactions) {
    if (judged_ >= judged_transactions_max || judged_bytes_ + transaction.size() > judged_bytes_max) return;
    judge(std::make_shared<Bytes const>(std::move(transaction)), false, nullptr);
  }
}

void Admission::judge(SharedBytes bytes, bool own, Reply reply) {
  struct Verdict {
    std::optional<Result<Candidate>> result;
  };
  auto const verdict = std::make_shared<Verdict>();
  ++judged_;
  judged_bytes_ += bytes->size();
  auto job = [verdict, bytes, chain = chain_, parameters = parameters_, certified = certified_, verified = verified_,
              time_ms = clock_.wall_ms() + clock_offset_ms_] {
    verdict->result = judge_candidate(*bytes, chain, parameters, time_ms, *certified->state, *verified);
  };
  auto done = [this, verdict, bytes, own, certified = certified_, reply = std::move(reply)] {
    --judged_;
    judged_bytes_ -= bytes->size();
    auto& judged = *verdict->result;
    // A block may have recorded it meanwhile, and none would ever take it out of the pool again.
    if (judged && certified != certified_) judged->recorded = is_recorded(*certified_->state, judged->id);
    auto const kept = judged ? keep(*judged, bytes, own) : Result<Hash>(judged.error());
    if (reply) reply(kept);
  };
  workers_.run(std::move(job), std::move(done));
}

Result<Hash> Admission::keep(Candidate const& candidate, SharedBytes const& bytes, bool own) {
  if (candidate.recorded) return candidate.id;
  TRY_ASSIGN(bool const is_new, pool_->add({candidate.id, bytes, candidate.leaf, candidate.actor,
                                            candidate.valid_from_ms, candidate.valid_until_ms, clock_.steady_ms()}));
  if (!is_new) return candidate.id;
  if (own) {
    if (gossip_bytes_ + bytes->size() > gossip_bytes_max ||
        gossip_.transactions.size() >= GossipFrame().transactions.max)
      send_gossip();
    gossip_.transactions.emplace_back(*bytes);
    gossip_bytes_ += bytes->size();
    if (gossip_at_ms_ == 0) gossip_at_ms_ = clock_.steady_ms() + gossip_delay_ms;
  }
  changed_();
  return candidate.id;
}

void Admission::send_gossip() {
  gossip_at_ms_ = 0;
  if (gossip_.transactions.empty()) return;
  transport_.broadcast(encode_frame(GossipFrame(std::move(gossip_))));
  gossip_ = {};
  gossip_bytes_ = 0;
}

void Admission::send_overdue() {
  auto const now = clock_.steady_ms();
  if (now < overdue_after_ms) return;
  GossipFrame frame;
  for (auto const& bytes : pool_->overdue(now - overdue_after_ms, frame.transactions.max, overdue_bytes_max)) {
    frame.transactions.emplace_back(*bytes);
  }
  if (!frame.transactions.empty()) transport_.broadcast(encode_frame(std::move(frame)));
}

}  // namespace node
