// SPDX-License-Identifier: Apache-2.0
#include "gs1/event_value.hpp"

#include <algorithm>

#include "gs1/event_hash.hpp"
#include "gs1/event_reader.hpp"
#include "gs1/json.hpp"

namespace gs1 {

namespace {

using namespace detail;

constexpr unsigned mask(EventType type) { return 1U << static_cast<unsigned>(type); }
constexpr unsigned object = mask(EventType::object);
constexpr unsigned aggregation = mask(EventType::aggregation);
constexpr unsigned transaction = mask(EventType::transaction);
constexpr unsigned transformation = mask(EventType::transformation);
constexpr unsigned association = mask(EventType::association);
constexpr unsigned every = object | aggregation | transaction | transformation | association;

/// What a field's reader sees.
struct Reading {
  Context const& context;
  Event& event;
};

Result<void> read_action(Value const& value, Reading reading) {
  auto const names = enum_names(Action{});
  auto const found = value.is(Value::Kind::string) ? std::ranges::find(names, value.text) : names.end();
  if (found == names.end() || found == names.begin()) return form("", "expected OBSERVE, ADD or DELETE");
  reading.event.action = static_cast<Action>(found - names.begin());
  return {};
}

Result<void> read_zone(Value const& value, Reading reading) {
  auto const digit = [&](std::size_t i) { return value.text[i] - '0'; };
  bool const shaped = value.is(Value::Kind::string) && value.text.size() == 6 && value.text[3] == ':' &&
                      (value.text[0] == '+' || value.text[0] == '-') &&
                      std::string_view("0123456789").find(value.text[1]) != std::string_view::npos &&
                      std::string_view("0123456789").find(value.text[2]) != std::string_view::npos &&
                      std::string_view("012345").find(value.text[4]) != std::string_view::npos &&
                      std::string_view("0123456789").find(value.text[5]) != std::string_view::npos;
  int const minutes = shaped ? (digit(1) * 10 + digit(2)) * 60 + digit(4) * 10 + digit(5) : -1;
  if (minutes < 0 || minutes > 14 * 60) return form("", "expected an offset from -14:00 to +14:00");
  reading.event.zone_minutes = value.text[0] == '-' ? -minutes : minutes;
  return {};
}

Result<void> read_certification(Value const& value, Reading reading) {
  if (!value.is(Value::Kind::array)) return read_uri(value, reading.event.certification_info.emplace_back());
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    TRY_INSIDE(at("", i), read_uri(value.items[i], reading.event.certification_info.emplace_back()));
  }
  return {};
}

Result<void> read_word_into(Vocabulary vocabulary, Value const& value, Context const& context, std::string& out) {
  if (!value.is(Value::Kind::string)) return form("", "expected a word");
  TRY_ASSIGN(out, read_word(vocabulary, value.text, context, ""));
  return {};
}

Result<void> read_error_declaration(Value const& value, Reading reading) {
  TRY(check_members(value, reading.context, {"declarationTime", "reason", "correctiveEventIDs"}));
  auto& declaration = reading.event.error_declaration.emplace();
  auto const* time = value.find("declarationTime");
  if (time == nullptr) return form("declarationTime", "is missing");
  TRY_INSIDE("declarationTime", read_time(*time, declaration.time_ms));
  if (auto const* reason = value.find("reason")) {
    TRY_INSIDE("reason", read_word_into(Vocabulary::error_reason, *reason, reading.context, declaration.reason));
  }
  if (auto const* ids = value.find("correctiveEventIDs")) {
    if (!ids->is(Value::Kind::array)) return form("correctiveEventIDs", "expected a list of URIs");
    for (std::size_t i = 0; i < ids->items.size(); ++i) {
      TRY_INSIDE(at("correctiveEventIDs", i), read_uri(ids->items[i], declaration.corrective_event_ids.emplace_back()));
    }
  }
  return {};
}

/// A geo URI (RFC 5870) without another reference system than its own, WGS 84.
bool is_on_earth(std::string_view uri) {
  if (uri.find(";crs=") != uri.npos) return true;
  auto rest = uri.substr(4, uri.find(';') - 4);
  for (base::i128 const bound : {90, 180}) {
    auto const degrees = base::from_decimal_literal(rest.substr(0, rest.find(',')), 12);
    base::i128 const most = bound * 1'000'000'000'000;
    if (!degrees || *degrees < -most || *degrees > most || (bound == 90 && rest.find(',') == rest.npos)) return false;
    rest.remove_prefix(std::min(rest.find(',') + 1, rest.size()));
  }
  return true;
}

Result<void> read_place(Value const& value, Reading reading, std::optional<Key>& out) {
  TRY(check_members(value, reading.context, {"id"}));
  auto const* id = value.find("id");
  if (id == nullptr) return form("id", "is missing");
  TRY_INSIDE("id", read_key_into(*id, out));
  if (id->text.starts_with("geo:") && !is_on_earth(id->text)) return form("id", "no latitude and longitude");
  return {};
}

Result<void> read_transactions(Value const& value, Reading reading) {
  if (!value.is(Value::Kind::array)) return form("", "expected a list");
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    auto const& item = value.items[i];
    auto const name = at("", i);
    TRY_INSIDE(name, check_closed(item, {"type", "bizTransaction"}));
    auto& out = reading.event.transactions.emplace_back();
    if (auto const* type = item.find("type")) {
      TRY_INSIDE(name + ".type", read_word_into(Vocabulary::biz_transaction, *type, reading.context, out.type));
    }
    auto const* id = item.find("bizTransaction");
    if (id == nullptr) return form(name + ".bizTransaction", "is missing");
    TRY_INSIDE(name + ".bizTransaction", read_key_into(*id, out.key));
  }
  return {};
}

