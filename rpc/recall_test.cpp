// SPDX-License-Identifier: Apache-2.0
// trace_get, trace_recall and alarm_list against slow references, over random stories.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/time.hpp"
#include "gs1/event_hash.hpp"
#include "ledger/contract.hpp"
#include "ledger/history.hpp"
#include "ledger/query_index.hpp"
#include "ledger/recall.hpp"
#include "ledger/trace_reference_test.hpp"
#include "rpc/dispatch.hpp"
#include "rpc/json.hpp"
#include "rpc/state_backend_test.hpp"

namespace rpc {
namespace {

using ledger::Space;
using ledger::TraceDirection;
using ledger::test::Chance;
using ledger::test::Places;
using ledger::test::Reference;
using ledger::test::Traced;
using ::testing::HasSubstr;

constexpr char const* context = R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")";

Value ask(Backend& backend, std::string const& method, std::string const& params) {
  auto const answer = from_text(dispatch(
      backend, Access::member, R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":{)" + params + "}}"));
  EXPECT_TRUE(answer.has_value());
  auto const* result = answer->find("result");
  return result != nullptr ? *result : *answer;
}

std::vector<std::string> texts(Value const& result, std::string_view list, std::string_view member) {
  std::vector<std::string> out;
  auto const* items = result.find(list);
  EXPECT_NE(items, nullptr) << to_text(result);
  if (items == nullptr) return out;
  for (auto const& item : items->items)
    out.emplace_back(member.empty() ? std::string_view(item.text) : item.string_of(member));
  return out;
}

/// All pages of a list, in order; a page that does not come to an end is a failure.
std::vector<std::string> pages(Backend& backend, std::string const& method, std::string const& params,
                               std::string_view list, std::string_view member) {
  std::vector<std::string> out;
  std::string cursor;
  for (unsigned page = 0; page < 50; ++page) {
    auto const result = ask(backend, method, params + (cursor.empty() ? "" : R"(,"cursor":")" + cursor + "\""));
    auto more = texts(result, list, member);
    out.insert(out.end(), more.begin(), more.end());
    cursor = std::string(result.string_of("cursor"));
    if (cursor.empty()) return out;
  }
  ADD_FAILURE() << method << " goes on for ever: " << params;
  return out;
}

// ---- trace_get

std::string quoted(std::string const& text) { return "\"" + text + "\""; }
std::string thing(std::uint64_t number) { return gs1::make_item("09521001000109", "S" + std::to_string(number)).uri; }
std::string batch(std::uint64_t number) { return gs1::make_lot("09521001000017", "L" + std::to_string(number)).uri; }

std::string time_of(std::uint64_t minute) { return base::to_rfc3339(1'767'225'600'000 + minute * base::minute_ms); }

std::string head(char const* type, std::uint64_t minute) {
  return std::string(R"({"type":")") + type + R"(","eventTime":")" + time_of(minute) +
         R"(","eventTimeZoneOffset":"+00:00")";
}

std::string amount(std::uint64_t lot) { return R"([{"epcClass":")" + batch(lot) + R"(","quantity":1,"uom":"KGM"}])"; }

std::string random_event(Chance& chance) {
  auto const minute = chance.below(500);
  auto const any = [&] { return quoted(thing(chance.below(8))); };
  switch (chance.below(4)) {
    case 0:
    case 1: {
      char const* const actions[] = {"ADD", "DELETE", "OBSERVE"};
      auto text = head("AggregationEvent", minute) + R"(,"action":")" + actions[chance.below(3)] + R"(","parentID":)" +
                  quoted(thing(8 + chance.below(4))) + R"(,"childEPCs":[)" + any() + "]";
      if (chance.below(3) == 0) text += R"(,"childQuantityList":)" + amount(chance.below(4));
      return text + "}";
    }
    case 2:
      return head("ObjectEvent", minute) + R"(,"action":"OBSERVE","epcList":[)" +
             (chance.below(3) == 0 ? quoted(thing(8 + chance.below(4))) : any()) + "]}";
    default:
      return head("TransformationEvent", minute) + R"(,"inputEPCList":[)" + any() + R"(],"inputQuantityList":)" +
             amount(chance.below(4)) + R"(,"outputEPCList":[)" + any() + R"(],"outputQuantityList":)" +
             amount(chance.below(4)) + "}";
  }
}

