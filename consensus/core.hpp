// SPDX-License-Identifier: Apache-2.0
#pragma once

// The engine: Simplex with finalize votes that sign the executed result (docs/consensus.md). A pure function of its
// inputs: the same inputs in the same order give the same outputs, byte for byte. The host performs the outputs and
// brings the answers back as inputs.

#include <memory>

#include "consensus/message.hpp"
#include "crypto/evidence.hpp"

namespace consensus {

/// Blocks that travel through outputs are shared and never change.
using SharedBlock = std::shared_ptr<Block const>;

/// Parameters of the chain: from genesis and state, the same on every node.
struct Parameters {
  /// D0: 150 on one site, 400 across continents.
  std::uint64_t timeout_ms = 150;
  std::uint64_t idle_block_ms = 20'000;
  std::uint64_t payload_bytes = payload_bytes_max;
};

struct Identity {
  Place place = 0;
  crypto::ValidatorSecret secret;
};

#ifdef TALLY_MUTANTS
/// Faults planted in the test build, to see that the tests find them. The production library does not have them.
struct Mutants {
  /// A block is voted for without the certificate of its parent or the nullifications of the views it skips.
  bool r1_off = false;
  /// Finalize is sent for a view that was nullified, and Nullify for one that was finalize-voted.
  bool r2_off = false;
  /// Every proposal of a view is voted for, also after one's own Nullify.
  bool r3_off = false;
  /// A result unlike the one signed before is signed as well.
  bool r4_off = false;
  /// Finalize of a block whose descendant I signed a result for, before the descendant is executed again.
  bool r4_ancestors_only = false;
  /// The epoch's last block gets children instead of being proposed itself again.
  bool child_instead = false;
  /// Votes and certificates of other epochs count.
  bool epochs_mixed = false;
  /// Nobody is accused.
  bool accuses_nobody = false;
  /// What is decided is not compared with what arrives.
  bool unwatched = false;
  /// Nor is what a proposal says.
  bool proposals_unwatched = false;
  bool no_fetch = false;
  bool no_rebroadcast = false;
  bool volatile_entry = false;
  bool volatile_notarization = false;
  bool volatile_bytes = false;
  bool votes_not_replayed = false;
  /// One validator fewer than n - f.
  bool wrong_quorum = false;
  /// Timeouts grow without the limit of ten seconds.
  bool endless_timeout = false;
  /// Blocks of a sync answer are taken before its certificate is verified.
  bool trusting_sync = false;
  /// A parent needs its certificate, but a skipped view no nullification.
  bool skips_unproven = false;
  /// My Nullify is not journaled.
  bool volatile_nullify = false;
  /// My own proposal is neither saved nor journaled.
  bool volatile_proposal = false;
  /// After a restart the journal alone says where I am, not the block log.
  bool tip_ignored = false;
  /// 2f + 1 of any n.
  bool narrow_quorum = false;
  /// Decided blocks whose bytes were wrong are not asked for again.
  bool sync_work_lost = false;
  /// An answer says itself which heights it is for.
  bool sync_out_of_order = false;
  /// Any number of blocks waits for execution.
  bool sync_unbounded = false;
  /// Who may have forgotten votes of the epoch tells others all the same how far it is.
  bool recovering_node_answers = false;
  /// M instead of M + 1.
  bool floor_m = false;
  /// Answers to older questions count.
  bool stale_answers = false;
  /// That the journal was lost, and the floor, are forgotten with the next crash (node/replica.cpp).
  bool volatile_floor = false;
  /// Transactions that a short proposal names and this node lacks are not asked for (node/proposals.cpp).
  bool never_asks = false;
  /// No fault: signatures are keyed hashes (the key is the secret), so that a simulation spends no time on curves.
  bool cheap_signatures = false;
};
/// The key that goes with cheap signatures.
base::ValidatorKey cheap_key(crypto::ValidatorSecret const& secret);
base::ValidatorSignature cheap_sign(crypto::ValidatorSecret const& secret, Hash const& message);
#endif

/// One epoch as one node sees it.
struct Config {
  Hash chain;
  std::uint64_t epoch = 1;
  /// The block of this height ends the epoch, if none before it does.
  Height last_height = ~Height{0};
  /// The finalization that ended the epoch before: those who lack it are told, until something is decided in this one.
  std::optional<Certificate> predecessor;
  crypto::ValidatorSet validators;
  /// The last result hash of the epoch before (of genesis for the first): it orders the leaders.
  Hash seed;
  Parameters parameters;
  /// Absent: an observer, which follows and answers but never votes.
  std::optional<Identity> identity;
  /// Present: the vote journal is lost, and votes of this epoch may be forgotten. A number drawn after the loss was
  /// found. The core then votes only above a floor that the others tell (Record::Floor).
  std::optional<Hash> loss;
#ifdef TALLY_MUTANTS
  Mutants mutants;
#endif
};

/// The last decided block. An epoch begins on one of view 0, without a certificate of the epoch.
struct Tip {
  Height height = 0;
  Hash block;
  Hash result;
  TimeMs time_ms = 0;
  View view = 0;
  std::optional<Certificate> finalization;
};

/// One entry of the vote journal. It lives until a decided block of a view at or above view() is durable; the same
/// holds for a block of SaveBlock, by its header's view.
struct Record {
  struct Entry {
    static constexpr std::string_view name = "entry";
    /// By which I entered the view after its own, or the notarization that a Finalize of mine rests on.
    Certificate certificate;
    template <class Self, class Visit>
    static void fields(Self& self, Visit& visit) {
      visit("certificate", self.certificate);
    }
    bool operator==(Entry const&) const = default;
  };
  /// After a lost journal: I may have voted in views up to this one and forgotten it. It holds to the epoch's end.
  struct Floor {
    static constexpr std::string_view name = "floor";
    View view = 0;
    template <class Self, class Visit>
    static void fields(Self& self, Visit& visit) {
      visit("view", self.view);
    }
    bool operator==(Floor const&) const = default;
  };
  /// A vote of mine.
  std::variant<Entry, Vote, Floor> body;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("body", self.body);
  }
  bool operator==(Record const&) const = default;

