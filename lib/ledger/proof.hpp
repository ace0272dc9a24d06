// SPDX-License-Identifier: Apache-2.0
#pragma once

// The proof that fits in a phone: everything recorded about one subject, under one state root that a quorum of
// validators signed. docs/proof.md tells how to write another verifier.

#include "ledger/finality.hpp"
#include "ledger/history.hpp"
#include "ledger/tree.hpp"
#include "ledger/witness.hpp"

namespace ledger {

/// One own entry of an event's key lists: the EPC that is this subject, with its place among the view's leaves.
struct ShownEntry {
  /// Index of the view leaf (the head is 0).
  std::uint32_t index = 0;
  /// The canonical bytes of the entry (gs1/view.hpp).
  base::Blob<1100> bytes;
  /// range_proof of that one leaf among view_size.
  List<Hash, 32> path;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(index) LEDGER_VISIT(bytes) LEDGER_VISIT(path)
  }
  bool operator==(ShownEntry const&) const = default;
};

/// A leaf with what it commits to: the event's head and the subject's own entries, never the other keys.
struct ShownLeaf {
  HistoryLeaf leaf;
  base::Blob<event_bytes_max> head;
  /// range_proof of the head among view_size leaves.
  List<Hash, 32> head_path;
  List<ShownEntry, 64> entries;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(leaf) LEDGER_VISIT(head) LEDGER_VISIT(head_path) LEDGER_VISIT(entries)
  }
  bool operator==(ShownLeaf const&) const = default;
};

/// Chosen leaves of one subject, by ascending sequence, with the subject's record in the state.
struct HistoryProof {
  /// The stored key: namespace byte and id.
  base::Blob<600> key;
  base::Blob<65536> record;
  /// Where the record's leaf stands in the state tree.
  std::uint8_t depth = 0;
  List<ShownLeaf, 4096> leaves;
  /// places_proof of them among the leaves that the record counts.
  List<Hash, 16384> hashes;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(record) LEDGER_VISIT(depth) LEDGER_VISIT(leaves) LEDGER_VISIT(hashes)
  }
  bool operator==(HistoryProof const&) const = default;
};

/// A record without a history that a reader needs for names: member, site, product, certificate.
struct RecordProof {
  base::Blob<600> key;
  base::Blob<65536> record;
  std::uint8_t depth = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(record) LEDGER_VISIT(depth)
  }
  bool operator==(RecordProof const&) const = default;
};

/// That nothing is recorded under a stored key.
struct AbsenceProof {
  base::Blob<600> key;
  StatePath path;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(path)
  }
  bool operator==(AbsenceProof const&) const = default;
};

/// The last header of an epoch, certified, with the set that signed it. A chain of those after which the set changed
/// leads from the genesis to the proof's header.
struct EpochEnd {
  ResultHeader header;
  Finality finality;
  crypto::SignerSet validators;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(header) LEDGER_VISIT(finality) LEDGER_VISIT(validators)
  }
  bool operator==(EpochEnd const&) const = default;
};

struct TraceProof {
  std::uint16_t version = 3;
  /// The chain id, which a verifier pins.
  Hash chain;
  /// The ends of the epochs after which the set changed; the first set is the genesis's, whose hash a verifier pins
  /// with the chain id.
  List<EpochEnd, 64> epochs;
  crypto::SignerSet validators;
  ResultHeader header;
  Finality finality;
  /// The first is the subject that was asked for; the others are those that its links lead to. None: it is absent.
  List<HistoryProof, 64> histories;
  List<RecordProof, 256> records;
  /// What is beside the paths of all these records, each hash once (SharedPaths).
  List<Hash, 65535> siblings;
  /// Under which keys of the subject's name nothing is recorded: when its name is one of an item, lot or unit and the
  /// history is that of a thing, that of the goods, whose history it should have been; when there is no history, all.
  List<AbsenceProof, 2> absent;
  /// By members whose keys and records are among `records`; by ascending key.
  Cosignatures witnesses;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(version)
    LEDGER_VISIT(chain)
    LEDGER_VISIT(epochs)
    LEDGER_VISIT(validators)
    LEDGER_VISIT(header)
    LEDGER_VISIT(finality)
    LEDGER_VISIT(histories) LEDGER_VISIT(records) LEDGER_VISIT(siblings) LEDGER_VISIT(absent) LEDGER_VISIT(witnesses)
  }
  bool operator==(TraceProof const&) const = default;
};