Result<void> read_endpoints(Value const& value, Reading reading, std::string_view field, std::vector<Endpoint>& out) {
  if (!value.is(Value::Kind::array)) return form("", "expected a list");
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    auto const& item = value.items[i];
    auto const name = at("", i);
    TRY_INSIDE(name, check_closed(item, {"type", field}));
    auto const* type = item.find("type");
    auto const* id = item.find(field);
    if (type == nullptr) return form(name + ".type", "is missing");
    if (id == nullptr) return form(name + "." + std::string(field), "is missing");
    auto& endpoint = out.emplace_back();
    TRY_INSIDE(name + ".type", read_word_into(Vocabulary::source_destination, *type, reading.context, endpoint.type));
    TRY_INSIDE(name + "." + std::string(field), read_key_into(*id, endpoint.key));
  }
  return {};
}

Result<void> read_dispositions(Value const& value, Context const& context, std::vector<std::string>& out) {
  if (!value.is(Value::Kind::array) || value.items.empty()) return form("", "expected a list of at least one word");
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    TRY_INSIDE(at("", i), read_word_into(Vocabulary::disposition, value.items[i], context, out.emplace_back()));
  }
  return {};
}

Result<void> read_persistent(Value const& value, Reading reading) {
  TRY(check_closed(value, {"set", "unset"}));
  auto const* set = value.find("set");
  auto const* unset = value.find("unset");
  if (set == nullptr && unset == nullptr) return form("", "sets and unsets nothing");
  if (set != nullptr) TRY_INSIDE("set", read_dispositions(*set, reading.context, reading.event.disposition_set));
  if (unset != nullptr)
    TRY_INSIDE("unset", read_dispositions(*unset, reading.context, reading.event.disposition_unset));
  return {};
}

struct Field {
  std::string_view name;
  /// The event types that have it (EPCIS 2.0 section 7.4).
  unsigned types;
  Result<void> (*read)(Value const&, Reading);
};

