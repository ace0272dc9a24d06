// SPDX-License-Identifier: Apache-2.0
#pragma once

// Records that the law of goods keeps beside the accounts (records.hpp): devices and what they read, mandates, limits,
// statements, customs, recalls, alarms; and the indexes that lead from a lot to its serials, from a component to what
// it went into.

#include "ledger/records.hpp"

namespace ledger {

/// Id: the device's canonical Digital Link.
struct DeviceRecord {
  RegisterDevice device;
  /// The unit whose readings it takes; empty: none.
  Uri unit;
  bool retired = false;
  std::uint64_t next_sequence = 0;
  /// Event hash of its newest batch, and when its newest reading was taken.
  std::optional<Hash> last_batch;
  TimeMs last_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(device)
    LEDGER_VISIT(unit) LEDGER_VISIT(retired) LEDGER_VISIT(next_sequence) LEDGER_VISIT(last_batch) LEDGER_VISIT(last_ms)
  }
};

/// Readings that have not come: sequence numbers [from, to), between two readings that have.
struct SensorGap {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  TimeMs before_ms = 0;
  TimeMs after_ms = 0;
  /// Event hashes of the batch before it, and of the batch that the one after it names as previous.
  std::optional<Hash> before;
  std::optional<Hash> last;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(from)
    LEDGER_VISIT(to) LEDGER_VISIT(before_ms) LEDGER_VISIT(after_ms) LEDGER_VISIT(before) LEDGER_VISIT(last)
  }
};

/// What one device read under one rule of a product, about one unit.
struct RuleSum {
  Gtin product;
  Text<32> rule;
  TimeMs beyond_ms = 0;
  std::uint32_t readings = 0;
  /// Micro-units, shifted by 2^63.
  std::uint64_t lowest = 0;
  std::uint64_t highest = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(product)
    LEDGER_VISIT(rule) LEDGER_VISIT(beyond_ms) LEDGER_VISIT(readings) LEDGER_VISIT(lowest) LEDGER_VISIT(highest)
  }
};

/// The way of one device with one unit. Id: tree key of the unit ‖ tree key of the device.
struct SensorTrackRecord {
  Uri device;
  PartyId owner;
  std::uint64_t readings = 0;
  TimeMs last_ms = 0;
  /// Says whether a door is open (booleanValue), and when it last said so.
  bool has_door = false;
  TimeMs door_ms = 0;
  List<SensorGap, 64> gaps;
  List<RuleSum, 16> sums;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(device)
    LEDGER_VISIT(owner)
    LEDGER_VISIT(readings)
    LEDGER_VISIT(last_ms) LEDGER_VISIT(has_door) LEDGER_VISIT(door_ms) LEDGER_VISIT(gaps) LEDGER_VISIT(sums)
  }
};

/// Id: giver ‖ number.
struct MandateRecord {
  GiveMandate mandate;
  PartyId giver;
  std::optional<TimeMs> ended_ms;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(mandate) LEDGER_VISIT(giver) LEDGER_VISIT(ended_ms)
  }
};

/// Id: the key.
struct KeyLimitRecord {
  LimitKey limit;
  /// Days since 1970, and what was used on that day.
  std::uint64_t day = 0;
  std::uint32_t events = 0;
  Micro goods = 0;
  Amount value = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(limit) LEDGER_VISIT(day) LEDGER_VISIT(events) LEDGER_VISIT(goods) LEDGER_VISIT(value)
  }
};

/// Id: the key.
struct CompromisedRecord {
  TimeMs since_ms = 0;
  TimeMs reported_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(since_ms) LEDGER_VISIT(reported_ms)
  }
};

/// Id: the scheme's name.
struct SchemeRecord {
  AddScheme scheme;
  PartyId owner;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(scheme) LEDGER_VISIT(owner)
  }
};

/// Id: GTIN ‖ the rule's name. The record is the operation itself.
using ProductRuleRecord = SetProductRule;

/// Id: the mark's number.
struct MarkRecord {
  RegisterMark mark;
  PartyId holder;
  /// Customs authorities that watch for it.
  List<PartyId, 64> watchers;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(mark) LEDGER_VISIT(holder) LEDGER_VISIT(watchers)
  }
};

/// Id: the lot's link ‖ 0 ‖ agreement. What the ledger computed stands beside what was claimed.
struct OriginRecord {
  StateOrigin statement;
  PartyId party;
  std::uint32_t computed_ppm = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(statement) LEDGER_VISIT(party) LEDGER_VISIT(computed_ppm)
  }
};

/// Id: the lot's link.
struct CarbonRecord {
  StateCarbon statement;
  PartyId party;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(statement) LEDGER_VISIT(party)
  }
};

/// Id: market ‖ scheme.
struct GateRecord {
  SetGate gate;
  PartyId party;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(gate) LEDGER_VISIT(party)
  }
};

enum class DeclarationState : std::uint8_t { declared, held, released };
constexpr std::uint8_t enum_count(DeclarationState) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(DeclarationState) { return {"declared", "held", "released"}; }

/// A customs declaration. Id: its reference (MRN) as a key.
struct DeclarationRecord {
  PartyId declarant;
  /// Zero until a customs authority answered.
  PartyId authority;
  DeclarationState state = DeclarationState::declared;
  Text<6> hs6;
  TimeMs time_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(declarant) LEDGER_VISIT(authority) LEDGER_VISIT(state) LEDGER_VISIT(hs6) LEDGER_VISIT(time_ms)
  }
};

