// SPDX-License-Identifier: Apache-2.0
// Only in the test build: what exhaustive exploration (tests/model) needs to tell two states of a core apart. A new
// member of the engine that decides what it signs belongs in here; the exploration steps samples of equal states beside
// each other and stops when they differ.
#ifdef TALLY_MUTANTS

#include "consensus/engine.hpp"
#include "crypto/hash.hpp"

namespace consensus {

Core::Core(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

Core Core::clone() const { return Core(std::make_unique<Engine>(*engine_)); }

Hash Core::facts() const { return engine_->facts(); }

namespace {

void put(base::Writer& writer, std::optional<Certificate> const& certificate) {
  writer.put(certificate ? certificate->ballot.digest() : Hash{});
}
void put(base::Writer& writer, std::optional<Vote> const& vote) { writer.put(vote ? vote->ballot.digest() : Hash{}); }
void put(base::Writer& writer, std::map<Place, Vote> const& votes) {
  for (auto const& [place, vote] : votes) {
    writer.put(place);
    writer.put(vote.ballot.digest());
  }
  writer.put(std::uint16_t{0xffff});
}
void put(base::Writer& writer, Hash const& hash, Node const& node) {
  writer.put(hash);
  writer.put(static_cast<std::uint8_t>((node.block != nullptr ? 1u : 0u) | (node.certified ? 2u : 0u) |
                                       (node.saved ? 4u : 0u) | (node.linked ? 8u : 0u) |
                                       (node.ends_epoch ? 16u : 0u)));
  writer.put(static_cast<std::uint8_t>(node.verdict));
  writer.put(static_cast<std::uint8_t>(node.execution));
  writer.put(node.result);
}
void put(base::Writer& writer, View view, ViewState const& seen) {
  writer.put(view);
  put(writer, seen.notarize);
  put(writer, seen.nullify);
  put(writer, seen.finalize);
  put(writer, seen.notarization);
  put(writer, seen.nullification);
  put(writer, seen.my_notarize);
  put(writer, seen.my_nullify);
  put(writer, seen.my_finalize);
  writer.put(seen.proposal);
  writer.put(seen.leader_faulty);
  writer.put(seen.entry_durable);
  writer.put(seen.notarization_durable);
}

}  // namespace

Hash Core::Engine::facts() const {
  base::Writer writer;
  writer.put(tip_.height);
  writer.put(tip_.block);
  writer.put(tip_.result);
  for (auto const& [hash, node] : tree_.nodes()) put(writer, hash, node);
  for (auto const& [view, seen] : views_) put(writer, view, seen);
  for (auto const& [height, finalization] : finalizations_) writer.put(finalization.ballot.digest());
  for (auto const number : {final_view_, final_height_, covered_, view_, preparing_, sync_top_}) writer.put(number);
  put(writer, entry_);
  put(writer, newest_);
  writer.put(preparing_on_);
  writer.put(sync_hash_);
  for (auto const& [place, view] : proven_) {
    writer.put(place);
    writer.put(view);
  }
  writer.put(std::uint64_t{config_.loss.has_value()});
  writer.put(floor_.value_or(0));
  for (bool const distrusted : distrusted_) writer.put(distrusted);
  for (auto const turns : silent_turns_) writer.put(turns);
  writer.put(workload_.transactions);
  writer.put(was_idle_);
  writer.put(started_);
  writer.put(ended_);
  writer.put(halted_.has_value());
  // Of time, only whether it has come.
  for (auto const at : {view_deadline_ms(), propose_at_ms_}) writer.put(at <= now_ms_);
  return crypto::sha256(std::move(writer).take());
}

}  // namespace consensus

#endif
