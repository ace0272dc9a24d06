// SPDX-License-Identifier: Apache-2.0
#pragma once

// A record's events, read and held against what the record commits to.

#include "contracts/context.hpp"
#include "gs1/event.hpp"

namespace contracts::goods {

struct Entry {
  gs1::Event event;
  ledger::EventCommitment commitment;
  ledger::BytesView payload;
  /// "operations[0].events[3]"
  std::string field;
};

/// Errors as in goods::check. The entries point into `payloads`.
Result<std::vector<Entry>> read_entries(ledger::Record const& record, std::vector<ledger::BytesView> const& payloads,
                                        ledger::Parameters const& parameters, std::string const& field);

}  // namespace contracts::goods
