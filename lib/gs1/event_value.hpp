// SPDX-License-Identifier: Apache-2.0
#pragma once

// An event's JSON, parsed once for all that is made of it.

#include "gs1/event.hpp"
#include "gs1/view.hpp"

namespace gs1 {

/// The JSON value of an event's exact bytes, nothing standing around it. E_EVENT_FORM, E_TOO_LARGE.
base::Result<base::Value> parse_event(base::BytesView bytes);

/// read_event of a parsed event.
base::Result<Event> read_event(base::Value const& parsed, Context const& document_context);

/// view_of the bytes that were parsed.
base::Result<EventView> view_of(base::BytesView event, base::Value const& parsed);

}  // namespace gs1
