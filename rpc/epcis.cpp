// SPDX-License-Identifier: Apache-2.0
#include "rpc/epcis.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "gs1/document.hpp"
#include "gs1/event.hpp"
#include "gs1/event_hash.hpp"
#include "ledger/record.hpp"
#include "rpc/event_search.hpp"
#include "rpc/json.hpp"
#include "rpc/xml.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Value;

constexpr std::size_t jobs_max = 1000;
constexpr std::size_t events_a_capture_max = 512;
constexpr std::size_t target_bytes_max = 8192;

base::Error at_event(base::Error error, std::size_t index) {
  error.field = "eventList[" + std::to_string(index) + "]" + (error.field.empty() ? "" : "." + error.field);
  return error;
}

struct Prepared {
  std::vector<ledger::Operation> operations;
  std::vector<ledger::Bytes> payloads;
  std::vector<std::string> left_out;
  /// Where each payload stood in the document.
  std::vector<std::size_t> places;
  /// Of the first event.
  ledger::Hash event_hash;
};

/// The JSON-LD of what was sent: XML is converted at this edge.
base::Result<std::string> json_body(Request const& request) {
  if (is_xml(request.body)) return json_of_xml(request.body);
  return request.body;
}

/// Judges each event's form before anything is signed. Under proceed the bad ones are left out and named.
base::Result<Prepared> prepare(std::string_view body, bool proceed) {
  TRY_ASSIGN(auto const document, gs1::read_document(body));
  TRY_ASSIGN(auto const context, gs1::read_context(document.context));
  if (document.events.size() > events_a_capture_max)
    return base::Error{Code::E_TOO_LARGE, "eventList", "at most 512 events a capture"};
  Prepared out;
  std::vector<ledger::BytesView> good;
  for (std::size_t i = 0; i < document.events.size(); ++i) {
    auto const event = gs1::read_event(base::bytes_of(document.events[i]), context);
    if (event) {
      if (good.empty()) out.event_hash = event->event_hash;
      good.push_back(base::bytes_of(document.events[i]));
      out.payloads.push_back(base::to_bytes(document.events[i]));
      out.places.push_back(i);
    } else if (proceed) {
      out.left_out.push_back(to_string(at_event(event.error(), i)));
    } else {
      return at_event(event.error(), i);
    }
  }
  if (good.empty()) return base::Error{Code::E_EVENT_FORM, "eventList", "no event to record"};
  auto const mode = proceed ? ledger::RecordMode::proceed : ledger::RecordMode::rollback;
  TRY_ASSIGN(auto record, ledger::make_record(mode, document.context, good));
  out.operations.emplace_back(std::move(record));
  return out;
}

/// Where a field of a capture's only operation stood in the document: "operations[0].events[1].epcList[0]" was
/// eventList[1].epcList[0], or further down when events before it were left out.
std::string in_document(std::string_view field, std::vector<std::size_t> const& places) {
  constexpr std::string_view front = "operations[0].events[";
  auto const end = field.find(']', front.size());
  if (!field.starts_with(front) || end == field.npos) return std::string(field);
  auto const index = base::from_decimal(field.substr(front.size(), end - front.size()), gs1::document_events_max);
  if (!index) return std::string(field);
  auto const i = static_cast<std::size_t>(*index);
  return "eventList[" + std::to_string(i < places.size() ? places[i] : i) + std::string(field.substr(end));
}

/// The parts of a path, decoded. A URI in it may stand there as it is, slashes included: it reaches to the end, or to
/// "/events".
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> out;
  path.remove_prefix(std::string_view("/epcis").size());
  if (path.ends_with('/')) path.remove_suffix(1);
  for (std::string_view const name :
       {"/events/", "/epcs/", "/bizSteps/", "/bizLocations/", "/readPoints/", "/dispositions/"}) {
    if (!path.starts_with(name)) continue;
    auto value = path.substr(name.size());
    out.emplace_back(name.substr(1, name.size() - 2));
    bool const of_value = name != "/events/" && value.ends_with("/events");
    if (of_value) value.remove_suffix(std::string_view("/events").size());
    out.push_back(percent_decoded(value));
    if (of_value) out.emplace_back("events");
    return out;
  }
  while (!path.empty()) {
    path.remove_prefix(1);
    auto const part = path.substr(0, path.find('/'));
    out.push_back(percent_decoded(part));
    path.remove_prefix(part.size());
  }
  return out;
}

