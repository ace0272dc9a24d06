// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/device.hpp"

#include "base/time.hpp"
#include "contracts/goods/alarm.hpp"
#include "contracts/members/members.hpp"
#include "ledger/condition.hpp"

namespace contracts::goods {

namespace {

using ledger::DeviceRecord;
using ledger::SensorGap;
using ledger::SensorTrackRecord;
using ledger::Space;

constexpr TimeMs door_opens_before_ms = 2 * base::hour_ms;
constexpr std::uint32_t sequence_max = 0xffffffff;

bool signs(Context const& context, PartyId const& party, base::PartyKey const& key) {
  ledger::Signer const wanted{party, key};
  return std::find(context.signers.begin(), context.signers.end(), wanted) != context.signers.end();
}

/// One report of a batch in its place.
struct Report {
  std::uint64_t sequence = 0;
  TimeMs time_ms = 0;
  gs1::SensorReport const* report = nullptr;
};

struct Batch {
  std::string device;
  std::vector<Report> reports;
  std::uint64_t first = 0;
  std::uint64_t end() const { return first + reports.size(); }
};

Result<Batch> read_batch(Job const& job) {
  auto const& event = job.event;
  Batch out;
  out.first = event.tally.batch->first_sequence;
  for (std::size_t i = 0; i < event.sensors.size(); ++i) {
    auto const path = at("sensorElementList", i);
    for (auto const& report : event.sensors[i].reports) {
      auto const& device = report.device ? report.device : event.sensors[i].device;
      if (!device || (!out.device.empty() && device->uri != out.device)) {
        return job.error(Code::E_DEVICE_UNKNOWN, path + ".sensorMetadata.deviceID", "one device a batch");
      }
      out.device = device->uri;
      auto const time_ms = report.time_ms.value_or(event.time_ms);
      if (!out.reports.empty() && time_ms < out.reports.back().time_ms) {
        return job.error(Code::E_SEQ, path, "readings of a batch stand in the order of their time");
      }
      if (time_ms > job.context.time_ms + job.context.parameters.event_ahead_ms_max) {
        return job.error(Code::E_TIME_WINDOW, path, "read later than the block");
      }
      out.reports.push_back({out.first + out.reports.size(), time_ms, &report});
    }
  }
  if (out.reports.empty()) return job.error(Code::E_DEVICE_UNKNOWN, "sensorElementList", "a batch has readings");
  if (out.end() > sequence_max) return job.error(Code::E_SEQ, "tally:batch", "beyond the last sequence number");
  return out;
}

/// The device, which signed itself and travels with a unit that the event names.
Result<DeviceRecord> bound_device(Job const& job, Batch const& batch) {
  auto record = ledger::load<DeviceRecord>(job.state, Space::device, batch.device);
  constexpr char const* path = "sensorElementList[0].sensorMetadata.deviceID";
  if (!record || record->retired) return job.error(Code::E_DEVICE_UNKNOWN, path, "not registered: " + batch.device);
  if (!signs(job.context, record->device.owner, record->device.key)) {
    return job.error(Code::E_DEVICE_UNKNOWN, path, "its own key did not sign");
  }
  auto const key = ledger::load<ledger::KeyRecord>(job.state, ledger::state_key(Space::key, record->device.key.view()));
  if (!key || key->revoked_ms) return job.error(Code::E_KEY_REVOKED, path, "the device's key");
  auto const& epcs = job.event.epcs;
  auto const named = [&](gs1::Key const& epc) { return epc.uri == record->unit; };
  if (record->unit.empty() || std::none_of(epcs.begin(), epcs.end(), named)) {
    return job.error(Code::E_DEVICE_UNKNOWN, "epcList", "the device is bound to no unit of these");
  }
  return std::move(*record);
}

/// A hash of zeros stands for none.
std::optional<Hash> previous_of(gs1::Event const& event) {
  auto const& previous = event.tally.batch->previous;
  return previous && !previous->is_zero() ? previous : std::nullopt;
}

Error out_of_chain(Job const& job) {
  return job.error(Code::E_SEQ, "tally:batch.tally:previous", "not the batch before this one");
}

/// A batch that is newer than all before.
Result<void> extend(Job& job, Batch const& batch, DeviceRecord& device, SensorTrackRecord& track) {
  auto const previous = previous_of(job.event);
  if (batch.reports.front().time_ms < device.last_ms) {
    return job.error(Code::E_SEQ, "tally:batch", "read before what came before it");
  }
  if (batch.first > device.next_sequence) {
    if (track.gaps.size() >= decltype(track.gaps)::max) return job.error(Code::E_LIMIT, "tally:batch", "too many gaps");
    track.gaps.push_back({device.next_sequence, batch.first, device.last_ms, batch.reports.front().time_ms,
                          device.last_batch, previous});
    auto const minutes = (batch.reports.front().time_ms - device.last_ms) / base::minute_ms;
    raise(job, ledger::AlarmKind::sensor_gap, device.unit, device.device.owner,
          std::to_string(batch.first - device.next_sequence) + " readings, " + std::to_string(minutes) + " minutes");
  } else if (previous != device.last_batch) {
    return out_of_chain(job);
  }
  device.next_sequence = batch.end();
  device.last_batch = job.event.event_hash;
  device.last_ms = batch.reports.back().time_ms;
  return {};
}

/// A batch that fills a gap or a part of one.
Result<void> fill(Job& job, Batch const& batch, DeviceRecord const& device, SensorTrackRecord& track) {
  auto const holds = [&](SensorGap const& gap) { return gap.from <= batch.first && batch.end() <= gap.to; };
  auto const found = std::find_if(track.gaps.begin(), track.gaps.end(), holds);
  if (found == track.gaps.end()) return job.error(Code::E_SEQ, "tally:batch", "these readings came before");
  SensorGap const gap = *found;
  bool const first = batch.first == gap.from;
  bool const last = batch.end() == gap.to;
  if (first && previous_of(job.event) != gap.before) return out_of_chain(job);
  if (last && gap.last && job.event.event_hash != *gap.last) {
    return job.error(Code::E_SEQ, "tally:batch", "not the batch that the next one follows");
  }
  auto const begin_ms = batch.reports.front().time_ms;
  auto const end_ms = batch.reports.back().time_ms;
  if (begin_ms < gap.before_ms || end_ms > gap.after_ms) {
    return job.error(Code::E_SEQ, "tally:batch", "its readings do not lie in the gap");
  }
  track.gaps.erase(found);
  if (!first)
    track.gaps.push_back({gap.from, batch.first, gap.before_ms, begin_ms, gap.before, previous_of(job.event)});
  if (!last) track.gaps.push_back({batch.end(), gap.to, end_ms, gap.after_ms, job.event.event_hash, gap.last});
  if (track.gaps.size() > decltype(track.gaps)::max) return job.error(Code::E_LIMIT, "tally:batch", "too many gaps");
  if (first && last) {
    raise(job, ledger::AlarmKind::gap_closed, device.unit, device.device.owner,
          std::to_string(batch.reports.size()) + " readings came late");
  }
  return {};
}

/// How long a reading stands for: since the one before it, in one batch or from one batch to the next without a gap;
/// the first of all stands as long as the next one.
TimeMs span_of(Batch const& batch, std::size_t i, TimeMs before_ms) {
  auto const& reports = batch.reports;
  if (i > 0) return reports[i].time_ms - reports[i - 1].time_ms;
  if (before_ms != 0) return reports[0].time_ms - before_ms;
  return reports.size() > 1 ? reports[1].time_ms - reports[0].time_ms : 0;
}

std::uint64_t shifted(std::int64_t value) { return static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63); }

ledger::RuleSum& sum_of(SensorTrackRecord& track, ledger::SetProductRule const& rule) {
  for (auto& sum : track.sums) {
    if (sum.product == rule.product && sum.rule == rule.rule) return sum;
  }
  track.sums.push_back({rule.product, rule.rule, 0, 0, ~std::uint64_t{0}, 0});
  return track.sums.back();
}

/// Adds a batch to the sums of one rule.
void add_up(Batch const& batch, TimeMs before_ms, ledger::SetProductRule const& rule, SensorTrackRecord& track) {
  auto const threshold =
      shifted(rule.negative ? -static_cast<std::int64_t>(rule.threshold) : static_cast<std::int64_t>(rule.threshold));
  auto& sum = sum_of(track, rule);
  for (std::size_t i = 0; i < batch.reports.size(); ++i) {
    auto const& report = *batch.reports[i].report;
    if (report.type != rule.type || report.uom != rule.uom || !report.value) continue;
    auto const value = shifted(*report.value);
    ++sum.readings;
    sum.lowest = std::min(sum.lowest, value);
    sum.highest = std::max(sum.highest, value);
    if (rule.above ? value > threshold : value < threshold) sum.beyond_ms += span_of(batch, i, before_ms);
  }
}

/// The sums of every rule that the unit's products ask for; alarms when one is broken by this batch.
void judge_rules(Job& job, Batch const& batch, TimeMs before_ms, SensorTrackRecord& track, Bytes const& track_key,
                 std::string_view unit) {
  auto const rules = ledger::rules_inside(job.state, unit);
  std::vector<std::uint64_t> before;
  for (auto const& rule : rules) before.push_back(ledger::condition_of(job.state, unit, rule).minutes);
  for (auto const& rule : rules) {
    if (track.sums.size() >= decltype(track.sums)::max) break;
    add_up(batch, before_ms, rule, track);
  }
  ledger::store(job.state, track_key, track);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    auto const now = ledger::condition_of(job.state, unit, rules[i]);
    if (before[i] > rules[i].minutes_max || now.minutes <= rules[i].minutes_max) continue;
    raise(job, ledger::AlarmKind::breach, unit, track.owner,
          std::to_string(now.minutes) + " minutes, rule " + rules[i].rule);
  }
}

