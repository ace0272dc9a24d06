// SPDX-License-Identifier: Apache-2.0
#include "node/disk_store.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace node {
namespace {

storage::Decision decision(Height height) {
  storage::Decision out;
  out.first = height;
  out.blocks.resize(1);
  out.blocks[0].block.assign(std::size_t{6} << 20, static_cast<std::uint8_t>(height));
  return out;
}

/// What a killed process forgets of the state must be in the blocks that are left.
TEST(DiskStore, WritesTheStateBeforeItLetsBlocksGo) {
  auto name = (std::filesystem::temp_directory_path() / "tally-store-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  std::filesystem::path const path = name;
  pid_t const child = fork();
  if (child == 0) {
    auto const store = open_disk_store(path);
    auto const apply = [&](Height height) {
      ledger::StateDiff const diff{{Bytes{1}, ledger::big_endian(height)}};
      ledger::StateDiff const* const one = &diff;
      (*store)->apply({&one, 1}, height);
    };
    apply(0);
    for (Height height = 1; height <= 6; ++height) {
      (*store)->decide(decision(height));
      apply(height);
    }
    if (!(*store)->prune([](storage::Decision const&) { return true; }, {}).value()) _exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  {
    auto const store = open_disk_store(path);
    ASSERT_TRUE(store) << base::to_string(store.error());
    auto const kept = (*store)->recover();
    EXPECT_GT(kept.base.height, 0U);
    EXPECT_EQ(kept.applied, 6U);
    EXPECT_EQ(kept.state->get(Bytes{1}), ledger::big_endian(6));
  }
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace node