/// Recorded as the ledger does; also as the reference sees it.
void record(StateBackend& backend, std::string const& json, std::vector<Traced>& seen) {
  backend.change([&](ledger::Overlay& state) {
    ledger::StoredEvent stored;
    stored.recorded_ms = 1'800'000'000'000 + seen.size();
    stored.context = crypto::sha256(base::bytes_of(context));
    stored.payload = base::to_bytes(json);
    state.put(ledger::state_key(Space::context, stored.context.view()), base::to_bytes(context));
    auto event = gs1::read_event(stored.payload, *gs1::read_context(context));
    ASSERT_TRUE(event) << base::to_string(event.error()) << json;
    auto const index = ledger::append_log(state, stored);
    ledger::Postings postings;
    postings.add(*event, index);
    std::move(postings).write(state);
    auto by_hash = ledger::state_key(Space::event_hash_index, event->event_hash.view());
    base::append(by_hash, ledger::big_endian(index));
    state.put(by_hash, {});
    ledger::ActLeaf act;
    act.log_index = index;
    for (auto const& name : ledger::test::names(*event))
      ledger::append_history(state, ledger::state_key(Space::thing, name), act, {});
    auto traced = std::make_shared<ledger::TracedEvent>();
    traced->log_index = index;
    traced->recorded_ms = stored.recorded_ms;
    traced->event = *std::move(event);
    seen.push_back(std::move(traced));
  });
}

TEST(TraceGet, AgreesWithTheReferenceOverRandomStories) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Chance chance(seed);
    StateBackend backend;
    std::vector<Traced> seen;
    for (auto left = 10 + seed; left > 0; --left) record(backend, random_event(chance), seen);
    Reference const reference(seen);
    std::set<std::string> keys;
    for (auto const& one : seen) keys.merge(ledger::test::names(one->event));
    for (auto const& key : keys) {
      for (auto const direction : {TraceDirection::upstream, TraceDirection::downstream}) {
        auto const word = direction == TraceDirection::upstream ? "upstream" : "downstream";
        auto const indices =
            pages(backend, "trace_get", R"("direction":")" + std::string(word) + R"(","id":)" + quoted(key), "events",
                  "log_index");
        Places found;
        for (auto const& index : indices) found.insert(std::stoull(index));
        EXPECT_EQ(found, reference.trace(key, direction)) << key << " " << word;
        EXPECT_EQ(found.size(), indices.size()) << "an event came twice";
      }
    }
    if (HasFailure()) return;
  }
}

TEST(TraceGet, PagesStayGoodWhenLateEventsCome) {
  StateBackend backend;
  std::vector<Traced> seen;
  auto const observed = [](std::uint64_t minute) {
    return head("ObjectEvent", minute) + R"(,"action":"OBSERVE","epcList":[)" + quoted(thing(1)) + "]}";
  };
  constexpr std::uint64_t count = 1500;
  for (std::uint64_t i = 0; i < count; ++i) record(backend, observed(1000 + i), seen);
  auto const first = ask(backend, "trace_get", R"("id":)" + quoted(thing(1)));
  EXPECT_EQ(texts(first, "events", "log_index").size(), 1000U);
  record(backend, observed(1), seen);
  auto const rest = ask(backend, "trace_get",
                        R"("cursor":")" + std::string(first.string_of("cursor")) + R"(","id":)" + quoted(thing(1)));
  auto const places = texts(rest, "events", "log_index");
  ASSERT_EQ(places.size(), count - 1000);
  EXPECT_EQ(places.front(), "1000");
  EXPECT_EQ(rest.string_of("cursor"), "");
  EXPECT_THAT(to_text(ask(backend, "trace_get", R"("cursor":"77777","id":)" + quoted(thing(1)))),
              HasSubstr("not a cursor of this trace"));
  EXPECT_THAT(to_text(ask(backend, "trace_get", R"("direction":"up","id":)" + quoted(thing(1)))),
              HasSubstr("write upstream or downstream"));
  EXPECT_THAT(to_text(ask(backend, "trace_get", R"("id":)" + quoted(thing(77)))), HasSubstr("E_UNKNOWN_GOODS"));
}

