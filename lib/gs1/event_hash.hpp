// SPDX-License-Identifier: Apache-2.0
#pragma once

// The event hash of CBV 2.0 section 8.9: the identity of an event, the same whoever wrote it in whatever
// representation. It is no commitment (its input has no separators): the leaf binds payload_hash. recordTime, eventID,
// errorDeclaration, comments and
// "@context" take no part, so an error declaration has the hash of the event it voids.

#include <optional>

#include "base/bytes.hpp"
#include "gs1/context.hpp"

namespace gs1 {

/// The pre-hash string of a parsed event; `context` is the document's with the event's own added (with_inner).
std::string event_prehash(base::Value const& event, Context const& context);
/// SHA-256 of it.
base::Hash event_hash(base::Value const& event, Context const& context);

/// "ni:///sha-256;<64 hex digits>?ver=CBV2.0"
std::string to_event_id(base::Hash const& hash);
/// The hash inside such a URI; the version may be missing. Nothing for any other text.
std::optional<base::Hash> from_event_id(std::string_view uri);

}  // namespace gs1
