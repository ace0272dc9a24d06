// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of this room share: reading the published documents and vectors that lie beside the source directory.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gs1/json.hpp"

namespace gs1::test {

inline std::filesystem::path shared() {
  return std::filesystem::path(TALLY_SOURCE_DIR) / ".." / "shared" / "standards";
}

inline std::string read_text(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// True when the published data is there; else says what was not run, and fails where everything must run.
inline bool have_shared(char const* what) {
  if (std::filesystem::exists(shared())) return true;
  std::cout << "not run, no shared standards beside the source: " << what << "\n";
  char const* ci = std::getenv("CI");
  EXPECT_FALSE(ci != nullptr && std::string(ci) == "true") << what << " must run here";
  return false;
}

/// A JSON file of the published data.
inline base::Value read_json(std::string const& path) {
  auto const text = read_text(shared() / path);
  auto value =
      parse_json(text, {.bytes_max = std::size_t{16} << 20, .depth_max = 64, .values_max = std::size_t{1} << 22});
  EXPECT_TRUE(value) << path << ": " << (value ? "" : base::to_string(value.error()));
  return value ? *std::move(value) : base::Value{};
}

/// All files of one extension under a folder, in order.
inline std::vector<std::filesystem::path> files_under(std::string const& folder,
                                                      std::vector<std::string> const& extensions) {
  std::vector<std::filesystem::path> out;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(shared() / folder)) {
    for (auto const& extension : extensions) {
      if (entry.path().extension() == extension) out.push_back(entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace gs1::test
