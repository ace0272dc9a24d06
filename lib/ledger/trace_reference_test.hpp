// SPDX-License-Identifier: Apache-2.0
#pragma once

// Traces once more, slowly and from the definition: what the index-driven reader is held against.

#include <algorithm>
#include <set>

#include "ledger/trace.hpp"

namespace ledger::test {

using gs1::Action;
using gs1::Event;
using gs1::EventType;
using Traced = std::shared_ptr<TracedEvent const>;
using Places = std::set<std::uint64_t>;

/// Chance from a seed, the same everywhere.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state_ >> 33) % bound;
  }

 private:
  std::uint64_t state_;
};

inline std::set<std::string> names(Event const& event) {
  std::set<std::string> out;
  if (event.parent) out.insert(event.parent->uri);
  if (event.transformation_id) out.insert(event.transformation_id->uri);
  for (auto const* keys : {&event.epcs, &event.child_epcs, &event.input_epcs, &event.output_epcs}) {
    for (auto const& key : *keys) out.insert(key.uri);
  }
  for (auto const* list :
       {&event.quantities, &event.child_quantities, &event.input_quantities, &event.output_quantities}) {
    for (auto const& one : *list) out.insert(one.key.uri);
  }
  return out;
}

/// Events in a list, found by looking at all of them.
class ListedEvents final : public EventSource {
 public:
  explicit ListedEvents(std::vector<Traced> const& events) : events_(events) {}
  std::vector<Traced> naming(std::string const& uri) override {
    std::vector<Traced> out;
    for (auto const& traced : events_) {
      if (names(traced->event).contains(uri)) out.push_back(traced);
    }
    return out;
  }

 private:
  std::vector<Traced> const& events_;
};

/// The reference: the whole world is replayed once for all containments, then windows of (key, span) spread until
/// nothing new comes.
class Reference {
 public:
  explicit Reference(std::vector<Traced> events) : events_(std::move(events)) {
    std::ranges::sort(events_, [](Traced const& a, Traced const& b) {
      return std::tuple(a->event.time_ms, a->recorded_ms, a->event.event_hash, a->log_index) <
             std::tuple(b->event.time_ms, b->recorded_ms, b->event.event_hash, b->log_index);
    });
    for (auto const& traced : events_) replay(*traced);
    for (auto const& [type, child, parent, from] : open_) stays_.push_back({child, parent, {from, ~TimeMs{0}}});
  }

  Places trace(std::string const& uri, TraceDirection direction) const {
    std::vector<std::pair<std::string, TraceSpan>> windows = {{uri, {}}};
    Places out;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      auto const [key, span] = windows[i];
      auto const add = [&](std::string const& next, TraceSpan wanted) {
        TraceSpan const clipped{wanted.from, wanted.until};
        if (clipped.from >= clipped.until) return;
        std::pair const window{next, clipped};
        if (std::ranges::find(windows, window) == windows.end()) windows.push_back(window);
      };
      for (auto const& stay : stays_) {
        if (stay.child == key)
          add(stay.parent, {std::max(span.from, stay.span.from), std::min(span.until, stay.span.until)});
      }
      for (auto const& traced : events_) {
        auto const& event = traced->event;
        if (!span.contains(event.time_ms) || !names(event).contains(key)) continue;
        out.insert(traced->log_index);
        if (traced->voided_by || event.is_error()) continue;
        if (direction == TraceDirection::upstream) {
          bool const made = has(event.output_epcs, event.output_quantities, key);
          bool const commissioned =
              event.type == EventType::object && event.action == Action::add && has(event.epcs, {}, key);
          if ((made || commissioned) && !event.tally.lot.empty()) add(event.tally.lot, span);
          if (!made) continue;
          for (auto const* part : parts_of(*traced)) {
            if (part->event.time_ms < span.until) out.insert(part->log_index);
            TraceSpan const used{0, std::min(span.until, part->event.time_ms + 1)};
            for (auto const& one : part->event.input_epcs) add(one.uri, used);
            for (auto const& one : part->event.input_quantities) add(one.key.uri, used);
          }
        } else {
          if (has(event.input_epcs, event.input_quantities, key)) {
            for (auto const* part : parts_of(*traced)) {
              out.insert(part->log_index);
              TraceSpan const since{std::max(span.from, part->event.time_ms), ~TimeMs{0}};
              for (auto const& one : part->event.output_epcs) add(one.uri, since);
              for (auto const& one : part->event.output_quantities) add(one.key.uri, since);
            }
          }
          bool const packs = (event.type == EventType::aggregation || event.type == EventType::association) &&
                             event.action == Action::add && event.parent && event.parent->uri == key;
          if (!packs) continue;
          TraceSpan const since{std::max(span.from, event.time_ms), ~TimeMs{0}};
          for (auto const& one : event.child_epcs) add(one.uri, since);
          for (auto const& one : event.child_quantities) add(one.key.uri, since);
        }
      }
    }
    return out;
  }

 private:
  struct Stay {
    std::string child, parent;
    TraceSpan span;
  };
  struct Open {
    EventType type;
    std::string child, parent;
    TimeMs from;
  };

  static bool has(std::vector<gs1::Key> const& keys, std::vector<gs1::QuantityElement> const& elements,
                  std::string const& uri) {
    for (auto const& key : keys) {
      if (key.uri == uri) return true;
    }
    return std::ranges::any_of(elements, [&](auto const& one) { return one.key.uri == uri; });
  }

  std::vector<TracedEvent const*> parts_of(TracedEvent const& one) const {
    std::vector<TracedEvent const*> out;
    for (auto const& other : events_) {
      bool const same =
          other.get() == &one || (one.event.transformation_id && other->event.type == EventType::transformation &&
                                  other->event.transformation_id == one.event.transformation_id && !other->voided_by &&
                                  !other->event.is_error());
      if (same) out.push_back(other.get());
    }
    return out;
  }

  void end(std::size_t place, TimeMs time) {
    auto const& one = open_[place];
    stays_.push_back({one.child, one.parent, {one.from, time}});
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(place));
  }

  void replay(TracedEvent const& traced) {
    auto const& event = traced.event;
    bool const packs = event.type == EventType::aggregation || event.type == EventType::association;
    if (!packs || !event.parent || traced.voided_by || event.is_error()) return;
    auto const& parent = event.parent->uri;
    std::vector<std::string> children;
    for (auto const& key : event.child_epcs) children.push_back(key.uri);
    for (auto const& one : event.child_quantities) children.push_back(one.key.uri);
    if (event.action == Action::remove) {
      for (std::size_t i = open_.size(); i-- > 0;) {
        bool const meant = children.empty() || std::ranges::find(children, open_[i].child) != children.end();
        if (open_[i].type == event.type && open_[i].parent == parent && meant) end(i, event.time_ms + 1);
      }
      return;
    }
    for (auto const& child : children) {
      bool inside = false;
      for (std::size_t i = open_.size(); i-- > 0;) {
        if (open_[i].type != event.type || open_[i].child != child) continue;
        if (open_[i].parent == parent) {
          inside = true;
        } else if (event.type == EventType::aggregation && event.action == Action::add) {
          end(i, event.time_ms);
        }
      }
      if (inside) continue;
      if (event.action == Action::add) {
        open_.push_back({event.type, child, parent, event.time_ms});
      } else {
        stays_.push_back({child, parent, {event.time_ms, event.time_ms + 1}});
      }
    }
  }

  std::vector<Traced> events_;
  std::vector<Open> open_;
  std::vector<Stay> stays_;
};

}  // namespace ledger::test
