// SPDX-License-Identifier: Apache-2.0
#pragma once

// Webhook subscriptions and the threads that serve them. Nothing queues up: a subscription is a place in what the
// ledger keeps, so one that was away, or a node that was stopped, goes on where the last message was taken. A message
// is sent until it is taken (1 s between the first attempts, then doubling to an hour), in order, at least once; its id
// is the same each time. Who answers slowly or not at all holds up nobody else.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/value.hpp"
#include "rpc/backend.hpp"
#include "rpc/keep.hpp"
#include "rpc/poster.hpp"
#include "rpc/webhook.hpp"

namespace rpc {

constexpr std::size_t subscriptions_max = 256;

/// What the interfaces need of the world around the node. All of it outlives them.
struct Outside {
  Keep& keep;
  Poster& poster;
  Log log;
};

struct Subscription {
  std::string id;
  /// What it follows, in its source's words.
  std::string topic;
  std::string destination;
  std::string secret;
  /// Signed by the node's key.
  bool by_key = false;
  /// What the client asked for; its source reads it.
  base::Value controls = base::Value::object();
  ledger::TimeMs created_ms = 0;
  std::optional<ledger::TimeMs> notified_ms;
  /// All before this place was taken.
  std::uint64_t next = 0;
  /// The time up to which a schedule was looked at.
  ledger::TimeMs looked_ms = 0;
  /// The receiver said that it is gone (410); a new cursor wakes it.
  bool paused = false;
  /// Attempts in vain since the last message was taken.
  unsigned failures = 0;
};

/// What one look at a state gives a subscription.
struct Step {
  /// Of the body; empty when there is nothing to send.
  std::string message_id;
  std::string body;
  std::uint64_t next = 0;
  ledger::TimeMs looked_ms = 0;
  /// There is more to look at in this state.
  bool more = false;
};
/// Called from the outbox's threads, never two calls for one subscription.
using Source = std::function<Step(ledger::Certified const&, Subscription const&)>;

class Outbox {
 public:
  /// Takes up the subscriptions that are kept under names that begin with `prefix`.
  Outbox(Backend& backend, Outside outside, std::string prefix, Source source);
  ~Outbox();
  Outbox(Outbox const&) = delete;
  Outbox& operator=(Outbox const&) = delete;

  /// Durable when it returns; gives it its id. E_TOO_LARGE when there are too many, E_DISK.
  base::Result<Subscription> add(Subscription subscription);
  std::vector<Subscription> all() const;
  std::optional<Subscription> find(std::string const& id) const;
  /// False when there is none.
  bool remove(std::string const& id);
  /// From there on again, at once; false when there is none.
  base::Result<bool> replay(std::string const& id, std::uint64_t next);
  /// Of the key that signs; made when it is first asked for. E_DISK.
  base::Result<base::ValidatorKey> public_key();

 private:
  struct Live {
    Subscription subscription;
    bool busy = false;
    bool more = false;
    /// The state that it was looked at in.
    ledger::Height looked_at = 0;
    /// Of the steady clock: not before this.
    std::uint64_t retry_at_ms = 0;
    std::uint64_t served = 0;
    /// Counts the cursors that it was given.
    unsigned replays = 0;
  };

  base::Result<crypto::ValidatorSecret> key();
  std::string name_of(std::string const& id) const { return prefix_ + id; }
  void start();
  void watch();
  void work();
  Live* due(std::uint64_t now_ms);
  void serve(std::unique_lock<std::mutex>& lock, Live& live);
  base::Result<unsigned> send(Subscription const& subscription, Step const& step);

  Backend& backend_;
  Outside outside_;
  std::string prefix_;
  Source source_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Live> live_;
  ledger::Height height_ = 0;
  std::uint64_t turns_ = 0;
  bool stopping_ = false;
  std::mutex key_mutex_;
  std::optional<crypto::ValidatorSecret> key_;
  /// They run once there is a subscription.
  std::vector<std::thread> threads_;
};

}  // namespace rpc
