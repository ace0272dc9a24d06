// SPDX-License-Identifier: Apache-2.0
#include "ledger/query_index.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace ledger {
namespace {

using testing::ElementsAre;

gs1::Event event_of(std::string_view text) {
  auto const context = gs1::read_context(R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")");
  auto event = gs1::read_event(base::bytes_of(text), *context);
  EXPECT_TRUE(event) << base::to_string(event.error());
  return *std::move(event);
}

std::string object(std::string const& step, std::string const& rest) {
  return R"({"type":"ObjectEvent","eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00",)"
         R"("action":"OBSERVE","epcList":[],"bizStep":")" +
         step + "\"" + rest + "}";
}

std::vector<std::uint64_t> found(StateView const& state, IndexKind kind, std::string_view text,
                                 std::uint64_t from = 0) {
  std::vector<std::uint64_t> out;
  scan_index(state, kind, text, from, [&](std::uint64_t index) {
    out.push_back(index);
    return true;
  });
  return out;
}

TEST(QueryIndex, FindsEventsByTheirWordsAndKeysInLogOrder) {
  MemoryState below;
  Overlay state(below);
  Postings block;
  block.add(event_of(object("receiving", R"(,"bizTransactionList":[{"bizTransaction":"urn:x:1"}])")), 2);
  block.add(event_of(object("shipping", R"(,"readPoint":{"id":"urn:epc:id:sgln:9521004.00001.0"})")), 7);
  block.add(event_of(R"({"type":"TransformationEvent","eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00",
    "inputQuantityList":[{"epcClass":"urn:x:a","quantity":1}],"outputQuantityList":[{"epcClass":"urn:x:a","quantity":1},
    {"epcClass":"urn:x:b"}],"errorDeclaration":{"declarationTime":"2026-01-02T00:00:00Z"}})"),
            9);
  block.add(event_of(object("shipping", R"(,"eventID":"urn:uuid:1")")), 300);
  std::move(block).write(state);
  EXPECT_THAT(found(state, IndexKind::biz_step, "shipping"), ElementsAre(7, 300));
  EXPECT_THAT(found(state, IndexKind::biz_step, "shipping", 8), ElementsAre(300));
  EXPECT_THAT(found(state, IndexKind::biz_step, "ship"), ElementsAre());
  EXPECT_THAT(found(state, IndexKind::read_point, "https://id.gs1.org/414/9521004000014"), ElementsAre(7));
  EXPECT_THAT(found(state, IndexKind::transaction, "urn:x:1"), ElementsAre(2));
  EXPECT_THAT(found(state, IndexKind::event_id, "urn:uuid:1"), ElementsAre(300));
  EXPECT_THAT(found(state, IndexKind::epc_class, "urn:x:a"), ElementsAre(9));
  EXPECT_THAT(found(state, IndexKind::error, ""), ElementsAre(9));
  EXPECT_THAT(found(state, IndexKind::sensors, ""), ElementsAre());
  EXPECT_THAT(found(state, IndexKind::event_type, "ObjectEvent"), ElementsAre(2, 7, 300));
  EXPECT_TRUE(is_indexed(state, IndexKind::epc_class, "urn:x:b"));
  EXPECT_FALSE(is_indexed(state, IndexKind::epc_class, "urn:x"));
}

/// Blocks of many events, rows that end where another quotient begins, and reading from any index.
TEST(QueryIndex, EventsOfABlockShareRows) {
  MemoryState below;
  Overlay state(below);
  auto const event = event_of(object("shipping", ""));
  std::vector<std::uint64_t> all;
  std::uint64_t next = 100;
  for (std::uint64_t const count : {1, 300, 0, 700, 2}) {
    Postings block;
    for (std::uint64_t i = 0; i < count; ++i, next += 1 + i % 3) {
      Postings transaction;
      transaction.add(event, next);
      block.merge(std::move(transaction));
      all.push_back(next);
    }
    block.add(event, next);
    block.add(event, next + 1);
    block.forget_from(next);
    std::move(block).write(state);
  }
  for (std::uint64_t from = 0; from <= next; ++from) {
    auto const rest = std::lower_bound(all.begin(), all.end(), from);
    ASSERT_EQ(found(state, IndexKind::biz_step, "shipping", from), std::vector<std::uint64_t>(rest, all.end())) << from;
  }
  EXPECT_EQ(found(state, IndexKind::event_type, "ObjectEvent"), all);
  std::size_t rows = 0;
  state.scan(state_key(Space::query_index, "s"), [&](BytesView, BytesView) { return ++rows > 0; });
  EXPECT_LT(rows, 20u);
  std::uint64_t first = 0;
  scan_index(state, IndexKind::biz_step, "shipping", 257, [&](std::uint64_t index) {
    first = index;
    return false;
  });
  EXPECT_EQ(first, *std::lower_bound(all.begin(), all.end(), 257u)) << "stops when it is told to";
}

TEST(QueryIndex, ListsEachTextOnce) {
  MemoryState below;
  Overlay state(below);
  std::uint64_t index = 0;
  for (auto const* step : {"shipping", "packing", "shipping", "receiving", "packing", "shipping"}) {
    Postings block;
    block.add(event_of(object(step, "")), index++);
    std::move(block).write(state);
  }
  EXPECT_THAT(indexed_texts(state, IndexKind::biz_step, "", 10), ElementsAre("packing", "receiving", "shipping"));
  EXPECT_THAT(indexed_texts(state, IndexKind::biz_step, "packing", 10), ElementsAre("receiving", "shipping"));
  EXPECT_THAT(indexed_texts(state, IndexKind::biz_step, "", 1), ElementsAre("packing"));
  EXPECT_THAT(indexed_texts(state, IndexKind::biz_step, "shipping", 10), ElementsAre());
}

}  // namespace
}  // namespace ledger
