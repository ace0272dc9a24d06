// SPDX-License-Identifier: Apache-2.0
#include "gs1/query.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "base/time.hpp"
#include "gs1/digital_link.hpp"
#include "gs1/event_reader.hpp"

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;
using Kind = base::Value::Kind;

constexpr unsigned micro_scale = 6;

/// What the operands of a parameter are.
enum class Form : std::uint8_t { word, action, event_type, key, pattern, uri, text, number, time, boolean, presence };

struct Known {
  std::string_view name;
  QueryPart part;
  Compare compare;
  Form form;
  Vocabulary vocabulary = Vocabulary::biz_step;
};

constexpr Known known_parameters[] = {
    {"eventType", QueryPart::event_type, Compare::eq, Form::event_type},
    {"GE_eventTime", QueryPart::event_time, Compare::ge, Form::time},
    {"LT_eventTime", QueryPart::event_time, Compare::lt, Form::time},
    {"GE_recordTime", QueryPart::record_time, Compare::ge, Form::time},
    {"LT_recordTime", QueryPart::record_time, Compare::lt, Form::time},
    {"EQ_action", QueryPart::action, Compare::eq, Form::action},
    {"EQ_bizStep", QueryPart::biz_step, Compare::eq, Form::word, Vocabulary::biz_step},
    {"EQ_disposition", QueryPart::disposition, Compare::eq, Form::word, Vocabulary::disposition},
    {"EQ_persistentDisposition_set", QueryPart::disposition_set, Compare::eq, Form::word, Vocabulary::disposition},
    {"EQ_persistentDisposition_unset", QueryPart::disposition_unset, Compare::eq, Form::word, Vocabulary::disposition},
    {"EQ_readPoint", QueryPart::read_point, Compare::match, Form::key},
    {"WD_readPoint", QueryPart::read_point, Compare::with_descendants, Form::key},
    {"EQ_bizLocation", QueryPart::biz_location, Compare::match, Form::key},
    {"WD_bizLocation", QueryPart::biz_location, Compare::with_descendants, Form::key},
    {"EQ_transformationID", QueryPart::transformation_id, Compare::match, Form::key},
    {"MATCH_epc", QueryPart::epc, Compare::match, Form::pattern},
    {"MATCH_parentID", QueryPart::parent, Compare::match, Form::pattern},
    {"MATCH_inputEPC", QueryPart::input_epc, Compare::match, Form::pattern},
    {"MATCH_outputEPC", QueryPart::output_epc, Compare::match, Form::pattern},
    {"MATCH_anyEPC", QueryPart::any_epc, Compare::match, Form::pattern},
    {"MATCH_epcClass", QueryPart::epc_class, Compare::match, Form::pattern},
    {"MATCH_inputEPCClass", QueryPart::input_class, Compare::match, Form::pattern},
    {"MATCH_outputEPCClass", QueryPart::output_class, Compare::match, Form::pattern},
    {"MATCH_anyEPCClass", QueryPart::any_class, Compare::match, Form::pattern},
    {"EQ_eventID", QueryPart::event_id, Compare::eq, Form::uri},
    {"EXISTS_errorDeclaration", QueryPart::error_declaration, Compare::exists, Form::presence},
    // The schema writes an underscore, the REST interface none.
    {"GE_errorDeclaration_Time", QueryPart::error_time, Compare::ge, Form::time},
    {"LT_errorDeclaration_Time", QueryPart::error_time, Compare::lt, Form::time},
    {"GE_errorDeclarationTime", QueryPart::error_time, Compare::ge, Form::time},
    {"LT_errorDeclarationTime", QueryPart::error_time, Compare::lt, Form::time},
    {"EQ_errorReason", QueryPart::error_reason, Compare::eq, Form::word, Vocabulary::error_reason},
    {"EQ_correctiveEventID", QueryPart::corrective_id, Compare::eq, Form::uri},
    {"EXISTS_sensorElementList", QueryPart::sensor_elements, Compare::exists, Form::presence},
    {"EQ_type", QueryPart::sensor_member, Compare::eq, Form::word, Vocabulary::measurement},
    {"EQ_exception", QueryPart::sensor_member, Compare::eq, Form::word, Vocabulary::sensor_alert},
    {"EQ_component", QueryPart::sensor_member, Compare::eq, Form::word, Vocabulary::component},
    {"EQ_deviceID", QueryPart::sensor_member, Compare::match, Form::key},
    {"EQ_deviceMetadata", QueryPart::sensor_member, Compare::eq, Form::uri},
    {"EQ_rawData", QueryPart::sensor_member, Compare::eq, Form::uri},
    {"EQ_dataProcessingMethod", QueryPart::sensor_member, Compare::eq, Form::uri},
    {"EQ_microorganism", QueryPart::sensor_member, Compare::eq, Form::uri},
    {"EQ_chemicalSubstance", QueryPart::sensor_member, Compare::eq, Form::uri},
    {"EQ_coordinateReferenceSystem", QueryPart::sensor_member, Compare::eq, Form::uri},
    {"EQ_bizRules", QueryPart::sensor_member, Compare::eq, Form::uri},
    {"EQ_stringValue", QueryPart::sensor_member, Compare::eq, Form::text},
    {"EQ_booleanValue", QueryPart::sensor_member, Compare::eq, Form::boolean},
    {"EQ_hexBinaryValue", QueryPart::sensor_member, Compare::eq, Form::text},
    {"EQ_uriValue", QueryPart::sensor_member, Compare::eq, Form::uri},
};

