// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tree A, the history of one subject, and tree C, the log of all events.

#include "ledger/records.hpp"

namespace ledger {

/// `plain`: an event that says that goods were made, packed or handed over, outside accounts: nothing was balanced.
enum class LeafKind : std::uint8_t { event, operation, deadline, plain };
constexpr std::uint8_t enum_count(LeafKind) { return 4; }
constexpr std::array<std::string_view, 4> enum_names(LeafKind) { return {"event", "operation", "deadline", "plain"}; }
constexpr bool is_event(LeafKind kind) { return kind == LeafKind::event || kind == LeafKind::plain; }

enum class LinkRole : std::uint8_t { lot, made_from, into, out_of, contract };
constexpr std::uint8_t enum_count(LinkRole) { return 5; }
constexpr std::array<std::string_view, 5> enum_names(LinkRole) {
  return {"lot", "made_from", "into", "out_of", "contract"};
}

/// Points to a leaf of another subject's history that this act touched too.
struct Link {
  LinkRole role = LinkRole::lot;
  /// The tree key of that subject.
  Hash key;
  std::uint64_t sequence = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(role) LEDGER_VISIT(key) LEDGER_VISIT(sequence)
  }
  bool operator==(Link const&) const = default;
};

/// The canonical event in one subject's history; its hash is H(00 ‖ canonical bytes).
struct HistoryLeaf {
  std::uint16_t version = 1;
  /// Tree key of the subject whose history this is.
  Hash subject;
  std::uint64_t sequence = 0;
  std::uint64_t log_index = 0;
  Height height = 0;
  /// The transaction's place in its block; of a deadline: 65535.
  std::uint16_t transaction_index = 0;
  LeafKind kind = LeafKind::event;
  /// Zero for a deadline.
  PartyId actor;
  TimeMs event_time_ms = 0;
  /// SHA-256 of the exact bytes submitted.
  Hash payload_hash;
  /// RFC 6962 over [head, entries…] (gs1/view.hpp); of an operation: over its bytes alone.
  Hash view_root;
  std::uint32_t view_size = 1;
  List<Link, 256> links;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(version)
    LEDGER_VISIT(subject)
    LEDGER_VISIT(sequence)
    LEDGER_VISIT(log_index)
    LEDGER_VISIT(height)
    LEDGER_VISIT(transaction_index)
    LEDGER_VISIT(kind)
    LEDGER_VISIT(actor)
    LEDGER_VISIT(event_time_ms)
    LEDGER_VISIT(payload_hash) LEDGER_VISIT(view_root) LEDGER_VISIT(view_size) LEDGER_VISIT(links)
  }
  bool operator==(HistoryLeaf const&) const = default;
};

/// The payload of a leaf that a deadline made.
struct DeadlinePayload {
  Hash contract;
  std::uint8_t lane = 0;
  Text<64> from;
  Text<64> to;
  TimeMs due_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(contract) LEDGER_VISIT(lane) LEDGER_VISIT(from) LEDGER_VISIT(to) LEDGER_VISIT(due_ms)
  }
};

/// One event of the log of all events.
struct LogLeaf {
  std::uint16_t version = 1;
  Height height = 0;
  Hash transaction;
  std::uint16_t event_index = 0;
  PartyId actor;
  Hash payload_hash;
  Hash view_root;
  std::uint32_t view_size = 1;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(version)
    LEDGER_VISIT(height)
    LEDGER_VISIT(transaction)
    LEDGER_VISIT(event_index)
    LEDGER_VISIT(actor) LEDGER_VISIT(payload_hash) LEDGER_VISIT(view_root) LEDGER_VISIT(view_size)
  }
};

/// What all leaves of one act share.
struct ActLeaf {
  Height height = 0;
  std::uint16_t transaction_index = 0;
  LeafKind kind = LeafKind::event;
  PartyId actor;
  TimeMs event_time_ms = 0;
  Hash payload_hash;
  Hash view_root;
  std::uint32_t view_size = 1;
  std::uint64_t log_index = 0;
};

LogLeaf log_leaf(StoredEvent const& event);
/// Appends the event to tree C, keeps its bytes, and returns its log index.
std::uint64_t append_log(Overlay& state, StoredEvent const& event);

/// True for namespaces whose records end with a History: member, lot, item, unit, thing, contract.
bool has_history(BytesView stored_key);
/// How many leaves the subject's history has now, unfinished block included; the next leaf's sequence.
std::uint64_t history_count(StateView const& state, BytesView subject);
/// Appends a leaf to the history of the subject (its stored key) and returns its sequence; at most 256 links. The
/// subject's record is brought up to date by fold_histories at the end of the block.
std::uint64_t append_history(Overlay& state, BytesView subject, ActLeaf const& act, std::vector<Link> links);
/// Writes count and root into the record of each subject whose history grew in this overlay; creates a ThingRecord for
/// a subject of namespace thing that has none. Every other such subject must have its record by then.
void fold_histories(Overlay& state);

/// The leaf at a place of a subject's history (by tree key).
std::optional<HistoryLeaf> history_leaf(StateView const& state, Hash const& subject, std::uint64_t sequence);
/// The hashes of the leaves [0, count) of a subject's history.
std::vector<Hash> history_leaf_hashes(StateView const& state, Hash const& subject, std::uint64_t count);
/// What the last 40 bytes of a subject's record say; nothing when they are not there.
std::optional<History> history_of(BytesView record);
/// The stored key of a subject by its tree key, once its history has a leaf.
std::optional<Bytes> subject_key(StateView const& state, Hash const& subject);
/// Where whose history it is and its peaks stand (SubjectRecord).
inline Bytes subject_row(Hash const& name) { return state_key(Space::subject, name.view()); }
/// Whether something has a history, by its tree key.
bool is_subject(StateView const& state, Hash const& name);
/// Visits what has a history, in the order of tree keys from one on, until the visitor returns false.
void each_subject(StateView const& state, Hash const& from,
                  std::function<bool(Hash const& name, BytesView stored_key)> const& visit);
std::optional<StoredEvent> stored_event(StateView const& state, std::uint64_t log_index);
std::uint64_t log_size(StateView const& state);
Hash log_root(StateView const& state);

/// The log is kept in tiles of 2^8 leaves, of 2^8 such tiles, and so on.
constexpr unsigned tile_levels = 8;
/// Where the hash of a tile stands; `level` is a multiple of tile_levels.
Bytes tile_key(unsigned level, std::uint64_t index);
/// The hash of the full subtree of 2^level leaves of tree C whose first leaf is index << level; nothing when it is not
/// full. Reads at most 255 records.
std::optional<Hash> log_node(StateView const& state, unsigned level, std::uint64_t index);

}  // namespace ledger
