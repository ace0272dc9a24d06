// SPDX-License-Identifier: Apache-2.0
#pragma once

// Operations about goods that are no events: devices, mandates, limits of keys, schemes, rules of products, marks,
// origin, carbon, market gates, warranty, scans. They are alternatives of Operation (tx.hpp).

#include "ledger/field.hpp"

namespace ledger {

/// An instrument whose readings count once it is bound to a unit. Signed by an admin key of its owner and by its own
/// key, which becomes a device key of the owner.
struct RegisterDevice {
  static constexpr std::string_view name = "device";
  /// Canonical Digital Link (8004 …).
  Uri device;
  PartyId owner;
  PartyKey key;
  /// The unit that it travels with; empty: an AssociationEvent says so later.
  Uri unit;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(device) LEDGER_VISIT(owner) LEDGER_VISIT(key) LEDGER_VISIT(unit)
  }
  bool operator==(RegisterDevice const&) const = default;
};

/// Signed by an admin key of the device's owner. What it sent before stays.
struct RetireDevice {
  static constexpr std::string_view name = "device_retire";
  Uri device;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(device)
  }
  bool operator==(RetireDevice const&) const = default;
};

/// What a mandate lets another do; bits of GiveMandate::acts. commission: make identifiers under the giver's prefixes.
/// declare: sign customs declarations for the giver's goods.
enum class MandateAct : std::uint32_t { commission = 1, declare = 2 };

/// A mandate by its giver and the giver's own number.
struct MandateName {
  PartyId giver;
  Text<32> number;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(giver) LEDGER_VISIT(number)
  }
  bool operator==(MandateName const&) const = default;
};

/// The actor lets another organisation act in his place, within bounds. Signed by an admin key of the actor. Who holds
/// a mandate may pass on a part of it (`under`), at most mandate_depth_max deep, never more than he has.
struct GiveMandate {
  static constexpr std::string_view name = "mandate";
  Text<32> number;
  PartyId to;
  std::uint32_t acts = 0;
  /// Empty: all that the giver may.
  List<Gtin, 64> products;
  List<Gln, 64> sites;
  TimeMs from_ms = 0;
  TimeMs until_ms = 0;
  std::optional<MandateName> under;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(number)
    LEDGER_VISIT(to)
    LEDGER_VISIT(acts)
    LEDGER_VISIT(products)
    LEDGER_VISIT(sites) LEDGER_VISIT(from_ms) LEDGER_VISIT(until_ms) LEDGER_VISIT(under)
  }
  bool operator==(GiveMandate const&) const = default;
};
constexpr std::size_t mandate_depth_max = 3;

/// Ends a mandate of the actor at once, and with it what was passed on under it. Signed by an admin key.
struct EndMandate {
  static constexpr std::string_view name = "mandate_end";
  Text<32> number;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(number)
  }
  bool operator==(EndMandate const&) const = default;
};

/// Bounds what a staff or device key does a day (UTC). Signed by an admin key of its party. Zero or empty: no bound.
struct LimitKey {
  static constexpr std::string_view name = "key_limit";
  PartyKey key;
  /// Whom it may hand goods to or take them from.
  List<PartyId, 64> counterparties;
  std::uint32_t events_a_day = 0;
  /// Pieces or base units offered, micro-units.
  Micro goods_a_day = 0;
  /// Money sent, in minor units of whatever asset.
  Amount value_a_day = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key)
    LEDGER_VISIT(counterparties) LEDGER_VISIT(events_a_day) LEDGER_VISIT(goods_a_day) LEDGER_VISIT(value_a_day)
  }
  bool operator==(LimitKey const&) const = default;
};

/// Says that a key was in wrong hands since then: what it signed after that is badged, never deleted. Signed by an
/// admin key of its party. Revoking it is another act.
struct ReportKey {
  static constexpr std::string_view name = "compromised";
  PartyKey key;
  TimeMs since_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(since_ms)
  }
  bool operator==(ReportKey const&) const = default;
};

/// How a scheme carries its claim through a transformation (ISO 22095).
enum class ClaimModel : std::uint8_t { identity_preserved, segregated, mass_balance };
constexpr std::uint8_t enum_count(ClaimModel) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(ClaimModel) {
  return {"identity_preserved", "segregated", "mass_balance"};
}

/// A scheme that certificates name: the word that its goods are claimed under, and its model. A scheme that nobody
/// described is claimed under its own name, segregated. Signed by a certifier.
struct AddScheme {
  static constexpr std::string_view name = "scheme";
  Text<120> scheme;
  Text<120> claim;
  ClaimModel model = ClaimModel::segregated;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(scheme) LEDGER_VISIT(claim) LEDGER_VISIT(model)
  }
  bool operator==(AddScheme const&) const = default;
};

/// What the product bears on its way: readings of a type beyond a threshold count as breach, minute by minute; so do
/// gaps. Signed by the prefix holder. A later rule of the same name replaces it.
struct SetProductRule {
  static constexpr std::string_view name = "product_rule";
  Gtin product;
  Text<32> rule;
  /// CBV measurement ("Temperature") and its unit ("CEL").
  Text<64> type;
  Text<3> uom;
  /// Breached above the threshold, else below it.
  bool above = true;
  bool negative = false;
  Micro threshold = 0;
  /// The devices must agree on a minute: the k-th largest of their sums counts.
  std::uint8_t agree = 1;
  /// More than so many minutes raise the alarm.
  std::uint32_t minutes_max = 0;
  /// A longer silence of one device counts whole.
  std::uint32_t gap_minutes_max = 30;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(product)
    LEDGER_VISIT(rule)
    LEDGER_VISIT(type)
    LEDGER_VISIT(uom)
    LEDGER_VISIT(above)
    LEDGER_VISIT(negative)
    LEDGER_VISIT(threshold) LEDGER_VISIT(agree) LEDGER_VISIT(minutes_max) LEDGER_VISIT(gap_minutes_max)
  }
  bool operator==(SetProductRule const&) const = default;
};

