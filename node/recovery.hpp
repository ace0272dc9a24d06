// SPDX-License-Identifier: Apache-2.0
#pragma once

// When a chain can decide nothing any more (more than f validators execute differently, or have lost their journals),
// its validators begin a new epoch on the last block that is final, by a file that a quorum of them signs. Who signs
// votes no more in the epoch that is given up, and says what it finalize-voted above that block: so everybody can see
// that nothing above it was ever final.

#include "consensus/core.hpp"

namespace node {

using base::Hash;
using base::Height;
using base::Result;

/// A Finalize vote above the last final block, as its validator's journal has it.
struct Voted {
  consensus::View view = 0;
  Height height = 0;
  Hash block;
  Hash result;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("view", self.view);
    visit("height", self.height);
    visit("block", self.block);
    visit("result", self.result);
  }
  auto operator<=>(Voted const&) const = default;
};

/// As many views as may be open.
constexpr std::size_t voted_max = 16'384;

struct Statement {
  consensus::Place place = 0;
  /// Its journal holds all its votes of the epoch. One that lost it may have voted for anything.
  bool remembers = false;
  base::List<Voted, voted_max> voted;
  base::ValidatorSignature signature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("place", self.place);
    visit("remembers", self.remembers);
    visit("voted", self.voted);
    visit("signature", self.signature);
  }
  bool operator==(Statement const&) const = default;
};

struct Recovery {
  std::uint16_t version = 1;
  Hash chain;
  /// The one that is given up. The next begins after the block of this height, the last that is final.
  std::uint64_t epoch = 0;
  Height height = 0;
  Hash result;
  /// Of the next epoch. Light clients follow only when they are those of the epoch before.
  crypto::ValidatorSet validators;
  /// By place, ascending.
  base::List<Statement, crypto::validators_max> statements;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("version", self.version);
    visit("chain", self.chain);
    visit("epoch", self.epoch);
    visit("height", self.height);
    visit("result", self.result);
    visit("validators", self.validators);
    visit("statements", self.statements);
  }
  bool operator==(Recovery const&) const = default;

  /// H(17 ‖ the recovery without its statements ‖ the statement without its signature).
  Hash digest(Statement const& statement) const;
};

/// Adds what this validator says, in its place; one that it said before goes.
void sign(Recovery& recovery, Statement statement, crypto::ValidatorSecret const& secret);

/// `of` are the epoch's validators. E_FORM, E_CHAIN: wrong by itself; E_SIGNATURE with the place; E_LIMIT: too few have
/// signed, or a block above may be final, and whose word is missing.
Result<void> verify(Recovery const& recovery, Hash const& chain, crypto::ValidatorSet const& of);
/// That each key is one of the curve, and stands once. Errors name the validator.
Result<void> check_set(crypto::ValidatorSet const& validators);

}  // namespace node
