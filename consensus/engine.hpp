// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inside of Core. Inputs add facts (votes, certificates, blocks, results); settle() then applies the rules of
// docs/consensus.md to the facts until none of them moves. So no rule depends on the order in which its facts arrived,
// and replay is the same as life.

#include <map>
#include <set>

#include "consensus/tree.hpp"

#ifdef TALLY_MUTANTS
#define PLANTED(fault) (config_.mutants.fault)
#else
#define PLANTED(fault) false
#endif

namespace consensus {

/// Views above the last finalization that may be open: at ten seconds each, almost two days without any finalization.
constexpr View open_views_max = 16'384;
/// Votes of views up to this far ahead are kept; farther ahead a certificate comes first.
constexpr View future_views_max = 64;
/// Above so many undecided blocks, leaders propose empty ones.
constexpr Height undecided_blocks_max = 16;
/// Above so many undecided payload bytes, no block with a payload gets my vote.
constexpr std::size_t undecided_bytes_max = 32 * payload_bytes_max;
/// Finalizations kept above the tip: the lowest, which can be committed one after the other, and the highest.
constexpr std::size_t finalizations_max = 17;
/// Verified decided blocks that wait for execution, before more are asked for.
constexpr Height sync_window_blocks = 2 * blocks_max;
constexpr std::uint64_t timeout_ms_max = 10'000;
constexpr std::uint64_t repeat_ms_min = 1'000;
/// My Finalize votes sent again at a time; the next time goes on after them.
constexpr std::size_t repeated_votes_max = 64;
/// How far block time may be ahead of mine.
constexpr std::uint64_t time_ahead_ms_max = 500;
/// A leader silent for so many of its own turns is nullified at once, except in every 16th turn, which all count alike.
constexpr unsigned silent_turns_max = 3;
constexpr View retried_turn = 16;
/// Decided views whose votes are kept to catch those who sign something else in them later.
constexpr View watched_views_max = 64;
/// How far I am, I tell each other this often at most: every answer is a signature.
constexpr std::uint64_t status_ms_min = repeat_ms_min / 2;
/// Blocks asked for by hash at a time.
constexpr std::size_t wanted_blocks_max = 2;

/// What is known of one view above the tip's.
struct ViewState {
  /// By place; the first of each validator counts.
  std::map<Place, Vote> notarize, nullify, finalize;
  std::optional<Certificate> notarization, nullification;
  /// Mine: never two of a kind.
  std::optional<Vote> my_notarize, my_nullify, my_finalize;
  /// The leader's first proposal, its signature verified.
  std::optional<Hash> proposal;
  /// The leader signed two blocks, or one that can never be valid.
  bool leader_faulty = false;
  /// In the journal: the certificate by which I entered, and this view's notarization.
  bool entry_durable = false;
  bool notarization_durable = false;
};

class Core::Engine {
 public:
  Engine(Config config, Tip tip, std::vector<Record> const& records, std::vector<SharedBlock> const& saved);
  Outputs step(Input input);
  Status status() const;
#ifdef TALLY_MUTANTS
  Hash facts() const;
#endif

 private:
  enum class Readiness : std::uint8_t { ready, waiting, invalid };

  // core.cpp: the turn, the time, the views.
  void replay(Record const& record);
  void settle();
  bool enter();
  void set_timer();
  void repeat();
  void halt(std::string reason);
  bool deadline_due() const;
  bool idle() const;
  void note_idleness();
  std::uint64_t idle_wait_ms() const;
  std::uint64_t timeout_ms(View view) const;
  std::uint64_t view_deadline_ms() const;
  std::size_t quorum() const;
  bool is_me(Place place) const { return config_.identity && config_.identity->place == place; }
  ViewState& state(View view) { return views_[view]; }
  ViewState const* state_of(View view) const;

  // receive.cpp: facts come in.
  void on(Started const&) {}
  void on(Tick const&) {}
  void on(Received& received);
  void on(Verdict const& verdict);
  void on(Executed const& executed);
  void on(Workload const& workload) { workload_ = workload; }
  void on_message(Place from, Propose& propose);
  void on_message(Place from, Vote& vote);
  void on_message(Place from, Certificates& answer);
  void on_message(Place from, GetCertificates& request);
  void on_message(Place from, GetBlock& request);
  void on_message(Place from, BlockAnswer& answer);
  void on_message(Place from, GetBlocks& request);
  void on_message(Place from, Blocks& answer);
  void on_message(Place from, GetStatus& request);
  void on_message(Place from, StatusAnswer& answer);
  bool accept(Certificate const& certificate);
  bool is_news(Certificate const& certificate) const;
  void hold(Certificate const& certificate, bool formed_here);
  void hold_finalization(Certificate const& certificate);
  void tally(Vote const& vote);
  bool is_in_window(Ballot const& ballot) const;
  bool holds_signature(Place place, Hash const& digest, base::ValidatorSignature const& signature) const;
  bool holds_signature(Vote const& vote) const;
  bool holds_certificate(Certificate const& certificate) const;
  void tell_finalization(Place to, View known);

