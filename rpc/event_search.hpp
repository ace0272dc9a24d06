// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which recorded events answer a query, page by page. A page holds events of one recorded context; a token leads to the
// next, and stays good while new blocks come. Work on one request is bounded.

#include "gs1/query.hpp"
#include "ledger/proof.hpp"

namespace rpc {

constexpr std::size_t page_events_max = 100;
constexpr std::size_t page_bytes_max = std::size_t{4} << 20;
/// How many events one request looks at: a page ends there and goes on with its token.
constexpr std::size_t examined_max = 20'000;
/// An ordered query sees all that match before it has its first; beyond this it is refused.
constexpr std::size_t sorted_examined_max = 100'000;

struct FoundPage {
  std::vector<ledger::StoredEvent> events;
  /// The recorded context that they share; empty without events.
  std::string context;
  /// Leads to the next page; nothing on the last.
  std::optional<std::string> next;
};

/// E_FORM with the field nextPageToken for a token that is none of ours; E_TOO_LARGE (maxEventCount, orderBy) for what
/// is too much.
base::Result<FoundPage> search(ledger::Certified const& at, gs1::Query const& query, std::string_view token,
                               std::size_t per_page);

/// Events that answer the query in the log from `from` on, at most a page; `next` is where to go on, past the last that
/// was looked at. What subscriptions send.
struct NewEvents {
  FoundPage page;
  std::uint64_t next = 0;
  /// True when all that is recorded was looked at.
  bool all = true;
};
NewEvents search_new(ledger::Certified const& at, gs1::Query const& query, std::uint64_t from);

/// The bytes of a recorded context; empty for none.
std::string context_bytes(ledger::StateView const& state, ledger::Hash const& context);
/// An EPCISQueryDocument over a page; the events are the bytes that were submitted.
std::string query_document(FoundPage const& page, std::string_view query_name, std::string_view subscription_id,
                           ledger::TimeMs now);

}  // namespace rpc
