// SPDX-License-Identifier: Apache-2.0
#include "testnet/events.hpp"

#include "base/time.hpp"
#include "gs1/event.hpp"
#include "gs1/event_hash.hpp"
#include "rpc/json.hpp"

namespace testnet {

namespace {
using base::Value;

Value number(std::string literal) {
  Value out;
  out.kind = Value::Kind::number;
  out.text = std::move(literal);
  return out;
}

Value named(char const* name, std::string value) {
  auto out = Value::object();
  out.add(name, Value::of(std::move(value)));
  return out;
}
}  // namespace

EventWriter::EventWriter(char const* type, base::TimeMs time_ms, std::string zone) : event_(Value::object()) {
  text("type", type);
  text("eventTime", base::to_rfc3339(time_ms));
  text("eventTimeZoneOffset", std::move(zone));
}

EventWriter& EventWriter::text(std::string name, std::string value) {
  return this->value(std::move(name), Value::of(std::move(value)));
}

EventWriter& EventWriter::texts(std::string name, std::vector<std::string> const& values) {
  auto list = Value::array();
  for (auto const& one : values) list.items.push_back(Value::of(one));
  return value(std::move(name), std::move(list));
}

EventWriter& EventWriter::quantities(std::string name, std::vector<Quantity> const& values) {
  auto list = Value::array();
  for (auto const& one : values) {
    auto element = named("epcClass", one.epc_class);
    element.add("quantity", number(one.quantity));
    if (!one.unit.empty()) element.add("uom", Value::of(one.unit));
    list.items.push_back(std::move(element));
  }
  return value(std::move(name), std::move(list));
}

EventWriter& EventWriter::step(char const* biz_step, char const* disposition) {
  text("bizStep", biz_step);
  return text("disposition", disposition);
}

EventWriter& EventWriter::at(std::string const& read_point, std::string const& location) {
  value("readPoint", named("id", "https://id.gs1.org/414/" + read_point));
  if (location.empty()) return *this;
  return value("bizLocation", named("id", "https://id.gs1.org/414/" + location));
}

EventWriter& EventWriter::transaction(char const* type, std::string const& id) {
  auto one = named("type", type);
  one.add("bizTransaction", Value::of(id));
  return value("bizTransactionList", Value::array({one}));
}

EventWriter& EventWriter::parties(std::string const& giver, std::string const& receiver, std::string const& new_owner) {
  auto sources = Value::array();
  auto destinations = Value::array();
  auto const add = [&](char const* type, std::string const& to) {
    auto source = named("type", type);
    source.add("source", Value::of("https://id.gs1.org/417/" + giver));
    sources.items.push_back(std::move(source));
    auto destination = named("type", type);
    destination.add("destination", Value::of("https://id.gs1.org/417/" + to));
    destinations.items.push_back(std::move(destination));
  };
  add("possessing_party", receiver);
  if (!new_owner.empty()) add("owning_party", new_owner);
  value("sourceList", std::move(sources));
  return value("destinationList", std::move(destinations));
}

EventWriter& EventWriter::value(std::string name, base::Value value) {
  event_.add(std::move(name), std::move(value));
  return *this;
}

std::string EventWriter::json() const { return rpc::to_text(event_); }

std::string const& event_context() {
  static std::string const context = "[\"https://ref.gs1.org/standards/epcis/epcis-context.jsonld\",{\"tally\":\"" +
                                     std::string(gs1::tally_namespace) + "\"}]";
  return context;
}

std::string document(std::vector<std::string> const& events, base::TimeMs created_ms) {
  std::string text = "{\"@context\":" + event_context() +
                     ",\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"" +
                     base::to_rfc3339(created_ms) + "\",\"epcisBody\":{\"eventList\":[";
  for (std::size_t i = 0; i < events.size(); ++i) text += (i > 0 ? "," : "") + events[i];
  return text + "]}}";
}

std::string event_id(std::string const& event) {
  auto const context = gs1::read_context(event_context());
  CHECK(context.has_value());
  auto const read = gs1::read_event(base::bytes_of(event), *context);
  CHECK(read.has_value());
  return gs1::to_event_id(read->event_hash);
}

std::string lot_link(std::string_view gtin, std::string_view lot) {
  return class_link(gtin) + "/10/" + std::string(lot);
}
std::string item_link(std::string_view gtin, std::string_view serial) {
  return class_link(gtin) + "/21/" + std::string(serial);
}
std::string class_link(std::string_view gtin) { return "https://id.gs1.org/01/" + std::string(gtin); }
std::string sscc_link(std::string_view sscc) { return "https://id.gs1.org/00/" + std::string(sscc); }
std::string shipment_link(std::string_view gln, std::string_view number) {
  return "https://id.gs1.org/253/" + std::string(gln) + std::string(number);
}

}  // namespace testnet
