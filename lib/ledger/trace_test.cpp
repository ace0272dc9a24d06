// SPDX-License-Identifier: Apache-2.0
#include "ledger/trace.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/time.hpp"
#include "gs1/document.hpp"
#include "gs1/shared_test.hpp"
#include "ledger/history.hpp"
#include "ledger/query_index.hpp"
#include "ledger/trace_reference_test.hpp"

namespace ledger {
namespace {

using gs1::Action;
using gs1::Event;
using gs1::EventType;
using test::Chance;
using test::ListedEvents;
using test::names;
using test::Places;
using test::Reference;
using test::Traced;

Places places(EventTrace const& trace) {
  Places out;
  for (auto const& entry : trace.entries) out.insert(entry.event->log_index);
  return out;
}

/// Every key of these events, both ways, against the reference; the number of keys.
std::size_t compare_all(std::vector<Traced> const& events, std::size_t stride = 1) {
  Reference const reference(events);
  ListedEvents source(events);
  std::set<std::string> keys;
  for (auto const& traced : events) keys.merge(names(traced->event));
  std::size_t place = 0;
  for (auto const& key : keys) {
    if (place++ % stride != 0) continue;
    for (auto const direction : {TraceDirection::upstream, TraceDirection::downstream}) {
      auto const trace = trace_events(source, key, direction);
      EXPECT_TRUE(trace.complete) << key;
      EXPECT_EQ(places(trace), reference.trace(key, direction)) << key;
      EXPECT_TRUE(std::ranges::is_sorted(trace.entries, {},
                                         [](TraceEntry const& entry) { return entry.event->event.time_ms; }));
    }
  }
  return keys.size();
}

/// The SSCCs of the large data set are random digits: 233 of its 256 have a wrong check digit and are refused by name.
/// With the right one they are as many different units.
std::string with_check_digits(std::string text) {
  constexpr std::string_view front = "/00/";
  for (auto at = text.find(front); at != text.npos; at = text.find(front, at + 1)) {
    auto const digits = std::string_view(text).substr(at + front.size(), 17);
    if (digits.size() == 17 && digits.find_first_not_of("0123456789") == digits.npos)
      text[at + front.size() + 17] = gs1::check_digit(digits);
  }
  return text;
}

void append_document(std::filesystem::path const& path, std::vector<Traced>& out) {
  auto const text = with_check_digits(gs1::test::read_text(path));
  auto const document = gs1::read_document(text);
  if (!document) {
    EXPECT_EQ(document.error().code, base::Code::E_CONTEXT) << path << base::to_string(document.error());
    return;
  }
  auto const context = gs1::read_context(document->context);
  ASSERT_TRUE(context) << path << base::to_string(context.error());
  for (auto const bytes : document->events) {
    auto event = gs1::read_event(base::bytes_of(bytes), *context);
    // Histories with terms that only a remote context explains are refused by name; they are not recorded.
    if (!event) {
      // Others write a sensor's value as a text, or a word that is not in CBV.
      constexpr std::string_view others[] = {"deposit-return.jsonld", "commissioning.jsonld", "software-update.jsonld"};
      bool const is_known = event.error().code == base::Code::E_CONTEXT ||
                            std::ranges::find(others, path.filename().string()) != std::end(others);
      EXPECT_TRUE(is_known) << path << base::to_string(event.error());
      continue;
    }
    auto traced = std::make_shared<TracedEvent>();
    traced->log_index = out.size();
    traced->recorded_ms = 1000 * out.size();
    traced->event = *std::move(event);
    out.push_back(std::move(traced));
  }
}

TEST(EventTrace, TheShippedItemsOfTheLargeDataSet) {
  if (!gs1::test::have_shared("datasets/serialised-shipping-932-events.json")) return;
  std::vector<Traced> events;
  append_document(gs1::test::shared() / "datasets" / "serialised-shipping-932-events.json", events);
  ASSERT_EQ(events.size(), 932U);
  // The reference is quadratic: every fifth key, which meets items, cases and pallets.
  EXPECT_GE(compare_all(events, 5), 616U);
}

TEST(EventTrace, ThePublishedHistories) {
  if (!gs1::test::have_shared("traceability")) return;
  std::vector<Traced> events;
  for (auto const& path : gs1::test::files_under("traceability", {".jsonld"})) append_document(path, events);
  EXPECT_GE(events.size(), 20U);
  EXPECT_GE(compare_all(events), 20U);
}

gs1::Key item(std::uint64_t number) { return gs1::make_item("09521001000109", "S" + std::to_string(number)); }
gs1::Key lot(std::uint64_t number) { return gs1::make_lot("09521001000017", "L" + std::to_string(number)); }

/// Events of all kinds about few things, late, voided, cyclic, in one story that no rule has judged.
std::vector<Traced> random_events(std::uint64_t seed, std::size_t count) {
  Chance chance(seed);
  std::vector<Traced> out;
  auto const any_item = [&] { return item(chance.below(8)); };
  auto const any_lot = [&] { return gs1::QuantityElement{lot(chance.below(4)), 1'000'000, "KGM"}; };
  for (std::size_t i = 0; i < count; ++i) {
    auto traced = std::make_shared<TracedEvent>();
    traced->log_index = i;
    traced->recorded_ms = 1'000'000 + i;
    auto& event = traced->event;
    event.time_ms = 1000 + chance.below(60);
    event.event_hash.bytes[0] = static_cast<std::uint8_t>(chance.below(256));
    event.event_hash.bytes[1] = static_cast<std::uint8_t>(i);
    event.action = static_cast<Action>(1 + chance.below(3));
    auto const kind = chance.below(10);
    if (kind < 5) {
      event.type = kind == 4 ? EventType::association : EventType::aggregation;
      event.parent = item(8 + chance.below(4));
      if (chance.below(8) == 0) event.parent = any_item();
      bool const all = event.action == Action::remove && chance.below(2) == 0;
      for (auto left = all ? 0 : 1 + chance.below(2); left > 0; --left) event.child_epcs.push_back(any_item());
      if (!all && chance.below(3) == 0) event.child_quantities.push_back(any_lot());
    } else if (kind < 8) {
      event.type = EventType::object;
      event.epcs.push_back(chance.below(3) == 0 ? item(8 + chance.below(4)) : any_item());
      if (event.action == Action::add && chance.below(2) == 0) event.tally.lot = lot(chance.below(4)).uri;
    } else {
      event.type = EventType::transformation;
      event.action = Action::none;
      event.input_epcs.push_back(any_item());
      event.input_quantities.push_back(any_lot());
      event.output_epcs.push_back(any_item());
      if (chance.below(2) == 0) event.output_quantities.push_back(any_lot());
      if (chance.below(2) == 0) event.transformation_id = *gs1::read_key("urn:x:t" + std::to_string(chance.below(3)));
    }
    if (i > 0 && chance.below(10) == 0) traced->voided_by = chance.below(i);
    out.push_back(std::move(traced));
  }
  return out;
}

TEST(EventTrace, RandomStoriesAgreeWithTheReference) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    compare_all(random_events(seed, 6 + seed % 24));
    if (HasFailure()) return;
  }
}

