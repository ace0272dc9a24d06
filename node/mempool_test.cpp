// SPDX-License-Identifier: Apache-2.0
#include "node/mempool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace node {
namespace {

using base::Code;

Pooled pooled(std::uint8_t number, std::uint8_t actor = 1, std::size_t size = 10) {
  Pooled out;
  out.id.bytes[0] = number;
  out.actor.bytes[0] = actor;
  out.bytes = std::make_shared<Bytes const>(Bytes(size, number));
  out.valid_until_ms = 1'000;
  out.arrived_ms = number;
  return out;
}

Hash id(std::uint8_t number) { return pooled(number).id; }

std::vector<int> numbers(Selection const& chosen) {
  std::vector<int> out;
  for (auto const& one : chosen.transactions) out.push_back(one.id.bytes[0]);
  return out;
}

auto const none = [](Hash const&) { return false; };

BlockRoom room(std::size_t transactions, std::size_t bytes) { return {transactions, bytes, bytes}; }

TEST(Mempool, KeepsTheOrderOfArrivalAndEachOnce) {
  Mempool pool;
  for (auto const& one : {pooled(3), pooled(1), pooled(2)}) EXPECT_TRUE(*pool.add(one));
  EXPECT_FALSE(*pool.add(pooled(1)));
  EXPECT_EQ(numbers(pool.select(5, room(10, 1'000), 0, none)), (std::vector{3, 1, 2}));
  EXPECT_EQ(pool.size(), 3u);
  EXPECT_EQ(pool.bytes(), 30u);
}

TEST(Mempool, IsFullForOneMemberBeforeItIsFullForAll) {
  Mempool pool({8, 1'000, 4, 9});
  EXPECT_TRUE(pool.add(pooled(1)));
  EXPECT_TRUE(pool.add(pooled(2)));
  auto const third = pool.add(pooled(3));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::E_BUSY);
  EXPECT_EQ(third.error().field, "actor");
  EXPECT_FALSE(pool.would_add(id(3), pooled(3).actor, false, 10));
  EXPECT_FALSE(*pool.would_add(id(2), pooled(2).actor, false, 10)) << "it is there";
  EXPECT_TRUE(*pool.would_add(id(4), pooled(4, 2).actor, false, 10));
  for (std::uint8_t actor = 2; actor <= 7; ++actor) EXPECT_TRUE(pool.add(pooled(10 + actor, actor)));
  EXPECT_EQ(pool.add(pooled(9, 8)).error().field, "") << "for all";
  pool.remove({id(1)});
  EXPECT_TRUE(pool.add(pooled(9, 8)));
}

TEST(Mempool, ManyWhoFillTheirPartsLeaveRoomForWhoComesLast) {
  Mempool pool;
  Pooled one;
  one.bytes = std::make_shared<Bytes const>(Bytes(10));
  one.valid_until_ms = 1'000;
  std::uint32_t number = 0;
  auto const add = [&](std::uint8_t actor) {
    one.actor.bytes[0] = actor;
    ++number;
    std::memcpy(one.id.bytes.data(), &number, sizeof number);
    return pool.add(one).has_value();
  };
  std::vector<std::size_t> parts;
  for (std::uint8_t actor = 1; actor <= 100; ++actor) {
    auto& part = parts.emplace_back();
    while (add(actor)) ++part;
  }
  EXPECT_EQ(parts.front(), 9'375u) << "a quarter of what facts leave";
  EXPECT_TRUE(std::ranges::is_sorted(parts, std::greater()));
  EXPECT_GT(parts[20], 0u);
  EXPECT_FALSE(add(101)) << "a hundred have filled it";
  // As soon as a block takes some, those who have little are next.
  auto const some = pool.select(5, room(10, 1 << 20), 0, none);
  std::vector<Hash> ids;
  for (auto const& decided : some.transactions) ids.push_back(decided.id);
  pool.remove(ids);
  EXPECT_FALSE(add(1));
  EXPECT_TRUE(add(101));
}

Pooled fact(std::uint8_t number, std::uint8_t actor, std::size_t size = 10) {
  auto out = pooled(number, actor, size);
  out.facts = true;
  return out;
}

TEST(Mempool, PartiesLeaveRoomForFacts) {
  Mempool pool({8, 1'000, 1, 4});
  for (std::uint8_t number = 1; number <= 6; ++number) EXPECT_TRUE(pool.add(pooled(number, number)));
  EXPECT_EQ(pool.add(pooled(7, 7)).error().code, Code::E_BUSY) << "what is left is for facts";
  EXPECT_TRUE(pool.add(fact(8, 1)));
  EXPECT_TRUE(pool.add(fact(9, 2)));
  EXPECT_EQ(pool.add(fact(10, 3)).error().code, Code::E_BUSY);
  pool.remove({id(1), id(8)});
  EXPECT_TRUE(pool.add(pooled(11, 7)));
  EXPECT_EQ(pool.add(pooled(12, 7)).error().code, Code::E_BUSY);

  Mempool heavy({100, 1'000, 1, 4});
  EXPECT_TRUE(heavy.add(pooled(1, 1, 750)));
  EXPECT_EQ(heavy.add(pooled(2, 2, 1)).error().code, Code::E_BUSY);
  EXPECT_TRUE(heavy.add(fact(3, 2, 250)));
}

TEST(Mempool, FactsHaveTheirPartOfAFullBlock) {
  Mempool pool;
  for (std::uint8_t number = 0; number < 100; ++number) EXPECT_TRUE(pool.add(pooled(number, number % 10)));
  for (std::uint8_t number = 100; number < 110; ++number) EXPECT_TRUE(pool.add(fact(number, 20)));
  // They came last, and a quarter of the block is theirs.
  EXPECT_EQ(numbers(pool.select(5, room(8, 1 << 20), 0, none)), (std::vector{100, 101, 0, 10, 20, 30, 40, 50}));
  EXPECT_EQ(numbers(pool.select(5, room(100, 80), 0, none)), (std::vector{100, 101, 0, 10, 20, 30, 40, 50}));
  // What they do not need is not kept from others, nor the rest from them.
  pool.remove({id(101), id(102), id(103), id(104), id(105), id(106), id(107), id(108), id(109)});
  EXPECT_EQ(numbers(pool.select(5, room(8, 1 << 20), 0, none)), (std::vector{100, 0, 10, 20, 30, 40, 50, 60}));
  Mempool quiet;
  for (std::uint8_t number = 0; number < 12; ++number) EXPECT_TRUE(quiet.add(fact(number, number)));
  EXPECT_EQ(quiet.select(5, room(8, 1 << 20), 0, none).transactions.size(), 8u);
}

TEST(Mempool, CountsBytesToo) {
  Mempool pool({100, 1'000, 4});
  EXPECT_TRUE(pool.add(pooled(1, 1, 150)));
  EXPECT_FALSE(pool.add(pooled(2, 1, 51)));
  EXPECT_TRUE(pool.add(pooled(2, 1, 50)));
  EXPECT_FALSE(pool.add(pooled(3, 2, 184))) << "more than a third of the 550 that are free for what is no fact";
  EXPECT_TRUE(pool.add(pooled(3, 2, 183)));
}

TEST(Mempool, ChoosesForABlock) {
  Mempool pool;
  auto early = pooled(1);
  early.valid_from_ms = 100;
  auto late = pooled(2);
  late.valid_until_ms = 40;
  for (auto const& one : {early, late, pooled(3), pooled(4), pooled(5, 1, 90), pooled(6)}) EXPECT_TRUE(pool.add(one));
  EXPECT_EQ(numbers(pool.select(50, room(10, 1'000), 0, none)), (std::vector{3, 4, 5, 6}));
  EXPECT_EQ(numbers(pool.select(50, room(2, 1'000), 0, none)), (std::vector{3, 4}));
  EXPECT_EQ(numbers(pool.select(50, room(10, 28), 4, none)), (std::vector{3, 4}));
  EXPECT_EQ(numbers(pool.select(50, room(10, 27), 4, none)), std::vector{3});
  EXPECT_EQ(numbers(pool.select(50, room(10, 60), 0, none)), (std::vector{3, 4})) << "a large one is not passed over";
  EXPECT_EQ(numbers(pool.select(50, room(10, 1'000), 0, [](Hash const& one) { return one == id(4); })),
            (std::vector{3, 5, 6}));
}

TEST(Mempool, MembersTakeTurnsWhenTheBlockIsFull) {
  Mempool pool;
  std::uint8_t number = 1;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(pool.add(pooled(number++, 1, 16 * 1024)));
  for (std::uint8_t actor = 2; actor <= 4; ++actor) {
    EXPECT_TRUE(pool.add(pooled(number++, actor, 16 * 1024)));
    EXPECT_TRUE(pool.add(pooled(number++, actor, 16 * 1024)));
  }
  // 1 to 20 are member 1's, then two each.
  EXPECT_EQ(numbers(pool.select(5, room(8, 1 << 30), 0, none)), (std::vector{1, 21, 23, 25, 2, 22, 24, 26}));
  EXPECT_EQ(numbers(pool.select(5, room(100, 10 * 16 * 1024), 0, none)),
            (std::vector{1, 21, 23, 25, 2, 22, 24, 26, 3, 4}));
  EXPECT_EQ(pool.select(5, room(100, 1 << 30), 0, none).transactions.size(), 26u) << "all fit: in order of arrival";
}

TEST(Mempool, ABlockEndsWithWhatPassesItsAim) {
  Mempool pool;
  for (std::uint8_t i = 0; i < 9; ++i) EXPECT_TRUE(pool.add(pooled(i, 1, 100)));
  EXPECT_EQ(pool.select(5, {10, 1'000, 300}, 0, none).transactions.size(), 3u);
  EXPECT_EQ(pool.select(5, {10, 1'000, 301}, 0, none).transactions.size(), 4u);
  EXPECT_EQ(pool.select(5, {10, 1'000, 1}, 0, none).transactions.size(), 1u);
  EXPECT_EQ(pool.select(5, {10, 250, 300}, 0, none).transactions.size(), 2u);
}

TEST(Mempool, WhoSentLeastHasATurnInASmallBlockToo) {
  Mempool pool;
  std::uint8_t number = 0;
  for (std::uint8_t actor = 1; actor <= 5; ++actor) {
    for (int i = 0; i < 40; ++i) EXPECT_TRUE(pool.add(pooled(number++, actor, 300)));
  }
  EXPECT_TRUE(pool.add(pooled(number, 6, 300)));
  auto const chosen = numbers(pool.select(5, {1'000, 1 << 20, 6'000}, 0, none));
  EXPECT_EQ(chosen.size(), 20u);
  EXPECT_EQ(std::ranges::count(chosen, number), 1);
}

TEST(Mempool, ALargeTransactionHasItsTurn) {
  Mempool pool;
  for (std::uint8_t i = 0; i < 100; ++i) EXPECT_TRUE(pool.add(pooled(i, 1, 1000)));
  EXPECT_TRUE(pool.add(pooled(200, 2, 50'000)));
  auto const chosen = numbers(pool.select(5, room(1000, 80'000), 0, none));
  EXPECT_EQ(std::count(chosen.begin(), chosen.end(), 200), 1);
}

TEST(Mempool, KnowsWhatNoBlockHolds) {
  Mempool pool;
  EXPECT_FALSE(pool.has_waiting());
  EXPECT_TRUE(pool.add(pooled(1)));
  EXPECT_TRUE(pool.has_waiting());
  pool.hold({id(1), id(2)});
  EXPECT_FALSE(pool.has_waiting());
  EXPECT_TRUE(pool.add(pooled(2)));
  EXPECT_FALSE(pool.has_waiting()) << "it was in a block before it came here";
  pool.hold({id(2)});
  pool.release({id(1), id(2)});
  EXPECT_TRUE(pool.has_waiting());
  pool.remove({id(1)});
  EXPECT_FALSE(pool.has_waiting()) << "another block still holds the second";
  pool.release({id(2)});
  EXPECT_TRUE(pool.has_waiting());
  pool.remove({id(2)});
  EXPECT_FALSE(pool.has_waiting());
}

TEST(Mempool, ForgetsWhatCanBeInNoBlock) {
  Mempool pool;
  for (std::uint8_t number = 1; number <= 3; ++number) {
    auto one = pooled(number);
    one.valid_until_ms = 10 * number;
    EXPECT_TRUE(pool.add(one));
  }
  pool.expire(20);
  EXPECT_FALSE(pool.contains(id(1)));
  EXPECT_TRUE(pool.contains(id(2)));
  pool.expire(1'000);
  EXPECT_EQ(pool.size(), 0u);
  EXPECT_EQ(pool.bytes(), 0u);
  EXPECT_FALSE(pool.has_waiting());
}

TEST(Mempool, NamesWhatIsOverdue) {
  Mempool pool;
  for (std::uint8_t number = 1; number <= 5; ++number) EXPECT_TRUE(pool.add(pooled(number)));
  pool.hold({id(2)});
  EXPECT_EQ(pool.overdue(5, 10, 1'000).size(), 4u);
  EXPECT_EQ(pool.overdue(5, 2, 1'000).size(), 2u);
  EXPECT_EQ(pool.overdue(5, 10, 15).size(), 1u);
  EXPECT_TRUE(pool.overdue(1, 10, 1'000).empty());
}

}  // namespace
}  // namespace node
