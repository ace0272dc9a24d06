// SPDX-License-Identifier: Apache-2.0
#pragma once

// The records of contracts: what a contract holds and waits for, the facts that open contracts may still use, and the
// keys of the indexes that fire them.

#include "ledger/records.hpp"

namespace ledger {

/// A place in the order of everything recorded: block time, then the position in the log of all events. A fact stands
/// at its own log index; a deadline at position 0 of its time, before all that is recorded then.
struct Moment {
  TimeMs time_ms = 0;
  std::uint64_t log_index = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(time_ms) LEDGER_VISIT(log_index)
  }
  auto operator<=>(Moment const&) const = default;
};

/// The last fact that a lane used of one trigger: the trigger's number in the terms, the fact's log index.
struct UsedFact {
  std::uint16_t trigger = 0;
  std::uint64_t log_index = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(trigger) LEDGER_VISIT(log_index)
  }
  bool operator==(UsedFact const&) const = default;
};

/// A vote for a case that waits for k equal ones.
struct Vote {
  std::uint8_t case_index = 0;
  Text<32> role;
  std::uint64_t value = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(case_index) LEDGER_VISIT(role) LEDGER_VISIT(value)
  }
  bool operator==(Vote const&) const = default;
};

/// The name that the state of an ended lane has; no state of the terms has it.
constexpr std::string_view closed_state = "close";

/// A part of a contract that waits by itself: in one state, until one deadline.
struct Lane {
  Text<64> state;
  Moment entered;
  TimeMs due_ms = 0;
  List<UsedFact, 64> used;
  List<Vote, 256> votes;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(state) LEDGER_VISIT(entered) LEDGER_VISIT(due_ms) LEDGER_VISIT(used) LEDGER_VISIT(votes)
  }
  bool operator==(Lane const&) const = default;
  bool closed() const { return state == closed_state; }
};

struct PotAmount {
  Text<32> pot;
  Amount amount = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(pot) LEDGER_VISIT(amount)
  }
  bool operator==(PotAmount const&) const = default;
};

struct CounterValue {
  Text<32> counter;
  std::uint32_t value = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(counter) LEDGER_VISIT(value)
  }
  bool operator==(CounterValue const&) const = default;
};

struct VariableValue {
  Text<32> variable;
  bool negative = false;
  base::u128 magnitude = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(variable) LEDGER_VISIT(negative) LEDGER_VISIT(magnitude)
  }
  bool operator==(VariableValue const&) const = default;
};

/// When a state that a deadline or a number of days counts from was entered last; zero: never.
struct StateEntry {
  Text<64> state;
  TimeMs time_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(state) LEDGER_VISIT(time_ms)
  }
  bool operator==(StateEntry const&) const = default;
};

/// What a role paid in and was paid so far.
struct RoleTotal {
  Text<32> role;
  AssetId asset;
  Amount paid_in = 0;
  Amount paid_out = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(role) LEDGER_VISIT(asset) LEDGER_VISIT(paid_in) LEDGER_VISIT(paid_out)
  }
  bool operator==(RoleTotal const&) const = default;
};

enum class MoveCause : std::uint8_t { act, fact, deadline };
constexpr std::uint8_t enum_count(MoveCause) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(MoveCause) { return {"act", "fact", "deadline"}; }

/// Money that one step of a contract moved between a role and a pot.
struct Payment {
  Text<32> role;
  Text<32> pot;
  Amount amount = 0;
  /// False: a deposit.
  bool out = true;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(role) LEDGER_VISIT(pot) LEDGER_VISIT(amount) LEDGER_VISIT(out)
  }
  bool operator==(Payment const&) const = default;
};

/// One transition of the past, as people are told of it.
struct PastMove {
  std::uint8_t lane = 0;
  Text<64> from;
  Text<64> to;
  TimeMs time_ms = 0;
  MoveCause cause = MoveCause::act;
  List<Payment, 64> payments;
  /// Goods whose title could not pass because the giver does not own them, in micro-units.
  Micro title_missed = 0;
  /// Codes that its steps emitted; the first of them.
  List<Text<32>, 16> emitted;
  /// Assertions of the terms that did not hold, and payouts that a pot could only make in part.
  std::uint8_t assertions_failed = 0;
  std::uint8_t clamped = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(lane)
    LEDGER_VISIT(from)
    LEDGER_VISIT(to)
    LEDGER_VISIT(time_ms)
    LEDGER_VISIT(cause)
    LEDGER_VISIT(payments)
    LEDGER_VISIT(title_missed) LEDGER_VISIT(emitted) LEDGER_VISIT(assertions_failed) LEDGER_VISIT(clamped)
  }
  bool operator==(PastMove const&) const = default;
};

constexpr std::size_t lanes_max = 8;
constexpr std::size_t past_moves_max = 32;

