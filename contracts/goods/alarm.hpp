// SPDX-License-Identifier: Apache-2.0
#pragma once

// Soft flags and alarms: entries of the ledger that refuse nothing. Whoever watches is told of them in order.

#include "contracts/goods/job.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::goods {

/// Appends an alarm. Words in `detail` are ours, never free text of a partner.
void raise(Overlay& state, Context const& context, ledger::AlarmKind kind, std::string_view subject,
           PartyId const& party, std::string_view detail, std::uint64_t log_index);
/// The same for the event being judged.
void raise(Job& job, ledger::AlarmKind kind, std::string_view subject, PartyId const& party, std::string_view detail);

}  // namespace contracts::goods
