// SPDX-License-Identifier: Apache-2.0
#include "consensus/core.hpp"

#include <algorithm>

#include "consensus/engine.hpp"
#include "crypto/hash.hpp"

namespace consensus {

Core::Core(Config config, Tip tip, std::vector<Record> const& records, std::vector<SharedBlock> const& saved)
    : engine_(std::make_unique<Engine>(std::move(config), std::move(tip), records, saved)) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;
Outputs Core::step(Input input) { return engine_->step(std::move(input)); }
Status Core::status() const { return engine_->status(); }

View Record::view() const {
  if (auto const* vote = std::get_if<Vote>(&body)) return vote->ballot.view;
  if (auto const* floor = std::get_if<Floor>(&body)) return floor->view;
  return std::get<Entry>(body).certificate.ballot.view + 1;
}

Leaders::Leaders(std::size_t validators, Hash const& seed) {
  CHECK(validators > 0 && validators <= crypto::validators_max);
  // The order of the hashes of seed and place: a permutation that needs no arithmetic with a bias.
  std::vector<std::pair<Hash, Place>> drawn;
  for (std::size_t place = 0; place < validators; ++place) {
    auto const number = static_cast<Place>(place);
    drawn.emplace_back(crypto::sha256({seed.view(), base::encode(number)}), number);
  }
  std::sort(drawn.begin(), drawn.end());
  for (auto const& [hash, place] : drawn) order_.push_back(place);
}

Core::Engine::Engine(Config config, Tip tip, std::vector<Record> const& records, std::vector<SharedBlock> const& saved)
    : config_(std::move(config)),
      leaders_(config_.validators.size(), config_.seed),
      tip_(std::move(tip)),
      tree_(tip_.block, tip_.height),
      final_view_(tip_.view),
      final_height_(tip_.height),
      covered_(tip_.view),
      newest_(PLANTED(tip_ignored) ? std::nullopt : tip_.finalization),
      silent_turns_(config_.validators.size(), 0),
      sync_top_(tip_.height),
      sync_hash_(tip_.block),
      distrusted_(config_.validators.size(), false) {
  CHECK(!config_.identity || config_.identity->place < config_.validators.size());
  CHECK((tip_.view == 0) == !tip_.finalization.has_value());
  for (auto const& block : saved) {
    if (block->header.view <= tip_.view) continue;
    auto& node = tree_.put(block, block->header.hash());
    node.saved = true;
  }
  for (auto const& record : records) {
    bool const lasts = std::holds_alternative<Record::Floor>(record.body);
    if (lasts || record.view() > tip_.view) replay(record);
  }
  while (enter()) continue;
  rest_.clear();
}

void Core::Engine::replay(Record const& record) {
  if (auto const* entry = std::get_if<Record::Entry>(&record.body)) {
    if (!is_news(entry->certificate)) return;
    hold(entry->certificate, false);
    auto const& ballot = entry->certificate.ballot;
    state(ballot.view + 1).entry_durable = true;
    if (ballot.kind == VoteKind::notarize) state(ballot.view).notarization_durable = true;
    return;
  }
  if (auto const* floor = std::get_if<Record::Floor>(&record.body)) {
    floor_ = floor->view;
    return;
  }
  auto const& vote = std::get<Vote>(record.body);
  auto& seen = state(vote.ballot.view);
  if (vote.ballot.kind == VoteKind::notarize) seen.my_notarize = vote;
  if (vote.ballot.kind == VoteKind::nullify) seen.my_nullify = vote;
  if (vote.ballot.kind == VoteKind::finalize) seen.my_finalize = vote;
  if (!PLANTED(votes_not_replayed)) tally(vote);
}

Outputs Core::Engine::step(Input input) {
  if (halted_) return {};
  now_ms_ = std::max(now_ms_, input.steady_ms);
  wall_ms_ = input.wall_ms;
  CHECK(started_ != std::holds_alternative<Started>(input.event));
  if (!started_) {
    started_ = true;
    entered_ms_ = busy_since_ms_ = repeat_at_ms_ = now_ms_;
  }
  if (timer_ms_ <= now_ms_) timer_ms_ = 0;
  std::visit([this](auto& event) { on(event); }, input.event);
  settle();
  // Nothing of the turn in which a contradiction shows may leave.
  if (halted_) return {*halted_};
  Outputs out = std::move(saves_);
  if (!records_.empty()) out.push_back(Persist{std::move(records_)});
  std::move(rest_.begin(), rest_.end(), std::back_inserter(out));
  saves_.clear();
  records_.clear();
  rest_.clear();
  return out;
}

void Core::Engine::settle() {
  bool moved = true;
  while (moved && !halted_) {
    moved = commit();
    if (ended_) return;
    moved = enter() || moved;
    note_idleness();
    moved = propose_again() || moved;
    moved = vote_on_proposal() || moved;
    moved = vote_finalize() || moved;
    moved = vote_nullify() || moved;
  }
  if (halted_) return;
  ask_host();
  lead();
  ask_status();
  repeat();
  fetch();
  set_timer();
}

bool Core::Engine::enter() {
  if (!newest_ || newest_->ballot.view < view_) return false;
  auto const* left = state_of(view_);
  if (left != nullptr && left->nullification && !left->proposal) ++silent_turns_[leaders_.of(view_)];
  view_ = newest_->ballot.view + 1;
  entry_ = newest_;
  entered_ms_ = now_ms_;
  busy_since_ms_ = now_ms_;
  was_idle_ = false;
  propose_at_ms_ = retry_at_ms_ = 0;
  lacking_.reset();
  repeat_at_ms_ = now_ms_ + std::max(repeat_ms_min, timeout_ms(view_));
  return true;
}

void Core::Engine::halt(std::string reason) {
  if (!halted_) halted_ = Halt{std::move(reason)};
}

std::size_t Core::Engine::quorum() const {
  if (PLANTED(narrow_quorum)) return 2 * config_.validators.faulty_max() + 1;
  return config_.validators.quorum() - (PLANTED(wrong_quorum) ? 1 : 0);
}

ViewState const* Core::Engine::state_of(View view) const {
  auto const found = views_.find(view);
  return found == views_.end() ? nullptr : &found->second;
}

bool Core::Engine::deadline_due() const {
  return workload_.next_deadline_ms != 0 && workload_.next_deadline_ms <= wall_ms_;
}

bool Core::Engine::idle() const {
  if (workload_.transactions || deadline_due()) return false;
  for (auto const& [hash, node] : tree_.nodes()) {
    bool const undecided = node.block != nullptr && node.block->header.view > final_view_;
    if (undecided && (node.block->header.tx_count > 0 || node.ends_epoch)) return false;
  }
  return true;
}

void Core::Engine::note_idleness() {
  bool const idle_now = idle();
  if (was_idle_ && !idle_now) busy_since_ms_ = now_ms_;
  was_idle_ = idle_now;
}

/// How long after entering an idle view its leader waits.
std::uint64_t Core::Engine::idle_wait_ms() const {
  auto wait = config_.parameters.idle_block_ms;
  if (workload_.next_deadline_ms > wall_ms_) {
    wait = std::min(wait, now_ms_ - entered_ms_ + (workload_.next_deadline_ms - wall_ms_));
  }
  return wait;
}

/// D(v). Three views belong to the pipeline: the one that runs, the one that is executed, the one whose Finalize votes
/// travel.
std::uint64_t Core::Engine::timeout_ms(View view) const {
  auto timeout = config_.parameters.timeout_ms;
  for (View failed = final_view_ + 3; failed < view; ++failed) {
    if (timeout >= timeout_ms_max && !PLANTED(endless_timeout)) break;
    timeout = std::min(timeout * 3 / 2, std::uint64_t{1} << 40);
  }
  return PLANTED(endless_timeout) ? timeout : std::min(timeout, timeout_ms_max);
}

std::uint64_t Core::Engine::view_deadline_ms() const {
  if (was_idle_) return entered_ms_ + idle_wait_ms() + timeout_ms(view_);
  return std::max(entered_ms_, busy_since_ms_) + timeout_ms(view_);
}

void Core::Engine::repeat() {
  if (now_ms_ < repeat_at_ms_) return;
  repeat_at_ms_ = now_ms_ + std::max(repeat_ms_min, timeout_ms(view_));
  if (PLANTED(no_rebroadcast)) return;
  Certificates news;
  if (!finalizations_.empty()) {
    news.certificates.push_back(finalizations_.rbegin()->second);
  } else if (tip_.finalization) {
    news.certificates.push_back(*tip_.finalization);
  }
  if (entry_ && entry_->ballot.kind != VoteKind::finalize) news.certificates.push_back(*entry_);
  if (!news.certificates.empty()) broadcast(std::move(news));
  if (config_.identity && tip_.view == 0 && config_.predecessor) {
    rest_.push_back(
        Broadcast{{config_.chain, config_.predecessor->ballot.epoch, Certificates{{*config_.predecessor}}}});
  }
  if (auto const* current = state_of(view_)) {
    if (current->my_notarize) broadcast(*current->my_notarize);
    if (current->my_nullify) broadcast(*current->my_nullify);
  }
  std::size_t sent = 0;
  auto next = views_.upper_bound(std::max(finalize_cursor_, final_view_));
  for (; next != views_.end() && sent < repeated_votes_max; ++next) {
    finalize_cursor_ = next->first;
    if (!next->second.my_finalize) continue;
    broadcast(*next->second.my_finalize);
    ++sent;
  }
  if (next == views_.end()) finalize_cursor_ = 0;
}

void Core::Engine::set_timer() {
  auto at = repeat_at_ms_;
  auto const earlier = [&](std::uint64_t other) {
    if (other != 0) at = std::min(at, other);
  };
  auto const* current = state_of(view_);
  bool const undecided = current == nullptr || (!current->my_nullify && !current->my_finalize);
  if (may_vote(view_) && undecided) earlier(view_deadline_ms());
  earlier(propose_at_ms_);
  earlier(retry_at_ms_);
  earlier(fetch_at_ms_);
  earlier(ask_status_at_ms_);
  at = std::max(at, now_ms_ + 1);
  if (at == timer_ms_) return;
  timer_ms_ = at;
  rest_.push_back(SetTimer{at});
}

Status Core::Engine::status() const {
  std::size_t undecided = 0;
  for (auto const& [hash, node] : tree_.nodes()) {
    if (node.linked) undecided = std::max<std::size_t>(undecided, node.block->header.height - tip_.height);
  }
  return {config_.epoch, view_,         leaders_.of(view_),  leaders_.of(view_ + 1), tip_,
          undecided,     final_height_, halted_.has_value(), may_vote(view_),        proven_.size(),
          floor_};
}

}  // namespace consensus
