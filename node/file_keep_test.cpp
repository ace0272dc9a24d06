// SPDX-License-Identifier: Apache-2.0
#include "node/file_keep.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace node {
namespace {

TEST(FileKeep, HoldsItsTextsForTheNextStart) {
  auto const folder = std::filesystem::temp_directory_path() / ("tally-keep-" + std::to_string(getpid()));
  {
    auto const keep = open_keep(folder);
    ASSERT_TRUE(keep) << base::to_string(keep.error());
    ASSERT_TRUE((*keep)->put("a", "one"));
    ASSERT_TRUE((*keep)->put("a", "two"));
    ASSERT_TRUE((*keep)->put("b", std::string(100'000, 'x')));
    ASSERT_TRUE((*keep)->put("c", "three"));
    ASSERT_TRUE((*keep)->erase("c"));
    ASSERT_TRUE((*keep)->erase("never"));
  }
  // What a crash left half written.
  std::ofstream(folder / "b.new") << "half";
  auto const again = open_keep(folder);
  ASSERT_TRUE(again);
  auto const kept = (*again)->all();
  EXPECT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept.at("a"), "two");
  EXPECT_EQ(kept.at("b").size(), 100'000U);
  struct stat seen {};
  ASSERT_EQ(::stat((folder / "a").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600U) << "secrets lie in it";
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(open_keep("/proc/no/such"));
}

}  // namespace
}  // namespace node
