// SPDX-License-Identifier: Apache-2.0
// Facts: what they are about, who attests them, what they are worth.
#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/parse.hpp"
#include "gs1/identifier.hpp"
#include "gs1/vocabulary.hpp"

namespace contracts::escrow {

namespace {

constexpr TimeMs age_ms_default = 3 * base::day_ms;
/// Quantities and readings are kept in micro-units.
constexpr i128 scale_max = 6;
constexpr i128 devices_max = 64;
constexpr i128 grade_max = 1'000'000;
constexpr auto value_most = static_cast<i128>(base::amount_max);
/// A document code of UN/EDIFACT 1001.
constexpr std::size_t document_code_bytes_max = 3;
constexpr std::size_t documents_max = 8;
constexpr std::size_t scheme_bytes_max = 120;

/// Terms speak CBV's bare words and ours with their prefix.
gs1::Context vocabulary_context() {
  gs1::Context out;
  out.epcis = true;
  out.names.emplace_back("tally", std::string(gs1::tally_namespace));
  return out;
}

Result<std::string> word_of(gs1::Vocabulary vocabulary, std::string const& written, std::string const& path) {
  auto read = gs1::read_word(vocabulary, written, vocabulary_context(), path);
  if (!read) return Error{Code::E_ESCROW_FORM, path, read.error().detail};
  return read;
}

}  // namespace

Result<std::vector<FactPattern>> Reader::fact(Value const& value, std::string const& path, bool in_seen) {
  TRY_ASSIGN(auto const kind, one_of(value, path, {"handover", "milestone", "sensor", "documents", "certificate"},
                                     {"value", "bounds", "since", "maxAge"}));
  auto const here = at(path, kind);
  auto const& body = *value.find(kind);
  if (in_seen && value.find("value") != nullptr) return form(at(path, "value"), "\"seen\" has no value");
  std::vector<FactPattern> out;
  if (kind == "documents") {
    TRY_ASSIGN(out, documents(body, here));
  } else {
    auto read = kind == "handover"    ? handover(body, here, in_seen)
                : kind == "milestone" ? milestone(body, here)
                : kind == "sensor"    ? sensor_fact(body, here)
                                      : certificate(body, here);
    TRY(read);
    out.push_back(*std::move(read));
  }
  TRY(fact_value(out.front(), value, path, kind));
  bool since_state = false;
  if (auto const* since = value.find("since")) {
    since_state = since->is(Value::Kind::string) && since->text == "state";
    bool const contract = since->is(Value::Kind::string) && since->text == "contract";
    if (!since_state && !contract) return form(at(path, "since"), "expected contract or state");
  }
  TimeMs age_ms_max = age_ms_default;
  if (auto const* age = value.find("maxAge")) {
    TRY_ASSIGN(age_ms_max, duration(*age, at(path, "maxAge")));
  }
  for (auto& one : out) {
    one.since_state = since_state;
    one.age_ms_max = age_ms_max;
  }
  return out;
}

Result<void> Reader::fact_value(FactPattern& out, Value const& value, std::string const& path,
                                std::string const& kind) {
  using Is = FactPattern::Value;
  auto const* wanted = value.find("value");
  auto const* range = value.find("bounds");
  if (wanted == nullptr) {
    if (range != nullptr) return form(at(path, "bounds"), "only beside \"value\"");
    return {};
  }
  auto const here = at(path, "value");
  if (range == nullptr) return form(at(path, "bounds"), "is missing beside \"value\"");
  auto const limits = at(path, "bounds");
  if (wanted->is(Value::Kind::object)) {
    TRY(object(*wanted, here, {"sensor"}, {}));
    TRY_ASSIGN(out.reading, sensor(*wanted->find("sensor"), at(here, "sensor"), false));
    TRY_ASSIGN(auto const read, bounds(*range, limits, -value_most, value_most));
    std::tie(out.low, out.high) = read;
    out.value = Is::reading;
    return {};
  }
  bool const grade = wanted->is(Value::Kind::string) && wanted->text == "grade";
  bool const quantity = wanted->is(Value::Kind::string) && wanted->text == "quantityAccepted";
  if (!grade && !quantity) return form(here, "expected quantityAccepted, grade or a sensor");
  if (grade && kind != "milestone") return form(here, "only a milestone has a grade");
  if (quantity && kind != "milestone" && kind != "handover") {
    return form(here, "only a milestone or a handover has a quantity");
  }
  if (out.wanted != Wanted::accepted) return form(here, "only an accepted handover has a quantity");
  TRY_ASSIGN(auto const read, bounds(*range, limits, 0, grade ? grade_max : value_most));
  std::tie(out.low, out.high) = read;
  out.value = grade ? Is::grade : Is::quantity;
  return {};
}

Result<FactPattern> Reader::handover(Value const& value, std::string const& path, bool in_seen) {
  TRY(object(value, path, {"subject", "from", "to"}, {"answer", "claim", "uom", "scale"}));
  Trigger wanted;
  wanted.kind = ledger::WatchKind::handover;
  TRY_ASSIGN(wanted.subject, subject(*value.find("subject"), at(path, "subject")));
  TRY_ASSIGN(wanted.actor, role(*value.find("from"), at(path, "from")));
  TRY_ASSIGN(wanted.to, role(*value.find("to"), at(path, "to")));
  if (wanted.actor == wanted.to) return form(at(path, "to"), "a handover needs two parties");
  FactPattern out;
  if (auto const* answer = value.find("answer")) {
    auto const here = at(path, "answer");
    if (!answer->is(Value::Kind::string)) return form(here, "expected accepted, rejected or unanswered");
    if (answer->text == "rejected") {
      out.wanted = Wanted::rejected;
    } else if (answer->text == "unanswered") {
      if (!in_seen) return form(here, "silence is no event; only \"seen\" may ask for unanswered");
      out.wanted = Wanted::unanswered;
    } else if (answer->text != "accepted") {
      return form(here, "expected accepted, rejected or unanswered");
    }
  }
  if (auto const* claim = value.find("claim")) {
    TRY_ASSIGN(out.claim, text(*claim, at(path, "claim"), scheme_bytes_max));
  }
  if (auto const* uom = value.find("uom")) {
    TRY_ASSIGN(out.unit, text(*uom, at(path, "uom"), 3));
    if (!gs1::is_unit(out.unit)) return form(at(path, "uom"), "no code of UN/ECE Recommendation 20");
  }
  if (auto const* scale = value.find("scale")) {
    TRY_ASSIGN(auto const places, integer_in(*scale, at(path, "scale"), 0, scale_max));
    out.scale = static_cast<unsigned>(places);
  }
  TRY_ASSIGN(auto const number, trigger(std::move(wanted), path));
  out.triggers.push_back(number);
  return out;
}

Result<FactPattern> Reader::milestone(Value const& value, std::string const& path) {
  TRY(object(value, path, {"subject", "bizStep", "by"}, {"disposition"}));
  Trigger wanted;
  TRY_ASSIGN(wanted.subject, subject(*value.find("subject"), at(path, "subject")));
  TRY_ASSIGN(auto const attested, by(*value.find("by"), at(path, "by")));
  TRY_ASSIGN(auto const step, text(*value.find("bizStep"), at(path, "bizStep"), gs1::key_bytes_max));
  TRY_ASSIGN(wanted.word, word_of(gs1::Vocabulary::biz_step, step, at(path, "bizStep")));
  FactPattern out;
  // A milestone counts in the unit that its event names.
  out.unit.clear();
  if (auto const* disposition = value.find("disposition")) {
    auto const here = at(path, "disposition");
    TRY_ASSIGN(auto const written, text(*disposition, here, gs1::key_bytes_max));
    TRY_ASSIGN(out.disposition, word_of(gs1::Vocabulary::disposition, written, here));
  }
  out.needed = attested.needed;
  TRY_ASSIGN(out.triggers, triggers(wanted, attested, path));
  return out;
}

Result<FactPattern> Reader::certificate(Value const& value, std::string const& path) {
  TRY(object(value, path, {"kind", "subject", "by"}, {}));
  Trigger wanted;
  wanted.kind = ledger::WatchKind::certificate;
  TRY_ASSIGN(wanted.subject, subject(*value.find("subject"), at(path, "subject")));
  TRY_ASSIGN(wanted.word, text(*value.find("kind"), at(path, "kind"), scheme_bytes_max));
  TRY_ASSIGN(auto const attested, by(*value.find("by"), at(path, "by")));
  FactPattern out;
  out.needed = attested.needed;
  TRY_ASSIGN(out.triggers, triggers(wanted, attested, path));
  return out;
}

/// All documents of one presentation: each is a fact of its own, and their presentation uses all of them up.
Result<std::vector<FactPattern>> Reader::documents(Value const& value, std::string const& path) {
  TRY(object(value, path, {"by", "all"}, {"subject"}));
  TRY_ASSIGN(auto const attested, by(*value.find("by"), at(path, "by")));
  Trigger wanted;
  wanted.kind = ledger::WatchKind::document;
  if (auto const* named = value.find("subject")) {
    TRY_ASSIGN(wanted.subject, subject(*named, at(path, "subject")));
  } else if (terms_.subjects.size() != 1) {
    return form(at(path, "subject"), "is missing; only terms with one subject may leave it out");
  }
  auto const& codes = *value.find("all");
  auto const here = at(path, "all");
  TRY(list(codes, here, 1, documents_max));
  std::vector<FactPattern> out;
  for (std::size_t i = 0; i < codes.items.size(); ++i) {
    auto const each = at(here, i);
    TRY_ASSIGN(wanted.word, text(codes.items[i], each, document_code_bytes_max));
    bool const digits = wanted.word.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return form(each, "expected a document code of UN/EDIFACT 1001 like 380");
    FactPattern one;
    one.needed = attested.needed;
    TRY_ASSIGN(one.triggers, triggers(wanted, attested, path));
    for (auto const& other : out) {
      if (other.triggers == one.triggers) return form(each, "named twice");
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<FactPattern> Reader::sensor_fact(Value const& value, std::string const& path) {
  FactPattern out;
  TRY_ASSIGN(auto read, sensor(value, path, true));
  out.triggers = read.triggers;
  out.sensor = std::move(read);
  return out;
}

Result<Sensor> Reader::sensor(Value const& value, std::string const& path, bool as_event) {
  using Aggregate = Sensor::Aggregate;
  TRY(object(value, path, {"subject", "type", "by", "aggregate", "uom", "scale"},
             {"threshold", "greaterThan", "lessThan", "agree", "maxGap"}));
  Sensor out;
  Trigger wanted;
  wanted.kind = ledger::WatchKind::sensor;
  TRY_ASSIGN(out.subject, subject(*value.find("subject"), at(path, "subject")));
  wanted.subject = out.subject;
  TRY_ASSIGN(auto const type, text(*value.find("type"), at(path, "type"), gs1::key_bytes_max));
  TRY_ASSIGN(wanted.word, word_of(gs1::Vocabulary::measurement, type, at(path, "type")));
  TRY_ASSIGN(auto const owners, by(*value.find("by"), at(path, "by")));
  ledger::SensorWatch watch;
  TRY_ASSIGN(watch.unit, text(*value.find("uom"), at(path, "uom"), 3));
  if (!gs1::is_unit(watch.unit)) return form(at(path, "uom"), "no code of UN/ECE Recommendation 20");
  TRY_ASSIGN(auto const places, integer_in(*value.find("scale"), at(path, "scale"), 0, scale_max));
  out.scale = static_cast<unsigned>(places);

  TRY_ASSIGN(auto const name, text(*value.find("aggregate"), at(path, "aggregate"), 16));
  bool const timed = name == "minutesAbove" || name == "minutesBelow";
  if (!timed && name != "max" && name != "min" && name != "count") {
    return form(at(path, "aggregate"), "expected max, min, minutesAbove, minutesBelow or count");
  }
  out.aggregate = name == "max"            ? Aggregate::max
                  : name == "min"          ? Aggregate::min
                  : name == "minutesAbove" ? Aggregate::minutes_above
                  : name == "minutesBelow" ? Aggregate::minutes_below
                                           : Aggregate::count;
  if (auto const* threshold = value.find("threshold")) {
    auto const here = at(path, "threshold");
    if (!timed && name != "count") return form(here, "only beside minutesAbove, minutesBelow and count");
    i128 micro_a_unit = 1'000'000;
    for (unsigned i = 0; i < out.scale; ++i) micro_a_unit /= 10;
    auto const most = (i128{1} << 62) / micro_a_unit;
    TRY_ASSIGN(auto const level, integer_in(*threshold, here, -most, most));
    watch.threshold = ledger::SignedMicro::of(static_cast<std::int64_t>(level * micro_a_unit));
  } else if (timed) {
    return form(at(path, "threshold"), "is missing");
  }
  if (auto const* gap = value.find("maxGap")) {
    if (!timed) return form(at(path, "maxGap"), "only beside minutesAbove and minutesBelow");
    TRY_ASSIGN(watch.gap_ms_max, duration(*gap, at(path, "maxGap")));
  }
  for (std::string const limit : {"greaterThan", "lessThan"}) {
    auto const* given = value.find(limit);
    if (given == nullptr) continue;
    if (!as_event) return form(at(path, limit), "only where a sensor is an event, not its value");
    TRY_ASSIGN(auto const level, integer_in(*given, at(path, limit), -value_most, value_most));
    (limit == "greaterThan" ? out.greater_than : out.less_than) = level;
  }
  if (auto const* agree = value.find("agree")) {
    TRY_ASSIGN(auto const k, integer_in(*agree, at(path, "agree"), 1, devices_max));
    out.agree = static_cast<std::size_t>(k);
  }
  wanted.sensor = std::move(watch);
  out.needed = owners.needed;
  TRY_ASSIGN(out.triggers, triggers(wanted, owners, path));
  sensors_ += out.triggers.size();
  if (sensors_ > sensors_max)
    return form(path, "a state asks at most 16 times for readings, counted by whose they are");
  return out;
}

Result<std::size_t> Reader::subject(Value const& value, std::string const& path) const {
  return known(terms_.subjects, value, path, "subject");
}

Result<std::size_t> Reader::trigger(Trigger wanted, std::string const& path) {
  auto& all = terms_.triggers;
  auto const found = std::find(all.begin(), all.end(), wanted);
  if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
  if (all.size() == triggers_max) return form(path, "more than 64 different facts");
  all.push_back(std::move(wanted));
  return all.size() - 1;
}

Result<std::vector<std::size_t>> Reader::triggers(Trigger const& wanted, By const& by, std::string const& path) {
  std::vector<std::size_t> out;
  for (auto const attester : by.roles) {
    auto one = wanted;
    one.actor = attester;
    TRY_ASSIGN(auto const number, trigger(std::move(one), path));
    out.push_back(number);
  }
  return out;
}

}  // namespace contracts::escrow
