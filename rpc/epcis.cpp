// SPDX-License-Identifier: Apache-2.0
#include "rpc/epcis.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "gs1/document.hpp"
#include "gs1/event.hpp"
#include "gs1/event_hash.hpp"
#include "ledger/record.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Value;

constexpr std::size_t jobs_max = 1000;
constexpr std::size_t events_a_capture_max = 512;
constexpr std::size_t page_events_max = 100;
constexpr std::string_view default_context = "\"https://ref.gs1.org/standards/epcis/epcis-context.jsonld\"";

Response with_headers(Response response) {
  response.headers.emplace_back("GS1-EPCIS-Version", "2.0.0");
  response.headers.emplace_back("GS1-CBV-Version", "2.0.0");
  response.headers.emplace_back("GS1-Vendor-Version", "0.1.0");
  response.headers.emplace_back("GS1-EPCIS-Capture-Limit", std::to_string(events_a_capture_max));
  response.headers.emplace_back("GS1-EPCIS-Capture-File-Size-Limit", std::to_string(ledger::transaction_bytes_max / 2));
  return response;
}

Response refusal(base::Error const& error) {
  using enum Code;
  if (error.code == E_TOO_LARGE)
    return problem(413, "epcisException:CaptureLimitExceededException", base::name(error.code), to_string(error));
  if (error.code == E_BUSY || error.code == E_SYNCING || error.code == E_DISK) {
    return problem(503, "epcisException:ImplementationException", base::name(error.code), to_string(error));
  }
  if (error.code == E_NOT_ALLOWED_HERE)
    return problem(403, "epcisException:SecurityException", base::name(error.code), to_string(error));
  return problem(400, "epcisException:ValidationException", base::name(error.code), to_string(error));
}

base::Error at_event(base::Error error, std::size_t index) {
  error.field = "eventList[" + std::to_string(index) + "]" + (error.field.empty() ? "" : "." + error.field);
  return error;
}

struct Prepared {
  std::vector<ledger::Operation> operations;
  std::vector<ledger::Bytes> payloads;
  std::vector<std::string> left_out;
};

/// Judges each event's form before anything is signed. Under proceed the bad ones are left out and named.
base::Result<Prepared> prepare(std::string_view body, bool proceed) {
  TRY_ASSIGN(auto const document, gs1::read_document(body));
  TRY_ASSIGN(auto const context, gs1::read_context(document.context));
  Prepared out;
  std::vector<ledger::BytesView> good;
  for (std::size_t i = 0; i < document.events.size(); ++i) {
    auto const event = gs1::read_event(base::bytes_of(document.events[i]), context);
    if (event) {
      good.push_back(base::bytes_of(document.events[i]));
      out.payloads.push_back(base::to_bytes(document.events[i]));
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

/// A query document over events that share one recorded context; the events are the bytes that were submitted.
std::string query_document(std::string_view context, std::vector<std::string_view> const& events, ledger::TimeMs now) {
  std::string text = "{\"@context\":";
  text += context.empty() ? default_context : context;
  text += ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"" + base::to_rfc3339(now) +
          "\",\"epcisBody\":{\"queryResults\":{\"queryName\":\"SimpleEventQuery\",\"resultsBody\":{\"eventList\":[";
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i > 0) text += ',';
    text += events[i];
  }
  return text + "]}}}}";
}

std::string context_bytes(ledger::StateView const& state, ledger::Hash const& context) {
  auto const bytes = state.get(ledger::state_key(ledger::Space::context, context.view()));
  return bytes ? std::string(base::text_of(*bytes)) : std::string{};
}

/// Events that share one recorded context, in a document of their own.
Response page_of(ledger::Certified const& at, std::vector<ledger::StoredEvent> const& page) {
  std::vector<std::string_view> texts;
  for (auto const& event : page) texts.push_back(base::text_of(event.payload));
  auto const context = page.empty() ? std::string{} : context_bytes(*at.state, page.front().context);
  return {200, "application/ld+json", query_document(context, texts, at.header.time_ms), {}};
}

}  // namespace

