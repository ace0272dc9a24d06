// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the validators decide together: who validates, and the limits that all nodes agree on.

#include "crypto/evidence.hpp"
#include "ledger/field.hpp"

namespace ledger {

/// Limits that all nodes must agree on; part of the state.
struct Parameters {
  std::uint32_t transaction_bytes_max = 2u << 20;
  std::uint32_t event_bytes_max = 1u << 20;
  std::uint32_t block_bytes_max = 8u << 20;
  std::uint16_t events_max = 512;
  std::uint16_t operations_max = 64;
  std::uint16_t signers_max = 16;
  std::uint32_t keys_an_event_max = 4096;
  std::uint32_t children_a_unit_max = 4096;
  std::uint8_t packing_depth_max = 8;
  TimeMs window_ms_max = 24 * 3600 * 1000;
  TimeMs event_ahead_ms_max = 120 * 1000;
  TimeMs late_after_ms = 72 * 3600 * 1000;
  std::uint32_t meter_bucket = 1'000'000;
  std::uint32_t meter_refill_per_s = 20'000;
  std::uint32_t transitions_a_block_max = 2000;
  std::uint32_t deadlines_a_block_max = 2000;
  std::uint32_t contracts_a_subject_max = 10'000;
  std::uint32_t facts_a_subject_max = 1024;
  std::uint32_t idle_block_ms = 20'000;
  /// D0 of the engine's timeouts.
  std::uint32_t view_timeout_ms = 400;
  /// An epoch ends after so many blocks, if nothing ends it before.
  std::uint32_t epoch_blocks = 10'000;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(transaction_bytes_max)
    LEDGER_VISIT(event_bytes_max)
    LEDGER_VISIT(block_bytes_max)
    LEDGER_VISIT(events_max)
    LEDGER_VISIT(operations_max)
    LEDGER_VISIT(signers_max)
    LEDGER_VISIT(keys_an_event_max)
    LEDGER_VISIT(children_a_unit_max)
    LEDGER_VISIT(packing_depth_max)
    LEDGER_VISIT(window_ms_max)
    LEDGER_VISIT(event_ahead_ms_max)
    LEDGER_VISIT(late_after_ms)
    LEDGER_VISIT(meter_bucket)
    LEDGER_VISIT(meter_refill_per_s)
    LEDGER_VISIT(transitions_a_block_max)
    LEDGER_VISIT(deadlines_a_block_max)
    LEDGER_VISIT(contracts_a_subject_max)
    LEDGER_VISIT(facts_a_subject_max)
    LEDGER_VISIT(idle_block_ms) LEDGER_VISIT(view_timeout_ms) LEDGER_VISIT(epoch_blocks)
  }
  bool operator==(Parameters const&) const = default;
};

/// HOST:PORT, where other validators reach this one.
using PeerAddress = Text<255>;

struct AddValidator {
  static constexpr std::string_view name = "add_validator";
  crypto::Validator validator;
  PeerAddress address;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(validator) LEDGER_VISIT(address)
  }
  bool operator==(AddValidator const&) const = default;
};
struct RemoveValidator {
  static constexpr std::string_view name = "remove_validator";
  base::ValidatorKey key;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key)
  }
  bool operator==(RemoveValidator const&) const = default;
};
/// The validator keeps its place and its address.
struct RotateKey {
  static constexpr std::string_view name = "rotate_key";
  base::ValidatorKey key;
  base::ValidatorKey next;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(next)
  }
  bool operator==(RotateKey const&) const = default;
};
/// The one before is accepted for one epoch more.
struct SetTlsKey {
  static constexpr std::string_view name = "set_tls_key";
  base::ValidatorKey key;
  Hash tls_key;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(tls_key)
  }
  bool operator==(SetTlsKey const&) const = default;
};
struct SetParameters {
  static constexpr std::string_view name = "set_parameters";
  Parameters parameters;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(parameters)
  }
  bool operator==(SetParameters const&) const = default;
};
/// From the block of this height on the law of this version holds. Who runs a program that does not know it stops
/// before.
struct SetVersion {
  static constexpr std::string_view name = "set_version";
  /// The one after that in force.
  std::uint32_t version = 0;
  Height height = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(version) LEDGER_VISIT(height)
  }
  bool operator==(SetVersion const&) const = default;
};
using NetworkChange = std::variant<AddValidator, RemoveValidator, RotateKey, SetTlsKey, SetParameters, SetVersion>;

