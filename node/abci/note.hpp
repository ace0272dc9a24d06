// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the application keeps beside the ledger's records, in the same batch.

#include "node/abci/app.hpp"

namespace abci {
class ValidatorUpdate;
}

namespace node::comet {

struct Note {
  /// The newest result.
  ledger::ResultHeader header;
  crypto::ValidatorSet signers;
  base::List<SetChange, 64> changes;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(header) LEDGER_VISIT(signers) LEDGER_VISIT(changes)
  }
};

Bytes note_key();
/// Of the result header of each height that made one.
Bytes result_key(Height height);
/// Of the certified set changes, in order.
Bytes end_key(std::size_t index);
/// What makes these records of a state, and nothing else.
ledger::StateDiff replacing(ledger::StateView const& old, ledger::StateDiff records);
void add_update(abci::ValidatorUpdate& out, base::ValidatorKey const& key, std::int64_t power);
void update_validators(crypto::ValidatorSet const& before, crypto::ValidatorSet const& after,
                       abci::ResponseFinalizeBlock& out);

}  // namespace node::comet