void note_door(Batch const& batch, SensorTrackRecord& track) {
  for (auto const& one : batch.reports) {
    if (!one.report->boolean) continue;
    track.has_door = true;
    if (*one.report->boolean) track.door_ms = std::max(track.door_ms, one.time_ms);
  }
}

}  // namespace

Result<void> register_device(Context& context, ledger::RegisterDevice const& operation, std::string const& field) {
  if (!members::is_member(context.state, operation.owner)) {
    return Error{Code::E_MEMBER_UNKNOWN, field + ".owner", "no member " + operation.owner.hex()};
  }
  TRY(require_signer(context, operation.owner, ledger::Act::admin, field + ".owner"));
  if (!context.genesis && !signs(context, operation.owner, operation.key)) {
    return Error{Code::E_MISSING_SIGNER, field + ".key", "the device signs with the key that is registered"};
  }
  if (context.state.get(ledger::state_key(Space::device, operation.device))) {
    return Error{Code::E_ALREADY_REGISTERED, field + ".device", "registered before"};
  }
  auto const key_name = ledger::state_key(Space::key, operation.key.view());
  if (context.state.get(key_name)) return Error{Code::E_ALREADY_REGISTERED, field + ".key", "registered before"};
  ledger::KeyRecord key;
  key.party = operation.owner;
  key.kind = ledger::KeyKind::device;
  key.scope.acts = static_cast<std::uint32_t>(ledger::Act::record);
  key.from_ms = context.time_ms;
  ledger::store(context.state, key_name, key);
  DeviceRecord record;
  record.device = operation;
  record.unit = operation.unit;
  ledger::store(context.state, Space::device, operation.device, record);
  auto const act = log_operation(context, operation);
  ledger::append_history(context.state, members::member_key(context.state, operation.owner), act, {});
  return {};
}

