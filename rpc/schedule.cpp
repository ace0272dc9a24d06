// SPDX-License-Identifier: Apache-2.0
#include "rpc/schedule.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"

namespace rpc {

namespace {

struct Field {
  std::string_view name;
  unsigned least;
  unsigned greatest;
};
constexpr Field known_fields[] = {{"second", 0, 59},     {"minute", 0, 59}, {"hour", 0, 23},
                                  {"dayOfMonth", 1, 31}, {"month", 1, 12},  {"dayOfWeek", 1, 7}};
constexpr std::size_t ranges_max = 64;

base::Error fault(std::string_view field, std::string detail) {
  return {base::Code::E_EVENT_FORM, "schedule." + std::string(field), std::move(detail)};
}

}  // namespace

base::Result<Schedule> Schedule::read(base::Value const& value) {
  Schedule out;
  if (!value.is(base::Value::Kind::object) || value.members.empty())
    return base::Error{base::Code::E_EVENT_FORM, "schedule", "names no time"};
  for (auto const& [name, member] : value.members) {
    auto const* field = std::ranges::find(known_fields, name, &Field::name);
    if (field == std::end(known_fields)) return fault(name, "is no field of a schedule");
    auto& ranges = out.fields_[static_cast<std::size_t>(field - known_fields)];
    for (std::string_view rest = member.text; !rest.empty();) {
      auto part = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      bool const bracketed = part.starts_with('[') && part.ends_with(']');
      if (bracketed) part = part.substr(1, part.size() - 2);
      auto const dash = bracketed ? part.find('-') : part.npos;
      auto const first = base::from_decimal(part.substr(0, dash), field->greatest);
      auto const last = dash == part.npos ? first : base::from_decimal(part.substr(dash + 1), field->greatest);
      if (!first || !last || *first < field->least || *last < *first || ranges.size() == ranges_max)
        return fault(name, "expected numbers and ranges [a-b] within its bounds");
      ranges.push_back({static_cast<unsigned>(*first), static_cast<unsigned>(*last)});
    }
    if (ranges.empty()) return fault(name, "names no time");
  }
  // A schedule of hours runs once an hour, not every second of it.
  for (std::size_t i = 0; i < 2; ++i) {
    if (out.fields_[i].empty()) out.fields_[i].push_back({0, 0});
    if (value.find(known_fields[i].name) != nullptr) break;
  }
  return out;
}

bool Schedule::matches(base::TimeMs time) const {
  auto const date = base::date_of(time);
  auto const of_day = time % base::day_ms;
  auto const days = time / base::day_ms;
  unsigned const values[] = {static_cast<unsigned>(of_day / base::second_ms % 60),
                             static_cast<unsigned>(of_day / base::minute_ms % 60),
                             static_cast<unsigned>(of_day / base::hour_ms), date.day, date.month,
                             // 1970-01-01 was a Thursday.
                             static_cast<unsigned>((days + 3) % 7 + 1)};
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    auto const& ranges = fields_[i];
    if (!ranges.empty() && std::ranges::none_of(ranges, [&](Range const& range) {
          return values[i] >= range.first && values[i] <= range.last;
        }))
      return false;
  }
  return true;
}

bool Schedule::is_due(base::TimeMs after, base::TimeMs now) const {
  if (now <= after) return false;
  auto time = std::max(after, now > base::day_ms ? now - base::day_ms : 0);
  time = time - time % base::second_ms + base::second_ms;
  for (; time <= now; time += base::second_ms) {
    if (matches(time)) return true;
  }
  return false;
}

}  // namespace rpc