  // rejoin.cpp: what a validator may do that has lost its journal.
  bool may_vote(View view) const;
  bool answers_count() const;
  void ask_status();

  // evidence.cpp: what no honest validator signs.
  template <class Look>
  void each_said(Place place, View view, Look const& look) const;
  std::optional<crypto::SignedBallot> contradiction(Place place, Ballot const& ballot) const;
  bool is_telling(Certificate const& certificate) const;
  void accuse(Place place, crypto::SignedBallot const& said);
  void accuse_signers(Certificate const& certificate);
  void keep_watching(View decided);

  // epoch.cpp: the end of the epoch.
  bool is_last(Hash const& hash) const;
  void note_verdict(Node& node, bool ends_epoch) const;
  Readiness judge_again(Block const& block, Hash const& hash);
  bool propose_again();
  void ask_newer(Place from);

  // vote.cpp: what I sign.
  struct Parent {
    Height height = 0;
    TimeMs time_ms = 0;
    View view = 0;
  };
  bool vote_on_proposal();
  bool vote_finalize();
  bool vote_nullify();
  Readiness judge(Block const& block, Hash const& hash);
  std::optional<Parent> parent_of(Hash const& hash) const;
  bool parent_stands(Header const& header, View parent_view);
  bool is_certified(Hash const& hash, View view) const;
  bool is_consistent(std::vector<Hash> const& path) const;
  bool is_consistent_above(Hash const& hash, Node const& node) const;
  Hash const* signed_result(Hash const& hash, Node const& node) const;
  base::ValidatorSignature sign(Hash const& digest) const;
  Vote cast(VoteKind kind, View view, Height height, Hash const& block, Hash const& result);
  void save(Hash const& hash);
  void journal(Certificate const& certificate);
  void on(ProposalReady& ready);
  void lead();
  void send_proposal(Propose propose, Hash const& hash, View parent_view);
  std::optional<Hash> choose_parent() const;
  Certificate const* parent_certificate(Hash const& parent, View view) const;

  // sync.cpp: what others have and I lack, and what the host must work out.
  bool commit();
  void move_tip(Certificate const& finalization);
  void ask_host();
  void fetch();
  bool is_behind() const;
  bool sync_waits() const;
  bool proves(Blocks const& answer) const;
  void distrust(Place place);

  template <class T>
  void send(Place to, T message) {
    rest_.push_back(Send{to, {config_.chain, config_.epoch, std::move(message)}});
  }
  /// Observers have nothing to say that a validator does not.
  template <class T>
  void broadcast(T message) {
    if (config_.identity) rest_.push_back(Broadcast{{config_.chain, config_.epoch, std::move(message)}});
  }

  Config config_;
  Leaders leaders_;
  Tip tip_;
  Tree tree_;
  std::map<View, ViewState> views_;
  /// Above the tip, by height.
  std::map<Height, Certificate> finalizations_;
  /// The newest finalization's view and height, whether its block is here or not.
  View final_view_ = 0;
  Height final_height_ = 0;
  /// Each view of (final_view_, covered_] has a notarization or a nullification.
  View covered_ = 0;

  View view_ = 1;
  /// By which I entered view_; the certificate of the highest view that I hold, by which I enter next.
  std::optional<Certificate> entry_, newest_;
  std::vector<unsigned> silent_turns_;
  bool started_ = false;
  bool ended_ = false;
  std::optional<Halt> halted_;

  std::uint64_t now_ms_ = 0;
  TimeMs wall_ms_ = 0;
  Workload workload_;
  bool was_idle_ = false;
  std::uint64_t entered_ms_ = 0, busy_since_ms_ = 0, repeat_at_ms_ = 0;
  std::uint64_t propose_at_ms_ = 0, retry_at_ms_ = 0, fetch_at_ms_ = 0, timer_ms_ = 0;
  View finalize_cursor_ = 0;
  std::uint64_t ask_newer_at_ms_ = 0;

  /// The proposal that the host prepares: for this view, on this parent.
  View preparing_ = 0;
  Hash preparing_on_;

  /// Whom to ask next; the nullification that a waiting proposal lacks; up to where decided blocks have been fetched.
  Place next_peer_ = 0;
  std::optional<View> lacking_;
  Height sync_top_ = 0;
  Hash sync_hash_;
  /// By place: gave bytes that do not belong to what a quorum signed; its answers count no more.
  std::vector<bool> distrusted_;

  /// With a lost journal: the views that others proved, by place; up to which I may have voted. And when I last told
  /// each other how far I am.
  std::map<Place, View> proven_;
  std::optional<View> floor_;
  std::map<Place, std::uint64_t> told_ms_;
  std::uint64_t ask_status_at_ms_ = 0;

  /// Views at and below the tip's, to look at what is still said in them; whom I accused of what.
  std::map<View, ViewState> watched_;
  std::set<std::pair<Place, crypto::Offence>> accused_;

  std::vector<Output> saves_, rest_;
  std::vector<Record> records_;
};

}  // namespace consensus
