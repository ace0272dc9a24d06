// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a story is played: a network of processes, or the law alone in one.

#include "crypto/evidence.hpp"
#include "testnet/story.hpp"
#include "wallet/draft.hpp"

namespace testnet {

class Chain {
 public:
  virtual ~Chain() = default;
  /// Puts the test clock to `time_ms` unless it is later already.
  virtual base::Result<void> advance(ledger::TimeMs time_ms) = 0;
  /// Advances to the act's time, signs, sends, waits. The outcome may be a failure; an error means that none came, or
  /// that the act was refused before it was recorded.
  virtual base::Result<wallet::Outcome> play(Act const& act) = 0;
  /// Sends the bytes of the last act again to every node in turn; what the ledger says of it then.
  virtual base::Result<wallet::Outcome> repeat(std::size_t times) = 0;
  /// Two results of one height, both signed with the key of this organisation's validator. E_FORM when it has none.
  virtual base::Result<crypto::Evidence> equivocate(std::string const& code) = 0;
  /// A JSON-RPC call.
  virtual base::Result<base::Value> call(std::string const& method, base::Value params) = 0;
};

/// What equivocate() signs, for a chain of this id.
crypto::Evidence two_results(crypto::ValidatorSecret const& secret, ledger::Hash const& chain);

}  // namespace testnet
