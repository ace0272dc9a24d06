// SPDX-License-Identifier: Apache-2.0
#pragma once

// Finality as a light client judges it, by the keys of a set alone.

#include "crypto/signer_set.hpp"
#include "ledger/block.hpp"

namespace ledger {

/// True when the finality proves exactly this header under this set: the one whose hash the header names, or for
/// CometBFT the one that its next header names.
bool verify(Finality const& finality, ResultHeader const& header, crypto::SignerSet const& set);
/// By which the headers of this engine name a set.
Hash set_name(Finality const& finality, crypto::SignerSet const& set);

}  // namespace ledger
