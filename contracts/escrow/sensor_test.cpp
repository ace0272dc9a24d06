// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/sensor.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/escrow/play_test.hpp"

namespace contracts::escrow::test {

namespace {

using base::minute_ms;

constexpr std::int64_t degree = 1'000'000;
constexpr TimeMs first_ms = 1'791'208'800'000;  // 2026-10-05T14:00:00Z
constexpr TimeMs every_ms = 5 * minute_ms;

Hash device(int number) { return crypto::sha256(base::bytes_of("logger" + std::to_string(number))); }

ledger::SensorWatch watch() { return {"CEL", ledger::SignedMicro::of(4 * degree), 30 * minute_ms}; }

/// Readings from..to, one every five minutes; those of `warm` are above the threshold.
std::vector<Reading> batch(int from, int to, std::pair<int, int> warm = {-1, -1}) {
  std::vector<Reading> out;
  for (int i = from; i < to; ++i) {
    bool const is_warm = i >= warm.first && i < warm.second;
    out.push_back({static_cast<std::uint64_t>(i), first_ms + i * every_ms, is_warm ? 6 * degree : -degree});
  }
  return out;
}

ledger::Stretch all(std::vector<Reading> readings) {
  auto const out = stretches(std::move(readings), device(0), watch(), {});
  EXPECT_EQ(out.size(), 1u);
  return out.front();
}

/// The salmon's escrow in the state where its goods are under way.
struct Salmon {
  Play play{terms_of("tests/scenario/escrow/ESC-J3.json"), base::from_rfc3339("2026-10-01T00:00:00Z").value()};
  std::size_t readings = 0;
  std::size_t delivery = 0;
  std::vector<TimeMs> cuts;

  Salmon() {
    auto const& terms = play.terms();
    for (std::size_t i = 0; i < terms.triggers.size(); ++i) {
      auto const& one = terms.triggers[i];
      if (one.kind == ledger::WatchKind::sensor) readings = i;
      bool const handover = one.kind == ledger::WatchKind::handover;
      if (handover && terms.roles[one.to].name == "buyer") delivery = i;
    }
    play.happen("funding", 0, {});
    play.happen("funding_m2", 0, {});
  }

  /// A batch arrives with its last reading.
  void report(int logger, std::vector<Reading> const& batch) {
    play.advance(std::max(play.now_ms(), batch.back().time_ms));
    for (auto& stretch : stretches(batch, device(logger), *play.terms().triggers[readings].sensor, cuts)) {
      ledger::FactEntry fact;
      fact.stretch = std::move(stretch);
      play.record(readings, std::move(fact));
    }
    play.run();
  }
  void accept() {
    play.accept(delivery, 5'000'000'000, "KGM");
    cuts.push_back(play.now_ms());
    play.run();
  }
  Amount seller_share() {
    play.finish();
    EXPECT_TRUE(play.ended());
    EXPECT_EQ(play.broken, "");
    return play.payouts["seller:USD"];
  }
};

}  // namespace

TEST(EscrowSensor, TimeAboveIsUntilTheNextReading) {
  auto const shown = all(batch(0, 40, {10, 24}));
  EXPECT_EQ(shown.above_ms, 70 * minute_ms);
  EXPECT_EQ(shown.below_ms, 125 * minute_ms);
  EXPECT_EQ(shown.above, 14u);
  EXPECT_EQ(shown.readings, 40u);
  EXPECT_EQ(shown.most.value(), 6 * degree);
  EXPECT_EQ(shown.least.value(), -degree);
  EXPECT_EQ(shown.gap_ms, 0u);
  // A reading at the threshold is neither above nor below; the last one lasts for nothing yet.
  EXPECT_EQ(all({{0, first_ms, 4 * degree}, {1, first_ms + every_ms, 5 * degree}}).above_ms, 0u);
}

TEST(EscrowSensor, BatchesAddUpInWhateverOrderTheyCome) {
  auto const whole = all(batch(0, 36, {8, 20}));
  auto first = all(batch(0, 12, {8, 20}));
  join(first, all(batch(12, 24, {8, 20})), watch());
  join(first, all(batch(24, 36, {8, 20})), watch());
  EXPECT_EQ(first, whole);
}

TEST(EscrowSensor, CutsTellWhatWasReadBefore) {
  auto const cut_ms = first_ms + 5 * every_ms;
  auto const parts = stretches(batch(0, 12), device(0), watch(), {cut_ms});
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].last_ms, cut_ms);
  EXPECT_EQ(parts[1].first_ms, cut_ms + every_ms);
  EXPECT_EQ(parts[0].readings + parts[1].readings, 12u);
}

