// SPDX-License-Identifier: Apache-2.0
#include "scripts.hpp"

#include "world.hpp"

namespace sim {

namespace {

using crypto::VoteKind;

/// What the script keeps of a scenario: its seed and what is planted in it.
Scenario plain(Scenario const& scenario) {
  Scenario out;
  out.seed = scenario.seed;
  out.mutants = scenario.mutants;
  out.unsynced_folder = scenario.unsynced_folder;
  out.short_proposals = scenario.short_proposals;
  out.chaos_ms = 0;
  return out;
}

consensus::Message const* message_of(node::Frame const& frame) {
  auto const* envelope = node::spoken(frame);
  return envelope == nullptr ? nullptr : &envelope->message;
}

template <class T>
bool is(node::Frame const& frame) {
  auto const* message = message_of(frame);
  return message != nullptr && std::holds_alternative<T>(*message);
}

std::optional<VoteKind> vote_kind(node::Frame const& frame) {
  auto const* message = message_of(frame);
  auto const* vote = message == nullptr ? nullptr : std::get_if<consensus::Vote>(message);
  if (vote == nullptr) return std::nullopt;
  return vote->ballot.kind;
}

/// Lets time pass until it holds; a script that does not come to its point is a finding of its own.
void run_until(World& world, std::function<bool()> const& holds) {
  auto const end_ms = world.now_ms() + 20'000;
  while (!holds() && world.now_ms() < end_ms) world.run_until(world.now_ms() + 1);
  if (!holds()) world.judge().fail("the script does not come to its point" + world.state_of_all());
}

/// P11 for these machines: a decision above this height.
void expect_decision(World& world, Height above, std::uint64_t within_ms, std::initializer_list<std::size_t> machines) {
  auto const end_ms = world.now_ms() + within_ms;
  auto const decided = [&] {
    return std::all_of(machines.begin(), machines.end(),
                       [&](auto index) { return world.machine(index).height() > above; });
  };
  while (!decided() && world.now_ms() < end_ms) {
    world.run_until(world.now_ms() + 50);
    if (world.now_ms() % 1'000 == 0) world.clients().send_again();
  }
  if (!decided()) world.judge().fail("P11: no decision within " + std::to_string(within_ms / 1'000) + " s");
}

/// After the first decision, when all are in one view and wait.
consensus::View idle_view(World& world, std::size_t machines) {
  auto const view = [&](std::size_t i) { return world.machine(i).replica().status().view; };
  run_until(world, [&] {
    bool same = true;
    for (std::size_t i = 0; i < machines; ++i) same = same && world.machine(i).height() > 0 && view(i) == view(0);
    return same;
  });
  world.run_until(world.now_ms() + 300);
  run_until(world, [&] {
    bool same = true;
    for (std::size_t i = 0; i < machines; ++i) same = same && view(i) == view(0);
    return same;
  });
  return view(0);
}

}  // namespace

Outcome play_divergence(Scenario const& scenario, bool verbose) {
  World world(plain(scenario));
  if (verbose) narrate(world);
  for (std::size_t i = 1; i < 4; ++i) world.excuse(world.machine(i));
  world.machine(3).disk.misreads = true;
  world.passes = [&](Machine const& from, Machine const& to, node::Frame const& frame) {
    return from.index() != 0 && (vote_kind(frame) != VoteKind::finalize || to.index() == 0);
  };
  world.run_until(100);
  // Not to the first: nobody would hear of it, and it would nullify what the others idle over.
  world.clients().send_next(1);
  run_until(world, [&] { return world.machine(0).height() > 0; });
  // The one that knows the certified result would stop the others.
  world.passes = [](Machine const& from, Machine const& to, node::Frame const&) {
    return from.index() != 0 && to.index() != 0;
  };
  for (std::size_t i = 1; i < 3; ++i) {
    world.crash(world.machine(i), true);
    world.machine(i).disk.misreads = true;
    world.machine(i).start();
  }
  world.clients().send_next();
  world.run_until(world.now_ms() + 20'000);
  return outcome_of(world);
}

Outcome play_crash_after_nullify(Scenario const& scenario, bool verbose) {
  World world(plain(scenario));
  if (verbose) narrate(world);
  world.run_until(100);
  world.bury(world.machine(0));
  std::set<std::size_t> nullified;
  world.passes = [&](Machine const& from, Machine const&, node::Frame const& frame) {
    if (vote_kind(frame) == VoteKind::nullify) nullified.insert(from.index());
    return false;
  };
  run_until(world, [&] { return nullified.size() == 3; });
  for (std::size_t i = 1; i < 4; ++i) world.crash(world.machine(i), true);
  world.passes = nullptr;
  for (std::size_t i = 1; i < 4; ++i) world.machine(i).start();
  world.clients().send_next();
  expect_decision(world, 0, 100'000, {1, 2, 3});
  return outcome_of(world);
}

Outcome play_crash_after_finalize(Scenario const& scenario, bool verbose) {
  World world(plain(scenario));
  if (verbose) narrate(world);
  auto const leader = world.leader(1);
  auto const liar = (leader + 1u) % 4, witness = (leader + 2u) % 4, other = (leader + 3u) % 4;
  bool finalized = false;
  std::set<std::size_t> nullified;
  world.passes = [&](Machine const& from, Machine const& to, node::Frame const& frame) {
    if (is<consensus::Propose>(frame)) return to.index() != other;
    auto const kind = vote_kind(frame);
    if (from.index() == witness && kind == VoteKind::finalize) finalized = true;
    if (kind == VoteKind::nullify) nullified.insert(from.index());
    return kind == VoteKind::notarize && (from.index() != liar || to.index() == witness);
  };
  run_until(world, [&] { return finalized; });
  world.crash(world.machine(witness), true);
  run_until(world, [&] { return nullified.contains(leader) && nullified.contains(other); });
  world.machine(witness).start();
  world.passes = [=](Machine const& from, Machine const&, node::Frame const&) { return from.index() != liar; };
  world.clients().send_next();
  expect_decision(world, 0, 100'000, {leader, witness, other});
  return outcome_of(world);
}

Outcome play_lost_journal(Scenario const& scenario, bool verbose) {
  World world(plain(scenario));
  if (verbose) narrate(world);
  world.run_until(100);
  world.clients().send_next(0);
  auto const view = idle_view(world, 4);
  auto const loser = world.leader(view + 1);
  bool proposed = false;
  auto const before = [&](Machine const& from, Machine const& to, node::Frame const& frame) {
    auto const* message = message_of(frame);
    auto const* propose = message == nullptr ? nullptr : std::get_if<consensus::Propose>(message);
    if (from.index() == loser && propose != nullptr && propose->view == view + 1) proposed = true;
    if (from.index() == loser) return false;
    return propose != nullptr || (to.index() == loser && vote_kind(frame) == VoteKind::notarize);
  };
  world.passes = before;
  world.clients().send_next(world.leader(view));
  run_until(world, [&] { return proposed; });
  auto& machine = world.machine(loser);
  machine.loses_journal = true;
  world.crash(machine, true);
  machine.start();
  world.run_until(world.now_ms() + 2'000);
  world.crash(machine, false);
  machine.start();
  // First how far they are, and only then what leads into the view: who enters late nullifies at once.
  bool enters = false;
  world.passes = [&](Machine const& from, Machine const& to, node::Frame const& frame) {
    if (from.index() == loser) return is<consensus::GetStatus>(frame) || is<consensus::GetBlock>(frame);
    if (to.index() != loser || is<consensus::StatusAnswer>(frame)) return to.index() == loser;
    return enters && (is<consensus::BlockAnswer>(frame) || vote_kind(frame) == VoteKind::notarize);
  };
  world.run_until(world.now_ms() + 2'500);
  enters = true;
  world.run_until(world.now_ms() + 3'500);
  world.passes = nullptr;
  world.clients().send_next();
  expect_decision(world, machine.height(), 100'000, {0, 1, 2, 3});
  run_until(world, [&] { return machine.replica().status().votes; });
  return outcome_of(world);
}

Outcome play_two_lost_journals(Scenario const& scenario, bool verbose) {
  auto chosen = plain(scenario);
  chosen.twin = true;
  World world(chosen);
  if (verbose) narrate(world);
  world.run_until(100);
  world.clients().send_next(1);
  auto const now = idle_view(world, 5);
  // The twin, whose place is 0, may lead any view but the one in question.
  auto const view = world.leader(now + 2) != 0 ? now : now + 1;
  std::size_t const loser = world.leader(view + 2), other = loser % 3 + 1;
  bool proposed = false;
  auto const inside = [=](Machine const& machine) {
    return machine.index() == 0 || machine.index() == loser || machine.index() == other;
  };
  world.passes = [&](Machine const& from, Machine const& to, node::Frame const& frame) {
    auto const* message = message_of(frame);
    auto const* propose = message == nullptr ? nullptr : std::get_if<consensus::Propose>(message);
    auto const* vote = message == nullptr ? nullptr : std::get_if<consensus::Vote>(message);
    auto const* news = message == nullptr ? nullptr : std::get_if<consensus::Certificates>(message);
    if (from.index() == loser && propose != nullptr && propose->view == view + 2) proposed = true;
    bool const nullifies = vote != nullptr && vote->ballot.kind == VoteKind::nullify;
    if (!inside(from) || !inside(to) || (!nullifies && news == nullptr)) return false;
    if (to.index() != other) return true;
    if (vote != nullptr) return vote->ballot.view <= view;
    return std::ranges::all_of(news->certificates,
                               [&](auto const& certificate) { return certificate.ballot.view <= view; });
  };
  for (std::size_t i : {std::size_t{0}, loser, other}) world.clients().send_next(i);
  run_until(world, [&] { return proposed; });
  world.passes = [](Machine const&, Machine const&, node::Frame const&) { return false; };
  for (std::size_t i : {loser, other}) {
    world.machine(i).loses_journal = true;
    world.crash(world.machine(i), true);
  }
  // What is under way yet would tell them.
  world.run_until(world.now_ms() + 100);
  for (std::size_t i : {loser, other}) world.machine(i).start();
  // The second of the twins tells how far it is, then the first what it holds.
  bool tells = false;
  world.passes = [&](Machine const& from, Machine const& to, node::Frame const& frame) {
    if (from.index() == 0) return tells && to.index() == loser && !is<consensus::StatusAnswer>(frame);
    if (from.index() == loser) return !is<consensus::Certificates>(frame) || to.index() == 0;
    return is<consensus::StatusAnswer>(frame) || is<consensus::GetStatus>(frame);
  };
  world.run_until(world.now_ms() + 2'500);
  tells = true;
  world.run_until(world.now_ms() + 10'000);
  return outcome_of(world);
}

Outcome play_long_failure(Scenario const& scenario, bool verbose) {
  World world(plain(scenario));
  if (verbose) narrate(world);
  world.passes = [](Machine const&, Machine const&, node::Frame const& frame) {
    return !is<consensus::Propose>(frame);
  };
  world.run_until(100);
  world.clients().send_next();
  world.run_until(1'200'000);
  world.passes = nullptr;
  world.clients().send_next();
  expect_decision(world, 0, 100'000, {0, 1, 2, 3});
  return outcome_of(world);
}

Outcome play_expulsion(Scenario const& scenario, bool verbose) {
  auto chosen = plain(scenario);
  chosen.twin = true;
  chosen.real_signatures = true;
  World world(chosen);
  if (verbose) narrate(world);
  auto const end_ms = world.now_ms() + 60'000;
  while (world.judge().validators().size() == 4 && world.now_ms() < end_ms) {
    if (world.now_ms() % 200 == 0) world.clients().send_next();
    world.run_until(world.now_ms() + 50);
  }
  if (world.judge().validators().size() == 4) world.judge().fail("P12: a validator that signs twice stays");
  world.clients().send_next();
  expect_decision(world, world.judge().height(), 20'000, {1, 2, 3});
  return outcome_of(world);
}

Outcome play_lost_gossip(Scenario const& scenario, bool verbose) {
  World world(plain(scenario));
  if (verbose) narrate(world);
  world.passes = [](Machine const&, Machine const&, node::Frame const& frame) {
    return !std::holds_alternative<node::GossipFrame>(frame);
  };
  world.run_until(100);
  for (std::size_t machine = 0; machine < world.machines(); ++machine) world.clients().send_next(machine);
  auto const end_ms = world.now_ms() + 60'000;
  while (!world.clients().are_content() && world.now_ms() < end_ms) world.run_until(world.now_ms() + 50);
  if (!world.clients().are_content()) world.judge().fail("P11: what one machine knows is not decided");
  return outcome_of(world);
}

}  // namespace sim
