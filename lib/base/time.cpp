// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

namespace base {

namespace {

std::optional<unsigned> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool literal(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::string padded(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

unsigned month_days(int year, unsigned month) {
  constexpr unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool const leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

std::optional<std::int64_t> read_date(std::string_view& text) {
  auto const year = digits(text, 4);
  if (!year || *year < 1970 || !literal(text, '-')) return std::nullopt;
  auto const month = digits(text, 2);
  if (!month || *month < 1 || *month > 12 || !literal(text, '-')) return std::nullopt;
  auto const day = digits(text, 2);
  if (!day || *day < 1 || *day > month_days(static_cast<int>(*year), *month)) return std::nullopt;
  return days_of({static_cast<int>(*year), *month, *day});
}

}  // namespace

// Both directions: the era arithmetic published by Howard Hinnant, "chrono-compatible low-level date algorithms".
std::int64_t days_of(Date date) {
  std::int64_t const year = date.year - (date.month <= 2 ? 1 : 0);
  std::int64_t const era = (year >= 0 ? year : year - 399) / 400;
  auto const year_of_era = year - era * 400;
  std::int64_t const shifted_month = date.month > 2 ? date.month - 3 : date.month + 9;
  std::int64_t const day_of_year = (153 * shifted_month + 2) / 5 + date.day - 1;
  std::int64_t const day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Date date_of(TimeMs time) {
  auto const days = static_cast<std::int64_t>(time / day_ms) + 719468;
  auto const era = days / 146097;
  auto const day_of_era = days - era * 146097;
  auto const year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  auto const day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  auto const shifted_month = (5 * day_of_year + 2) / 153;
  auto const day = static_cast<unsigned>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  auto const month = static_cast<unsigned>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {static_cast<int>(year_of_era + era * 400) + (month <= 2 ? 1 : 0), month, day};
}

std::optional<TimeMs> from_rfc3339(std::string_view text) {
  auto const days = read_date(text);
  if (!days || !literal(text, 'T')) return std::nullopt;
  auto const hour = digits(text, 2);
  if (!hour || *hour > 23 || !literal(text, ':')) return std::nullopt;
  auto const minute = digits(text, 2);
  if (!minute || *minute > 59 || !literal(text, ':')) return std::nullopt;
  auto const second = digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  std::uint64_t millisecond = 0;
  if (literal(text, '.')) {
    std::uint64_t weight = 100;
    std::size_t count = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9' && count < 9; ++count, weight /= 10) {
      millisecond += weight * static_cast<std::uint64_t>(text[0] - '0');
      text.remove_prefix(1);
    }
    if (count == 0) return std::nullopt;
  }
  std::int64_t offset_minutes = 0;
  if (!literal(text, 'Z')) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    bool const east = text[0] == '+';
    text.remove_prefix(1);
    auto const hours = digits(text, 2);
    if (!hours || *hours > 14 || !literal(text, ':')) return std::nullopt;
    auto const minutes = digits(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    offset_minutes = static_cast<std::int64_t>(*hours * 60 + *minutes) * (east ? 1 : -1);
  }
  if (!text.empty()) return std::nullopt;
  std::int64_t const seconds = *days * 86400 + *hour * 3600 + *minute * 60 + *second - offset_minutes * 60;
  if (seconds < 0) return std::nullopt;
  return static_cast<TimeMs>(seconds) * 1000 + millisecond;
}

std::string to_date(TimeMs time) {
  Date const date = date_of(time);
  return padded(static_cast<std::uint64_t>(date.year), 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2);
}

std::string to_rfc3339(TimeMs time) {
  std::string text = to_date(time) + "T" + padded(time / hour_ms % 24, 2) + ":" + padded(time / minute_ms % 60, 2) +
                     ":" + padded(time / second_ms % 60, 2);
  if (time % 1000 != 0) text += "." + padded(time % 1000, 3);
  return text + "Z";
}

std::optional<TimeMs> from_date(std::string_view text) {
  auto const days = read_date(text);
  if (!days || !text.empty()) return std::nullopt;
  return static_cast<TimeMs>(*days) * day_ms;
}

std::optional<TimeMs> from_duration(std::string_view text) {
  if (!literal(text, 'P') || text.empty()) return std::nullopt;
  TimeMs total = 0;
  bool in_time = false;
  TimeMs previous_unit = day_ms * 2;
  while (!text.empty()) {
    if (literal(text, 'T')) {
      if (in_time || text.empty()) return std::nullopt;
      in_time = true;
    }
    std::uint64_t value = 0;
    std::size_t count = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9' && count < 9; ++count) {
      value = value * 10 + static_cast<std::uint64_t>(text[0] - '0');
      text.remove_prefix(1);
    }
    if (count == 0 || text.empty()) return std::nullopt;
    TimeMs const unit = !in_time && text[0] == 'D'  ? day_ms
                        : in_time && text[0] == 'H' ? hour_ms
                        : in_time && text[0] == 'M' ? minute_ms
                        : in_time && text[0] == 'S' ? second_ms
                                                    : 0;
    if (unit == 0 || unit >= previous_unit) return std::nullopt;
    previous_unit = unit;
    text.remove_prefix(1);
    total += value * unit;
    if (total > 3660 * day_ms) return std::nullopt;
  }
  return total;
}

}  // namespace base
