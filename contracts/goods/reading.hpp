// SPDX-License-Identifier: Apache-2.0
#pragma once

// A record's events, read and held against what the record commits to.

#include <memory>

#include "contracts/context.hpp"
#include "gs1/event.hpp"

namespace contracts::goods {

struct ReadEvent {
  gs1::Event event;
  ledger::EventCommitment commitment;
};

/// What was read, and of what: the context as it stood; the commitments hold the hash of each event's bytes.
struct ReadRecord {
  std::string context;
  Hash events_root;
  std::vector<ReadEvent> events;
  /// Of all events' bytes.
  std::size_t payload_bytes = 0;
};

/// Errors as in goods::check. `earlier` may be null; it is taken when the same would be read again: it was read of
/// exactly these bytes under this context, and these parameters allow it. Never null.
Result<std::shared_ptr<ReadRecord const>> read_record(ledger::Record const& record,
                                                      std::vector<ledger::BytesView> const& payloads,
                                                      ledger::Parameters const& parameters, std::string const& field,
                                                      std::shared_ptr<ReadRecord const> earlier = nullptr);

/// "operations[0].events[3]"
std::string event_field(std::string const& field, std::size_t index);

}  // namespace contracts::goods