/// Id: the contract's id. Lists of pots, counters, variables and state entries follow the order of the terms.
struct ContractRecord {
  /// SHA-256 of the canonical terms, which stand under Space::terms.
  Hash terms;
  Text<32> label;
  PartyId opener;
  List<RoleBinding, 16> parties;
  /// Facts before it never count.
  Moment opened;
  std::optional<TimeMs> closed_ms;
  List<Lane, lanes_max> lanes;
  List<PotAmount, 8> pots;
  List<CounterValue, 8> counters;
  List<VariableValue, 32> variables;
  List<StateEntry, 16> entries;
  List<RoleTotal, 128> totals;
  /// The newest, oldest first.
  List<PastMove, past_moves_max> past;
  /// Roles whose payouts go to another party than the role's own: at most one for each.
  List<RoleBinding, 16> assigned;
  History history;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(terms)
    LEDGER_VISIT(label)
    LEDGER_VISIT(opener)
    LEDGER_VISIT(parties)
    LEDGER_VISIT(opened)
    LEDGER_VISIT(closed_ms)
    LEDGER_VISIT(lanes)
    LEDGER_VISIT(pots)
    LEDGER_VISIT(counters)
    LEDGER_VISIT(variables)
    LEDGER_VISIT(entries)
    LEDGER_VISIT(totals) LEDGER_VISIT(past) LEDGER_VISIT(assigned) LEDGER_VISIT(history)
  }
  bool operator==(ContractRecord const&) const = default;
};

constexpr std::size_t terms_bytes_max = 32768;

/// Id: their SHA-256. Stored once, kept for ever.
struct TermsRecord {
  /// RFC 8785.
  Text<terms_bytes_max> json;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(json)
  }
};

/// Id: the subject's tree key. Deleted when no open contract names it.
struct WatchRecord {
  std::uint32_t contracts = 0;
  /// When handovers of the subject were accepted while it was watched: readings are cut there. The oldest drop.
  List<TimeMs, 16> accepted_ms;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(contracts) LEDGER_VISIT(accepted_ms)
  }
};

enum class WatchKind : std::uint8_t { handover, milestone, sensor, document, certificate };
constexpr std::uint8_t enum_count(WatchKind) { return 5; }
constexpr std::array<std::string_view, 5> enum_names(WatchKind) {
  return {"handover", "milestone", "sensor", "document", "certificate"};
}

/// A value in micro-units that may be below zero.
struct SignedMicro {
  bool negative = false;
  Micro magnitude = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(negative) LEDGER_VISIT(magnitude)
  }
  bool operator==(SignedMicro const&) const = default;

  static SignedMicro of(std::int64_t value) {
    return {value < 0, value < 0 ? Micro{0} - static_cast<Micro>(value) : static_cast<Micro>(value)};
  }
  base::i128 value() const { return negative ? -static_cast<base::i128>(magnitude) : base::i128{magnitude}; }
};

/// How readings are told together: the sum of the time above and below a threshold, of gaps longer than a limit.
struct SensorWatch {
  Text<3> unit;
  std::optional<SignedMicro> threshold;
  std::optional<TimeMs> gap_ms_max;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(unit) LEDGER_VISIT(threshold) LEDGER_VISIT(gap_ms_max)
  }
  bool operator==(SensorWatch const&) const = default;
};

/// What one device reported from one time to another, as far as a watch asks.
struct Stretch {
  /// The name under which facts speak of the device.
  Hash device;
  TimeMs first_ms = 0;
  TimeMs last_ms = 0;
  SignedMicro last;
  SignedMicro least;
  SignedMicro most;
  std::uint32_t readings = 0;
  /// Of them beyond the threshold.
  std::uint32_t above = 0;
  std::uint32_t below = 0;
  /// Between the first and the last reading.
  TimeMs above_ms = 0;
  TimeMs below_ms = 0;
  TimeMs gap_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(device)
    LEDGER_VISIT(first_ms)
    LEDGER_VISIT(last_ms)
    LEDGER_VISIT(last)
    LEDGER_VISIT(least)
    LEDGER_VISIT(most)
    LEDGER_VISIT(readings)
    LEDGER_VISIT(above) LEDGER_VISIT(below) LEDGER_VISIT(above_ms) LEDGER_VISIT(below_ms) LEDGER_VISIT(gap_ms)
  }
  bool operator==(Stretch const&) const = default;
};

/// The part of an accepted quantity that carries a claim.
struct ClaimedQuantity {
  Text<120> claim;
  Micro quantity = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(claim) LEDGER_VISIT(quantity)
  }
  bool operator==(ClaimedQuantity const&) const = default;
};

enum class FactAnswer : std::uint8_t { none, offered, accepted, rejected, withdrawn };
constexpr std::uint8_t enum_count(FactAnswer) { return 5; }
constexpr std::array<std::string_view, 5> enum_names(FactAnswer) {
  return {"none", "offered", "accepted", "rejected", "withdrawn"};
}