/// A version as a number: "2.0.0" is 200; 0 for text that is none.
unsigned version_of(std::string_view text) {
  unsigned out = 0;
  unsigned parts = 0;
  for (; parts < 3 && !text.empty(); ++parts) {
    auto const part = text.substr(0, text.find('.'));
    if (part.size() != 1 || part[0] < '0' || part[0] > '9') return 0;
    out = out * 10 + static_cast<unsigned>(part[0] - '0');
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  for (; parts < 3; ++parts) out *= 10;
  return out;
}

/// Headers that ask for what this interface cannot give.
std::optional<Response> not_acceptable(Request const& request) {
  auto const refuse = [](std::string_view header, std::string_view detail) {
    return problem(406, "epcisException:NotAcceptableException", header, detail);
  };
  for (std::string_view const header : {"gs1-epcis-min", "gs1-cbv-min"}) {
    auto const value = request.header(header);
    if (!value.empty() && (version_of(value) == 0 || version_of(value) > 200))
      return refuse(header, "this is version 2.0.0");
  }
  for (std::string_view const header : {"gs1-epcis-max", "gs1-cbv-max"}) {
    auto const value = request.header(header);
    if (!value.empty() && version_of(value) < 200) return refuse(header, "this is version 2.0.0");
  }
  // What is sent says its version in itself; what is asked for comes in ours.
  for (std::string_view const header : {"gs1-epcis-version", "gs1-cbv-version"}) {
    auto const value = request.header(header);
    if (request.method != "POST" && !value.empty() && version_of(value) != 200)
      return refuse(header, "this is version 2.0.0");
  }
  auto const format = request.header("gs1-epc-format");
  if (!format.empty() && format != "No_Preference" && format != "Never_Translates" &&
      format != "Always_GS1_Digital_Link")
    return refuse("GS1-EPC-Format", "events are returned as they were recorded, or with GS1 Digital Links");
  auto const accept = request.header("accept");
  bool any = accept.empty();
  for (std::string_view const type : {"*/*", "application/*", "application/json", "application/ld+json", "text/html"})
    any = any || accept.find(type) != std::string_view::npos;
  if (!any) return refuse("Accept", "application/ld+json and application/json are served");
  if (request.method != "POST") return std::nullopt;
  auto const type = request.header("content-type");
  bool known = type.empty();
  for (std::string_view const one : {"application/json", "application/ld+json", "application/xml", "text/xml"})
    known = known || type.starts_with(one);
  if (!known) {
    return problem(415, "epcisException:UnsupportedMediaTypeException", "Content-Type",
                   "expected application/ld+json, application/json or application/xml");
  }
  return std::nullopt;
}

Response not_found(std::string_view what) {
  return problem(404, "epcisException:NoSuchResourceException", "not found", what);
}

Response method_not_allowed(std::string_view allowed) {
  auto out =
      problem(405, "epcisException:ImplementationException", "method not allowed", "allowed: " + std::string(allowed));
  out.headers.emplace_back("Allow", std::string(allowed));
  return out;
}

constexpr std::string_view value_resources[] = {"eventTypes",   "epcs",       "bizSteps",
                                                "bizLocations", "readPoints", "dispositions"};

bool is_value_resource(std::string_view name) {
  return std::ranges::find(value_resources, name) != std::end(value_resources);
}

/// The methods of a resource; empty for a path that is none.
std::string_view methods_of(std::vector<std::string> const& path) {
  auto const depth = path.size();
  if (depth == 0) return "GET, OPTIONS";
  auto const& first = path[0];
  if (first == "capture") return depth == 1 ? "GET, POST, OPTIONS" : depth == 2 ? "GET, OPTIONS" : "";
  if (first == "events") return depth == 1 ? "GET, POST, OPTIONS" : depth == 2 ? "GET, OPTIONS" : "";
  if (first == "nextPageToken") return depth == 2 ? "DELETE, OPTIONS" : "";
  if (is_value_resource(first)) return depth <= 2 || (depth == 3 && path[2] == "events") ? "GET, OPTIONS" : "";
  if (first != "queries") return "";
  if (depth == 1) return "GET, POST, OPTIONS";
  if (depth == 2) return "GET, DELETE, OPTIONS";
  if (depth == 3 && path[2] == "events") return "GET, OPTIONS";
  if (path[2] != "subscriptions") return "";
  return depth == 3 ? "GET, POST, OPTIONS" : depth == 4 ? "GET, DELETE, OPTIONS" : "";
}

}  // namespace

