// SPDX-License-Identifier: Apache-2.0
#include "wallet/terminal.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

TEST(Terminal, NobodyElsesWordsMoveTheCursor) {
  EXPECT_EQ(shown("Wujiang 吴江, été"), "Wujiang 吴江, été");
  EXPECT_EQ(shown("a\x1b[2Jb\n\x7f"), "a\uFFFD[2Jb\uFFFD\uFFFD");
  EXPECT_EQ(shown("a\xc2\x9b"
                  "2J"),
            "a\uFFFD2J");
  EXPECT_EQ(shown("a\u202eb\u2066c\u200ed"), "a\uFFFDb\uFFFDc\uFFFDd");
  EXPECT_EQ(shown("…–"), "…–");
  EXPECT_EQ(shown("\xe2"), "\xe2");
}

}  // namespace
}  // namespace wallet