Response Epcis::handle(Request const& request) {
  auto const path = request.path();
  if (request.method == "OPTIONS") {
    return with_headers(
        {204,
         "application/json",
         "",
         {{"Allow", "GET, POST, OPTIONS"}, {"GS1-Extensions", "tally=https://tallystick.example/ns/"}}});
  }
  if (path == "/epcis/capture" && request.method == "POST") return with_headers(capture(request));
  if (path.starts_with("/epcis/capture/") && request.method == "GET") return with_headers(capture_job(path.substr(15)));
  if (path == "/epcis/events" && request.method == "POST") return with_headers(post_event(request));
  if (path == "/epcis/events" && request.method == "GET") return with_headers(events(request));
  if (path.starts_with("/epcis/events/") && request.method == "GET") {
    return with_headers(event_by_id(request));
  }
  return with_headers(problem(404, "epcisException:NoSuchResourceException", "not found", std::string(path)));
}

Response Epcis::capture(Request const& request) {
  auto const behaviour = request.header("gs1-capture-error-behaviour");
  if (!behaviour.empty() && behaviour != "rollback" && behaviour != "proceed") {
    return problem(400, "epcisException:ValidationException", "GS1-Capture-Error-Behaviour",
                   "expected rollback or proceed");
  }
  bool const proceed = behaviour == "proceed";
  auto prepared = prepare(request.body, proceed);
  if (!prepared) return refusal(prepared.error());
  auto const count = prepared->payloads.size();
  auto const id = backend_.submit_own(std::move(prepared->operations), std::move(prepared->payloads));
  if (!id) return refusal(id.error());
  auto const name = id->hex();
  {
    std::lock_guard const lock(mutex_);
    if (!jobs_.contains(name)) order_.push_back(name);
    jobs_[name] = {backend_.certified()->header.time_ms, proceed, count, std::move(prepared->left_out)};
    if (order_.size() > jobs_max) {
      jobs_.erase(order_.front());
      order_.erase(order_.begin());
    }
  }
  return {202, "application/json", "", {{"Location", "/epcis/capture/" + name}}};
}

