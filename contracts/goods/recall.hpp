// SPDX-License-Identifier: Apache-2.0
#pragma once

// Recalls, expiry and corrections: rules 14 and 15.

#include "contracts/goods/job.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::goods {

/// True for an event that sets or unsets the persistent disposition recalled.
bool is_recall(gs1::Event const& event);
/// Recalls lots and serials, and through tally:bind what they became; or takes it back. Anybody else's
/// recall than the brand's is an observation, which changes nothing.
Result<void> recall(Job& job);
/// Rule 14 for an item or a quantity of a lot about to be sold: E_RECALLED, E_EXPIRED_LOT.
Result<void> judge_sale(Job const& job, std::string_view item, std::string_view lot, std::string_view path);
/// Rule 15: an event is voided by all who signed it (E_MISSING_SIGNER). Goods that it made are taken back while they
/// are still there; afterwards the balance needs an event of its own (E_INSUFFICIENT_GOODS).
Result<void> correct(Job& job);

}  // namespace contracts::goods