constexpr std::pair<std::string_view, Compare> comparisons[] = {
    {"EQ_", Compare::eq},
    {"GT_", Compare::gt},
    {"GE_", Compare::ge},
    {"LT_", Compare::lt},
    {"LE_", Compare::le},
    {"EXISTS_", Compare::exists},
    {"HASATTR_", Compare::has_attribute},
    {"EQ_ATTR_", Compare::eq_attribute},
    {"EQATTR_", Compare::eq_attribute},
};

constexpr std::pair<std::string_view, ExtensionPlace> places[] = {
    {"ILMD_", ExtensionPlace::ilmd},
    {"ERROR_DECLARATION_", ExtensionPlace::error_declaration},
    {"SENSORELEMENT_", ExtensionPlace::sensor_element},
    {"SENSORMETADATA_", ExtensionPlace::sensor_metadata},
    {"SENSORREPORT_", ExtensionPlace::sensor_report},
    {"readPoint_", ExtensionPlace::read_point},
    {"bizLocation_", ExtensionPlace::biz_location},
};

constexpr std::string_view measured[] = {"value", "minValue", "maxValue", "meanValue", "sDev", "percValue"};
constexpr std::string_view sensor_times[] = {"time", "startTime", "endTime"};

bool take(std::string_view& text, std::string_view front) {
  if (!text.starts_with(front)) return false;
  text.remove_prefix(front.size());
  return true;
}

Error fault(std::string_view name, std::string detail, Code code = Code::E_EVENT_FORM) {
  return {code, std::string(name), std::move(detail)};
}

/// Parameters of a URL are all texts; those of JSON have types.
enum class Source : std::uint8_t { json, url };

class Reader {
 public:
  Reader(Context const& context, Source source) : context_(context), source_(source) {}

  Result<void> read(std::string const& name, Value const& value) {
    if (values_ > query_values_max) return fault(name, "at most 1024 values a query", Code::E_TOO_LARGE);
    if (name == "orderBy") return read_order(value);
    if (name == "orderDirection") {
      if (value.text != "ASC" && value.text != "DESC") return fault(name, "expected ASC or DESC");
      query_.ascending = value.text == "ASC";
      return {};
    }
    if (name == "eventCountLimit") return read_count(name, value, query_.event_count_limit);
    if (name == "maxEventCount") return read_count(name, value, query_.max_event_count);
    auto const* known = std::ranges::find(known_parameters, name, &Known::name);
    if (known != std::end(known_parameters)) {
      Criterion criterion;
      criterion.name = name;
      criterion.part = known->part;
      criterion.compare = known->compare;
      if (known->part == QueryPart::sensor_member) criterion.detail = name.substr(name.find('_') + 1);
      return add(std::move(criterion), *known, value);
    }
    return read_composed(name, value);
  }

