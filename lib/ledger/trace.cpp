// SPDX-License-Identifier: Apache-2.0
#include "ledger/trace.hpp"

#include <algorithm>
#include <set>

#include "gs1/context.hpp"
#include "ledger/history.hpp"
#include "ledger/query_index.hpp"

namespace ledger {

namespace {

using gs1::Action;
using gs1::Event;
using gs1::EventType;
using Traced = std::shared_ptr<TracedEvent const>;

bool before(Traced const& left, Traced const& right) {
  auto const rank = [](TracedEvent const& one) {
    return std::tuple(one.event.time_ms, one.recorded_ms, one.event.event_hash, one.log_index);
  };
  return rank(*left) < rank(*right);
}

class StateEvents final : public EventSource {
 public:
  explicit StateEvents(StateView const& state) : state_(state) {}

  std::vector<Traced> naming(std::string const& uri) override {
    std::set<std::uint64_t> places;
    for (auto const space : {Space::item, Space::lot, Space::unit, Space::thing}) {
      auto const prefix = state_key(Space::history_leaf, tree_key(space, uri).view());
      state_.scan(prefix, [&](BytesView, BytesView bytes) {
        auto const leaf = base::decode<HistoryLeaf>(bytes);
        CHECK(leaf.has_value());
        if (leaf->kind == LeafKind::event) places.insert(leaf->log_index);
        return places.size() <= event_trace_events_max;
      });
    }
    scan_index(state_, IndexKind::epc_class, uri, 0, [&](std::uint64_t index) {
      places.insert(index);
      return places.size() <= event_trace_events_max;
    });
    std::vector<Traced> out;
    for (auto const place : places) {
      if (auto traced = at(place)) out.push_back(std::move(traced));
    }
    return out;
  }

 private:
  Traced at(std::uint64_t place) {
    auto const known = known_.find(place);
    if (known != known_.end()) return known->second;
    auto const stored = stored_event(state_, place);
    if (!stored || stored->payload.empty() || stored->payload[0] != '{') return nullptr;
    auto const context_bytes = state_.get(state_key(Space::context, stored->context.view()));
    auto const context = gs1::read_context(context_bytes ? base::text_of(*context_bytes) : std::string_view{});
    auto event = gs1::read_event(stored->payload, context ? *context : gs1::Context{});
    if (!event) return nullptr;
    auto traced = std::make_shared<TracedEvent>();
    traced->log_index = place;
    traced->recorded_ms = stored->recorded_ms;
    traced->event = *std::move(event);
    if (!traced->event.is_error()) traced->voided_by = voiding(*traced, stored->actor);
    known_[place] = traced;
    return traced;
  }

  /// A declaration has the hash of what it voids, and its signer.
  std::optional<std::uint64_t> voiding(TracedEvent const& traced, PartyId const& actor) {
    std::optional<std::uint64_t> out;
    auto const prefix = state_key(Space::event_hash_index, traced.event.event_hash.view());
    state_.scan(prefix, [&](BytesView key, BytesView) {
      auto const place = from_big_endian(key.last(8));
      if (place == traced.log_index) return true;
      auto const stored = stored_event(state_, place);
      auto const text = stored ? base::text_of(stored->payload) : std::string_view{};
      if (stored && stored->actor == actor && text.find("\"errorDeclaration\"") != text.npos) out = place;
      return !out.has_value();
    });
    return out;
  }

