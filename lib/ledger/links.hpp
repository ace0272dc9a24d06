// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the links of one history ask of others: the rule that a proof is built by and judged by (docs/proof.md).

#include "ledger/history.hpp"

namespace ledger {

/// The leaves [first, last) of the subject that a link leads to.
struct Need {
  Link link;
  std::uint64_t first = 0;
  /// Absent: to the history's end.
  std::optional<std::uint64_t> last;
};

/// The needs of these leaves of one history, in their order; `leaves` ascend and may have gaps.
std::vector<Need> needs_of(std::vector<HistoryLeaf const*> const& leaves);

}  // namespace ledger
