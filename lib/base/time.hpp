// SPDX-License-Identifier: Apache-2.0
#pragma once

// Calendar arithmetic on milliseconds; no clock is read here.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace base {

constexpr TimeMs second_ms = 1000;
constexpr TimeMs minute_ms = 60 * second_ms;
constexpr TimeMs hour_ms = 60 * minute_ms;
constexpr TimeMs day_ms = 24 * hour_ms;

struct Date {
  int year;
  unsigned month;
  unsigned day;
};

/// Days since 1970-01-01 of a proleptic Gregorian date.
std::int64_t days_of(Date date);
Date date_of(TimeMs time);

/// RFC 3339 with an offset, seconds required, at most milliseconds kept ("2026-08-13T07:10:00.5+02:00"); years 1970 to
/// 9999.
std::optional<TimeMs> from_rfc3339(std::string_view text);
/// RFC 3339 in UTC; milliseconds only when there are some.
std::string to_rfc3339(TimeMs time);
/// YYYY-MM-DD as the start of that day in UTC.
std::optional<TimeMs> from_date(std::string_view text);
std::string to_date(TimeMs time);
/// An ISO 8601 duration of days, hours, minutes, seconds ("P3D", "PT12H"); whole numbers only, at most ten years.
std::optional<TimeMs> from_duration(std::string_view text);

}  // namespace base
