// SPDX-License-Identifier: Apache-2.0
// Who signs what no honest validator signs is accused, with both signatures. Everything that arrives is compared with
// everything that is held of the same view: votes, proposals, and the signatures inside certificates.
#include "consensus/engine.hpp"

namespace consensus {

namespace {

template <class Look>
void look_into(std::map<Place, Vote> const& votes, Place place, Look const& look) {
  auto const found = votes.find(place);
  if (found != votes.end()) look(crypto::SignedBallot{found->second.ballot, found->second.signature});
}

template <class Look>
void look_into(Certificate const& certificate, std::size_t validators, Place place, Look const& look) {
  auto const places = crypto::signers_of(certificate, validators);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] == place) look(crypto::SignedBallot{certificate.ballot, certificate.signatures[i]});
  }
}

}  // namespace

/// What I hold of this validator's signatures in this view.
template <class Look>
void Core::Engine::each_said(Place place, View view, Look const& look) const {
  auto const validators = config_.validators.size();
  auto const past = PLANTED(unwatched) ? watched_.end() : watched_.find(view);
  auto const* seen = past != watched_.end() ? &past->second : state_of(view);
  if (seen != nullptr) {
    for (auto const* votes : {&seen->notarize, &seen->nullify, &seen->finalize}) look_into(*votes, place, look);
    for (auto const* certificate : {&seen->notarization, &seen->nullification}) {
      if (*certificate) look_into(**certificate, validators, place, look);
    }
  }
  for (auto const& [height, finalization] : finalizations_) {
    if (finalization.ballot.view == view) look_into(finalization, validators, place, look);
  }
  if (tip_.view == view && tip_.finalization) look_into(*tip_.finalization, validators, place, look);
}

/// What the validator signed before that it must not have signed beside this, if I have not accused it yet.
std::optional<crypto::SignedBallot> Core::Engine::contradiction(Place place, Ballot const& ballot) const {
  std::optional<crypto::SignedBallot> found;
  if (is_me(place) || PLANTED(accuses_nobody)) return found;
  each_said(place, ballot.view, [&](crypto::SignedBallot const& said) {
    auto const offence = crypto::offence_of(said.ballot, ballot);
    if (offence && !accused_.contains({place, *offence})) found = said;
  });
  return found;
}

bool Core::Engine::is_telling(Certificate const& certificate) const {
  for (auto const place : crypto::signers_of(certificate, config_.validators.size())) {
    if (contradiction(static_cast<Place>(place), certificate.ballot)) return true;
  }
  return false;
}

/// The signature holds.
void Core::Engine::accuse(Place place, crypto::SignedBallot const& said) {
  auto const before = contradiction(place, said.ballot);
  if (!before) return;
  accused_.insert({place, *crypto::offence_of(before->ballot, said.ballot)});
  rest_.push_back(Accuse{crypto::make_evidence(config_.validators.validators[place].key, *before, said)});
}

void Core::Engine::accuse_signers(Certificate const& certificate) {
  auto const places = crypto::signers_of(certificate, config_.validators.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    accuse(static_cast<Place>(places[i]), {certificate.ballot, certificate.signatures[i]});
  }
}

/// Views up to the decided one leave the protocol.
void Core::Engine::keep_watching(View decided) {
  auto const end = views_.upper_bound(decided);
  for (auto seen = views_.begin(); seen != end; ++seen) watched_.insert(std::move(*seen));
  views_.erase(views_.begin(), end);
  while (watched_.size() > watched_views_max) watched_.erase(watched_.begin());
}

}  // namespace consensus