/// A fact that open contracts may use.
struct FactEntry {
  /// Block time and log index.
  Moment recorded;
  TimeMs event_ms = 0;
  /// Of a handover.
  FactAnswer answer = FactAnswer::none;
  /// Of a handover: the offer's event hash; of a certificate: the hash of its number.
  Hash offer;
  /// Of a certificate: when it is over, by its date or by its revocation.
  std::optional<Moment> until;
  /// Of a milestone.
  Text<512> disposition;
  /// What was accepted, or what a milestone says of the subject, in micro-units of the unit.
  Micro quantity = 0;
  Text<3> unit;
  /// Of a handover: how much of the quantity carries a claim.
  List<ClaimedQuantity, 16> claims;
  /// Of a milestone that grades.
  std::optional<std::uint32_t> grade;
  /// Of readings; `recorded` is when their batch was.
  std::optional<Stretch> stretch;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(recorded)
    LEDGER_VISIT(event_ms)
    LEDGER_VISIT(answer)
    LEDGER_VISIT(offer)
    LEDGER_VISIT(until)
    LEDGER_VISIT(disposition)
    LEDGER_VISIT(quantity) LEDGER_VISIT(unit) LEDGER_VISIT(claims) LEDGER_VISIT(grade) LEDGER_VISIT(stretch)
  }
  bool operator==(FactEntry const&) const = default;
};

/// What open contracts watch: acts of these parties about one subject.
struct Watched {
  /// The subject's tree key.
  Hash subject;
  WatchKind kind = WatchKind::milestone;
  /// Of a milestone: the bizStep, an internal word (gs1/vocabulary.hpp); of a sensor the type of measurement, of a
  /// document its code, of a certificate its scheme.
  Text<512> word;
  /// Who attests; the owner of a sensor; the giver of a handover.
  PartyId actor;
  /// The receiver of a handover; else zero.
  PartyId to;
  /// Of a sensor.
  std::optional<SensorWatch> sensor;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(subject)
    LEDGER_VISIT(kind) LEDGER_VISIT(word) LEDGER_VISIT(actor) LEDGER_VISIT(to) LEDGER_VISIT(sensor)
  }
  bool operator==(Watched const&) const = default;

  /// H(05 ‖ canonical bytes).
  Hash hash() const { return crypto::hash_of(crypto::Tag::key, *this); }
};

/// Id: the watched subject, of sensors the hash of what their readings are, then the hash of all that is watched.
/// Deleted with its last watcher.
struct FactsRecord {
  Watched watched;
  /// Open contracts that may use these facts.
  std::uint32_t watchers = 0;
  /// In order of recording; the oldest drop.
  List<FactEntry, 1024> facts;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(watched) LEDGER_VISIT(watchers) LEDGER_VISIT(facts)
  }
};

/// Stored keys of the records.
inline Bytes contract_key(Hash const& contract) { return state_key(Space::contract, contract.view()); }
inline Bytes terms_key(Hash const& terms) { return state_key(Space::terms, terms.view()); }
inline Bytes watch_key(Hash const& subject) { return state_key(Space::watch, subject.view()); }
Bytes facts_key(Watched const& watched);
/// Under which all watches of these readings stand, whatever they ask of them.
Bytes sensor_facts_prefix(Hash const& subject, std::string_view type, std::string_view unit, PartyId const& owner);

/// H(0b ‖ contract ‖ role): the document under which the register of receivables has what a role will be paid.
Hash role_claim(Hash const& contract, std::string_view role);

/// Of the indexes, whose entries have no value: due lanes by (time, contract, lane); the contracts that wait for what
/// is watched; contracts by label and by party. An empty contract gives the prefix of all of them.
Bytes deadline_key(TimeMs due_ms, Hash const& contract, std::uint8_t lane);
struct DueLane {
  TimeMs due_ms = 0;
  Hash contract;
  std::uint8_t lane = 0;
};
DueLane read_deadline_key(BytesView key);
Bytes trigger_key(Hash const& watched, std::optional<Hash> const& contract = {});
Bytes label_key(std::string_view label, std::optional<Hash> const& contract = {});
Bytes party_contract_key(PartyId const& party, std::optional<Hash> const& contract = {});
/// Where a contract stands in the queue of those whose turn did not come in their block (contracts/escrow/queue.hpp).
Bytes pending_place_key(std::optional<Hash> const& contract = {});
/// The first stored key under a prefix, from `from` on.
std::optional<Bytes> first_key(StateView const& state, BytesView prefix, BytesView from = {});
/// The contract that an index key ends with.
Hash contract_of_key(BytesView key);

/// The contracts of this label, in the order of their ids, at most `max`.
std::vector<Hash> contracts_by_label(StateView const& state, std::string_view label, std::size_t max);
/// Those in which the party has a role, after `after`.
std::vector<Hash> contracts_by_party(StateView const& state, PartyId const& party, std::optional<Hash> const& after,
                                     std::size_t max);

}  // namespace ledger
