// SPDX-License-Identifier: Apache-2.0
#pragma once

// Proposals travel by the short names of their transactions, because pools hold those already. Who lacks one asks for
// it, the proposer first, then others for all of them. The engine sees whole proposals only; to it, one that cannot be
// made whole was lost.

#include "consensus/core.hpp"
#include "node/admission.hpp"

namespace node {

/// A payload of fewer bytes travels whole: its names would save little, and may cost a question.
constexpr std::size_t short_payload_bytes_min = std::size_t{4} << 10;
/// About one proposal, each after half a view's timeout or a wrong answer.
constexpr unsigned transaction_questions_max = 4;
/// To one validator about one block.
constexpr unsigned transaction_answers_max = 2;

class Proposals {
 public:
  /// A proposal that is whole again.
  using Deliver = std::function<void(Place from, consensus::Envelope&& envelope)>;
  Proposals(Clock const& clock, Transport& transport, Admission& admission, std::size_t payload_bytes_min,
            Deliver deliver)
      : clock_(clock),
        transport_(transport),
        admission_(admission),
        payload_bytes_min_(payload_bytes_min),
        deliver_(std::move(deliver)) {}

  /// Places are of so many validators from now on, `own` of them this node's.
  void begin_epoch(std::size_t validators, std::optional<Place> own, std::uint64_t view_timeout_ms);
  /// What the next proposal of this node is made of.
  void made(Hash const& root, std::vector<Pooled> transactions);
  /// Of a message of the engine: short where it is the proposal of that.
  Frame frame_of(consensus::Envelope envelope);

  /// E_ENCODING: names and header do not belong together.
  Result<void> receive(Place from, ProposalFrame&& frame);
  void receive(Place from, TransactionsFrame&& answer);
  /// `held` are the transactions of the block that was asked for, if this node has it from others.
  void answer(Place from, GetTransactionsFrame const& question, std::function<std::vector<Bytes>()> const& held);

  /// When to ask somebody else; 0: nothing is asked for.
  std::uint64_t wake_at_ms() const;
  void wake();

#ifdef TALLY_MUTANTS
  consensus::Mutants mutants;
#endif

 private:
  struct Own {
    Hash root;
    Hash block;
    std::vector<Pooled> transactions;
  };
  /// A proposal that lacks transactions.
  struct Partial {
    consensus::Envelope envelope;
    Hash root;
    Hash block;
    std::vector<ShortName> names;
    std::vector<Found> found;
    /// Whom I asked, and for which places; none stand for all.
    std::map<Place, std::vector<std::uint32_t>> asked;
    Place asked_last = 0;
    unsigned questions = 0;
    std::uint64_t again_at_ms = 0;
  };
  struct Answered {
    Hash block;
    unsigned times = 0;
  };
  /// True when it is whole and delivered.
  bool finish(Place from, Partial& partial);
  void ask(Partial& partial, Place to, std::vector<std::uint32_t> places);
  /// Asks the next one for all; false when enough were asked.
  bool ask_another(Partial& partial);

  Clock const& clock_;
  Transport& transport_;
  Admission& admission_;
  std::size_t payload_bytes_min_;
  Deliver deliver_;
  std::size_t validators_ = 0;
  std::optional<Place> own_place_;
  std::uint64_t patience_ms_ = 0;
  Own own_;
  /// By proposer, the newest of each.
  std::map<Place, Partial> partial_;
  std::map<Place, Answered> answered_;
};

}  // namespace node
