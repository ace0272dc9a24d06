// SPDX-License-Identifier: Apache-2.0
#pragma once

// When a scheduled query runs (EPCIS 2.0, section 8.2.5.3): fields like those of cron, in UTC.

#include <array>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/value.hpp"

namespace rpc {

class Schedule {
 public:
  /// From second, minute, hour, dayOfMonth, month, dayOfWeek (1 is Monday); each a list of numbers and ranges
  /// "[1-5]", or absent. E_EVENT_FORM with the field.
  static base::Result<Schedule> read(base::Value const& value);

  /// True when a moment of the schedule lies behind `after` and not behind `now`. Of a longer time the last day counts.
  bool is_due(base::TimeMs after, base::TimeMs now) const;

 private:
  bool matches(base::TimeMs time) const;

  struct Range {
    unsigned first = 0;
    unsigned last = 0;
  };
  std::array<std::vector<Range>, 6> fields_;
};

}  // namespace rpc
