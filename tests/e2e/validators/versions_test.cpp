// SPDX-License-Identifier: Apache-2.0
// Four real validators, of which two know only the first version of the law, pass the height from which on the next one
// holds.
#include "e2e/validators/stage.hpp"

namespace e2e {
namespace {

class Versions : public Validators {
 protected:
  Versions() { old_ = {2, 3}; }

  std::uint64_t height(std::size_t node) {
    auto const answer = ask(node, "chain_status", "", "");
    return answer ? static_cast<std::uint64_t>(base::from_decimal(answer->string_of("height")).value()) : 0;
  }
  std::string version(std::size_t node) {
    auto const answer = ask(node, "chain_params", "", "");
    return answer ? rpc::to_text(*answer->find("version")) : "";
  }
  bool says(std::size_t node, std::string const& words) const {
    auto const log = wallet::read_text_file(home_ / (net_->world.validators[node] + ".log"));
    return log && log->find(words) != std::string::npos;
  }
  void upgrade(std::size_t node) {
    old_.erase(node);
    net_->network.stop(node, false);
    net_->network.start(node);
    ASSERT_TRUE(net_->network.wait_ready(node, 60'000));
  }
};

TEST_F(Versions, AnActivationIsPassedByAMixedNetwork) {
  auto const members = net_->world.validators;
  auto const from = height(0) + 800;
  change(R"({"type": "set_version", "version": 2, "height": ")" + std::to_string(from) + "\"}",
         {members[0], members[1], members[2]});
  std::string const words = "version 2 of the law holds, and this program knows versions up to 1: install a tally";
  EXPECT_TRUE(until([&] { return says(2, words) && says(3, words); })) << "long before it stops";
  ASSERT_LT(height(0), from) << "the test was too slow";
  upgrade(2);
  ASSERT_TRUE(until([&] { return height(0) >= from + 10; }));
  for (std::size_t node : {0, 1, 2}) EXPECT_EQ(version(node), "2") << node;

  // It holds what was decided before, answers, and says why it does no more.
  EXPECT_LT(height(3), from);
  EXPECT_TRUE(says(3, "halted: from height " + std::to_string(from)));
  auto const ready = net_->network.readiness(3);
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->status, 503);
  EXPECT_NE(ready->body.find("install"), std::string::npos) << ready->body;
  // A restart of the same program changes nothing.
  net_->network.stop(3, true);
  net_->network.start(3);
  EXPECT_TRUE(until([&] { return height(3) > 0; }));
  usleep(1'000'000);
  EXPECT_LT(height(3), from);

  upgrade(3);
  EXPECT_TRUE(until([&] { return height(3) >= from + 10; }));
  EXPECT_EQ(version(3), "2");
  expect_needed_without(1);
}

}  // namespace
}  // namespace e2e
