// SPDX-License-Identifier: Apache-2.0
#pragma once

// One validator or observer: drives the engine, applies the law, keeps what was decided. It has no thread, clock,
// socket or file of its own; everything goes through the four seams, so simulations run this same class. All methods
// are called on one thread, the core thread.

#include <set>

#include "consensus/core.hpp"
#include "node/draft.hpp"
#include "node/proposals.hpp"
#include "node/recovery.hpp"
#include "node/snapshot.hpp"

namespace node {

/// How far decided blocks may be behind the newest finalization seen before the node counts as syncing.
constexpr Height syncing_blocks = 16;
/// Pool, disk and overdue gossip are looked after this often.
constexpr std::uint64_t housekeeping_ms = 1'000;

/// What a note of the vote journal holds.
constexpr std::uint8_t note_record = 1;
constexpr std::uint8_t note_block = 2;
/// Pinned: Loss.
constexpr std::uint8_t note_loss = 3;
/// Pinned: the number of an epoch that this validator has given up (node/recovery.hpp).
constexpr std::uint8_t note_given_up = 4;

/// That the vote journal was lost. It is remembered until an epoch that began after the ledger recorded it.
struct Loss {
  /// Drawn when the loss was found.
  Hash number;
  /// Of this node then: a later key has signed nothing that could be forgotten.
  base::List<base::ValidatorKey, 8> keys;
  /// Up to where the votes of an epoch may be forgotten, once enough others have told.
  std::uint64_t epoch = 0;
  std::optional<consensus::View> floor;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("number", self.number);
    visit("keys", self.keys);
    visit("epoch", self.epoch);
    visit("floor", self.floor);
  }
};
/// What the next epoch's validators say before this node has begun it: from each the newest few, in all so many bytes.
constexpr std::size_t early_frames_max = 8;
constexpr std::size_t early_bytes_max = std::size_t{16} << 20;
/// A node that lost its journal tells the ledger again after so long, until it is recorded.
constexpr std::uint64_t rejoin_ms = 10'000;
/// With a lost journal and no floor for so long, the operator is told what else there is to do.
constexpr std::uint64_t rejoin_patience_ms = 60'000;

/// What the node's owner decides; everything else is genesis and state.
struct ReplicaSetup {
  ledger::Genesis genesis;
  /// The node's consensus keys, asked for at each epoch; absent: it has none. It votes in epochs whose validators have
  /// one of them, and only follows in others.
  std::function<std::vector<crypto::ValidatorSecret>()> secrets;
  PoolLimits pool;
  std::size_t short_payload_bytes_min = node::short_payload_bytes_min;
  /// The newest version of the law that it can execute; it stops before a block that needs a newer one.
  std::uint32_t knows_version = newest_version();
  /// Below this, new transactions are refused with E_DISK; below the second, the node stops voting.
  std::uint64_t refuse_below_bytes = std::uint64_t{2} << 30;
  std::uint64_t stop_below_bytes = std::uint64_t{256} << 20;
  /// One line for the operator: `level` is info, warn or error.
  std::function<void(std::string_view level, std::string const& text)> log;
  /// What a validator signed beside something else, once; may be nothing.
  std::function<void(crypto::Evidence const&)> accuse;
  /// Files by which the validators recovered the chain; verified when the node comes to them.
  std::vector<Recovery> recoveries;
  /// A number that nobody can know before; asked for when the vote journal turns out to be lost.
  std::function<Hash()> draw;
  /// The vote journal of this validator's key was lost: to be put on the ledger. Called again until it is there; may be
  /// nothing.
  std::function<void(base::ValidatorKey const& key, Hash const& loss)> rejoin;
  /// A new certified state; it never changes, and may be kept for ever.
  std::function<void(std::shared_ptr<ledger::Certified const>)> publish;
  /// Blocks older than this, by their time, are let go of; nothing: all are kept.
  std::optional<std::uint64_t> keep_ms;
  /// An epoch ended: its certified last header, the block and the state. May be nothing.
  std::function<void(SnapshotProof proof, Bytes block, std::shared_ptr<ledger::StateView const> state)> epoch_ended;
  /// What peers say of snapshots; may be nothing.
  std::function<void(Place from, SnapshotMessage&& message)> on_snapshot;
#ifdef TALLY_MUTANTS
  consensus::Mutants mutants;
#endif

  base::ValidatorKey key_of(crypto::ValidatorSecret const& secret) const;
};

struct World {
  Clock& clock;
  Transport& transport;
  Workers& workers;
  Store& store;
};