  Result<Query> finish() && {
    if (query_.event_count_limit && query_.max_event_count)
      return fault("eventCountLimit", "not together with maxEventCount");
    if (query_.event_count_limit && query_.order_by.empty()) return fault("eventCountLimit", "only with orderBy");
    return std::move(query_);
  }

 private:
  Result<void> read_order(Value const& value) {
    if (!value.is(Kind::string) || value.text.empty()) return fault("orderBy", "expected a field");
    if (value.text == "eventTime" || value.text == "recordTime") {
      query_.order_by = value.text;
      return {};
    }
    if (value.text.find(':') == value.text.npos)
      return fault("orderBy", "expected eventTime, recordTime or an extension");
    query_.order_by = extension_name(value.text);
    return {};
  }

  Result<void> read_count(std::string const& name, Value const& value, std::optional<std::uint64_t>& out) {
    bool const counts = value.is(Kind::number) || (source_ == Source::url && value.is(Kind::string));
    auto const number =
        counts ? base::from_decimal(value.text, std::numeric_limits<std::uint32_t>::max()) : std::nullopt;
    if (!number || *number == 0) return fault(name, "expected a positive whole number");
    out = static_cast<std::uint64_t>(*number);
    return {};
  }

  /// The full IRI of a declared prefix, "namespace#name" as version 1 wrote it, or the name as it stands in events.
  std::string extension_name(std::string_view text) const {
    auto const hash = text.find('#');
    if (hash != text.npos && text.find(':') < hash) return std::string(text);
    auto iri = context_.expand(text);
    return iri.empty() ? std::string(text) : iri;
  }

  /// Names with a part of their own: units, types, fields of extensions.
  Result<void> read_composed(std::string const& name, Value const& value) {
    std::string_view rest = name;
    auto const* operation = std::ranges::find_if(comparisons, [&](auto const& one) {
      return name.starts_with(one.first) && !(one.first == "EQ_" && name.starts_with("EQ_ATTR_"));
    });
    if (operation == std::end(comparisons)) return fault(name, "is no parameter of an event query");
    rest.remove_prefix(operation->first.size());
    Criterion criterion;
    criterion.name = name;
    criterion.compare = operation->second;
    if (criterion.compare == Compare::has_attribute || criterion.compare == Compare::eq_attribute) {
      return read_attribute(std::move(criterion), rest, value);
    }
    if (criterion.compare == Compare::eq) {
      constexpr std::pair<std::string_view, QueryPart> typed[] = {{"bizTransaction_", QueryPart::biz_transaction},
                                                                  {"source_", QueryPart::source},
                                                                  {"destination_", QueryPart::destination}};
      for (auto const& [front, part] : typed) {
        if (take(rest, front)) return read_typed(std::move(criterion), part, rest, value);
      }
    }
    if (criterion.compare != Compare::exists) {
      if (read_measure(criterion, rest))
        return add(std::move(criterion), {"", criterion.part, criterion.compare, Form::number}, value);
      if (std::ranges::find(sensor_times, rest) != std::end(sensor_times) && criterion.compare != Compare::eq) {
        criterion.part = QueryPart::sensor_member;
        criterion.detail = rest;
        return add(std::move(criterion), {"", criterion.part, criterion.compare, Form::time}, value);
      }
    }
    return read_extension(std::move(criterion), rest, value);
  }

  /// quantity, quantity_KGM, value_CEL, percRank.
  static bool read_measure(Criterion& criterion, std::string_view rest) {
    auto const mark = rest.find('_');
    auto const field = rest.substr(0, mark);
    auto const unit = mark == rest.npos ? std::string_view{} : rest.substr(mark + 1);
    if (mark != rest.npos && !is_unit(unit)) return false;
    if (field == "quantity") {
      criterion.part = QueryPart::quantity;
    } else if ((field == "percRank" && mark == rest.npos) ||
               (std::ranges::find(measured, field) != std::end(measured) && mark != rest.npos)) {
      criterion.part = QueryPart::sensor_member;
      criterion.detail = field;
    } else {
      return false;
    }
    criterion.unit = unit;
    return true;
  }