constexpr Field fields[] = {
    {"@context", every, [](Value const&, Reading) { return Result<void>(); }},
    {"type", every, [](Value const&, Reading) { return Result<void>(); }},
    {"eventTime", every, [](Value const& v, Reading r) { return read_time(v, r.event.time_ms); }},
    {"recordTime", every,
     [](Value const& v, Reading) {
       base::TimeMs ignored = 0;
       return read_time(v, ignored);
     }},
    {"eventTimeZoneOffset", every, read_zone},
    {"eventID", every, [](Value const& v, Reading r) { return read_uri(v, r.event.event_id); }},
    {"certificationInfo", every, read_certification},
    {"errorDeclaration", every, read_error_declaration},
    {"action", every & ~transformation, read_action},
    {"epcList", object | transaction, [](Value const& v, Reading r) { return read_keys(v, r.event.epcs); }},
    {"quantityList", object | transaction,
     [](Value const& v, Reading r) { return read_quantities(v, r.event.quantities); }},
    {"parentID", aggregation | association | transaction,
     [](Value const& v, Reading r) { return read_key_into(v, r.event.parent); }},
    {"childEPCs", aggregation | association,
     [](Value const& v, Reading r) { return read_keys(v, r.event.child_epcs); }},
    {"childQuantityList", aggregation | association,
     [](Value const& v, Reading r) { return read_quantities(v, r.event.child_quantities); }},
    {"inputEPCList", transformation, [](Value const& v, Reading r) { return read_keys(v, r.event.input_epcs); }},
    {"inputQuantityList", transformation,
     [](Value const& v, Reading r) { return read_quantities(v, r.event.input_quantities); }},
    {"outputEPCList", transformation, [](Value const& v, Reading r) { return read_keys(v, r.event.output_epcs); }},
    {"outputQuantityList", transformation,
     [](Value const& v, Reading r) { return read_quantities(v, r.event.output_quantities); }},
    {"transformationID", transformation,
     [](Value const& v, Reading r) { return read_key_into(v, r.event.transformation_id); }},
    {"bizStep", every,
     [](Value const& v, Reading r) { return read_word_into(Vocabulary::biz_step, v, r.context, r.event.biz_step); }},
    {"disposition", every,
     [](Value const& v, Reading r) {
       return read_word_into(Vocabulary::disposition, v, r.context, r.event.disposition);
     }},
    {"persistentDisposition", every, read_persistent},
    {"readPoint", every, [](Value const& v, Reading r) { return read_place(v, r, r.event.read_point); }},
    {"bizLocation", every, [](Value const& v, Reading r) { return read_place(v, r, r.event.biz_location); }},
    {"bizTransactionList", every, read_transactions},
    {"sourceList", every, [](Value const& v, Reading r) { return read_endpoints(v, r, "source", r.event.sources); }},
    {"destinationList", every,
     [](Value const& v, Reading r) { return read_endpoints(v, r, "destination", r.event.destinations); }},
    {"sensorElementList", every, [](Value const& v, Reading r) { return read_sensors(v, r.context, r.event.sensors); }},
    {"ilmd", object | transformation,
     [](Value const& v, Reading r) {
       r.event.has_ilmd = true;
       return read_ilmd(v, r.context, r.event.tally);
     }},
};

Result<void> read_fields(Value const& value, Context const& context, Event& event) {
  for (auto const& [key, member] : value.members) {
    auto const* field = std::ranges::find(fields, key, &Field::name);
    if (field != std::end(fields)) {
      if ((field->types & mask(event.type)) == 0) {
        return form(key, "is no field of " + std::string(enum_names(event.type)[static_cast<std::size_t>(event.type)]));
      }
      TRY_INSIDE(key, field->read(member, {context, event}));
    } else if (key.starts_with("tally:") && !context.find("tally").empty()) {
      TRY(read_term(key, member, event.tally));
    } else {
      TRY(check_extension(key, member, context));
    }
  }
  return {};
}

bool any(std::vector<Key> const& keys, std::vector<QuantityElement> const& quantities) {
  return !keys.empty() || !quantities.empty();
}

