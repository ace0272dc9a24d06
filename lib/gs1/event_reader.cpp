// SPDX-License-Identifier: Apache-2.0
#include "gs1/event_reader.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "gs1/digital_link.hpp"

namespace gs1::detail {

namespace {

constexpr unsigned micro_scale = 6;

bool is_known(std::initializer_list<std::string_view> known, std::string_view key) {
  return std::ranges::find(known, key) != known.end();
}

/// A key that stands twice in the same spelling is refused (the schema's uniqueItems); in two spellings it is one key.
Result<void> drop_twins(Value const& list, std::vector<Key>& keys) {
  std::vector<std::pair<std::string_view, std::size_t>> order;
  order.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) order.emplace_back(keys[i].uri, i);
  std::ranges::sort(order);
  std::vector<std::size_t> twins;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (order[i].first != order[i - 1].first) continue;
    if (list.items[order[i].second].text == list.items[order[i - 1].second].text) {
      return form(at("", order[i].second), "stands twice");
    }
    twins.push_back(order[i].second);
  }
  std::ranges::sort(twins);
  while (!twins.empty()) {
    keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(twins.back()));
    twins.pop_back();
  }
  return {};
}

}  // namespace

Error inside(std::string_view outer, Error error) {
  if (error.field.empty()) {
    error.field = outer;
  } else if (!outer.empty()) {
    error.field = std::string(outer) + (error.field.starts_with('[') ? "" : ".") + error.field;
  }
  return error;
}

Error form(std::string_view field, std::string detail) {
  return {Code::E_EVENT_FORM, std::string(field), std::move(detail)};
}

std::string at(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

Result<void> read_text(Value const& value, std::string& out, std::size_t max) {
  if (!value.is(Value::Kind::string) || value.text.empty()) return form("", "expected a text");
  if (value.text.size() > max) return form("", "longer than " + std::to_string(max) + " bytes");
  out = value.text;
  return {};
}

Result<void> read_uri(Value const& value, std::string& out) {
  TRY(read_text(value, out));
  auto const colon = out.find(':');
  if (!is_uri_text(out) || colon == out.npos || colon == 0 || colon + 1 == out.size())
    return form("", "not an absolute URI");
  return {};
}

Result<void> read_key_into(Value const& value, Key& out) {
  if (!value.is(Value::Kind::string)) return form("", "expected a URI");
  TRY_ASSIGN(out, read_key(value.text));
  return {};
}

Result<void> read_key_into(Value const& value, std::optional<Key>& out) { return read_key_into(value, out.emplace()); }

Result<void> read_keys(Value const& value, std::vector<Key>& out) {
  if (!value.is(Value::Kind::array)) return form("", "expected a list of URIs");
  if (value.items.size() > event_keys_max) return Error{Code::E_TOO_LARGE, "", "at most 4096 keys an event"};
  out.resize(value.items.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto result = read_key_into(value.items[i], out[i]);
    if (!result) return inside(at("", i), result.error());
  }
  return drop_twins(value, out);
}

Result<void> read_time(Value const& value, base::TimeMs& out) {
  auto const time = value.is(Value::Kind::string) ? base::from_rfc3339(value.text) : std::nullopt;
  if (!time) return form("", "expected a date and time with its offset (RFC 3339)");
  out = *time;
  return {};
}

Result<void> read_time(Value const& value, std::optional<base::TimeMs>& out) { return read_time(value, out.emplace()); }

Result<std::int64_t> read_micro(Value const& value, bool natural) {
  if (!value.is(Value::Kind::number)) return form("", "expected a number");
  auto const micro = base::from_decimal_literal(value.text, micro_scale);
  if (!micro) return form("", "expected a decimal of at most six decimals, without exponent");
  if (natural && *micro < 0) return form("", "must not be negative");
  auto const bound = static_cast<base::i128>(quantity_max);
  if (*micro > bound || *micro < -bound) return form("", "beyond 10^12");
  return static_cast<std::int64_t>(*micro);
}

Result<void> read_quantity(Value const& value, base::Micro& out) {
  TRY_ASSIGN(auto const micro, read_micro(value, true));
  out = static_cast<base::Micro>(micro);
  return {};
}

Result<void> read_uom(Value const& value, std::string& out) {
  if (!value.is(Value::Kind::string) || !is_unit(value.text)) return form("", "no unit of UN/ECE Recommendation 20");
  out = value.text;
  return {};
}

Result<void> check_closed(Value const& object, std::initializer_list<std::string_view> known) {
  if (!object.is(Value::Kind::object)) return form("", "expected an object");
  for (auto const& [key, ignored] : object.members) {
    if (!is_known(known, key)) return form(key, "is no field here");
  }
  return {};
}

Result<void> check_kept(Value const& value) {
  for (auto const& [key, member] : value.members) {
    if (key.starts_with("tally:") || key.starts_with(tally_namespace))
      return form(key, "no tally: term may stand here");
    if (key == "@context") TRY(read_context(member));
    TRY_INSIDE(key, check_kept(member));
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) TRY_INSIDE(at("", i), check_kept(value.items[i]));
  return {};
}

Result<void> check_extension(std::string_view key, Value const& value, Context const& context) {
  auto const iri = context.expand(key);
  if (key.starts_with("tally:") || iri.starts_with(tally_namespace)) {
    if (context.find("tally").empty()) return Error{Code::E_CONTEXT, std::string(key), "tally is not declared"};
    return form(key, "this ledger has no such term here");
  }
  if (iri.empty()) return Error{Code::E_CONTEXT, std::string(key), "neither a field of EPCIS here nor declared inline"};
  TRY_INSIDE(key, check_kept(value));
  return {};
}

Result<void> check_members(Value const& object, Context const& context, std::initializer_list<std::string_view> known,
                           std::initializer_list<std::string_view> terms_allowed) {
  if (!object.is(Value::Kind::object)) return form("", "expected an object");
  for (auto const& [key, value] : object.members) {
    if (is_known(known, key) || (is_known(terms_allowed, key) && !context.find("tally").empty())) continue;
    TRY(check_extension(key, value, context));
  }
  return {};
}

Result<void> read_quantities(Value const& value, std::vector<QuantityElement>& out) {
  if (!value.is(Value::Kind::array)) return form("", "expected a list");
  if (value.items.size() > event_keys_max) return Error{Code::E_TOO_LARGE, "", "at most 4096 keys an event"};
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    auto const& item = value.items[i];
    auto const name = at("", i);
    TRY_INSIDE(name, check_closed(item, {"epcClass", "quantity", "uom"}));
    auto const* key = item.find("epcClass");
    if (key == nullptr) return form(name + ".epcClass", "is missing");
    auto& element = out.emplace_back();
    TRY_INSIDE(name + ".epcClass", read_key_into(*key, element.key));
    if (element.key.kind == KeyKind::item || element.key.kind == KeyKind::sscc) {
      return form(name + ".epcClass", "names an instance, not a class or lot");
    }
    auto const* uom = item.find("uom");
    if (uom != nullptr) TRY_INSIDE(name + ".uom", read_uom(*uom, element.uom));
    auto const* quantity = item.find("quantity");
    if (uom != nullptr && quantity == nullptr) return form(name + ".uom", "a unit of no quantity");
    if (quantity != nullptr) {
      TRY_INSIDE(name + ".quantity", read_quantity(*quantity, element.quantity.emplace()));
      if (element.uom == "EA" && *element.quantity % 1'000'000 != 0) {
        return form(name + ".quantity", "pieces (EA, or no unit) are counted whole");
      }
    }
  }
  return {};
}

}  // namespace gs1::detail
