// SPDX-License-Identifier: Apache-2.0
// The end of an epoch: its last block is proposed itself again, in view after view, until it is final.
#include "consensus/engine.hpp"

namespace consensus {

bool Core::Engine::is_last(Hash const& hash) const {
  auto const* node = tree_.find(hash);
  return node != nullptr && node->verdict == Stage::known && node->ends_epoch;
}

void Core::Engine::note_verdict(Node& node, bool ends_epoch) const {
  node.verdict = Stage::known;
  node.ends_epoch = ends_epoch || node.block->header.height >= config_.last_height;
}

/// R1 CHAIN for the last block once more: it was notarized before, and every view since then is nullified.
Core::Engine::Readiness Core::Engine::judge_again(Block const& block, Hash const& hash) {
  auto const* node = tree_.linked(hash);
  if (node == nullptr || node->verdict != Stage::known) return Readiness::waiting;
  if (!node->ends_epoch) return Readiness::invalid;
  for (View view = view_ - 1; view >= block.header.view; --view) {
    auto const* seen = state_of(view);
    if (seen != nullptr && seen->notarization && seen->notarization->ballot.block == hash) return Readiness::ready;
    if (seen != nullptr && seen->nullification) continue;
    lacking_ = view;
    break;
  }
  return Readiness::waiting;
}

bool Core::Engine::propose_again() {
  if (!is_me(leaders_.of(view_)) || !may_vote(view_) || PLANTED(child_instead)) return false;
  auto const* seen = state_of(view_);
  if (seen != nullptr && (seen->my_notarize || seen->my_nullify)) return false;
  auto const last = choose_parent();
  // Half a timeout is mostly enough to see it final without that.
  if (!last || !is_last(*last) || now_ms_ < entered_ms_ + timeout_ms(view_) / 2) return false;
  View notarized = view_ - 1;
  auto const is_of_last = [&](View view) {
    auto const* at = state_of(view);
    return at != nullptr && at->notarization && at->notarization->ballot.block == *last;
  };
  while (!is_of_last(notarized)) --notarized;
  Propose propose;
  propose.view = view_;
  propose.block = *tree_.find(*last)->block;
  propose.parent = state(notarized).notarization;
  send_proposal(std::move(propose), *last, notarized);
  return true;
}

/// Somebody speaks of an epoch that I have not reached: it knows how mine ended.
void Core::Engine::ask_newer(Place from) {
  if (now_ms_ < ask_newer_at_ms_ || sync_waits()) return;
  ask_newer_at_ms_ = now_ms_ + 2 * config_.parameters.timeout_ms;
  send(from, GetBlocks{sync_top_ + 1});
}

}  // namespace consensus
