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

void take_unhashed(Value const& object, Document& out) {
  for (auto const& [key, value] : object.members) {
    if (!key.ends_with(":ignoreFields")) continue;
    for (auto const& name : value.items) out.unhashed.push_back(name.text);
  }
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

Result<void> check_texts(Value const& object, std::initializer_list<std::string_view> names) {
  for (auto const name : names) {
    auto const* value = object.find(name);
    if (value != nullptr && !value->is(Value::Kind::string)) return form(name, "expected a text");
  }
  return {};
}

template <class Each>
Result<void> check_list(Value const& list, Each each) {
  if (!list.is(Value::Kind::array)) return form("", "expected a list");
  for (std::size_t i = 0; i < list.items.size(); ++i) TRY_INSIDE(at("", i), each(list.items[i]));
  return {};
}

/// Members of master data: an object whose `name` is a URI.
Result<void> check_named(Value const& object, std::string_view name) {
  if (!object.is(Value::Kind::object)) return form("", "expected an object");
  auto const* value = object.find(name);
  if (value == nullptr) return form(name, "is missing");
  std::string ignored;
  TRY_INSIDE(name, read_uri(*value, ignored));
  return check_kept(object);
}

Result<void> check_master_attribute(Value const& attribute) {
  TRY(check_named(attribute, "id"));
  auto const* value = attribute.find("attribute");
  bool const fits = value == nullptr || value->is(Value::Kind::number) || value->is(Value::Kind::string) ||
                    value->is(Value::Kind::object);
  return fits ? Result<void>() : form("attribute", "expected a text, a number or an object");
}

Result<void> check_master_element(Value const& element) {
  TRY(check_named(element, "id"));
  if (auto const* all = element.find("attributes")) TRY_INSIDE("attributes", check_list(*all, check_master_attribute));
  if (auto const* all = element.find("children")) {
    std::string ignored;
    TRY_INSIDE("children", check_list(*all, [&](Value const& child) { return read_uri(child, ignored); }));
  }
  return {};
}

Result<void> check_vocabulary(Value const& vocabulary) {
  TRY(check_named(vocabulary, "type"));
  auto const* elements = vocabulary.find("vocabularyElementList");
  if (elements != nullptr) TRY_INSIDE("vocabularyElementList", check_list(*elements, check_master_element));
  return {};
}

Result<void> check_header(Value const& header, Context const& context) {
  TRY(check_envelope(header, context, {"epcisMasterData"}));
  auto const* data = header.find("epcisMasterData");
  if (data == nullptr) return {};
  if (!data->is(Value::Kind::object)) return form("epcisMasterData", "expected an object");
  if (auto const* all = data->find("vocabularyList"))
    TRY_INSIDE("epcisMasterData.vocabularyList", check_list(*all, check_vocabulary));
  TRY_INSIDE("epcisMasterData", check_kept(*data));
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
  take_unhashed(*results, out);
  auto const* inner = results->find("resultsBody");
  if (inner == nullptr) return form("queryResults.resultsBody", "is missing");
  TRY_INSIDE("queryResults.resultsBody", check_envelope(*inner, context, {"eventList", "vocabularyList"}));
  if (auto const* all = inner->find("vocabularyList"))
    TRY_INSIDE("queryResults.resultsBody.vocabularyList", check_list(*all, check_vocabulary));
  auto const* list = inner->find("eventList");
  if (list == nullptr) return form("queryResults.resultsBody.eventList", "is missing");
  TRY_INSIDE("queryResults", check_texts(*results, {"queryName", "subscriptionID"}));
  out.query_name = results->string_of("queryName");
  out.subscription_id = results->string_of("subscriptionID");
  return take_events(text, *list, "queryResults.resultsBody.eventList", out);
}

Result<void> take_envelope(std::string_view text, Value const& value, Document& out) {
  TRY_ASSIGN(auto const context, take_context(text, value, out));
  TRY(check_envelope(value, context,
                     {"@context", "id", "type", "schemaVersion", "creationDate", "instanceIdentifier", "sender",
                      "receiver", "epcisHeader", "epcisBody"}));
  take_unhashed(value, out);
  TRY(check_texts(value, {"instanceIdentifier", "sender", "receiver"}));
  std::string ignored;
  if (auto const* id = value.find("id")) TRY_INSIDE("id", read_uri(*id, ignored));
  auto const version = value.string_of("schemaVersion");
  if (!version.starts_with("2.") || version.find_first_not_of("0123456789.") != version.npos)
    return form("schemaVersion", "expected 2.0");
  auto const created = base::from_rfc3339(value.string_of("creationDate"));
  if (!created) return form("creationDate", "expected a date and time with its offset (RFC 3339)");
  out.creation_time_ms = *created;
  if (auto const* header = value.find("epcisHeader")) TRY_INSIDE("epcisHeader", check_header(*header, context));
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
    if (value.items.empty()) return form("", "names no event");
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