Response with_epcis_headers(Response response) {
  response.headers.emplace_back("GS1-EPCIS-Version", "2.0.0");
  response.headers.emplace_back("GS1-CBV-Version", "2.0.0");
  response.headers.emplace_back("GS1-Vendor-Version", "0.1.0");
  response.headers.emplace_back("GS1-EPCIS-Capture-Limit", std::to_string(events_a_capture_max));
  response.headers.emplace_back("GS1-EPCIS-Capture-File-Size-Limit", std::to_string(ledger::transaction_bytes_max / 2));
  response.headers.emplace_back("GS1-Extensions", "tally=https://tallystick.example/ns/");
  return response;
}

Response epcis_refusal(base::Error const& error, bool of_query) {
  using enum Code;
  if (of_query && error.code == E_TOO_LARGE) {
    return problem(413, "epcisException:QueryTooLargeException", base::name(error.code), to_string(error));
  }
  if (of_query) return problem(400, "epcisException:QueryParameterException", base::name(error.code), to_string(error));
  if (error.code == E_TOO_LARGE)
    return problem(413, "epcisException:CaptureLimitExceededException", base::name(error.code), to_string(error));
  if (error.code == E_BUSY || error.code == E_SYNCING || error.code == E_DISK) {
    return problem(503, "epcisException:ImplementationException", base::name(error.code), to_string(error));
  }
  if (error.code == E_NOT_ALLOWED_HERE)
    return problem(403, "epcisException:SecurityException", base::name(error.code), to_string(error));
  return problem(400, "epcisException:ValidationException", base::name(error.code), to_string(error));
}

Response Epcis::handle(Request const& request) {
  if (request.target.size() > target_bytes_max) {
    return with_epcis_headers(problem(414, "epcisException:URITooLongException", "URI too long",
                                      "at most 8192 bytes; POST /epcis/queries takes longer queries"));
  }
  auto const path = parts_of(request.path());
  auto const methods = methods_of(path);
  if (methods.empty()) return with_epcis_headers(not_found(request.path()));
  if (request.method == "OPTIONS") {
    Response out{204, "application/json", "", {{"Allow", std::string(methods)}}};
    for (char const* const name : {"GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Min", "GS1-CBV-Max"})
      out.headers.emplace_back(name, "2.0.0");
    out.headers.emplace_back("GS1-EPC-Format", "Never_Translates, Always_GS1_Digital_Link");
    out.headers.emplace_back("GS1-Capture-Error-Behaviour", "rollback, proceed");
    return with_epcis_headers(std::move(out));
  }
  auto const method = request.method == "HEAD" ? std::string("GET") : request.method;
  if (methods.find(method) == std::string_view::npos) return with_epcis_headers(method_not_allowed(methods));
  if (auto refused = not_acceptable(request)) return with_epcis_headers(*std::move(refused));
  return with_epcis_headers(route(request, path));
}

