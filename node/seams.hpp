// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a replica needs from the world: time, peers, helping hands, a disk. The node wires the real ones, simulations
// theirs. All methods are called on the core thread unless they say otherwise.

#include <functional>

#include "consensus/message.hpp"
#include "ledger/governance.hpp"
#include "storage/block_log.hpp"
#include "storage/journal.hpp"

namespace node {

using base::Bytes;
using base::BytesView;
using base::Hash;
using base::Height;
using base::Result;
using base::TimeMs;
using consensus::Place;

/// The replica's owner calls Replica::wake when the time set last has come; a little later or earlier does no harm.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Never jumps; its zero means nothing.
  virtual std::uint64_t steady_ms() const = 0;
  virtual TimeMs wall_ms() const = 0;
  /// Replaces the time set before; on the steady clock.
  virtual void wake_at(std::uint64_t at_ms) = 0;
};

using SharedBytes = std::shared_ptr<Bytes const>;

/// A validator of an epoch, and how it is reached where the genesis does not say so.
struct Member {
  crypto::Validator validator;
  ledger::EndpointRecord endpoint;
};

/// Frames to the epoch's validators by their place; nodes that are none have places beyond. What arrives goes to
/// Replica::receive with the sender's proven place. Frames to one peer keep their order; any may be lost, because
/// queues are bounded.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void send(Place to, SharedBytes frame) = 0;
  /// To all others.
  virtual void broadcast(SharedBytes frame) = 0;
  virtual bool is_connected(Place place) const = 0;
  /// The validators of the epoch that begins, once for each: places are theirs from here on. `own` is this node's.
  virtual void members(std::vector<Member> const& validators, std::optional<Place> own) = 0;
};

/// Threads that compute. Jobs own what they read.
class Workers {
 public:
  /// Jobs for blocks, which all validators wait for, go ahead of those for what only wants to be in one.
  enum class Rank { block, newcomer };
  virtual ~Workers() = default;
  /// Runs the job anywhere, then `done` on the core thread.
  virtual void run(Rank rank, std::function<void()> job, std::function<void()> done) = 0;
};

/// What the disk held at the start.
struct Kept {
  /// Of the state; nothing for a new node.
  std::optional<Height> applied;
  std::shared_ptr<ledger::StateView const> state;
  /// Of the block log: where it begins, and its last height.
  storage::LogBase base;
  Height logged = 0;
  std::vector<storage::Note> journal;
  /// There is no journal although blocks were decided, or it is damaged: what was signed may be forgotten. Again at the
  /// next start, until something was remembered.
  bool journal_lost = false;
};

/// A disk. A write that fails does not return.
class Store {
 public:
  virtual ~Store() = default;
  /// Once, first.
  virtual Kept recover() = 0;
  /// One turn of the vote journal, durable on return.
  virtual void remember(std::vector<storage::Note> turn) = 0;
  /// Into the block log, durable on return; what the journal holds up to the decision's epoch and view may go.
  virtual void decide(storage::Decision decision) = 0;
  /// Changes the state in one atomic batch and returns it. Only heights that the block log holds, or 0.
  virtual std::shared_ptr<ledger::StateView const> apply(ledger::StateDiffs diffs, Height height) = 0;
  std::shared_ptr<ledger::StateView const> apply(ledger::StateDiff const& diff, Height height) {
    ledger::StateDiff const* const one = &diff;
    return apply({&one, 1}, height);
  }
  /// The decision that holds a height, from any thread; nothing for a height that is not logged.
  virtual Result<std::optional<storage::Decision>> decision(Height height) const = 0;
  /// Lets go of the oldest part of the block log if `may_go` says so of its last decision; false: nothing went. `note`
  /// is what recover returns of what is gone.
  virtual Result<bool> prune(std::function<bool(storage::Decision const&)> const& may_go, BytesView note) = 0;
  /// What the disk can still take.
  virtual std::uint64_t free_bytes() const = 0;
};

}  // namespace node
