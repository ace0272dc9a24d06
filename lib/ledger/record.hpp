// SPDX-License-Identifier: Apache-2.0
#pragma once

// The commitment of a record operation to its events.

#include "ledger/tx.hpp"

namespace ledger {

/// What one event's exact bytes commit to. E_EVENT_FORM, E_CHECK_DIGIT for bytes that have no view.
base::Result<EventCommitment> commitment_of(BytesView event);
/// The same of bytes that gs1::parse_event has parsed.
base::Result<EventCommitment> commitment_of(BytesView event, base::Value const& parsed);
/// RFC 6962 over the canonical bytes of the commitments.
Hash events_root(std::vector<EventCommitment> const& commitments);
/// The operation for these events under this context; errors name `events[i]…`.
base::Result<Record> make_record(RecordMode mode, std::string_view context, std::vector<BytesView> const& events);
/// The operation for the events of these commitments.
base::Result<Record> make_record(RecordMode mode, std::string_view context,
                                 std::vector<EventCommitment> const& commitments);

}  // namespace ledger
