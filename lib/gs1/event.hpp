// SPDX-License-Identifier: Apache-2.0
#pragma once

// An EPCIS 2.0 event as typed facts: all that the law of goods, the index and the escrow triggers read. Judged
// strictly: form, vocabulary, check digits, times, units, ranges, this ledger's own terms.

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "base/number.hpp"
#include "gs1/context.hpp"
#include "gs1/identifier.hpp"

namespace gs1 {

constexpr std::size_t event_bytes_max = std::size_t{1} << 20;
/// EPCs, quantity elements and bound pairs of one event together.
constexpr std::size_t event_keys_max = 4096;
constexpr std::size_t event_depth_max = 32;
/// The largest quantity: 10^12 units of measure, so that sums over an event stay within 64 bits of micro-units.
constexpr base::Micro quantity_max = base::Micro{1'000'000'000'000} * 1'000'000;

enum class EventType : std::uint8_t { object, aggregation, transaction, transformation, association };
constexpr std::uint8_t enum_count(EventType) { return 5; }
constexpr std::array<std::string_view, 5> enum_names(EventType) {
  return {"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"};
}

/// A TransformationEvent has `none`.
enum class Action : std::uint8_t { none, observe, add, remove };
constexpr std::uint8_t enum_count(Action) { return 4; }
constexpr std::array<std::string_view, 4> enum_names(Action) { return {"", "OBSERVE", "ADD", "DELETE"}; }

/// tally:handover
enum class Handover : std::uint8_t { offer, accept, reject, withdraw, sale, returned };
constexpr std::uint8_t enum_count(Handover) { return 6; }
constexpr std::array<std::string_view, 6> enum_names(Handover) {
  return {"offer", "accept", "reject", "withdraw", "sale", "return"};
}

/// tally:mode
enum class TravelMode : std::uint8_t { truck, rail, sea, air };
constexpr std::uint8_t enum_count(TravelMode) { return 4; }
constexpr std::array<std::string_view, 4> enum_names(TravelMode) { return {"truck", "rail", "sea", "air"}; }

struct QuantityElement {
  Key key;
  /// Nothing when the event gives no quantity (it names the class only).
  std::optional<base::Micro> quantity;
  std::string uom = "EA";
};

struct BizTransaction {
  /// Internal word (gs1/vocabulary.hpp); empty when the event gives no type.
  std::string type;
  Key key;
};

/// An entry of sourceList or destinationList.
struct Endpoint {
  /// owning_party, possessing_party, location, or a URI.
  std::string type;
  Key key;
};

struct SensorReport {
  std::string type;
  /// The reading's own device and time, else those of its element's metadata.
  std::optional<Key> device;
  std::optional<base::TimeMs> time_ms;
  /// Micro-units of `uom`.
  std::optional<std::int64_t> value;
  std::optional<std::int64_t> value_min;
  std::optional<std::int64_t> value_max;
  std::string uom;
  /// ALARM_CONDITION, ERROR_CONDITION, or empty.
  std::string alert;
  std::optional<bool> boolean;
};

struct SensorElement {
  std::optional<Key> device;
  std::optional<base::TimeMs> time_ms;
  std::optional<base::TimeMs> start_ms;
  std::optional<base::TimeMs> end_ms;
  std::vector<SensorReport> reports;
};

struct ErrorDeclaration {
  base::TimeMs time_ms = 0;
  /// did_not_occur, incorrect_data, a URI, or empty.
  std::string reason;
  std::vector<std::string> corrective_event_ids;
};

/// tally:loss
struct Loss {
  base::Micro quantity = 0;
  std::string uom = "EA";
};

/// tally:batch
struct SensorBatch {
  std::uint64_t first_sequence = 0;
  /// The event hash of the batch before; nothing for the first.
  std::optional<base::Hash> previous;
};

/// One pair of tally:bind.
struct Binding {
  Key component;
  Key product;
};

/// Everything under "tally:" (events.md).
struct TallyTerms {
  std::optional<Handover> handover;
  std::optional<base::TimeMs> expires_ms;
  /// tally:answers: the offer's event hash.
  std::optional<base::Hash> answers;
  std::string reason;
  std::optional<TravelMode> mode;
  std::string recipe;
  std::optional<Loss> loss;
  std::string claim;
  /// tally:lot inside ilmd: the lot of new serials, as a lot number or a canonical Digital Link of 01+10.
  std::string lot;
  /// itemExpirationDate inside ilmd, a term of CBV's master data: the end of that day (UTC), or the moment.
  std::optional<base::TimeMs> item_expires_ms;
  bool unbalanced = false;
  std::optional<SensorBatch> batch;
  std::vector<Binding> bind;
  std::string hs6;
  std::string cause;
  /// tally:grade of an inspection, by the scale that the parties agreed on.
  std::optional<std::uint32_t> grade;
  /// tally:sd: SHA-256 digests of hidden disclosures (base64url, as they stand).
  std::vector<std::string> sd;
};

struct Event {
  EventType type = EventType::object;
  Action action = Action::none;
  base::TimeMs time_ms = 0;
  /// eventTimeZoneOffset; minutes east of UTC.
  std::int32_t zone_minutes = 0;
  /// The eventID as it stands; empty when there is none.
  std::string event_id;
  /// CBV 2.0 section 8.9, without "ni:///sha-256;": computed, not read.
  base::Hash event_hash;
  std::vector<Key> epcs;
  std::vector<QuantityElement> quantities;
  std::optional<Key> parent;
  std::vector<Key> child_epcs;
  std::vector<QuantityElement> child_quantities;
  std::vector<Key> input_epcs;
  std::vector<QuantityElement> input_quantities;
  std::vector<Key> output_epcs;
  std::vector<QuantityElement> output_quantities;
  std::optional<Key> transformation_id;
  /// Internal words (gs1/vocabulary.hpp); empty when absent.
  std::string biz_step;
  std::string disposition;
  std::vector<std::string> disposition_set;
  std::vector<std::string> disposition_unset;
  std::optional<Key> read_point;
  std::optional<Key> biz_location;
  std::vector<BizTransaction> transactions;
  std::vector<Endpoint> sources;
  std::vector<Endpoint> destinations;
  std::vector<SensorElement> sensors;
  std::vector<std::string> certification_info;
  std::optional<ErrorDeclaration> error_declaration;
  bool has_ilmd = false;
  TallyTerms tally;

  bool is_error() const { return error_declaration.has_value(); }
  /// The key of the first source or destination of that type ("possessing_party", "owning_party"); null when there is
  /// none.
  Key const* source(std::string_view type) const;
  Key const* destination(std::string_view type) const;
};

/// Reads and judges one event from its exact bytes under its document's context. Errors name the field inside the event
/// ("quantityList[0].uom") with E_EVENT_FORM, E_VOCABULARY, E_CHECK_DIGIT, E_CONTEXT or E_TOO_LARGE.
base::Result<Event> read_event(base::BytesView bytes, Context const& document_context);

}  // namespace gs1
