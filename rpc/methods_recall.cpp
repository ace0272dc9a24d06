// SPDX-License-Identifier: Apache-2.0
// Methods about goods that follow their way: what happened to them, what a recall reaches, what is said beside them,
// and the alarms in the order in which they were raised.
#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"
#include "ledger/badge.hpp"
#include "ledger/recall.hpp"
#include "ledger/trace.hpp"
#include "rpc/alarms.hpp"
#include "rpc/registry.hpp"

namespace rpc {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t page_max = 1000;
/// Items of one answer, and of all pages of one recall together.
constexpr std::size_t affected_page_max = 10'000;
constexpr std::size_t affected_max = 250'000;

/// The place behind the entry that the page before ended with. Events that come late move the others, not the cursor.
Result<std::size_t> place_behind(ledger::EventTrace const& trace, Call const& call) {
  auto const text = call.text("cursor");
  if (text.empty()) return std::size_t{0};
  auto const last = base::from_decimal(text);
  for (std::size_t i = 0; last && i < trace.entries.size(); ++i) {
    if (trace.entries[i].event->log_index == *last) return i + 1;
  }
  return Error{Code::E_FORM, "cursor", "not a cursor of this trace; begin again without it"};
}

Result<Value> trace_get(Call const& call) {
  TRY_ASSIGN(auto const subject, subject_of(call.text("id")));
  TRY_ASSIGN(auto const depth, number_parameter(call, "depth", ledger::event_trace_depth_max, 1000));
  auto const direction = call.text("direction");
  if (!direction.empty() && direction != "upstream" && direction != "downstream") {
    return Error{Code::E_FORM, "direction", "write upstream or downstream"};
  }
  auto const source = ledger::recorded_events(*call.at.state);
  auto const trace = ledger::trace_events(
      *source, subject,
      direction == "downstream" ? ledger::TraceDirection::downstream : ledger::TraceDirection::upstream);
  if (trace.entries.empty()) return Error{Code::E_UNKNOWN_GOODS, "id", ""};
  TRY_ASSIGN(auto next, place_behind(trace, call));
  auto list = Value::array();
  std::string last;
  auto const is_shown = [&](ledger::TraceEntry const& entry) { return entry.depth <= depth; };
  for (; next < trace.entries.size() && list.items.size() < page_max; ++next) {
    auto const& entry = trace.entries[next];
    if (!is_shown(entry)) continue;
    last = std::to_string(entry.event->log_index);
    auto const& event = entry.event->event;
    auto one = Value::object();
    one.add("log_index", Value::of(std::to_string(entry.event->log_index)));
    one.add("event_time", Value::of(base::to_rfc3339(event.time_ms)));
    one.add("recorded_time", Value::of(base::to_rfc3339(entry.event->recorded_ms)));
    one.add("biz_step", Value::of(event.biz_step));
    one.add("role", Value::of(enum_names(entry.role)[static_cast<std::size_t>(entry.role)]));
    one.add("key", Value::of(entry.key));
    one.add("depth", Value::of(std::uint64_t{entry.depth}));
    if (entry.event->voided_by) one.add("voided_by", Value::of(std::to_string(*entry.event->voided_by)));
    list.items.push_back(std::move(one));
  }
  auto out = Value::object();
  out.add("subject", Value::of(subject));
  out.add("events", std::move(list));
  out.add("complete", Value::of(trace.complete));
  auto const rest = trace.entries.begin() + static_cast<std::ptrdiff_t>(next);
  if (std::any_of(rest, trace.entries.end(), is_shown)) out.add("cursor", Value::of(last));
  return out;
}

Result<Value> trace_recall(Call const& call) {
  TRY_ASSIGN(auto const lot, subject_of(call.text("lot")));
  auto const& state = *call.at.state;
  auto const affected = ledger::affected_by(state, lot, affected_max);
  auto place = std::ranges::upper_bound(affected.items, call.text("cursor"), {}, &ledger::AffectedItem::item);
  auto items = Value::array();
  for (; place != affected.items.end() && items.items.size() < affected_page_max; ++place) {
    auto const& item = *place;
    auto one = Value::object();
    one.add("item", Value::of(item.item));
    one.add("status", Value::of(enum_names(item.status)[static_cast<std::size_t>(item.status)]));
    one.add("custodian", party_view(state, item.custodian));
    one.add("owner", party_view(state, item.owner));
    one.add("site", Value::of(static_cast<std::string const&>(item.site)));
    one.add("component", Value::of(item.component));
    items.items.push_back(std::move(one));
  }
  auto lots = Value::array();
  for (auto const& one : affected.lots) lots.items.push_back(Value::of(one));
  auto contracts = Value::array();
  for (auto const& one : affected.contracts) contracts.items.push_back(Value::of(one.hex()));
  auto out = Value::object();
  out.add("lot", Value::of(lot));
  out.add("items", std::move(items));
  out.add("lots", std::move(lots));
  out.add("contracts", std::move(contracts));
  out.add("complete", Value::of(!affected.more));
  if (place != affected.items.end()) out.add("cursor", Value::of(std::prev(place)->item));
  return out;
}

Result<Value> trace_badges(Call const& call) {
  TRY_ASSIGN(auto const subject, subject_of(call.text("id")));
  auto list = Value::array();
  for (auto const& badge : ledger::badges_of(*call.at.state, subject, call.at.header.time_ms)) {
    auto one = Value::object();
    one.add("word", Value::of(badge.word));
    one.add("subject", Value::of(badge.subject));
    if (!badge.detail.empty()) one.add("detail", Value::of(badge.detail));
    list.items.push_back(std::move(one));
  }
  auto out = Value::object();
  out.add("subject", Value::of(subject));
  out.add("badges", std::move(list));
  return out;
}

Result<Value> alarm_list(Call const& call) {
  TRY_ASSIGN(auto const from, number_parameter(call, "from", 0, ~std::uint64_t{0}));
  TRY_ASSIGN(auto const limit, number_parameter(call, "limit", 100, page_max));
  if (limit == 0) return Error{Code::E_FORM, "limit", "from 1 to 1,000"};
  auto const& state = *call.at.state;
  auto const count = ledger::alarm_count(state);
  auto list = Value::array();
  auto next = std::min(from, count);
  for (; next < count && list.items.size() < limit; ++next) {
    auto const alarm = ledger::load<ledger::AlarmRecord>(state, ledger::alarm_key(next));
    CHECK(alarm.has_value());
    list.items.push_back(alarm_value(next, *alarm));
  }
  auto out = Value::object();
  out.add("alarms", std::move(list));
  out.add("cursor", Value::of(std::to_string(next)));
  return out;
}

}  // namespace

std::vector<Method> recall_methods() {
  auto const member = Access::member;
  Parameter const id{"id", "string", true, "Digital Link, its path, or EPC URN"};
  Parameter const cursor{"cursor", "string", false, "of the page before"};
  return {
      {"trace_get",
       "What happened to goods, in order, or what came of them.",
       {id,
        {"direction", "string", false, "upstream (default) or downstream"},
        {"depth", "integer", false, "how many steps away"},
        cursor},
       member,
       trace_get},
      {"trace_recall",
       "What a recall of a lot or component reaches, who has it, and which contracts wait for it.",
       {{"lot", "string", true, "Digital Link"}, cursor},
       member,
       trace_recall},
      {"trace_badges", "What is said beside goods.", {id}, member, trace_badges},
      {"alarm_list",
       "Alarms in the order in which they were raised.",
       {{"from", "string", false, "number of the first"}, {"limit", "integer", false, "at most 1,000"}},
       member,
       alarm_list},
  };
}

}  // namespace rpc
