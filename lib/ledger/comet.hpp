// SPDX-License-Identifier: Apache-2.0
#pragma once

// CometBFT's proof that a result is final (docs/proof.md): the header of the next block, whose app hash the result's
// hash is, and the commit of that block. What the rest of a proof says already is not repeated, so it cannot disagree:
// chain id, height, app hash and validators' hash are put back before anything is hashed.

#include "crypto/certificate.hpp"
#include "ledger/tx.hpp"

namespace ledger {

/// Since 1970, as CometBFT's clocks say it.
struct CometTime {
  std::uint64_t seconds = 0;
  std::uint32_t nanos = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(seconds) LEDGER_VISIT(nanos)
  }
  bool operator==(CometTime const&) const = default;
};

/// A block's hash, and the number and root of the parts in which it was sent.
struct CometBlockId {
  Hash hash;
  std::uint32_t parts = 0;
  Hash parts_hash;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(hash) LEDGER_VISIT(parts) LEDGER_VISIT(parts_hash)
  }
  bool operator==(CometBlockId const&) const = default;
};

/// The first 20 bytes of SHA-256 of a validator's key.
using CometAddress = base::Fixed<struct CometAddressTag, 20>;

/// A header without what its proof says elsewhere.
struct CometHeader {
  std::uint64_t block_version = 0;
  std::uint64_t app_version = 0;
  CometTime time;
  /// Absent in the first block.
  std::optional<CometBlockId> last_block;
  Hash last_commit_hash;
  Hash data_hash;
  Hash next_validators_hash;
  Hash consensus_hash;
  Hash last_results_hash;
  Hash evidence_hash;
  CometAddress proposer;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(block_version)
    LEDGER_VISIT(app_version)
    LEDGER_VISIT(time)
    LEDGER_VISIT(last_block)
    LEDGER_VISIT(last_commit_hash)
    LEDGER_VISIT(data_hash)
    LEDGER_VISIT(next_validators_hash)
    LEDGER_VISIT(consensus_hash)
    LEDGER_VISIT(last_results_hash) LEDGER_VISIT(evidence_hash) LEDGER_VISIT(proposer)
  }
  bool operator==(CometHeader const&) const = default;
};

/// A validator whose precommit is not in the commit.
struct CometAbsent {
  static constexpr std::string_view name = "absent";
  template <class Self, class Visit>
  static void fields(Self&, Visit&) {}
  bool operator==(CometAbsent const&) const = default;
};
/// A precommit for the block, at the signer's own time.
struct CometCommitted {
  static constexpr std::string_view name = "commit";
  CometTime time;
  base::ValidatorSignature signature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(time) LEDGER_VISIT(signature)
  }
  bool operator==(CometCommitted const&) const = default;
};
/// A precommit for no block: it is checked and does not count.
struct CometNil {
  static constexpr std::string_view name = "nil";
  CometTime time;
  base::ValidatorSignature signature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(time) LEDGER_VISIT(signature)
  }
  bool operator==(CometNil const&) const = default;
};
using CometVote = std::variant<CometAbsent, CometCommitted, CometNil>;

struct CometFinality {
  static constexpr std::string_view name = "comet";
  CometHeader header;
  std::uint32_t round = 0;
  std::uint32_t parts = 0;
  Hash parts_hash;
  /// One for each validator, in CometBFT's order.
  List<CometVote, crypto::validators_max> votes;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(header) LEDGER_VISIT(round) LEDGER_VISIT(parts) LEDGER_VISIT(parts_hash) LEDGER_VISIT(votes)
  }
  bool operator==(CometFinality const&) const = default;

  std::size_t commits() const;
};

/// What a header says that is said elsewhere in a proof.
struct CometPlace {
  Hash chain;
  Height height = 0;
  Hash app_hash;
};

/// "tally-" and the first 20 bytes of our chain id: CometBFT's has at most 50 characters.
std::string comet_chain_id(Hash const& chain);
CometAddress comet_address(base::ValidatorKey const& key);
/// The set's places in CometBFT's order: every validator has the power 1, so they stand by address.
std::vector<std::size_t> comet_order(crypto::ValidatorSet const& set);
/// CometBFT's validators hash: RFC 6962 over SimpleValidator.
Hash comet_set_hash(crypto::ValidatorSet const& set);
/// RFC 6962 over the header's 14 fields in protobuf.
Hash comet_header_hash(CometHeader const& header, CometPlace const& place, crypto::ValidatorSet const& set);
/// The bytes that a validator signs with a precommit; for no block without its id.
Bytes comet_sign_bytes(CometPlace const& place, std::uint32_t round, std::optional<CometBlockId> const& block,
                       CometTime const& time);
/// True when more than two thirds of the set committed this very header and every signature in the commit holds.
bool verify(CometFinality const& finality, CometPlace const& place, crypto::ValidatorSet const& set);

}  // namespace ledger