Result<void> retire_device(Context& context, ledger::RetireDevice const& operation, std::string const& field) {
  auto record = ledger::load<DeviceRecord>(context.state, Space::device, operation.device);
  if (!record) return Error{Code::E_DEVICE_UNKNOWN, field + ".device", "not registered: " + operation.device};
  TRY(require_signer(context, record->device.owner, ledger::Act::admin, field + ".device"));
  if (record->retired) return Error{Code::E_ALREADY_REGISTERED, field + ".device", "retired before"};
  record->retired = true;
  ledger::store(context.state, Space::device, operation.device, *record);
  auto const key_name = ledger::state_key(Space::key, record->device.key.view());
  auto key = ledger::load<ledger::KeyRecord>(context.state, key_name);
  CHECK(key.has_value());
  if (!key->revoked_ms) key->revoked_ms = context.time_ms;
  ledger::store(context.state, key_name, *key);
  auto const act = log_operation(context, operation);
  ledger::append_history(context.state, members::member_key(context.state, record->device.owner), act, {});
  return {};
}

Result<void> associate(Job& job) {
  auto const& event = job.event;
  if (!event.parent || event.parent->kind != gs1::KeyKind::sscc || event.action == gs1::Action::observe) return {};
  auto const unit = ledger::load<ledger::UnitRecord>(job.state, Space::unit, event.parent->uri);
  for (std::size_t i = 0; i < event.child_epcs.size(); ++i) {
    auto const& key = event.child_epcs[i];
    auto record = ledger::load<DeviceRecord>(job.state, Space::device, key.uri);
    if (!record) continue;
    // Whoever has the goods puts a logger in; its owner may too.
    bool const owner = job.signed_by(record->device.owner);
    if (!owner && unit) TRY(in_custody(job, unit->holder, 0, at("childEPCs", i)));
    if (!owner && !unit) return job.error(Code::E_UNKNOWN_GOODS, "parentID", "no unit " + event.parent->uri);
    if (record->retired) return job.error(Code::E_DEVICE_UNKNOWN, at("childEPCs", i), "retired");
    bool const adds = event.action == gs1::Action::add;
    if (adds && !record->unit.empty() && record->unit != event.parent->uri) {
      return job.error(Code::E_ALREADY_PACKED, at("childEPCs", i), "travels with " + record->unit);
    }
    record->unit = adds ? event.parent->uri : std::string();
    record->last_ms = std::max(record->last_ms, adds ? event.time_ms : TimeMs{0});
    ledger::store(job.state, Space::device, key.uri, *record);
  }
  return {};
}

