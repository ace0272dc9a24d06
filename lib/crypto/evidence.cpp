// SPDX-License-Identifier: Apache-2.0
#include "crypto/evidence.hpp"

#include <utility>

namespace crypto {

std::optional<Offence> offence_of(Ballot const& first, Ballot const& second) {
  if (first.chain != second.chain || first.epoch != second.epoch || first.view != second.view || first == second) {
    return std::nullopt;
  }
  if (!is_well_formed(first) || !is_well_formed(second)) return std::nullopt;
  auto const is = [&](VoteKind one, VoteKind other) { return first.kind == one && second.kind == other; };
  if (is(VoteKind::notarize, VoteKind::notarize)) return Offence::two_notarize;
  if (is(VoteKind::finalize, VoteKind::finalize)) return Offence::two_finalize;
  if (is(VoteKind::nullify, VoteKind::finalize) || is(VoteKind::finalize, VoteKind::nullify)) {
    return Offence::nullify_and_finalize;
  }
  // Who notarizes may still nullify or finalize.
  return std::nullopt;
}

Evidence make_evidence(base::ValidatorKey const& key, SignedBallot first, SignedBallot second) {
  if (second.ballot < first.ballot) std::swap(first, second);
  return {key, std::move(first), std::move(second)};
}

bool verify(Evidence const& evidence, base::Hash const& chain, SignatureCheck check) {
  auto const& [key, first, second] = evidence;
  if (first.ballot.chain != chain || second.ballot < first.ballot) return false;
  return offence_of(first.ballot, second.ballot) && check(key, first.ballot.digest(), first.signature) &&
         check(key, second.ballot.digest(), second.signature);
}

}  // namespace crypto