struct ReplicaStatus {
  std::uint64_t epoch = 0;
  consensus::View view = 0;
  Place leader = 0;
  Height height = 0;
  /// Of the newest finalization seen.
  Height final_height = 0;
  /// Validators that can be reached, this one too; how many there are, and how many are needed.
  std::size_t reachable = 0;
  std::size_t validators = 0;
  std::size_t quorum = 0;
  /// Since the last decision, or the start.
  std::uint64_t decided_before_ms = 0;
  bool syncing = false;
  bool votes = false;
  /// Its vote journal was lost: in words, when it votes again; empty: nothing was lost.
  std::string rejoins;
  /// Why it stopped; empty while it runs.
  std::string halted;
  /// Why it cannot serve, in words; empty: it can.
  std::string not_ready;
  /// Blocks of this node that were ready before they could be proposed.
  std::uint64_t prebuilt = 0;
  /// Of the epoch's validators, by place: whose they are, and which can be reached.
  std::vector<base::PartyId> parties;
  std::vector<bool> connected;
  /// This node's own; nothing when it follows.
  std::optional<Place> place;
};

class Replica {
 public:
  /// Recovers what the disk holds: replays decisions that the state lacks, and compares the state's root with the last
  /// certified one. Errors say what does not fit and what to do.
  static Result<std::unique_ptr<Replica>> open(ReplicaSetup setup, World world);

  /// Begins to take part; once.
  void start();
  /// A frame from a validator, by its proven place. E_ENCODING, E_TOO_LARGE: the sender is to be dropped.
  Result<void> receive(Place from, BytesView frame);
  /// The time that Clock::wake_at named last has come.
  void wake();
  /// The reply comes at once or later, on the core thread: the id, or why it is refused.
  void submit(Bytes transaction, Admission::Reply reply);
  void submit(std::vector<Admission::Submission> submissions);

  std::shared_ptr<ledger::Certified const> certified() const { return certified_; }
  /// Of the epoch of the next block.
  crypto::ValidatorSet const& validators() const { return epoch_.validators; }
  /// May be read from any thread.
  Mempool const& pool() const { return admission_.pool(); }
  ReplicaStatus status() const;

 private:
  /// A block that is not decided yet, as far as this node has worked on it.
  struct Undecided {
    consensus::SharedBlock block;
    std::shared_ptr<Payload> payload;
    std::shared_ptr<Executed const> executed;
    /// Its transactions are held in the pool.
    bool holds = false;
    std::uint64_t known_at_ms = 0;
  };

  Replica(ReplicaSetup setup, World world, Hash const& chain);

  // replica_open.cpp: what the disk holds.
  Result<void> recover();
  Result<void> adopt(Height applied, ledger::ResultHeader const& genesis);
  Result<void> replay(Height height);
  Result<storage::Decision> logged(Height height) const;

  // replica_epoch.cpp: from one epoch to the next.
  /// What an epoch begins on: its first height's parent.
  struct Opening {
    Hash result;
    std::optional<consensus::Certificate> finalization;
  };
  Result<void> read_epoch();
  Result<Opening> opening() const;
  crypto::ValidatorSet validators_of_tip() const;
  Result<void> read_ends(BytesView base_note);
  void hand_over();
  void note_end(ledger::ResultHeader const& header, consensus::Certificate const& finalization,
                crypto::ValidatorSet const& validators);
  Result<void> open_core(std::vector<storage::Note> const& journal);
  void make_core(Opening opening, std::vector<consensus::Record> const& records,
                 std::vector<consensus::SharedBlock> const& blocks);
  std::optional<consensus::Identity> identity() const;
  std::vector<Member> members() const;
  Height last_height() const { return epoch_.first + parameters_.epoch_blocks - 1; }
  void begin_epoch();
  void begin_core(Opening opening);
  void keep_early(Place from, std::uint64_t epoch, BytesView frame);
  void tell_early();
  void serve_older(Place from, consensus::Envelope const& envelope);

  // replica_rejoin.cpp: after the vote journal was lost.
  Result<void> read_loss(std::vector<storage::Note> const& journal, bool lost);
  storage::Note loss_note() const;
  void end_loss();
  bool loss_is_over(consensus::Identity const& identity) const;
  void note_floor(consensus::View floor, std::vector<storage::Note>& turn);
  void tell_loss();
  std::string rejoins(consensus::Status const& core) const;

  // replica_recovery.cpp: beyond what the epoch's own rules allow.
  Result<void> take_recovery();
  bool begin_recovered_epoch();
  Result<void> read_given_up(std::vector<storage::Note> const& journal);