  StateView const& state_;
  std::map<std::uint64_t, Traced> known_;
};

bool counts(Traced const& traced) { return !traced->voided_by && !traced->event.is_error(); }

bool has_key(std::vector<gs1::Key> const& keys, std::string const& uri) {
  return std::ranges::any_of(keys, [&](gs1::Key const& key) { return key.uri == uri; });
}
bool has_class(std::vector<gs1::QuantityElement> const& elements, std::string const& uri) {
  return std::ranges::any_of(elements, [&](gs1::QuantityElement const& one) { return one.key.uri == uri; });
}

bool is_child(Event const& event, std::string const& uri) {
  return has_key(event.child_epcs, uri) || has_class(event.child_quantities, uri);
}
bool is_input(Event const& event, std::string const& uri) {
  return has_key(event.input_epcs, uri) || has_class(event.input_quantities, uri);
}
bool is_output(Event const& event, std::string const& uri) {
  return has_key(event.output_epcs, uri) || has_class(event.output_quantities, uri);
}
bool holds(Event const& event) {
  return event.parent && (event.type == EventType::aggregation || event.type == EventType::association);
}

/// The lot that an event gives to its new serials, as a canonical key; empty for none.
std::string lot_of(Event const& event, std::string const& item) {
  auto const& lot = event.tally.lot;
  if (lot.empty() || lot.find(':') != lot.npos) return lot;
  auto const key = gs1::read_key(item);
  return key && key->ai == "01" ? gs1::make_lot(key->primary, lot).uri : std::string();
}

/// The transformations that belong together by their id; one without an id stands alone.
std::vector<Traced> together(EventSource& source, Traced const& one) {
  if (!one->event.transformation_id) return {one};
  std::vector<Traced> out = {one};
  std::set<std::uint64_t> seen = {one->log_index};
  auto const add = [&](std::string const& uri) {
    for (auto const& other : source.naming(uri)) {
      bool const same = counts(other) && other->event.type == EventType::transformation &&
                        other->event.transformation_id == one->event.transformation_id;
      if (same && seen.insert(other->log_index).second) out.push_back(other);
    }
  };
  add(one->event.transformation_id->uri);
  return out;
}

class Walk {
 public:
  Walk(EventSource& source, TraceDirection direction) : source_(source), direction_(direction) {}

  EventTrace run(std::string const& uri) {
    visit(uri, {}, TraceRole::own, 0);
    EventTrace out;
    out.complete = complete_;
    for (auto& [index, entry] : found_) out.entries.push_back(std::move(entry));
    std::ranges::sort(out.entries, [](TraceEntry const& a, TraceEntry const& b) { return before(a.event, b.event); });
    return out;
  }

 private:
  void visit(std::string const& uri, TraceSpan span, TraceRole role, unsigned depth) {
    if (span.from >= span.until) return;
    if (depth > event_trace_depth_max || visited_.size() >= event_trace_keys_max) {
      complete_ = false;
      return;
    }
    // A cycle comes back to a span that was looked at.
    auto& spans = visited_[uri];
    bool const known = std::ranges::any_of(
        spans, [&](TraceSpan const& one) { return one.from <= span.from && one.until >= span.until; });
    if (known) return;
    spans.push_back(span);
    auto events = source_.naming(uri);
    std::ranges::sort(events, before);
    for (auto const& traced : events) {
      if (span.contains(traced->event.time_ms)) take(traced, uri, role, depth);
    }
    for (auto const& one : containments(source_, uri)) {
      TraceSpan const inside{std::max(span.from, one.span.from), std::min(span.until, one.span.until)};
      visit(one.parent, inside, TraceRole::container, depth + 1);
    }
    if (direction_ == TraceDirection::upstream) {
      upstream(uri, span, events, depth);
    } else {
      downstream(uri, span, events, depth);
    }
  }

  void take(Traced const& traced, std::string const& uri, TraceRole role, unsigned depth) {
    if (found_.size() >= event_trace_events_max) {
      complete_ = false;
      return;
    }
    auto const [place, fresh] = found_.try_emplace(traced->log_index, TraceEntry{traced, uri, role, depth});
    if (!fresh && depth < place->second.depth) place->second = {traced, uri, role, depth};
  }

  /// What it was made from, and the lot it belongs to.
  void upstream(std::string const& uri, TraceSpan span, std::vector<Traced> const& events, unsigned depth) {
    for (auto const& traced : events) {
      auto const& event = traced->event;
      if (!counts(traced) || !span.contains(event.time_ms)) continue;
      bool const made = is_output(event, uri);
      bool const commissioned =
          event.type == EventType::object && event.action == Action::add && has_key(event.epcs, uri);
      if (made || commissioned) {
        if (auto const lot = lot_of(event, uri); !lot.empty()) visit(lot, span, TraceRole::lot, depth + 1);
      }
      if (!made) continue;
      for (auto const& part : together(source_, traced)) {
        if (part->event.time_ms < span.until) take(part, uri, TraceRole::input, depth + 1);
        // An input counts up to and with the moment of its use.
        TraceSpan const used{0, std::min(span.until, part->event.time_ms + 1)};
        for (auto const& key : part->event.input_epcs) visit(key.uri, used, TraceRole::input, depth + 1);
        for (auto const& one : part->event.input_quantities) visit(one.key.uri, used, TraceRole::input, depth + 1);
      }
    }
  }

