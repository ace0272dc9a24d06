// SPDX-License-Identifier: Apache-2.0
#pragma once

// Issuers' money: assets, accounts, transfers, and the pots of contracts. A credit cannot fail.

#include "contracts/context.hpp"

namespace contracts::money {

using ledger::Amount;

Result<void> create_asset(Context& context, ledger::CreateAsset const& operation, std::string const& field);
Result<void> mint(Context& context, ledger::Mint const& operation, std::string const& field);
Result<void> burn(Context& context, ledger::Burn const& operation, std::string const& field);
Result<void> transfer(Context& context, ledger::Transfer const& operation, std::string const& field);

/// Takes from the party's available balance into a contract's pot: E_INSUFFICIENT_FUNDS, E_FROZEN, E_ASSET_UNKNOWN. The
/// caller checked the party's signature.
Result<void> deposit(Context& context, PartyId const& from, std::string const& asset, Amount amount,
                     Hash const& contract, std::string const& label, std::string const& field);
/// Credits a party from a contract's pot; to the asset's own issuer it redeems. The amount must be in the pot: the
/// caller keeps pots.
void payout(Context& context, PartyId const& to, std::string const& asset, Amount amount, Hash const& contract,
            std::string const& label);

/// Checks the invariants of settlement.md over what one act changed: for each asset touched Σ Δposted + Σ Δpots =
/// Δissued, 0 <= held <= posted, issued <= max_supply. Returns the broken one's name, nothing when all hold.
std::optional<std::string> broken_invariant(ledger::StateView const& before, ledger::StateDiff const& changes);

}  // namespace contracts::money
