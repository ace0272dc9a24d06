// SPDX-License-Identifier: Apache-2.0
// After the vote journal was lost: this node may have signed what it has forgotten. The engine asks the others from
// which view on it may vote (consensus/rejoin.cpp), anew in each epoch, because nobody knows in which it was. An epoch
// that begins after the ledger recorded the loss is one in which it has forgotten nothing.
#include <algorithm>

#include "node/replica.hpp"

#ifdef TALLY_MUTANTS
#define PLANTED(fault) (setup_.mutants.fault)
#else
#define PLANTED(fault) false
#endif

namespace node {

Result<void> Replica::read_loss(std::vector<storage::Note> const& journal, bool lost) {
  for (auto const& note : journal) {
    if (note.kind != note_loss) continue;
    TRY_ASSIGN(loss_, base::decode<Loss>(note.bytes));
  }
  if (!lost) return {};
  log("error", "the vote journal is gone or damaged: this node votes again above what it may have forgotten");
  loss_.emplace();
  CHECK(setup_.draw != nullptr);
  loss_->number = setup_.draw();
  if (setup_.secrets) {
    for (auto const& secret : setup_.secrets()) loss_->keys.push_back(setup_.key_of(secret));
  }
  // With the first turn there is a journal again, so it must hold that there was none.
  std::vector<storage::Note> first;
  if (!PLANTED(volatile_floor)) first.push_back(loss_note());
  world_.store.remember(std::move(first));
  return {};
}

storage::Note Replica::loss_note() const {
  return {note_loss, loss_->epoch, storage::note_pinned, base::encode(*loss_)};
}

void Replica::note_floor(consensus::View floor, std::vector<storage::Note>& turn) {
  loss_->epoch = epoch_.epoch;
  loss_->floor = floor;
  if (!PLANTED(volatile_floor)) turn.push_back(loss_note());
  log("info", "a quorum of the others has told how far it is: this node votes again above view " +
                  std::to_string(floor) + " of epoch " + std::to_string(epoch_.epoch));
}

bool Replica::loss_is_over(consensus::Identity const& identity) const {
  auto const& key = epoch_.validators.validators[identity.place].key;
  if (std::ranges::count(loss_->keys, key) == 0) return true;
  auto const record = ledger::load<ledger::RejoinRecord>(*state_, ledger::state_key(ledger::Space::rejoin, key.view()));
  return record && record->loss == loss_->number && record->height < epoch_.first;
}

void Replica::end_loss() {
  world_.store.remember({{note_loss, epoch_.epoch, storage::note_pinned, {}}});
  loss_.reset();
  log("info", "the loss of the vote journal is over: this epoch began after the ledger recorded it");
}

void Replica::tell_loss() {
  auto const now = world_.clock.steady_ms();
  if (!loss_ || !place_ || !setup_.rejoin || (told_loss_ms_ != 0 && now < told_loss_ms_ + rejoin_ms)) return;
  told_loss_ms_ = now;
  auto const& key = epoch_.validators.validators[*place_].key;
  auto const record = ledger::load<ledger::RejoinRecord>(*state_, ledger::state_key(ledger::Space::rejoin, key.view()));
  if (!record || record->loss != loss_->number) setup_.rejoin(key, loss_->number);
}

std::string Replica::rejoins(consensus::Status const& core) const {
  if (!loss_ || !place_) return "";
  if (core.votes) return "";
  if (core.floor) {
    return "its vote journal was lost; it votes again above view " + std::to_string(*core.floor) + ", now is view " +
           std::to_string(core.view);
  }
  auto const validators = epoch_.validators.size();
  auto const needed = epoch_.validators.quorum();
  auto const told = std::to_string(core.answers) + " of " + std::to_string(needed) + " others have";
  std::string const remedy =
      ": give it a new key (tally node next-key, then a vote to rotate_key); if the chain stands still, tally recover";
  if (needed >= validators) {
    return "its vote journal was lost, and " + std::to_string(validators) + " validators cannot replace it" + remedy;
  }
  bool const late = world_.clock.steady_ms() > started_at_ms_ + rejoin_patience_ms;
  return "its vote journal was lost; it follows until a quorum has told how far they are: " + told +
         (late ? remedy : "");
}

}  // namespace node
