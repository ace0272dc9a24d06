// SPDX-License-Identifier: Apache-2.0
#include "ledger/state.hpp"

#include <gtest/gtest.h>

#include <random>

#include "ledger/records.hpp"

namespace ledger {
namespace {

Bytes key(std::string_view text) { return base::to_bytes(text); }

/// What a scan sees, as "key=value …".
std::string seen(StateView const& state, std::string_view prefix, std::string_view from = "") {
  std::string out;
  state.scan(base::bytes_of(prefix), base::bytes_of(from), [&](BytesView k, BytesView v) {
    out += std::string(base::text_of(k)) + "=" + std::string(base::text_of(v)) + " ";
    return true;
  });
  return out;
}

TEST(State, ScansInOrderFromAPlaceWithinAPrefix) {
  MemoryState state;
  state.apply({{key("a"), key("0")}, {key("b1"), key("1")}, {key("b2"), key("2")}, {key("c"), key("3")}});
  EXPECT_EQ(seen(state, "b"), "b1=1 b2=2 ");
  EXPECT_EQ(seen(state, "b", "b2"), "b2=2 ");
  EXPECT_EQ(seen(state, "b", "a"), "b1=1 b2=2 ");
  EXPECT_EQ(seen(state, "b", "c"), "");
  EXPECT_EQ(seen(state, ""), "a=0 b1=1 b2=2 c=3 ");
}

TEST(State, AnOverlayHidesAndAddsInOrder) {
  MemoryState below;
  below.apply({{key("a1"), key("0")}, {key("a3"), key("1")}, {key("a5"), key("2")}});
  Overlay over(below);
  over.put(key("a0"), key("n"));
  over.put(key("a3"), key("N"));
  over.put(key("a4"), key("n"));
  over.put(key("a9"), key("n"));
  over.put(key("b"), key("n"));
  over.erase(key("a5"));
  over.erase(key("a7"));
  EXPECT_EQ(seen(over, "a"), "a0=n a1=0 a3=N a4=n a9=n ");
  EXPECT_FALSE(over.get(key("a5")));
  EXPECT_EQ(over.get(key("a3")), key("N"));
  EXPECT_EQ(over.get(key("a1")), key("0"));
}

TEST(State, AScanStopsWhereTheVisitorSaysSo) {
  MemoryState below;
  below.apply({{key("a1"), key("0")}, {key("a3"), key("1")}});
  Overlay over(below);
  over.put(key("a2"), key("n"));
  over.put(key("a4"), key("n"));
  for (std::size_t most = 1; most <= 4; ++most) {
    std::size_t count = 0;
    over.scan(key("a"), [&](BytesView, BytesView) { return ++count < most; });
    EXPECT_EQ(count, most);
  }
}

TEST(State, AMergedOverlayIsWhatALayerShows) {
  std::mt19937 random(7);
  auto const below = std::make_shared<MemoryState>();
  MemoryState plain;
  std::shared_ptr<StateView const> layered = below;
  for (int layer = 0; layer < 20; ++layer) {
    Overlay block(*layered);
    for (int transaction = 0; transaction < 5; ++transaction) {
      Overlay change(block);
      StateDiff expected;
      for (int i = 0; i < 10; ++i) {
        Bytes const k = {static_cast<std::uint8_t>('a' + random() % 3), static_cast<std::uint8_t>('a' + random() % 8)};
        if (random() % 3 == 0) {
          change.erase(k);
          expected[k] = std::nullopt;
        } else {
          Bytes const v = {static_cast<std::uint8_t>('0' + random() % 10)};
          change.put(k, v);
          expected[k] = v;
        }
      }
      if (random() % 4 == 0) continue;
      block.merge(std::move(change));
      plain.apply(expected);
    }
    EXPECT_EQ(seen(block, ""), seen(plain, ""));
    layered = std::make_shared<LayeredState>(layered, std::make_shared<StateDiff const>(block.diff()));
    EXPECT_EQ(seen(*layered, ""), seen(plain, ""));
    EXPECT_EQ(seen(*layered, "b", "bd"), seen(plain, "b", "bd"));
  }
}

TEST(State, KeysHaveTheirNamespaceInFront) {
  EXPECT_EQ(state_key(Space::site, "95"), (Bytes{0x04, '9', '5'}));
  EXPECT_TRUE(is_proved(state_key(Space::replay_minute, "")));
  EXPECT_FALSE(is_proved(state_key(Space::replay_id, "")));
  EXPECT_EQ(big_endian(0x0102030405060708), (Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(from_big_endian(big_endian(~std::uint64_t{0} - 5)), ~std::uint64_t{0} - 5);
  EXPECT_EQ(tree_key(Space::member, "9521").hex(), crypto::sha256(Bytes{0x05, 0x01, '9', '5', '2', '1'}).hex());
}

TEST(Records, AccountsOfALotStandTogether) {
  auto const a =
      goods_key("https://id.gs1.org/01/09521002000016/10/C2605", party_id("1"), AtSite{party_id("1"), {}}, "");
  auto const b = goods_key("https://id.gs1.org/01/09521002000016/10/C2605", party_id("2"), InUnit{"u"}, "GOTS");
  EXPECT_EQ(a.size(), 1 + 4 * 32u);
  EXPECT_TRUE(std::equal(a.begin(), a.begin() + 33, b.begin()));
  EXPECT_NE(a, b);
}

TEST(Records, AContractIsNamedByItsTransactionAndPlace) {
  Hash const id = crypto::sha256(base::bytes_of("transaction"));
  EXPECT_NE(contract_id(id, 0), contract_id(id, 1));
  Bytes input = {0x0b};
  base::append(input, id.view());
  base::append(input, Bytes{0x01, 0x02});
  EXPECT_EQ(contract_id(id, 0x0201), crypto::sha256(input));
}

}  // namespace
}  // namespace ledger