TEST(TraceGet, DepthLeavesOutWhatIsFarAwayAndSaysWhenNothingFollows) {
  StateBackend backend;
  std::vector<Traced> seen;
  record(backend,
         head("AggregationEvent", 1) + R"(,"action":"ADD","parentID":)" + quoted(thing(9)) + R"(,"childEPCs":[)" +
             quoted(thing(1)) + "]}",
         seen);
  for (std::uint64_t i = 0; i < 1100; ++i) {
    record(backend, head("ObjectEvent", 2 + i) + R"(,"action":"OBSERVE","epcList":[)" + quoted(thing(9)) + "]}", seen);
  }
  auto const own = ask(backend, "trace_get", R"("depth":0,"id":)" + quoted(thing(1)));
  EXPECT_EQ(texts(own, "events", "log_index"), std::vector<std::string>{"0"});
  EXPECT_EQ(own.string_of("cursor"), "") << "all that follows is left out by the depth";
  EXPECT_EQ(pages(backend, "trace_get", R"("depth":1,"id":)" + quoted(thing(1)), "events", "log_index").size(), 1101U);
}

// ---- trace_recall

/// Goods as a list of things; the reference looks at all of them again and again.
struct Goods {
  struct Item {
    std::string link, lot;
    ledger::GoodsStatus status = ledger::GoodsStatus::active;
    std::size_t unit = 0;
    std::vector<std::string> parts;
  };
  std::vector<Item> items;
  std::set<std::pair<std::string, std::string>> derived;

  std::set<std::string> affected(std::string const& link) const {
    std::set<std::string> hit{link};
    for (bool grows = true; grows;) {
      auto const before = hit.size();
      for (auto const& item : items) {
        bool const by_part =
            std::ranges::any_of(item.parts, [&](std::string const& part) { return hit.contains(part); });
        if (by_part || hit.contains(item.lot)) hit.insert(item.link);
      }
      for (auto const& [from, to] : derived) {
        if (hit.contains(from) && !is_bound(from, to)) hit.insert(to);
      }
      grows = hit.size() > before;
    }
    std::set<std::string> out;
    for (auto const& item : items) {
      bool const is_part =
          std::ranges::any_of(items, [&](Item const& other) { return std::ranges::count(other.parts, item.link) > 0; });
      if (hit.contains(item.link) && !is_part && item.status == ledger::GoodsStatus::active) out.insert(item.link);
    }
    return out;
  }

 private:
  /// Serials of the one lot say in which serials of the other they are.
  bool is_bound(std::string const& from, std::string const& to) const {
    return std::ranges::any_of(items, [&](Item const& made) {
      return made.lot == to && std::ranges::any_of(made.parts, [&](std::string const& part) {
               auto const found = std::ranges::find(items, part, &Item::link);
               return found != items.end() && found->lot == from;
             });
    });
  }
};

constexpr std::size_t lots = 5;
std::string gtin(std::size_t level) {
  auto digits = "095210120001" + std::to_string(level);
  digits += gs1::check_digit(digits);
  return digits;
}
std::string lot_link(std::size_t level, std::uint64_t number) {
  return gs1::make_lot(gtin(level), std::to_string(number)).uri;
}
std::string item_link(std::size_t level, std::uint64_t number) {
  return gs1::make_item(gtin(level), "I" + std::to_string(number)).uri;
}

