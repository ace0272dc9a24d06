// SPDX-License-Identifier: Apache-2.0
#include "contracts/meter.hpp"

namespace contracts::meter {

namespace {

constexpr std::uint64_t thousandths = 1000;

base::Bytes meter_key(base::PartyId const& party) { return ledger::state_key(ledger::Space::meter, party.view()); }

/// Thousandths of a unit: a refill of less than one unit between two blocks is not lost.
std::uint64_t level_now(ledger::StateView const& state, ledger::Parameters const& parameters,
                        base::PartyId const& party, base::TimeMs now_ms) {
  std::uint64_t const full = parameters.meter_bucket * thousandths;
  auto const record = ledger::load<ledger::MeterRecord>(state, meter_key(party));
  if (!record) return full;
  base::TimeMs const elapsed_ms = now_ms > record->time_ms ? now_ms - record->time_ms : 0;
  auto const refilled = base::u128{record->level} + base::u128{elapsed_ms} * parameters.meter_refill_per_s;
  return refilled < full ? static_cast<std::uint64_t>(refilled) : full;
}

}  // namespace

std::uint32_t work_of(ledger::Transaction const& transaction) {
  std::size_t work = transaction.body.signers.size() + transaction.payloads.size();
  if (!transaction.body.operations.empty()) work += transaction.body.operations.size() - 1;
  for (auto const& payload : transaction.payloads) work += payload.size() / event_bytes_a_unit;
  for (auto const& operation : transaction.body.operations) {
    if (auto const* open = std::get_if<ledger::EscrowOpen>(&operation)) {
      work += (open->terms.size() + terms_bytes_a_unit - 1) / terms_bytes_a_unit;
    }
    if (auto const* netting = std::get_if<ledger::OpenNetting>(&operation)) work += netting->obligations.size();
  }
  return static_cast<std::uint32_t>(work);
}

std::uint64_t allowance(ledger::StateView const& state, ledger::Parameters const& parameters,
                        base::PartyId const& party, base::TimeMs now_ms) {
  return level_now(state, parameters, party, now_ms) / thousandths;
}

base::Result<void> require(ledger::StateView const& state, ledger::Parameters const& parameters,
                           base::PartyId const& party, base::TimeMs now_ms, std::uint32_t work) {
  auto const left = allowance(state, parameters, party, now_ms);
  if (left >= work) return {};
  return base::Error{base::Code::E_METER, "actor",
                     "work asked: " + std::to_string(work) + ", left: " + std::to_string(left)};
}

void charge(ledger::Overlay& state, ledger::Parameters const& parameters, base::PartyId const& party,
            base::TimeMs now_ms, std::uint32_t work) {
  auto const level = level_now(state, parameters, party, now_ms);
  auto const cost = std::min(level, work * thousandths);
  ledger::store(state, meter_key(party), ledger::MeterRecord{level - cost, now_ms});
}

}  // namespace contracts::meter
