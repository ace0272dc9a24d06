// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a partner sends: a bare event, an EPCISDocument, an EPCISQueryDocument, or a list of events. Taken apart without
// changing a byte: the ledger keeps each event exactly as it was submitted.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace gs1 {

constexpr std::size_t document_bytes_max = std::size_t{4} << 20;
constexpr std::size_t document_events_max = 4096;

enum class DocumentKind : std::uint8_t { event, event_list, document, query_document };

struct Document {
  DocumentKind kind = DocumentKind::event;
  /// The exact bytes of the "@context" value outside the events; empty for a bare event (its own stands inside its
  /// bytes).
  std::string_view context;
  /// The exact bytes of each event, in order.
  std::vector<std::string_view> events;
  std::optional<base::TimeMs> creation_time_ms;
  /// Of a query document.
  std::string query_name;
  std::string subscription_id;
  /// Names of event members that a repository added and asks to leave out of the event hash ("…:ignoreFields" beside
  /// the events). The ledger keeps events alone and hashes them whole.
  std::vector<std::string> unhashed;
};

/// The views point into `text`, which must outlive them. The events themselves are judged by read_event, one by one.
base::Result<Document> read_document(std::string_view text);

}  // namespace gs1