  View view() const;
};

// Inputs.

/// The first input after construction, once.
struct Started {};
/// The peer's place is what its transport proved; every signature inside is checked by the core.
struct Received {
  Place from = 0;
  Envelope envelope;
};
/// The time of the last SetTimer has come. An early or late Tick does no harm.
struct Tick {};
/// Answer to NeedProposal of the same view; ignored when the view has passed.
struct ProposalReady {
  View view = 0;
  base::Blob<payload_bytes_max> payload;
  Hash tx_root;
  std::uint32_t tx_count = 0;
  /// What it holds ends the epoch.
  bool ends_epoch = false;
};
enum class Judgement : std::uint8_t {
  valid,
  /// Payload and header do not belong together, or the block breaks a rule that needs no state. Permanent.
  invalid,
  /// Something to judge it by is not here yet; the host answers again when it is.
  missing
};
/// Answer to NeedVerdict.
struct Verdict {
  Hash block;
  Judgement judgement = Judgement::missing;
  /// What the payload holds ends the epoch. Decided by its bytes alone.
  bool ends_epoch = false;
};
/// Answer to NeedResult.
struct Executed {
  Hash block;
  Hash result;
};
/// What the host has to do, told whenever it changes: it decides whether a view is idle.
struct Workload {
  /// Transactions wait that no undecided block holds.
  bool transactions = false;
  /// The earliest deadline of the ledger, in block time; 0: none.
  TimeMs next_deadline_ms = 0;
};

struct Input {
  /// A clock that never jumps, for timers.
  std::uint64_t steady_ms = 0;
  /// Wall time plus the chain's clock offset, for block times.
  TimeMs wall_ms = 0;
  std::variant<Started, Received, Tick, ProposalReady, Verdict, Executed, Workload> event;
};

// Outputs: performed strictly in order.

