// SPDX-License-Identifier: Apache-2.0
#include "scenario.hpp"

namespace sim {

namespace {

/// At most f machines are wrong for good; which way is drawn for each anew.
void draw_faulty(Scenario& scenario, Random& random) {
  for (std::size_t i = 0; i < scenario.faulty_max(); ++i) {
    bool* const ways[] = {&scenario.twin,        &scenario.twin,         &scenario.liar, &scenario.misreads,
                          &scenario.wrong_clock, &scenario.journal_lost, &scenario.dead};
    if (random.percent(70)) *ways[random.below(std::size(ways))] = true;
  }
}

}  // namespace

Scenario draw_scenario(std::uint64_t seed, std::size_t validators) {
  Random random(seed * 7919 + 17);
  Scenario out;
  out.seed = seed;
  std::size_t const sizes[] = {4, 5, 7};
  out.validators = validators != 0 ? validators : seed % 10 == 3 ? 10 : sizes[seed % 3];
  out.view_timeout_ms = random.percent(70) ? 150 : 400;
  out.idle_block_ms = static_cast<std::uint32_t>(random.one_of({1'000, 3'000, 10'000}));
  out.transaction_every_ms = random.one_of({30, 60, 100, 150, 400});
  out.chaos_ms = random.percent(90) ? random.between(3'000, 10'000) : random.between(10'000, 40'000);
  out.loss_percent = random.percent(60) ? static_cast<unsigned>(random.below(31)) : 0;
  out.duplicate_percent = random.percent(60) ? static_cast<unsigned>(random.below(51)) : 0;
  out.delay_ms_max = random.one_of({10, 10, 30, 30, 100, 300, 1'000, 5'000});
  out.work_ms_max = random.one_of({2, 8, 8, 100});
  out.partitions = random.percent(50);
  out.crashes = random.percent(65) ? static_cast<unsigned>(random.one_of({50, 200, 1'000, 5'000, 20'000})) : 0;
  out.all_crash = random.percent(40);
  out.clocks_jump = random.percent(25);
  out.full_disks = random.percent(10);
  out.real_signatures = seed % 50 == 0;
  out.test_clock = random.percent(25);
  draw_faulty(out, random);
  out.flapping = out.partitions && random.percent(30);
  out.disk_errors = random.percent(25) ? static_cast<unsigned>(random.one_of({200, 2'000, 10'000})) : 0;
  // One of the faulty may be so for another reason.
  if (out.journal_lost && random.percent(30)) std::swap(out.journal_lost, out.rotten);
  out.second_journal_lost = out.journal_lost && random.percent(50);
  if (out.dead && random.percent(30)) std::swap(out.dead, out.rotten);
  // Evidence of keyed hashes convinces nobody, so only these are expelled.
  if ((out.twin || out.liar) && seed % 10 == 0) out.real_signatures = true;
  if (random.percent(50)) out.epoch_blocks = static_cast<std::uint32_t>(random.one_of({1, 2, 5, 20}));
  out.short_proposals = random.percent(70);
  bool const sound =
      !out.twin && !out.liar && !out.misreads && !out.wrong_clock && !out.dead && !out.journal_lost && !out.rotten;
  out.membership = sound && random.percent(85);
  return out;
}

std::string describe(Scenario const& scenario) {
  std::string out = "n=" + std::to_string(scenario.validators);
  auto const number = [&](char const* name, std::uint64_t value) {
    if (value != 0) out += " " + std::string(name) + "=" + std::to_string(value);
  };
  auto const flag = [&](char const* name, bool value) {
    if (value) out += " " + std::string(name);
  };
  number("chaos_ms", scenario.chaos_ms);
  number("loss", scenario.loss_percent);
  number("duplicates", scenario.duplicate_percent);
  number("delay_ms", scenario.delay_ms_max);
  number("crashes", scenario.crashes);
  number("epoch_blocks", scenario.epoch_blocks < 10'000 ? scenario.epoch_blocks : 0);
  flag("partitions", scenario.partitions);
  flag("flapping", scenario.flapping);
  number("disk_errors", scenario.disk_errors);
  flag("all_crash", scenario.all_crash);
  flag("clocks_jump", scenario.clocks_jump);
  flag("full_disks", scenario.full_disks);
  flag("twin", scenario.twin);
  flag("liar", scenario.liar);
  flag("misreads", scenario.misreads);
  flag("wrong_clock", scenario.wrong_clock);
  flag("dead", scenario.dead);
  flag("test_clock", scenario.test_clock);
  flag("journal_lost", scenario.journal_lost);
  flag("second_journal_lost", scenario.second_journal_lost);
  flag("rotten", scenario.rotten);
  flag("membership", scenario.membership);
  flag("short_proposals", scenario.short_proposals);
  flag("real_signatures", scenario.real_signatures);
  return out;
}

}  // namespace sim
