// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>

#include "gs1/event_reader.hpp"

namespace gs1::detail {

namespace {

/// The members of a report that are URIs and that no rule reads: only their form is judged.
constexpr std::string_view report_uris[] = {
    "deviceMetadata", "rawData",           "dataProcessingMethod",      "bizRules",
    "microorganism",  "chemicalSubstance", "coordinateReferenceSystem", "uriValue"};
constexpr std::string_view metadata_uris[] = {"deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"};
constexpr std::string_view report_numbers[] = {"meanValue", "sDev", "percRank", "percValue"};

constexpr std::int64_t one = 1'000'000;

/// Whole bytes.
bool is_hex(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 && text.find_first_not_of("0123456789ABCDEFabcdef") == text.npos;
}

Result<void> check_uris(Value const& object, std::span<std::string_view const> names) {
  std::string ignored;
  for (auto const name : names) {
    if (auto const* value = object.find(name)) TRY_INSIDE(name, read_uri(*value, ignored));
  }
  return {};
}

Result<void> read_value(Value const& report, std::string_view name, std::optional<std::int64_t>& out) {
  auto const* value = report.find(name);
  if (value == nullptr) return {};
  auto micro = read_micro(*value, false);
  if (!micro) return inside(name, micro.error());
  out = *micro;
  return {};
}

/// A latitude or longitude in degrees.
Result<void> check_degrees(Value const& report, std::string_view component) {
  std::int64_t const bound = component == "latitude" ? 90 : component == "longitude" ? 180 : 0;
  for (std::string_view const name : {"value", "minValue", "maxValue", "meanValue"}) {
    std::optional<std::int64_t> degrees;
    TRY(read_value(report, name, degrees));
    if (bound != 0 && degrees && (*degrees < -bound * one || *degrees > bound * one)) {
      return form(name, "expected -" + std::to_string(bound) + " to " + std::to_string(bound) + " degrees");
    }
  }
  return {};
}

Result<void> check_other_values(Value const& report, Context const& context) {
  TRY(check_uris(report, report_uris));
  for (auto const name : report_numbers) {
    std::optional<std::int64_t> number;
    TRY(read_value(report, name, number));
    if (!number) continue;
    if (name == "sDev" && *number < 0) return form(name, "must not be negative");
    if (name == "percRank" && (*number < 0 || *number > 100 * one)) return form(name, "expected 0 to 100");
  }
  if (auto const* text = report.find("stringValue"); text != nullptr && !text->is(Value::Kind::string)) {
    return form("stringValue", "expected a text");
  }
  if (auto const* hex = report.find("hexBinaryValue")) {
    if (!hex->is(Value::Kind::string) || !is_hex(hex->text))
      return form("hexBinaryValue", "expected pairs of hexadecimal digits");
  }
  if (auto const* component = report.find("component")) {
    if (!component->is(Value::Kind::string)) return form("component", "expected a word");
    TRY_ASSIGN(auto const word, read_word(Vocabulary::component, component->text, context, "component"));
    if (report.string_of("uom") == "DD") TRY(check_degrees(report, word));
  }
  return {};
}

Result<void> read_report(Value const& value, Context const& context, SensorReport& out) {
  TRY(check_members(value, context,
                    {"type",
                     "exception",
                     "deviceID",
                     "deviceMetadata",
                     "rawData",
                     "dataProcessingMethod",
                     "bizRules",
                     "time",
                     "microorganism",
                     "chemicalSubstance",
                     "coordinateReferenceSystem",
                     "value",
                     "component",
                     "stringValue",
                     "booleanValue",
                     "hexBinaryValue",
                     "uriValue",
                     "minValue",
                     "maxValue",
                     "meanValue",
                     "sDev",
                     "percRank",
                     "percValue",
                     "uom"}));
  auto const* type = value.find("type");
  auto const* alert = value.find("exception");
  if (type == nullptr && alert == nullptr) return form("type", "is missing");
  if (type != nullptr) {
    if (!type->is(Value::Kind::string)) return form("type", "expected a word");
    TRY_ASSIGN(out.type, read_word(Vocabulary::measurement, type->text, context, "type"));
  }
  if (alert != nullptr) {
    if (!alert->is(Value::Kind::string)) return form("exception", "expected a word");
    TRY_ASSIGN(out.alert, read_word(Vocabulary::sensor_alert, alert->text, context, "exception"));
  }
  if (auto const* device = value.find("deviceID")) TRY_INSIDE("deviceID", read_key_into(*device, out.device));
  if (auto const* time = value.find("time")) TRY_INSIDE("time", read_time(*time, out.time_ms));
  TRY(read_value(value, "value", out.value));
  TRY(read_value(value, "minValue", out.value_min));
  TRY(read_value(value, "maxValue", out.value_max));
  if (out.value_min && out.value_max && *out.value_min > *out.value_max)
    return form("minValue", "greater than maxValue");
  if (auto const* uom = value.find("uom")) {
    TRY_INSIDE("uom", read_uom(*uom, out.uom));
    if (!fits_measurement(out.uom, out.type)) return form("uom", "no unit of " + out.type);
  }
  if (auto const* boolean = value.find("booleanValue")) {
    if (!boolean->is(Value::Kind::boolean)) return form("booleanValue", "expected true or false");
    out.boolean = boolean->boolean;
  }
  return check_other_values(value, context);
}

Result<void> read_metadata(Value const& value, Context const& context, SensorElement& out) {
  TRY(check_members(
      value, context,
      {"time", "deviceID", "deviceMetadata", "rawData", "startTime", "endTime", "dataProcessingMethod", "bizRules"}));
  if (auto const* device = value.find("deviceID")) TRY_INSIDE("deviceID", read_key_into(*device, out.device));
  if (auto const* time = value.find("time")) TRY_INSIDE("time", read_time(*time, out.time_ms));
  if (auto const* start = value.find("startTime")) TRY_INSIDE("startTime", read_time(*start, out.start_ms));
  if (auto const* end = value.find("endTime")) TRY_INSIDE("endTime", read_time(*end, out.end_ms));
  if (out.start_ms && out.end_ms && *out.start_ms > *out.end_ms) return form("startTime", "later than endTime");
  return check_uris(value, metadata_uris);
}

Result<void> read_element(Value const& value, Context const& context, SensorElement& out) {
  TRY(check_members(value, context, {"sensorMetadata", "sensorReport"}));
  if (auto const* metadata = value.find("sensorMetadata")) {
    TRY_INSIDE("sensorMetadata", read_metadata(*metadata, context, out));
  }
  auto const* reports = value.find("sensorReport");
  if (reports == nullptr || !reports->is(Value::Kind::array) || reports->items.empty()) {
    return form("sensorReport", "expected a list of at least one report");
  }
  out.reports.resize(reports->items.size());
  for (std::size_t i = 0; i < out.reports.size(); ++i) {
    auto& report = out.reports[i];
    auto result = read_report(reports->items[i], context, report);
    if (!result) return inside(at("sensorReport", i), result.error());
    if (!report.device) report.device = out.device;
    if (!report.time_ms) report.time_ms = out.time_ms;
  }
  return {};
}

}  // namespace

Result<void> read_sensors(Value const& value, Context const& context, std::vector<SensorElement>& out) {
  if (!value.is(Value::Kind::array)) return form("", "expected a list");
  out.resize(value.items.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto result = read_element(value.items[i], context, out[i]);
    if (!result) return inside(at("", i), result.error());
  }
  return {};
}

}  // namespace gs1::detail
