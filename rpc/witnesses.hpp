// SPDX-License-Identifier: Apache-2.0
#pragma once

// Results that witnesses may co-sign, and what they signed. A witness answers a moment after it was asked, when the
// chain has gone on: so a few results of the last seconds are kept with their states, the same ones at every node.

#include <deque>
#include <memory>
#include <mutex>

#include "ledger/proof.hpp"

namespace rpc {

class Witnesses {
 public:
  using At = std::shared_ptr<ledger::Certified const>;

  /// A newer certified result. While witnesses ask, the first one of each second is kept, at most four; none longer
  /// than a minute, by the headers' clock.
  void follow(At const& newest);
  /// The result to sign now: the newest that is kept.
  At offer(At const& newest);
  /// Keeps a co-signature with its result; how many it has now. Errors: E_FORM when the result is not one of those that
  /// are kept, E_BUSY for one more than fit, E_ALREADY_REGISTERED for the second key of a member, and those of
  /// judge_cosignature.
  base::Result<std::size_t> accept(ledger::Hash const& result, ledger::Cosignature const& one);
  /// The newest result that was co-signed, if it is at most so much older than this one; else this one.
  At seen(At const& newest, ledger::TimeMs behind_ms) const;

  /// Beyond this a co-signed result is forgotten.
  static constexpr ledger::TimeMs kept_ms = 60'000;

 private:
  void keep(At const& newest);

  mutable std::mutex mutex_;
  std::deque<At> kept_;
  At seen_;
  /// The newest header's time when a witness asked last.
  std::optional<ledger::TimeMs> asked_ms_;
};

}  // namespace rpc
