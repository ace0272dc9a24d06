// SPDX-License-Identifier: Apache-2.0
#pragma once

// One event being judged, and the questions that every rule of goods asks about it.

#include "contracts/goods/accounts.hpp"
#include "contracts/goods/subject.hpp"

namespace contracts::goods {

struct Job {
  Overlay& state;
  Context const& context;
  gs1::Event const& event;
  /// "operations[0].events[3]"
  std::string const& field;
  /// The place the event will have in the log.
  std::uint64_t log_index = 0;
  /// Who signed with a key that may record where this event happened, ascending.
  std::vector<PartyId> const& signers;
  /// Whether the event moves accounts, or is plain.
  bool accounted = false;

  // What the rules tell the leaves and the facts.
  /// Used or sold out of a unit: link of the child → link of the unit it was in.
  std::map<std::string, std::string> left;
  /// What an unpacking that names no children took out.
  std::vector<gs1::Key> emptied;
  std::optional<Fact> handover;
  /// How the offer that the event answers travels.
  std::optional<gs1::TravelMode> offered_mode = std::nullopt;
  /// Of a voiding event: whether the event that it voids moved accounts.
  bool would_move = false;

  Error error(Code code, std::string_view path, std::string detail = {}) const;
  bool signed_by(PartyId const& party) const;
  /// The party's valid signature, else `otherwise`; a key that was revoked or has not the scope is named as such.
  Result<void> require(PartyId const& party, Code otherwise, std::string_view path) const;
  /// The same by a key that may also make identifiers with these digits (gs1::prefix_digits).
  Result<void> require_for(std::string_view prefix_digits, PartyId const& party, Code otherwise,
                           std::string_view path) const;
  /// The GLN where it happened (bizLocation, else readPoint); empty when not said.
  std::string_view site() const;
  /// The member that an endpoint or its GLN names; nothing when it is no member.
  std::optional<PartyId> member(gs1::Key const* key) const;
  /// Rule 8: E_TIME_WINDOW when the event is earlier than what changed the subject last.
  Result<void> not_before(TimeMs last_ms, std::string_view path) const;
};

/// What the keys that sign an event must reach: its place. A key that is limited to sites does not reach an event that
/// names none.
Reach reach_of(gs1::Event const& event);

/// True for a member whose events move accounts.
bool keeps_accounts(StateView const& state, PartyId const& party);

std::string at(std::string_view list, std::size_t index);

/// A quantity of a class in base units of its product: E_PRODUCT_UNKNOWN for an unregistered product, a unit that
/// cannot be converted exactly, or no quantity.
Result<Micro> base_quantity(Job const& job, gs1::QuantityElement const& element, std::string_view path);
Result<ledger::AddProduct> product_of(Job const& job, std::string_view gtin, std::string_view path);
/// Micro-units of `uom` in `unit`; nothing when there is no exact conversion.
std::optional<Micro> convert(Micro quantity, std::string_view uom, std::string_view unit);

/// Where the goods are, once rule 4 and 8 are kept: the custodian signed and nothing newer happened to them.
Result<ledger::Place> in_custody(Job const& job, Holder const& holder, TimeMs last_ms, std::string_view path);
/// True for goods that are somebody's stock: not sold, used up or destroyed. The recalled still move between firms.
bool in_stock(ledger::GoodsStatus status);
/// The same for an item that is also in stock: E_UNKNOWN_GOODS, E_NOT_CUSTODIAN, E_RETIRED.
struct HeldItem {
  ledger::ItemRecord record;
  ledger::Place place;
  PartyId owner;
  /// Where it stands in the accounts.
  Account account;
};
Result<HeldItem> held_item(Job const& job, gs1::Key const& key, std::string_view path);
/// Rule 14, for what is sold or made into something else: neither the item nor its lot is recalled.
Result<void> not_recalled(Job const& job, HeldItem const& item, std::string_view path);
Result<void> not_recalled(Job const& job, std::string_view lot, std::string_view path);
/// The account that counts an item.
Account account_of(StateView const& state, ledger::ItemRecord const& item);

/// Rule 7: when the key's prefix is registered, its holder must have signed, or let a signer make such identifiers by a
/// mandate. Returns the holder; nothing for an unregistered prefix.
Result<std::optional<PartyId>> creator_of(Job const& job, gs1::Key const& key, std::string_view path);
/// A part of an account that an event takes as a quantity.
struct Taken {
  Account account;
  ledger::Place place;
  PartyId owner;
  Micro quantity = 0;
  TimeMs last_ms = 0;
  /// Nothing without a serial is left there.
  bool whole = false;
};
struct Want {
  std::string_view lot;
  Micro quantity = 0;
  /// The custodian; absent: any signer.
  std::optional<PartyId> custodian;
  /// Absent: any, but the same for all that is taken, unless owners_sign.
  std::optional<PartyId> owner;
  /// Only of owners that signed.
  bool owners_sign = false;
  /// What is inside units too.
  bool packed_too = false;
  /// Pieces with a serial cannot be taken as a quantity; disputed ones only by offering them again.
  bool disputed_too = false;
};
/// Finds a quantity of a lot, at the event's site first, without moving it: E_UNKNOWN_GOODS, E_NOT_CUSTODIAN,
/// E_NOT_OWNER, E_INSUFFICIENT_GOODS.
Result<std::vector<Taken>> find_quantity(Job const& job, Want const& want, std::string_view path);

/// What leaves units by use, sale or unpacking, summed so that each unit is touched once.
class Leaving {
 public:
  void add(ledger::Place const& place, Micro pieces, std::uint32_t children);
  /// Lowers what the units hold, up the chain; E_INSUFFICIENT_GOODS beyond what a short unit's receiver accepted.
  Result<void> apply(Job& job, std::string_view path) const;

 private:
  struct Part {
    std::vector<ledger::Uri> units;
    Micro pieces = 0;
    std::uint32_t children = 0;
  };
  std::map<ledger::Uri, Part> parts_;
};

}  // namespace contracts::goods
