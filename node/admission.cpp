// SPDX-License-Identifier: Apache-2.0
#include "node/admission.hpp"

#include <algorithm>
#include <iterator>

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
  for (auto& [applicant, error] : std::exchange(early_, {})) enter(std::nullopt, std::move(applicant));
  judge();
}

void Admission::give_up_early() {
  while (!early_.empty() && !may_wait(early_.front().first, early_.front().second)) {
    auto const refused = std::move(early_.front());
    early_.pop_front();
    refused.first.reply(refused.second);
  }
}

bool Admission::has_room_for(Source source, Bytes const& transaction) const {
  auto const found = lines_.find(source);
  auto const transactions = found == lines_.end() ? 0 : found->second.transactions;
  auto const bytes = found == lines_.end() ? 0 : found->second.bytes;
  return judged_.size() + transactions < judged_transactions_max &&
         judged_bytes_ + bytes + 2 * transaction.size() <= judged_bytes_max;
}

void Admission::submit(std::vector<Submission> submissions) {
  for (auto& [transaction, reply] : submissions) {
    if (has_room_for(std::nullopt, transaction)) {
      enter(std::nullopt,
            {std::make_shared<Bytes const>(std::move(transaction)), std::move(reply), clock_.steady_ms(), 0});
    } else {
      reply(Error{Code::E_BUSY, "", std::to_string(judged_.size()) + " transactions are being checked"});
    }
  }
  judge();
}

void Admission::receive(Place from, GossipFrame gossip) {
  for (auto& transaction : gossip.transactions) {
    if (!has_room_for(from, transaction)) break;
    enter(from, {std::make_shared<Bytes const>(std::move(transaction)), nullptr, 0, 0});
  }
  judge();
}

void Admission::enter(Source source, Applicant applicant) {
  applicant.number = next_judged_++;
  judged_.emplace(applicant.number, Judged{applicant.bytes, {}});
  judged_bytes_ += applicant.bytes->size();
  auto& line = lines_[source];
  ++line.transactions;
  line.bytes += applicant.bytes->size();
  line.waiting.push_back(std::move(applicant));
}

void Admission::leave(Source source, Applicant const& applicant) {
  auto const judged = judged_.find(applicant.number);
  if (judged->second.leaf) {
    auto const named = named_.find(short_name(*judged->second.leaf));
    if (named != named_.end() && named->second == applicant.number) named_.erase(named);
  }
  judged_.erase(judged);
  judged_bytes_ -= applicant.bytes->size();
  auto const line = lines_.find(source);
  line->second.bytes -= applicant.bytes->size();
  if (--line->second.transactions == 0) lines_.erase(line);
}

void Admission::judge() {
  auto const waits = [](auto const& line) { return !line.second.waiting.empty(); };
  while (judging_jobs_ < judging_jobs_max) {
    auto next = std::find_if(lines_.upper_bound(served_), lines_.end(), waits);
    if (next == lines_.end()) next = std::ranges::find_if(lines_, waits);
    if (next == lines_.end()) return;
    served_ = next->first;
    auto& waiting = next->second.waiting;
    auto const end = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(waiting.size(), judged_together_max));
    std::vector<Applicant> group(std::make_move_iterator(waiting.begin()), std::make_move_iterator(end));
    waiting.erase(waiting.begin(), end);
    judge(served_, std::move(group));
  }
}

void Admission::judge(Source source, std::vector<Applicant> group) {
  struct Work {
    std::vector<Applicant> group;
    std::vector<Result<Candidate>> verdicts;
  };
  auto const work = std::make_shared<Work>(Work{std::move(group), {}});
  auto job = [work, chain = chain_, parameters = parameters_, certified = certified_, verified = verified_,
              pool = pool_, time_ms = clock_.wall_ms() + clock_offset_ms_] {
    // Those who send many sign with few keys, and their records are read once.
    ledger::RememberedState const state(*certified->state);
    crypto::PartyVerifier verifier;
    for (auto const& applicant : work->group) {
      auto const has_room = [&](Candidate const& one) -> Result<void> {
        TRY(pool->would_add(one.id, one.actor, one.facts, applicant.bytes->size()));
        return {};
      };
      work->verdicts.push_back(
          judge_candidate(*applicant.bytes, chain, parameters, time_ms, state, *verified, verifier, has_room));
    }
  };
  auto done = [this, source, work, certified = certified_] {
    bool const decided_meanwhile = certified != certified_;
    auto const known = pool_->size();
    --judging_jobs_;
    for (std::size_t i = 0; i < work->group.size(); ++i) {
      auto& applicant = work->group[i];
      auto& judged = work->verdicts[i];
      leave(source, applicant);
      if (judged && decided_meanwhile && !judged->recorded) {
        judged->recorded = is_recorded(*certified_->state, judged->id);
      }
      answer(std::move(applicant), judged);
    }
    judge();
    if (pool_->size() > known) changed_();
  };
  ++judging_jobs_;
  workers_.run(Workers::Rank::newcomer, std::move(job), std::move(done));
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

void Admission::name_all() {
  for (auto one = judged_.lower_bound(named_until_); one != judged_.end(); ++one) {
    auto& [number, judged] = *one;
    judged.leaf = crypto::log_leaf_hash(*judged.bytes);
    named_.try_emplace(short_name(*judged.leaf), number);
  }
  named_until_ = next_judged_;
}

std::vector<Found> Admission::find(std::vector<ShortName> const& names) {
  auto out = pool_->find(names);
  if (std::ranges::all_of(out, [](Found const& one) { return one.bytes != nullptr; })) return out;
  name_all();
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto const named = out[i].bytes ? named_.end() : named_.find(names[i]);
    if (named == named_.end()) continue;
    auto const& judged = judged_.at(named->second);
    out[i] = {judged.bytes, *judged.leaf};
  }
  return out;
}

void Admission::decided(Payload const& payload) {
  pool_->remove(payload.ids);
  IdMap<std::uint64_t, Hash> held;
  for (std::size_t i = 0; i < payload.ids.size(); ++i) {
    auto const named = named_.find(short_name(payload.leaves[i]));
    if (named == named_.end() || judged_.at(named->second).leaf != payload.leaves[i]) continue;
    held.emplace(named->second, payload.ids[i]);
  }
  if (held.empty()) return;
  std::vector<std::pair<Source, Applicant>> gone;
  for (auto& [source, line] : lines_) {
    auto& waiting = line.waiting;
    auto const first = std::stable_partition(waiting.begin(), waiting.end(),
                                             [&](Applicant const& one) { return !held.contains(one.number); });
    for (auto one = first; one != waiting.end(); ++one) gone.emplace_back(source, std::move(*one));
    waiting.erase(first, waiting.end());
  }
  for (auto& [source, applicant] : gone) {
    leave(source, applicant);
    if (applicant.reply) applicant.reply(held.at(applicant.number));
  }
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
