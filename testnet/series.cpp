// SPDX-License-Identifier: Apache-2.0
#include "testnet/series.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "base/number.hpp"
#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "testnet/events.hpp"

namespace testnet {

using base::Result;
using base::Value;
using ledger::TimeMs;

namespace {

constexpr std::size_t readings_max = 100'000;

/// T(k) = level + swing * sin(2 pi step k / period) + u, u within half a `span`; and a bump around a moment.
struct Formula {
  double level = 0;
  double swing = 0;
  double step_s = 0;
  double period_s = 1;
  std::string seed;
  double span = 0;
  double below = 0;
  TimeMs begin_ms = 0;
  double height = 0;
  double width_s = 1;
  TimeMs peak_ms = 0;
};

std::optional<TimeMs> time_after(std::string const& text, char const* name) {
  auto const at = text.find(name);
  if (at == text.npos) return std::nullopt;
  auto const begin = at + std::string_view(name).size();
  return file_time(std::string_view(text).substr(begin, text.find_first_of(";, ", begin) - begin));
}

Result<Formula> read_formula(Fields const& sensor, bool excursion) {
  Formula out;
  TRY_ASSIGN(auto const normal, sensor.text("normal"));
  std::array<char, 64> seed{};
  int const read = std::sscanf(normal.c_str(),
                               "T(k)=%lf+%lf*sin(2*pi*%lfk/%lf)+u, u=(first 8 bytes BE of "
                               "SHA256('%60[^'|]|'+sensor+'|'+k))/2^64*%lf-%lf;",
                               &out.level, &out.swing, &out.step_s, &out.period_s, seed.data(), &out.span, &out.below);
  auto const begin = time_after(normal, "k=0 at ");
  if (read != 7 || !begin || out.period_s <= 0) {
    return sensor.error(
        "normal",
        "write T(k)=L+S*sin(2*pi*Ik/P)+u, u=(first 8 bytes BE of SHA256('SEED|'+sensor+'|'+k))/2^64*A-B; "
        "k=0 at TIME");
  }
  out.seed = seed.data();
  out.begin_ms = *begin;
  if (!excursion) return out;
  TRY_ASSIGN(auto const bump, sensor.text("excursion"));
  double step = 0;
  auto const plus = bump.find("add ");
  auto const peak = time_after(bump, "t0 = ");
  int const got = plus == bump.npos ? 0
                                    : std::sscanf(bump.c_str() + plus, "add %lf*exp(-((%lfk-t0)/%lf)^2)", &out.height,
                                                  &step, &out.width_s);
  if (got != 3 || !peak || out.width_s <= 0) {
    return sensor.error("excursion", "write add H*exp(-((Ik-t0)/W)^2), t0 = TIME");
  }
  out.peak_ms = *peak;
  return out;
}

std::int64_t reading(Formula const& formula, std::string const& id, std::uint64_t k) {
  auto const text = formula.seed + "|" + id + "|" + std::to_string(k);
  auto const digest = crypto::sha256(base::bytes_of(text));
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < 8; ++i) first = first << 8 | digest.bytes[i];
  auto const noise = std::ldexp(static_cast<double>(first), -64) * formula.span - formula.below;
  auto const second = formula.step_s * static_cast<double>(k);
  auto value = formula.level + formula.swing * std::sin(2 * std::numbers::pi * second / formula.period_s) + noise;
  if (formula.height != 0) {
    auto const peak_s = (static_cast<double>(formula.peak_ms) - static_cast<double>(formula.begin_ms)) / 1000;
    auto const off = (second - peak_s) / formula.width_s;
    value += formula.height * std::exp(-off * off);
  }
  return std::llround(100 * value);
}

std::string batch_text(Series const& series, std::size_t logger, std::size_t first, std::string const& unit,
                       std::string const& previous) {
  auto const& all = series.readings[logger];
  auto const time_of = [&](std::size_t k) { return series.begin_ms + k * series.interval_ms; };
  auto const last = std::min(first + series.batch, all.size()) - 1;
  auto reports = Value::array();
  for (auto k = first; k <= last; ++k) {
    auto report = Value::object();
    report.add("type", Value::of("Temperature"));
    report.add("time", Value::of(base::to_rfc3339(time_of(k))));
    Value number;
    number.kind = Value::Kind::number;
    number.text = base::to_decimal_literal(all[k], 2);
    report.add("value", std::move(number));
    report.add("uom", Value::of(series.unit));
    reports.items.push_back(std::move(report));
  }
  auto metadata = Value::object();
  metadata.add("deviceID", Value::of(series.links[logger]));
  metadata.add("startTime", Value::of(base::to_rfc3339(time_of(first))));
  metadata.add("endTime", Value::of(base::to_rfc3339(time_of(last))));
  auto element = Value::object();
  element.add("sensorMetadata", std::move(metadata));
  element.add("sensorReport", std::move(reports));
  auto chain = Value::object();
  chain.add("tally:firstSequence", Value::of(std::uint64_t{first}));
  if (!previous.empty()) chain.add("tally:previous", Value::of(previous));
  EventWriter text("ObjectEvent", time_of(last), "+00:00");
  text.texts("epcList", {unit}).text("action", "OBSERVE").text("bizStep", "sensor_reporting");
  text.value("sensorElementList", Value::array({element})).value("tally:batch", std::move(chain));
  return text.json();
}

}  // namespace

