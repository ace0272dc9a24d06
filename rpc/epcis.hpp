// SPDX-License-Identifier: Apache-2.0
#pragma once

// The EPCIS 2.0 REST interface (member listener): capture, capture jobs, events, queries, subscriptions. What it
// records is signed by the node's own key.

#include <map>
#include <mutex>

#include "gs1/query.hpp"
#include "rpc/backend.hpp"
#include "rpc/http.hpp"
#include "rpc/subscriptions.hpp"

namespace rpc {

class Epcis {
 public:
  Epcis(Backend& backend, Outside const& outside) : backend_(backend), queries_(backend, outside) {}
  /// Requests whose path begins with /epcis.
  Response handle(Request const& request);
  /// A WebSocket of /epcis/queries/{name}/events; null for any other path, and for what handle() refuses.
  std::unique_ptr<Session> open_session(Request const& request) { return queries_.open_session(request); }

 private:
  /// What the door said of a capture; the ledger's own outcome is read from the state each time.
  struct Job {
    ledger::TimeMs created_ms = 0;
    bool proceed = false;
    std::size_t events = 0;
    /// Events left out before signing, by their place: the error's line.
    std::vector<std::string> left_out;
    /// Where each recorded event stood in the document.
    std::vector<std::size_t> places;
  };

  Response route(Request const& request, std::vector<std::string> const& path);
  Response route_events(Request const& request, std::vector<std::string> const& path);
  Response capture(Request const& request);
  Response capture_job(std::string_view id);
  Response capture_jobs(Request const& request);
  std::optional<base::Value> job_value(std::string_view id);
  Response post_event(Request const& request);
  Response event_by_id(Request const& request, std::string_view id);

  Backend& backend_;
  Queries queries_;
  std::mutex mutex_;
  /// The newest jobs, at most jobs_max; an older one is answered from the state alone.
  std::map<std::string, Job> jobs_;
  std::vector<std::string> order_;
};

/// What every answer of the interface says of itself.
Response with_epcis_headers(Response response);
/// An error as RFC 7807 with the exception that EPCIS names for it.
Response epcis_refusal(base::Error const& error, bool of_query = false);
/// The prefixes of a request's GS1-Extensions header.
gs1::Context extension_context(Request const& request);
/// perPage, 1 to 100; 0 for a wrong one.
std::size_t per_page_of(Request const& request);

/// GET …/events: the query in the URL beside what the path already says, one page.
Response query_events(ledger::Certified const& at, Request const& request,
                      std::vector<std::pair<std::string, std::string>> const& from_path);
/// A page of a query, with the Link to the next.
Response answer_page(ledger::Certified const& at, gs1::Query const& query, Request const& request,
                     std::string_view query_name);
/// /epcs, /bizSteps and so on, and one of them.
Response list_resource(ledger::Certified const& at, Request const& request, std::vector<std::string> const& path);
/// {"type": "Collection", "member": […]}
Response collection(std::vector<std::string> const& members);

}  // namespace rpc