Response Epcis::route(Request const& request, std::vector<std::string> const& path) {
  if (path.empty()) {
    return collection({"queries", "capture", "events", "eventTypes", "epcs", "readPoints", "bizLocations",
                       "dispositions", "bizSteps"});
  }
  bool const posts = request.method == "POST";
  if (path[0] == "capture") {
    if (path.size() == 2) return capture_job(path[1]);
    return posts ? capture(request) : capture_jobs(request);
  }
  if (path[0] == "nextPageToken") {
    return problem(501, "epcisException:ImplementationException", "not implemented",
                   "a token names a place in the log and holds nothing that could be given back");
  }
  if (path[0] == "queries") return queries_.handle(request, path);
  if (path[0] == "events") {
    if (posts) return post_event(request);
    return path.size() == 2 ? event_by_id(request, path[1]) : query_events(*backend_.certified(), request, {});
  }
  return list_resource(*backend_.certified(), request, path);
}

Response Epcis::capture(Request const& request) {
  auto const behaviour = request.header("gs1-capture-error-behaviour");
  if (!behaviour.empty() && behaviour != "rollback" && behaviour != "proceed") {
    return problem(400, "epcisException:ValidationException", "GS1-Capture-Error-Behaviour",
                   "expected rollback or proceed");
  }
  bool const proceed = behaviour == "proceed";
  auto const json = json_body(request);
  if (!json) return epcis_refusal(json.error());
  auto prepared = prepare(*json, proceed);
  if (!prepared) return epcis_refusal(prepared.error());
  auto const count = prepared->payloads.size();
  auto const id = backend_.submit_own(std::move(prepared->operations), std::move(prepared->payloads));
  if (!id) return epcis_refusal(id.error());
  auto const name = id->hex();
  {
    std::lock_guard const lock(mutex_);
    if (!jobs_.contains(name)) order_.push_back(name);
    jobs_[name] = {backend_.certified()->header.time_ms, proceed, count, std::move(prepared->left_out),
                   std::move(prepared->places)};
    if (order_.size() > jobs_max) {
      jobs_.erase(order_.front());
      order_.erase(order_.begin());
    }
  }
  return {202, "application/json", "", {{"Location", "/epcis/capture/" + name}}};
}

Response Epcis::capture_job(std::string_view id) {
  auto const value = job_value(id);
  if (!value) return not_found(id);
  return {200, "application/json", to_text(*value), {}};
}

/// The newest first; the token is the id that the page before ended with.
Response Epcis::capture_jobs(Request const& request) {
  auto const per_page = per_page_of(request);
  if (per_page == 0) return epcis_refusal({Code::E_FORM, "perPage", "expected 1 to 100"}, true);
  std::vector<std::string> names;
  {
    std::lock_guard const lock(mutex_);
    names.assign(order_.rbegin(), order_.rend());
  }
  auto start = names.begin();
  if (auto const token = request.query("nextPageToken"); !token.empty()) {
    start = std::ranges::find(names, token.front());
    if (start == names.end())
      return epcis_refusal({Code::E_FORM, "nextPageToken", "not a token of this interface"}, true);
    ++start;
  }
  auto list = Value::array();
  std::string last;
  for (; start != names.end() && list.items.size() < per_page; ++start) {
    last = *start;
    if (auto value = job_value(*start)) list.items.push_back(*std::move(value));
  }
  Response out{200, "application/json", to_text(list), {}};
  if (start != names.end()) {
    out.headers.emplace_back(
        "Link", "</epcis/capture?perPage=" + std::to_string(per_page) + "&nextPageToken=" + last + ">; rel=\"next\"");
  }
  return out;
}

