// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/time.hpp"
#include "gs1/event_hash.hpp"
#include "gs1/query.hpp"
#include "gs1/vocabulary.hpp"

namespace gs1 {

namespace {

using base::Value;
using Kind = base::Value::Kind;

constexpr unsigned micro_scale = 6;

template <class T>
bool ordered(Compare compare, T const& left, T const& right) {
  switch (compare) {
    case Compare::gt:
      return left > right;
    case Compare::ge:
      return left >= right;
    case Compare::lt:
      return left < right;
    case Compare::le:
      return left <= right;
    default:
      return left == right;
  }
}

bool compares(Criterion const& criterion, base::i128 number) {
  return std::ranges::any_of(criterion.operands, [&](Operand const& operand) {
    return operand.number && ordered(criterion.compare, number, *operand.number);
  });
}

bool compares(Criterion const& criterion, base::TimeMs time) {
  return std::ranges::any_of(criterion.operands, [&](Operand const& operand) {
    return operand.time_ms && ordered(criterion.compare, time, *operand.time_ms);
  });
}

bool equals(Criterion const& criterion, std::string_view text) {
  return !text.empty() && std::ranges::find(criterion.operands, text, &Operand::text) != criterion.operands.end();
}

/// A value of an extension: as a number where both are numbers, as a time where both are times, else as text.
bool compares(Criterion const& criterion, Value const& value) {
  std::string const text = value.is(Kind::boolean) ? (value.boolean ? "true" : "false") : value.text;
  auto const number = base::from_decimal_literal(text, micro_scale);
  auto const time = number ? std::nullopt : base::from_rfc3339(text);
  return std::ranges::any_of(criterion.operands, [&](Operand const& operand) {
    if (operand.number && number) return ordered(criterion.compare, *number, *operand.number);
    if (operand.time_ms && time) return ordered(criterion.compare, *time, *operand.time_ms);
    return criterion.compare == Compare::eq && operand.text == text;
  });
}

bool any_key(Criterion const& criterion, Key const& key) {
  return std::ranges::any_of(criterion.patterns, [&](KeyPattern const& pattern) { return pattern.matches(key); });
}

bool any_key(Criterion const& criterion, std::vector<Key> const& keys) {
  return std::ranges::any_of(keys, [&](Key const& key) { return any_key(criterion, key); });
}

bool any_key(Criterion const& criterion, std::optional<Key> const& key) { return key && any_key(criterion, *key); }

bool any_class(Criterion const& criterion, std::vector<QuantityElement> const& elements) {
  return std::ranges::any_of(elements, [&](QuantityElement const& one) { return any_key(criterion, one.key); });
}

/// Every quantity element of an event.
template <class Visit>
bool any_quantity(Event const& event, Visit const& visit) {
  for (auto const* list :
       {&event.quantities, &event.child_quantities, &event.input_quantities, &event.output_quantities}) {
    if (std::ranges::any_of(*list, visit)) return true;
  }
  return false;
}

class Matcher {
 public:
  Matcher(Criterion const& criterion, QueriedEvent const& event, MasterData const& master_data)
      : criterion_(criterion), event_(event.event), queried_(event), master_data_(master_data) {}

  bool matches() const {
    if (criterion_.compare == Compare::has_attribute || criterion_.compare == Compare::eq_attribute)
      return matches_master_data();
    switch (criterion_.part) {
      case QueryPart::event_type:
        return equals(criterion_, enum_names(EventType{})[static_cast<std::size_t>(event_.type)]);
      case QueryPart::event_time:
        return compares(criterion_, event_.time_ms);
      case QueryPart::record_time:
        return compares(criterion_, queried_.recorded_ms);
      case QueryPart::action:
        return equals(criterion_, enum_names(Action{})[static_cast<std::size_t>(event_.action)]);
      case QueryPart::biz_step:
        return equals(criterion_, event_.biz_step);
      case QueryPart::disposition:
        return equals(criterion_, event_.disposition);
      case QueryPart::disposition_set:
        return any_text(event_.disposition_set);
      case QueryPart::disposition_unset:
        return any_text(event_.disposition_unset);
      case QueryPart::read_point:
        return matches_place(event_.read_point);
      case QueryPart::biz_location:
        return matches_place(event_.biz_location);
      case QueryPart::biz_transaction:
        return std::ranges::any_of(event_.transactions, [&](BizTransaction const& one) {
          return one.type == criterion_.detail && any_key(criterion_, one.key);
        });
      case QueryPart::source:
        return matches_endpoint(event_.sources);
      case QueryPart::destination:
        return matches_endpoint(event_.destinations);
      case QueryPart::transformation_id:
        return any_key(criterion_, event_.transformation_id);
      default:
        return matches_goods();
    }
  }

