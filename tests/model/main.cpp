// SPDX-License-Identifier: Apache-2.0
// tally_explore: walks through all states of small networks of real cores, with and without the rules.

#include <cstdio>
#include <cstring>
#include <ctime>

#include "explorer.hpp"

namespace {

using explore::Liar;
using explore::Setup;

/// What must hold, and what must be found when a rule is off.
std::vector<Setup> setups() {
  using M = consensus::Mutants;
  auto const planted = [](char const* name, Liar liar, unsigned crashes, bool M::*fault, char const* expected) {
    Setup out{name, liar, crashes, std::string(name).starts_with("R4"), {}, expected};
    out.mutants.*fault = true;
    return out;
  };
  return {
      {"liar leads view 1", Liar::leads_first, 0, false, {}, ""},
      {"liar leads view 2", Liar::leads_second, 0, false, {}, ""},
      {"liar leads neither, one crash", Liar::follows, 1, false, {}, ""},
      {"results diverge after two crashes", Liar::follows, 2, true, {}, ""},
      planted("R1 off", Liar::leads_second, 0, &M::r1_off, "fork"),
      planted("R2 off", Liar::leads_second, 0, &M::r2_off, "fork"),
      planted("R3 off", Liar::leads_first, 0, &M::r3_off, "two Notarize"),
      planted("R4 off", Liar::follows, 2, &M::r4_off, "fork"),
      planted("Nullify not journaled", Liar::follows, 1, &M::volatile_nullify, "Nullify and Finalize"),
      planted("nullification unchecked", Liar::leads_second, 0, &M::skips_unproven, "fork"),
  };
}

/// True when it came out as it must.
bool run(Setup const& setup) {
  auto const begun = std::clock();
  auto const report = explore::explore(setup);
  auto const seconds = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  std::printf(
      "%-34s %9llu states, %10llu transitions, %6llu states of one, %5llu compared, %5.1f s: ", setup.name.c_str(),
      static_cast<unsigned long long>(report.states), static_cast<unsigned long long>(report.transitions),
      static_cast<unsigned long long>(report.parts), static_cast<unsigned long long>(report.compared), seconds);
  bool const found = !report.finding.empty();
  std::printf("%s\n", report.cut ? "GIVEN UP" : found ? report.finding.c_str() : "nothing wrong");
  bool const good = !report.cut && report.finding.starts_with(setup.expected) && found != setup.expected.empty();
  for (auto const& step : report.path) std::printf("    %s\n", step.c_str());
  if (!good) std::printf("    expected: %s\n", setup.expected.empty() ? "nothing" : setup.expected.c_str());
  std::fflush(stdout);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  bool good = true;
  for (auto const& setup : setups()) {
    if (argc < 2 || setup.name == argv[1]) good = run(setup) && good;
  }
  return good ? 0 : 1;
}
