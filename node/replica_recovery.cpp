// SPDX-License-Identifier: Apache-2.0
// An epoch that a quorum of the validators begins by a signed file (node/recovery.hpp). What it changes in the state is
// part of the next block's execution: until that is decided it is in memory only, so the state on disk is always one
// that was certified.
#include "contracts/members/governance.hpp"
#include "node/replica.hpp"

namespace node {

/// The one that begins on the tip, if there is one.
Result<void> Replica::take_recovery() {
  for (auto const& recovery : setup_.recoveries) {
    if (recovery.epoch != epoch_.epoch || recovery.height != header_.height) continue;
    if (recovery.result != header_.hash()) {
      return base::Error{base::Code::E_FORM, "data/recovery",
                         "the recovery of epoch " + std::to_string(recovery.epoch) +
                             " begins on another result of height " + std::to_string(recovery.height)};
    }
    TRY(verify(recovery, chain_, epoch_.validators));
    ledger::Overlay overlay(*state_);
    contracts::members::recover_epoch(overlay, header_.height + 1, recovery.validators);
    auto change = std::move(overlay).take();
    tree_ = tree_.with(*state_, change);
    auto const shared = std::make_shared<ledger::StateDiff const>(change);
    state_ = std::make_shared<ledger::LayeredState const>(state_, shared);
    // There is one before it when that epoch was given up too before it decided anything.
    if (!recovered_) recovered_.emplace();
    recovered_->merge(std::move(change));
    TRY(read_epoch());
    log("warn", "the validators recovered the chain: epoch " + std::to_string(epoch_.epoch) + " begins after height " +
                    std::to_string(header_.height));
    return take_recovery();
  }
  return {};
}

/// After a decision that ended no epoch.
bool Replica::begin_recovered_epoch() {
  auto const before = epoch_.epoch;
  if (auto const taken = take_recovery(); !taken) {
    on(consensus::Halt{base::to_string(taken.error())});
    return true;
  }
  if (epoch_.epoch == before) return false;
  auto opened = opening();
  CHECK(opened.has_value());
  begin_core(std::move(opened).value());
  return false;
}

Result<void> Replica::read_given_up(std::vector<storage::Note> const& journal) {
  for (auto const& note : journal) {
    if (note.kind != note_given_up) continue;
    TRY_ASSIGN(given_up_, base::decode<std::uint64_t>(note.bytes));
  }
  return {};
}

}  // namespace node