  Result<void> read_typed(Criterion criterion, QueryPart part, std::string_view type, Value const& value) {
    auto const vocabulary =
        part == QueryPart::biz_transaction ? Vocabulary::biz_transaction : Vocabulary::source_destination;
    auto word = read_word(vocabulary, type, context_, criterion.name);
    if (!word) return word.error();
    criterion.part = part;
    criterion.detail = *std::move(word);
    criterion.compare = Compare::match;
    return add(std::move(criterion), {"", part, Compare::match, Form::key}, value);
  }

  Result<void> read_attribute(Criterion criterion, std::string_view rest, Value const& value) {
    constexpr std::pair<std::string_view, QueryPart> fields[] = {
        {"readPoint", QueryPart::read_point},    {"bizLocation", QueryPart::biz_location},
        {"epcClass", QueryPart::any_class},      {"source", QueryPart::source},
        {"destination", QueryPart::destination},
    };
    auto const mark = criterion.compare == Compare::eq_attribute ? rest.find('_') : rest.npos;
    auto const* field = std::ranges::find(fields, rest.substr(0, mark), &std::pair<std::string_view, QueryPart>::first);
    if (field == std::end(fields) || (criterion.compare == Compare::eq_attribute && mark == rest.npos)) {
      return fault(criterion.name, "expected readPoint, bizLocation, epcClass, source or destination");
    }
    criterion.part = field->second;
    if (mark != rest.npos) criterion.attribute = rest.substr(mark + 1);
    return add(std::move(criterion), {"", criterion.part, criterion.compare, Form::text}, value);
  }

  Result<void> read_extension(Criterion criterion, std::string_view rest, Value const& value) {
    criterion.inner = take(rest, "INNER_");
    for (auto const& [front, place] : places) {
      if (!take(rest, front)) continue;
      criterion.place = place;
      break;
    }
    auto const colon = rest.find(':');
    if (colon == rest.npos || colon == 0 || colon + 1 == rest.size()) {
      return fault(criterion.name, "is no parameter of an event query");
    }
    criterion.part = QueryPart::extension;
    criterion.detail = extension_name(rest);
    if (criterion.compare == Compare::exists) {
      return add(std::move(criterion), {"", QueryPart::extension, Compare::exists, Form::presence}, value);
    }
    criterion.operands.reserve(1);
    return each(
        criterion.name, value,
        [&](Value const& item) -> Result<void> {
          if (item.is(Kind::object) || item.is(Kind::array) || item.is(Kind::null))
            return fault(criterion.name, "expected a text, a number or a time");
          auto operand = operand_of(item);
          bool const ordered = criterion.compare != Compare::eq;
          if (ordered && !operand.number && !operand.time_ms)
            return fault(criterion.name, "expected a number or a time");
          criterion.operands.push_back(std::move(operand));
          return {};
        },
        [&] { query_.criteria.push_back(std::move(criterion)); });
  }

  static Operand operand_of(Value const& item) {
    Operand operand;
    operand.text = item.is(Kind::boolean) ? (item.boolean ? "true" : "false") : item.text;
    operand.number = base::from_decimal_literal(item.text, micro_scale);
    if (!operand.number) operand.time_ms = base::from_rfc3339(item.text);
    return operand;
  }

  /// Calls for each value: of a list, of a text with bars in a URL, or of the one.
  template <class One, class Done>
  Result<void> each(std::string const& name, Value const& value, One one, Done done) {
    auto const call = [&](Value const& item) -> Result<void> {
      if (++values_ > query_values_max) return fault(name, "at most 1024 values a query", Code::E_TOO_LARGE);
      return one(item);
    };
    if (value.is(Kind::array)) {
      if (value.items.empty()) return fault(name, "has no value");
      for (auto const& item : value.items) TRY(call(item));
    } else if (source_ == Source::url && value.is(Kind::string)) {
      for (std::string_view rest = value.text;;) {
        auto const bar = rest.find('|');
        TRY(call(Value::of(rest.substr(0, bar))));
        if (bar == rest.npos) break;
        rest.remove_prefix(bar + 1);
      }
    } else {
      TRY(call(value));
    }
    done();
    return {};
  }