 private:
  bool matches_goods() const {
    switch (criterion_.part) {
      case QueryPart::epc:
        return any_key(criterion_, event_.epcs) || any_key(criterion_, event_.child_epcs);
      case QueryPart::parent:
        return any_key(criterion_, event_.parent);
      case QueryPart::input_epc:
        return any_key(criterion_, event_.input_epcs);
      case QueryPart::output_epc:
        return any_key(criterion_, event_.output_epcs);
      case QueryPart::any_epc:
        return any_key(criterion_, event_.epcs) || any_key(criterion_, event_.child_epcs) ||
               any_key(criterion_, event_.parent) || any_key(criterion_, event_.input_epcs) ||
               any_key(criterion_, event_.output_epcs);
      case QueryPart::epc_class:
        return any_class(criterion_, event_.quantities) || any_class(criterion_, event_.child_quantities);
      case QueryPart::input_class:
        return any_class(criterion_, event_.input_quantities);
      case QueryPart::output_class:
        return any_class(criterion_, event_.output_quantities);
      case QueryPart::any_class:
        return any_quantity(event_, [&](QuantityElement const& one) { return any_key(criterion_, one.key); });
      case QueryPart::quantity:
        return any_quantity(event_, [&](QuantityElement const& one) {
          return one.quantity && (criterion_.unit.empty() || one.uom == criterion_.unit) &&
                 compares(criterion_, static_cast<base::i128>(*one.quantity));
        });
      case QueryPart::event_id:
        return matches_event_id();
      case QueryPart::error_declaration:
        return event_.is_error();
      case QueryPart::error_time:
        return event_.is_error() && compares(criterion_, event_.error_declaration->time_ms);
      case QueryPart::error_reason:
        return event_.is_error() && equals(criterion_, event_.error_declaration->reason);
      case QueryPart::corrective_id:
        return event_.is_error() && any_text(event_.error_declaration->corrective_event_ids);
      case QueryPart::sensor_elements:
        return !event_.sensors.empty();
      case QueryPart::sensor_member:
        return matches_sensors();
      default:
        return matches_extension();
    }
  }

  bool any_text(std::vector<std::string> const& texts) const {
    return std::ranges::any_of(texts, [&](std::string const& text) { return equals(criterion_, text); });
  }

  /// Below a place stand its sub-locations: the GLN with an extension.
  bool matches_place(std::optional<Key> const& place) const {
    if (!place) return false;
    if (any_key(criterion_, *place)) return true;
    return criterion_.compare == Compare::with_descendants && any_key(criterion_, class_of(*place));
  }

  bool matches_endpoint(std::vector<Endpoint> const& endpoints) const {
    return std::ranges::any_of(
        endpoints, [&](Endpoint const& one) { return one.type == criterion_.detail && any_key(criterion_, one.key); });
  }

  /// An event answers to the eventID it was given and to its event hash.
  bool matches_event_id() const {
    return std::ranges::any_of(criterion_.operands, [&](Operand const& one) {
      return one.text == event_.event_id || from_event_id(one.text) == event_.event_hash;
    });
  }

  bool matches_master_data() const {
    if (!master_data_) return false;
    auto const has = [&](Key const& key) {
      if (criterion_.compare == Compare::has_attribute) {
        return std::ranges::any_of(criterion_.operands,
                                   [&](Operand const& one) { return master_data_(key, one.text).has_value(); });
      }
      auto const value = master_data_(key, criterion_.attribute);
      return value && equals(criterion_, *value);
    };
    switch (criterion_.part) {
      case QueryPart::read_point:
        return event_.read_point && has(*event_.read_point);
      case QueryPart::biz_location:
        return event_.biz_location && has(*event_.biz_location);
      case QueryPart::source:
        return std::ranges::any_of(event_.sources, [&](Endpoint const& one) { return has(one.key); });
      case QueryPart::destination:
        return std::ranges::any_of(event_.destinations, [&](Endpoint const& one) { return has(one.key); });
      default:
        return any_quantity(event_, [&](QuantityElement const& one) { return has(one.key); });
    }
  }

  /// Sensor members are read from the text: the typed event keeps only what rules need.
  bool matches_sensors() const {
    auto const* elements = queried_.value.find("sensorElementList");
    if (elements == nullptr) return false;
    return std::ranges::any_of(elements->items, [&](Value const& element) {
      auto const* metadata = element.find("sensorMetadata");
      if (metadata != nullptr && matches_member(*metadata)) return true;
      auto const* reports = element.find("sensorReport");
      return reports != nullptr &&
             std::ranges::any_of(reports->items, [&](Value const& report) { return matches_member(report); });
    });
  }

