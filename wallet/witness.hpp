// SPDX-License-Identifier: Apache-2.0
#pragma once

// A witness follows the chain as a light client from the pinned genesis and co-signs what it saw final. It signs one
// result of a height, and only what extends what it signed before; what that was, a file keeps across restarts.

#include <filesystem>

#include "ledger/proof.hpp"

namespace wallet {

/// What was signed last.
struct Signed {
  std::uint16_t version = 1;
  /// The result with its finality, which accuses whoever signed another one of the same height.
  ledger::TraceProof proof;
  ledger::Cosignature cosignature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(version) LEDGER_VISIT(proof) LEDGER_VISIT(cosignature)
  }
};

/// Nothing where there is no file yet; E_ENCODING for one that cannot be read, since who forgets may sign twice.
base::Result<std::optional<Signed>> read_signed(std::filesystem::path const& file);
/// On disk when it returns.
base::Result<void> write_signed(std::filesystem::path const& file, Signed const& last);

/// What to do about the result that a node offers.
enum class WitnessStep {
  sign,
  /// It is the one that was signed last: the same co-signature goes out.
  repeat,
  /// The node is behind.
  wait,
  /// Another result of the height that was signed last: never signed.
  conflict
};
/// `proof` is of the record of the witness's key, `path` that its log extends the one signed last. Errors: E_SIGNATURE
/// with the check that failed; E_FORM for a result that does not extend what was signed.
base::Result<WitnessStep> judge_offer(std::optional<Signed> const& last, ledger::TraceProof const& proof,
                                      std::vector<ledger::Hash> const& path, ledger::PartyKey const& key,
                                      ledger::Anchor const& anchor);

}  // namespace wallet
