// SPDX-License-Identifier: Apache-2.0
#pragma once

// The operations of money. Amounts are minor units of their asset.

#include "ledger/field.hpp"

namespace ledger {

/// What an asset's issuer may and its holders can do; bits, fixed when the asset is created.
enum class AssetFlag : std::uint32_t {
  /// Only accounts that the issuer authorised receive or pay.
  require_auth = 1,
  can_freeze = 2,
  can_clawback = 4,
  /// Contracts may hold it.
  can_escrow = 8,
  /// Holders may pay each other; without it only their issuer.
  transferable = 16,
};

/// A second member must sign when more than so much was issued and redeemed without it in 24 hours.
struct Approval {
  PartyId approver;
  Amount above = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(approver) LEDGER_VISIT(above)
  }
  bool operator==(Approval const&) const = default;
};

/// Creates CODE.SHORTNAME of the actor, an issuer. A code of ISO 4217 has the scale of ISO 4217.
struct CreateAsset {
  static constexpr std::string_view name = "asset";
  Text<15> code;
  std::uint8_t scale = 0;
  Amount max_supply = 0;
  std::uint32_t flags =
      static_cast<std::uint32_t>(AssetFlag::can_escrow) | static_cast<std::uint32_t>(AssetFlag::transferable);
  std::optional<Approval> approval{};
  /// What one party pays another in 24 hours above it carries a travel-rule statement.
  std::optional<Amount> travel_above{};
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(code)
    LEDGER_VISIT(scale)
    LEDGER_VISIT(max_supply) LEDGER_VISIT(flags) LEDGER_VISIT(approval) LEDGER_VISIT(travel_above)
  }
  bool operator==(CreateAsset const&) const = default;
};

struct Mint {
  static constexpr std::string_view name = "mint";
  AssetId asset;
  PartyId to;
  Amount amount = 0;
  /// Hash of the reserve attestation.
  Hash reserve;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(asset) LEDGER_VISIT(to) LEDGER_VISIT(amount) LEDGER_VISIT(reserve)
  }
  bool operator==(Mint const&) const = default;
};

/// Redeems: the holder pays the amount back to the issuer and both sides fall. Signed by the issuer and the holder.
struct Burn {
  static constexpr std::string_view name = "burn";
  AssetId asset;
  PartyId from;
  Amount amount = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(asset) LEDGER_VISIT(from) LEDGER_VISIT(amount)
  }
  bool operator==(Burn const&) const = default;
};

/// What the payee's institution signed after the parties' data were exchanged off the ledger: BIP-340 by its key over
/// H(0c ‖ TravelStatement). The institution is the one that the asset's issuer named for the payee (Authorise), else
/// the issuer; it gives each reference to one payment.
struct Travel {
  Text<64> reference;
  PartyId institution;
  PartyKey key;
  /// The last block time at which it is good.
  TimeMs until_ms = 0;
  base::PartySignature signature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(reference)
    LEDGER_VISIT(institution) LEDGER_VISIT(key) LEDGER_VISIT(until_ms) LEDGER_VISIT(signature)
  }
  bool operator==(Travel const&) const = default;
};
struct TravelStatement {
  Hash chain;
  Text<64> reference;
  PartyId from;
  PartyId to;
  AssetId asset;
  /// Of a hold or an amount "up to": the most.
  Amount amount = 0;
  std::optional<Text<36>> uetr{};
  TimeMs until_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit){LEDGER_VISIT(chain) LEDGER_VISIT(reference) LEDGER_VISIT(from)
                                                   LEDGER_VISIT(to) LEDGER_VISIT(asset) LEDGER_VISIT(amount)
                                                       LEDGER_VISIT(uetr) LEDGER_VISIT(until_ms)} Hash digest() const {
    return crypto::hash_of(crypto::Tag::travel, *this);
  }
};

/// Whether an amount is meant exactly, or as the most that the payer's funds, the payee's room below its cap, or both
/// allow: what a sweep between accounts of one owner pays.
enum class UpTo : std::uint8_t { exact, funds, room, both };
constexpr std::uint8_t enum_count(UpTo) { return 4; }
constexpr std::array<std::string_view, 4> enum_names(UpTo) { return {"exact", "funds", "room", "both"}; }

/// Signed by the debited party. Payment to the issuer redeems.
struct Transfer {
  static constexpr std::string_view name = "transfer";
  PartyId from;
  PartyId to;
  AssetId asset;
  Amount amount = 0;
  Text<35> purpose;
  std::optional<Text<36>> uetr{};
  std::optional<Text<35>> end_to_end{};
  std::optional<Travel> travel{};
  UpTo up_to = UpTo::exact;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(from)
    LEDGER_VISIT(to)
    LEDGER_VISIT(asset)
    LEDGER_VISIT(amount)
    LEDGER_VISIT(purpose)
    LEDGER_VISIT(uetr) LEDGER_VISIT(end_to_end) LEDGER_VISIT(travel) LEDGER_VISIT(up_to)
  }
  bool operator==(Transfer const&) const = default;
};

/// The issuer lets a party hold its asset, or no longer, and says in which tier its limits stand and which institution
/// answers for it under the travel rule; the issuer itself where none is named.
struct Authorise {
  static constexpr std::string_view name = "authorise";
  AssetId asset;
  PartyId party;
  bool authorised = true;
  std::uint8_t tier = 0;
  std::optional<PartyId> institution{};
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(asset) LEDGER_VISIT(party) LEDGER_VISIT(authorised) LEDGER_VISIT(tier) LEDGER_VISIT(institution)
  }
  bool operator==(Authorise const&) const = default;
};

