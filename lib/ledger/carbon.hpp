// SPDX-License-Identifier: Apache-2.0
#pragma once

// The carbon of a lot, rolled up along the transformations that made it by quantity share; never without saying how
// much of it is covered by statements.

#include "ledger/goods_records.hpp"

namespace ledger {

struct Carbon {
  /// Micro-kilograms of CO2 equivalent for one base unit of the lot.
  Micro micro_kg = 0;
  /// The share of its inputs, by weight, that statements cover; in millionths.
  std::uint32_t coverage_ppm = 0;
  /// The share of primary data in what is covered.
  std::uint32_t primary_ppm = 0;
  /// Steps that were looked at, and those without a statement of their own.
  std::uint32_t steps = 0;
  std::uint32_t steps_unstated = 0;
};
/// At most 16 steps deep and 1,024 lots wide; what lies beyond counts as not covered.
Carbon carbon_of(StateView const& state, std::string_view lot);

}  // namespace ledger
