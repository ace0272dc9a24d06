// SPDX-License-Identifier: Apache-2.0
#pragma once

// The way of a transaction into the pool: judged by workers, kept, told to the other validators.

#include "ledger/proof.hpp"
#include "node/execution.hpp"
#include "node/mempool.hpp"
#include "node/wire.hpp"

namespace node {

/// What waits to be judged or is, from clients and peers. Each of them may fill as much as it leaves free, so that
/// there is room for who has sent little; more is refused with E_BUSY.
constexpr std::size_t judged_transactions_max = 8192;
constexpr std::size_t judged_bytes_max = std::size_t{128} << 20;
/// What comes together is judged together, so many in one job: to wake a worker and the core thread for each would take
/// as long as the judging.
constexpr std::size_t judged_together_max = 16;
/// Jobs that are out at a time: enough that no worker waits for the core thread. Clients and peers take turns with
/// them.
constexpr std::size_t judging_jobs_max = 4;
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
  void receive(Place from, GossipFrame gossip);
  /// When gossip wants to leave; 0: there is none.
  std::uint64_t gossip_at_ms() const { return gossip_at_ms_; }
  void send_gossip();
  void send_overdue();
  /// Mempool::find, and among those that are being judged.
  std::vector<Found> find(std::vector<ShortName> const& names);
  /// A block with these transactions was decided: they leave the pool, and the lines of what is to be judged where
  /// find() found them there, of equal ones the first.
  void decided(Payload const& payload);
  /// Refuses what came too early and has waited long enough.
  void give_up_early();

  Mempool& pool() { return *pool_; }
  Mempool const& pool() const { return *pool_; }
  std::shared_ptr<Verified> shared_verified() const { return verified_; }

 private:
  /// Who brought a transaction: a peer, or one of this node's clients.
  using Source = std::optional<Place>;
  /// A transaction on its way in. Only those that a client brought have a reply.
  struct Applicant {
    SharedBytes bytes;
    Reply reply;
    std::uint64_t arrived_ms = 0;
    std::uint64_t number = 0;
  };
  /// Its leaf is found when a proposal may name it.
  struct Judged {
    SharedBytes bytes;
    std::optional<Hash> leaf;
  };
  /// What one source has brought, that waits and that is judged.
  struct Line {
    std::deque<Applicant> waiting;
    std::size_t transactions = 0;
    std::size_t bytes = 0;
  };
  bool has_room_for(Source source, Bytes const& transaction) const;
  void enter(Source source, Applicant applicant);
  /// Sends the next groups to workers.
  void judge();
  void judge(Source source, std::vector<Applicant> group);
  void leave(Source source, Applicant const& applicant);
  void name_all();
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
  std::map<std::uint64_t, Judged> judged_;
  /// By their names, the first of each, of all that came before this number: what came since has no leaf yet.
  IdMap<ShortName, std::uint64_t> named_;
  std::uint64_t named_until_ = 0;
  std::uint64_t next_judged_ = 0;
  std::size_t judged_bytes_ = 0;
  std::map<Source, Line> lines_;
  /// Whose turn was last.
  Source served_;
  std::size_t judging_jobs_ = 0;
  std::deque<std::pair<Applicant, base::Error>> early_;
  GossipFrame gossip_;
  std::size_t gossip_bytes_ = 0;
  std::uint64_t gossip_at_ms_ = 0;
};

}  // namespace node