TEST(EventTrace, ContainmentsOpenAndClose) {
  auto const packing = [](std::uint64_t place, Action action, std::uint64_t parent, std::vector<gs1::Key> children,
                          TimeMs time) {
    auto traced = std::make_shared<TracedEvent>();
    traced->log_index = place;
    traced->event.type = EventType::aggregation;
    traced->event.action = action;
    traced->event.parent = item(parent);
    traced->event.child_epcs = std::move(children);
    traced->event.time_ms = time;
    return traced;
  };
  std::vector<Traced> events = {
      packing(0, Action::add, 10, {item(1)}, 100),
      packing(1, Action::remove, 10, {}, 200),
      // Late: recorded last, but it happened between.
      packing(3, Action::add, 11, {item(1)}, 250),
      packing(2, Action::remove, 11, {item(1)}, 300),
      packing(4, Action::observe, 12, {item(1)}, 400),
  };
  ListedEvents source(events);
  auto const found = containments(source, item(1).uri);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].span, (TraceSpan{100, 201}));
  EXPECT_EQ(found[1].span, (TraceSpan{250, 301}));
  EXPECT_EQ(found[2].span, (TraceSpan{400, 401}));
  auto voided = std::make_shared<TracedEvent>(*events[1]);
  voided->voided_by = 9;
  events[1] = voided;
  auto const longer = containments(source, item(1).uri);
  EXPECT_EQ(longer[0].span, (TraceSpan{100, 250})) << "packed elsewhere";
}

TEST(EventTrace, ReadsWhatTheLedgerKeeps) {
  MemoryState below;
  Overlay state(below);
  std::string const context = R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")";
  auto const record = [&](std::string const& json) {
    StoredEvent stored;
    stored.context = crypto::sha256(base::bytes_of(context));
    stored.payload = base::to_bytes(json);
    state.put(state_key(Space::context, stored.context.view()), base::to_bytes(context));
    auto const index = append_log(state, stored);
    auto const event = gs1::read_event(stored.payload, *gs1::read_context(context));
    ASSERT_TRUE(event) << base::to_string(event.error());
    Postings postings;
    postings.add(*event, index);
    std::move(postings).write(state);
    auto by_hash = state_key(Space::event_hash_index, event->event_hash.view());
    base::append(by_hash, big_endian(index));
    state.put(by_hash, {});
    ActLeaf act;
    act.log_index = index;
    for (auto const& name : names(*event)) append_history(state, state_key(Space::thing, name), act, {});
  };
  auto const packed = [](std::string const& action, std::string const& rest) {
    return R"({"type":"AggregationEvent","eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00",)"
           R"("action":")" +
           action +
           R"(","parentID":"urn:epc:id:sscc:9521001.0000000001","childEPCs":["urn:epc:id:sgtin:9521001.000010.1"])" +
           rest + "}";
  };
  record(packed("ADD", ""));
  record(R"({"type":"ObjectEvent","eventTime":"2026-01-02T00:00:00Z","eventTimeZoneOffset":"+00:00",
    "action":"OBSERVE","epcList":["urn:epc:id:sscc:9521001.0000000001"]})");
  auto const source = recorded_events(state);
  auto const uri = gs1::make_item("09521001000109", "1").uri;
  EXPECT_EQ(places(trace_events(*source, uri, TraceDirection::upstream)), (Places{0, 1}));
  record(packed("ADD", R"(,"errorDeclaration":{"declarationTime":"2026-01-03T00:00:00Z"})"));
  auto const after = recorded_events(state);
  auto const trace = trace_events(*after, uri, TraceDirection::upstream);
  EXPECT_EQ(places(trace), (Places{0, 2})) << "the packing is voided; it and what voids it are shown";
  EXPECT_EQ(trace.entries[0].event->voided_by, 2U);
}

}  // namespace
}  // namespace ledger
