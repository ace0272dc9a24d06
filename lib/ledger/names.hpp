// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which records a reader of a proof needs beside the histories: members, sites, products, certificates, recipes.

#include "ledger/proof.hpp"

namespace ledger {

/// The stored keys of the records that these histories speak of and that exist, nearest to the subject first, without
/// the histories' own; at most as many as a proof may hold.
std::vector<Bytes> named_records(StateView const& state, std::vector<HistoryProof> const& histories);

}  // namespace ledger
