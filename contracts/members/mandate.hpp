// SPDX-License-Identifier: Apache-2.0
#pragma once

// Mandates: one organisation acts in another's place; and the daily limits of keys.

#include <set>

#include "contracts/context.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::members {

/// E_SCOPE for a mandate that is wider than the one it stands under, E_LIMIT for one more than three deep.
Result<void> give_mandate(Context& context, ledger::GiveMandate const& operation, std::string const& field);
Result<void> end_mandate(Context& context, ledger::EndMandate const& operation, std::string const& field);

struct Mandated {
  ledger::MandateAct act = ledger::MandateAct::commission;
  std::string_view gtin;
  std::string_view site;
  /// Of the event.
  TimeMs time_ms = 0;
};
/// True when `to` holds a mandate of `giver`, directly or passed on, that covers this and stands now.
bool has_mandate(Context const& context, PartyId const& giver, PartyId const& to, Mandated const& wanted);

Result<void> limit_key(Context& context, ledger::LimitKey const& operation, std::string const& field);
Result<void> report_key(Context& context, ledger::ReportKey const& operation, std::string const& field);

/// What an act costs of its signers' daily limits.
struct Spending {
  std::uint32_t events = 0;
  ledger::Micro goods = 0;
  ledger::Amount value = 0;
  /// The other sides of a handover, a payment or a contract.
  std::set<PartyId> counterparties;
};
/// Charges every limited key of the party that signed: E_LIMIT beyond the day's, or for a counterparty not named.
Result<void> charge_limits(Context const& context, ledger::Overlay& state, PartyId const& party,
                           Spending const& spending, std::string const& field);

}  // namespace contracts::members
