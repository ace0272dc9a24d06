// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "consensus/engine.hpp"
#include "crypto/hash.hpp"

namespace consensus {

#ifdef TALLY_MUTANTS
base::ValidatorKey cheap_key(crypto::ValidatorSecret const& secret) { return *base::ValidatorKey::from(secret.view()); }

base::ValidatorSignature cheap_sign(crypto::ValidatorSecret const& secret, Hash const& message) {
  auto const hash = crypto::sha256({secret.view(), message.view()});
  base::ValidatorSignature out;
  std::copy(hash.bytes.begin(), hash.bytes.end(), out.bytes.begin());
  return out;
}

static bool cheap_check(base::ValidatorKey const& key, Hash const& message, base::ValidatorSignature const& signature) {
  return cheap_sign(*crypto::ValidatorSecret::from(key.view()), message) == signature;
}
#endif

bool Core::Engine::holds_signature(Place place, Hash const& digest, base::ValidatorSignature const& signature) const {
  auto const& key = config_.validators.validators[place].key;
#ifdef TALLY_MUTANTS
  if (config_.mutants.cheap_signatures) return cheap_check(key, digest, signature);
#endif
  return crypto::validator_verify(key, digest, signature);
}

bool Core::Engine::holds_signature(Vote const& vote) const {
  return holds_signature(vote.place, vote.ballot.digest(), vote.signature);
}

bool Core::Engine::holds_certificate(Certificate const& certificate) const {
  auto check = crypto::validator_verify;
#ifdef TALLY_MUTANTS
  if (config_.mutants.cheap_signatures) check = cheap_check;
#endif
  return crypto::verify(certificate, config_.validators, config_.chain, quorum(), check);
}

/// The epoch's last block can be finalized in several views.
static bool is_same_decision(Ballot const& one, Ballot const& other) {
  return one.height == other.height && one.block == other.block && one.result == other.result;
}

void Core::Engine::on(Received& received) {
  auto& envelope = received.envelope;
  if (envelope.chain != config_.chain || is_me(received.from)) return;
  if (envelope.epoch > config_.epoch) return ask_newer(received.from);
  if (envelope.epoch != config_.epoch && !PLANTED(epochs_mixed)) return;
  // Who speaks of something that I turn out to lack is the first to be asked for it.
  if (fetch_at_ms_ == 0 && received.from < config_.validators.size()) next_peer_ = received.from;
  std::visit([&](auto& message) { on_message(received.from, message); }, envelope.message);
}

void Core::Engine::on_message(Place from, Propose& propose) {
  auto const& header = propose.block.header;
  auto const view = propose.view;
  if (header.version != 1 || header.chain != config_.chain || header.epoch != config_.epoch || header.view == 0) return;
  if (header.view > view || header.proposer != leaders_.of(header.view) || leaders_.of(view) != from) return;
  if (propose.parent && !accept(*propose.parent)) return;
  for (auto const& nullification : propose.nullifications) {
    if (!accept(nullification)) return;
  }
  while (enter()) continue;
  if (view > view_) return;

  auto const hash = header.hash();
  auto const* seen = state_of(view);
  bool const repeated = seen != nullptr && seen->proposal == hash;
  auto const* node = tree_.find(hash);
  bool const wanted = node != nullptr && node->block == nullptr;
  bool const late = view < view_;
  Vote const vote{propose.ballot(), from, propose.signature};
  bool const telling = contradiction(from, vote.ballot).has_value();
  if (!wanted && !telling && (repeated || (late && silent_turns_[from] == 0))) return;
  if (!holds_signature(vote)) return;
  if (telling && !PLANTED(proposals_unwatched)) accuse(from, {vote.ballot, vote.signature});
  silent_turns_[from] = 0;
  bool const whole = propose.block.payload.size() == header.size;
  if (wanted && whole && !distrusted_[from]) {
    tree_.put(std::make_shared<Block const>(std::move(propose.block)), hash).from = from;
  }
  if (late) return;

  auto& current = state(view_);
  auto const voted = current.notarize.find(from);
  bool const voted_other = voted != current.notarize.end() && voted->second.ballot.block != hash;
  if (!whole || voted_other || (current.proposal && current.proposal != hash)) current.leader_faulty = true;
  if (current.leader_faulty && !PLANTED(r3_off)) return;
  current.proposal = hash;
  if (!wanted) tree_.put(std::make_shared<Block const>(std::move(propose.block)), hash).from = from;
  if (!current.notarization && voted == current.notarize.end()) tally(vote);
}

bool Core::Engine::is_in_window(Ballot const& ballot) const {
  bool const of_epoch = ballot.epoch == config_.epoch || PLANTED(epochs_mixed);
  return ballot.chain == config_.chain && of_epoch && ballot.view <= view_ + future_views_max &&
         crypto::is_well_formed(ballot);
}

void Core::Engine::on_message(Place, Vote& vote) {
  auto const& ballot = vote.ballot;
  if (vote.place >= config_.validators.size() || is_me(vote.place) || !is_in_window(ballot)) return;
  bool const telling = contradiction(vote.place, ballot).has_value();
  if (telling && holds_signature(vote)) accuse(vote.place, {ballot, vote.signature});
  if (ballot.view <= final_view_) return;
  auto& seen = state(ballot.view);
  bool const of_leader = ballot.kind == VoteKind::notarize && leaders_.of(ballot.view) == vote.place;
  bool const contradicts = of_leader && ballot.view == view_ && seen.proposal && seen.proposal != ballot.block;
  auto const& known = ballot.kind == VoteKind::notarize  ? seen.notarize
                      : ballot.kind == VoteKind::nullify ? seen.nullify
                                                         : seen.finalize;
  bool const settled = (ballot.kind == VoteKind::notarize && seen.notarization) ||
                       (ballot.kind == VoteKind::nullify && seen.nullification) || known.contains(vote.place);
  if (settled && !contradicts) return;
  if (!holds_signature(vote)) return;
  if (contradicts) seen.leader_faulty = true;
  if (!settled) tally(vote);
}

void Core::Engine::tally(Vote const& vote) {
  auto const& ballot = vote.ballot;
  auto& seen = state(ballot.view);
  auto& votes = ballot.kind == VoteKind::notarize  ? seen.notarize
                : ballot.kind == VoteKind::nullify ? seen.nullify
                                                   : seen.finalize;
  votes.insert_or_assign(vote.place, vote);
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> same;
  for (auto const& [place, other] : votes) {
    if (other.ballot == ballot) same.emplace_back(place, other.signature);
  }
  if (same.size() < quorum()) return;
  auto const certificate = crypto::make_certificate(ballot, config_.validators.size(), same);
  if (is_news(certificate)) hold(certificate, true);
}

bool Core::Engine::is_news(Certificate const& certificate) const {
  auto const& ballot = certificate.ballot;
  if (ballot.kind == VoteKind::finalize) {
    if (ballot.height == tip_.height)
      return tip_.view != 0 && (ballot.block != tip_.block || ballot.result != tip_.result);
    auto const held = finalizations_.find(ballot.height);
    if (held != finalizations_.end()) return !is_same_decision(held->second.ballot, ballot);
    if (ballot.height < tip_.height) return false;
    bool const full = finalizations_.size() >= finalizations_max;
    return !full || ballot.height < std::prev(finalizations_.end(), 2)->first ||
           ballot.height > finalizations_.rbegin()->first;
  }
  if (ballot.view <= final_view_ || ballot.view > final_view_ + open_views_max) return false;
  auto const* seen = state_of(ballot.view);
  if (seen == nullptr) return true;
  return ballot.kind == VoteKind::notarize ? !seen->notarization : !seen->nullification;
}

/// False when the certificate is no certificate; true also when it says nothing new.
bool Core::Engine::accept(Certificate const& certificate) {
  if (certificate.ballot.epoch != config_.epoch && !PLANTED(epochs_mixed)) return false;
  bool const news = is_news(certificate);
  if (!news && !is_telling(certificate)) return true;
  if (!holds_certificate(certificate)) return false;
  accuse_signers(certificate);
  if (news) hold(certificate, false);
  return true;
}

void Core::Engine::hold(Certificate const& certificate, bool formed_here) {
  auto const& ballot = certificate.ballot;
  bool const moves = ballot.kind == VoteKind::finalize ? ballot.view > final_view_ : ballot.view >= view_;
  if (ballot.kind == VoteKind::finalize) {
    hold_finalization(certificate);
  } else if (ballot.kind == VoteKind::notarize) {
    state(ballot.view).notarization = certificate;
    tree_.certify(ballot.block);
  } else {
    state(ballot.view).nullification = certificate;
  }
  if (!newest_ || ballot.view > newest_->ballot.view) newest_ = certificate;
  covered_ = std::max(covered_, final_view_);
  for (auto const* next = state_of(covered_ + 1); next != nullptr && (next->notarization || next->nullification);
       next = state_of(covered_ + 1)) {
    ++covered_;
  }
  if (formed_here || moves) broadcast(Certificates{{certificate}});
}

void Core::Engine::hold_finalization(Certificate const& certificate) {
  auto const& ballot = certificate.ballot;
  auto const held = finalizations_.find(ballot.height);
  bool const contradicts_tip =
      ballot.height == tip_.height && (ballot.block != tip_.block || ballot.result != tip_.result);
  if (contradicts_tip || (held != finalizations_.end() && !is_same_decision(held->second.ballot, ballot))) {
    halt("two finalizations of height " + std::to_string(ballot.height));
    return;
  }
  auto const* node = tree_.find(ballot.block);
  if (node != nullptr && node->execution == Stage::known && node->result != ballot.result) {
    halt("the certified result of height " + std::to_string(ballot.height) + " is not the one computed here");
    return;
  }
  finalizations_.insert_or_assign(ballot.height, certificate);
  if (finalizations_.size() > finalizations_max) finalizations_.erase(std::prev(finalizations_.end(), 2));
  final_view_ = std::max(final_view_, ballot.view);
  final_height_ = std::max(final_height_, ballot.height);
  tree_.certify(ballot.block);
}

void Core::Engine::on_message(Place, Certificates& answer) {
  auto const covered = covered_;
  for (auto const& certificate : answer.certificates) {
    if (!accept(certificate)) break;
  }
  if (covered_ > covered) fetch_at_ms_ = 0;
}

void Core::Engine::on_message(Place from, GetCertificates& request) {
  Certificates answer;
  auto next = views_.lower_bound(request.first);
  for (; next != views_.end() && next->first <= request.last && next->first - request.first < views_asked_max; ++next) {
    if (next->second.notarization) answer.certificates.push_back(*next->second.notarization);
    if (next->second.nullification) answer.certificates.push_back(*next->second.nullification);
  }
  if (!answer.certificates.empty()) send(from, std::move(answer));
  tell_finalization(from, request.final_view);
}

void Core::Engine::on_message(Place from, GetBlock& request) {
  auto const* node = tree_.find(request.block);
  if (node != nullptr && node->verdict == Stage::known) {
    send(from, BlockAnswer{*node->block});
  } else {
    tell_finalization(from, request.final_view);
  }
}

void Core::Engine::tell_finalization(Place to, View known) {
  if (final_view_ <= known) return;
  auto const& newest = finalizations_.empty() ? *tip_.finalization : finalizations_.rbegin()->second;
  send(to, Certificates{{newest}});
}

void Core::Engine::on_message(Place from, BlockAnswer& answer) {
  auto const hash = answer.block.header.hash();
  auto const* node = tree_.find(hash);
  if (node == nullptr || node->block != nullptr || from >= distrusted_.size() || distrusted_[from]) return;
  if (answer.block.payload.size() != answer.block.header.size) return distrust(from);
  tree_.put(std::make_shared<Block const>(std::move(answer.block)), hash).from = from;
  fetch_at_ms_ = 0;
}

void Core::Engine::on(Verdict const& verdict) {
  auto* node = tree_.find(verdict.block);
  if (node == nullptr || node->verdict != Stage::asked || verdict.judgement == Judgement::missing) return;
  if (verdict.judgement == Judgement::valid) {
    return note_verdict(*node, verdict.ends_epoch);
  }
  if (node->certified && node->from) distrust(*node->from);
  if (state(view_).proposal == verdict.block) state(view_).leader_faulty = true;
  // Wrong bytes say nothing against a header that a quorum signed: another peer has the right ones.
  tree_.discard(verdict.block);
  if (PLANTED(sync_work_lost)) return;
  sync_top_ = tip_.height;
  sync_hash_ = tip_.block;
}

void Core::Engine::on(Executed const& executed) {
  auto* node = tree_.find(executed.block);
  if (node == nullptr || node->execution != Stage::asked) return;
  node->execution = Stage::known;
  node->result = executed.result;
  auto const& header = node->block->header;
  auto const* signed_before = signed_result(executed.block, *node);
  if (signed_before != nullptr && *signed_before != executed.result && !PLANTED(r4_off))
    halt("height " + std::to_string(header.height) + " executes unlike the result I signed");
  auto const certified = finalizations_.find(header.height);
  if (certified != finalizations_.end() && certified->second.ballot.block == executed.block &&
      certified->second.ballot.result != executed.result) {
    halt("the certified result of height " + std::to_string(header.height) + " is not the one computed here");
  }
}

}  // namespace consensus
