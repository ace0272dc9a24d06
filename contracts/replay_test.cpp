// SPDX-License-Identifier: Apache-2.0
#include "contracts/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/time.hpp"

namespace contracts::replay {

namespace {

base::Hash number(std::uint8_t n) {
  base::Hash out;
  out.bytes[31] = n;
  return out;
}

/// With its receipt, which makes it known.
void add(Consumed& block, ledger::Overlay& state, base::Hash const& id, base::TimeMs valid_until_ms) {
  static std::uint32_t receipts = 0;
  ledger::ReceiptRecord receipt;
  receipt.index = ++receipts;
  receipt.minute = block.add(state, id, valid_until_ms);
  ledger::store(state, ledger::receipt_key(id), receipt);
}

/// A block of its own.
void consume(ledger::Overlay& state, base::Hash const& id, base::TimeMs valid_until_ms) {
  Consumed block;
  add(block, state, id, valid_until_ms);
  std::move(block).write(state);
}

std::size_t consumed_of_ten(ledger::StateView const& state) {
  std::size_t count = 0;
  for (std::uint8_t n = 1; n <= 10; ++n) count += consumed(state, number(n));
  return count;
}

}  // namespace

TEST(Replay, IdsOfOneMinuteAreRootedInOrder) {
  ledger::MemoryState const empty;
  ledger::Overlay state(empty);
  std::vector<base::Hash> leaves;
  Consumed block;
  for (std::uint8_t n = 10; n >= 1; --n) {
    add(block, state, number(n), base::minute_ms + n);
    leaves.push_back(crypto::log_leaf_hash(number(n).view()));
  }
  EXPECT_EQ(consumed_of_ten(state), 10u) << "within the block too";
  EXPECT_FALSE(consumed(state, number(11)));
  std::move(block).write(state);
  auto const key = ledger::state_key(ledger::Space::replay_minute, ledger::big_endian(1));
  auto const record = ledger::load<ledger::ReplayMinuteRecord>(state, key);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->count, 10u);
  EXPECT_EQ(record->root, crypto::log_root(leaves));
}

TEST(Replay, IdsOfABlockStandTogetherAndAreForgottenTogether) {
  ledger::MemoryState const empty;
  ledger::Overlay state(empty);
  auto const id = [](std::uint64_t n) { return crypto::sha256(ledger::big_endian(n)); };
  std::vector<base::Hash> leaves;
  for (auto const& [first, last] : {std::pair{0, 3}, {3, 600}}) {
    Consumed block;
    for (auto n = first; n < last; ++n) {
      add(block, state, id(static_cast<std::uint64_t>(n)), 0);
      leaves.push_back(crypto::log_leaf_hash(id(static_cast<std::uint64_t>(n)).view()));
    }
    std::move(block).write(state);
  }
  auto const record = ledger::load<ledger::ReplayMinuteRecord>(
      state, ledger::state_key(ledger::Space::replay_minute, ledger::big_endian(0)));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->count, 600u);
  EXPECT_EQ(record->root, crypto::log_root(leaves));
  auto const rows = [&] {
    std::vector<std::size_t> out;
    state.scan(ledger::state_key(ledger::Space::replay_id, ledger::big_endian(0)), [&](auto key, auto ids) {
      EXPECT_EQ(key.size(), 17u);
      out.push_back(ids.size() / base::Hash::size);
      return true;
    });
    return out;
  };
  EXPECT_EQ(rows(), (std::vector<std::size_t>{3, 256, 256, 85}));
  prune(state, base::minute_ms, 1, 4);
  EXPECT_EQ(rows(), (std::vector<std::size_t>{256, 85})) << "whole rows, until so many are gone";
  EXPECT_FALSE(consumed(state, id(258)));
  EXPECT_TRUE(consumed(state, id(259)));
  prune(state, base::minute_ms, 1, 1000);
  EXPECT_FALSE(consumed(state, id(599)));
}

TEST(Replay, ForgetsSomeAtATimeAndThenAll) {
  ledger::MemoryState const empty;
  ledger::Overlay state(empty);
  for (std::uint8_t n = 1; n <= 10; ++n) consume(state, number(n), (n % 2) * base::minute_ms);
  prune(state, base::minute_ms - 1, 1, 100);
  EXPECT_EQ(consumed_of_ten(state), 10u) << "a minute that has not passed";
  prune(state, base::minute_ms, 1, 3);
  EXPECT_EQ(consumed_of_ten(state), 7u);
  prune(state, 2 * base::minute_ms, 1, 3);
  EXPECT_EQ(consumed_of_ten(state), 4u) << "the rest of the first minute, one of the second";
  prune(state, 2 * base::minute_ms, 1, 4);
  EXPECT_EQ(consumed_of_ten(state), 0u);
  for (auto const& [key, value] : state.diff()) {
    EXPECT_EQ(value.has_value(), key[0] == static_cast<std::uint8_t>(ledger::Space::receipt)) << base::to_hex(key);
  }
}

/// How much is removed in a block is nobody's business from version 2 on.
TEST(Replay, OfAMinuteThatHasPassedNothingIsKnown) {
  ledger::MemoryState const empty;
  ledger::Overlay state(empty);
  for (std::uint8_t n = 1; n <= 10; ++n) consume(state, number(n), (n % 2) * base::minute_ms);
  prune(state, base::minute_ms - 1, 2, 3);
  EXPECT_EQ(consumed_of_ten(state), 10u) << "a minute that has not passed";
  prune(state, base::minute_ms, 2, 3);
  EXPECT_EQ(consumed_of_ten(state), 5u);
  consume(state, number(11), base::minute_ms);
  prune(state, 2 * base::minute_ms, 2, 3);
  EXPECT_EQ(consumed_of_ten(state), 0u);
  EXPECT_FALSE(consumed(state, number(11)));
  auto const left = [&] {
    return std::ranges::count_if(state.diff(), [](auto const& entry) {
      return entry.first[0] == static_cast<std::uint8_t>(ledger::Space::replay_id) && entry.second.has_value();
    });
  };
  EXPECT_EQ(left(), 11 - 6);
  prune(state, 2 * base::minute_ms, 2, 3);
  prune(state, 2 * base::minute_ms, 2, 3);
  EXPECT_EQ(left(), 0);
}

}  // namespace contracts::replay