/// The issuer stops an account's debits, or lets them go on. Credits and contracts' payouts are never stopped.
struct Freeze {
  static constexpr std::string_view name = "freeze";
  AssetId asset;
  PartyId party;
  bool frozen = true;
  Text<35> reason;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(asset) LEDGER_VISIT(party) LEDGER_VISIT(frozen) LEDGER_VISIT(reason)
  }
  bool operator==(Freeze const&) const = default;
};

/// The issuer takes back: from what is available, then from what is held, whose holds are voided in the order of their
/// ids. Never from a contract's pot.
struct Clawback {
  static constexpr std::string_view name = "clawback";
  AssetId asset;
  PartyId from;
  Amount amount = 0;
  Text<35> reason;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(asset) LEDGER_VISIT(from) LEDGER_VISIT(amount) LEDGER_VISIT(reason)
  }
  bool operator==(Clawback const&) const = default;
};

/// What the issuer allows accounts of a tier; an absent limit is none. Windows count what the party signed for.
struct SetLimits {
  static constexpr std::string_view name = "limits";
  AssetId asset;
  std::uint8_t tier = 0;
  std::optional<Amount> balance_max{};
  std::optional<Amount> transfer_max{};
  /// In any 24 hours, in any 30 days; counted in whole hours.
  std::optional<Amount> day_max{};
  std::optional<Amount> month_max{};
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(asset)
    LEDGER_VISIT(tier)
    LEDGER_VISIT(balance_max) LEDGER_VISIT(transfer_max) LEDGER_VISIT(day_max) LEDGER_VISIT(month_max)
  }
  bool operator==(SetLimits const&) const = default;
};

/// Sets money aside for a payee until it is posted, voided or expires. Signed by the debited party. Its id is
/// contract_id of this operation.
struct OpenHold {
  static constexpr std::string_view name = "hold";
  PartyId from;
  PartyId to;
  AssetId asset;
  Amount amount = 0;
  Text<35> purpose;
  std::optional<Text<36>> uetr{};
  std::optional<Text<35>> end_to_end{};
  TimeMs expires_ms = 0;
  /// Who may post and void it; the payee may void it too.
  PartyId by;
  std::optional<Travel> travel{};
  UpTo up_to = UpTo::exact;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(from)
    LEDGER_VISIT(to)
    LEDGER_VISIT(asset)
    LEDGER_VISIT(amount)
    LEDGER_VISIT(purpose)
    LEDGER_VISIT(uetr)
    LEDGER_VISIT(end_to_end) LEDGER_VISIT(expires_ms) LEDGER_VISIT(by) LEDGER_VISIT(travel) LEDGER_VISIT(up_to)
  }
  bool operator==(OpenHold const&) const = default;
};

/// Pays out of a hold, as often as it lasts; the final post releases the rest.
struct PostHold {
  static constexpr std::string_view name = "hold_post";
  Hash hold;
  Amount amount = 0;
  bool final = false;
  /// Of this payment; what is absent is the hold's.
  Text<35> purpose;
  std::optional<Text<36>> uetr{};
  std::optional<Text<35>> end_to_end{};
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(hold)
    LEDGER_VISIT(amount) LEDGER_VISIT(final) LEDGER_VISIT(purpose) LEDGER_VISIT(uetr) LEDGER_VISIT(end_to_end)
  }
  bool operator==(PostHold const&) const = default;
};

struct VoidHold {
  static constexpr std::string_view name = "hold_void";
  Hash hold;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(hold)
  }
  bool operator==(VoidHold const&) const = default;
};

/// Who owes whom.
struct Obligation {
  PartyId debtor;
  PartyId creditor;
  AssetId asset;
  Amount amount = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(debtor) LEDGER_VISIT(creditor) LEDGER_VISIT(asset) LEDGER_VISIT(amount)
  }
  bool operator==(Obligation const&) const = default;
};

/// Proposes to settle what its members owe each other by their net positions. At `settles_ms`, or as soon as all
/// members have joined, the obligations between those who joined are netted and paid at once.
struct OpenNetting {
  static constexpr std::string_view name = "netting";
  Text<32> label;
  List<Obligation, 64> obligations;
  TimeMs settles_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(label) LEDGER_VISIT(obligations) LEDGER_VISIT(settles_ms)
  }
  bool operator==(OpenNetting const&) const = default;
};

/// Each signer of the body that the set names joins it.
struct JoinNetting {
  static constexpr std::string_view name = "netting_join";
  Hash netting;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(netting)
  }
  bool operator==(JoinNetting const&) const = default;
};

/// Enters a claim of the actor's into the register, under the hash of the document that proves it. With the debtor's
/// signature beside the actor's it is acknowledged.
struct RegisterReceivable {
  static constexpr std::string_view name = "receivable";
  Hash document;
  PartyId debtor;
  AssetId asset;
  Amount amount = 0;
  TimeMs due_ms = 0;
  Text<35> number;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(document)
    LEDGER_VISIT(debtor) LEDGER_VISIT(asset) LEDGER_VISIT(amount) LEDGER_VISIT(due_ms) LEDGER_VISIT(number)
  }
  bool operator==(RegisterReceivable const&) const = default;
};

enum class Security : std::uint8_t { assigned, pledged, released };
constexpr std::uint8_t enum_count(Security) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(Security) { return {"assigned", "pledged", "released"}; }

/// Assigns or pledges a registered claim, signed by who owns it; releases a pledge, signed by who has it.
struct AssignReceivable {
  static constexpr std::string_view name = "receivable_assign";
  Hash document;
  Security how = Security::assigned;
  PartyId to;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(document) LEDGER_VISIT(how) LEDGER_VISIT(to)
  }
  bool operator==(AssignReceivable const&) const = default;
};

}  // namespace ledger
