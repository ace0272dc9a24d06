// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/sensor.hpp"

#include <algorithm>
#include <map>

#include "base/time.hpp"
#include "contracts/escrow/arithmetic.hpp"

namespace contracts::escrow {

namespace {

using Aggregate = Sensor::Aggregate;
using ledger::SensorWatch;
using ledger::SignedMicro;
using ledger::Stretch;

bool above(SensorWatch const& watch, i128 value) { return watch.threshold && value > watch.threshold->value(); }
bool below(SensorWatch const& watch, i128 value) { return watch.threshold && value < watch.threshold->value(); }

/// A reading holds until the next one, unless that is missing for too long: then the whole gap counts as one.
void pass(Stretch& stretch, TimeMs to_ms, SensorWatch const& watch) {
  auto const time_ms = to_ms > stretch.last_ms ? to_ms - stretch.last_ms : 0;
  if (watch.gap_ms_max && time_ms > *watch.gap_ms_max) {
    stretch.gap_ms += time_ms;
  } else if (above(watch, stretch.last.value())) {
    stretch.above_ms += time_ms;
  } else if (below(watch, stretch.last.value())) {
    stretch.below_ms += time_ms;
  }
}

Stretch stretch_of(Reading const& reading, Hash const& device, SensorWatch const& watch) {
  Stretch out;
  out.device = device;
  out.first_ms = out.last_ms = reading.time_ms;
  out.last = out.least = out.most = SignedMicro::of(reading.value_micro);
  out.readings = 1;
  out.above = above(watch, reading.value_micro) ? 1 : 0;
  out.below = below(watch, reading.value_micro) ? 1 : 0;
  return out;
}

i128 value_of(Aggregate aggregate, unsigned scale, Stretch const& all, SensorWatch const& watch) {
  i128 micro_a_step = 1'000'000;
  for (unsigned i = 0; i < scale; ++i) micro_a_step /= 10;
  switch (aggregate) {
    case Aggregate::max:
      return *div(all.most.value(), micro_a_step, Round::down);
    case Aggregate::min:
      return *div(all.least.value(), micro_a_step, Round::down);
    case Aggregate::minutes_above:
      return static_cast<i128>(all.above_ms);
    case Aggregate::minutes_below:
      return static_cast<i128>(all.below_ms);
    default:
      return watch.threshold ? all.above : all.readings;
  }
}

/// The k-th of the values that would show most: the largest, of a minimum the smallest.
std::optional<i128> agreed(std::vector<i128> values, std::size_t k, Aggregate aggregate) {
  if (values.size() < k) return std::nullopt;
  std::sort(values.begin(), values.end());
  return aggregate == Aggregate::min ? values[k - 1] : values[values.size() - k];
}

/// Readings made later do not count: when the lane's last accepted handover of the subject was recorded.
std::optional<TimeMs> end_of_readings(std::size_t subject, View const& view) {
  if (view.known != nullptr && view.known->ends_ms.contains(subject)) return view.known->ends_ms[subject];
  std::optional<TimeMs> out;
  for (auto const& use : view.lane.used) {
    auto const& trigger = view.terms.triggers[use.trigger];
    if (trigger.kind != ledger::WatchKind::handover || trigger.subject != subject) continue;
    for (auto const& fact : view.facts(use.trigger)) {
      bool const fired = fact.recorded.log_index == use.log_index && fact.answer == ledger::FactAnswer::accepted;
      if (fired) out = std::max(out.value_or(0), fact.recorded.time_ms);
    }
  }
  if (view.known != nullptr) view.known->ends_ms[subject] = out;
  return out;
}

/// To join one, as FactsOf counts it.
constexpr std::uint64_t work_a_part = 8;

/// Takes in one more part; one that begins before others of its device is joined where it belongs.
void take(Joined::Device& device, Stretch const& part, SensorWatch const& watch, FactsOf const& facts) {
  auto& parts = device.parts;
  auto const later = [](Stretch const* a, Stretch const* b) { return a->first_ms < b->first_ms; };
  auto const place = parts.insert(std::upper_bound(parts.begin(), parts.end(), &part, later), &part);
  bool const last = place + 1 == parts.end();
  auto from = last ? place : parts.begin();
  if (from == parts.begin()) device.all = **from++;
  facts.count(work_a_part * (1 + static_cast<std::uint64_t>(parts.end() - from)));
  for (; from != parts.end(); ++from) join(device.all, **from, watch);
}

/// Takes in what the devices of one owner reported up to the view's moment; one that lies before the last begins anew.
void advance(Joined& joined, std::size_t trigger, View const& view, ledger::Moment from, std::optional<TimeMs> end_ms) {
  if (view.now < joined.now) joined = {};
  joined.now = view.now;
  auto const& facts = view.facts.uncounted(trigger);
  for (; joined.next < facts.size() && facts[joined.next].recorded < view.now; ++joined.next) {
    auto const& fact = facts[joined.next];
    view.facts.count(1);
    if (!fact.stretch || fact.recorded < from || (end_ms && fact.stretch->first_ms > *end_ms)) continue;
    take(joined.devices[fact.stretch->device], *fact.stretch, *view.terms.triggers[trigger].sensor, view.facts);
  }
  view.facts.count(1 + joined.devices.size());
}

/// In milliseconds where the value is a time.
std::optional<i128> of_owner(Sensor const& sensor, std::size_t trigger, View const& view, ledger::Moment from,
                             std::optional<TimeMs> end_ms) {
  auto const& watch = *view.terms.triggers[trigger].sensor;
  Joined fresh;
  auto& joined = view.known == nullptr ? fresh : view.known->joined[{&sensor, trigger}];
  advance(joined, trigger, view, from, end_ms);
  std::vector<i128> values;
  TimeMs gap_ms = 0;
  for (auto const& [name, device] : joined.devices) {
    auto const& all = device.all;
    values.push_back(value_of(sensor.aggregate, sensor.scale, all, watch));
    auto gap = all.gap_ms;
    if (end_ms && watch.gap_ms_max && *end_ms > all.last_ms + *watch.gap_ms_max) gap += *end_ms - all.last_ms;
    gap_ms = std::max(gap_ms, gap);
  }
  // Who reports with too few devices leaves the whole time open.
  if (values.size() < sensor.agree && watch.gap_ms_max && end_ms && *end_ms > from.time_ms) {
    gap_ms = std::max(gap_ms, *end_ms - from.time_ms);
  }
  auto const value = agreed(std::move(values), sensor.agree, sensor.aggregate);
  if (gap_ms == 0) return value;
  return std::max(value.value_or(0), static_cast<i128>(gap_ms));
}

}  // namespace

void join(Stretch& into, Stretch const& next, SensorWatch const& watch) {
  pass(into, next.first_ms, watch);
  if (next.last_ms >= into.last_ms) {
    into.last_ms = next.last_ms;
    into.last = next.last;
  }
  if (next.least.value() < into.least.value()) into.least = next.least;
  if (next.most.value() > into.most.value()) into.most = next.most;
  into.readings += next.readings;
  into.above += next.above;
  into.below += next.below;
  into.above_ms += next.above_ms;
  into.below_ms += next.below_ms;
  into.gap_ms += next.gap_ms;
}

std::vector<Stretch> stretches(std::vector<Reading> readings, Hash const& device, SensorWatch const& watch,
                               std::vector<TimeMs> const& cuts) {
  std::stable_sort(readings.begin(), readings.end(),
                   [](Reading const& a, Reading const& b) { return a.time_ms < b.time_ms; });
  std::vector<Stretch> out;
  for (auto const& reading : readings) {
    auto const one = stretch_of(reading, device, watch);
    bool const apart = out.empty() || std::any_of(cuts.begin(), cuts.end(), [&](TimeMs cut_ms) {
                         return out.back().last_ms <= cut_ms && cut_ms < reading.time_ms;
                       });
    if (apart) {
      out.push_back(one);
    } else {
      join(out.back(), one, watch);
    }
  }
  return out;
}

void compact(std::vector<ledger::FactEntry>& facts, SensorWatch const& watch) {
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (!facts[i].stretch) continue;
    auto& one = *facts[i].stretch;
    // The next of the same device, when it was also recorded next and begins later.
    for (std::size_t n = i + 1; n < facts.size(); ++n) {
      if (!facts[n].stretch || facts[n].stretch->device != one.device) continue;
      if (facts[n].stretch->first_ms <= one.last_ms) break;
      join(one, *facts[n].stretch, watch);
      facts[n].stretch = one;
      facts.erase(facts.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
  }
  facts.erase(facts.begin());
}

std::optional<i128> measure(Sensor const& sensor, View const& view, bool since_state) {
  auto const from = since_state ? view.lane.entered : view.contract.opened;
  auto const end_ms = end_of_readings(sensor.subject, view);
  std::vector<i128> values;
  for (auto const trigger : sensor.triggers) {
    if (auto const value = of_owner(sensor, trigger, view, from, end_ms)) values.push_back(*value);
  }
  auto const value = agreed(std::move(values), sensor.needed, sensor.aggregate);
  bool const timed = sensor.aggregate == Aggregate::minutes_above || sensor.aggregate == Aggregate::minutes_below;
  if (!value || !timed) return value;
  return *value / static_cast<i128>(base::minute_ms);
}

bool is_beyond(Sensor const& sensor, i128 value) {
  return (!sensor.greater_than || value > *sensor.greater_than) && (!sensor.less_than || value < *sensor.less_than);
}

}  // namespace contracts::escrow
