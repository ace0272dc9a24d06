// SPDX-License-Identifier: Apache-2.0
#include "gs1/json.hpp"

#include <gtest/gtest.h>

namespace gs1 {
namespace {

using base::Code;
using base::Error;
using base::Value;
using Kind = base::Value::Kind;

std::string field_of(std::string_view text, JsonLimits const& limits = {}) {
  auto const value = parse_json(text, limits);
  return value ? "reads" : value.error().field;
}

TEST(Json, EveryValueKnowsItsBytesAndNumbersKeepTheirLiteral) {
  std::string_view const text =
      "  {\"a\" : [1, -2.50e+3 ,true],\n \"b\\u00e9\": {\"c\":\"x\\n\\ud83d\\ude00\" } ,\"d\":null }\n ";
  auto const value = parse_json(text);
  ASSERT_TRUE(value);
  auto const bytes = [&](Value const& part) { return std::string(text.substr(part.begin, part.end - part.begin)); };
  EXPECT_EQ(value->begin, 2U);
  EXPECT_EQ(value->end, text.size() - 2);
  auto const* list = value->find("a");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(bytes(*list), "[1, -2.50e+3 ,true]");
  EXPECT_EQ(list->items.at(1).text, "-2.50e+3");
  EXPECT_EQ(bytes(list->items.at(1)), "-2.50e+3");
  EXPECT_EQ(bytes(list->items.at(2)), "true");
  EXPECT_TRUE(list->items.at(2).boolean);
  auto const* inner = value->find("b\xc3\xa9");
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(bytes(*inner), "{\"c\":\"x\\n\\ud83d\\ude00\" }");
  EXPECT_EQ(inner->string_of("c"), "x\n\xf0\x9f\x98\x80");
  EXPECT_EQ(bytes(*inner->find("c")), "\"x\\n\\ud83d\\ude00\"");
  EXPECT_TRUE(value->find("d")->is(Kind::null));
}

TEST(Json, BigNumbersArePassedOnAsTheyStand) {
  auto const value = parse_json("[18446744073709551616,1.0,-0,1e400,0.1234567890123456789]");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->items[0].text, "18446744073709551616");
  EXPECT_EQ(value->items[1].text, "1.0");
  EXPECT_EQ(value->items[3].text, "1e400");
  EXPECT_EQ(value->items[4].text, "0.1234567890123456789");
}

TEST(Json, WhatIsNoIJsonIsRefused) {
  using namespace std::string_view_literals;
  for (std::string_view const text : {
           ""sv,
           " "sv,
           "nul"sv,
           "[nulll]"sv,
           "[tru]"sv,
           "[01]"sv,
           "[-]"sv,
           "[1.]"sv,
           "[.5]"sv,
           "[1e]"sv,
           "[+1]"sv,
           "[NaN]"sv,
           "[Infinity]"sv,
           "[0x10]"sv,
           "[1 2]"sv,
           "[1,]"sv,
           "[,1]"sv,
           "[1,,2]"sv,
           "{\"a\":1,}"sv,
           "{\"a\" 1}"sv,
           "{\"a\":}"sv,
           "{1:2}"sv,
           "{'a':1}"sv,
           "[1"sv,
           "[[1]"sv,
           "{\"a\":[1}"sv,
           "{\"a\":\"b}"sv,
           "[1]x"sv,
           "[1]]"sv,
           "[1] [2]"sv,
           "{\"a\":1}{}"sv,
           "1 2"sv,
           "\"a\" \"b\""sv,
           "true,"sv,
           "[\"\t\"]"sv,
           "[\"\\x\"]"sv,
           "[\"\xff\"]"sv,
           "[\"\xc0\x80\"]"sv,
           "[\"\xed\xa0\x80\"]"sv,
           "[\"\\ud800\"]"sv,
           "[\"\\udc00\"]"sv,
           "[\"\\ud83dx\"]"sv,
           "[\"\\ud83d\\u0041\"]"sv,
           "[\"\\u0000\"]"sv,
           "[\"a\0b\"]"sv,
           "[\"\\ufffe\"]"sv,
           "[\"\xef\xbf\xbf\"]"sv,
           "[\"\\ufdd0\"]"sv,
           "[\"\xf0\x9f\xbf\xbe\"]"sv,
           "{\"\\ud800\":1}"sv,
           "\xef\xbb\xbf[]"sv,
           "[/*c*/1]"sv,
           "[1]\xc2\xa0"sv,
           "\f[1]"sv,
       }) {
    auto const value = parse_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, Code::E_EVENT_FORM);
  }
}