std::optional<Value> Epcis::job_value(std::string_view id) {
  auto const hash = ledger::Hash::from_text(id);
  auto const at = backend_.certified();
  auto const receipt =
      hash ? ledger::load<ledger::ReceiptRecord>(*at->state, ledger::receipt_key(*hash)) : std::nullopt;
  Job job;
  {
    std::lock_guard const lock(mutex_);
    auto const found = jobs_.find(std::string(id));
    if (found != jobs_.end()) {
      job = found->second;
    } else if (!receipt) {
      return std::nullopt;
    }
  }
  auto body = Value::object();
  body.add("captureID", Value::of(id));
  body.add("createdAt", Value::of(base::to_rfc3339(job.created_ms)));
  bool const running = !receipt && hash && backend_.is_pending(*hash);
  body.add("running", Value::of(running));
  body.add("captureErrorBehaviour", Value::of(job.proceed ? "proceed" : "rollback"));
  auto errors = Value::array();
  auto const add_error = [&](std::string_view title, std::string detail) {
    auto one = Value::object();
    one.add("type", Value::of("epcisException:ValidationException"));
    one.add("title", Value::of(title));
    one.add("detail", Value::of(std::move(detail)));
    errors.items.push_back(std::move(one));
  };
  for (auto const& line : job.left_out) add_error(line.substr(0, line.find(' ')), line);
  auto codes = Value::array();
  if (receipt) {
    auto const block = backend_.block(receipt->height);
    body.add("finishedAt", Value::of(base::to_rfc3339(block ? block->time_ms : at->header.time_ms)));
    if (!base::is_success(receipt->receipt.code))
      add_error(base::name(receipt->receipt.code), in_document(receipt->receipt.field, job.places));
    for (std::size_t i = 0; i < receipt->receipt.event_codes.size(); ++i) {
      auto const code = receipt->receipt.event_codes[i];
      codes.items.push_back(Value::of(base::name(code)));
      if (!base::is_success(code)) {
        auto const place = i < job.places.size() ? job.places[i] : i;
        add_error(base::name(code), "eventList[" + std::to_string(place) + "]: " + std::string(base::hint(code)));
      }
    }
  } else if (!running) {
    add_error("E_EXPIRED", "it was not recorded before its time was up");
  }
  body.add("success", Value::of(errors.items.empty()));
  body.add("errors", std::move(errors));
  body.add("eventCodes", std::move(codes));
  return body;
}

Response Epcis::post_event(Request const& request) {
  auto const json = json_body(request);
  if (!json) return epcis_refusal(json.error());
  auto prepared = prepare(*json, false);
  if (!prepared) return epcis_refusal(prepared.error());
  if (prepared->payloads.size() != 1) return epcis_refusal({Code::E_EVENT_FORM, "eventList", "expected one event"});
  auto const location = "/epcis/events/" + gs1::to_event_id(prepared->event_hash);
  auto const id = backend_.submit_own(std::move(prepared->operations), std::move(prepared->payloads));
  if (!id) return epcis_refusal(id.error());
  auto at = backend_.certified();
  for (int round = 0; round < 20; ++round) {
    auto const receipt = ledger::load<ledger::ReceiptRecord>(*at->state, ledger::receipt_key(*id));
    if (receipt) {
      auto const& outcome = receipt->receipt;
      bool const again = !outcome.event_codes.empty() && outcome.event_codes[0] == Code::exists;
      if (again) return problem(409, "epcisException:ResourceAlreadyExistsException", "exists", location);
      if (!base::is_success(outcome.code)) return epcis_refusal(base::Error{outcome.code, outcome.field, ""});
      return {201, "application/json", "", {{"Location", location}}};
    }
    backend_.wait_beyond(at->header.height, 250);
    at = backend_.certified();
  }
  return {202, "application/json", "", {{"Location", "/epcis/capture/" + id->hex()}}};
}

/// An event and the declaration that voids it share their hash, and several may have recorded one event: all are shown.
Response Epcis::event_by_id(Request const& request, std::string_view id) {
  auto const wanted = gs1::read_query({{"EQ_eventID", std::string(id)}});
  if (!wanted) return epcis_refusal(wanted.error(), true);
  auto response = answer_page(*backend_.certified(), *wanted, request, "SimpleEventQuery");
  bool const none = response.status == 200 && response.body.find("\"eventList\":[]") != std::string::npos;
  return none && request.query("nextPageToken").empty() ? not_found(id) : response;
}

}  // namespace rpc
