// SPDX-License-Identifier: Apache-2.0
#pragma once

// The records of the state, one struct a namespace (ledger.md); beside each its id. Subjects with a history end with
// {count, root}.

#include "crypto/merkle.hpp"
#include "ledger/accounts.hpp"
#include "ledger/genesis.hpp"
#include "ledger/state.hpp"

namespace ledger {

/// How much of a subject's history there is, and its Merkle root. Always the last field: 8 + 32 bytes.
struct History {
  std::uint64_t count = 0;
  Hash root;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(count) LEDGER_VISIT(root)
  }
  bool operator==(History const&) const = default;
};

enum class MemberStatus : std::uint8_t { active, suspended };
constexpr std::uint8_t enum_count(MemberStatus) { return 2; }
constexpr std::array<std::string_view, 2> enum_names(MemberStatus) { return {"active", "suspended"}; }

/// Id: the GLN. Beside the tree, name_index leads to the GLN from the short name and from the party id (32 bytes).
struct MemberRecord {
  Gln gln;
  Text<16> short_name;
  LocalNames names;
  Text<2> country;
  std::uint32_t roles = 0;
  bool accounting = false;
  MemberStatus status = MemberStatus::active;
  History history;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(gln)
    LEDGER_VISIT(short_name)
    LEDGER_VISIT(names)
    LEDGER_VISIT(country) LEDGER_VISIT(roles) LEDGER_VISIT(accounting) LEDGER_VISIT(status) LEDGER_VISIT(history)
  }
  bool has(Role role) const { return (roles & static_cast<std::uint32_t>(role)) != 0; }
};

/// Id: the 32 bytes of the key.
struct KeyRecord {
  PartyId party;
  KeyKind kind = KeyKind::staff;
  Scope scope;
  TimeMs from_ms = 0;
  TimeMs until_ms = 0;
  std::optional<TimeMs> revoked_ms;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(party)
    LEDGER_VISIT(kind) LEDGER_VISIT(scope) LEDGER_VISIT(from_ms) LEDGER_VISIT(until_ms) LEDGER_VISIT(revoked_ms)
  }
};

/// Id: the prefix's digits.
struct PrefixRecord {
  PartyId party;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(party)
  }
};

/// Id: the GLN. The record is the operation itself.
using SiteRecord = AddSite;
/// Id: the GTIN.
struct ProductRecord {
  AddProduct product;
  PartyId party;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(product) LEDGER_VISIT(party)
  }
};

/// Id: the certificate's number.
struct CertificateRecord {
  IssueCertificate certificate;
  PartyId issuer;
  std::optional<TimeMs> revoked_ms;
  /// Base units of the quota that are consumed.
  Micro used = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(certificate) LEDGER_VISIT(issuer) LEDGER_VISIT(revoked_ms) LEDGER_VISIT(used)
  }
};

/// Id: site GLN (13 digits), then the recipe's name.
struct RecipeRecord {
  AddRecipe recipe;
  PartyId auditor;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(recipe) LEDGER_VISIT(auditor)
  }
};

enum class GoodsStatus : std::uint8_t { active, sold, consumed, destroyed, recalled };
constexpr std::uint8_t enum_count(GoodsStatus) { return 5; }
constexpr std::array<std::string_view, 5> enum_names(GoodsStatus) {
  return {"active", "sold", "consumed", "destroyed", "recalled"};
}

/// How a lot came to be. Only goods of the same origin may be added to it later.
enum class LotOrigin : std::uint8_t { produced, transformed, taken_in };
constexpr std::uint8_t enum_count(LotOrigin) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(LotOrigin) { return {"produced", "transformed", "taken_in"}; }

/// Id: canonical Digital Link (01 … 10 …). Quantities in base units of the product.
struct LotRecord {
  Gtin gtin;
  GoodsStatus status = GoodsStatus::active;
  LotOrigin origin = LotOrigin::produced;
  /// Made without a certified source, for ever.
  bool unrooted = false;
  /// The scheme that its goods are claimed under; empty: none.
  Text<120> claim;
  Micro total = 0;
  /// How much of it has serials of its own.
  Micro serialised = 0;
  PartyId maker;
  TimeMs made_ms = 0;
  /// The last event that changed holder, owner, status or quantity.
  TimeMs last_ms = 0;
  History history;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(gtin)
    LEDGER_VISIT(status)
    LEDGER_VISIT(origin)
    LEDGER_VISIT(unrooted)
    LEDGER_VISIT(claim)
    LEDGER_VISIT(total)
    LEDGER_VISIT(serialised) LEDGER_VISIT(maker) LEDGER_VISIT(made_ms) LEDGER_VISIT(last_ms) LEDGER_VISIT(history)
  }
};