Response Epcis::capture_job(std::string_view id) {
  auto const hash = ledger::Hash::from_text(id);
  auto const at = backend_.certified();
  auto const receipt =
      hash ? ledger::load<ledger::ReceiptRecord>(*at->state, ledger::state_key(ledger::Space::receipt, hash->view()))
           : std::nullopt;
  Job job;
  {
    std::lock_guard const lock(mutex_);
    auto const found = jobs_.find(std::string(id));
    if (found != jobs_.end()) {
      job = found->second;
    } else if (!receipt) {
      return problem(404, "epcisException:NoSuchResourceException", "not found", std::string(id));
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
  bool success = job.left_out.empty();
  auto codes = Value::array();
  if (receipt) {
    body.add("finishedAt", Value::of(base::to_rfc3339(at->header.time_ms)));
    if (!base::is_success(receipt->receipt.code)) add_error(base::name(receipt->receipt.code), receipt->receipt.field);
    for (std::size_t i = 0; i < receipt->receipt.event_codes.size(); ++i) {
      auto const code = receipt->receipt.event_codes[i];
      codes.items.push_back(Value::of(base::name(code)));
      if (!base::is_success(code)) add_error(base::name(code), "eventList[" + std::to_string(i) + "]");
    }
    success = errors.items.empty();
  } else if (!running) {
    add_error("E_EXPIRED", "it was not recorded before its time was up");
  }
  body.add("success", Value::of(receipt && success));
  body.add("errors", std::move(errors));
  body.add("eventCodes", std::move(codes));
  return {200, "application/json", to_text(body), {}};
}

Response Epcis::post_event(Request const& request) {
  auto const document = gs1::read_document(request.body);
  if (!document) return refusal(document.error());
  if (document->events.size() != 1)
    return problem(400, "epcisException:ValidationException", "E_EVENT_FORM", "expected one event");
  auto prepared = prepare(request.body, false);
  if (!prepared) return refusal(prepared.error());
  auto const context = gs1::read_context(document->context);
  auto const event = gs1::read_event(base::bytes_of(document->events[0]), *context);
  auto const location = "/epcis/events/" + gs1::to_event_id(event->event_hash);
  auto const id = backend_.submit_own(std::move(prepared->operations), std::move(prepared->payloads));
  if (!id) return refusal(id.error());
  auto at = backend_.certified();
  for (int round = 0; round < 20; ++round) {
    auto const receipt =
        ledger::load<ledger::ReceiptRecord>(*at->state, ledger::state_key(ledger::Space::receipt, id->view()));
    if (receipt) {
      auto const& outcome = receipt->receipt;
      bool const again = !outcome.event_codes.empty() && outcome.event_codes[0] == Code::exists;
      if (again) return problem(409, "epcisException:ResourceAlreadyExistsException", "exists", location);
      if (!base::is_success(outcome.code)) return refusal(base::Error{outcome.code, outcome.field, ""});
      return {201, "application/json", "", {{"Location", location}}};
    }
    backend_.wait_beyond(at->header.height, 250);
    at = backend_.certified();
  }
  return {202, "application/json", "", {{"Location", "/epcis/capture/" + id->hex()}}};
}

Response Epcis::event_by_id(Request const& request) {
  auto const id = percent_decoded(request.path().substr(14));
  auto const hash = gs1::from_event_id(id);
  if (!hash)
    return problem(400, "epcisException:QueryParameterException", "eventID", "expected ni:///sha-256;…?ver=CBV2.0");
  auto const at = backend_.certified();
  // An event and the declaration that voids it share their hash, and several may have recorded one event: all are
  // shown, those of one context on a page.
  std::uint64_t first = 0;
  if (auto const token = request.query("nextPageToken"); !token.empty()) {
    auto const number = base::from_decimal(token.front(), ~std::uint64_t{0});
    if (!number) return problem(400, "epcisException:QueryParameterException", "nextPageToken", token.front());
    first = static_cast<std::uint64_t>(*number);
  }
  std::vector<ledger::StoredEvent> page;
  std::optional<std::uint64_t> next;
  auto const prefix = ledger::state_key(ledger::Space::event_hash_index, hash->view());
  auto start = prefix;
  base::append(start, ledger::big_endian(first));
  at->state->scan(prefix, start, [&](ledger::BytesView key, ledger::BytesView) {
    auto const log_index = ledger::from_big_endian(key.last(8));
    auto event = ledger::stored_event(*at->state, log_index);
    CHECK(event.has_value());
    if (page.size() == page_events_max || (!page.empty() && page.front().context != event->context)) {
      next = log_index;
      return false;
    }
    page.push_back(*std::move(event));
    return true;
  });
  if (page.empty()) return problem(404, "epcisException:NoSuchResourceException", "not found", std::string(id));
  auto response = page_of(*at, page);
  if (next) {
    response.headers.emplace_back(
        "Link", "<" + std::string(request.path()) + "?nextPageToken=" + std::to_string(*next) + ">; rel=\"next\"");
  }
  return response;
}

Response Epcis::events(Request const& request) {
  auto const at = backend_.certified();
  auto const parameter = [&](std::string_view name, std::uint64_t fallback,
                             std::uint64_t max) -> std::optional<std::uint64_t> {
    auto const given = request.query(name);
    if (given.empty()) return fallback;
    auto const number = base::from_decimal(given.front(), max);
    return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
  };
  auto const per_page = parameter("perPage", 30, page_events_max);
  auto const from = parameter("nextPageToken", 0, ~std::uint64_t{0});
  if (!per_page || *per_page == 0 || !from) {
    return problem(400, "epcisException:QueryParameterException", "perPage, nextPageToken", "perPage is 1 to 100");
  }
  std::vector<ledger::StoredEvent> page;
  std::optional<std::uint64_t> next;
  at->state->scan(ledger::state_key(ledger::Space::stored_event, ""),
                  ledger::state_key(ledger::Space::stored_event, ledger::big_endian(*from)),
                  [&](ledger::BytesView key, ledger::BytesView bytes) {
                    auto event = base::decode<ledger::StoredEvent>(bytes);
                    CHECK(event.has_value());
                    // Operations and deadlines stand in the same log, without a context; they are no events.
                    if (event->payload.empty() || event->payload[0] != '{') return true;
                    bool const other_context = !page.empty() && page.front().context != event->context;
                    if (page.size() == *per_page || other_context) {
                      next = ledger::from_big_endian(key.last(8));
                      return false;
                    }
                    page.push_back(std::move(event).value());
                    return true;
                  });
  auto response = page_of(*at, page);
  if (next) {
    response.headers.emplace_back("Link", "</epcis/events?perPage=" + std::to_string(*per_page) +
                                              "&nextPageToken=" + std::to_string(*next) + ">; rel=\"next\"");
  }
  return response;
}

}  // namespace rpc
