// SPDX-License-Identifier: Apache-2.0
#pragma once

// Proofs of chosen leaves of an RFC 6962 tree: runs of leaves that are not chosen collapse into the roots of subtrees.
// Of leaves in a row they have the hashes of range_proof.

#include "crypto/merkle.hpp"

namespace crypto {

/// A leaf's place in the log, and its hash.
using Placed = std::pair<std::uint64_t, Hash>;

/// What a verifier of these places needs beside their leaves, in the order of a depth-first walk. Places ascend.
std::vector<Hash> places_proof(std::vector<Hash> const& leaves, std::vector<std::uint64_t> const& places);
/// The root that these leaves and hashes give; nothing when places do not ascend below the count, or hashes are left
/// over or missing. No leaves take the root itself as the one hash (no hash for an empty log).
std::optional<Hash> places_root(std::uint64_t count, std::vector<Placed> const& leaves, std::vector<Hash> const& proof);

}  // namespace crypto
