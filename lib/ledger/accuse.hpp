// SPDX-License-Identifier: Apache-2.0
#pragma once

// Two finalized headers that exclude each other name who is guilty: any two quorums share more than f validators, and
// an honest one finalizes one result of a height.

#include "ledger/proof.hpp"

namespace ledger {

struct Accusation {
  Height height = 0;
  std::uint64_t epoch = 0;
  /// What was finalized at this height, twice.
  Hash first;
  Hash second;
  /// Who signed both, in the order of the set: at least f + 1.
  std::vector<base::ValidatorKey> guilty;
  std::size_t faulty_max = 0;
};

/// Holds the finality of both proofs against each other. Errors: E_SIGNATURE when one of them is not final on this
/// chain; E_FORM when they do not conflict, or when different sets or engines signed, whose keys cannot be compared.
base::Result<Accusation> accuse(TraceProof const& first, TraceProof const& second, Anchor const& anchor);

}  // namespace ledger
