// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/escrow/arithmetic.hpp"
#include "contracts/escrow/explain.hpp"
#include "contracts/escrow/play_test.hpp"

namespace contracts::escrow::test {

namespace {

TimeMs at(std::string_view time) { return base::from_rfc3339(time).value(); }

constexpr char const* silk = "testnet/journeys/ESC-J1.json";
constexpr char const* tranches = "contracts/templates/03-milestone-tranches.json";
constexpr char const* signed_for = "contracts/templates/01-documentary-signed-for.json";

/// The silk escrow with its three deposits made: lanes m1, m2, m3.
Play funded(TimeMs start_ms = at("2026-06-25T00:00:00Z")) {
  Play play(terms_of(silk), start_ms);
  for (auto const* state : {"funding", "funding_m2", "funding_m3"}) play.happen(state, 0, std::nullopt);
  return play;
}

/// The trigger of a handover or milestone: by the roles' names.
std::size_t trigger(Play const& play, std::string_view actor, std::string_view to = "") {
  auto const& terms = play.terms();
  for (std::size_t i = 0; i < terms.triggers.size(); ++i) {
    auto const& one = terms.triggers[i];
    bool const handover = one.kind == ledger::WatchKind::handover;
    if (terms.roles[one.actor].name == actor && (handover ? terms.roles[one.to].name == to : to.empty())) return i;
  }
  ADD_FAILURE() << "no trigger of " << actor;
  return 0;
}

std::size_t role(Play const& play, std::string_view name) {
  auto const& roles = play.terms().roles;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles[i].name == name) return i;
  }
  ADD_FAILURE() << "no role " << name;
  return 0;
}

std::string refusal(Play& play, std::string_view state, std::size_t index, std::uint64_t value, std::string_view by) {
  auto const before = play.contract();
  auto const done = play.act(state, index, value, {role(play, by)});
  if (done) return "";
  EXPECT_EQ(play.contract(), before);
  return std::string(base::name(done.error().code)) + " " + done.error().field;
}

}  // namespace

TEST(EscrowBehaviour, DivisionRoundsAsNamed) {
  struct Line {
    i128 a, b, down, up, half_up;
  };
  for (auto const& line : {Line{7, 2, 3, 4, 4}, Line{-7, 2, -4, -3, -3}, Line{7, -2, -4, -3, -3}, Line{-7, -2, 3, 4, 4},
                           Line{1, 3, 0, 1, 0}, Line{2, 3, 0, 1, 1}, Line{-1, 3, -1, 0, 0}, Line{6, 3, 2, 2, 2}}) {
    EXPECT_EQ(div(line.a, line.b, Round::down), line.down);
    EXPECT_EQ(div(line.a, line.b, Round::up), line.up);
    EXPECT_EQ(div(line.a, line.b, Round::half_up), line.half_up);
  }
  EXPECT_FALSE(div(1, 0, Round::down));
  i128 const most = (~static_cast<base::u128>(0)) >> 1;
  EXPECT_FALSE(add(most, 1));
  EXPECT_FALSE(mul(most, 2));
  EXPECT_FALSE(div(-most - 1, -1, Round::down));
}

TEST(EscrowBehaviour, DaysCountFromTheNamedTime) {
  auto const since = at("2026-08-20T00:00:00Z");
  EXPECT_EQ(days_between(since, 0, since - 1, 5, Round::up), 0);
  EXPECT_EQ(days_between(since, 0, since, 5, Round::up), 0);
  EXPECT_EQ(days_between(since, 0, since + 1, 5, Round::up), 1);
  EXPECT_EQ(days_between(since, 0, since + base::day_ms, 5, Round::up), 1);
  EXPECT_EQ(days_between(since, 0, since + base::day_ms - 1, 5, Round::down), 0);
  EXPECT_EQ(days_between(since, 0, since + 9 * base::day_ms, 5, Round::up), 5);
  EXPECT_EQ(days_between(since, 2 * base::day_ms, since + 3 * base::day_ms, 5, Round::up), 1);
}

TEST(EscrowBehaviour, EarlyMilestoneIsNotLost) {
  Play play(terms_of(tranches), at("2026-01-01T00:00:00Z"));
  auto const& terms = play.terms();
  // The inspection is recorded before the start of production.
  for (std::size_t i = 0; i < terms.triggers.size(); ++i) {
    if (terms.triggers[i].word == "inspecting") play.milestone(i, "conformant");
  }
  EXPECT_EQ(play.run(), 0u);
  play.happen("funding", 0, std::nullopt);
  EXPECT_TRUE(play.stands_in("production"));
  play.advance(at("2026-01-09T00:00:00Z"));
  play.happen("production", 0, std::nullopt);
  EXPECT_TRUE(play.stands_in("shipment"));
  // It counts from when it could count.
  EXPECT_EQ(play.contract().lanes[0].entered.time_ms, at("2026-01-09T00:00:00Z"));
  EXPECT_EQ(play.payouts["maker:USD"], 3500000u);
}

