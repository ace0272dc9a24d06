// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the loggers of a journey read, and in which batches they send it.

#include "testnet/story.hpp"

namespace testnet {

struct Series {
  /// The owner's code, the loggers' ids in the file, and their links.
  std::string owner;
  std::vector<std::string> ids;
  std::vector<std::string> links;
  ledger::TimeMs begin_ms = 0;
  std::uint64_t interval_ms = 0;
  std::size_t batch = 0;
  std::string unit;
  /// By logger, in hundredths.
  std::vector<std::vector<std::int64_t>> readings;
  /// The batch of the first logger that never arrives.
  std::optional<std::size_t> lost;
  /// What the ledger must come to, where the file says it.
  std::optional<std::uint64_t> breach_minutes;
};

/// Of a journey with a member `sensor`, up to `end_ms`. E_FORM names a formula that is written in another form.
/// `variant`: a member of its `expected`; B adds `excursion`, one with
/// `gap_minutes` loses a batch in the middle.
base::Result<Series> read_series(Fields const& sensor, World const& world, std::string const& variant,
                                 ledger::TimeMs end_ms);

/// Batches of all loggers, each as a step with one act; `unit` is the link of what they travel with.
std::vector<Step> tell_series(Series const& series, std::string const& unit);

}  // namespace testnet
