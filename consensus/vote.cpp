// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "consensus/engine.hpp"

namespace consensus {

/// Simulations spare the curve; everybody else signs with Ed25519.
base::ValidatorSignature Core::Engine::sign(Hash const& digest) const {
#ifdef TALLY_MUTANTS
  if (config_.mutants.cheap_signatures) return cheap_sign(config_.identity->secret, digest);
#endif
  return crypto::validator_sign(config_.identity->secret, digest);
}

/// Signs, remembers, journals and counts the vote. The caller sends it: the journal is durable before that (Persist).
Vote Core::Engine::cast(VoteKind kind, View view, Height height, Hash const& block, Hash const& result) {
  Vote vote{{kind, config_.chain, config_.epoch, view, height, block, result}, config_.identity->place, {}};
  vote.signature = sign(vote.ballot.digest());
  auto& seen = state(view);
  if (view == view_ && entry_ && !seen.entry_durable) {
    seen.entry_durable = true;
    journal(*entry_);
  }
  // Who has finalize-voted can never nullify: the notarization must not be lost with the memories of those who formed
  // it.
  if (kind == VoteKind::finalize && !seen.notarization_durable && !PLANTED(volatile_notarization)) {
    journal(*seen.notarization);
  }
  bool const forgotten = (PLANTED(volatile_nullify) && kind == VoteKind::nullify) ||
                         (PLANTED(volatile_proposal) && kind == VoteKind::notarize && leaders_.of(view) == vote.place);
  if (!forgotten) records_.push_back({vote});
  (kind == VoteKind::notarize  ? seen.my_notarize
   : kind == VoteKind::nullify ? seen.my_nullify
                               : seen.my_finalize) = vote;
  tally(vote);
  return vote;
}

void Core::Engine::journal(Certificate const& certificate) {
  if (certificate.ballot.kind == VoteKind::notarize) state(certificate.ballot.view).notarization_durable = true;
  if (!PLANTED(volatile_entry)) records_.push_back({Record::Entry{certificate}});
}

void Core::Engine::save(Hash const& hash) {
  auto* node = tree_.find(hash);
  if (node->saved) return;
  node->saved = true;
  if (!PLANTED(volatile_bytes)) saves_.push_back(SaveBlock{node->block});
}

bool Core::Engine::vote_on_proposal() {
  lacking_.reset();
  retry_at_ms_ = 0;
  auto const* seen = state_of(view_);
  if (!may_vote(view_) || seen == nullptr || !seen->proposal) return false;
  auto const hash = *seen->proposal;
  // R3 ONCE: at most one Notarize a view, none after my Nullify.
  if (!PLANTED(r3_off) && (seen->my_notarize || seen->my_nullify || seen->leader_faulty)) return false;
  if (seen->my_notarize && seen->my_notarize->ballot.block == hash) return false;
  auto const* node = tree_.find(hash);
  if (node == nullptr || node->block == nullptr) return false;
  switch (judge(*node->block, hash)) {
    case Readiness::waiting:
      return false;
    case Readiness::invalid:
      state(view_).leader_faulty = true;
      return true;
    case Readiness::ready:
      break;
  }
  save(hash);
  broadcast(cast(VoteKind::notarize, view_, 0, hash, {}));
  return true;
}

Core::Engine::Readiness Core::Engine::judge(Block const& block, Hash const& hash) {
  auto const& header = block.header;
  if (header.view < view_) return judge_again(block, hash);
  if (!header.evidence_root.is_zero() || block.payload.size() > config_.parameters.payload_bytes)
    return Readiness::invalid;
  auto const parent = parent_of(header.parent_hash);
  if (!parent) return Readiness::waiting;
  if (header.height != parent->height + 1 || header.time_ms <= parent->time_ms || header.view <= parent->view)
    return Readiness::invalid;
  auto const* above = tree_.find(header.parent_hash);
  if (above != nullptr && above->verdict != Stage::known) return Readiness::waiting;
  // What follows the last block belongs to the next epoch.
  if (above != nullptr && above->ends_epoch && !PLANTED(child_instead)) return Readiness::invalid;
  if (!PLANTED(r1_off) && !parent_stands(header, parent->view)) return Readiness::waiting;
  if (header.time_ms > wall_ms_ + time_ahead_ms_max) {
    retry_at_ms_ = now_ms_ + (header.time_ms - wall_ms_ - time_ahead_ms_max);
    return Readiness::waiting;
  }
  if (!block.payload.empty() && tree_.bytes() - block.payload.size() >= undecided_bytes_max) return Readiness::waiting;
  return tree_.find(hash)->verdict == Stage::known ? Readiness::ready : Readiness::waiting;
}

std::optional<Core::Engine::Parent> Core::Engine::parent_of(Hash const& hash) const {
  if (hash == tip_.block) return Parent{tip_.height, tip_.time_ms, tip_.view};
  auto const* node = tree_.linked(hash);
  if (node == nullptr) return std::nullopt;
  return Parent{node->block->header.height, node->block->header.time_ms, node->block->header.view};
}

/// R1 CHAIN: the parent's certificate and the nullification of every skipped view are in hand.
bool Core::Engine::parent_stands(Header const& header, View parent_view) {
  if (!is_certified(header.parent_hash, parent_view)) return false;
  for (View skipped = parent_view + 1; skipped < header.view; ++skipped) {
    auto const* seen = state_of(skipped);
    if ((seen != nullptr && seen->nullification) || PLANTED(skips_unproven)) continue;
    lacking_ = skipped;
    return false;
  }
  return true;
}

bool Core::Engine::is_certified(Hash const& hash, View view) const {
  return hash == tip_.block || parent_certificate(hash, view) != nullptr;
}

Certificate const* Core::Engine::parent_certificate(Hash const& parent, View view) const {
  if (parent == tip_.block) return tip_.finalization ? &*tip_.finalization : nullptr;
  auto const* seen = state_of(view);
  if (seen != nullptr && seen->notarization && seen->notarization->ballot.block == parent) return &*seen->notarization;
  for (auto const& [height, finalization] : finalizations_) {
    if (finalization.ballot.block == parent) return &finalization;
  }
  return nullptr;
}

bool Core::Engine::vote_finalize() {
  bool moved = false;
  for (auto& [view, seen] : views_) {
    if (view <= final_view_ || !may_vote(view) || !seen.notarization || seen.my_finalize) continue;
    // R2 EXCLUSIVE: a view that I nullified never gets my Finalize.
    if (seen.my_nullify && !PLANTED(r2_off)) continue;
    auto const hash = seen.notarization->ballot.block;
    auto const* node = tree_.linked(hash);
    if (node == nullptr || node->execution != Stage::known) continue;
    auto const path = tree_.path(hash);
    if (!PLANTED(r4_off) && !(is_consistent(path) && is_consistent_above(hash, *node))) continue;
    for (auto const& ancestor : path) save(ancestor);
    broadcast(cast(VoteKind::finalize, view, node->block->header.height, hash, node->result));
    moved = true;
  }
  return moved;
}

/// The result that I signed for this block, in whichever view; null when I have not.
Hash const* Core::Engine::signed_result(Hash const& hash, Node const& node) const {
  for (auto seen = views_.lower_bound(node.block->header.view); seen != views_.end(); ++seen) {
    auto const& mine = seen->second.my_finalize;
    if (mine && mine->ballot.block == hash) return &mine->ballot.result;
    if (!node.ends_epoch) break;
  }
  return nullptr;
}

/// R4 CONSISTENT: each block of the path that I finalize-voted has the result that I signed.
bool Core::Engine::is_consistent(std::vector<Hash> const& path) const {
  return std::all_of(path.begin(), path.end(), [&](Hash const& hash) {
    auto const* node = tree_.find(hash);
    auto const* result = signed_result(hash, *node);
    return result == nullptr || *result == node->result;
  });
}

/// R4 CONSISTENT, the other way: a result binds those of its ancestors, so what I signed above this block must have
/// come out again before I sign the block.
bool Core::Engine::is_consistent_above(Hash const& hash, Node const& node) const {
  if (PLANTED(r4_ancestors_only)) return true;
  auto const height = node.block->header.height;
  for (auto seen = views_.upper_bound(node.block->header.view); seen != views_.end(); ++seen) {
    auto const& mine = seen->second.my_finalize;
    if (!mine || mine->ballot.height <= height) continue;
    auto const* signed_node = tree_.linked(mine->ballot.block);
    if (signed_node == nullptr) return false;
    auto const path = tree_.path(mine->ballot.block);
    if (path[height - tip_.height - 1] != hash) continue;
    if (signed_node->execution != Stage::known || signed_node->result != mine->ballot.result) return false;
  }
  return true;
}

bool Core::Engine::vote_nullify() {
  if (!may_vote(view_)) return false;
  auto const* seen = state_of(view_);
  if (seen != nullptr && seen->my_nullify) return false;
  // R2 EXCLUSIVE, the other way: replay can put me back into a view that I finalize-voted.
  if (seen != nullptr && seen->my_finalize && !PLANTED(r2_off)) return false;
  auto const leader = leaders_.of(view_);
  bool const retried = (view_ - 1) / config_.validators.size() % retried_turn == 0;
  bool const silent = !is_me(leader) && silent_turns_[leader] >= silent_turns_max && !retried;
  bool const faulty = seen != nullptr && seen->leader_faulty;
  if (!silent && !faulty && now_ms_ < view_deadline_ms()) return false;
  broadcast(cast(VoteKind::nullify, view_, 0, {}, {}));
  return true;
}

void Core::Engine::lead() {
  propose_at_ms_ = 0;
  if (!is_me(leaders_.of(view_)) || !may_vote(view_) || preparing_ == view_) return;
  auto const* seen = state_of(view_);
  if (seen != nullptr && (seen->my_notarize || seen->my_nullify)) return;
  auto const parent = choose_parent();
  if (!parent) return;
  if (is_last(*parent) && !PLANTED(child_instead)) {
    propose_at_ms_ = entered_ms_ + timeout_ms(view_) / 2;
    return;
  }
  auto const height = parent_of(*parent)->height;
  bool const full = height - tip_.height >= undecided_blocks_max;
  bool const work = workload_.transactions || deadline_due();
  // Nothing to say while a block with transactions is undecided: half a timeout is mostly enough to see it decided.
  auto wait = timeout_ms(view_) / 2;
  if (!full && work) wait = 0;
  if (!full && was_idle_) wait = idle_wait_ms();
  if (now_ms_ < entered_ms_ + wait) {
    propose_at_ms_ = entered_ms_ + wait;
    return;
  }
  preparing_ = view_;
  preparing_on_ = *parent;
  rest_.push_back(NeedProposal{view_, height + 1, *parent, full});
}

/// The highest notarized block such that every view above it is nullified; nothing while certificates or bytes are
/// missing, or when the last block of the epoch is final.
std::optional<Hash> Core::Engine::choose_parent() const {
  for (View view = view_ - 1; view > final_view_; --view) {
    auto const* seen = state_of(view);
    if (seen == nullptr) return std::nullopt;
    auto const* node = seen->notarization ? tree_.linked(seen->notarization->ballot.block) : nullptr;
    if (node != nullptr && node->verdict != Stage::known) return std::nullopt;
    if (node != nullptr) return seen->notarization->ballot.block;
    if (!seen->nullification) return std::nullopt;
  }
  if (finalizations_.empty()) return tip_.block;
  auto const& newest = finalizations_.rbegin()->second.ballot.block;
  auto const* node = tree_.linked(newest);
  if (node == nullptr || node->verdict != Stage::known || node->ends_epoch) return std::nullopt;
  return newest;
}

void Core::Engine::on(ProposalReady& ready) {
  if (ready.view != view_ || preparing_ != view_) return;
  auto& seen = state(view_);
  if (seen.my_notarize || seen.my_nullify) return;
  auto const parent = parent_of(preparing_on_);
  if (!parent) return;
  CHECK(ready.payload.size() <= config_.parameters.payload_bytes);
  Propose propose;
  propose.view = view_;
  auto& header = propose.block.header;
  header = {1,
            config_.chain,
            config_.epoch,
            view_,
            parent->height + 1,
            preparing_on_,
            std::max(wall_ms_, parent->time_ms + 1),
            config_.identity->place,
            ready.tx_root,
            ready.tx_count,
            static_cast<std::uint32_t>(ready.payload.size()),
            {}};
  propose.block.payload = std::move(ready.payload);
  if (auto const* certificate = parent_certificate(preparing_on_, parent->view)) propose.parent = *certificate;
  auto const hash = header.hash();
  note_verdict(tree_.put(std::make_shared<Block const>(propose.block), hash), ready.ends_epoch);
  send_proposal(std::move(propose), hash, parent->view);
}

void Core::Engine::send_proposal(Propose propose, Hash const& hash, View parent_view) {
  View const oldest = std::max(parent_view + 1, view_ > nullifications_max ? view_ - nullifications_max : 0);
  for (View view = oldest; view < view_; ++view) {
    auto const* skipped = state_of(view);
    if (skipped != nullptr && skipped->nullification) propose.nullifications.push_back(*skipped->nullification);
  }
  state(view_).proposal = hash;
  if (!PLANTED(volatile_proposal)) save(hash);
  propose.signature = cast(VoteKind::notarize, view_, 0, hash, {}).signature;
  broadcast(std::move(propose));
}

}  // namespace consensus