/// A result that a quorum certified, with the state it speaks of: what nodes answer from.
struct Certified {
  Hash chain;
  crypto::ValidatorSet validators;
  ResultHeader header;
  /// Empty for block 0, which the genesis itself proves.
  std::optional<Finality> finality;
  std::shared_ptr<StateView const> state;
  StateTree tree;
  /// Of the epochs before the header's after which the set changed.
  List<EpochEnd, 64> epochs{};
  /// Who has co-signed this header, by ascending key.
  Cosignatures witnesses{};
};

/// What a proof may hold; what is beyond is named partial.
constexpr std::size_t trace_histories_max = 64;
constexpr unsigned trace_depth_max = 16;
constexpr std::size_t trace_leaves_max = 4096;
/// Bytes of all leaves and heads: with the records, a proof in hexadecimal fits a message of the RPC (9 MiB).
constexpr std::size_t trace_bytes_max = std::size_t{3} << 20;

/// The stored key of the subject that a name speaks of: of an item, lot or unit by its canonical Digital Link, a member
/// by its party GLN (417), a contract by 0x and its id, and of a thing by any other URI. Errors: E_EVENT_FORM,
/// E_CHECK_DIGIT.
base::Result<Bytes> subject_of(std::string_view name);
/// True for the key of an item, lot or unit.
bool is_goods(BytesView key);
/// The key of the thing of the same name.
Bytes as_thing(Bytes key);
/// The name of a subject by its stored key.
std::string subject_name(BytesView stored_key);

/// The proof of a subject: its last leaves, at most so many, and what their links lead to (docs/proof.md); one without
/// histories when nothing is recorded under the name. Errors: those of subject_of; E_SYNCING at block 0, which no
/// certificate finalizes.
base::Result<TraceProof> prove_trace(Certified const& at, std::string_view subject,
                                     std::size_t last = trace_leaves_max);

/// What a verifier pins.
struct Anchor {
  Hash chain;
  Hash validators_hash;
};

/// Each check by the name that pages and tools print when it fails, in the order in which they are made.
enum class ProofCheck : std::uint8_t {
  form,
  chain,
  finality,
  subject,
  state_path,
  witness,
  history,
  event_content,
  links
};
constexpr std::array<std::string_view, 9> enum_names(ProofCheck) {
  return {"form", "chain", "finality", "subject", "state_path", "witness", "history", "event_content", "links"};
}

/// Who co-signed the header, with the name in its record.
struct Witness {
  PartyId party;
  Text<16> short_name;
  PartyKey key;
  /// By its own clock.
  TimeMs time_ms = 0;
};

struct Verdict {
  /// Absent: everything holds.
  std::optional<ProofCheck> failed;
  /// Which subject, leaf or signature, in words.
  std::string detail;
  std::size_t signatures = 0;
  std::size_t validators = 0;
  std::size_t quorum = 0;
  /// Distinct events (log indexes) and leaves, shown and signed for.
  std::size_t events = 0;
  std::size_t leaves = 0;
  std::vector<Witness> witnesses;
  /// Nothing is recorded under the name.
  bool absent = false;
  /// What the proof counts and does not show, in words: leaves of the subject, links that lead too deep or too far.
  /// Empty: nothing is missing.
  std::vector<std::string> partial;
};
/// "complete", "partial", "absent", or the check that failed.
std::string_view word(Verdict const& verdict);

/// Checks a proof against the pinned anchor, with no network: finality, every state path, every history's count, order
/// and root, every shown event's bytes, and that each link of a shown leaf is followed.
Verdict verify_trace(TraceProof const& proof, std::string_view subject, Anchor const& anchor);

/// The proof of one record without a history, by its stored key: a TraceProof whose only content is that record.
/// E_SYNCING at block 0, E_UNKNOWN_GOODS for no record.
base::Result<TraceProof> prove_record(Certified const& at, Bytes const& key);
/// The record's bytes, checked against the pinned anchor without a network. Errors: E_SIGNATURE with the check that
/// failed (ProofCheck) as the field.
base::Result<Bytes> verify_record(TraceProof const& proof, BytesView key, Anchor const& anchor);

}  // namespace ledger