  bool matches_member(Value const& object) const {
    auto const* value = object.find(criterion_.detail);
    if (value == nullptr || (!criterion_.unit.empty() && object.string_of("uom") != criterion_.unit)) return false;
    if (!criterion_.patterns.empty()) {
      auto const key = read_key(value->text);
      return key && any_key(criterion_, *key);
    }
    auto const& first = criterion_.operands.front();
    if (first.number) {
      auto const number = base::from_decimal_literal(value->text, micro_scale);
      return number && compares(criterion_, *number);
    }
    if (first.time_ms) {
      auto const time = base::from_rfc3339(value->text);
      return time && compares(criterion_, *time);
    }
    if (value->is(Kind::boolean)) return equals(criterion_, value->boolean ? "true" : "false");
    constexpr std::pair<std::string_view, Vocabulary> words[] = {{"type", Vocabulary::measurement},
                                                                 {"exception", Vocabulary::sensor_alert},
                                                                 {"component", Vocabulary::component}};
    for (auto const& [name, vocabulary] : words) {
      if (criterion_.detail != name) continue;
      auto const word = read_word(vocabulary, value->text, queried_.context, "");
      return word && equals(criterion_, *word);
    }
    auto const link = canonical_link(value->text);
    return equals(criterion_, link.empty() ? std::string_view(value->text) : std::string_view(link));
  }

  bool is_named(std::string_view key) const {
    std::string_view const wanted = criterion_.detail;
    if (key == wanted) return true;
    auto const iri = queried_.context.expand(key);
    if (iri.empty()) return false;
    if (iri == wanted) return true;
    auto const hash = wanted.find('#');
    if (hash == wanted.npos) return false;
    auto const name = wanted.substr(hash + 1);
    auto const space = wanted.substr(0, hash);
    return iri.ends_with(name) && std::string_view(iri).substr(0, iri.size() - name.size()) == space;
  }

  bool has_value(Value const& value) const {
    if (criterion_.compare == Compare::exists) return true;
    if (value.is(Kind::array))
      return std::ranges::any_of(value.items, [&](Value const& item) { return has_value(item); });
    return !value.is(Kind::object) && !value.is(Kind::null) && compares(criterion_, value);
  }

  /// A member of this object; of any object below it when `deep`.
  bool in_object(Value const& object, bool here, bool deep) const {
    if (object.is(Kind::array)) {
      return std::ranges::any_of(object.items, [&](Value const& item) { return in_object(item, here, deep); });
    }
    return std::ranges::any_of(object.members, [&](auto const& member) {
      if (here && is_named(member.first) && has_value(member.second)) return true;
      return deep && in_object(member.second, true, true);
    });
  }

  bool in_place(Value const* object) const {
    return object != nullptr && in_object(*object, !criterion_.inner, criterion_.inner);
  }

  /// At the top of an event only what is no field of EPCIS is an extension; ilmd and others are places of their own.
  bool in_event() const {
    return std::ranges::any_of(queried_.value.members, [&](auto const& member) {
      if (member.first.find(':') == std::string::npos) return false;
      if (criterion_.inner) return in_object(member.second, true, true);
      return is_named(member.first) && has_value(member.second);
    });
  }

  bool matches_extension() const {
    auto const& value = queried_.value;
    switch (criterion_.place) {
      case ExtensionPlace::event:
        return in_event();
      case ExtensionPlace::ilmd:
        return in_place(value.find("ilmd"));
      case ExtensionPlace::error_declaration:
        return in_place(value.find("errorDeclaration"));
      case ExtensionPlace::read_point:
        return in_place(value.find("readPoint"));
      case ExtensionPlace::biz_location:
        return in_place(value.find("bizLocation"));
      default:
        break;
    }
    auto const* elements = value.find("sensorElementList");
    if (elements == nullptr) return false;
    return std::ranges::any_of(elements->items, [&](Value const& element) {
      if (criterion_.place == ExtensionPlace::sensor_metadata) return in_place(element.find("sensorMetadata"));
      if (criterion_.place == ExtensionPlace::sensor_report) return in_place(element.find("sensorReport"));
      return std::ranges::any_of(element.members, [&](auto const& member) {
        if (member.first.find(':') == std::string::npos) return false;
        if (criterion_.inner) return in_object(member.second, true, true);
        return is_named(member.first) && has_value(member.second);
      });
    });
  }

  Criterion const& criterion_;
  Event const& event_;
  QueriedEvent const& queried_;
  MasterData const& master_data_;
};

}  // namespace

bool matches(Query const& query, QueriedEvent const& event, MasterData const& master_data) {
  return std::ranges::all_of(
      query.criteria, [&](Criterion const& criterion) { return Matcher(criterion, event, master_data).matches(); });
}

std::optional<Operand> order_value(Query const& query, QueriedEvent const& event) {
  Operand out;
  if (query.order_by == "recordTime") {
    out.time_ms = event.recorded_ms;
    return out;
  }
  if (query.order_by.empty() || query.order_by == "eventTime") {
    out.time_ms = event.event.time_ms;
    return out;
  }
  for (auto const& [key, value] : event.value.members) {
    if (key != query.order_by && event.context.expand(key) != query.order_by) continue;
    out.text = value.text;
    out.number = base::from_decimal_literal(value.text, micro_scale);
    if (!out.number) out.time_ms = base::from_rfc3339(value.text);
    return out;
  }
  return std::nullopt;
}

}  // namespace gs1