  // replica.cpp: the turn.
  void feed(decltype(consensus::Input::event) event);
  void run();
  void perform(consensus::Outputs outputs);
  void remember(consensus::Outputs const& outputs);
  void on(consensus::SaveBlock const&) {}
  void on(consensus::Persist const&) {}
  Result<void> receive(Place from, ProposalFrame&& frame, BytesView bytes);
  void on(consensus::Send& output);
  void on(consensus::Broadcast& output);
  void on(consensus::SetTimer const& output) { core_timer_ms_ = output.at_ms; }
  void on(consensus::NeedProposal const& output) {
    proposal_ = output;
    propose();
  }
  void on(consensus::NeedVerdict const& output);
  void on(consensus::NeedResult const& output);
  void on(consensus::Decided const& output);
  void on(consensus::Dropped const& output);
  void on(consensus::ServeBlocks const& output);
  void on(consensus::Accuse const& output);
  void on(consensus::Halt const& output);
  void schedule();
  void housekeep();
  void watch_disk();
  void let_go();
  void heed_version();
  void note_workload();

  // replica_blocks.cpp: blocks on their way to a decision.
  Undecided& know(Hash const& hash);
  void judged(Hash const& hash, std::shared_ptr<Payload> payload, bool valid);
  void executed(Hash const& hash, std::shared_ptr<Payload> payload, std::shared_ptr<Executed const> result);
  void keep_payload(Undecided& block, std::shared_ptr<Payload> payload);
  void forget(Hash const& hash);
  std::shared_ptr<ledger::StateView const> state_at(Hash const& block) const;
  BlockPlace place_of(consensus::Header const& header, Hash const& block, Hash const& previous_result) const;
  bool is_last(Height height) const { return height == last_height(); }
  std::optional<std::set<Hash>> ids_above_tip(Hash block) const;
  std::optional<Draft> draft(Hash const& parent, TimeMs time_ms) const;
  void prebuild(Hash const& parent);
  TimeMs time_above(Hash const& parent) const;
  void propose();
  std::vector<Bytes> transactions_in(Hash const& block) const;
  void apply(std::vector<consensus::SharedBlock> const& blocks);
  void publish();

  TimeMs wall_ms() const { return world_.clock.wall_ms() + clock_offset_ms_; }
  std::optional<base::Error> refusal() const;
  std::string not_ready(ReplicaStatus const& status) const;
  void log(std::string_view level, std::string const& text) const { setup_.log(level, text); }

  ReplicaSetup setup_;
  World world_;
  Hash chain_;
  Admission admission_;
  Proposals proposals_;
  std::optional<consensus::Core> core_;
  std::deque<decltype(consensus::Input::event)> inputs_;
  bool running_ = false;

  // What is decided: the state on disk and what belongs to it.
  std::shared_ptr<ledger::StateView const> state_;
  ledger::StateTree tree_;
  ledger::ResultHeader header_;
  Hash tip_;
  std::optional<consensus::Certificate> finalization_;
  std::uint64_t clock_offset_ms_ = 0;
  std::optional<TimeMs> next_deadline_ms_;
  std::shared_ptr<ledger::Certified const> certified_;

  // The epoch of the next block, as the state says it.
  ledger::Parameters parameters_;
  ledger::EpochRecord epoch_;
  /// Among its validators; nothing: this node does not vote in it.
  std::optional<Place> place_;
  /// Of genesis.
  Hash first_result_;
  /// Of the epochs that are over and after which the set changed.
  base::List<ledger::EpochEnd, 64> ends_;
  /// Where the block log began at the start, and the epoch up to which this node may have voted and forgotten it.
  Height base_ = 0;
  std::uint64_t joined_epoch_ = 0;
  /// What a recovery changed in the state, until the first decision of its epoch makes it durable.
  std::optional<ledger::StateDiff> recovered_;
  std::uint64_t given_up_ = 0;
  /// The highest epoch that somebody spoke of.
  std::uint64_t heard_epoch_ = 0;
  /// Frames of the next epoch, oldest first.
  struct Early {
    crypto::Validator sender;
    Bytes frame;
  };
  std::deque<Early> early_;
  std::size_t early_bytes_ = 0;
  std::optional<Loss> loss_;
  std::uint64_t started_at_ms_ = 0;
  std::uint64_t told_loss_ms_ = 0;
  std::map<Hash, Undecided> undecided_;
  /// Waits for workers to read the blocks that it stands on.
  std::optional<consensus::NeedProposal> proposal_;
  /// Of the block that it may ask for next.
  std::optional<Draft> draft_;
  BlockAim aim_;
  std::uint64_t prebuilt_ = 0;

  consensus::Workload workload_;
  std::uint64_t core_timer_ms_ = 0;
  std::uint64_t housekeeping_at_ms_ = 0;
  std::uint64_t woken_at_ms_ = 0;
  std::uint64_t decided_at_ms_ = 0;
  bool refuses_ = false;
  bool stopped_voting_ = false;
  /// From where on a version holds that this program does not know, as the operator was told.
  Height warned_of_ = 0;
  std::string halted_;
};

}  // namespace node
