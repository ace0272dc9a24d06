// SPDX-License-Identifier: Apache-2.0
#pragma once

// One honest validator of an exploration: a real core, the smallest host, a durable memory. And what all of an
// exploration know of: ballots and proposals by number, blocks, results.

#include <map>
#include <set>

#include "consensus/core.hpp"

namespace explore {

using base::Hash;
using consensus::Block;
using consensus::Place;
using consensus::View;
using consensus::VoteKind;
using crypto::Ballot;

/// Numbers of ballots and proposals are bits of this.
using Bits = std::uint64_t;
constexpr std::size_t bits_max = 64;
constexpr std::size_t validators = 4;
/// Views of which proposals are made and timeouts come.
constexpr View views_max = 2;

/// Everything that was ever said, numbered in the order of its discovery.
class Registry {
 public:
  explicit Registry(consensus::Mutants const& mutants);

  std::size_t ballot(Ballot const& ballot);
  std::size_t proposal(consensus::Propose const& propose);
  std::vector<Ballot> const& ballots() const { return ballots_; }
  std::vector<consensus::Propose> const& proposals() const { return proposals_; }
  std::map<Hash, consensus::SharedBlock> const& blocks() const { return blocks_; }

  Ballot notarize(Block const& block) const;
  Hash result(Hash const& parent_result, Hash const& block, std::uint64_t salt);
  /// Signed by this place, which must be the leader's.
  consensus::Propose propose(Block const& block) const;
  /// By the liar and two others; who they are makes no difference.
  consensus::Certificate certificate(Ballot const& ballot, Place liar) const;
  consensus::Vote vote(Place place, Ballot const& ballot) const;
  /// Block and result of each height up to the ballot's, as its result tells.
  std::map<base::Height, std::pair<Hash, Hash>> history(Ballot const& ballot) const;

  consensus::Config config;
  std::vector<crypto::ValidatorSecret> secrets;
  consensus::Tip genesis;
  consensus::Leaders leaders;

 private:
  std::vector<Ballot> ballots_;
  std::map<Ballot, std::size_t> ballot_numbers_;
  std::vector<consensus::Propose> proposals_;
  std::map<Hash, std::size_t> proposal_numbers_;
  std::map<Hash, consensus::SharedBlock> blocks_;
  /// By result: the block and the result of its parent.
  std::map<Hash, std::pair<Hash, Hash>> results_;
};

/// A state of one validator. Copies share nothing that changes.
class Party {
 public:
  Party(Registry& registry, Place place);
  Party(Party const& other);

  void start() { restart(0); }
  /// Crashes, and comes back with what was durable; from then on it computes results with this salt.
  void restart(std::uint64_t salt);
  void receive(consensus::Message message, Place from);
  /// So much time passes that whatever it waits for is due.
  void time_out();

  /// What it has said so far.
  Bits ballots = 0, proposals = 0;
  std::uint8_t crashes = 0;
  bool halted = false;
  View view() const { return core_->status().view; }
  /// Two states with the same key act alike for ever.
  Hash key() const;
  /// What an honest validator must never do by itself: said twice, both ways, two results of one block; else empty.
  std::string double_vote() const;

 private:
  void feed(decltype(consensus::Input::event) event);
  void perform(consensus::Output const& output);
  std::optional<decltype(consensus::Input::event)> answer(consensus::Output const& output);
  void said(consensus::Envelope const& envelope);
  Hash result_of(Block const& block) const;

  Registry* registry_;
  Place place_;
  std::optional<consensus::Core> core_;
  std::vector<consensus::Record> records_;
  std::map<Hash, consensus::SharedBlock> saved_;
  consensus::Tip tip_;
  std::uint64_t now_ms_ = 1'000, salt_ = 0;
};

}  // namespace explore
