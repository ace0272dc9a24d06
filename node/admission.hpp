// SPDX-License-Identifier: Apache-2.0
#pragma once

// The way of a transaction into the pool: judged by workers, kept, told to the other validators.

#include "ledger/proof.hpp"
#include "node/execution.hpp"
#include "node/mempool.hpp"
#include "node/wire.hpp"

namespace node {

/// Judged at a time; when they are full, more are refused with E_BUSY.
constexpr std::size_t judged_transactions_max = 4096;
constexpr std::size_t judged_bytes_max = std::size_t{64} << 20;
/// What comes together is judged together, so many in one job: to wake a worker and the core thread for each would take
/// as long as the judging.
constexpr std::size_t judged_together_max = 16;
/// Gossip leaves when so much has gathered or so much time has passed.
constexpr std::size_t gossip_bytes_max = std::size_t{1} << 20;
constexpr std::uint64_t gossip_delay_ms = 5;
/// A transaction that is not decided after this time is told again, the oldest first.
constexpr std::uint64_t overdue_after_ms = 2'000;
constexpr std::size_t overdue_bytes_max = std::size_t{256} << 10;
/// A client may have heard of a block from another node a moment before this one decides it: what comes too early is
/// judged again after each decision, for so long, so many at a time.
constexpr std::uint64_t early_ms_max = 2'000;
constexpr std::size_t early_transactions_max = 256;

class Admission {
 public:
  /// `changed` is called on the core thread when the pool has grown.
  Admission(Hash const& chain, Clock const& clock, Transport& transport, Workers& workers, PoolLimits limits,
            std::function<void()> changed);

  /// The state to judge by.
  void follow(std::shared_ptr<ledger::Certified const> certified, ledger::Parameters const& parameters,
              std::uint64_t clock_offset_ms);
  using Reply = std::function<void(Result<Hash> const&)>;
  struct Submission {
    Bytes transaction;
    Reply reply;
  };
  /// Admits and tells the others. Replies come on the core thread, at once or when workers are done.
  void submit(std::vector<Submission> submissions);
  /// Admits what a peer admitted, as far as there is room, and tells nobody.
  void receive(GossipFrame gossip);
  /// When gossip wants to leave; 0: there is none.
  std::uint64_t gossip_at_ms() const { return gossip_at_ms_; }
  void send_gossip();
  void send_overdue();
  /// Mempool::find, and among those that are being judged.
  std::vector<Found> find(std::vector<ShortName> const& names) const;
  /// Refuses what came too early and has waited long enough.
  void give_up_early();

  Mempool& pool() { return *pool_; }
  Mempool const& pool() const { return *pool_; }
  std::shared_ptr<Verified> shared_verified() const { return verified_; }

 private:
  /// A transaction on its way in. Only those that a client brought have a reply.
  struct Applicant {
    SharedBytes bytes;
    Reply reply;
    std::uint64_t arrived_ms = 0;
    std::uint64_t number = 0;
  };
  bool has_room_for(Bytes const& transaction) const;
  /// Among those that are judged; a full group leaves for a worker.
  void enter(Applicant applicant, std::vector<Applicant>& group);
  void judge(std::vector<Applicant> group);
  void answer(Applicant applicant, Result<Candidate> const& judged);
  bool may_wait(Applicant const& applicant, base::Error const& error) const;
  Result<Hash> keep(Candidate const& candidate, SharedBytes const& bytes, bool own);

  Hash chain_;
  Clock const& clock_;
  Transport& transport_;
  Workers& workers_;
  std::function<void()> changed_;
  // Shared with jobs that may outlive a turn.
  std::shared_ptr<Mempool> pool_;
  std::shared_ptr<Verified> verified_;
  std::shared_ptr<ledger::Certified const> certified_;
  ledger::Parameters parameters_;
  std::uint64_t clock_offset_ms_ = 0;
  /// By the order in which they came.
  std::map<std::uint64_t, SharedBytes> judged_;
  std::uint64_t next_judged_ = 0;
  std::size_t judged_bytes_ = 0;
  std::deque<std::pair<Applicant, base::Error>> early_;
  GossipFrame gossip_;
  std::size_t gossip_bytes_ = 0;
  std::uint64_t gossip_at_ms_ = 0;
};

}  // namespace node
