// SPDX-License-Identifier: Apache-2.0
#pragma once

// A network of cores in one thread: one seed, one event queue, a small host around each core, liars among them, and a
// judge who sees every output and knows the safety properties of the protocol. Shared by the tests of this room.

#include <functional>
#include <map>
#include <queue>
#include <set>
#include <string>

#include "consensus/core.hpp"

namespace consensus::test {

/// SplitMix64: the same numbers with every library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// 0 .. bound - 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

/// What the liars of a world do, each of them all of it.
struct Lies {
  /// Signs Notarize, Nullify and Finalize for everything it hears of.
  bool signs_all = false;
  /// Sends one half another block than the other.
  bool equivocates = false;
  /// Proposes on an older block than it should.
  bool skips_back = false;
  /// Its blocks have payloads that do not fit the header; its answers to sync are invented.
  bool corrupts = false;
  bool silent = false;
  /// Never starts.
  bool dead = false;
};

struct Scenario {
  std::uint64_t seed = 1;
  std::size_t validators = 4;
  /// The first places lie.
  std::size_t liars = 0;
  Lies lies;
  /// The last places compute other results after each restart; they count as faulty, but must not lie.
  std::size_t divergent = 0;
  /// While faults last: lost, doubled and late messages, partitions, crashes.
  std::uint64_t chaos_ms = 6'000;
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  std::uint64_t delay_ms_max = 20;
  bool partitions = false;
  /// Of all steps, in ten thousand.
  unsigned crashes = 0;
  /// The chaos ends with a crash of all at once.
  bool all_crash = false;
  /// After that faults stop; within this time all must have decided the same and everything.
  std::uint64_t calm_ms = 20'000;
  std::uint64_t transaction_every_ms = 150;
  /// Clocks of up to f nodes are wrong.
  bool skewed_clocks = false;
  Parameters parameters{150, 2'000, 64 << 10};
  Mutants mutants = cheap();
  static Mutants cheap() {
    Mutants out;
    out.cheap_signatures = true;
    return out;
  }
};

/// What everybody did, judged. Holds for liars' certificates too, since a quorum has honest signers.
class Judge {
 public:
  std::vector<std::string> violations;
  /// Only forks count (P1, P2), not the votes and certificates that lead to them.
  bool forks_only = false;
  /// What must be durable before a vote leaves is not looked at.
  bool trusts_disks = false;
  /// P12: nobody accuses them.
  std::set<base::ValidatorKey> honest;
  std::set<std::pair<base::ValidatorKey, crypto::Offence>> accused;

  void saw_accusation(crypto::Evidence const& evidence);
  void saw_vote(Place place, Vote const& vote);
  void saw_certificate(Certificate const& certificate);
  void saw_decision(Place place, Block const& block);
  void executed(Hash const& result, Hash const& parent_result, Header const& header);

 private:
  void fail(std::string text);
  std::map<std::pair<Place, View>, Hash> notarized_, finalized_;
  std::set<std::pair<Place, View>> nullified_;
  std::map<std::pair<Place, Hash>, Hash> signed_results_;
  /// By result: the parent and its result.
  std::map<Hash, std::pair<Hash, Hash>> before_;
  std::set<View> nullifications_;
  std::map<View, Ballot> finalizations_;
  void saw_result(Height height, Hash const& block, Hash const& result);
  std::map<Height, std::pair<Hash, Hash>> final_at_;
  std::map<Height, Header> decided_;
};

class Network {
 public:
  explicit Network(Scenario scenario);

  /// Chaos, then calm. True when nothing was violated and all honest nodes agree on everything in the end.
  bool run();
  /// Advances to this time of the world.
  void run_until(std::uint64_t at_ms);
  void submit(std::uint64_t transaction);
  void crash(Place place);
  void restart(Place place);
  bool converged() const;

  Core& core(Place place) { return *nodes_[place].core; }
  std::vector<SharedBlock> const& log(Place place) const { return nodes_[place].log; }
  Judge& judge() { return judge_; }
  /// A hash over every output of every node.
  Hash const& trace() const { return trace_; }
  std::uint64_t now_ms() const { return now_ms_; }
  std::uint64_t steps() const { return steps_; }

  /// Messages for which it says false are lost; called after the network's own faults.
  std::function<bool(Place from, Place to, Envelope const&)> passes;
  /// Salts the results that a node computes: 0 is the right result.
  std::function<std::uint64_t(Place, unsigned incarnation)> diverges;
  /// Nodes that may halt and need not converge.
  std::set<Place> excused;

 private:
  struct Node {
    std::unique_ptr<Core> core;
    bool halted = false;
    unsigned incarnation = 0;
    std::uint64_t timer = 0;
    std::int64_t skew_ms = 0;
    bool working = false;
    // Durable.
    std::vector<Record> records;
    std::map<Hash, SharedBlock> saved;
    std::vector<SharedBlock> log;
    std::map<Height, Certificate> certificates;
    // Lost in a crash.
    std::map<Hash, SharedBlock> held;
    std::map<Hash, Hash> results;
    std::set<std::uint64_t> pool;
    std::set<std::uint64_t> done;
  };
  struct Event {
    std::uint64_t at_ms;
    std::uint64_t number;
    std::function<void()> act;
    bool operator<(Event const& other) const { return std::tie(other.at_ms, other.number) < std::tie(at_ms, number); }
  };

  void at(std::uint64_t at_ms, std::function<void()> act);
  void later(Place place, std::uint64_t delay_ms, decltype(Input::event) event);
  void feed(Place place, decltype(Input::event) event);
  void perform(Place place, Outputs outputs);
  void perform_one(Place place, Output const& output);
  void observe(Place place, Output const& output);
  void check_durable(Place place, Vote const& vote);
  void transmit(Place from, Place to, std::shared_ptr<Envelope const> envelope);
  void spread(Place from, Envelope const& envelope);
  void prepare(Place place, NeedProposal const& need);
  void execute(Place place, SharedBlock const& block);
  void decide(Place place, Decided const& decided);
  void serve(Place place, ServeBlocks const& serve);
  void note_workload(Place place);
  Tip tip_of(Node const& node) const;
  bool lies(Place place) const { return place < scenario_.liars; }
  bool in_chaos() const { return now_ms_ < scenario_.chaos_ms; }
  bool connected(Place a, Place b) const;

  // network_liar_test.cpp
  void overhear(Place liar, Envelope const& envelope);
  void sign_all(Place liar, Ballot ballot);
  void lie_as_leader(Place liar, Propose const& propose);
  void skip_back(Propose& propose);
  void forge_blocks(Place liar, ServeBlocks const& serve);
  Vote sign(Place place, Ballot const& ballot) const;
  std::vector<Certificate> certificates_heard_;
  std::set<std::pair<Place, Hash>> signed_by_liars_;
  std::map<Hash, SharedBlock> blocks_seen_;

  Scenario scenario_;
  Random random_;
  Config config_;
  std::vector<crypto::ValidatorSecret> secrets_;
  std::vector<Node> nodes_;
  std::priority_queue<Event> events_;
  Judge judge_;
  Hash trace_;
  Hash genesis_result_;
  std::uint64_t now_ms_ = 0, events_made_ = 0, transactions_made_ = 0, steps_ = 0;
  std::uint64_t sides_ = 0;
};

Vote signed_vote(Config const& config, crypto::ValidatorSecret const& secret, Place place, Ballot const& ballot);
/// n validators with the secrets 1, 2, ...; ready to give an identity to.
Config make_config(std::size_t validators, std::vector<crypto::ValidatorSecret>& secrets, bool cheap);
Tip make_genesis(Config const& config);

}  // namespace consensus::test
