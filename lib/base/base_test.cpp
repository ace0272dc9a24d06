// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "base/time.hpp"
#include "base/view.hpp"

namespace base {
namespace {

enum class Colour : std::uint8_t { red, green };
constexpr std::uint8_t enum_count(Colour) { return 2; }
constexpr std::array<std::string_view, 2> enum_names(Colour) { return {"red", "green"}; }

struct Inner {
  static constexpr std::string_view name = "inner";
  std::uint32_t number = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("number", self.number);
  }
  bool operator==(Inner const&) const = default;
};
struct Other {
  static constexpr std::string_view name = "other";
  Text<4> word;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("word", self.word);
  }
  bool operator==(Other const&) const = default;
};
struct Sample {
  bool flag = false;
  std::uint64_t wide = 0;
  u128 amount = 0;
  Hash hash;
  Text<8> text;
  Blob<200> blob;
  List<Inner, 3> list;
  std::optional<std::uint16_t> option;
  std::variant<Inner, Other> choice;
  Colour colour = Colour::red;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("flag", self.flag);
    visit("wide", self.wide);
    visit("amount", self.amount);
    visit("hash", self.hash);
    visit("text", self.text);
    visit("blob", self.blob);
    visit("list", self.list);
    visit("option", self.option);
    visit("choice", self.choice);
    visit("colour", self.colour);
  }
  bool operator==(Sample const&) const = default;
};

Sample sample() {
  Sample out{true, 7, u128{1} << 100, {}, "héé", Bytes(150, 9), {}, 515, Other{"word"}, Colour::green};
  out.list = std::vector<Inner>{{1}, {2}};
  return out;
}

TEST(Codec, RoundTripsAndRefusesEveryTruncationAndExtension) {
  auto const bytes = encode(sample());
  auto const back = decode<Sample>(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, sample());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode<Sample>(BytesView(bytes).first(length))) << length;
  }
  auto longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode<Sample>(longer));
}

TEST(Codec, IntegersAreLittleEndianAndLengthsUleb128) {
  EXPECT_EQ(to_hex(encode(std::uint32_t{0x01020304})), "04030201");
  EXPECT_EQ(to_hex(encode(Text<8>("ab"))), "026162");
  EXPECT_EQ(to_hex(encode(std::optional<std::uint8_t>{5})), "0105");
  EXPECT_EQ(to_hex(encode(std::variant<Inner, Other>{Other{"x"}})), "010178");
  EXPECT_EQ(encode(Blob<200>(Bytes(150, 0)))[0], 0x96);
}

TEST(Codec, AnyByteChangedGivesAnotherValueOrAnError) {
  auto const bytes = encode(sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = bytes;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1 << bit));
      auto const value = decode<Sample>(changed);
      if (value) {
        EXPECT_EQ(encode(*value), changed) << "byte " << i;
      }
    }
  }
}

TEST(Codec, NamesTheFieldAndKeepsBounds) {
  EXPECT_FALSE(decode<Text<4>>(from_hex("8400").value()));          // padded length
  EXPECT_FALSE(decode<Text<4>>(from_hex("056162636465").value()));  // beyond its bound
  EXPECT_FALSE(decode<Text<4>>(from_hex("02c328").value()));        // not UTF-8
  EXPECT_FALSE(decode<bool>(from_hex("02").value()));
  auto bytes = encode(sample());
  bytes.back() = 2;
  EXPECT_EQ(decode<Sample>(bytes).error().field, "colour");
}

TEST(View, RoundTripsAndNamesTheField) {
  auto const shown = view(sample());
  auto const back = read_view<Sample>(shown);
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(*back, sample());
  EXPECT_EQ(shown.string_of("amount"), "1267650600228229401496703205376");
  EXPECT_EQ(shown.find("choice")->string_of("type"), "other");

  auto unknown = shown;
  unknown.add("surprise", Value::of(true));
  EXPECT_EQ(read_view<Sample>(unknown).error().field, "surprise");
  auto wrong = shown;
  wrong.members[6].second.items[1].members[0].second = Value::of("2");
  EXPECT_EQ(read_view<Sample>(wrong).error().field, "list[1].number");
  wrong = shown;
  wrong.members.erase(wrong.members.begin());
  EXPECT_EQ(read_view<Sample>(wrong).error().field, "flag");
}