TEST(Json, ANameStandsOnceInAnObject) {
  EXPECT_EQ(field_of(R"({"x":[{},{"a":1,"b":2,"a":1}]})"), "x[1].a");
  EXPECT_EQ(field_of(R"({"a":1,"\u0061":2})"), "a");
  EXPECT_EQ(field_of(R"({"a":1,"A":2,"b":{"a":1}})"), "reads");
}

TEST(Json, ErrorsNameThePath) {
  EXPECT_EQ(field_of(R"({"events":[{"a":1},{"b":[0,01]}]})"), "events[1].b[1]");
  EXPECT_EQ(field_of(R"([{"a":"\ud800"}])"), "[0].a");
  JsonLimits const escrow{.code = Code::E_ESCROW_FORM};
  EXPECT_EQ(parse_json("{", escrow).error().code, Code::E_ESCROW_FORM);
}

TEST(Json, ErrorsNameLineAndColumn) {
  auto const detail = [](std::string_view text) { return parse_json(text).error().detail; };
  EXPECT_TRUE(detail("{\n \"a\": 1,\n \"b\": x\n}").ends_with(", near line 3, column 7"));
  EXPECT_TRUE(detail("{\n \"a\": 1,\n}").ends_with(", near line 2, column 7"));
  EXPECT_TRUE(detail("{\n \"a\": 1,\n \"a\": 2\n}").ends_with(", near line 3, column 7"));
  EXPECT_TRUE(detail("{\"b\": \"\\\"\",\n \"a\": \"open,\n \"c\": 1\n}").ends_with(", near line 2, column 7"));
  EXPECT_TRUE(detail("{}\n{}").ends_with(", near line 1, column 3"));
}

TEST(Json, LimitsHold) {
  std::string const deep = std::string(32, '[') + std::string(32, ']');
  EXPECT_TRUE(parse_json(deep));
  EXPECT_FALSE(parse_json("[" + deep + "]"));
  EXPECT_FALSE(parse_json(std::string(100000, '[')));
  EXPECT_TRUE(parse_json("[1,2,3]", {.values_max = 4}));
  EXPECT_FALSE(parse_json("[1,2,3]", {.values_max = 3}));
  EXPECT_EQ(parse_json("[1,2]", {.bytes_max = 4}).error().code, Code::E_TOO_LARGE);
}

TEST(Json, EveryPrefixOfATextIsRefused) {
  std::string_view const text = R"({"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00y"],"b":{"c":[],"d":{}},"e":"f"})";
  EXPECT_TRUE(parse_json(text));
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(parse_json(text.substr(0, size))) << size;
}

TEST(Json, CanonicalFormIsRfc8785) {
  auto const canonical = [](std::string_view text) {
    auto const out = canonical_json(*parse_json(text));
    return out ? *out : base::to_string(out.error());
  };
  // The example of RFC 8785 section 3.2.3, names ordered by UTF-16 code units.
  EXPECT_EQ(
      canonical(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew","1":"One",)"
                R"("\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"o"})"),
      "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"\xc3\xb6\":\"o\",\"\xe2\x82\xac\":\"Euro "
      "Sign\","
      "\"\xf0\x9f\x98\x80\":\"Emoji\",\"\xef\xac\xb3\":\"Hebrew\"}");
  EXPECT_EQ(canonical("[ \"\\u000f\\u001F\\/\\\"\\\\\\b\\f\\n\\r\\t\\u007f\" , true,null , -17 ]"),
            "[\"\\u000f\\u001f/\\\"\\\\\\b\\f\\n\\r\\t\x7f\",true,null,-17]");
  EXPECT_EQ(canonical("{}"), "{}");
  EXPECT_EQ(canonical(R"({"b":{"z":1,"y":[]},"a":9007199254740991})"), R"({"a":9007199254740991,"b":{"y":[],"z":1}})");
}

TEST(Json, CanonicalFormTakesWholeNumbersOnly) {
  for (std::string_view const text : {"[1.0]", "[1e3]", "[-0]", "[9007199254740992]", "[0.5]"}) {
    auto const out = canonical_json(*parse_json(text));
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error(), (Error{Code::E_ESCROW_FORM, "[0]", "expected a whole number of at most 53 bits"}));
  }
  EXPECT_EQ(canonical_json(*parse_json(R"({"a":[{"b":0.5}]})"), Code::E_EVENT_FORM).error().field, "a[0].b");
}

}  // namespace
}  // namespace gs1
