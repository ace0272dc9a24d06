// SPDX-License-Identifier: Apache-2.0
#include "ledger/query_index.hpp"

#include <gmock/gmock.h>

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
  index_event(state, event_of(object("shipping", R"(,"readPoint":{"id":"urn:epc:id:sgln:9521004.00001.0"})")), 7);
  index_event(state, event_of(object("shipping", R"(,"eventID":"urn:uuid:1")")), 300);
  index_event(state, event_of(object("receiving", R"(,"bizTransactionList":[{"bizTransaction":"urn:x:1"}])")), 2);
  index_event(
      state,
      event_of(R"({"type":"TransformationEvent","eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00",
    "inputQuantityList":[{"epcClass":"urn:x:a","quantity":1}],"outputQuantityList":[{"epcClass":"urn:x:a","quantity":1},
    {"epcClass":"urn:x:b"}],"errorDeclaration":{"declarationTime":"2026-01-02T00:00:00Z"}})"),
      9);
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

TEST(QueryIndex, ListsEachTextOnce) {
  MemoryState below;
  Overlay state(below);
  std::uint64_t index = 0;
  for (auto const* step : {"shipping", "packing", "shipping", "receiving", "packing", "shipping"}) {
    index_event(state, event_of(object(step, "")), index++);
  }
  EXPECT_THAT(indexed_texts(state, IndexKind::biz_step, "", 10), ElementsAre("packing", "receiving", "shipping"));
  EXPECT_THAT(indexed_texts(state, IndexKind::biz_step, "packing", 10), ElementsAre("receiving", "shipping"));
  EXPECT_THAT(indexed_texts(state, IndexKind::biz_step, "", 1), ElementsAre("packing"));
  EXPECT_THAT(indexed_texts(state, IndexKind::biz_step, "shipping", 10), ElementsAre());
}

}  // namespace
}  // namespace ledger