TEST(Number, MulDivAgreesWithSmallArithmeticAndKnowsItsLimits) {
  for (unsigned a = 0; a < 30; ++a) {
    for (unsigned b = 0; b < 30; ++b) {
      for (unsigned c = 1; c < 9; ++c) {
        EXPECT_TRUE(mul_div(a, b, c, Round::down) == a * b / c);
        EXPECT_TRUE(mul_div(a, b, c, Round::up) == (a * b + c - 1) / c);
        EXPECT_TRUE(mul_div(a, b, c, Round::half_up) == (2 * a * b + c) / (2 * c));
      }
    }
  }
  u128 const max = ~u128{0};
  EXPECT_TRUE(mul_div(max, max, max, Round::down) == max);
  EXPECT_TRUE(mul_div(max, 6, 7, Round::down) == max / 7 * 6 + max % 7 * 6 / 7);
  EXPECT_FALSE(mul_div(max, 2, 1, Round::down));
  EXPECT_FALSE(mul_div(1, 1, 0, Round::down));
  EXPECT_FALSE(add(max, 1));
  EXPECT_FALSE(sub(1, 2));
}

TEST(Number, DecimalLiteralsAreExact) {
  EXPECT_TRUE(from_decimal_literal("12.5", 6) == i128{12500000});
  EXPECT_TRUE(from_decimal_literal("-0.000001", 6) == i128{-1});
  EXPECT_TRUE(from_decimal_literal("1.000000000", 6) == i128{1000000});
  EXPECT_FALSE(from_decimal_literal("0.0000001", 6));
  EXPECT_FALSE(from_decimal_literal("1e3", 6));
  EXPECT_FALSE(from_decimal_literal("01", 6));
  EXPECT_FALSE(from_decimal_literal("1.", 6));
  EXPECT_FALSE(from_decimal_literal("--1", 6));
  EXPECT_EQ(to_decimal_literal(-1, 6), "-0.000001");
  EXPECT_EQ(to_decimal_literal(12500000, 6), "12.5");
  EXPECT_FALSE(from_decimal("01"));
  EXPECT_FALSE(from_decimal("340282366920938463463374607431768211456"));
  EXPECT_TRUE(from_decimal("340282366920938463463374607431768211455") == ~u128{0});
}

TEST(Time, ReadsAndWritesRfc3339) {
  EXPECT_EQ(from_rfc3339("1970-01-01T00:00:00Z"), 0u);
  EXPECT_EQ(to_rfc3339(*from_rfc3339("2026-08-13T07:10:00.5+02:00")), "2026-08-13T05:10:00.500Z");
  EXPECT_EQ(to_rfc3339(*from_rfc3339("2024-02-29T23:59:59Z")), "2024-02-29T23:59:59Z");
  for (auto const* bad :
       {"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z", "1969-12-31T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+15:00"}) {
    EXPECT_FALSE(from_rfc3339(bad)) << bad;
  }
  EXPECT_EQ(from_duration("P14D"), 14 * day_ms);
  EXPECT_EQ(from_duration("P1DT2H"), day_ms + 2 * hour_ms);
  for (auto const* bad : {"P", "P1", "PT", "P1H", "PT1D", "P-1D", "P1DT", "PT5M2H", "P99999D"})
    EXPECT_FALSE(from_duration(bad)) << bad;
}

TEST(Bytes, HexAndUtf8) {
  EXPECT_EQ(to_hex(from_hex("0x00ff").value()), "00ff");
  EXPECT_FALSE(from_hex("0F"));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_TRUE(is_utf8("丝绸"));
  for (auto const* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80", "\xe2\x82"})
    EXPECT_FALSE(is_utf8(bad));
}

}  // namespace
}  // namespace base
