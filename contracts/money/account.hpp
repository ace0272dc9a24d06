// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the rules of money share: assets and accounts of the state, lines, and who may do what. Inside this room only.

#include "contracts/money/book.hpp"
#include "contracts/money/money.hpp"
#include "ledger/records.hpp"

namespace contracts::money {

using ledger::AssetRecord;
using ledger::BalanceRecord;
using ledger::EntryKind;

Error error(Code code, std::string const& field, std::string_view member, std::string detail);
/// Puts the operation's path in front of an error's field.
Error under(Error error, std::string const& field);

Result<AssetRecord> asset_of(Context const& context, std::string_view id, std::string const& field);
void put_asset(Context& context, std::string_view id, AssetRecord const& record);
/// 1 to 2^63 - 1.
Result<void> require_amount(Amount amount, std::string const& field, std::string_view member);
Result<void> require_member(Context const& context, PartyId const& party, std::string const& field,
                            std::string_view member);
/// The issuer signs for its liability; anybody else is no issuer at all.
Result<void> require_issuer(Context const& context, PartyId const& issuer, std::string const& field);
/// What an issuer mints and burns without its approver's signature counts together: when it would exceed the asset's
/// threshold in 24 hours, the approver must sign too.
Result<void> require_approval(Context& context, AssetRecord const& asset, std::string_view id, Amount amount,
                              std::string const& field);
/// E_NOT_AUTHORISED for an account that the issuer must authorise and has not. The issuer itself needs none.
Result<void> require_authorised(AssetRecord const& asset, BalanceRecord const& account, PartyId const& party,
                                std::string const& field, std::string_view member);

BalanceRecord account_of(Context const& context, PartyId const& party, std::string_view asset);
void put_account(Context& context, PartyId const& party, std::string_view asset, BalanceRecord const& record);
/// An account's counters under the cap of its tier.
Counters counters_of(Context const& context, std::string_view asset, BalanceRecord const& account);
/// Takes the counters over.
void set_counters(BalanceRecord& account, Counters const& counters);

/// Checks a party-signed debit against the limits of its tier and, when it may be, counts it in the windows: E_LIMIT.
Result<void> spend(Context& context, PartyId const& party, std::string_view asset, std::uint8_t tier, Amount amount,
                   std::string const& field);

/// The checks of a payment between two parties that need both accounts: transferable, authorised, travel rule.
Result<void> require_payable(Context& context, AssetRecord const& asset, ledger::Transfer const& payment,
                             std::string const& field);

/// What one party pays another in 24 hours without a statement counts together: E_TRAVEL_RULE above the threshold.
Result<void> require_small(Context& context, AssetRecord const& asset, ledger::Obligation const& payment,
                           std::string const& field);

/// A line of the account's statement; the reference is cut to its bound at a character's border.
void line(Context& context, PartyId const& account, std::string_view asset, EntryKind kind, Amount amount,
          Hash const& counterparty, std::string_view reference, ledger::PaymentIds const& ids = {});
inline Hash as_counterparty(PartyId const& party) { return {party.bytes}; }

/// Voids an open hold: what is left of it is free again. `state` says why.
void end_hold(Context& context, Hash const& id, ledger::HoldRecord& hold, ledger::HoldState state);
/// Settles a netting set whose time has come or whose members have all joined.
void settle_netting(Context& context, Hash const& id, ledger::NettingRecord& record);

}  // namespace contracts::money
