// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/play_test.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "contracts/escrow/arithmetic.hpp"
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

Play::Play(Terms terms, TimeMs start_ms) : terms_(std::move(terms)), now_ms_(start_ms), facts_(terms_.triggers.size()) {
  std::vector<ledger::RoleBinding> parties;
  for (auto const& role : terms_.roles) parties.push_back({role.name, ledger::party_id(role.name)});
  contract_ = start(terms_, std::move(parties), {start_ms, log_++});
  run();
}

std::string Play::only_state() const {
  std::string out;
  for (auto const& lane : contract_.lanes) {
    if (lane.closed()) continue;
    EXPECT_TRUE(out.empty()) << "more than one lane";
    out = lane.state;
  }
  return out;
}

bool Play::stands_in(std::string_view state) const {
  return std::any_of(contract_.lanes.begin(), contract_.lanes.end(),
                     [&](auto const& lane) { return lane.state == state; });
}

FactsOf Play::facts() const {
  return [this](std::size_t trigger) -> std::vector<ledger::FactEntry> const& { return facts_[trigger]; };
}

void Play::take(Transition transition) {
  auto const key = [&](std::size_t role, std::size_t pot) {
    return terms_.roles[role].name + ":" + terms_.assets[terms_.pots[pot].asset].symbol;
  };
  for (auto const& effect : transition.effects) {
    if (auto const* in = std::get_if<Deposit>(&effect)) deposits[key(in->role, in->pot)] += in->amount;
    if (auto const* out = std::get_if<Payout>(&effect)) payouts[key(out->role, out->pot)] += out->amount;
    if (auto const* title = std::get_if<TitlePass>(&effect)) titles.push_back(*title);
  }
  transitions.push_back(std::move(transition));

  // Conservation per asset, after each transition: paid in = held + paid out; the same from the record's totals.
  std::map<std::string, Amount> in;
  std::map<std::string, Amount> out;
  for (auto const& [name, amount] : deposits) in[name.substr(name.find(':') + 1)] += amount;
  for (auto const& [name, amount] : payouts) out[name.substr(name.find(':') + 1)] += amount;
  for (std::size_t i = 0; i < terms_.pots.size(); ++i) {
    auto const& pot = terms_.pots[i];
    out[terms_.assets[pot.asset].symbol] += contract_.pots[i].amount;
    if (contract_.pots[i].amount > pot.cap && broken.empty()) broken = "pot " + pot.name + " above its cap";
    if (ended() && contract_.pots[i].amount != 0 && broken.empty()) broken = "pot " + pot.name + " is left over";
  }
  for (auto const& asset : terms_.assets) {
    if (in[asset.symbol] != out[asset.symbol] && broken.empty()) broken = asset.symbol + " is not conserved";
  }
  for (auto const& total : contract_.totals) {
    auto const symbol = std::find_if(terms_.assets.begin(), terms_.assets.end(), [&](auto const& asset) {
                          return asset.id == total.asset;
                        })->symbol;
    auto const name = total.role + ":" + symbol;
    bool const agrees = (deposits.contains(name) ? deposits[name] : 0) == total.paid_in &&
                        (payouts.contains(name) ? payouts[name] : 0) == total.paid_out;
    if (!agrees && broken.empty()) broken = "the totals of " + name;
  }
}

void Play::advance(TimeMs to_ms) {
  while (auto transition = next(terms_, contract_, facts(), to_ms)) take(*std::move(transition));
  now_ms_ = std::max(now_ms_, to_ms);
}

void Play::finish() { advance(~TimeMs{0} >> 1); }

std::size_t Play::run() {
  std::size_t count = 0;
  for (; auto transition = next(terms_, contract_, facts(), 0); ++count) take(*std::move(transition));
  return count;
}

void Play::record(std::size_t trigger, ledger::FactEntry fact) {
  fact.recorded = {now_ms_, log_++};
  if (fact.event_ms == 0) fact.event_ms = now_ms_;
  facts_[trigger].push_back(std::move(fact));
}

Hash Play::next_offer() { return crypto::sha256(base::bytes_of("offer" + std::to_string(log_))); }

void Play::milestone(std::size_t trigger, std::string const& disposition, TimeMs age_ms) {
  ledger::FactEntry fact;
  fact.disposition = disposition;
  fact.event_ms = now_ms_ - age_ms;
  record(trigger, std::move(fact));
}

void Play::offer(std::size_t trigger) {
  ledger::FactEntry fact;
  fact.answer = ledger::FactAnswer::offered;
  fact.offer = next_offer();
  open_offers_[trigger] = fact.offer;
  record(trigger, std::move(fact));
}

void Play::accept(std::size_t trigger, base::Micro micro, std::string const& unit) {
  if (!has_open_offer(trigger)) offer(trigger);
  ledger::FactEntry fact;
  fact.answer = ledger::FactAnswer::accepted;
  fact.offer = open_offers_.extract(trigger).mapped();
  fact.quantity = micro;
  fact.unit = unit;
  record(trigger, std::move(fact));
}

void Play::reject(std::size_t trigger) {
  if (!has_open_offer(trigger)) offer(trigger);
  ledger::FactEntry fact;
  fact.answer = ledger::FactAnswer::rejected;
  fact.offer = open_offers_.extract(trigger).mapped();
  record(trigger, std::move(fact));
}

Result<std::optional<Transition>> Play::act(std::string_view state, std::size_t case_index, std::uint64_t value,
                                            std::vector<std::size_t> roles) {
  run();
  auto done = escrow::act(terms_, contract_, facts(), {state, case_index, value, std::move(roles), {now_ms_, log_++}});
  if (!done) return done;
  if (*done) take(**done);
  run();
  return done;
}

void Play::happen_fact(FactPattern const& pattern, std::optional<std::uint64_t> value) {
  if (terms_.triggers[pattern.trigger].kind == ledger::WatchKind::milestone) {
    return milestone(pattern.trigger, pattern.disposition);
  }
  if (pattern.wanted == Wanted::rejected) return reject(pattern.trigger);
  auto const pieces = pattern.has_value ? value.value_or(static_cast<std::uint64_t>(pattern.low)) : value.value_or(1);
  accept(pattern.trigger, pieces * 1'000'000, pattern.unit);
}

void Play::happen(std::string const& state, std::size_t case_index, std::optional<std::uint64_t> value) {
  auto const& event = terms_.states[terms_.state(state).value()].cases[case_index].event;
  if (auto const* fact = std::get_if<FactEvent>(&event)) {
    for (auto const& pattern : fact->facts) happen_fact(pattern, value);
    run();
    return;
  }
  auto const roles = roles_of(event);
  if (std::holds_alternative<DepositEvent>(event)) {
    auto const done = act(state, case_index, 0, roles);
    EXPECT_TRUE(done) << state << ": " << base::to_string(done.error());
    return;
  }
  auto const& vote = std::get<VoteEvent>(event);
  for (std::size_t i = 0; i < vote.needed; ++i) {
    auto const done = act(state, case_index, value.value_or(static_cast<std::uint64_t>(vote.low)), {roles[i]});
    EXPECT_TRUE(done) << state << ": " << base::to_string(done.error());
  }
}

}  // namespace contracts::escrow::test
