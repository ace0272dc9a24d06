// SPDX-License-Identifier: Apache-2.0
#pragma once

// A network of real replicas in one thread: one seed, one event queue, simulated clocks, network, disks and workers.

#include <queue>

#include "clients.hpp"
#include "equivocations.hpp"
#include "liar.hpp"
#include "machine.hpp"
#include "membership.hpp"
#include "scenario.hpp"

namespace sim {

class World {
 public:
  explicit World(Scenario scenario);
  ~World();

  /// Chaos, then calm: what was found is with the judge.
  void run();
  void run_until(std::uint64_t at_ms);
  /// Everything that every machine sent and showed, in order.
  Hash const& trace() const { return trace_; }
  std::uint64_t now_ms() const { return now_ms_; }
  TimeMs wall_ms() const { return world_start_ms + 1'000 + now_ms_; }
  std::uint64_t messages() const { return messages_; }
  Equivocations const& equivocations() const { return equivocations_; }

  Random& random() { return random_; }
  Judge& judge() { return judge_; }
  Clients& clients() { return clients_; }
  std::size_t machines() const { return machines_.size(); }
  Machine& machine(std::size_t index) { return *machines_[index]; }
  /// In the first epoch.
  Place leader(consensus::View view) const;
  /// The genesis's places in the order of this set, those outside it last.
  std::vector<Place> order_of(crypto::ValidatorSet const& validators) const;
  void crash(Machine& machine, bool power_fails);
  /// It never comes back.
  void bury(Machine& machine);
  /// It may halt, fail to start, and need not follow.
  void excuse(Machine const& machine) { excused_.insert(machine.index()); }
  bool is_excused(Machine const& machine) const { return excused_.contains(machine.index()); }

  /// Views, heights, pools in words, for findings.
  std::string state_of_all() const;

  /// Messages for which it says false are lost.
  std::function<bool(Machine const& from, Machine const& to, node::Frame const& frame)> passes;
  /// How long a message takes; absent: the scenario's chance.
  std::function<std::uint64_t(Machine const& from, Machine const& to)> delay_ms;
  /// Whether a crash is one of the power; absent: chance.
  std::optional<bool> crashes_lose_power;
  /// Each certified state that a machine shows.
  std::function<void(Machine const& machine, ledger::Certified const& certified)> shown;
  /// Called with the time and one line for each thing of note.
  std::function<void(std::uint64_t now_ms, std::string const& line)> narrate;

  // For machines.
  void at(std::uint64_t at_ms, std::function<void()> act);
  void may_crash(Machine const& machine);
  bool write_fails(Machine const& machine);
  void crashed(Machine& machine);
  void cannot_open(Machine& machine, std::string const& why);
  void published(Machine const& machine, ledger::Certified const& certified);
  /// To the machines of this place of the genesis, or to all others.
  void send(Machine const& from, std::optional<Place> to, SharedBytes const& frame);
  bool is_connected(Machine const& from, Place place) const;
  std::uint64_t work_ms_max() const { return in_chaos() ? scenario_.work_ms_max : 8; }
  node::ReplicaSetup setup_of(Machine& machine);

 private:
  struct Event {
    std::uint64_t at_ms;
    std::uint64_t number;
    std::function<void()> act;
    bool operator<(Event const& other) const { return std::tie(other.at_ms, other.number) < std::tie(at_ms, number); }
  };

  bool in_chaos() const { return now_ms_ < scenario_.chaos_ms; }
  bool has_twin(Place place) const { return scenario_.twin && place == 0; }
  bool is_liar(Machine const& machine) const { return scenario_.liar && machine.place() == 1; }
  void start_at(std::uint64_t at_ms, Machine& machine);
  bool must_follow(Machine const& machine) const;
  void tell(std::string const& line) const;
  void observe(Machine const& from, node::Frame const& frame, SharedBytes const& bytes);
  void observe(Machine const& from, consensus::Envelope const& envelope);
  void transmit(Machine const& from, Machine& to, SharedBytes const& frame, node::Frame const& read);
  void log(Machine const& machine, std::string_view level, std::string const& text);
  void accused(Machine& machine, crypto::Evidence const& evidence);
  void deliver(Machine const& from, Machine& to, SharedBytes const& frame,
               std::optional<Equivocations::Said> const& said);
  void rejoins(Machine& machine, base::ValidatorKey const& key, Hash const& loss);

  // world_faults.cpp: the two phases.
  void disturb();
  void disturb_network();
  void disturb_clocks();
  void disturb_journals();
  void change_membership();
  void check_bounds();
  void heal();
  void calm();
  bool drained();
  bool all_vote() const;
  std::pair<std::uint64_t, consensus::View> moment_max() const;
  Height height_max() const;
  void check_end();
  void check_phone();

  Scenario scenario_;
  Random random_;
  std::uint64_t now_ms_ = 0, events_made_ = 0, messages_ = 0;
  std::vector<crypto::ValidatorSecret> secrets_;
  ledger::Genesis genesis_;
  Hash seed_;
  Membership membership_;
  /// What was asked for and voted for last, until both are decided.
  std::optional<std::pair<Draft, Draft>> change_;
  Judge judge_;
  Clients clients_;
  std::optional<Liar> liar_;
  Equivocations equivocations_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::priority_queue<Event> events_;
  Hash trace_;
  std::set<std::size_t> excused_, buried_;
  /// A second journal is to be lost yet.
  bool second_loss_ = false;
  /// By sender, the receivers that do not hear it, as bits.
  std::vector<std::uint32_t> cut_;
  /// Which machines talk with the first of the twins only; the others with the second. Nothing: all with both.
  std::optional<std::uint32_t> twin_sides_;
};

}  // namespace sim
