// SPDX-License-Identifier: Apache-2.0
#pragma once

// Witnesses: members who are no validators (an auditor, a regulator, a certifier, a consumer association) follow the
// chain as light clients and sign results that they saw final. Who shows a reader another chain must then have fooled
// them as well. docs/proof.md, check 6.

#include "ledger/block.hpp"
#include "ledger/records.hpp"

namespace ledger {

/// That the key's holder saw a result final, and that it extends everything that it signed before.
struct Cosignature {
  PartyKey key;
  /// By the witness's own clock.
  TimeMs time_ms = 0;
  /// BIP-340 over cosignature_digest.
  base::PartySignature signature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(time_ms) LEDGER_VISIT(signature)
  }
  bool operator==(Cosignature const&) const = default;
};

/// So many stand beside a result.
constexpr std::size_t witnesses_max = 16;
using Cosignatures = List<Cosignature, witnesses_max>;

/// H(18 ‖ chain ‖ H(08 ‖ header) ‖ time): the 32 bytes that a witness signs.
Hash cosignature_digest(ResultHeader const& header, TimeMs time_ms);

/// That the key may witness in the state of this header, and that it signed. Its records are those of that state, null
/// where there is none. Errors: E_KEY_UNKNOWN, E_KEY_REVOKED, E_SCOPE for a member whose word counts for nothing here,
/// E_SIGNATURE.
base::Result<void> judge_cosignature(Cosignature const& one, ResultHeader const& header,
                                     std::optional<KeyRecord> const& key, std::optional<MemberRecord> const& member);

}  // namespace ledger