TEST(EscrowSensor, GapsCountWhole) {
  auto readings = batch(0, 12);
  auto const later = batch(24, 36);
  readings.insert(readings.end(), later.begin(), later.end());
  EXPECT_EQ(all(readings).gap_ms, 65 * minute_ms);
  EXPECT_EQ(all(readings).below_ms, 110 * minute_ms);
}

TEST(EscrowSensor, FullListsKeepWhatTheyShowed) {
  std::vector<ledger::FactEntry> facts;
  for (int logger = 0; logger < 2; ++logger) {
    for (int i = 0; i < 4; ++i) {
      ledger::FactEntry fact;
      fact.stretch = stretches(batch(12 * i, 12 * i + 12, {20, 30}), device(logger), watch(), {}).front();
      facts.push_back(fact);
    }
  }
  auto const whole = all(batch(0, 48, {20, 30}));
  while (facts.size() > 2) compact(facts, watch());
  EXPECT_EQ(facts[0].stretch->above_ms, whole.above_ms);
  EXPECT_EQ(facts[1].stretch->above_ms, whole.above_ms);
  EXPECT_NE(facts[0].stretch->device, facts[1].stretch->device);
}

TEST(EscrowSensor, TwoOfThreeLoggersAgree) {
  for (int const warm : {1, 2, 3}) {
    Salmon salmon;
    for (int i = 0; i < 10; ++i) {
      for (int logger = 0; logger < 3; ++logger) {
        bool const mine = logger < warm;
        salmon.report(logger, batch(12 * i, 12 * i + 12, mine ? std::pair{40, 54} : std::pair{-1, -1}));
      }
    }
    salmon.accept();
    // Above for 70 minutes: 80 % of 38,000.00; m1 was never handed over.
    EXPECT_EQ(salmon.seller_share(), warm == 1 ? 3'800'000u : 3'040'000u) << warm;
  }
}

TEST(EscrowSensor, OneLoggersGapIsEnough) {
  for (bool const closed : {false, true}) {
    Salmon salmon;
    for (int i = 0; i < 10; ++i) {
      for (int logger = 0; logger < 3; ++logger) {
        if (logger != 1 || i != 4) salmon.report(logger, batch(12 * i, 12 * i + 12));
      }
    }
    salmon.accept();
    // A batch that comes before the price is fixed closes the gap, even after the goods were accepted.
    if (closed) salmon.report(1, batch(48, 60));
    EXPECT_EQ(salmon.seller_share(), closed ? 3'800'000u : 3'040'000u);
  }
}

TEST(EscrowSensor, ReadingsAfterTheAcceptedHandoverDoNotCount) {
  Salmon salmon;
  for (int logger = 0; logger < 3; ++logger) salmon.report(logger, batch(0, 12));
  salmon.accept();
  for (int logger = 0; logger < 3; ++logger) salmon.report(logger, batch(11, 35, {12, 35}));
  EXPECT_EQ(salmon.seller_share(), 3'800'000u);
}

TEST(EscrowSensor, SilenceUpToTheHandoverIsAGap) {
  Salmon salmon;
  for (int logger = 0; logger < 3; ++logger) salmon.report(logger, batch(0, 12));
  salmon.play.advance(salmon.play.now_ms() + 100 * minute_ms);
  salmon.accept();
  EXPECT_EQ(salmon.seller_share(), 3'040'000u);
  // Who never reports leaves the whole time open.
  Salmon silent;
  silent.play.advance(first_ms);
  silent.accept();
  EXPECT_EQ(silent.seller_share(), 0u);
}

}  // namespace contracts::escrow::test
