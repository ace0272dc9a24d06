// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/play_test.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "gs1/json.hpp"

namespace contracts::escrow::test {

std::string read_file(std::string const& path_in_source) {
  std::ifstream in(std::string(TALLY_SOURCE_DIR) + "/" + path_in_source, std::ios::binary);
  EXPECT_TRUE(in.good()) << path_in_source;
  return {std::istreambuf_iterator<char>(in), {}};
}

base::Value read_json(std::string const& path_in_source) {
  auto value = gs1::parse_json(read_file(path_in_source));
  EXPECT_TRUE(value) << path_in_source;
  return value ? *std::move(value) : base::Value{};
}

Terms sound_terms(std::string const& json, std::string const& name) {
  auto terms = read_terms(json);
  EXPECT_TRUE(terms) << name << ": " << base::to_string(terms.error());
  auto const judged = analyse(*terms);
  EXPECT_TRUE(judged) << name << ": " << base::to_string(judged.error());
  return *std::move(terms);
}

Terms terms_of(std::string const& path_in_source) { return sound_terms(read_file(path_in_source), path_in_source); }

void Play::happen(std::string const& state, std::size_t case_index, std::optional<i128> value) {
  auto const done = Rehearsal::happen(state, case_index, value);
  EXPECT_TRUE(done) << state << ": " << base::to_string(done.error());
}

}  // namespace contracts::escrow::test