/// What EPCIS 2.0 section 7.4 asks of each type beyond its single fields.
Result<void> check_type(Event const& event, Value const& value) {
  auto const has = [&](std::string_view name) { return value.find(name) != nullptr; };
  bool const removes = event.action == Action::remove;
  switch (event.type) {
    case EventType::object:
      if (!has("epcList") && event.quantities.empty() && event.sensors.empty())
        return form("epcList", "names no object");
      if (event.has_ilmd && event.action != Action::add) return form("ilmd", "only with action ADD");
      return {};
    case EventType::aggregation:
      if (!event.parent && event.action != Action::observe) return form("parentID", "is missing");
      if (!removes && !any(event.child_epcs, event.child_quantities)) return form("childEPCs", "names no child");
      return {};
    case EventType::association:
      if (!event.parent) return form("parentID", "is missing");
      if (!removes && !any(event.child_epcs, event.child_quantities)) return form("childEPCs", "names no child");
      return {};
    case EventType::transaction:
      if (event.transactions.empty()) return form("bizTransactionList", "names no transaction");
      if (!removes && !has("epcList") && event.quantities.empty()) return form("epcList", "names no object");
      return {};
    case EventType::transformation: {
      bool const inputs = any(event.input_epcs, event.input_quantities);
      bool const outputs = any(event.output_epcs, event.output_quantities);
      if (inputs && outputs) return {};
      if (!inputs && !outputs) return form("inputEPCList", "names neither input nor output");
      if (!event.transformation_id) return form("transformationID", "is missing beside inputs or outputs alone");
      return {};
    }
  }
  return {};
}

Result<void> read_head(Value const& value, Context const& context, Event& event) {
  if (!value.is(Value::Kind::object)) return form("", "an event is a JSON object");
  if (!context.epcis) return Error{Code::E_CONTEXT, "@context", "names no EPCIS 2.0 context"};
  auto const names = enum_names(EventType{});
  auto const found = std::ranges::find(names, value.string_of("type"));
  if (found == names.end()) return form("type", "not an event type of EPCIS 2.0");
  event.type = static_cast<EventType>(found - names.begin());
  for (std::string_view const required : {"eventTime", "eventTimeZoneOffset"}) {
    if (value.find(required) == nullptr) return form(required, "is missing");
  }
  if (event.type != EventType::transformation && value.find("action") == nullptr) return form("action", "is missing");
  return {};
}

std::size_t count_keys(Event const& event) {
  return event.epcs.size() + event.quantities.size() + event.child_epcs.size() + event.child_quantities.size() +
         event.input_epcs.size() + event.input_quantities.size() + event.output_epcs.size() +
         event.output_quantities.size();
}

Key const* find_endpoint(std::vector<Endpoint> const& endpoints, std::string_view type) {
  auto const found = std::ranges::find(endpoints, type, &Endpoint::type);
  return found == endpoints.end() ? nullptr : &found->key;
}

}  // namespace

Key const* Event::source(std::string_view wanted) const { return find_endpoint(sources, wanted); }
Key const* Event::destination(std::string_view wanted) const { return find_endpoint(destinations, wanted); }

Result<Value> parse_event(base::BytesView bytes) {
  JsonLimits const limits{.bytes_max = event_bytes_max, .depth_max = event_depth_max};
  TRY_ASSIGN(auto value, parse_json(base::text_of(bytes), limits));
  if (value.end - value.begin != bytes.size()) return form("", "white space around the event");
  return value;
}

Result<Event> read_event(base::BytesView bytes, Context const& document_context) {
  TRY_ASSIGN(auto const value, parse_event(bytes));
  return read_event(value, document_context);
}

Result<Event> read_event(Value const& value, Context const& document_context) {
  TRY_ASSIGN(auto const context, with_inner(document_context, value));
  Event event;
  TRY(read_head(value, context, event));
  TRY(read_fields(value, context, event));
  TRY(check_type(event, value));
  if (count_keys(event) > event_keys_max) return Error{Code::E_TOO_LARGE, "", "at most 4096 keys an event"};
  event.event_hash = event_hash(value, context);
  return event;
}

}  // namespace gs1
