// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything that the network did, judged: the wire, the block logs, the ledger. It remembers across crashes what the
// machines may forget. Properties by the names of docs/consensus.md and design: P1 to P6.

#include <set>

#include "book.hpp"
#include "consensus/message.hpp"
#include "ledger/block.hpp"
#include "ledger/tree.hpp"
#include "storage/block_log.hpp"

namespace sim {

using base::Height;
using consensus::Certificate;
using consensus::View;

class Judge {
 public:
  Judge(ledger::Genesis const& genesis);

  /// A vote of a machine that is held to the rules; a proposal is its proposer's Notarize.
  void saw_vote(std::size_t machine, consensus::Vote const& vote);
  /// A certificate that the node's own code has verified or made.
  void saw_certificate(Certificate const& certificate);
  /// A decision that is durable in a machine's block log, in order of heights.
  void saw_decision(storage::Decision const& decision);
  void fail(std::string finding);

  std::vector<std::string> const& findings() const { return findings_; }
  Height height() const { return decided_.size(); }
  ledger::StateView const& state() const { return state_; }
  Book const& book() const { return book_; }
  /// Of the next block.
  crypto::ValidatorSet const& validators() const { return validators_; }
  /// How often they have changed.
  std::uint64_t changes() const { return changes_; }
  /// Where the transaction was decided, and what came of it.
  struct Recorded {
    Height height = 0;
    base::Code code = base::Code::done;
  };
  Recorded const* recorded(Hash const& transaction) const;

 private:
  struct Decided {
    consensus::Header header;
    Hash block;
    Hash result;
  };
  void saw_finalization(crypto::Ballot const& ballot);
  void extend(consensus::Block const& block, ledger::ResultHeader const& result);
  void check_place(consensus::Block const& block);
  void check_validators();
  std::vector<ledger::Transaction> read(consensus::Block const& block);
  void execute(ledger::Block const& block, ledger::ResultHeader const& result);
  void check_receipts(ledger::Block const& block, std::vector<ledger::Receipt> const& receipts);

  Hash chain_;
  ledger::Parameters parameters_;
  std::vector<std::string> findings_;

  /// An epoch and a view of it.
  using Moment = std::pair<std::uint64_t, View>;
  std::map<std::pair<std::size_t, Moment>, Hash> notarized_, finalized_;
  std::set<std::pair<std::size_t, Moment>> nullified_;
  std::map<std::pair<std::size_t, Hash>, Hash> results_;
  std::set<Moment> nullifications_;
  std::map<Moment, crypto::Ballot> finalizations_;
  std::map<Height, crypto::Ballot> finalized_heights_;

  /// The one chain, from height 1 on, and what the machine and the book make of it.
  std::vector<Decided> decided_;
  Height epoch_first_ = 1;
  crypto::ValidatorSet validators_;
  std::uint64_t changes_ = 0;
  ledger::MemoryState state_;
  ledger::StateTree tree_;
  Book book_;
  std::map<Hash, Recorded> recorded_;
};

}  // namespace sim
