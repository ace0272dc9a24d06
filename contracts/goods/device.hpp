// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rule 12: devices, and the chains of their readings.

#include "contracts/goods/job.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::goods {

Result<void> register_device(Context& context, ledger::RegisterDevice const& operation, std::string const& field);
Result<void> retire_device(Context& context, ledger::RetireDevice const& operation, std::string const& field);

/// An AssociationEvent of a unit and devices: ADD binds them to it, DELETE frees them. Others are left alone.
Result<void> associate(Job& job);

/// True for a report that counts, with tally:batch.
bool is_batch(gs1::Event const& event);
/// Takes a batch of one device: E_DEVICE_UNKNOWN unless a registered device that is bound to a unit of the event signed
/// with its own key; E_SEQ for what came before, or breaks its chain. A jump is a gap, which a late batch closes.
Result<void> take_batch(Job& job);
/// The batch as facts, one for each type of reading.
std::vector<Fact> batch_facts(Job const& job);

/// Alarms when a unit with a door sensor changes hands and nobody opened the door within two hours before.
void watch_door(Job& job, std::string_view unit, PartyId const& giver);

}  // namespace contracts::goods
