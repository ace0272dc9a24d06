// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a rule sees and touches while one act runs, and the facts that goods tell contracts. The machine makes a Context
// for each transaction on an overlay of its own, which it merges when every operation succeeded and drops when one
// failed.

#include "ledger/accounts.hpp"
#include "ledger/block.hpp"
#include "ledger/history.hpp"
#include "ledger/query_index.hpp"

namespace contracts {

using base::Code;
using base::Error;
using base::Result;
using ledger::Hash;
using ledger::PartyId;
using ledger::TimeMs;

struct Context {
  ledger::Overlay& state;
  ledger::Parameters const& parameters;
  ledger::Height height = 0;
  /// Block time.
  TimeMs time_ms = 0;
  std::uint16_t transaction_index = 0;
  /// That the transaction was signed for.
  Hash chain{};
  /// The transaction's id; of a fired deadline: zero.
  Hash transaction{};
  PartyId actor{};
  std::vector<ledger::Signer> signers{};
  /// Block 0: nobody signs, everything is allowed.
  bool genesis = false;
  /// Account lines made so far; the machine puts their root into the receipt.
  std::vector<ledger::Entry> entries{};
  /// UETR and end-to-end id of those lines that have one, by the line's place.
  std::map<std::size_t, ledger::PaymentIds> payment_ids{};
  /// What the events recorded so far are found by.
  ledger::Postings postings{};
  std::uint32_t work = 0;
  /// Turns of contracts (transitions, and one more for some payouts) that this block may still run for facts, and for
  /// parties' own acts: neither takes from the other.
  std::uint32_t* turns_left = nullptr;
  std::uint32_t* act_turns_left = nullptr;
  /// How many of those for acts each actor took: who acts leaves as many free as he takes.
  std::map<PartyId, std::uint32_t>* act_turns_taken = nullptr;
  /// Work for contracts that nobody pays for, or an opener did, unless the transaction fails: then its actor does.
  std::uint32_t spared = 0;
  /// Operations that this block may still spend on judging terms.
  std::uint64_t* judging_left = nullptr;
  /// The place of the operation that runs, in its body.
  std::uint16_t operation_index = 0;
  /// The place of its first event among the transaction's payloads.
  std::uint16_t first_event = 0;
};

/// Appends the operation's canonical bytes to the log of all events, and returns what its leaves in the histories of
/// its subjects share (ledger::append_history).
ledger::ActLeaf log_operation(Context& context, ledger::Operation const& operation);
/// The same for any act that is no event, from its canonical bytes; `act` says its kind, actor and time.
ledger::ActLeaf log_act(Context& context, ledger::ActLeaf act, ledger::Bytes payload);

enum class FactKind : std::uint8_t { handover, milestone, readings, certificate };

/// How a handover stands. `offered` opens one; the other three answer it.
enum class Answer : std::uint8_t { offered, accepted, rejected, withdrawn };

/// The part of an accepted quantity that carries a claim; the empty claim is what carries none.
struct ClaimedPart {
  std::string claim;
  ledger::Micro quantity = 0;
  bool operator==(ClaimedPart const&) const = default;
};

/// An entry of bizTransactionList: its type as an internal word ("inv", "bol") or URI, and the document's own key.
struct NamedDocument {
  std::string type;
  std::string id;
  bool operator==(NamedDocument const&) const = default;
};

/// One value that a device read. Sequence numbers of one device that are missing between two readings are a gap.
struct Reading {
  std::uint64_t sequence = 0;
  TimeMs time_ms = 0;
  std::int64_t value_micro = 0;
  bool operator==(Reading const&) const = default;
};

/// Something recorded about goods that contracts may wait for. It is about the keys that its event names itself: EPCs,
/// lots, classes, and the shipment in bizTransactionList.
struct Fact {
  FactKind kind = FactKind::milestone;
  /// Tree keys of the subjects.
  std::vector<Hash> subjects;
  /// Of a milestone: CBV bizStep and disposition as bare words ("receiving"), ours as "tally:customs_export". Empty
  /// disposition: none.
  std::string biz_step;
  std::string disposition;
  /// Of a handover.
  Answer answer = Answer::offered;
  /// The offer's event hash.
  Hash offer;
  /// Of a milestone: who attests it (each signer of the event); of a handover: the giver, then the receiver.
  std::vector<PartyId> actors;
  /// What was accepted, all of it in pieces or base units (micro-units), and the part under each claim, ascending by
  /// claim. What a unit holds is counted by claim only where a contract watches a subject of the event.
  ledger::Micro accepted = 0;
  std::string unit;
  std::vector<ClaimedPart> claims;
  /// Of a milestone: what its event counts of single subjects.
  struct Counted {
    Hash subject;
    ledger::Micro quantity = 0;
    std::string unit;
  };
  std::vector<Counted> counted;
  /// Of a milestone that grades its subject.
  std::optional<std::uint32_t> grade;
  /// What the event's bizTransactionList names.
  std::vector<NamedDocument> documents;
  /// Of readings: one device's batch about one unit, of one type, in order of sequence; `unit` is the uom, the only
  /// actor the device's owner. A batch that comes late closes its part of a gap.
  Hash device;
  std::string sensor_type;
  std::vector<Reading> readings;
  /// Of a certificate, about the products that it covers: its number, its scheme, whether it was revoked; the actors
  /// are its issuer and its holder.
  std::string certificate;
  std::string scheme;
  bool revoked = false;
  TimeMs valid_until_ms = 0;
  std::uint64_t log_index = 0;
  /// Event time, for maxAge; when it fires is block time.
  TimeMs event_time_ms = 0;
  /// Recorded later than late_after_ms: fires nothing unless the terms' maxAge allows.
  bool late = false;
};

/// What an act touches, for keys that may act for some of their member's prefixes and sites only. Empty: nothing of the
/// kind.
struct Reach {
  /// The digits of the GS1 key at whose start its company prefix stands (gs1::prefix_digits).
  std::string_view prefix_digits;
  /// A site's GLN.
  std::string_view site;
  /// Nothing but a device's report: what keys of devices may sign.
  bool readings = false;
};

/// Fails with E_MISSING_SIGNER, E_KEY_UNKNOWN, E_KEY_REVOKED or E_SCOPE unless a valid key of the party signed whose
/// scope has the act. In the genesis nobody needs to sign.
Result<void> require_signer(Context const& context, PartyId const& party, ledger::Act act, std::string const& field,
                            Reach const& reach = {});
/// The same for an admin key.
Result<void> require_admin(Context const& context, PartyId const& party, std::string const& field);
/// The same for a root key.
Result<void> require_root(Context const& context, PartyId const& party, std::string const& field);
/// Fails unless the party signed with any valid key, whatever its kind and scope.
Result<void> require_any_key(Context const& context, PartyId const& party, std::string const& field);
/// The records of the party's keys that signed and are valid now, in the order of the signers.
std::vector<ledger::KeyRecord> valid_keys(Context const& context, PartyId const& party);
/// The parties that signed with a key that is valid now and has the act in scope, ascending, without repetition.
std::vector<PartyId> valid_signers(Context const& context, ledger::Act act, Reach const& reach = {});

}  // namespace contracts
