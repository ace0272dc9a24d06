// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rule 9: no goods are faster than what carries them. Great circles between registered sites, in integers.

#include "contracts/goods/job.hpp"

namespace contracts::goods {

/// A point in micro-degrees from the south pole and from 180° W.
struct Point {
  std::uint32_t latitude_micro = 0;
  std::uint32_t longitude_micro = 0;
};

/// True when nobody at this speed gets so far in that time; a kilometre is always allowed, from gate to gate.
bool is_too_far(Point const& from, Point const& to, std::uint64_t kilometres_an_hour, TimeMs elapsed_ms);
/// The great-circle distance, rounded up to whole kilometres.
std::uint64_t kilometres(Point const& from, Point const& to);
/// Kilometres an hour that a mode of transport reaches; without one goods stay where they are.
std::uint64_t speed_of(std::optional<gs1::TravelMode> mode);

/// E_IMPOSSIBLE_TRAVEL when goods that were at `site` at `last_ms` cannot be where the event says by then. Places that
/// nobody registered say nothing.
Result<void> judge_travel(Job const& job, std::string_view site, TimeMs last_ms, std::string_view path);

}  // namespace contracts::goods
