// SPDX-License-Identifier: Apache-2.0
#include "liar.hpp"

namespace sim {

namespace {

constexpr std::size_t views_max = 64;

template <class T>
void keep(std::map<consensus::View, T>& kept, consensus::View view, T const& value) {
  kept.insert_or_assign(view, value);
  if (kept.size() > views_max) kept.erase(kept.begin());
}

}  // namespace

void Liar::hear(crypto::Certificate const& certificate) {
  if (certificate.ballot.kind == crypto::VoteKind::notarize) keep(notarizations_, certificate.ballot.view, certificate);
}

void Liar::hear(consensus::Envelope const& envelope) {
  if (auto const* news = std::get_if<consensus::Certificates>(&envelope.message)) {
    for (auto const& certificate : news->certificates) hear(certificate);
  } else if (auto const* propose = std::get_if<consensus::Propose>(&envelope.message)) {
    keep(proposals_, propose->block.header.view, propose->block.header);
    if (propose->parent) hear(*propose->parent);
  }
}

std::optional<node::Frame> Liar::twist(node::Frame frame) const {
  if (auto* proposal = std::get_if<node::ProposalFrame>(&frame)) {
    // Nobody is told what the twisted one is made of; or one transaction has a name that none has.
    if (auto other = twist(proposal->envelope)) {
      proposal->envelope = *std::move(other);
    } else {
      proposal->names.back() ^= 1;
    }
    return frame;
  }
  if (auto* answer = std::get_if<node::TransactionsFrame>(&frame)) {
    answer->transactions.back().back() ^= 1;
    return frame;
  }
  auto const* whole = std::get_if<node::ConsensusFrame>(&frame);
  auto other = whole == nullptr ? std::nullopt : twist(whole->envelope);
  if (!other) return std::nullopt;
  return node::ConsensusFrame{*std::move(other)};
}

std::optional<consensus::Envelope> Liar::twist(consensus::Envelope envelope) const {
  if (auto* propose = std::get_if<consensus::Propose>(&envelope.message)) {
    if (!twist(*propose)) return std::nullopt;
  } else if (auto* blocks = std::get_if<consensus::Blocks>(&envelope.message)) {
    // Wrong bytes under the right header, or an invented block under a certificate that fits it as far as it is read
    // without its signatures.
    auto& payload = blocks->blocks.front().payload;
    if (blocks->blocks.front().header.height % 2 == 1 && !payload.empty()) {
      payload.back() ^= 1;
      return envelope;
    }
    if (blocks->blocks.size() > 1 || !blocks->links.empty()) return std::nullopt;
    auto& header = blocks->blocks.front().header;
    header.time_ms += 1;
    blocks->finalization.ballot.block = header.hash();
  } else if (auto* answer = std::get_if<consensus::BlockAnswer>(&envelope.message)) {
    if (answer->block.payload.empty()) return std::nullopt;
    answer->block.payload.back() ^= 1;
  } else {
    return std::nullopt;
  }
  return envelope;
}

/// The same proposal on the grandparent, without what would excuse the skipped view; false when it knows too little.
bool Liar::twist(consensus::Propose& propose) const {
  auto& header = propose.block.header;
  auto const is_parent = [&](auto const& known) { return known.second.hash() == header.parent_hash; };
  auto const parent = std::find_if(proposals_.begin(), proposals_.end(), is_parent);
  if (parent == proposals_.end() || header.height < 2) return false;
  header.parent_hash = parent->second.parent_hash;
  header.height -= 1;
  propose.parent.reset();
  propose.nullifications.clear();
  for (auto const& [view, certificate] : notarizations_) {
    if (certificate.ballot.block == header.parent_hash) propose.parent = certificate;
  }
  auto const digest = propose.ballot().digest();
  propose.signature =
      cheap_ ? consensus::cheap_sign(identity_.secret, digest) : crypto::validator_sign(identity_.secret, digest);
  return true;
}

}  // namespace sim
