// SPDX-License-Identifier: Apache-2.0
#pragma once

// In what condition a unit travelled: what its devices read, held against the rules of the products inside.

#include "ledger/goods_records.hpp"

namespace ledger {

Bytes track_key(std::string_view unit, std::string_view device);
/// The ways of all devices with this unit, at most 64.
std::vector<SensorTrackRecord> tracks_of(StateView const& state, std::string_view unit);

/// The products inside a unit at any depth, at most 16; a unit of more than 4,096 boxes is not looked through.
std::vector<Gtin> products_inside(StateView const& state, std::string_view unit);
std::vector<SetProductRule> rules_of(StateView const& state, std::string_view gtin);
std::vector<SetProductRule> rules_inside(StateView const& state, std::string_view unit);

struct Condition {
  SetProductRule rule;
  std::size_t devices = 0;
  std::uint64_t readings = 0;
  /// The k-th largest of the devices' sums beyond the threshold; the sum of the long gaps of the worst device; the
  /// greater of both.
  std::uint64_t beyond_minutes = 0;
  std::uint64_t gap_minutes = 0;
  std::uint64_t minutes = 0;
  /// Micro-units of the rule's uom.
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  bool breached() const { return minutes > rule.minutes_max; }
};
Condition condition_of(StateView const& state, std::string_view unit, SetProductRule const& rule);

}  // namespace ledger
