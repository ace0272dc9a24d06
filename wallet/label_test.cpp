// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "wallet/event_file.hpp"
#include "wallet/label.hpp"

namespace wallet {
namespace {

using ::testing::HasSubstr;

TEST(EventFile, DocumentsListsAndLinesGiveTheirEventsExactly) {
  std::string const document = R"({"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-01T00:00:00Z",)"
                               R"("epcisBody":{"eventList" : [ {"a":"]}\""} , {"b":[{}]}]},)"
                               R"("@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"})";
  auto const one = split_events(document);
  ASSERT_TRUE(one) << base::to_string(one.error());
  ASSERT_EQ(one->events.size(), 2U);
  EXPECT_EQ(one->events[0].bytes, R"({"a":"]}\""})");
  EXPECT_EQ(one->events[1].bytes, R"({"b":[{}]})");
  EXPECT_EQ(one->contexts.at(0), R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")");

  std::string const lines = document + "\n" + R"({"type":"ObjectEvent","c":1})" + "\n\n" + document + "\n";
  auto const several = split_events(lines);
  ASSERT_TRUE(several) << base::to_string(several.error());
  EXPECT_EQ(several->events.size(), 5U);
  EXPECT_EQ(several->events[2].bytes, R"({"type":"ObjectEvent","c":1})");
  EXPECT_EQ(several->contexts.at(several->events[2].context), "");
  // Events under one context go into one transaction, whichever document brought them.
  EXPECT_EQ(several->events[4].context, several->events[0].context);
  EXPECT_EQ(several->contexts.size(), 2U);

  auto const list = split_events(" [{}, {\"x\":{}}] ");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->events.at(1).bytes, "{\"x\":{}}");
}

TEST(EventFile, WhatDoesNotEndIsRefused) {
  for (std::string_view const text :
       {"", "7", "[{}", "[7]", "[{}] x", "{\"type\":\"ObjectEvent\"", "{\"eventList\":[{]}", "{}"})
    EXPECT_FALSE(split_events(text)) << text;
}

TEST(Label, HoldsTheLinkAndItsLines) {
  auto const label = make_label("01/09521001000109/21/S<1>", "https://scan.example/");
  EXPECT_FALSE(label) << "a raw < is no character of a URI";
  auto const item = make_label("01/09521001000109/21/S%3C1", "https://scan.example/");
  ASSERT_TRUE(item) << base::to_string(item.error());
  EXPECT_EQ(item->url, "https://scan.example/01/09521001000109/21/S%3C1");
  EXPECT_EQ(item->lines, (std::vector<std::string>{"(01)09521001000109", "(21)S<1"}));
  auto const svg = label_svg(*item);
  EXPECT_THAT(svg, HasSubstr("width=\"40.0mm\""));
  EXPECT_THAT(svg, HasSubstr("(21)S&lt;1"));
  EXPECT_FALSE(make_label("01/09521001000108", "https://x/"));
  EXPECT_FALSE(make_label("urn:uuid:1", "https://x/"));
}

TEST(Label, SheetsHoldFifteenAPage) {
  auto const label = *make_label("00/095210010000000017", "https://scan.example");
  auto const pages = sheet_svgs(std::vector<Label>(16, label));
  ASSERT_EQ(pages.size(), 2U);
  auto const count = [](std::string const& text) {
    std::size_t out = 0;
    for (auto at = text.find("viewBox"); at != text.npos; at = text.find("viewBox", at + 1)) ++out;
    return out - 1;
  };
  EXPECT_EQ(count(pages[0]), 15U);
  EXPECT_EQ(count(pages[1]), 1U);
  EXPECT_THAT(pages[0], HasSubstr("width=\"210.0mm\" height=\"297.0mm\""));
}

}  // namespace
}  // namespace wallet
