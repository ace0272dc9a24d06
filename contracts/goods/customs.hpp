// SPDX-License-Identifier: Apache-2.0
#pragma once

// Customs: declarations, holds, releases, the watch-list of marks; and what a market asks for.

#include "contracts/goods/job.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::goods {

/// True for bizStep customs_export, customs_import, customs_hold, customs_release.
bool is_customs(gs1::Event const& event);
/// A declaration, or the answer of an authority: a member with the role customs alone holds and releases (E_SCOPE); a
/// reference is declared by one party (E_ALREADY_REGISTERED); what a gate of the market asks for must be there
/// (E_CERT_SCOPE). A declaration of a watched mark's goods by a stranger raises an alarm.
Result<void> customs(Job& job);
/// E_CUSTOMS_HOLD for what an authority holds, itself or a unit around it.
Result<void> judge_hold(Job const& job, std::string_view link, ledger::Holder const& holder, std::string_view path);
/// E_CERT_SCOPE unless the gates of the event's market are open for the product.
Result<void> judge_gates(Job const& job, std::string_view gtin, std::string_view path);

Result<void> register_mark(Context& context, ledger::RegisterMark const& operation, std::string const& field);
Result<void> watch_mark(Context& context, ledger::WatchMark const& operation, std::string const& field);
Result<void> set_gate(Context& context, ledger::SetGate const& operation, std::string const& field);

}  // namespace contracts::goods
