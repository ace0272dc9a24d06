// SPDX-License-Identifier: Apache-2.0
// What scenarios need of goods beside handovers: readings of loggers, and goods out of nothing.
#include <algorithm>

#include "base/time.hpp"
#include "crypto/party.hpp"
#include "testnet/events.hpp"
#include "testnet/script.hpp"

namespace testnet {

namespace escrow = contracts::escrow;

using base::Value;
using escrow::Sensor;

namespace {

constexpr char const* zone = "+00:00";
constexpr base::TimeMs step_ms = 5 * base::minute_ms;

struct Read {
  base::TimeMs time_ms = 0;
  base::i128 micro = 0;
};

base::i128 micro_of(Sensor const& sensor, base::i128 value) {
  base::i128 step = 1'000'000;
  for (unsigned i = 0; i < sensor.scale; ++i) step /= 10;
  return value * step;
}

/// Readings that end at `end_ms` and have the value asked for; as a gap of so many minutes where `missing`.
std::vector<Read> readings_of(Sensor const& sensor, ledger::SensorWatch const& watch, std::uint64_t value,
                              base::TimeMs end_ms, bool missing) {
  using Aggregate = Sensor::Aggregate;
  if (sensor.aggregate == Aggregate::max || sensor.aggregate == Aggregate::min) {
    return {{end_ms, micro_of(sensor, static_cast<base::i128>(value))}};
  }
  auto const threshold = watch.threshold ? watch.threshold->value() : 0;
  bool const above = sensor.aggregate == Aggregate::minutes_above;
  auto const beyond = threshold + (above ? 1'000'000 : -1'000'000);
  auto const within = threshold - (above ? 1'000'000 : -1'000'000);
  auto const from_ms = end_ms - step_ms - value * base::minute_ms;
  auto const to_ms = end_ms - step_ms;
  std::vector<Read> out;
  if (missing) out.push_back({from_ms, within});
  for (auto at = from_ms; at < to_ms && !missing; at += step_ms) out.push_back({at, beyond});
  out.push_back({to_ms, within});
  out.push_back({end_ms, within});
  return out;
}

std::string batch_of(std::string const& unit, std::string const& device, std::vector<Read> const& readings,
                     ledger::SensorWatch const& watch, std::string const& type) {
  auto reports = Value::array();
  for (auto const& one : readings) {
    auto report = Value::object();
    report.add("type", Value::of(type));
    report.add("time", Value::of(base::to_rfc3339(one.time_ms)));
    Value number;
    number.kind = Value::Kind::number;
    number.text = base::to_decimal_literal(one.micro, 6);
    report.add("value", std::move(number));
    report.add("uom", Value::of(std::string(watch.unit)));
    reports.items.push_back(std::move(report));
  }
  auto metadata = Value::object();
  metadata.add("deviceID", Value::of(device));
  auto element = Value::object();
  element.add("sensorMetadata", std::move(metadata));
  element.add("sensorReport", std::move(reports));
  auto chain = Value::object();
  chain.add("tally:firstSequence", Value::of(std::uint64_t{0}));
  EventWriter text("ObjectEvent", readings.back().time_ms, zone);
  text.texts("epcList", {unit}).text("action", "OBSERVE").text("bizStep", "sensor_reporting");
  text.value("sensorElementList", Value::array({element})).value("tally:batch", std::move(chain));
  return text.json();
}

}  // namespace

/// New loggers on the unit, as many as the terms ask for and one more; they show the value before the next event.
void Script::show(Sensor const& sensor, std::uint64_t value, std::vector<Sending>& out) {
  auto const& asked = cast_->terms.triggers[sensor.triggers.front()];
  auto const& owner = cast_->players[asked.actor];
  auto const& unit = cast_->terms.subjects[asked.subject].uri;
  // In A08 all stay cold, and one of them is silent for a while.
  bool const gap = cast_->scenario.string_of("attack") == "A08";
  auto bound = by({owner}, "loggers");
  bound.signers = {signers_->logger_admin};
  auto told = by({owner}, "readings");
  for (std::size_t i = 0; i <= sensor.agree; ++i) {
    auto const secret = wallet::new_secret();
    wallet::Identity const logger{world_->organisation(owner).party(), *crypto::party_key(secret), secret};
    auto const device = "https://id.gs1.org/8004/" + world_->organisation(owner).prefix + "SC" +
                        std::to_string(cast_->number) + "N" + std::to_string(++loggers_);
    bound.operations.emplace_back(ledger::RegisterDevice{device, logger.party, logger.key, unit});
    bound.signers.push_back(logger);
    auto const readings = readings_of(sensor, *asked.sensor, gap && i > 0 ? 0 : value, now_ms_, gap && i == 0);
    told.events.push_back(batch_of(unit, device, readings, *asked.sensor, asked.word));
    told.signers.push_back(logger);
  }
  out.push_back(std::move(bound));
  out.push_back(std::move(told));
}

/// More goods than their maker has material for.
std::optional<Sending> Script::phantoms() {
  if (cast_->freight.empty()) return std::nullopt;
  auto const& goods = cast_->freight.front();
  auto const makes = [&](ledger::AddRecipe const& one) {
    return std::ranges::find(one.outputs, goods.gtin) != one.outputs.end();
  };
  auto const recipe = std::ranges::find_if(world_->recipes, makes);
  if (recipe == world_->recipes.end()) return std::nullopt;
  auto const material = lot_link(recipe->inputs.front(), "SM" + std::to_string(cast_->number));
  auto out = by({goods.maker}, "phantoms");
  EventWriter made("ObjectEvent", next_ms(), zone);
  made.text("action", "ADD").quantities("quantityList", {{material, "100", "KGM"}});
  made.step("creating_class_instance", "active").at(recipe->site, recipe->site);
  EventWriter text("TransformationEvent", next_ms(), zone);
  text.quantities("inputQuantityList", {{material, "100", "KGM"}});
  text.quantities("outputQuantityList", {{lot_link(goods.gtin, "SP" + std::to_string(cast_->number)),
                                          std::to_string(goods.total), goods.uom}});
  text.step("creating_class_instance", "active").at(recipe->site, recipe->site);
  text.text("transformationID", shipment_link(gln(goods.maker), "P" + std::to_string(cast_->number)));
  text.text("tally:recipe", recipe->recipe);
  out.events = {made.json(), text.json()};
  return out;
}

}  // namespace testnet
