// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/escrow/play_test.hpp"

namespace contracts::escrow::test {

namespace {

/// A small generator of our own, so that a seed means the same schedule everywhere (SplitMix64).
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % bound;
  }

 private:
  std::uint64_t state_;
};

constexpr TimeMs start_ms = 1'782'345'600'000;  // 2026-06-25T00:00:00Z
constexpr int steps = 60;

void pass_time(Play& play, Chance& chance) {
  TimeMs due_ms = 0;
  for (auto const& lane : play.contract().lanes) {
    if (!lane.closed() && (due_ms == 0 || lane.due_ms < due_ms)) due_ms = lane.due_ms;
  }
  switch (chance.below(4)) {
    case 0:
      return play.advance(due_ms);
    case 1:
      return play.advance(std::max(play.now_ms(), due_ms - 1));
    default:
      return play.advance(play.now_ms() + chance.below(3 * base::day_ms));
  }
}

void make_fact(Play& play, Chance& chance) {
  auto const& triggers = play.terms().triggers;
  if (triggers.empty()) return;
  auto const number = chance.below(triggers.size());
  if (triggers[number].kind == ledger::WatchKind::milestone) {
    constexpr std::array<char const*, 4> words{"conformant", "non_conformant", "in_progress", ""};
    return play.milestone(number, words[chance.below(words.size())], chance.below(4 * base::day_ms));
  }
  constexpr std::array<std::uint64_t, 5> pieces{0, 1, 700, 2000, 4950};
  switch (chance.below(4)) {
    case 0:
      return play.offer(number);
    case 1:
      return play.reject(number);
    default:
      return play.accept(number, pieces[chance.below(pieces.size())] * 1'000'000 + chance.below(2));
  }
}

void make_act(Play& play, Chance& chance) {
  auto const& lanes = play.contract().lanes;
  auto const state = lanes[chance.below(lanes.size())].state;
  auto const number = play.terms().state(state);
  if (!number || play.terms().states[*number].cases.empty()) return;
  auto const& cases = play.terms().states[*number].cases;
  auto const index = chance.below(cases.size());
  auto roles = roles_of(cases[index].event);
  if (roles.empty() || chance.below(8) == 0) roles = {chance.below(play.terms().roles.size())};
  bool const deposits = std::holds_alternative<DepositEvent>(cases[index].event);
  constexpr std::array<std::uint64_t, 5> values{1, 0, 3333, 5000, 10000};
  auto const before = play.contract();
  auto const transitions = play.transitions.size();
  auto const done = play.act(state, index, deposits ? 0 : values[chance.below(values.size())], roles);
  if (!done && play.transitions.size() == transitions) {
    EXPECT_EQ(play.contract(), before);
  }
}

Play play_random(Terms const& terms, std::uint64_t seed) {
  Chance chance(seed);
  Play play(terms, start_ms);
  for (int i = 0; i < steps && !play.ended(); ++i) {
    auto const kind = chance.below(10);
    if (i < 6 || kind >= 7) {
      make_act(play, chance);
    } else if (kind >= 3) {
      make_fact(play, chance);
    } else {
      pass_time(play, chance);
    }
    play.run();
    if (!play.broken.empty()) break;
  }
  play.finish();
  return play;
}

std::string told(Play const& play) {
  std::string out;
  for (auto const& one : play.transitions) {
    out +=
        std::to_string(one.lane) + " " + one.from + " > " + one.to + " @" + std::to_string(one.moment.time_ms) + "\n";
  }
  return out;
}

std::vector<std::string> const contracts{"testnet/journeys/ESC-J1.json",
                                         "tests/scenario/escrow/ESC-J4.json",
                                         "contracts/templates/01-documentary-signed-for.json",
                                         "contracts/templates/03-milestone-tranches.json",
                                         "contracts/templates/04-consumer-auto-confirm.json",
                                         "contracts/templates/07-receivable-factoring.json",
                                         "contracts/templates/08-parametric-delay-insurance.json",
                                         "contracts/templates/10-pvp-fx.json"};

}  // namespace

TEST(EscrowProperty, EveryScheduleEndsAndConservesMoney) {
  for (auto const& path : contracts) {
    auto const terms = terms_of(path);
    std::size_t longest = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      auto const play = play_random(terms, seed);
      ASSERT_TRUE(play.ended()) << path << " seed " << seed << "\n" << told(play);
      ASSERT_EQ(play.broken, "") << path << " seed " << seed << "\n" << told(play);
      longest = std::max(longest, play.transitions.size());
    }
    EXPECT_GE(longest, 2u) << path << ": the schedules never get anywhere";
  }
}

TEST(EscrowProperty, SilenceAloneEndsEveryContract) {
  for (auto const& path : contracts) {
    Play play(terms_of(path), start_ms);
    play.finish();
    EXPECT_TRUE(play.ended()) << path;
    EXPECT_TRUE(play.payouts.empty()) << path;
    EXPECT_LE(*play.contract().closed_ms, start_ms + 30 * base::day_ms) << path;
  }
}

TEST(EscrowProperty, LookingLaterChangesNothing) {
  for (auto const& path : contracts) {
    auto const terms = terms_of(path);
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      Chance chance(seed);
      Play eager(terms, start_ms);
      Play lazy(terms, start_ms);
      for (int i = 0; i < steps; ++i) {
        auto const kind = chance.below(10);
        auto const draw = chance.below(~std::uint64_t{0});
        for (auto* play : {&eager, &lazy}) {
          Chance same(draw);
          if (kind >= 7 || i < 6) {
            // What may be done is what the eager contract shows: both look before a party acts.
            play->run();
            make_act(*play, same);
          } else if (kind >= 2) {
            make_fact(*play, same);
            if (play == &eager) play->run();
          } else {
            play->advance(eager.now_ms() + (play == &eager ? same.below(5 * base::day_ms) : 0));
          }
        }
      }
      eager.finish();
      lazy.finish();
      ASSERT_EQ(told(eager), told(lazy)) << path << " seed " << seed;
      ASSERT_EQ(eager.payouts, lazy.payouts) << path << " seed " << seed;
    }
  }
}

}  // namespace contracts::escrow::test