/// What customs holds and has not released. Id: the subject's canonical Digital Link.
struct CustomsHoldRecord {
  PartyId authority;
  TimeMs since_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(authority) LEDGER_VISIT(since_ms)
  }
};

/// What a site made by a recipe today, and how its yields look. Id: site GLN ‖ the recipe's name.
struct ProductionRecord {
  std::uint64_t day = 0;
  Micro made = 0;
  std::uint32_t last_ppm = 0;
  /// Yields in a row that were the same, and that touched the ceiling.
  std::uint16_t same = 0;
  std::uint16_t high = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(day) LEDGER_VISIT(made) LEDGER_VISIT(last_ppm) LEDGER_VISIT(same) LEDGER_VISIT(high)
  }
};

/// Id: GTIN. The record is the operation itself.
using WarrantyRecord = SetWarranty;

/// A recall that stands. Id: the recalled lot's or item's canonical Digital Link.
struct RecallRecord {
  PartyId party;
  Text<64> cause;
  TimeMs time_ms = 0;
  std::uint64_t log_index = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(party) LEDGER_VISIT(cause) LEDGER_VISIT(time_ms) LEDGER_VISIT(log_index)
  }
};

/// When a lot expires. Id: the lot's link.
struct ExpiryRecord {
  TimeMs expires_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(expires_ms)
  }
};

/// Where goods came from before their custodian, and how an open offer travels. Id: tree key of a unit or item; of an
/// offer: its stored key.
struct CustodyRecord {
  PartyId before;
  /// gs1::TravelMode + 1; 0: none.
  std::uint8_t mode = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(before) LEDGER_VISIT(mode)
  }
};

/// Labels read, as reported. Id: the item's link.
struct ScanRecord {
  std::uint32_t count = 0;
  Text<2> country;
  TimeMs last_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(count) LEDGER_VISIT(country) LEDGER_VISIT(last_ms)
  }
};

/// Beside a sale: where and when. Id: the item's link.
struct SaleNoteRecord {
  Gln site;
  TimeMs sold_ms = 0;
  /// End of the warranty; 0: the product has none.
  TimeMs warranty_until_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(site) LEDGER_VISIT(sold_ms) LEDGER_VISIT(warranty_until_ms)
  }
};

/// Of a lot made under a mass balance: how much of it carries no claim. Id: the lot's link.
struct LotSplitRecord {
  Micro unclaimed = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(unclaimed)
  }
};

/// Who signed an event beside its actor. Id: as EventRecord.
struct SignersRecord {
  List<PartyId, 16> parties;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(parties)
  }
};

/// How much of an input went into a lot: as it weighs in the recipe's balance, and in micro-units of the input. Id:
/// output lot's link ‖ 0 ‖ input lot's.
struct SourceRecord {
  base::u128 weight = 0;
  base::u128 quantity = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(weight) LEDGER_VISIT(quantity)
  }
};

/// Soft flags and alarms: recorded and shown, nothing is refused for them.
enum class AlarmKind : std::uint8_t {
  breach,
  sensor_gap,
  gap_closed,
  customs_hold,
  customs_release,
  brand_alert,
  recall,
  duplicate_label,
  scan_before_sale,
  scan_without_distribution,
  late,
  round_trip,
  yield_without_variance,
  yield_at_ceiling,
  no_door_opening,
};
constexpr std::uint8_t enum_count(AlarmKind) { return 15; }
constexpr std::array<std::string_view, 15> enum_names(AlarmKind) {
  return {"breach",
          "sensor_gap",
          "gap_closed",
          "customs_hold",
          "customs_release",
          "brand_alert",
          "recall",
          "duplicate_label",
          "scan_before_sale",
          "scan_without_distribution",
          "late",
          "round_trip",
          "yield_without_variance",
          "yield_at_ceiling",
          "no_door_opening"};
}

/// Id: running number from 0, big endian. How many there are stands under the id "count".
struct AlarmRecord {
  AlarmKind kind = AlarmKind::breach;
  Uri subject;
  Height height = 0;
  TimeMs time_ms = 0;
  /// Of the event that raised it.
  std::uint64_t log_index = 0;
  /// Who is spoken of: the declarant, the seller, the device's owner.
  PartyId party;
  /// Figures, as "70 minutes above 4 CEL".
  Text<120> detail;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(kind)
    LEDGER_VISIT(subject)
    LEDGER_VISIT(height) LEDGER_VISIT(time_ms) LEDGER_VISIT(log_index) LEDGER_VISIT(party) LEDGER_VISIT(detail)
  }
};
inline Bytes alarm_key(std::uint64_t number) { return state_key(Space::alarm, big_endian(number)); }
std::uint64_t alarm_count(StateView const& state);
/// Numbers of the alarms about a subject, ascending, at most `max`.
std::vector<std::uint64_t> alarms_about(StateView const& state, std::string_view subject, std::size_t max);

/// One key of an index: a ‖ 0 ‖ b, both canonical Digital Links. With an empty b: the prefix of all of a's.
Bytes pair_key(Space space, std::string_view a, std::string_view b = {});
/// The b's of a's pairs, ascending, at most `max`.
std::vector<std::string> pairs_of(StateView const& state, Space space, std::string_view a, std::size_t max);

}  // namespace ledger
