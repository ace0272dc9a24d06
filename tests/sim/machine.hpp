// SPDX-License-Identifier: Apache-2.0
#pragma once

// One simulated machine: its clock, its network card, its workers, its disk, and the real replica that runs on it.

#include "disk.hpp"
#include "node/disk_store.hpp"
#include "node/replica.hpp"

namespace sim {

using base::TimeMs;
using node::Place;
using node::SharedBytes;

class World;

class Machine final : public node::Clock, public node::Transport, public node::Workers, public node::Store {
 public:
  Machine(World& world, std::size_t index, Place place);
  Machine(Machine const&) = delete;
  Machine& operator=(Machine const&) = delete;

  std::size_t index() const { return index_; }
  /// Its validator's in the genesis.
  Place place() const { return place_; }
  bool runs() const { return replica_ != nullptr; }
  /// How often it was started.
  unsigned starts() const { return starts_; }
  node::Replica const& replica() const { return *replica_; }
  /// Of the newest decision, 0 while it does not run.
  Height height() const;

  /// Opens the replica on what the disk holds, and starts it.
  void start();
  /// Ends the process; with the power, what was not synced is lost.
  void stop(bool power_fails);
  /// From the validator of this place in the genesis.
  void deliver(Place from, SharedBytes const& frame);
  void submit(Bytes transaction, node::Admission::Reply reply);
  /// At a time of the world, if the process still runs then.
  void at(std::uint64_t at_ms, std::function<void()> act);

  Disk disk;
  /// How far its wall clock is off.
  std::int64_t skew_ms = 0;
  std::uint64_t free_disk_bytes = std::uint64_t{1} << 40;
  /// Its journal is wiped at the next power failure after a decision.
  bool loses_journal = false;
  /// How often that has happened.
  unsigned lost_journals = 0;
  /// Its disk rots at the next stop after a decision.
  bool rots = false;
  /// Changes of its disk so far, and the one that it does not live to make; 0: none.
  std::uint64_t writes = 0, dies_at_write = 0;

  // The seams.
  std::uint64_t steady_ms() const override;
  TimeMs wall_ms() const override;
  void wake_at(std::uint64_t at_ms) override;
  void send(Place to, SharedBytes frame) override;
  void broadcast(SharedBytes frame) override;
  bool is_connected(Place place) const override;
  void members(std::vector<node::Member> const& validators, std::optional<Place> own) override;
  void run(Rank rank, std::function<void()> job, std::function<void()> done) override;
  node::Kept recover() override;
  void remember(std::vector<storage::Note> turn) override { store_->remember(std::move(turn)); }
  void decide(storage::Decision decision) override;
  std::shared_ptr<ledger::StateView const> apply(ledger::StateDiffs diffs, Height height) override;
  node::Result<std::optional<storage::Decision>> decision(Height height) const override;
  node::Result<bool> prune(std::function<bool(storage::Decision const&)> const& may_go, base::BytesView note) override {
    return store_->prune(may_go, note);
  }
  std::uint64_t free_bytes() const override { return free_disk_bytes; }

 private:
  /// Runs something of the replica; a Crash that comes out of it ends the process.
  template <class Act>
  void guard(Act const& act);
  node::Result<std::unique_ptr<node::Replica>> open();
  void tell_judge();

  World& world_;
  std::size_t index_;
  Place place_;
  unsigned starts_ = 0;
  std::uint64_t incarnation_ = 0;
  std::uint64_t steady_offset_ms_ = 0;
  std::uint64_t wake_ = 0;
  /// Heights of its block log that the judge has seen.
  Height told_ = 0;
  /// The genesis's places by those of the replica's epoch, then of those who are no validators of it.
  std::vector<Place> order_;
  std::unique_ptr<node::DiskStore> store_;
  std::unique_ptr<node::Replica> replica_;
};

}  // namespace sim
