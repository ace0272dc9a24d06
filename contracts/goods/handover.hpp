// SPDX-License-Identifier: Apache-2.0
#pragma once

// What handovers, titles and trials share about offers and short units.

#include "contracts/goods/job.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::goods {

/// True for the canonical link of an SSCC.
bool is_unit(std::string_view link);
/// Micro-units of the unit that its receiver may use.
Micro usable_of(ledger::UnitRecord const& unit);
/// A giver's accounts of pieces that were missing in a unit, one for each owner, and their sum.
std::vector<ledger::GoodsRecord> disputed_accounts(StateView const& state, std::string_view unit, PartyId const& giver);
Micro disputed_of(StateView const& state, std::string_view unit, PartyId const& giver);
/// The count of pieces in a unit that belong to another than the unit's owner since they turned up again.
Account owed_account(std::string_view unit, PartyId const& owner);

/// An open offer and the event that answers it.
struct Answered {
  Hash offer;
  Bytes key;
  ledger::OfferRecord record;
};
/// The open offer that the event answers: E_MEMBER_UNKNOWN, E_SAME_CONTROLLER, E_UNKNOWN_OFFER, E_TIME_WINDOW.
Result<Answered> answered(Job& job);
/// Keeps the fact of a handover for the contracts.
void tell(Job& job, ledger::OfferRecord const& record, Hash const& offer, Answer answer, Micro accepted,
          std::string unit);

/// Adds what is in a unit, at all depths, to the sum of each claim.
void claims_inside(StateView const& state, ledger::Uri const& unit, std::map<std::string, Micro>& sums);

/// Goods offered to a firm outside goods accounting leave on the giver's word alone, and no contract hears of it.
Result<void> give_outside(Job& job, ledger::OfferRecord const& offer);

/// Passes ownership of what an accepted offer brought, of one subject (a link) or, empty, of all; the subjects whose
/// owner changed are added to `changed`. Returns micro-units that `from` does not own.
Micro pass_accepted(Overlay& state, ledger::OfferRecord const& offer, std::string_view subject, PartyId const& from,
                    PartyId const& to, std::vector<std::string>* changed = nullptr);

}  // namespace contracts::goods