  Result<void> add(Criterion criterion, Known const& known, Value const& value) {
    if (known.form == Form::presence) return add_presence(std::move(criterion), value);
    bool const ordered = criterion.compare != Compare::eq && criterion.compare != Compare::match;
    bool const list = !ordered || known.compare == Compare::with_descendants ||
                      known.compare == Compare::has_attribute || known.compare == Compare::eq_attribute;
    bool const several = value.is(Kind::array) || (source_ == Source::url && value.text.find('|') != value.text.npos);
    if (!list && several) return fault(criterion.name, "expected one value");
    if (list && source_ == Source::json && known.form != Form::boolean && !value.is(Kind::array)) {
      return fault(criterion.name, "expected a list");
    }
    return each(
        criterion.name, value, [&](Value const& item) { return add_value(criterion, known, item); },
        [&] { query_.criteria.push_back(std::move(criterion)); });
  }

  /// EXISTS_ is a switch: the schema gives it a number or null, the REST interface true; false asks nothing.
  Result<void> add_presence(Criterion criterion, Value const& value) {
    bool const off = (value.is(Kind::boolean) && !value.boolean) || (value.is(Kind::string) && value.text == "false");
    bool const on = value.is(Kind::null) || value.is(Kind::number) || (value.is(Kind::boolean) && value.boolean) ||
                    (value.is(Kind::string) && (value.text.empty() || value.text == "true" || value.text == "1"));
    if (!on && !off) return fault(criterion.name, "expected true");
    if (on) query_.criteria.push_back(std::move(criterion));
    return {};
  }

  Result<void> add_value(Criterion& criterion, Known const& known, Value const& item) {
    auto const& name = criterion.name;
    bool const is_text = item.is(Kind::string) && !item.text.empty();
    Operand operand;
    operand.text = item.text;
    switch (known.form) {
      case Form::number: {
        bool const number = item.is(Kind::number) || (source_ == Source::url && is_text);
        operand.number = number ? base::from_decimal_literal(item.text, micro_scale) : std::nullopt;
        if (!operand.number) return fault(name, "expected a number of at most six decimals");
        break;
      }
      case Form::time:
        operand.time_ms = is_text ? base::from_rfc3339(item.text) : std::nullopt;
        if (!operand.time_ms) return fault(name, "expected a date and time with its offset (RFC 3339)");
        break;
      case Form::boolean:
        if (source_ == Source::json ? !item.is(Kind::boolean) : item.text != "true" && item.text != "false")
          return fault(name, "expected true or false");
        if (item.is(Kind::boolean)) operand.text = item.boolean ? "true" : "false";
        break;
      case Form::word: {
        auto word = read_word(known.vocabulary, is_text ? std::string_view(item.text) : "", context_, name);
        if (!word) return word.error();
        operand.text = *std::move(word);
        break;
      }
      case Form::action: {
        auto const names = enum_names(Action{});
        if (!is_text || std::ranges::find(names, item.text) == names.end())
          return fault(name, "expected OBSERVE, ADD or DELETE");
        break;
      }
      case Form::event_type: {
        auto const names = enum_names(EventType{});
        bool const standard = std::ranges::find(names, item.text) != names.end();
        if (!is_text || (!standard && item.text.find(':') == item.text.npos))
          return fault(name, "not an event type of EPCIS 2.0");
        break;
      }
      case Form::uri: {
        std::string ignored;
        if (auto judged = detail::read_uri(item, ignored); !judged) return fault(name, judged.error().detail);
        auto const link = canonical_link(item.text);
        if (!link.empty()) operand.text = link;
        break;
      }
      case Form::key:
      case Form::pattern: {
        auto pattern = read_pattern(is_text ? std::string_view(item.text) : "", name);
        if (!pattern) return pattern.error();
        criterion.patterns.push_back(*std::move(pattern));
        return {};
      }
      case Form::text:
      case Form::presence:
        if (!is_text) return fault(name, "expected a text");
        break;
    }
    criterion.operands.push_back(std::move(operand));
    return {};
  }

