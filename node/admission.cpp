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
  std::vector<Applicant> group;
  for (auto& [applicant, error] : std::exchange(early_, {})) enter(std::move(applicant), group);
  judge(std::move(group));
}

void Admission::give_up_early() {
  while (!early_.empty() && !may_wait(early_.front().first, early_.front().second)) {
    auto const refused = std::move(early_.front());
    early_.pop_front();
    refused.first.reply(refused.second);
  }
}

bool Admission::has_room_for(Bytes const& transaction) const {
  return judged_.size() < judged_transactions_max && judged_bytes_ + transaction.size() <= judged_bytes_max;
}

void Admission::submit(std::vector<Submission> submissions) {
  std::vector<Applicant> group;
  for (auto& [transaction, reply] : submissions) {
    if (has_room_for(transaction)) {
      enter({std::make_shared<Bytes const>(std::move(transaction)), std::move(reply), clock_.steady_ms(), 0}, group);
    } else {
      reply(Error{Code::E_BUSY, "", std::to_string(judged_.size()) + " transactions are being checked"});
    }
  }
  judge(std::move(group));
}

void Admission::receive(GossipFrame gossip) {
  std::vector<Applicant> group;
  for (auto& transaction : gossip.transactions) {
    if (!has_room_for(transaction)) break;
    enter({std::make_shared<Bytes const>(std::move(transaction)), nullptr, 0, 0}, group);
  }
  judge(std::move(group));
}

void Admission::enter(Applicant applicant, std::vector<Applicant>& group) {
  applicant.number = next_judged_++;
  judged_.emplace(applicant.number, applicant.bytes);
  judged_bytes_ += applicant.bytes->size();
  group.push_back(std::move(applicant));
  if (group.size() == judged_together_max) judge(std::exchange(group, {}));
}

void Admission::judge(std::vector<Applicant> group) {
  if (group.empty()) return;
  struct Work {
    std::vector<Applicant> group;
    std::vector<Result<Candidate>> verdicts;
  };
  auto const work = std::make_shared<Work>(Work{std::move(group), {}});
  auto job = [work, chain = chain_, parameters = parameters_, certified = certified_, verified = verified_,
              time_ms = clock_.wall_ms() + clock_offset_ms_] {
    // Those who send many sign with few keys, and their records are read once.
    ledger::RememberedState const state(*certified->state);
    crypto::PartyVerifier verifier;
    for (auto const& applicant : work->group) {
      work->verdicts.push_back(
          judge_candidate(*applicant.bytes, chain, parameters, time_ms, state, *verified, verifier));
    }
  };
  auto done = [this, work, certified = certified_] {
    bool const decided_meanwhile = certified != certified_;
    auto const known = pool_->size();
    for (std::size_t i = 0; i < work->group.size(); ++i) {
      auto& applicant = work->group[i];
      auto& judged = work->verdicts[i];
      judged_.erase(applicant.number);
      judged_bytes_ -= applicant.bytes->size();
      if (judged && decided_meanwhile) judged->recorded = is_recorded(*certified_->state, judged->id);
      answer(std::move(applicant), judged);
    }
    if (pool_->size() > known) changed_();
  };
  workers_.run(std::move(job), std::move(done));
}

void Admission::answer(Applicant applicant, Result<Candidate> const& judged) {
  if (judged) {
    auto const kept = keep(*judged, applicant.bytes, applicant.reply != nullptr);
    if (applicant.reply) applicant.reply(kept);
  } else if (early_.size() < early_transactions_max && may_wait(applicant, judged.error())) {
    early_.emplace_back(std::move(applicant), judged.error());
  } else if (applicant.reply) {
    applicant.reply(judged.error());
  }
}

bool Admission::may_wait(Applicant const& applicant, Error const& error) const {
  bool const early = error.code == Code::E_NOT_YET_VALID || error.code == Code::E_AFTER;
  return early && applicant.reply && clock_.steady_ms() < applicant.arrived_ms + early_ms_max;
}

Result<Hash> Admission::keep(Candidate const& candidate, SharedBytes const& bytes, bool own) {
  if (candidate.recorded) return candidate.id;
  TRY_ASSIGN(bool const is_new,
             pool_->add({candidate.id, bytes, candidate.leaf, candidate.actor, candidate.valid_from_ms,
                         candidate.valid_until_ms, clock_.steady_ms(), candidate.facts, candidate.ends_epoch}));
  if (!is_new) return candidate.id;
  if (own) {
    if (gossip_bytes_ + bytes->size() > gossip_bytes_max ||
        gossip_.transactions.size() >= GossipFrame().transactions.max)
      send_gossip();
    gossip_.transactions.emplace_back(*bytes);
    gossip_bytes_ += bytes->size();
    if (gossip_at_ms_ == 0) gossip_at_ms_ = clock_.steady_ms() + gossip_delay_ms;
  }
  return candidate.id;
}

std::vector<Found> Admission::find(std::vector<ShortName> const& names) const {
  auto out = pool_->find(names);
  std::map<ShortName, std::size_t> unknown;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i].bytes) unknown.emplace(names[i], i);
  }
  if (unknown.empty()) return out;
  for (auto const& [number, bytes] : judged_) {
    auto const leaf = crypto::log_leaf_hash(*bytes);
    auto const place = unknown.find(short_name(leaf));
    if (place != unknown.end()) out[place->second] = {bytes, leaf};
  }
  return out;
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
