// SPDX-License-Identifier: Apache-2.0
#pragma once

// Issuers' money: assets, accounts, payments, holds, netting, the register of receivables, and the pots of contracts. A
// credit cannot fail.

#include <set>

#include "contracts/context.hpp"

namespace contracts::money {

using ledger::Amount;

Result<void> create_asset(Context& context, ledger::CreateAsset const& operation, std::string const& field);
Result<void> mint(Context& context, ledger::Mint const& operation, std::string const& field);
Result<void> burn(Context& context, ledger::Burn const& operation, std::string const& field);
Result<void> authorise(Context& context, ledger::Authorise const& operation, std::string const& field);
Result<void> freeze(Context& context, ledger::Freeze const& operation, std::string const& field);
Result<void> claw_back(Context& context, ledger::Clawback const& operation, std::string const& field);
Result<void> set_limits(Context& context, ledger::SetLimits const& operation, std::string const& field);
Result<void> transfer(Context& context, ledger::Transfer const& operation, std::string const& field);
Result<void> open_hold(Context& context, ledger::OpenHold const& operation, std::string const& field);
Result<void> post_hold(Context& context, ledger::PostHold const& operation, std::string const& field);
Result<void> void_hold(Context& context, ledger::VoidHold const& operation, std::string const& field);
Result<void> open_netting(Context& context, ledger::OpenNetting const& operation, std::string const& field);
Result<void> join_netting(Context& context, ledger::JoinNetting const& operation, std::string const& field);
Result<void> register_receivable(Context& context, ledger::RegisterReceivable const& operation,
                                 std::string const& field);
Result<void> assign_receivable(Context& context, ledger::AssignReceivable const& operation, std::string const& field);
/// What an assignable role of a contract will be paid, as an entry of the register.
struct Claim {
  Hash document;
  /// The role's own party.
  PartyId owner;
  std::string_view label;
};
/// Enters that the claim is paid out to another party, with its rank, or (`to` is the owner) that it is no longer.
/// E_ALREADY_PLEDGED when the register names somebody else.
Result<void> secure_claim(Context& context, Claim const& claim, PartyId const& to, std::string const& field);

/// Whether contracts may hold the asset and pay it to others: E_ASSET_UNKNOWN, E_NOT_TRANSFERABLE.
Result<void> require_escrowable(Context const& context, std::string const& asset, std::string const& field);
/// Whether the asset may be paid to this party now: E_NOT_AUTHORISED.
Result<void> require_payee(Context const& context, std::string const& asset, PartyId const& payee,
                           std::string const& field);
/// E_FROZEN for a holder whose account is frozen: what he will be paid is a claim that he may not give away.
Result<void> require_unfrozen(Context const& context, std::string const& asset, PartyId const& holder,
                              std::string const& field);
/// For who may be paid so much by a contract: above the asset's travel threshold, alone or with what each of the payers
/// paid it in 24 hours, its institution must sign the body (E_TRAVEL_RULE); else it counts as paid by each of them.
Result<void> foresee_payments(Context& context, std::set<PartyId> const& payers, PartyId const& payee,
                              std::string const& asset, Amount most, std::string const& field);

/// Takes from the party's available balance into a contract's pot: E_INSUFFICIENT_FUNDS, E_FROZEN, E_LIMIT,
/// E_NOT_TRANSFERABLE, E_ASSET_UNKNOWN. The caller checked the party's signature.
Result<void> deposit(Context& context, PartyId const& from, std::string const& asset, Amount amount,
                     Hash const& contract, std::string const& label, std::string const& field,
                     ledger::PaymentIds const& ids = {});
/// Credits a party from a contract's pot; to the asset's own issuer it redeems. The amount must be in the pot: the
/// caller keeps pots.
void payout(Context& context, PartyId const& to, std::string const& asset, Amount amount, Hash const& contract,
            std::string const& label);

/// Ends holds and settles netting sets that are due at or before the block's time, in (time, kind, id) order, at most
/// `count_max`; one receipt each is made by the machine through `fired`.
using Expired = std::function<void(ledger::DeadlineCause const&, Context& context)>;
void fire_expiries(ledger::Overlay& block_state, Context const& prototype, std::uint32_t count_max,
                   Expired const& fired);
/// When the next of them is due.
std::optional<TimeMs> next_expiry(ledger::StateView const& state);

/// The most open holds from one account of one asset, so that a clawback ends.
constexpr std::uint32_t holds_an_account_max = 1024;
/// How far ahead holds and netting sets may end.
constexpr TimeMs hold_ms_max = TimeMs{366} * 24 * 3600 * 1000;

/// What one act did: the state before it, what it changed, and its lines and signers.
struct Change {
  ledger::StateView const& before;
  ledger::StateDiff const& changes;
  std::vector<ledger::Entry> const& entries;
  std::vector<ledger::Signer> const& signers;
};

/// The invariants of settlement.md, section 2, one function each over what one act touched. Each returns what is broken
/// in words, nothing when it holds.
using Invariant = std::optional<std::string> (*)(Change const& change);
/// I1: for each asset, what accounts and pots gained is what was issued.
std::optional<std::string> conserves_assets(Change const& change);
/// I2: held <= posted, and posted is what came in less what went out.
std::optional<std::string> keeps_balances(Change const& change);
/// I3: what an account holds back and expects is the sum of its open holds.
std::optional<std::string> matches_holds(Change const& change);
/// I4: a contract's pots changed by its deposits and payouts, for each asset.
std::optional<std::string> matches_pots(Change const& change);
/// I5: no asset exceeds its supply.
std::optional<std::string> keeps_supply(Change const& change);
/// I7: a contract that has ended has empty pots and waits for nothing.
std::optional<std::string> clears_ended(Change const& change);
/// I8: money that left an account has a signature of its party, or a hold, a contract, a netting set or the issuer's
/// clawback as its cause.
std::optional<std::string> names_causes(Change const& change);
/// I6: a failed transaction changed nothing but the replay set, the meter, its key and its receipt.
std::optional<std::string> leaves_no_trace(ledger::StateDiff const& changes);

/// The first of I1 to I5, I7 and I8 that is broken.
std::optional<std::string> broken_invariant(Change const& change);

}  // namespace contracts::money
