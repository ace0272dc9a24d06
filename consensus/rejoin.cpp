// SPDX-License-Identifier: Apache-2.0
// A validator whose journal is lost may have voted and forgotten it. Before it votes again in this epoch, a quorum of
// the others proves how far they are. Who voted in view v entered it by a quorum that had signed in v - 1; whichever
// quorum of others answers, an honest one of those signers is among it, so the highest view proven, M, is at least
// v - 1. Views above M + 1 are safe.
#include <algorithm>

#include "consensus/engine.hpp"

namespace consensus {

bool Core::Engine::may_vote(View view) const {
  return config_.identity && (!config_.loss || (floor_ && view > *floor_));
}

/// What I forgot may be what another needs to hear; from above the floor on I have forgotten nothing that matters.
bool Core::Engine::answers_count() const { return may_vote(view_) || PLANTED(recovering_node_answers); }

/// By a time of its own: what else is repeated waits for a view to last, and under load none does.
void Core::Engine::ask_status() {
  bool const asks = config_.identity && config_.loss && !floor_;
  if (asks && now_ms_ < ask_status_at_ms_) return;
  ask_status_at_ms_ = asks ? now_ms_ + repeat_ms_min : 0;
  if (asks) broadcast(GetStatus{*config_.loss});
}

void Core::Engine::on_message(Place from, GetStatus& request) {
  if (from >= config_.validators.size() || !config_.identity || !answers_count()) return;
  auto const told = told_ms_.find(from);
  if (told != told_ms_.end() && now_ms_ < told->second + status_ms_min) return;
  told_ms_[from] = now_ms_;
  StatusAnswer answer{request.nonce, entry_, {}};
  answer.signature = sign(answer.digest(config_.chain, config_.epoch));
  send(from, std::move(answer));
}

/// An answer counts once; it is as good as a later one of the same validator, because it was given after the loss.
void Core::Engine::on_message(Place from, StatusAnswer& answer) {
  if (!config_.loss || !config_.identity || floor_) return;
  if (from >= config_.validators.size() || proven_.contains(from)) return;
  if (answer.nonce != *config_.loss && !PLANTED(stale_answers)) return;
  if (!holds_signature(from, answer.digest(config_.chain, config_.epoch), answer.signature)) return;
  if (answer.entry && !holds_certificate(*answer.entry)) return;
  proven_[from] = answer.view();
  if (answer.entry) accept(*answer.entry);
  if (proven_.size() < config_.validators.quorum()) return;
  View highest = 0;
  for (auto const& [place, view] : proven_) highest = std::max(highest, view);
  floor_ = PLANTED(floor_m) ? highest : highest + 1;
  records_.push_back({Record::Floor{*floor_}});
}

}  // namespace consensus
