// SPDX-License-Identifier: Apache-2.0
#pragma once

// Contracts: opening, party acts, facts that fire them, deadlines that fire them. The language is read by terms.hpp.

#include "contracts/context.hpp"

namespace contracts::escrow {

/// Judges terms without state: E_ESCROW_FORM with the path.
Result<void> check(ledger::EscrowOpen const& operation, std::string const& field);
Result<void> open(Context& context, ledger::EscrowOpen const& operation, std::uint16_t operation_index,
                  std::string const& field);
Result<void> act(Context& context, ledger::EscrowAct const& operation, std::string const& field);
/// Assigns what a role will be paid: E_NOT_PARTY for a role that cannot be assigned, E_ALREADY_PLEDGED while it is.
Result<void> assign(Context& context, ledger::EscrowAssign const& operation, std::string const& field);

/// Lets contracts that wait for these facts run, in canonical order, within *context.turns_left; the rest wait in the
/// queue, which fire_deadlines serves in the next block.
void observe(Context& context, std::vector<Fact> const& facts);

/// Puts what is due at or before the block's time into the queue, in (deadline, contract) order, at most
/// `deadlines_max`, and serves the queue. For each contract that moves the machine makes a receipt through `fired`.
using Fired = std::function<void(ledger::DeadlineCause const&, Context& context)>;
void fire_deadlines(ledger::Overlay& block_state, Context const& prototype, std::uint32_t deadlines_max,
                    Fired const& fired);

/// The earliest deadline of any open contract; a time long past while contracts wait in the queue.
std::optional<TimeMs> next_deadline(ledger::StateView const& state);

}  // namespace contracts::escrow
