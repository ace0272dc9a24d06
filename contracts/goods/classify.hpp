// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which rule an event falls under, and whether it moves accounts at all.

#include "contracts/goods/job.hpp"

namespace contracts::goods {

using Rule = Result<void> (*)(Job&);

/// The rule of an event that is no transformation.
Rule rule_of(gs1::Event const& event);

/// True when goods accounting covers the event: its actor keeps accounts, and so does the prefix holder of each
/// identifier that it changes (or the identifier is in accounts already). Any other event is plain.
bool moves_accounts(Job const& job);
/// The same of the event that a voiding one repeats.
bool voided_moved_accounts(Job const& job);

/// True for an event whose form says that goods come to be, cease to be, are packed or change hands.
bool says_change(gs1::Event const& event);

/// What a plain event may not do: create identifiers of others (rule 7), or hand over goods that are in accounts.
Result<void> judge_plain(Job const& job);

}  // namespace contracts::goods
