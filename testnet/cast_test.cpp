// SPDX-License-Identifier: Apache-2.0
#include "testnet/cast.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "gs1/json.hpp"
#include "testnet/embedded.hpp"

namespace testnet {
namespace {

using base::Value;

Value file(std::string const& path) {
  std::ifstream in(std::string(TALLY_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::string const text(std::istreambuf_iterator<char>(in), {});
  gs1::JsonLimits limits;
  limits.bytes_max = std::size_t{1} << 24;
  return gs1::parse_json(text, limits).value();
}

Value scenario(std::string const& terms, std::string const& members) {
  return gs1::parse_json(R"({"contract": ")" + terms + R"(", "scenario": "one", )" + members + "}").value();
}

base::Result<Cast> played(std::string const& terms, std::string const& members, unsigned number = 7) {
  auto const world = read_world(*embedded("network.json")).value();
  auto const folder = terms.starts_with("ESC") ? "tests/scenario/escrow/" : "contracts/templates/";
  return cast(world, file(folder + terms + ".json"), scenario(terms, members), number, 1'780'000'000'000);
}

TEST(Cast, EveryContractHasGoodsAndIssuersOfItsOwn) {
  std::string const nothing = R"("trace": [], "deposits": {}, "payouts": {})";
  auto const plain = played("01-documentary-signed-for", nothing).value();
  EXPECT_EQ(plain.terms.subjects[0].uri, "https://id.gs1.org/00/106141410000000071");
  EXPECT_EQ(plain.terms.assets[0].id, "USD.EUBANK");
  EXPECT_TRUE(plain.freight.empty()) << "nothing changes hands in it";
  auto const parties = R"("parties": {"customsExport": "CNCUST", "arbiter1": "ARB1", "arbiter2": "ARB2", )" +
                       (R"("arbiter3": "ARB3"}, )" + nothing);
  auto const first = played("ESC-J1", parties, 1).value();
  auto const second = played("ESC-J1", parties, 2).value();
  EXPECT_NE(first.terms.subjects[0].watched, second.terms.subjects[0].watched);
  ASSERT_EQ(first.freight.size(), 1u);
  EXPECT_EQ(first.freight[0].maker, "SERICA");
  EXPECT_EQ(first.freight[0].total, 2000u);
}

TEST(Cast, WhatCannotBePlayedIsNamed) {
  auto const refusal = [](std::string const& terms, std::string const& members) {
    auto const made = played(terms, members);
    return made ? std::string() : made.error().field;
  };
  std::string const empty = R"("trace": [], "deposits": {}, "payouts": {})";
  EXPECT_EQ(refusal("10-pvp-fx", empty), "");
  EXPECT_EQ(refusal("10-pvp-fx", R"("deposits": {}, "payouts": {})"), "trace");
  EXPECT_EQ(refusal("10-pvp-fx", R"("trace": [], "payouts": {})"), "deposits");
  EXPECT_EQ(refusal("10-pvp-fx", R"("trace": [], "deposits": {"c:USD": 1}, "payouts": {})"), "deposits.c:USD");
  EXPECT_EQ(refusal("10-pvp-fx", R"("trace": [], "deposits": {}, "payouts": {"a": 1})"), "payouts.a");
  EXPECT_EQ(refusal("10-pvp-fx", R"("trace": [], "deposits": {}, "payouts": {"": 1})"), "payouts.");
  EXPECT_EQ(refusal("10-pvp-fx", R"("start": 5, )" + empty), "start");
  EXPECT_EQ(refusal("10-pvp-fx", R"("parties": {"a": "NOBODY"}, )" + empty), "parties.a");
  EXPECT_EQ(refusal("10-pvp-fx",
                    R"("trace": [{"t": 0, "assign": {"role": "c", "to": "SPREE"}}], "deposits": {}, "payouts": {})"),
            "assign");
}

}  // namespace
}  // namespace testnet
