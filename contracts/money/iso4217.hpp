// SPDX-License-Identifier: Apache-2.0
#pragma once

// The minor units of currencies, as ISO 4217 gives them.

#include <cstdint>
#include <optional>
#include <string_view>

namespace contracts::money {

/// How many decimals a currency's minor unit has: JPY 0, EUR 2, BHD 3, CLF 4. Nothing for a code that the standard does
/// not list as a currency in use.
std::optional<std::uint8_t> iso_scale(std::string_view code);

}  // namespace contracts::money