struct AtSite {
  static constexpr std::string_view name = "at";
  PartyId party;
  /// Empty: not said.
  Gln site;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(party) LEDGER_VISIT(site)
  }
  bool operator==(AtSite const&) const = default;
};
struct InUnit {
  static constexpr std::string_view name = "in";
  /// Canonical Digital Link of the SSCC.
  Uri unit;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(unit)
  }
  bool operator==(InUnit const&) const = default;
};
/// Where goods are: with a custodian at a site, or inside a logistic unit (whose own holder is then theirs too).
using Holder = std::variant<AtSite, InUnit>;

/// Id: tree_key(lot) ‖ owner ‖ H(05 ‖ holder) ‖ H(05 ‖ claim); so a scan by lot finds all accounts of it. Deleted when
/// empty.
struct GoodsRecord {
  Uri lot;
  PartyId owner;
  Holder holder;
  Text<120> claim;
  Micro quantity = 0;
  /// The part of the quantity whose pieces have serials: they move by name only.
  Micro serialised = 0;
  /// What a receiver did not find, still the giver's.
  Micro disputed = 0;
  /// The last event that changed the quantity otherwise than by a serial's move.
  TimeMs last_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(lot)
    LEDGER_VISIT(owner)
    LEDGER_VISIT(holder)
    LEDGER_VISIT(claim) LEDGER_VISIT(quantity) LEDGER_VISIT(serialised) LEDGER_VISIT(disputed) LEDGER_VISIT(last_ms)
  }
};
/// The stored key of a goods account.
Bytes goods_key(std::string_view lot, PartyId const& owner, Holder const& holder, std::string_view claim);

/// Id: canonical Digital Link (01 … 21 …).
struct ItemRecord {
  Gtin gtin;
  Uri lot;
  GoodsStatus status = GoodsStatus::active;
  PartyId owner;
  Holder holder;
  TimeMs last_ms = 0;
  /// Of the covered code, when there is one.
  std::optional<Hash> code_key_hash;
  /// The consumer's key after a claim.
  std::optional<PartyKey> claimed_by;
  History history;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(gtin)
    LEDGER_VISIT(lot)
    LEDGER_VISIT(status)
    LEDGER_VISIT(owner)
    LEDGER_VISIT(holder)
    LEDGER_VISIT(last_ms) LEDGER_VISIT(code_key_hash) LEDGER_VISIT(claimed_by) LEDGER_VISIT(history)
  }
};

/// Of an item that a consumer has, until it comes back. Id: as the item's.
struct SaleRecord {
  /// The custodian who sold it, and who owned it then.
  PartyId seller;
  PartyId owner;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(seller) LEDGER_VISIT(owner)
  }
};

/// Id: canonical Digital Link (00 …). The holder of a child unit is its parent.
struct UnitRecord {
  Holder holder;
  /// Absent: mixed, the children know.
  std::optional<PartyId> owner;
  /// Child items, units and lots inside (directly), and pieces of all depths.
  std::uint32_t children = 0;
  /// Units inside one another below this one.
  std::uint8_t levels = 0;
  Micro pieces = 0;
  /// After a short count: how many pieces may still be used by the receiver.
  std::optional<Micro> accepted;
  Micro disputed = 0;
  TimeMs last_ms = 0;
  History history;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(holder)
    LEDGER_VISIT(owner)
    LEDGER_VISIT(children)
    LEDGER_VISIT(levels)
    LEDGER_VISIT(pieces) LEDGER_VISIT(accepted) LEDGER_VISIT(disputed) LEDGER_VISIT(last_ms) LEDGER_VISIT(history)
  }
};

/// Any other key that events name, and plain EPCs. Id: canonical Digital Link or URI.
struct ThingRecord {
  History history;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(history)
  }
};

/// Id: the claim's scheme ‖ 0 ‖ GTIN. Σ stock + Σ loss = Σ origins, in micro-units of the product's base unit.
struct ClaimTotalRecord {
  base::u128 origins = 0;
  base::u128 stock = 0;
  base::u128 loss = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(origins) LEDGER_VISIT(stock) LEDGER_VISIT(loss)
  }
};

enum class OfferState : std::uint8_t { open, accepted, rejected, withdrawn };
constexpr std::uint8_t enum_count(OfferState) { return 4; }
constexpr std::array<std::string_view, 4> enum_names(OfferState) {
  return {"open", "accepted", "rejected", "withdrawn"};
}

struct OfferedQuantity {
  /// A lot or class, or the unit whose disputed pieces are offered again: canonical Digital Link.
  Uri subject;
  Micro quantity = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(subject) LEDGER_VISIT(quantity)
  }
  bool operator==(OfferedQuantity const&) const = default;
};

/// Who owned, and who will.
struct TitleMove {
  PartyId from;
  PartyId to;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(from) LEDGER_VISIT(to)
  }
  bool operator==(TitleMove const&) const = default;
};