Result<Series> read_series(Fields const& sensor, World const& world, std::string const& variant, TimeMs end_ms) {
  Series out;
  TRY_ASSIGN(out.owner, sensor.text("owner_of_loggers"));
  auto const* owner = world.find(out.owner);
  if (owner == nullptr) return sensor.error("owner_of_loggers", out.owner + " is none of the file's orgs");
  TRY_ASSIGN(out.ids, sensor.texts("ids"));
  for (auto const& id : out.ids) {
    auto serial = id;
    std::erase(serial, '-');
    out.links.push_back("https://id.gs1.org/8004/" + owner->prefix + serial);
  }
  TRY_ASSIGN(auto const interval_s, sensor.whole("interval_s"));
  TRY_ASSIGN(auto const batch, sensor.whole("batch"));
  TRY_ASSIGN(out.unit, sensor.text("unit"));
  if (interval_s == 0 || interval_s > 86'400) return sensor.error("interval_s", "write seconds, up to a day");
  if (batch == 0 || batch > 1000) return sensor.error("batch", "write how many readings a batch has, up to 1,000");
  TRY_ASSIGN(auto const formula, read_formula(sensor, variant == "B"));
  out.begin_ms = formula.begin_ms;
  out.interval_ms = interval_s * base::second_ms;
  out.batch = batch;
  if (end_ms < out.begin_ms || (end_ms - out.begin_ms) / out.interval_ms >= readings_max) {
    return sensor.error("normal", "k=0 lies before the last handover, by 100,000 readings at most");
  }
  auto const count = (end_ms - out.begin_ms) / out.interval_ms + 1;
  for (auto const& id : out.ids) {
    auto& all = out.readings.emplace_back();
    for (std::uint64_t k = 0; k < count; ++k) all.push_back(reading(formula, id, k));
  }
  if (!sensor.has("expected")) return out;
  TRY_ASSIGN(auto const expected, sensor.object("expected"));
  TRY_ASSIGN(auto const ours, expected.object(variant));
  if (ours.has("breach_minutes")) {
    TRY_ASSIGN(out.breach_minutes, ours.whole("breach_minutes"));
  }
  if (ours.has("gap_minutes")) {
    TRY_ASSIGN(out.breach_minutes, ours.whole("gap_minutes"));
    out.lost = count / batch / 2;
    auto const gap_ms = (batch + 1) * out.interval_ms;
    if (*out.breach_minutes * base::minute_ms != gap_ms || count < 3 * batch) {
      return ours.error("gap_minutes", "a lost batch makes a gap of " + std::to_string(gap_ms / base::minute_ms));
    }
  }
  if (ours.has("readings_per_sensor")) {
    TRY_ASSIGN(auto const wanted, ours.whole("readings_per_sensor"));
    if (wanted != count) return ours.error("readings_per_sensor", "the series has " + std::to_string(count));
  }
  if (ours.has("batches_per_sensor")) {
    TRY_ASSIGN(auto const wanted, ours.whole("batches_per_sensor"));
    auto const batches = (count + batch - 1) / batch;
    if (wanted != batches) return ours.error("batches_per_sensor", "the series has " + std::to_string(batches));
  }
  return out;
}

std::vector<Step> tell_series(Series const& series, std::string const& unit) {
  std::vector<Step> out;
  std::vector<std::string> previous(series.ids.size());
  auto const count = series.readings.front().size();
  for (std::size_t first = 0; first < count; first += series.batch) {
    auto const last = std::min(first + series.batch, count) - 1;
    Step step;
    step.kind = "sensors";
    step.time_ms = series.begin_ms + last * series.interval_ms;
    step.title = "readings " + std::to_string(first) + " to " + std::to_string(last);
    Act act{{series.owner}, {}, {}, step.time_ms};
    for (std::size_t i = 0; i < series.ids.size(); ++i) {
      auto text = batch_text(series, i, first, unit, previous[i]);
      previous[i] = event_id(text);
      if (i == 0 && series.lost == first / series.batch) continue;
      act.signers.push_back(series.owner + "/" + series.ids[i]);
      act.events.push_back(std::move(text));
    }
    step.acts.push_back(std::move(act));
    out.push_back(std::move(step));
  }
  return out;
}

}  // namespace testnet