  /// An object or class that is asked for has a right check digit. A place or party may have a wrong one: nothing
  /// recorded has it, but the published queries ask for such.
  static Result<void> read_asked(std::string_view text, std::string const& name, Key& out) {
    auto key = read_key(text, name);
    bool const is_object = name.starts_with("MATCH_");
    auto lenient = key || is_object ? std::nullopt : find_key(text);
    if (!key && !lenient) return key.error();
    out = key ? *std::move(key) : *std::move(lenient);
    return {};
  }

  /// A key, or an EPC pattern URN with * in place of the serial or of reference and serial.
  static Result<KeyPattern> read_pattern(std::string_view text, std::string const& name) {
    KeyPattern out;
    constexpr std::string_view front = "urn:epc:idpat:";
    if (text.starts_with(front) && text.ends_with(".*")) {
      out.any_qualifier = true;
      auto rest = text.substr(front.size());
      if (rest.ends_with(".*.*")) {
        auto const colon = rest.find(':');
        auto const scheme = rest.substr(0, colon);
        out.ai = scheme == "sgtin" || scheme == "lgtin" ? "01"
                 : scheme == "sscc"                     ? "00"
                 : scheme == "sgln"                     ? "414"
                                                        : "";
        rest = rest.substr(colon == rest.npos ? 0 : colon + 1);
        out.company_prefix = rest.substr(0, rest.find('.'));
        bool const digits = out.company_prefix.find_first_not_of("0123456789") == std::string::npos;
        if (out.ai.empty() || !digits || out.company_prefix.empty()) return fault(name, "not an EPC pattern URN");
        return out;
      }
      // The pattern of a lot's class is written like that of a serial's.
      std::string const written =
          rest.starts_with("lgtin:") ? std::string(front) + "s" + std::string(rest.substr(1)) : std::string(text);
      TRY(read_asked(written, name, out.key));
      return out;
    }
    TRY(read_asked(text, name, out.key));
    return out;
  }

  Context const& context_;
  Source source_;
  Query query_;
  std::size_t values_ = 0;
};

}  // namespace

bool KeyPattern::matches(Key const& other) const {
  if (!any_qualifier) return key == other;
  if (!company_prefix.empty()) return other.ai == ai && prefix_digits(other).starts_with(company_prefix);
  return other == key || class_of(other) == key;
}

Criterion const* Query::find(std::string_view name) const {
  auto const found = std::ranges::find(criteria, name, &Criterion::name);
  return found == criteria.end() ? nullptr : &*found;
}

Result<Query> read_query(Value const& object, Context const& outer) {
  if (!object.is(Kind::object)) return fault("", "expected an object of parameters");
  if (object.members.size() > query_parameters_max)
    return fault("", "at most 64 parameters a query", Code::E_TOO_LARGE);
  Context context = outer;
  context.epcis = true;
  if (auto const* given = object.find("@context")) {
    TRY_ASSIGN(auto const inner, read_context(*given));
    context.names.insert(context.names.end(), inner.names.begin(), inner.names.end());
  }
  Reader reader(context, Source::json);
  for (auto const& [name, value] : object.members) {
    if (name != "@context") TRY(reader.read(name, value));
  }
  return std::move(reader).finish();
}

Result<Query> read_query(std::vector<std::pair<std::string, std::string>> const& parameters, Context const& outer) {
  if (parameters.size() > query_parameters_max) return fault("", "at most 64 parameters a query", Code::E_TOO_LARGE);
  Context context = outer;
  context.epcis = true;
  Reader reader(context, Source::url);
  for (auto const& [name, value] : parameters) TRY(reader.read(name, Value::of(value)));
  return std::move(reader).finish();
}

bool is_query(Value const& object) {
  if (!object.is(Kind::object) || object.find("type") != nullptr || object.find("epcisBody") != nullptr) return false;
  auto const* context = object.find("@context");
  if (context != nullptr && context->text.ends_with("query-schema.json")) return true;
  return std::ranges::any_of(object.members, [](auto const& member) {
    auto const& name = member.first;
    if (std::ranges::find(known_parameters, name, &Known::name) != std::end(known_parameters)) return true;
    return name == "orderBy" || name == "eventCountLimit" || name == "maxEventCount" ||
           std::ranges::any_of(comparisons, [&](auto const& one) { return name.starts_with(one.first); });
  });
}

}  // namespace gs1
