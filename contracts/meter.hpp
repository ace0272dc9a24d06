// SPDX-License-Identifier: Apache-2.0
#pragma once

// The work that members may ask of the ledger: a bucket each, refilled by time, instead of a fee.

#include "ledger/records.hpp"

namespace contracts::meter {

/// Units of work that an analysis of escrow terms costs: one for so many bytes of them.
constexpr std::size_t terms_bytes_a_unit = 64;

/// Bytes of an event that count as one more: about 64 keys.
constexpr std::size_t event_bytes_a_unit = 4096;

/// Work that is known before a transaction runs: signatures, operations beside the first, events and their size, the
/// size of escrow terms, the obligations of netting sets.
std::uint32_t work_of(ledger::Transaction const& transaction);
/// Units that the party has left at this time. A party that never used any has a full bucket.
std::uint64_t allowance(ledger::StateView const& state, ledger::Parameters const& parameters,
                        base::PartyId const& party, base::TimeMs now_ms);
/// E_METER when the party has not so many units left.
base::Result<void> require(ledger::StateView const& state, ledger::Parameters const& parameters,
                           base::PartyId const& party, base::TimeMs now_ms, std::uint32_t work);
/// Takes the units; where fewer are left, all.
void charge(ledger::Overlay& state, ledger::Parameters const& parameters, base::PartyId const& party,
            base::TimeMs now_ms, std::uint32_t work);

}  // namespace contracts::meter
