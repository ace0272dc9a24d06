// SPDX-License-Identifier: Apache-2.0
#include "gs1/document.hpp"

#include "base/time.hpp"
#include "gs1/context.hpp"
#include "gs1/json.hpp"

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

std::string_view bytes_of(std::string_view text, Value const& value) {
  return text.substr(value.begin, value.end - value.begin);
}

Error form(std::string field, std::string detail) { return {Code::E_EVENT_FORM, std::move(field), std::move(detail)}; }

Result<void> take_events(std::string_view text, Value const& list, std::string const& path, Document& out) {
  if (!list.is(Value::Kind::array)) return form(path, "expected a list of events");
  if (list.items.size() > document_events_max) {
    return Error{Code::E_TOO_LARGE, path, "at most " + std::to_string(document_events_max) + " events a document"};
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (!list.items[i].is(Value::Kind::object))
      return form(path + "[" + std::to_string(i) + "]", "an event is an object");
    out.events.push_back(bytes_of(text, list.items[i]));
  }
  return {};
}

Result<void> take_context(std::string_view text, Value const& value, Document& out) {
  auto const* context = value.find("@context");
  if (context == nullptr) return Error{Code::E_CONTEXT, "@context", "is missing"};
  out.context = bytes_of(text, *context);
  if (out.context.size() > context_bytes_max) return Error{Code::E_TOO_LARGE, "@context", "at most 8192 bytes"};
  TRY(read_context(*context));
  return {};
}

Result<void> take_envelope(std::string_view text, Value const& value, Document& out) {
  TRY(take_context(text, value, out));
  if (!value.string_of("schemaVersion").starts_with("2.")) return form("schemaVersion", "expected 2.0");
  auto const created = base::from_rfc3339(value.string_of("creationDate"));
  if (!created) return form("creationDate", "expected a date and time with its offset (RFC 3339)");
  out.creation_time_ms = *created;
  auto const* body = value.find("epcisBody");
  if (body == nullptr || !body->is(Value::Kind::object)) return form("epcisBody", "is missing");
  if (out.kind == DocumentKind::document) {
    auto const* list = body->find("eventList");
    if (list == nullptr) return form("epcisBody.eventList", "is missing");
    return take_events(text, *list, "epcisBody.eventList", out);
  }
  auto const* results = body->find("queryResults");
  auto const* inner = results == nullptr ? nullptr : results->find("resultsBody");
  auto const* list = inner == nullptr ? nullptr : inner->find("eventList");
  if (list == nullptr) return form("epcisBody.queryResults.resultsBody.eventList", "is missing");
  out.query_name = results->string_of("queryName");
  out.subscription_id = results->string_of("subscriptionID");
  return take_events(text, *list, "epcisBody.queryResults.resultsBody.eventList", out);
}

}  // namespace

Result<Document> read_document(std::string_view text) {
  JsonLimits const limits{.bytes_max = document_bytes_max, .depth_max = 40, .values_max = std::size_t{1} << 19};
  TRY_ASSIGN(auto const value, parse_json(text, limits));
  Document out;
  if (value.is(Value::Kind::array)) {
    out.kind = DocumentKind::event_list;
    TRY(take_events(text, value, "", out));
    return out;
  }
  if (!value.is(Value::Kind::object)) return form("", "expected an EPCIS document");
  auto const type = value.string_of("type");
  if (type == "EPCISDocument" || type == "EPCISQueryDocument") {
    out.kind = type == "EPCISDocument" ? DocumentKind::document : DocumentKind::query_document;
    TRY(take_envelope(text, value, out));
    return out;
  }
  if (value.find("eventList") != nullptr) {
    out.kind = DocumentKind::event_list;
    TRY(take_context(text, value, out));
    TRY(take_events(text, *value.find("eventList"), "eventList", out));
    return out;
  }
  if (!type.ends_with("Event")) return form("type", "expected EPCISDocument, EPCISQueryDocument or an event");
  out.kind = DocumentKind::event;
  out.events.push_back(bytes_of(text, value));
  return out;
}

}  // namespace gs1
