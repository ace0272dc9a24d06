// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the validators change who validates, and the limits that all nodes agree on (docs/governance.md). A member votes
// with all its validators at once.

#include "contracts/context.hpp"
#include "ledger/records.hpp"

namespace contracts::members {

/// Limits with which a network can still work and vote. Errors name the parameter.
Result<void> check_parameters(ledger::Parameters const& parameters, std::string const& field);

Result<void> propose(Context& context, ledger::ProposeChange const& operation, std::string const& field);
Result<void> vote(Context& context, ledger::VoteChange const& operation, std::string const& field);
Result<void> report_evidence(Context& context, ledger::ReportEvidence const& operation, std::string const& field);
Result<void> rejoin(Context& context, ledger::Rejoin const& operation, std::string const& field);

/// How many validators may change from one set to another in one epoch, of their own will.
std::size_t changes_max(crypto::ValidatorSet const& before, crypto::ValidatorSet const& after);

/// After the last block of an epoch: the accused leave, what is accepted is made, what lapsed is forgotten. The next
/// epoch's record stands in the state from here on, and that of each that is over stays.
void begin_epoch(ledger::Overlay& state, ledger::Height first, TimeMs time_ms);

/// After a block that ended no epoch, because the validators recover the chain by a file (docs/consensus.md): the next
/// epoch begins there with this set, and open proposals wait.
void recover_epoch(ledger::Overlay& state, ledger::Height first, crypto::ValidatorSet validators);

}  // namespace contracts::members
