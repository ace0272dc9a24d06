// SPDX-License-Identifier: Apache-2.0
// marlowe_vectors FILE...: published executions of Marlowe contracts, one JSON object a line, through the core of the
// escrow interpreter. Prints what passed and failed; exit status 1 on any failure.
#include <cstdio>
#include <fstream>
#include <string>

#include "gs1/json.hpp"
#include "marlowe/judge.hpp"

namespace {

struct Count {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

std::string name_of(base::Value const& row) {
  for (auto const* member : {"name", "id"}) {
    auto const name = row.string_of(member);
    if (!name.empty()) return std::string(name);
  }
  return "";
}

bool run_file(char const* path, Count& count) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "%s: cannot be read\n", path);
    return false;
  }
  gs1::JsonLimits limits;
  limits.bytes_max = std::size_t{64} << 20;
  limits.depth_max = 4096;
  limits.values_max = std::size_t{1} << 24;
  std::string line;
  Count here;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    auto const row = gs1::parse_json(line, limits);
    auto const found = row ? marlowe::difference(*row) : std::optional(base::to_string(row.error()));
    if (found) {
      std::printf("%s:%zu %s: %s\n", path, number, row ? name_of(*row).c_str() : "", found->c_str());
      ++here.failed;
    } else {
      ++here.passed;
    }
  }
  std::printf("%s: %zu passed, %zu failed\n", path, here.passed, here.failed);
  count.passed += here.passed;
  count.failed += here.failed;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: marlowe_vectors FILE...\n");
    return 2;
  }
  Count count;
  bool readable = true;
  for (int i = 1; i < argc; ++i) readable = run_file(argv[i], count) && readable;
  std::printf("%zu passed, %zu failed\n", count.passed, count.failed);
  return count.failed == 0 && readable && count.passed > 0 ? 0 : 1;
}