/// Make the block's bytes durable. They outlive a crash together with the journal.
struct SaveBlock {
  SharedBlock block;
};
/// Append to the vote journal. There is at most one Persist in a step; it and all SaveBlocks come before everything
/// else, and are durable (one fdatasync) before any later output of this or a later step is performed. A failed write
/// stops the process.
struct Persist {
  std::vector<Record> records;
};
struct Send {
  Place to = 0;
  Envelope envelope;
};
/// To all other validators, and observers if any.
struct Broadcast {
  Envelope envelope;
};
/// There is one timer: this replaces its time, on the steady clock.
struct SetTimer {
  std::uint64_t at_ms = 0;
};
/// I lead: bring a payload for a child of parent. Transactions of undecided ancestors must not be in it again.
struct NeedProposal {
  View view = 0;
  Height height = 0;
  Hash parent;
  /// Empty proposals are wanted: too many blocks are undecided.
  bool empty = false;
};
/// Check payload against header (tx_root, tx_count, caps) and the transactions' signatures.
struct NeedVerdict {
  SharedBlock block;
  /// A quorum vouches for the header, or I did before a restart: only tx_root and tx_count are in question.
  bool certified = false;
};
/// Execute on the result of the parent, which is known: the tip, or an earlier NeedResult that was answered.
struct NeedResult {
  SharedBlock block;
};
/// Blocks that follow the tip, in order, each executed; the finalization is of the last. The host makes blocks and
/// certificate durable, then the state, then publishes; only then may journal records go (Record).
struct Decided {
  std::vector<SharedBlock> blocks;
  Certificate finalization;
  /// The last of them ends the epoch: this core signs nothing any more, and a new one begins on it.
  bool ends_epoch = false;
};
/// Undecided blocks that will never be decided: their execution can be dropped.
struct Dropped {
  std::vector<Hash> blocks;
};
/// Answer a peer that is behind: send it Blocks from the block log, beginning at this height, at least one block, then
/// as many as blocks_max and payload_bytes_max allow.
struct ServeBlocks {
  Place to = 0;
  Height first = 0;
};
/// A validator signed what no honest one signs. Once for each validator and offence.
struct Accuse {
  crypto::Evidence evidence;
};
/// This node must stop: its own execution contradicts a result that it or a quorum signed, or more than f validators
/// are faulty. The core answers nothing after it.
struct Halt {
  std::string reason;
};

using Output = std::variant<SaveBlock, Persist, Send, Broadcast, SetTimer, NeedProposal, NeedVerdict, NeedResult,
                            Decided, Dropped, ServeBlocks, Accuse, Halt>;
using Outputs = std::vector<Output>;

/// For pages and tests.
struct Status {
  std::uint64_t epoch = 0;
  View view = 0;
  Place leader = 0;
  /// Of the view after it.
  Place next_leader = 0;
  Tip tip;
  /// Undecided blocks on the way to the highest notarized one.
  std::size_t undecided = 0;
  /// The height of the highest finalization seen, even if its blocks are not here yet.
  Height final_height = 0;
  bool halted = false;
  /// May sign in the view it is in.
  bool votes = false;
  /// With a lost journal: how many others have told how far they are, and, once enough have, the view above which this
  /// one votes again.
  std::size_t answers = 0;
  std::optional<View> floor;
};

class Core {
 public:
  /// A new epoch has neither records nor blocks. After a crash: the tip of the block log, the journal's records in
  /// their order, and every saved block. Records and blocks of views up to the tip's are ignored.
  Core(Config config, Tip tip, std::vector<Record> const& records, std::vector<SharedBlock> const& saved);
  ~Core();
  Core(Core&&) noexcept;
  Core& operator=(Core&&) noexcept;

  Outputs step(Input input);
  Status status() const;

#ifdef TALLY_MUTANTS
  // For exhaustive exploration.

  /// The same core once more, which goes its own way from here on.
  Core clone() const;
  /// A hash of everything that decides what the core will sign: not of when it repeats itself and whom it asks next,
  /// nor of whose signatures are in a certificate.
  Hash facts() const;
#endif

 private:
  class Engine;
#ifdef TALLY_MUTANTS
  explicit Core(std::unique_ptr<Engine> engine);
#endif
  std::unique_ptr<Engine> engine_;
};

/// The leader's place in each view of the epoch: round robin over a permutation of all places that the seed fixes.
class Leaders {
 public:
  Leaders(std::size_t validators, Hash const& seed);
  Place of(View view) const { return order_[(view - 1) % order_.size()]; }

 private:
  std::vector<Place> order_;
};

}  // namespace consensus
