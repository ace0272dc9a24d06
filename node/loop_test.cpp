// SPDX-License-Identifier: Apache-2.0
#include "node/loop.hpp"

#include <gtest/gtest.h>

#include <future>

namespace node {
namespace {

TEST(Loop, JobsForBlocksGoAheadOfNewcomers) {
  Loop loop(1);
  std::promise<void> all_wait;
  std::vector<int> order;
  auto const add = [&](Workers::Rank rank, int number) {
    loop.run(
        rank, [&order, number] { order.push_back(number); }, [] {});
  };
  // The only worker is busy until all others wait.
  loop.run(
      Workers::Rank::newcomer, [&] { all_wait.get_future().wait(); }, [] {});
  add(Workers::Rank::newcomer, 3);
  add(Workers::Rank::newcomer, 4);
  add(Workers::Rank::block, 1);
  add(Workers::Rank::block, 2);
  loop.run(
      Workers::Rank::newcomer, [] {}, [&] { loop.stop(); });
  all_wait.set_value();
  loop.run_until_stopped();
  EXPECT_EQ(order, (std::vector{1, 2, 3, 4}));
}

}  // namespace
}  // namespace node
