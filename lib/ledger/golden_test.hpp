// SPDX-License-Identifier: Apache-2.0
#pragma once

// Golden files: what formats looked like when somebody last approved them. They are written anew only on request.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ledger::test {

/// Compares a text with tests/golden/<name>; with TALLY_GOLDEN_ACCEPT=1 in the environment writes it there.
inline void expect_golden(std::string const& name, std::string const& text) {
  auto const path = std::filesystem::path(TALLY_SOURCE_DIR) / "tests" / "golden" / name;
  char const* accept = std::getenv("TALLY_GOLDEN_ACCEPT");
  if (accept != nullptr && std::string(accept) == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream in(path, std::ios::binary);
  std::string const approved{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(approved == text) << name << " has changed; ./dev golden --accept approves the new format";
}

}  // namespace ledger::test