/// The version of the law in force, and the one that is decided on. There is none as long as version 1 holds and no
/// other is decided on. Id: empty.
struct VersionRecord {
  std::uint32_t version = 1;
  std::optional<SetVersion> next;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit){LEDGER_VISIT(version) LEDGER_VISIT(next)}
  /// What holds for the block of this height.
  std::uint32_t at(Height height) const {
    return next && next->height <= height ? next->version : version;
  }
};

/// By a validator. Its id is contract_id of transaction and operation.
struct ProposeChange {
  static constexpr std::string_view name = "propose";
  NetworkChange change;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(change)
  }
  bool operator==(ProposeChange const&) const = default;
};
/// By a validator, once for each proposal. Ends the epoch.
struct VoteChange {
  static constexpr std::string_view name = "vote";
  Hash proposal;
  bool yes = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(proposal) LEDGER_VISIT(yes)
  }
  bool operator==(VoteChange const&) const = default;
};
/// By a validator. Ends the epoch, and with it the accused leaves.
struct ReportEvidence {
  static constexpr std::string_view name = "evidence";
  crypto::Evidence evidence;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(evidence)
  }
  bool operator==(ReportEvidence const&) const = default;
};

/// By a validator whose vote journal is lost: it can have forgotten votes of epochs up to this one, and of none that
/// begins later.
struct Rejoin {
  static constexpr std::string_view name = "rejoin";
  base::ValidatorKey key;
  /// Drawn when the loss was found, so nobody can have recorded it before.
  Hash loss;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(loss)
  }
  bool operator==(Rejoin const&) const = default;
};

/// Who does not vote in this time says neither yes nor no; a change that a quorum has not accepted by then lapses.
constexpr TimeMs proposal_open_ms = TimeMs{7} * 24 * 3600 * 1000;
/// Of one member at a time.
constexpr std::size_t proposals_open_max = 4;

struct PartyVote {
  PartyId party;
  bool yes = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(party) LEDGER_VISIT(yes)
  }
  bool operator==(PartyVote const&) const = default;
};

/// Id: the height of its block, big endian, then the proposal's id, so that the oldest stands first. Gone when the
/// change was made, lapsed or can be accepted no more.
struct ProposalRecord {
  NetworkChange change;
  PartyId proposer;
  TimeMs expires_ms = 0;
  /// In the order of voting.
  List<PartyVote, 512> votes;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(change) LEDGER_VISIT(proposer) LEDGER_VISIT(expires_ms) LEDGER_VISIT(votes)
  }
};

/// A validator that signed two things. Id: its consensus key, which can never be a validator's again.
struct AccusedRecord {
  crypto::Evidence evidence;
  PartyId reporter;
  TimeMs time_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(evidence) LEDGER_VISIT(reporter) LEDGER_VISIT(time_ms)
  }
};

/// The newest loss of a validator's journal. Id: its consensus key.
struct RejoinRecord {
  Hash loss;
  /// Of its block.
  std::uint64_t height = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(loss) LEDGER_VISIT(height)
  }
};

/// Where a validator that the genesis does not name is reached, and its TLS key of the epoch before. Id: its consensus
/// key.
struct EndpointRecord {
  PeerAddress address;
  std::optional<Hash> previous_tls_key;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(address) LEDGER_VISIT(previous_tls_key)
  }
};

}  // namespace ledger
