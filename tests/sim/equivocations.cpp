// SPDX-License-Identifier: Apache-2.0
#include "equivocations.hpp"

namespace sim {

namespace {

/// The engine watches 64 views that are over; some of those between may have been empty.
constexpr consensus::View watched_views = 60;
/// And keeps votes of as many that are to come.
constexpr consensus::View future_views = 64;

}  // namespace

Equivocations::Moment Equivocations::moment_of(Machine const& machine) {
  if (!machine.runs()) return {};
  auto const status = machine.replica().status();
  return {machine.starts(), status.epoch, status.view, status.votes && status.halted.empty()};
}

Equivocations::Seen& Equivocations::seen_by(Machine const& machine, std::uint64_t epoch) {
  auto& seen = machines_[machine.index()];
  if (seen.starts != machine.starts() || seen.epoch != epoch) seen = {machine.starts(), epoch, {}, {}};
  return seen;
}

void Equivocations::accuses(Machine const& machine, Place guilty, crypto::Evidence const& evidence) {
  auto const offence = crypto::offence_of(evidence.first.ballot, evidence.second.ballot);
  CHECK(offence.has_value());
  seen_by(machine, evidence.first.ballot.epoch).accused.emplace(guilty, *offence);
}

std::optional<Equivocations::Said> Equivocations::said_in(node::Frame const& frame) {
  // A proposal by names becomes one later, or never.
  auto const* whole = std::get_if<node::ConsensusFrame>(&frame);
  if (whole == nullptr) return std::nullopt;
  auto const& message = whole->envelope.message;
  if (auto const* vote = std::get_if<consensus::Vote>(&message)) return Said{vote->ballot};
  auto const* propose = std::get_if<consensus::Propose>(&message);
  // With a certificate of another epoch the liar's is no proposal, whoever signed it.
  bool const holds = propose != nullptr && (!propose->parent || propose->parent->ballot.epoch == whole->envelope.epoch);
  return holds ? std::optional(Said{propose->ballot(), true}) : std::nullopt;
}

std::optional<std::string> Equivocations::handed(Machine const& machine, Moment const& before, Place signer,
                                                 Said const& said) {
  auto const& ballot = said.ballot;
  auto const now = moment_of(machine);
  bool const same = now.votes && before.votes && now.starts == before.starts && now.epoch == before.epoch;
  if (!same || ballot.epoch != now.epoch) return std::nullopt;
  auto& seen = seen_by(machine, now.epoch);
  while (!seen.held.empty() && seen.held.begin()->first + watched_views < now.view) seen.held.erase(seen.held.begin());
  if (ballot.view + watched_views < now.view || ballot.view > before.view + future_views) return std::nullopt;
  // Of a view to come, a proposal is dropped.
  if (said.proposes && ballot.view > before.view) return std::nullopt;
  auto& held = seen.held[ballot.view][signer];
  std::optional<std::string> missed;
  for (auto const& earlier : held) {
    auto const offence = crypto::offence_of(earlier, ballot);
    if (!offence) continue;
    ++checked_;
    if (seen.accused.contains({signer, *offence})) continue;
    missed = "P12: machine " + std::to_string(machine.index()) + " holds two votes of validator " +
             std::to_string(signer) + " in view " + std::to_string(ballot.view) + " and does not accuse it";
  }
  // A vote of a view that was over when it came, or a second of its kind, may not have been kept.
  bool const first = std::ranges::none_of(held, [&](crypto::Ballot const& one) { return one.kind == ballot.kind; });
  if (first && ballot.view >= before.view) held.push_back(ballot);
  return missed;
}

}  // namespace sim