/// Id: the offer's event hash (32 bytes) ‖ giver.
struct OfferRecord {
  PartyId giver;
  PartyId to;
  /// Units, serials and lots offered; once accepted, what was accepted.
  List<Uri, 4096> subjects;
  List<OfferedQuantity, 256> counts;
  TimeMs expires_ms = 0;
  /// Present when ownership moves too on acceptance.
  std::optional<TitleMove> title;
  OfferState state = OfferState::open;
  std::uint64_t log_index = 0;
  TimeMs time_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(giver)
    LEDGER_VISIT(to)
    LEDGER_VISIT(subjects)
    LEDGER_VISIT(counts)
    LEDGER_VISIT(expires_ms) LEDGER_VISIT(title) LEDGER_VISIT(state) LEDGER_VISIT(log_index) LEDGER_VISIT(time_ms)
  }
};

/// Id: actor ‖ event hash ‖ 1 for an error declaration, else 0.
struct EventRecord {
  std::uint64_t log_index = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(log_index)
  }
};

/// A member's work allowance; party zero's is that of acts that no member signs. Id: the party.
struct MeterRecord {
  /// Thousandths of a unit of work, as of time_ms.
  std::uint64_t level = 0;
  TimeMs time_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(level) LEDGER_VISIT(time_ms)
  }
};

/// Id: empty.
struct ParametersRecord {
  Parameters parameters;
  std::variant<WallClock, TestClock> clock;
  /// A node's clock is wall time plus this, modulo 2^64: a test clock starts at time_ms - wall_ms of the genesis.
  std::uint64_t clock_offset_ms = 0;
  /// Block time of the block that this state is of.
  TimeMs time_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(parameters) LEDGER_VISIT(clock) LEDGER_VISIT(clock_offset_ms) LEDGER_VISIT(time_ms)
  }
};

/// The epoch and its validators. Id: empty for that of the next block; for each that is over its number, big endian.
struct EpochRecord {
  std::uint64_t epoch = 1;
  /// The height of its first block.
  Height first = 1;
  crypto::ValidatorSet validators;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(epoch) LEDGER_VISIT(first) LEDGER_VISIT(validators)
  }
};

/// The transactions whose valid_until_ms lies in one minute. Id: minute, big endian. The ids are part of the state by
/// this root over them in order of recording; they stand beside, under replay_id: minute ‖ running number of the first
/// (both big endian) → ids one behind the other, those of a block together. Each id's receipt says its minute.
struct ReplayMinuteRecord {
  std::uint64_t count = 0;
  Hash root;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(count) LEDGER_VISIT(root)
  }
};

/// What came of a transaction or a fired deadline, beside the tree. Id: the transaction's id; of a deadline: contract ‖
/// height ‖ index (both big endian).
struct ReceiptRecord {
  Height height = 0;
  /// The place among the block's receipts.
  std::uint32_t index = 0;
  /// Of the replay window; none for a deadline.
  std::optional<std::uint64_t> minute;
  Receipt receipt;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(height) LEDGER_VISIT(index) LEDGER_VISIT(minute) LEDGER_VISIT(receipt)
  }
};
inline Bytes receipt_key(Hash const& transaction) { return state_key(Space::receipt, transaction.view()); }
inline Bytes deadline_receipt_key(Hash const& contract, Height height, std::uint32_t index) {
  Bytes key = state_key(Space::receipt, contract.view());
  base::append(key, big_endian(height));
  base::append(key, big_endian(index));
  return key;
}

/// An append-only log's peaks, beside the tree: of the event log (id: empty), of a replay minute (id: minute), of an
/// account's lines (account_peaks; id: party ‖ asset).
struct PeaksRecord {
  std::uint64_t count = 0;
  List<Hash, 64> hashes;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(count) LEDGER_VISIT(hashes)
  }
};

/// A namespace and an id, of which a URI is the longest.
constexpr std::size_t stored_key_bytes_max = 1024;

/// Whose history it is, and its peaks, beside the tree. Id: tree key of the subject.
struct SubjectRecord {
  base::Blob<stored_key_bytes_max> stored_key;
  PeaksRecord history;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(stored_key) LEDGER_VISIT(history)
  }
};

/// An event as it was submitted, beside the tree. Id: log index, big endian.
struct StoredEvent {
  Height height = 0;
  TimeMs recorded_ms = 0;
  Hash transaction;
  std::uint16_t event_index = 0;
  PartyId actor;
  /// SHA-256 of the context; the bytes stand under Space::context.
  Hash context;
  /// The exact bytes; of an operation's leaf: its canonical bytes; of a deadline: DeadlinePayload.
  base::Blob<event_bytes_max> payload;
  /// As in its leaf of the log of all events.
  Hash view_root;
  std::uint32_t view_size = 1;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(height)
    LEDGER_VISIT(recorded_ms)
    LEDGER_VISIT(transaction)
    LEDGER_VISIT(event_index)
    LEDGER_VISIT(actor)
    LEDGER_VISIT(context) LEDGER_VISIT(payload) LEDGER_VISIT(view_root) LEDGER_VISIT(view_size)
  }
};

}  // namespace ledger
