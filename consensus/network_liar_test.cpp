// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "consensus/network_test.hpp"
#include "crypto/hash.hpp"

namespace consensus::test {

Vote Network::sign(Place place, Ballot const& ballot) const {
  return signed_vote(config_, secrets_[place], place, ballot);
}

/// A liar hears a message before its own core does.
void Network::overhear(Place liar, Envelope const& envelope) {
  if (auto const* certificates = std::get_if<Certificates>(&envelope.message)) {
    for (auto const& certificate : certificates->certificates) {
      if (certificates_heard_.size() < 64) certificates_heard_.push_back(certificate);
      if (certificates_heard_.size() == 64) certificates_heard_[random_.below(64)] = certificate;
    }
  }
  if (!scenario_.lies.signs_all) return;
  if (auto const* vote = std::get_if<Vote>(&envelope.message)) sign_all(liar, vote->ballot);
  if (auto const* propose = std::get_if<Propose>(&envelope.message)) {
    sign_all(liar, propose->ballot());
  }
}

void Network::sign_all(Place liar, Ballot ballot) {
  auto const say = [&](Ballot const& said) {
    if (!signed_by_liars_.insert({liar, said.digest()}).second) return;
    auto const envelope =
        std::make_shared<Envelope const>(Envelope{config_.chain, config_.epoch, Message{sign(liar, said)}});
    for (Place to = 0; to < nodes_.size(); ++to) transmit(liar, to, envelope);
  };
  say(ballot);
  say({VoteKind::nullify, config_.chain, config_.epoch, ballot.view, 0, {}, {}});
}

void Network::lie_as_leader(Place liar, Propose const& propose) {
  if (scenario_.lies.silent && random_.chance(70)) return;
  Propose other = propose;
  auto& header = other.block.header;
  if (scenario_.lies.equivocates) ++header.time_ms;
  if (scenario_.lies.corrupts && random_.chance(50)) other.block.payload.push_back(1);
  if (scenario_.lies.skips_back) skip_back(other);
  other.signature = sign(liar, other.ballot()).signature;
  blocks_seen_[header.hash()] = std::make_shared<Block const>(other.block);
  auto const first = std::make_shared<Envelope const>(Envelope{config_.chain, config_.epoch, propose});
  auto const second = std::make_shared<Envelope const>(Envelope{config_.chain, config_.epoch, other});
  bool const both = random_.chance(30);
  for (Place to = 0; to < nodes_.size(); ++to) {
    bool const one = random_.chance(50);
    if (one || both) transmit(liar, to, first);
    if (!one || both) transmit(liar, to, second);
  }
}

/// The grandparent as parent, with its certificate if it has been heard, and without what would excuse the skipped
/// view.
void Network::skip_back(Propose& propose) {
  auto& header = propose.block.header;
  auto const parent = blocks_seen_.find(header.parent_hash);
  if (parent == blocks_seen_.end()) return;
  header.parent_hash = parent->second->header.parent_hash;
  header.height -= 1;
  propose.parent.reset();
  for (auto const& certificate : certificates_heard_) {
    if (certificate.ballot.block == header.parent_hash) propose.parent = certificate;
  }
}

/// An invented chain with an invented certificate.
void Network::forge_blocks(Place liar, ServeBlocks const& serve) {
  auto const& node = nodes_[liar];
  Blocks answer;
  auto& block = answer.blocks.emplace_back(*node.log[serve.first - 1]);
  block.header.time_ms += 1;
  answer.finalization = node.certificates.rbegin()->second;
  answer.finalization.ballot.height = block.header.height;
  answer.finalization.ballot.view = block.header.view;
  answer.finalization.ballot.block = block.header.hash();
  transmit(liar, serve.to, std::make_shared<Envelope const>(Envelope{config_.chain, config_.epoch, std::move(answer)}));
}

void Judge::fail(std::string text) {
  bool const fork = text.starts_with("P1") || text.starts_with("P2");
  if (violations.size() < 8 && (fork || !forks_only)) violations.push_back(std::move(text));
}

void Judge::saw_accusation(crypto::Evidence const& evidence) {
  auto const offence = crypto::offence_of(evidence.first.ballot, evidence.second.ballot);
  if (!offence) return fail("P12: an accusation of nothing");
  if (honest.contains(evidence.key)) fail("P12: an honest validator is accused");
  accused.insert({evidence.key, *offence});
}

void Judge::saw_vote(Place place, Vote const& vote) {
  auto const& ballot = vote.ballot;
  std::pair const key{place, ballot.view};
  auto const who = " by " + std::to_string(place) + " in view " + std::to_string(ballot.view);
  if (ballot.kind == VoteKind::notarize) {
    auto const first = notarized_.emplace(key, ballot.block);
    if (first.first->second != ballot.block) fail("P4: two Notarize" + who);
    return;
  }
  if (ballot.kind == VoteKind::nullify) {
    nullified_.insert(key);
    if (finalized_.contains(key)) fail("P4: Nullify after Finalize" + who);
    return;
  }
  if (nullified_.contains(key)) fail("P4: Finalize after Nullify" + who);
  auto const digest = ballot.digest();
  if (finalized_.emplace(key, digest).first->second != digest) fail("P4: two Finalize" + who);
  // A result stands for those of all ancestors.
  for (std::pair<Hash, Hash> next{ballot.block, ballot.result};;) {
    auto const signed_before = signed_results_.emplace(std::pair{place, next.first}, next.second);
    if (signed_before.first->second != next.second) {
      fail("P4: two results of one block (R4)" + who);
      return;
    }
    auto const before = before_.find(next.second);
    if (before == before_.end() || (!signed_before.second && next.first != ballot.block)) return;
    next = before->second;
  }
}

void Judge::executed(Hash const& result, Hash const& parent_result, Header const& header) {
  before_[result] = {header.parent_hash, parent_result};
}

void Judge::saw_certificate(Certificate const& certificate) {
  auto const& ballot = certificate.ballot;
  auto const view = std::to_string(ballot.view);
  if (ballot.kind == VoteKind::nullify) {
    nullifications_.insert(ballot.view);
    if (finalizations_.contains(ballot.view)) fail("P4: nullification and finalization of view " + view);
  }
  if (ballot.kind != VoteKind::finalize) return;
  if (nullifications_.contains(ballot.view)) fail("P4: nullification and finalization of view " + view);
  if (finalizations_.emplace(ballot.view, ballot).first->second != ballot)
    fail("P1: two finalizations of view " + view);
  saw_result(ballot.height, ballot.block, ballot.result);
}

/// A certified result stands for those of all ancestors.
void Judge::saw_result(Height height, Hash const& block, Hash const& result) {
  for (std::pair<Hash, Hash> next{block, result};; --height) {
    auto const known = final_at_.emplace(height, next);
    if (known.first->second != next) return fail("P1: two finalizations of height " + std::to_string(height));
    auto const before = before_.find(next.second);
    if (before == before_.end() || height == 1 || (!known.second && next.first != block)) return;
    next = before->second;
  }
}

void Judge::saw_decision(Place place, Block const& block) {
  auto const& header = block.header;
  auto const height = " at height " + std::to_string(header.height) + " by " + std::to_string(place);
  if (decided_.emplace(header.height, header).first->second != header) fail("P2: another block decided" + height);
  View parent_view = 0;
  if (auto const parent = decided_.find(header.height - 1); parent != decided_.end()) {
    if (parent->second.hash() != header.parent_hash) fail("P2: not a child of the one before" + height);
    if (parent->second.time_ms >= header.time_ms) fail("P3: time does not rise" + height);
    parent_view = parent->second.view;
  }
  for (View skipped = parent_view + 1; skipped < header.view; ++skipped) {
    if (!nullifications_.contains(skipped)) fail("P5: skipped view " + std::to_string(skipped) + height);
  }
}

}  // namespace consensus::test
