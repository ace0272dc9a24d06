// SPDX-License-Identifier: Apache-2.0
#include "escrow/figures.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "contracts/escrow/analyse.hpp"
#include "escrow/generate.hpp"

namespace storm {

namespace {

namespace escrow = contracts::escrow;
using Steady = std::chrono::steady_clock;

constexpr std::size_t random_contracts = 10'000;
constexpr int repeats = 200;

double milliseconds(Steady::duration span) { return std::chrono::duration<double, std::milli>(span).count(); }

/// Reading and judging, as every validator does it when a contract is opened.
double judge(std::string const& text) {
  auto const start = Steady::now();
  auto const terms = escrow::read_terms(text);
  if (terms) static_cast<void>(escrow::analyse(*terms));
  return milliseconds(Steady::now() - start);
}

double analyse_only(std::string const& text) {
  auto const terms = escrow::read_terms(text);
  if (!terms) return 0;
  auto const start = Steady::now();
  for (int i = 0; i < repeats; ++i) static_cast<void>(escrow::analyse(*terms));
  return milliseconds(Steady::now() - start) / repeats;
}

void print(char const* what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  auto const at = [&](double q) { return times[static_cast<std::size_t>(q * static_cast<double>(times.size() - 1))]; };
  std::printf("analysis of %zu %s: p50 %.3f ms, p99 %.3f ms, worst %.3f ms\n", times.size(), what, at(0.5), at(0.99),
              times.back());
}

}  // namespace

void print_analysis_figures() {
  std::vector<double> written;
  for (auto const* folder : {"contracts/templates", "tests/scenario/escrow"}) {
    for (auto const& file : std::filesystem::directory_iterator(std::string(TALLY_SOURCE_DIR) + "/" + folder)) {
      std::ifstream in(file.path(), std::ios::binary);
      std::string const text(std::istreambuf_iterator<char>(in), {});
      if (text.starts_with("{")) written.push_back(judge(text));
    }
  }
  print("templates and journeys", std::move(written));
  std::vector<double> random;
  for (std::size_t i = 0; i < random_contracts; ++i) {
    Chance chance(i);
    random.push_back(judge(random_terms(chance)));
  }
  print("random contracts", std::move(random));
  auto const one = analyse_only(wide_terms(1));
  auto const eight = analyse_only(wide_terms(8));
  std::printf("analysis of 8 lanes: %.1f times that of one (%.3f ms, %.3f ms)\n", eight / one, eight, one);
}

}  // namespace storm