enum class MarkKind : std::uint8_t { trademark, design };
constexpr std::uint8_t enum_count(MarkKind) { return 2; }
constexpr std::array<std::string_view, 2> enum_names(MarkKind) { return {"trademark", "design"}; }

/// A registered trademark or design of the actor, who holds the prefix of every product named. Signed by an admin key.
/// The same number again replaces it.
struct RegisterMark {
  static constexpr std::string_view name = "mark";
  Text<64> number;
  MarkKind kind = MarkKind::trademark;
  /// Where it is registered, ISO 3166-1; empty: everywhere.
  List<Text<2>, 64> markets;
  List<Gtin, 64> products;
  /// Who may declare the products to customs, beside the holder and those with his mandate.
  List<PartyId, 64> shippers;
  TimeMs until_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(number)
    LEDGER_VISIT(kind) LEDGER_VISIT(markets) LEDGER_VISIT(products) LEDGER_VISIT(shippers) LEDGER_VISIT(until_ms)
  }
  bool operator==(RegisterMark const&) const = default;
};

/// A customs authority puts a mark on its watch-list, or takes it off. Signed by the authority.
struct WatchMark {
  static constexpr std::string_view name = "mark_watch";
  Text<64> number;
  bool watched = true;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(number) LEDGER_VISIT(watched)
  }
  bool operator==(WatchMark const&) const = default;
};

/// wholly_obtained: the lot itself was made in the country, of nothing. content: the share of inputs by mass that
/// originates there. tariff_shift: what does not originate is of another heading (HS4) than the lot.
enum class OriginCriterion : std::uint8_t { wholly_obtained, content, tariff_shift };
constexpr std::uint8_t enum_count(OriginCriterion) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(OriginCriterion) {
  return {"wholly_obtained", "content", "tariff_shift"};
}

/// Where a lot originates, held against its inputs on the ledger. Signed by its maker.
struct StateOrigin {
  static constexpr std::string_view name = "origin";
  Uri lot;
  Text<2> country;
  OriginCriterion criterion = OriginCriterion::content;
  Text<6> hs6;
  Text<64> agreement;
  /// The originating share that is claimed, in millionths.
  std::uint32_t share_ppm = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(lot)
    LEDGER_VISIT(country) LEDGER_VISIT(criterion) LEDGER_VISIT(hs6) LEDGER_VISIT(agreement) LEDGER_VISIT(share_ppm)
  }
  bool operator==(StateOrigin const&) const = default;
};

/// gate_to_gate: what the maker adds; cradle_to_gate: all until the maker's gate.
enum class CarbonBoundary : std::uint8_t { gate_to_gate, cradle_to_gate };
constexpr std::uint8_t enum_count(CarbonBoundary) { return 2; }
constexpr std::array<std::string_view, 2> enum_names(CarbonBoundary) { return {"gate_to_gate", "cradle_to_gate"}; }

/// The carbon of a lot, as its maker states it and signs.
struct StateCarbon {
  static constexpr std::string_view name = "carbon";
  Uri lot;
  /// Micro-kilograms of CO2 equivalent for one base unit.
  Micro micro_kg = 0;
  Text<64> method;
  CarbonBoundary boundary = CarbonBoundary::gate_to_gate;
  TimeMs from_ms = 0;
  TimeMs until_ms = 0;
  /// The share of primary data, in millionths.
  std::uint32_t primary_ppm = 0;
  /// The factor table and its version.
  Text<64> factors;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(lot)
    LEDGER_VISIT(micro_kg)
    LEDGER_VISIT(method)
    LEDGER_VISIT(boundary)
    LEDGER_VISIT(from_ms) LEDGER_VISIT(until_ms) LEDGER_VISIT(primary_ppm) LEDGER_VISIT(factors)
  }
  bool operator==(StateCarbon const&) const = default;
};

/// What these products need before they are sold in a market or declared for import there: a certificate of the scheme.
/// Signed by a regulator or a customs authority.
struct SetGate {
  static constexpr std::string_view name = "market_gate";
  Text<2> market;
  Text<120> scheme;
  List<Gtin, 64> products;
  /// False takes the gate away.
  bool stands = true;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(market) LEDGER_VISIT(scheme) LEDGER_VISIT(products) LEDGER_VISIT(stands)
  }
  bool operator==(SetGate const&) const = default;
};

/// How long a product is under warranty after its sale. Signed by the prefix holder.
struct SetWarranty {
  static constexpr std::string_view name = "warranty";
  Gtin product;
  std::uint16_t days = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(product) LEDGER_VISIT(days)
  }
  bool operator==(SetWarranty const&) const = default;
};

/// A label was read by somebody, in a country; nothing about who. Signed by the member whose page was asked.
struct ReportScan {
  static constexpr std::string_view name = "scan";
  Uri item;
  Text<2> country;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(item) LEDGER_VISIT(country)
  }
  bool operator==(ReportScan const&) const = default;
};

}  // namespace ledger
