// SPDX-License-Identifier: Apache-2.0
#pragma once

// Four replicas in one thread, with simulated time, network, workers and disks, for the tests of this room.

#include <queue>

#include "crypto/party.hpp"
#include "node/disk_store.hpp"
#include "node/joiner.hpp"
#include "node/replica.hpp"
#include "node/shelf.hpp"
#include "node/wire.hpp"
#include "storage/memory_folder_test.hpp"

namespace node::test {

/// Everything that survives a crash of one node.
struct Disk {
  storage::test::MemoryFolder log, journal, shelf, incoming;
  std::map<Bytes, Bytes> records;
  std::optional<Height> applied;
  std::uint64_t free_bytes = std::uint64_t{100} << 30;
};

class Cluster {
 public:
  static constexpr std::size_t nodes = 4;
  /// A machine whose key the genesis does not name.
  static constexpr Place newcomer = nodes;
  Cluster();
  ~Cluster();

  /// Opens the node's disk and starts it; the error of opening otherwise.
  Result<void> start(Place place);
  void start_all();
  /// The node is gone; what it had not synced is lost.
  void crash(Place place);
  /// Lets time pass.
  void run(std::uint64_t ms);
  /// Lets time pass until all running nodes have decided this height and nothing waits; false after a minute.
  bool run_to(Height height);

  Replica& node(Place place) { return *nodes_[place].replica; }
  Store const& store(Place place) const { return *nodes_[place].store; }
  bool is_up(Place place) const { return nodes_[place].replica != nullptr; }
  Disk& disk(Place place) { return nodes_[place].disk; }
  std::vector<std::string>& log(Place place) { return nodes_[place].log; }
  std::uint64_t now_ms() const { return now_ms_; }
  /// Frames for which it says false are lost.
  std::function<bool(Place from, Place to)> passes = [](Place, Place) { return true; };

  /// What a node sends may be altered; where it says false, it is lost.
  std::function<bool(Place from, Place to, Frame& frame)> alters;
  /// From now on this node's answers to who is behind are altered, each in another way.
  void lies(Place liar);
  std::size_t lies_told = 0;
  /// Snapshots are taken over by who is so far behind; nothing: nobody makes or takes any.
  std::optional<Height> snapshot_behind;
  /// Blocks older than this are let go of.
  std::optional<std::uint64_t> keep_ms;
  Joiner& joiner(Place place) { return *nodes_[place].joiner; }
  /// Stops a node whose snapshot is all here, and starts it on that.
  Result<void> install(Place place);

  std::size_t short_payload_bytes_min = node::short_payload_bytes_min;
  /// Programs of these nodes see more on ALFA's account than is there, from their next block on.
  std::set<Place> miscounts;
  /// The newest version of the law that these nodes know; the others know all that there are.
  std::map<Place, std::uint32_t> knows;
  /// Nodes that start without their key, and keys that nodes have beside it.
  std::set<Place> observes;
  std::map<Place, crypto::ValidatorSecret> second_secrets;

  ledger::Genesis genesis;
  /// ALFA pays BETA; numbered, so that no two are the same.
  Bytes payment(std::uint64_t number, std::optional<Hash> after = std::nullopt) const;
  /// ALFA sets one unit aside for BETA until then; BETA's part is nothing but to wait.
  Bytes hold(TimeMs expires_ms) const;
  ledger::BalanceRecord balance_of_alfa(ledger::StateView const& state) const;
  /// Nodes report with this key what validators sign twice, and that they lost their journals.
  bool reports = false;
  /// What the operators of a node have put there.
  std::map<Place, std::vector<Recovery>> recoveries;
  /// Signed by BANK, whose validators all are.
  Bytes by_bank(std::vector<ledger::Operation> operations) const;
  Hash id_of(BytesView transaction) const;
  crypto::ValidatorSecret const& secret(Place place) const { return secrets_[place]; }
  static crypto::PartySecret secret_of_alfa();
  static base::PartyKey key_of_alfa();
  /// What a node answered to a submission, when it has.
  std::optional<Result<Hash>> submit(Place place, Bytes transaction);
  base::Amount paid(Place place) const;

 private:
  struct Node;
  struct Seams;
  struct Node {
    Disk disk;
    std::unique_ptr<Seams> seams;
    std::unique_ptr<DiskStore> store;
    std::unique_ptr<storage::Folder> shelf_folder, incoming;
    std::unique_ptr<Shelf> shelf;
    std::unique_ptr<Joiner> joiner;
    std::unique_ptr<Replica> replica;
    std::vector<std::string> log;
    /// Counts crashes: what was under way for an earlier life never arrives.
    unsigned life = 0;
    std::uint64_t wake_ms = 0;
  };
  struct Event {
    std::uint64_t at_ms;
    std::uint64_t number;
    std::function<void()> act;
    bool operator<(Event const& other) const { return std::tie(other.at_ms, other.number) < std::tie(at_ms, number); }
  };
  void open_snapshots(Place place, ReplicaSetup& setup);
  void tick(Place place);
  Place machine_of(base::ValidatorKey const& key) const;
  void after(std::uint64_t delay_ms, Place place, std::function<void()> act);
  void transmit(Place from, Place to, SharedBytes frame);
  std::uint64_t chance(std::uint64_t bound);

  std::vector<Node> nodes_;
  std::vector<crypto::ValidatorSecret> secrets_;
  std::priority_queue<Event> events_;
  std::uint64_t now_ms_ = 1'000;
  std::uint64_t made_ = 0;
  std::uint64_t random_ = 1;
};

}  // namespace node::test
