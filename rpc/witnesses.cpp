// SPDX-License-Identifier: Apache-2.0
#include "rpc/witnesses.hpp"

#include <algorithm>

namespace rpc {

namespace {

using base::Code;
using base::Error;
using ledger::Space;
using At = Witnesses::At;

constexpr std::size_t kept_max = 4;

std::optional<ledger::KeyRecord> key_of(ledger::StateView const& state, ledger::PartyKey const& key) {
  return ledger::load<ledger::KeyRecord>(state, ledger::state_key(Space::key, key.view()));
}

std::optional<ledger::MemberRecord> member_of(ledger::StateView const& state, ledger::PartyId const& party) {
  auto const gln = state.get(ledger::state_key(Space::name_index, party.view()));
  return gln ? ledger::load<ledger::MemberRecord>(state, Space::member, base::text_of(*gln)) : std::nullopt;
}

bool is_old(At const& one, At const& newest) {
  return one && one->header.time_ms + Witnesses::kept_ms < newest->header.time_ms;
}

}  // namespace

void Witnesses::follow(At const& newest) {
  std::lock_guard const lock(mutex_);
  keep(newest);
}

void Witnesses::keep(At const& newest) {
  constexpr ledger::TimeMs second_ms = 1000;
  auto const& header = newest->header;
  while (!kept_.empty() && is_old(kept_.front(), newest)) kept_.pop_front();
  if (is_old(seen_, newest)) seen_.reset();
  if (!asked_ms_ || *asked_ms_ + kept_ms < header.time_ms || !newest->finality) return;
  if (!kept_.empty() && header.time_ms / second_ms <= kept_.back()->header.time_ms / second_ms) return;
  kept_.push_back(newest);
  if (kept_.size() > kept_max) kept_.pop_front();
}

Witnesses::At Witnesses::offer(At const& newest) {
  std::lock_guard const lock(mutex_);
  asked_ms_ = newest->header.time_ms;
  keep(newest);
  return kept_.empty() ? newest : kept_.back();
}

base::Result<std::size_t> Witnesses::accept(ledger::Hash const& result, ledger::Cosignature const& one) {
  auto const find = [&] {
    return std::ranges::find_if(kept_, [&](At const& at) { return at->header.hash() == result; });
  };
  Error const none{Code::E_FORM, "result", "no result that is to be signed now: ask again"};
  std::unique_lock lock(mutex_);
  auto found = find();
  if (found == kept_.end()) return none;
  auto const at = *found;
  // The node's core thread does not wait for a signature to be checked.
  lock.unlock();
  auto const key = key_of(*at->state, one.key);
  TRY(ledger::judge_cosignature(one, at->header, key, key ? member_of(*at->state, key->party) : std::nullopt));
  lock.lock();
  found = find();
  if (found == kept_.end()) return none;
  auto const& witnesses = (*found)->witnesses;
  for (auto const& other : witnesses) {
    if (other == one) return witnesses.size();
    if (key_of(*at->state, other.key)->party == key->party) {
      return Error{Code::E_ALREADY_REGISTERED, "key", "this member has signed this result"};
    }
  }
  if (witnesses.size() == ledger::witnesses_max) return Error{Code::E_BUSY, "result", "enough witnesses signed it"};
  auto more = std::make_shared<ledger::Certified>(**found);
  more->witnesses.push_back(one);
  std::ranges::sort(more->witnesses, {}, &ledger::Cosignature::key);
  *found = more;
  if (!seen_ || seen_->header.height <= more->header.height) seen_ = more;
  return more->witnesses.size();
}

Witnesses::At Witnesses::seen(At const& newest, ledger::TimeMs behind_ms) const {
  std::lock_guard const lock(mutex_);
  bool const same = seen_ && seen_->header == newest->header;
  bool const near = seen_ && seen_->header.time_ms + behind_ms >= newest->header.time_ms;
  return same || (behind_ms > 0 && near) ? seen_ : newest;
}

}  // namespace rpc
