// SPDX-License-Identifier: Apache-2.0
#include "gs1/document.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "gs1/context.hpp"
#include "gs1/event_reader.hpp"
#include "gs1/json.hpp"

namespace gs1 {

namespace {

using namespace detail;

std::string_view bytes_of(std::string_view text, Value const& value) {
  return text.substr(value.begin, value.end - value.begin);
}

Result<void> take_events(std::string_view text, Value const& list, std::string const& path, Document& out) {
  if (!list.is(Value::Kind::array)) return form(path, "expected a list of events");
  if (list.items.size() > document_events_max) {
    return Error{Code::E_TOO_LARGE, path, "at most " + std::to_string(document_events_max) + " events a document"};
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (!list.items[i].is(Value::Kind::object)) return form(at(path, i), "an event is an object");
    out.events.push_back(bytes_of(text, list.items[i]));
  }
  return {};
}

/// Members beside the events: those of the standard, declared extensions, and the comments that published histories
/// carry under plain names.
Result<void> check_envelope(Value const& object, Context const& context,
                            std::initializer_list<std::string_view> known) {
  if (!object.is(Value::Kind::object)) return form("", "expected an object");
  for (auto const& [key, value] : object.members) {
    if (std::ranges::find(known, key) != known.end()) continue;
    if (key.starts_with("_comment")) {
      TRY_INSIDE(key, check_kept(value));
    } else {
      TRY(check_extension(key, value, context));
    }
  }
  return {};
}

Result<Context> take_context(std::string_view text, Value const& value, Document& out) {
  auto const* context = value.find("@context");
  if (context == nullptr) return Error{Code::E_CONTEXT, "@context", "is missing"};
  out.context = bytes_of(text, *context);
  if (out.context.size() > context_bytes_max) return Error{Code::E_TOO_LARGE, "@context", "at most 8192 bytes"};
  return read_context(*context);
}

Result<void> take_results(std::string_view text, Value const& body, Context const& context, Document& out) {
  TRY(check_envelope(body, context, {"queryResults"}));
  auto const* results = body.find("queryResults");
  if (results == nullptr) return form("queryResults", "is missing");
  TRY_INSIDE("queryResults", check_envelope(*results, context, {"queryName", "subscriptionID", "resultsBody"}));
  auto const* inner = results->find("resultsBody");
  if (inner == nullptr) return form("queryResults.resultsBody", "is missing");
  TRY_INSIDE("queryResults.resultsBody", check_envelope(*inner, context, {"eventList", "vocabularyList"}));
  auto const* list = inner->find("eventList");
  if (list == nullptr) return form("queryResults.resultsBody.eventList", "is missing");
  out.query_name = results->string_of("queryName");
  out.subscription_id = results->string_of("subscriptionID");
  return take_events(text, *list, "queryResults.resultsBody.eventList", out);
}

Result<void> take_envelope(std::string_view text, Value const& value, Document& out) {
  TRY_ASSIGN(auto const context, take_context(text, value, out));
  TRY(check_envelope(value, context,
                     {"@context", "id", "type", "schemaVersion", "creationDate", "instanceIdentifier", "sender",
                      "receiver", "epcisHeader", "epcisBody"}));
  if (!value.string_of("schemaVersion").starts_with("2.")) return form("schemaVersion", "expected 2.0");
  auto const created = base::from_rfc3339(value.string_of("creationDate"));
  if (!created) return form("creationDate", "expected a date and time with its offset (RFC 3339)");
  out.creation_time_ms = *created;
  if (auto const* header = value.find("epcisHeader")) TRY_INSIDE("epcisHeader", check_kept(*header));
  auto const* body = value.find("epcisBody");
  if (body == nullptr || !body->is(Value::Kind::object)) return form("epcisBody", "is missing");
  if (out.kind == DocumentKind::query_document) {
    TRY_INSIDE("epcisBody", take_results(text, *body, context, out));
    return {};
  }
  TRY_INSIDE("epcisBody", check_envelope(*body, context, {"eventList"}));
  auto const* list = body->find("eventList");
  if (list == nullptr) return form("epcisBody.eventList", "is missing");
  return take_events(text, *list, "epcisBody.eventList", out);
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
    TRY_ASSIGN(auto const context, take_context(text, value, out));
    TRY(check_envelope(value, context, {"@context", "eventList"}));
    TRY(take_events(text, *value.find("eventList"), "eventList", out));
    return out;
  }
  if (!type.ends_with("Event")) return form("type", "expected EPCISDocument, EPCISQueryDocument or an event");
  out.kind = DocumentKind::event;
  out.events.push_back(bytes_of(text, value));
  return out;
}

}  // namespace gs1