bool is_batch(gs1::Event const& event) {
  return event.type == gs1::EventType::object && event.tally.batch.has_value() && !event.is_error();
}

Result<void> take_batch(Job& job) {
  TRY_ASSIGN(auto const batch, read_batch(job));
  TRY_ASSIGN(auto device, bound_device(job, batch));
  auto const key = ledger::track_key(device.unit, batch.device);
  auto track = ledger::load<SensorTrackRecord>(job.state, key).value_or(SensorTrackRecord{});
  track.device = batch.device;
  track.owner = device.device.owner;
  // Time counts from a neighbour only where nothing is missing in between.
  TimeMs const before_ms = batch.first == device.next_sequence && device.last_batch ? device.last_ms : 0;
  if (batch.first >= device.next_sequence) {
    TRY(extend(job, batch, device, track));
  } else {
    TRY(fill(job, batch, device, track));
  }
  track.readings += batch.reports.size();
  track.last_ms = std::max(track.last_ms, batch.reports.back().time_ms);
  note_door(batch, track);
  ledger::store(job.state, Space::device, batch.device, device);
  judge_rules(job, batch, before_ms, track, key, device.unit);
  return {};
}

std::vector<Fact> batch_facts(Job const& job) {
  std::vector<Fact> out;
  auto const batch = read_batch(job);
  CHECK(batch.has_value());
  auto const device = ledger::load<DeviceRecord>(job.state, Space::device, batch->device);
  CHECK(device.has_value());
  auto const unit = gs1::read_key(device->unit);
  CHECK(unit.has_value());
  std::map<std::pair<std::string, std::string>, std::vector<Reading>> by_type;
  for (auto const& one : batch->reports) {
    if (!one.report->value) continue;
    by_type[{one.report->type, one.report->uom}].push_back({one.sequence, one.time_ms, *one.report->value});
  }
  for (auto& [type, readings] : by_type) {
    Fact fact;
    fact.kind = FactKind::readings;
    fact.subjects = {watch_name(*unit)};
    fact.actors = {device->device.owner};
    fact.device = ledger::tree_key(Space::device, batch->device);
    fact.sensor_type = type.first;
    fact.unit = type.second;
    fact.readings = std::move(readings);
    out.push_back(std::move(fact));
  }
  return out;
}

void watch_door(Job& job, std::string_view unit, PartyId const& giver) {
  for (auto const& track : ledger::tracks_of(job.state, unit)) {
    if (!track.has_door || track.door_ms + door_opens_before_ms >= job.event.time_ms) continue;
    raise(job, ledger::AlarmKind::no_door_opening, unit, giver, "closed when it changed hands");
    return;
  }
}

}  // namespace contracts::goods
