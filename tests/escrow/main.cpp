// SPDX-License-Identifier: Apache-2.0
// escrow_storm: random contracts under hostile schedules, the analysis against an exhaustive walk, seeded faults. With
// --mutant NAME a fault is planted in the interpreter, and the run succeeds when one of the suites notices it.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "contracts/escrow/mutants.hpp"
#include "escrow/storm.hpp"

namespace {

namespace escrow = contracts::escrow;

constexpr std::pair<std::string_view, bool escrow::Mutants::*> mutants[] = {
    {"no_default_on_silence", &escrow::Mutants::no_default_on_silence},
    {"no_deadline_queue", &escrow::Mutants::no_deadline_queue},
    {"settle_twice", &escrow::Mutants::settle_twice},
    {"remainder_without_name", &escrow::Mutants::remainder_without_name},
    {"payout_that_can_fail", &escrow::Mutants::payout_that_can_fail},
    {"fact_fires_twice", &escrow::Mutants::fact_fires_twice},
    {"lanes_share_a_pot", &escrow::Mutants::lanes_share_a_pot},
    {"fork_inside_a_cycle", &escrow::Mutants::fork_inside_a_cycle},
    {"late_without_default", &escrow::Mutants::late_without_default},
    {"expired_offer_refunds", &escrow::Mutants::expired_offer_refunds},
    {"all_reuses_its_value", &escrow::Mutants::all_reuses_its_value},
};

int usage() {
  std::fprintf(stderr, "usage: escrow_storm [--schedules N] [--verdicts N] [--seed N] [--mutant NAME]\n");
  return 2;
}

/// One line a suite; true when it found nothing.
bool tell(char const* suite, std::optional<std::string> const& found) {
  std::printf("%-10s %s\n", suite, found ? found->c_str() : "ok");
  return !found;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t schedules = 20'000;
  std::uint64_t verdicts = 20'000;
  std::uint64_t seed = 1;
  bool planted = false;
  for (int i = 1; i < argc; i += 2) {
    std::string_view const option = argv[i];
    if (i + 1 == argc) return usage();
    if (option == "--mutant") {
      for (auto const& [name, member] : mutants) {
        if (name != argv[i + 1]) continue;
        escrow::planted.*member = true;
        planted = true;
      }
      if (!planted) return usage();
    } else if (option == "--schedules") {
      schedules = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (option == "--verdicts") {
      verdicts = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (option == "--seed") {
      seed = std::strtoull(argv[i + 1], nullptr, 10);
    } else {
      return usage();
    }
  }
  bool sound = tell("faults", storm::missed_fault());
  // Terms that only a broken reader takes would stop the others.
  if (sound || !planted) sound = tell("scenarios", storm::scenario_difference()) && sound;
  if (sound || !planted) sound = tell("cost", storm::too_dear()) && sound;
  if (sound || !planted) sound = tell("ledger", storm::stuck_in_the_ledger()) && sound;
  if (sound || !planted) {
    auto const storm = storm::run_storm(schedules, seed);
    sound = tell("storm", storm.broken) && sound;
    std::printf("           %llu schedules of %llu contracts\n", static_cast<unsigned long long>(storm.schedules),
                static_cast<unsigned long long>(storm.contracts));
  }
  for (bool const branches : {false, true}) {
    if (!sound && planted) break;
    auto const judged = storm::compare_verdicts(verdicts, seed, branches);
    sound = tell(branches ? "branches" : "verdicts", judged.differs) && sound;
    std::printf("           %llu accepted, %llu refused", static_cast<unsigned long long>(judged.accepted),
                static_cast<unsigned long long>(judged.refused));
    if (branches) std::printf(", %llu of them by caution", static_cast<unsigned long long>(judged.cautious));
    std::printf("\n");
  }
  if (!planted) return sound ? 0 : 1;
  std::printf("%s\n", sound ? "nobody noticed the planted fault" : "noticed");
  return sound ? 1 : 0;
}