/// Serials of each level are bound into serials of higher ones, or their lots are made of lots.
Goods random_goods(Chance& chance) {
  Goods out;
  for (std::size_t level = 0; level < lots; ++level) {
    for (std::uint64_t i = 0, count = 2 + chance.below(6); i < count; ++i) {
      Goods::Item item;
      item.lot = lot_link(level, chance.below(2));
      item.link = item_link(level, i);
      item.unit = chance.below(4);
      if (chance.below(6) == 0) item.status = ledger::GoodsStatus::destroyed;
      for (auto const& part : std::vector(out.items)) {
        if (part.lot.substr(0, 36) == item.lot.substr(0, 36) || chance.below(4) != 0) continue;
        bool const taken = std::ranges::any_of(
            out.items, [&](auto const& other) { return std::ranges::count(other.parts, part.link) > 0; });
        if (!taken && std::ranges::count(item.parts, part.link) == 0) item.parts.push_back(part.link);
      }
      out.items.push_back(item);
      for (auto const& part : item.parts) {
        auto const found = std::ranges::find(out.items, part, &Goods::Item::link);
        out.derived.emplace(found->lot, item.lot);
      }
    }
    if (level > 0 && chance.below(2) == 0)
      out.derived.emplace(lot_link(chance.below(level), chance.below(2)), lot_link(level, chance.below(2)));
  }
  return out;
}

std::string unit_link(std::size_t level, std::size_t number) {
  auto digits = std::to_string(level) + "952101200000000" + std::to_string(number);  // 17 of an SSCC
  digits += gs1::check_digit(digits);
  return "https://id.gs1.org/00/" + digits;
}

ledger::PartyId const keeper = ledger::party_id("9521014000004");
ledger::PartyId const maker = ledger::party_id("9521012000006");

/// Four levels of units; the outermost of each chain stands with its own custodian.
void store(StateBackend& backend, Goods const& goods) {
  backend.change([&](ledger::Overlay& state) {
    for (std::size_t chain = 0; chain < 4; ++chain) {
      for (std::size_t level = 0; level < 4; ++level) {
        ledger::UnitRecord unit;
        unit.holder = level < 3 ? ledger::Holder(ledger::InUnit{unit_link(level + 1, chain)})
                                : ledger::Holder(ledger::AtSite{chain % 2 == 0 ? keeper : maker, {}});
        ledger::store(state, Space::unit, unit_link(level, chain), unit);
      }
    }
    for (auto const& item : goods.items) {
      ledger::ItemRecord record;
      record.lot = item.lot;
      record.owner = maker;
      record.status = item.status;
      record.holder = ledger::InUnit{unit_link(0, item.unit)};
      ledger::store(state, Space::item, item.link, record);
      state.put(ledger::pair_key(Space::lot_items, item.lot, item.link), {});
      for (auto const& part : item.parts) {
        state.put(ledger::pair_key(Space::bind, part, item.link), {});
        state.put(ledger::pair_key(Space::bound, item.link, part), {});
      }
    }
    for (auto const& [from, to] : goods.derived) state.put(ledger::pair_key(Space::derived, from, to), {});
  });
}

TEST(TraceRecall, FindsExactlyWhatIsReached) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Chance chance(seed);
    auto const goods = random_goods(chance);
    StateBackend backend;
    store(backend, goods);
    std::set<std::string> links;
    for (auto const& item : goods.items) links.insert({item.link, item.lot});
    for (auto const& link : links) {
      auto const result = ask(backend, "trace_recall", R"("lot":)" + quoted(link));
      auto const found = texts(result, "items", "item");
      auto const expected = goods.affected(link);
      EXPECT_EQ(found, std::vector<std::string>(expected.begin(), expected.end())) << link;
      EXPECT_THAT(to_text(result), HasSubstr(R"("complete":true)"));
      // Cut short, it says so, and lists nothing that is not reached.
      auto const cut = ledger::affected_by(*backend.certified()->state, link, 2);
      for (auto const& one : cut.items) EXPECT_TRUE(expected.contains(one.item)) << one.item;
      EXPECT_TRUE(cut.more || expected.size() <= 2) << link;
      for (auto const& one : result.find("items")->items) {
        auto const item = std::ranges::find(goods.items, one.string_of("item"), &Goods::Item::link);
        EXPECT_EQ(one.find("custodian")->string_of("id"), (item->unit % 2 == 0 ? keeper : maker).hex());
      }
    }
    if (HasFailure()) return;
  }
}