TEST(EscrowBehaviour, FactFiresOnceInALane) {
  auto play = funded();
  auto const delivery = trigger(play, "carrier", "warehouse");
  play.advance(at("2026-08-13T07:10:00Z"));
  play.accept(delivery, 500'000'000);
  EXPECT_EQ(play.run(), 2u);  // one in the lane of m2, one in the lane of m3
  EXPECT_EQ(play.run(), 0u);
  EXPECT_EQ(play.payouts["seller:EUR"], 435000u);
  EXPECT_EQ(play.titles.size(), 1u);
  play.accept(delivery, 1500'000'000);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_EQ(play.payouts["seller:EUR"], 1740000u);
  // All pieces are taken: a further delivery finds its condition false.
  play.accept(delivery, 1'000'000);
  EXPECT_EQ(play.run(), 0u);
}

TEST(EscrowBehaviour, QuantityIsFlooredAndBounded) {
  auto play = funded();
  auto const delivery = trigger(play, "carrier", "warehouse");
  play.advance(at("2026-08-13T07:10:00Z"));
  play.accept(delivery, 2001'000'000);  // beyond the bounds
  play.accept(delivery, 999'999);       // less than one piece
  play.accept(delivery, 5'000'000, "KGM");
  EXPECT_EQ(play.run(), 1u);  // m3 asks for no quantity
  EXPECT_FALSE(play.payouts.contains("seller:EUR"));
  play.accept(delivery, 1'999'999);
  EXPECT_EQ(play.run(), 1u);
  EXPECT_EQ(play.payouts["seller:EUR"], 870u);
}

TEST(EscrowBehaviour, EventAtTheDeadlineIsLate) {
  Play play(terms_of(signed_for), at("2026-01-01T00:00:00Z"));
  play.happen("funding", 0, std::nullopt);
  auto const due = play.contract().lanes[0].due_ms;
  EXPECT_EQ(due, at("2026-01-31T00:00:00Z"));
  play.milestone(trigger(play, "carrier"), "in_progress");  // recorded in time, but not looked at
  Play late(terms_of(signed_for), at("2026-01-01T00:00:00Z"));
  late.happen("funding", 0, std::nullopt);
  late.advance(due);
  late.milestone(trigger(late, "carrier"), "in_progress");
  EXPECT_EQ(late.run(), 0u);
  EXPECT_EQ(late.payouts["buyer:USD"], 1000000u);
  play.advance(due);
  EXPECT_TRUE(play.stands_in("arbitration") || play.payouts["seller:USD"] == 1000000u);
}

TEST(EscrowBehaviour, FactOutsideItsAgeOrDispositionDoesNotMatch) {
  Play play(terms_of(signed_for), at("2026-01-01T00:00:00Z"));
  play.happen("funding", 0, std::nullopt);
  play.advance(at("2026-01-10T00:00:00Z"));
  auto const receiving = trigger(play, "carrier");
  play.milestone(receiving, "in_progress", 3 * base::day_ms + 1);
  play.milestone(receiving, "damaged");
  EXPECT_EQ(play.run(), 0u);
  play.milestone(receiving, "in_progress", 3 * base::day_ms);
  EXPECT_EQ(play.run(), 1u);
}

TEST(EscrowBehaviour, PastDeadlineFiresOnEntry) {
  auto play = funded(at("2026-12-01T00:00:00Z"));
  EXPECT_TRUE(play.ended());
  EXPECT_EQ(play.payouts, (std::map<std::string, Amount>{{"buyer:EUR", 2900000}}));
  EXPECT_EQ(play.contract().closed_ms, at("2026-12-01T00:00:00Z"));
}

TEST(EscrowBehaviour, DeadlinesCountFromWhenTheyWereDue) {
  auto play = funded();
  play.advance(at("2026-08-13T00:00:00Z"));
  play.offer(trigger(play, "carrier", "warehouse"));
  // Nobody looks for a year; the windows still follow one another at their own times.
  play.advance(at("2027-08-13T00:00:00Z"));
  EXPECT_TRUE(play.ended());
  EXPECT_EQ(play.contract().closed_ms, at("2026-09-19T00:00:00Z"));
  EXPECT_EQ(play.payouts["seller:EUR"], 1015000u);
}

TEST(EscrowBehaviour, WithdrawnOfferIsNoSilence) {
  auto play = funded();
  auto const delivery = trigger(play, "carrier", "warehouse");
  play.advance(at("2026-08-13T00:00:00Z"));
  play.offer(delivery);
  play.reject(delivery);
  play.advance(at("2026-09-05T00:00:00Z"));
  EXPECT_TRUE(play.ended());
  // Rejected once, offered again: silence.
  auto again = funded();
  again.advance(at("2026-08-13T00:00:00Z"));
  again.offer(delivery);
  again.reject(delivery);
  again.offer(delivery);
  again.advance(at("2026-09-05T00:00:00Z"));
  EXPECT_TRUE(again.stands_in("arbitration_m2_silence"));
  EXPECT_TRUE(again.stands_in("arbitration_m3_silence"));
}

TEST(EscrowBehaviour, TwoOfThreeArbitersMustAgree) {
  auto play = funded();
  play.advance(at("2026-08-13T00:00:00Z"));
  EXPECT_EQ(refusal(play, "m2", 1, 0, "seller"), "E_NOT_PARTY case_index");
  EXPECT_EQ(refusal(play, "m2", 0, 5, "seller"), "E_NO_CASE case_index");
  EXPECT_EQ(refusal(play, "m2", 9, 0, "buyer"), "E_NO_CASE case_index");
  EXPECT_EQ(refusal(play, "m3_run", 0, 0, "buyer"), "E_NO_CASE state");
  EXPECT_EQ(refusal(play, "m2", 1, 7, "buyer"), "E_NO_CASE value");
  EXPECT_EQ(refusal(play, "m2", 1, 0, "buyer"), "");
  EXPECT_EQ(play.deposits["buyer:EUR"], 2950000u);

  auto const* state = "arbitration_m2_buyer";
  EXPECT_EQ(refusal(play, state, 0, 10001, "arbiter1"), "E_NO_CASE value");
  EXPECT_EQ(refusal(play, state, 0, 4000, "buyer"), "E_NOT_PARTY case_index");
  EXPECT_EQ(refusal(play, state, 0, 4000, "arbiter1"), "");
  EXPECT_EQ(refusal(play, state, 0, 6000, "arbiter2"), "");
  EXPECT_EQ(refusal(play, state, 0, 6000, "arbiter2"), "");  // the same voter twice is one vote
  EXPECT_TRUE(play.stands_in(state));
  EXPECT_EQ(refusal(play, state, 0, 6000, "arbiter1"), "");  // replaces his vote
  EXPECT_FALSE(play.stands_in(state));
  // 60 % of 17,400.00, and the bond because the buyer lost.
  EXPECT_EQ(play.payouts["seller:EUR"], 1044000u + 50000u);
  EXPECT_TRUE(play.stands_in("m3"));
}

TEST(EscrowBehaviour, FactsCountAtTheirOwnTimeHoweverLateTheyAreLookedAt) {
  auto play = funded();
  play.advance(at("2026-08-22T12:00:00Z"));
  play.accept(trigger(play, "carrier", "warehouse"), 2000'000'000);
  play.advance(at("2027-01-01T00:00:00Z"));  // past the deadlines, which come after the fact
  EXPECT_EQ(play.payouts["seller:EUR"], 1740000u * 97 / 100 + 290000u);
  EXPECT_EQ(play.broken, "");
}

TEST(EscrowBehaviour, ExplanationSaysWhatIsAndWhatFollows) {
  auto play = funded();
  Naming naming;
  for (auto const& one : play.terms().roles) naming.parties.push_back("the " + one.name);
  naming.scales = {2};
  auto const told = explain(play.terms(), play.contract(), naming, Language::en);
  ASSERT_EQ(told.rows.size(), 3u + 3u + 6u);
  EXPECT_EQ(told.rows[0].text, "8,700.00 paid in by the buyer");
  EXPECT_EQ(told.rows[4].state, "m2");
  EXPECT_EQ(told.rows[4].text, "m2 17,400.00 held");
  EXPECT_EQ(told.rows[4].time_ms, at("2026-09-05T00:00:00Z"));
  EXPECT_EQ(told.ahead[0].text,
            "the seller and the carrier both sign the handover of goods; the customsExport records "
            "tally:customs_export of goods");
  EXPECT_EQ(told.ahead[0].results, (std::vector<std::string>{"all of m1 to the seller",
                                                             "then this part ends; what is left goes to the buyer"}));
  auto const lines = told.ahead[5].results;  // the deadline of m2
  EXPECT_EQ(lines, (std::vector<std::string>{"an offer is open", "then arbitration_m2_silence", "otherwise",
                                             "then this part ends; what is left goes to the buyer"}));
  ASSERT_EQ(told.sums.size(), 1u);
  EXPECT_EQ(told.sums[0].paid_in, "29,000.00");
  EXPECT_EQ(told.sums[0].held, "29,000.00");
  EXPECT_EQ(told.acts[0].party, "the seller");
  auto const chinese = explain(play.terms(), play.contract(), naming, Language::zh);
  EXPECT_EQ(chinese.rows[4].text, "m2 托管中 17,400.00");
  play.finish();
  auto const end = explain(play.terms(), play.contract(), naming, Language::en);
  EXPECT_TRUE(end.ended);
  EXPECT_TRUE(end.ahead.empty() && end.acts.empty());
  for (auto const& row : end.rows) EXPECT_NE(row.text, "") << row.state;
  EXPECT_EQ(end.sums[0].paid_out, "29,000.00");
  EXPECT_EQ(grouped(5, 2), "0.05");
  EXPECT_EQ(grouped(1234567, 0), "1,234,567");
}

}  // namespace contracts::escrow::test
