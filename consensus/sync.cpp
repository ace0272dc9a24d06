// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "consensus/engine.hpp"

namespace consensus {

/// Decides the highest finalized block whose chain is here and executed. Finalizations of its ancestors were compared
/// with their results when the one or the other arrived.
bool Core::Engine::commit() {
  for (auto next = finalizations_.rbegin(); next != finalizations_.rend(); ++next) {
    auto const& ballot = next->second.ballot;
    auto const* node = tree_.linked(ballot.block);
    if (node == nullptr || node->execution != Stage::known) continue;
    auto const& header = node->block->header;
    bool const in_view = header.view == ballot.view || (node->ends_epoch && header.view < ballot.view);
    if (!in_view || header.height != ballot.height) {
      halt("the finalization of height " + std::to_string(ballot.height) + " names a block of another place");
      return false;
    }
    move_tip(Certificate(next->second));
    return true;
  }
  return false;
}

void Core::Engine::move_tip(Certificate const& finalization) {
  auto const& ballot = finalization.ballot;
  ended_ = is_last(ballot.block);
  Decided decided{{}, finalization, ended_};
  for (auto const& hash : tree_.path(ballot.block)) decided.blocks.push_back(tree_.find(hash)->block);
  tip_ = {ballot.height, ballot.block, ballot.result, decided.blocks.back()->header.time_ms, ballot.view, finalization};
  Dropped dropped{tree_.advance(ballot.block)};
  keep_watching(tip_.view);
  finalizations_.erase(finalizations_.begin(), finalizations_.upper_bound(tip_.height));
  for (auto const& [view, seen] : views_) {
    if (seen.notarization && view > final_view_) tree_.certify(seen.notarization->ballot.block);
  }
  for (auto const& [height, other] : finalizations_) tree_.certify(other.ballot.block);
  if (sync_top_ <= tip_.height) {
    sync_top_ = tip_.height;
    sync_hash_ = tip_.block;
  }
  rest_.push_back(std::move(decided));
  if (!dropped.blocks.empty()) rest_.push_back(std::move(dropped));
}

/// Verdicts for what I may vote on and for what a quorum vouches for; results for what I voted for and for the latter.
void Core::Engine::ask_host() {
  auto const* current = state_of(view_);
  std::vector<Hash> unjudged, unexecuted;
  for (auto const& [hash, node] : tree_.nodes()) {
    if (node.block == nullptr) continue;
    auto const* seen = state_of(node.block->header.view);
    bool const voted = seen != nullptr && seen->my_notarize && seen->my_notarize->ballot.block == hash;
    bool const proposed = current != nullptr && current->proposal == hash;
    if (node.verdict == Stage::open && (node.certified || node.saved || proposed)) unjudged.push_back(hash);
    if (node.verdict != Stage::known || node.execution != Stage::open || !node.linked || !(voted || node.certified))
      continue;
    auto const& parent = node.block->header.parent_hash;
    if (parent == tip_.block || tree_.find(parent)->execution == Stage::known) unexecuted.push_back(hash);
  }
  for (auto const& hash : unjudged) {
    auto* node = tree_.find(hash);
    node->verdict = Stage::asked;
    rest_.push_back(NeedVerdict{node->block, node->certified || node->saved});
  }
  for (auto const& hash : unexecuted) {
    auto* node = tree_.find(hash);
    node->execution = Stage::asked;
    rest_.push_back(NeedResult{node->block});
  }
}

bool Core::Engine::is_behind() const {
  return !finalizations_.empty() && tree_.linked(finalizations_.rbegin()->second.ballot.block) == nullptr;
}

/// Enough decided blocks wait for their execution, and there is a finalization to decide some of them by.
bool Core::Engine::sync_waits() const {
  if (PLANTED(sync_unbounded)) return false;
  return sync_top_ - tip_.height >= sync_window_blocks && finalizations_.begin()->first <= sync_top_;
}

/// FETCH: asks one peer after the other, all of them in turn, for what I lack.
void Core::Engine::fetch() {
  auto const peers = config_.validators.size();
  std::optional<View> first;
  if (covered_ + 1 < view_) {
    first = covered_ + 1;
  } else if (lacking_) {
    first = lacking_;
  }
  auto const wanted = tree_.wanted(wanted_blocks_max);
  bool const behind = is_behind() && !sync_waits();
  if (PLANTED(no_fetch) || peers < 2 || (!first && wanted.empty() && !behind)) {
    fetch_at_ms_ = 0;
    return;
  }
  if (now_ms_ < fetch_at_ms_) return;
  fetch_at_ms_ = now_ms_ + 2 * config_.parameters.timeout_ms;
  auto const skip = [&](Place place) { return is_me(place) || distrusted_[place]; };
  for (std::size_t i = 0; i < peers && skip(next_peer_); ++i) next_peer_ = static_cast<Place>((next_peer_ + 1) % peers);
  auto const peer = next_peer_;
  next_peer_ = static_cast<Place>((next_peer_ + 1) % peers);
  if (skip(peer)) return;
  if (first) send(peer, GetCertificates{*first, std::min(view_ - 1, *first + views_asked_max - 1), final_view_});
  for (auto const& hash : wanted) send(peer, GetBlock{hash, final_view_});
  if (behind) send(peer, GetBlocks{sync_top_ + 1});
}

void Core::Engine::on_message(Place from, GetBlocks& request) {
  if (request.first > 0 && request.first <= tip_.height) rest_.push_back(ServeBlocks{from, request.first});
}

/// Everything in the answer hangs together, up to a certificate of a quorum. Nothing of it is believed before.
bool Core::Engine::proves(Blocks const& answer) const {
  auto const& ballot = answer.finalization.ballot;
  if (ballot.kind != VoteKind::finalize || ballot.epoch != config_.epoch) return false;
  auto hash = answer.blocks.front().header.parent_hash;
  auto height = answer.blocks.front().header.height - 1;
  View view = 0;
  auto const follows = [&](Header const& header) {
    if (header.parent_hash != hash || header.height != height + 1) return false;
    hash = header.hash();
    height = header.height;
    view = header.view;
    return true;
  };
  for (auto const& block : answer.blocks) {
    if (!follows(block.header) || block.payload.size() != block.header.size) return false;
  }
  for (auto const& header : answer.links) {
    if (!follows(header)) return false;
  }
  // The epoch's last block can be final in a later view than its own; whether it is the last, the host will say.
  if (ballot.block != hash || ballot.height != height || ballot.view < view) return false;
  return holds_certificate(answer.finalization);
}

void Core::Engine::on_message(Place from, Blocks& answer) {
  if (from >= distrusted_.size() || distrusted_[from] || answer.blocks.empty()) return;
  // Answers to an earlier question come late, and blocks on another tip than mine are of no use here.
  auto const& first = answer.blocks.front().header;
  bool const asked = first.height == sync_top_ + 1 && first.parent_hash == sync_hash_;
  if (!asked && !PLANTED(sync_out_of_order)) return;
  if (!PLANTED(trusting_sync) && !proves(answer)) return distrust(from);
  for (auto& block : answer.blocks) {
    auto const hash = block.header.hash();
    sync_top_ = block.header.height;
    sync_hash_ = hash;
    auto const* known = tree_.find(hash);
    if (known != nullptr && known->block != nullptr) continue;
    tree_.put(std::make_shared<Block const>(std::move(block)), hash).from = from;
  }
  tree_.certify(sync_hash_);
  if (is_news(answer.finalization)) hold(answer.finalization, false);
  fetch_at_ms_ = 0;
}

void Core::Engine::distrust(Place place) {
  if (place < distrusted_.size()) distrusted_[place] = true;
}

}  // namespace consensus