TEST(TraceRecall, PagesHoldEachSerialOnce) {
  StateBackend backend;
  Goods goods;
  auto const lot = lot_link(0, 1);
  auto const made = lot_link(1, 1);
  goods.derived.emplace(lot, made);
  // The recalled lot has few serials and the lot that was made of it many: the second page begins inside that.
  std::set<std::string> expected;
  for (std::size_t i = 0; i < 10'050; ++i) {
    Goods::Item item;
    item.lot = i < 20 ? lot : made;
    item.link = item_link(i < 20 ? 0 : 1, i);
    expected.insert(item.link);
    goods.items.push_back(std::move(item));
  }
  store(backend, goods);
  auto const found = pages(backend, "trace_recall", R"("lot":)" + quoted(lot), "items", "item");
  EXPECT_EQ(found, std::vector<std::string>(expected.begin(), expected.end()));
}

TEST(TraceRecall, NamesTheContractsThatWait) {
  StateBackend backend;
  Goods goods;
  goods.items.push_back({item_link(0, 1), lot_link(0, 1), {}, 1, {}});
  store(backend, goods);
  auto const contract = crypto::sha256(base::bytes_of("a contract"));
  backend.change([&](ledger::Overlay& state) {
    // It waits for the outermost unit, three levels above the item.
    ledger::FactsRecord facts;
    facts.watched.subject = ledger::tree_key(Space::unit, unit_link(3, 1));
    facts.watchers = 1;
    state.put(ledger::watch_key(facts.watched.subject), {});
    ledger::store(state, ledger::facts_key(facts.watched), facts);
    state.put(ledger::trigger_key(facts.watched.hash(), contract), {});
  });
  auto const result = ask(backend, "trace_recall", R"("lot":)" + quoted(lot_link(0, 1)));
  EXPECT_EQ(texts(result, "contracts", ""), std::vector<std::string>{contract.hex()});
}

// ---- alarm_list

TEST(AlarmList, PagesInTheOrderInWhichTheyWereRaised) {
  StateBackend backend;
  constexpr std::uint64_t count = 250;
  backend.change([&](ledger::Overlay& state) {
    for (std::uint64_t i = 0; i < count; ++i) {
      ledger::AlarmRecord alarm;
      alarm.kind = static_cast<ledger::AlarmKind>(i % enum_count(ledger::AlarmKind{}));
      alarm.subject = thing(i % 7);
      alarm.height = i / 3;
      alarm.party = maker;
      alarm.detail = "figure " + std::to_string(i);
      ledger::store(state, ledger::alarm_key(i), alarm);
    }
    state.put(ledger::state_key(Space::alarm, "count"), ledger::big_endian(count));
  });
  std::vector<std::string> numbers;
  std::string from = "0";
  for (unsigned page = 0; page < 10; ++page) {
    auto const result = ask(backend, "alarm_list", R"("limit":"99","from":")" + from + "\"");
    auto const more = texts(result, "alarms", "number");
    if (more.empty()) break;
    numbers.insert(numbers.end(), more.begin(), more.end());
    from = std::string(result.string_of("cursor"));
  }
  ASSERT_EQ(numbers.size(), count);
  for (std::uint64_t i = 0; i < count; ++i) EXPECT_EQ(numbers[i], std::to_string(i));
  EXPECT_EQ(from, std::to_string(count)) << "where to go on when new ones come";
  auto const last = ask(backend, "alarm_list", R"("from":"249")");
  EXPECT_EQ(last.find("alarms")->items.at(0).string_of("detail"), "figure 249");
  EXPECT_EQ(last.find("alarms")->items.at(0).string_of("kind"),
            enum_names(ledger::AlarmKind{})[249 % enum_count(ledger::AlarmKind{})]);
  EXPECT_THAT(to_text(ask(backend, "alarm_list", R"("limit":"0")")), HasSubstr("limit"))
      << "a page of nothing would be asked for again for ever";
  EXPECT_THAT(to_text(ask(backend, "alarm_list", R"("limit":"1001")")), HasSubstr("E_ENCODING"));
  EXPECT_EQ(ask(backend, "alarm_list", R"("from":"900")").string_of("cursor"), "250")
      << "a cursor beyond the end would pass over what comes next";
}

}  // namespace
}  // namespace rpc
