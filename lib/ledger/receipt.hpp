// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the log of all events proves: that an event is in it, and that it only grew; and the same as a COSE receipt (RFC
// 9942 with the structure RFC9162_SHA256), for software that knows nothing of this ledger.

#include "crypto/validator.hpp"
#include "ledger/history.hpp"
#include "ledger/proof.hpp"

namespace ledger {

/// A leaf's place in the log as a certified header counts it.
struct LogInclusion {
  Hash chain;
  /// The header's.
  Height height = 0;
  TimeMs time_ms = 0;
  std::uint64_t size = 0;
  Hash root;
  std::uint64_t index = 0;
  /// Canonical LogLeaf bytes: what the log hashes.
  Bytes leaf;
  /// From the leaf to the root.
  std::vector<Hash> path;
};

/// Of the event at this place of the log; nothing when the log is shorter.
std::optional<LogInclusion> log_inclusion(Certified const& at, std::uint64_t index);
/// That the log of `first` events is the beginning of the certified one; nothing unless 0 < first <= its size.
std::optional<std::vector<Hash>> log_consistency(Certified const& at, std::uint64_t first);
/// The root of the log's first `size` events; nothing when the certified one is shorter.
std::optional<Hash> log_root_of(Certified const& at, std::uint64_t size);

/// A COSE_Sign1 over the root, which it leaves out: a verifier computes it from the leaf and the path. Protected:
/// EdDSA, key id (the validator's key), issuer (the chain's id), subject (transaction and event), issued at (the
/// header's time), structure. It is never 32 bytes that are signed, so no vote can be made of it.
Bytes cose_receipt(LogInclusion const& inclusion, crypto::ValidatorSecret const& secret);

}  // namespace ledger
