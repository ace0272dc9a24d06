// SPDX-License-Identifier: Apache-2.0
#include "ledger/links.hpp"

namespace ledger {

namespace {

/// Where the stay in a unit ends that begins at this leaf: behind the leaf of the unit that the next way out names.
std::optional<std::uint64_t> end_of_stay(std::vector<HistoryLeaf const*> const& leaves, std::size_t begin,
                                         Hash const& unit) {
  for (std::size_t i = begin + 1; i < leaves.size(); ++i) {
    for (auto const& link : leaves[i]->links) {
      if (link.role == LinkRole::out_of && link.key == unit) return link.sequence + 1;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Need> needs_of(std::vector<HistoryLeaf const*> const& leaves) {
  std::vector<Need> needs;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    for (auto const& link : leaves[i]->links) {
      if (link.role == LinkRole::lot) {
        needs.push_back({link, 0, std::nullopt});
      } else if (link.role == LinkRole::made_from) {
        needs.push_back({link, 0, link.sequence + 1});
      } else if (link.role == LinkRole::into) {
        needs.push_back({link, link.sequence, end_of_stay(leaves, i, link.key)});
      }
    }
  }
  return needs;
}

}  // namespace ledger