  /// What was made of it, and what was inside it, each from then on.
  void downstream(std::string const& uri, TraceSpan span, std::vector<Traced> const& events, unsigned depth) {
    for (auto const& traced : events) {
      auto const& event = traced->event;
      if (!counts(traced) || !span.contains(event.time_ms)) continue;
      if (is_input(event, uri)) {
        for (auto const& part : together(source_, traced)) {
          take(part, uri, TraceRole::output, depth + 1);
          TraceSpan const since{std::max(span.from, part->event.time_ms), ~TimeMs{0}};
          for (auto const& key : part->event.output_epcs) visit(key.uri, since, TraceRole::output, depth + 1);
          for (auto const& one : part->event.output_quantities) visit(one.key.uri, since, TraceRole::output, depth + 1);
        }
      }
      bool const parent = holds(event) && event.action == Action::add && event.parent->uri == uri;
      if (!parent) continue;
      TraceSpan const since{std::max(span.from, event.time_ms), ~TimeMs{0}};
      for (auto const& key : event.child_epcs) visit(key.uri, since, TraceRole::content, depth + 1);
      for (auto const& one : event.child_quantities) visit(one.key.uri, since, TraceRole::content, depth + 1);
    }
  }

  EventSource& source_;
  TraceDirection direction_;
  std::map<std::string, std::vector<TraceSpan>> visited_;
  std::map<std::uint64_t, TraceEntry> found_;
  bool complete_ = true;
};

}  // namespace

std::unique_ptr<EventSource> recorded_events(StateView const& state) { return std::make_unique<StateEvents>(state); }

std::vector<Containment> containments(EventSource& source, std::string const& uri) {
  // All that packs or unpacks it: its own events, and the unpacking of everything in a parent that it was in.
  auto own = source.naming(uri);
  std::set<std::string> parents;
  std::erase_if(own, [&](Traced const& traced) {
    return !counts(traced) || !holds(traced->event) || !is_child(traced->event, uri);
  });
  for (auto const& traced : own) parents.insert(traced->event.parent->uri);
  for (auto const& parent : parents) {
    for (auto const& traced : source.naming(parent)) {
      auto const& event = traced->event;
      bool const all = counts(traced) && holds(event) && event.action == Action::remove &&
                       event.parent->uri == parent && event.child_epcs.empty() && event.child_quantities.empty();
      if (all) own.push_back(traced);
    }
  }
  std::ranges::sort(own, before);
  std::vector<Containment> out;
  std::map<EventType, std::map<std::string, TimeMs>> open;
  auto const close = [&](EventType type, std::string const& parent, TimeMs time) {
    auto const found = open[type].find(parent);
    if (found == open[type].end()) return;
    out.push_back({parent, {found->second, time}});
    open[type].erase(found);
  };
  for (auto const& traced : own) {
    auto const& event = traced->event;
    auto const& parent = event.parent->uri;
    auto& inside = open[event.type];
    if (event.action == Action::remove) {
      // It was still inside when it was taken out.
      close(event.type, parent, event.time_ms + 1);
    } else if (event.action == Action::add) {
      // A thing is packed in one parent at a time; it may be associated with several.
      if (event.type == EventType::aggregation) {
        auto const others = inside;
        for (auto const& [other, since] : others) {
          if (other != parent) close(event.type, other, event.time_ms);
        }
      }
      inside.emplace(parent, event.time_ms);
    } else if (!inside.contains(parent)) {
      out.push_back({parent, {event.time_ms, event.time_ms + 1}});
    }
  }
  for (auto const& [type, inside] : open) {
    for (auto const& [parent, since] : inside) out.push_back({parent, {since, ~TimeMs{0}}});
  }
  return out;
}

EventTrace trace_events(EventSource& source, std::string const& uri, TraceDirection direction) {
  return Walk(source, direction).run(uri);
}

}  // namespace ledger
