// SPDX-License-Identifier: Apache-2.0
#pragma once

// What happened to an item, lot or unit, read from recorded events: its own; those of what held it, while it was
// inside; those of what it was made from, until it was used; those of its lot. Downstream the other way. Events are
// immutable and may come late: order is made when they are read (event time, record time, hash). An event that was
// declared an error is shown with what voids it, and holds, makes and moves nothing.

#include <functional>
#include <map>

#include "gs1/event.hpp"
#include "ledger/state.hpp"

namespace ledger {

constexpr unsigned event_trace_depth_max = 16;
constexpr std::size_t event_trace_events_max = 4096;
constexpr std::size_t event_trace_keys_max = 1024;

/// One recorded event as a trace sees it.
struct TracedEvent {
  std::uint64_t log_index = 0;
  TimeMs recorded_ms = 0;
  gs1::Event event;
  /// The declaration that voids it.
  std::optional<std::uint64_t> voided_by;
};

/// Where events come from: those that name a key, in any order; each once.
class EventSource {
 public:
  virtual ~EventSource() = default;
  virtual std::vector<std::shared_ptr<TracedEvent const>> naming(std::string const& uri) = 0;
};
/// The ledger's own: histories and the index of classes. The state must outlive it.
std::unique_ptr<EventSource> recorded_events(StateView const& state);

enum class TraceRole : std::uint8_t { own, container, content, lot, input, output };
constexpr std::uint8_t enum_count(TraceRole) { return 6; }
constexpr std::array<std::string_view, 6> enum_names(TraceRole) {
  return {"own", "container", "content", "lot", "input", "output"};
}

/// Time from `from` on, before `until`.
struct TraceSpan {
  TimeMs from = 0;
  TimeMs until = ~TimeMs{0};
  bool contains(TimeMs time) const { return time >= from && time < until; }
  bool operator==(TraceSpan const&) const = default;
};

struct TraceEntry {
  std::shared_ptr<TracedEvent const> event;
  /// The key through which it belongs to the trace, what that is to the subject, and how far away.
  std::string key;
  TraceRole role = TraceRole::own;
  unsigned depth = 0;
};

struct EventTrace {
  /// Each event once, by event time, then record time, then hash.
  std::vector<TraceEntry> entries;
  /// False when a bound cut it.
  bool complete = true;
};

enum class TraceDirection : std::uint8_t { upstream, downstream };

EventTrace trace_events(EventSource& source, std::string const& uri, TraceDirection direction);

/// When a key was inside which parent: closed by unpacking it, by unpacking all, or by packing it elsewhere.
struct Containment {
  std::string parent;
  TraceSpan span;
};
std::vector<Containment> containments(EventSource& source, std::string const& uri);

}  // namespace ledger
