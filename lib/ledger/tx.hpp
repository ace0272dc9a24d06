// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a member signs: a body of operations, and beside it the exact bytes of the events that the body commits to by
// root. The order of the alternatives of Operation, and of fields, is the format; new operations are added at the end.

#include "base/view.hpp"
#include "ledger/goods_tx.hpp"
#include "ledger/governance.hpp"
#include "ledger/money.hpp"

namespace ledger {

using IdempotencyKey = base::Fixed<struct IdempotencyTag, 16>;

enum class RecordMode : std::uint8_t { rollback, proceed };
constexpr std::uint8_t enum_count(RecordMode) { return 2; }
constexpr std::array<std::string_view, 2> enum_names(RecordMode) { return {"rollback", "proceed"}; }

/// EPCIS events, whose bytes are the next `count` payloads of the transaction.
struct Record {
  static constexpr std::string_view name = "record";
  RecordMode mode = RecordMode::rollback;
  /// The exact bytes of the document's @context.
  Text<8192> context;
  std::uint16_t count = 0;
  /// RFC 6962 over {payload_hash, view_root, view_size} of each event.
  Hash events_root;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(mode) LEDGER_VISIT(context) LEDGER_VISIT(count) LEDGER_VISIT(events_root)
  }
  bool operator==(Record const&) const = default;
};

/// What a record's events_root is made over.
struct EventCommitment {
  Hash payload_hash;
  Hash view_root;
  std::uint32_t view_size = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(payload_hash) LEDGER_VISIT(view_root) LEDGER_VISIT(view_size)
  }
};

/// What a member may do; bits, because a firm is several things at once.
enum class Role : std::uint32_t {
  brand = 1,
  carrier = 2,
  warehouse = 4,
  retailer = 8,
  certifier = 16,
  customs = 32,
  issuer = 64,
  financier = 128,
  insurer = 256,
  arbiter = 512,
  auditor = 1024,
  regulator = 2048,
  validator = 4096,
  witness = 8192,
};

/// A name in one language (BCP 47).
struct LocalName {
  Text<16> language;
  Text<120> text;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(language) LEDGER_VISIT(text)
  }
  bool operator==(LocalName const&) const = default;
};
using LocalNames = List<LocalName, 8>;

/// Admits an organisation. Genesis or governance.
struct AddMember {
  static constexpr std::string_view name = "member";
  Gln gln;
  Text<16> short_name;
  LocalNames names;
  /// ISO 3166-1, two letters.
  Text<2> country;
  std::uint32_t roles = 0;
  /// Its events move goods accounts.
  bool accounting = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(gln)
    LEDGER_VISIT(short_name) LEDGER_VISIT(names) LEDGER_VISIT(country) LEDGER_VISIT(roles) LEDGER_VISIT(accounting)
  }
  bool operator==(AddMember const&) const = default;
};

/// Grants a GS1 company prefix. Genesis or governance.
struct GrantPrefix {
  static constexpr std::string_view name = "prefix";
  Text<12> prefix;
  PartyId party;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(prefix) LEDGER_VISIT(party)
  }
  bool operator==(GrantPrefix const&) const = default;
};

enum class KeyKind : std::uint8_t { root, admin, staff, device };
constexpr std::uint8_t enum_count(KeyKind) { return 4; }
constexpr std::array<std::string_view, 4> enum_names(KeyKind) { return {"root", "admin", "staff", "device"}; }

/// Acts that a key may sign; bits of Scope::acts. An admin key may all but root's.
enum class Act : std::uint32_t { record = 1, money = 2, escrow = 4, certify = 8, admin = 16 };

struct Scope {
  std::uint32_t acts = 0;
  /// GS1 company prefixes and sites it may act for; empty: all of the member's.
  List<Text<12>, 16> prefixes;
  List<Gln, 64> sites;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(acts) LEDGER_VISIT(prefixes) LEDGER_VISIT(sites)
  }
  bool operator==(Scope const&) const = default;
};

/// Signed by an admin key of the party; by a root key for admin keys.
struct KeyAdd {
  static constexpr std::string_view name = "key_add";
  PartyId party;
  PartyKey key;
  KeyKind kind = KeyKind::staff;
  Scope scope;
  TimeMs until_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(party) LEDGER_VISIT(key) LEDGER_VISIT(kind) LEDGER_VISIT(scope) LEDGER_VISIT(until_ms)
  }
  bool operator==(KeyAdd const&) const = default;
};

struct KeyRevoke {
  static constexpr std::string_view name = "key_revoke";
  PartyKey key;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key)
  }
  bool operator==(KeyRevoke const&) const = default;
};

/// A place of the member. Coordinates in micro-degrees from the south pole and from 180° W.
struct AddSite {
  static constexpr std::string_view name = "site";
  Gln gln;
  PartyId party;
  LocalNames names;
  /// The town, as pages show it.
  LocalNames places;
  Text<2> country;
  std::uint32_t latitude_micro = 0;
  std::uint32_t longitude_micro = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(gln)
    LEDGER_VISIT(party)
    LEDGER_VISIT(names)
    LEDGER_VISIT(places) LEDGER_VISIT(country) LEDGER_VISIT(latitude_micro) LEDGER_VISIT(longitude_micro)
  }
  bool operator==(AddSite const&) const = default;
};

/// A trade item of the prefix holder: its base unit (UN/ECE Rec 20) and, for EA, the mass of one piece.
struct AddProduct {
  static constexpr std::string_view name = "product";
  Gtin gtin;
  LocalNames names;
  Text<3> unit;
  /// Micro-kilograms of one base unit; 1,000,000 for KGM; 0 where mass says nothing.
  Micro unit_mass_micro_kg = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(gtin) LEDGER_VISIT(names) LEDGER_VISIT(unit) LEDGER_VISIT(unit_mass_micro_kg)
  }
  bool operator==(AddProduct const&) const = default;
};

enum class Balance : std::uint8_t { mass, pieces };
constexpr std::uint8_t enum_count(Balance) { return 2; }
constexpr std::array<std::string_view, 2> enum_names(Balance) { return {"mass", "pieces"}; }

/// What a site may make of what, audited: signed by a certifier or auditor that is not the site's own member.
struct AddRecipe {
  static constexpr std::string_view name = "recipe";
  Gln site;
  Text<64> recipe;
  Balance balance = Balance::mass;
  List<Gtin, 16> inputs;
  List<Gtin, 16> outputs;
  /// The most output for input, in millionths.
  std::uint32_t yield_ppm = 0;
  /// Base units of output a day; 0: no limit.
  Micro capacity_a_day = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(site)
    LEDGER_VISIT(recipe)
    LEDGER_VISIT(balance)
    LEDGER_VISIT(inputs) LEDGER_VISIT(outputs) LEDGER_VISIT(yield_ppm) LEDGER_VISIT(capacity_a_day)
  }
  bool operator==(AddRecipe const&) const = default;
};

/// Issued by the actor, a certifier.
struct IssueCertificate {
  static constexpr std::string_view name = "certificate";
  Text<64> number;
  /// The name of the scheme, which is also the name of the claim that its quota covers.
  Text<120> scheme;
  PartyId holder;
  List<Gtin, 64> products;
  /// Empty: every site of the holder.
  List<Gln, 64> sites;
  TimeMs valid_from_ms = 0;
  TimeMs valid_until_ms = 0;
  Hash document;
  /// Base units that may be made under it; absent: it grants no claim.
  std::optional<Micro> quota;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(number)
    LEDGER_VISIT(scheme)
    LEDGER_VISIT(holder)
    LEDGER_VISIT(products)
    LEDGER_VISIT(sites)
    LEDGER_VISIT(valid_from_ms) LEDGER_VISIT(valid_until_ms) LEDGER_VISIT(document) LEDGER_VISIT(quota)
  }
  bool operator==(IssueCertificate const&) const = default;
};

struct RevokeCertificate {
  static constexpr std::string_view name = "certificate_revoke";
  Text<64> number;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(number)
  }
  bool operator==(RevokeCertificate const&) const = default;
};

/// Sets the quota of a certificate, never below what is used.
struct SetQuota {
  static constexpr std::string_view name = "quota";
  Text<64> number;
  Micro amount = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(number) LEDGER_VISIT(amount)
  }
  bool operator==(SetQuota const&) const = default;
};

/// The covered code of one item: only its key's hash is known until the buyer claims. Signed by the custodian.
struct SetClaimCode {
  static constexpr std::string_view name = "claim_code";
  Uri item;
  Hash code_key_hash;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(item) LEDGER_VISIT(code_key_hash)
  }
  bool operator==(SetClaimCode const&) const = default;
};

/// The buyer registers a sold item under a key of his own; the code key signs (H(06 ‖ body) like any signer, party
/// zero).
struct ClaimItem {
  static constexpr std::string_view name = "claim";
  Uri item;
  PartyKey code_key;
  PartyKey owner_key;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(item) LEDGER_VISIT(code_key) LEDGER_VISIT(owner_key)
  }
  bool operator==(ClaimItem const&) const = default;
};

struct RoleBinding {
  Text<32> role;
  PartyId party;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(role) LEDGER_VISIT(party)
  }
  bool operator==(RoleBinding const&) const = default;
};

/// Opens a contract over these terms. Signed by the opener and every role that a `title` step takes goods from.
struct EscrowOpen {
  static constexpr std::string_view name = "escrow_open";
  Text<32768> terms;
  List<RoleBinding, 16> parties;
  Text<32> label;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(terms) LEDGER_VISIT(parties) LEDGER_VISIT(label)
  }
  bool operator==(EscrowOpen const&) const = default;
};

/// Deposit, choice, award, approve: the case of a waiting state that the party takes.
struct EscrowAct {
  static constexpr std::string_view name = "escrow_act";
  Hash contract;
  /// Empty, and nothing else given: only makes what is overdue in the contract, without waiting for its turn.
  Text<64> state;
  std::uint8_t case_index = 0;
  /// A choice's or award's value; 0 for a deposit.
  std::uint64_t value = 0;
  /// Of a deposit: what its line in the statement keeps.
  std::optional<Text<36>> uetr{};
  std::optional<Text<35>> end_to_end{};
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(contract)
    LEDGER_VISIT(state) LEDGER_VISIT(case_index) LEDGER_VISIT(value) LEDGER_VISIT(uetr) LEDGER_VISIT(end_to_end)
  }
  bool operator==(EscrowAct const&) const = default;
};

/// Assigns what a role will be paid to another member: once at a time, by the role's party; the assignee gives it back
/// by assigning it to the role's party.
struct EscrowAssign {
  static constexpr std::string_view name = "escrow_assign";
  Hash contract;
  Text<32> role;
  PartyId to;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(contract) LEDGER_VISIT(role) LEDGER_VISIT(to)
  }
  bool operator==(EscrowAssign const&) const = default;
};

/// Moves a test clock forward. Signed by the key that the genesis names.
struct AdvanceTime {
  static constexpr std::string_view name = "advance_time";
  TimeMs to_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(to_ms)
  }
  bool operator==(AdvanceTime const&) const = default;
};

using OperationVariant =
    std::variant<Record, AddMember, GrantPrefix, KeyAdd, KeyRevoke, AddSite, AddProduct, AddRecipe, IssueCertificate,
                 RevokeCertificate, SetQuota, SetClaimCode, ClaimItem, CreateAsset, Mint, Burn, Transfer, EscrowOpen,
                 EscrowAct, AdvanceTime, RegisterDevice, RetireDevice, GiveMandate, EndMandate, LimitKey, ReportKey,
                 AddScheme, SetProductRule, RegisterMark, WatchMark, StateOrigin, StateCarbon, SetGate, SetWarranty,
                 ReportScan, Authorise, Freeze, Clawback, SetLimits, OpenHold, PostHold, VoidHold, OpenNetting,
                 JoinNetting, RegisterReceivable, AssignReceivable, EscrowAssign, ProposeChange, VoteChange,
                 ReportEvidence, Rejoin>;

/// One of fifty structures. What touches each of them is compiled once, in tx.cpp: in every file that copies a
/// transaction it would be three quarters of the compiler's time.
struct Operation : OperationVariant {
  using OperationVariant::OperationVariant;
  Operation();
  Operation(Operation const& other);
  Operation(Operation&& other) noexcept;
  Operation& operator=(Operation const& other);
  Operation& operator=(Operation&& other) noexcept;
  ~Operation();
  bool operator==(Operation const& other) const;
};

/// Who signs, with which key. The party is zero for a key that belongs to no member (a claim code's key, the test
/// clock's key).
struct Signer {
  PartyId party;
  PartyKey key;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(party) LEDGER_VISIT(key)
  }
  auto operator<=>(Signer const&) const = default;
};

struct Body {
  std::uint16_t version = 1;
  Hash chain;
  /// Pays the meter, and is the actor of its events and the issuer, opener, holder that an operation speaks of.
  PartyId actor;
  /// Ascending by (party, key), unique.
  List<Signer, 16> signers;
  TimeMs valid_from_ms = 0;
  TimeMs valid_until_ms = 0;
  std::optional<IdempotencyKey> idempotency_key;
  /// Not before that transaction is recorded.
  std::optional<Hash> after;
  List<Operation, 64> operations;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(version)
    LEDGER_VISIT(chain)
    LEDGER_VISIT(actor)
    LEDGER_VISIT(signers)
    LEDGER_VISIT(valid_from_ms)
    LEDGER_VISIT(valid_until_ms) LEDGER_VISIT(idempotency_key) LEDGER_VISIT(after) LEDGER_VISIT(operations)
  }
  bool operator==(Body const&) const = default;

  /// The transaction's id: H(06 ‖ canonical bytes).
  Hash id() const { return crypto::hash_of(crypto::Tag::transaction, *this); }
};

constexpr std::size_t event_bytes_max = std::size_t{1} << 20;
constexpr std::size_t transaction_bytes_max = std::size_t{2} << 20;
constexpr std::size_t block_bytes_max = std::size_t{8} << 20;

struct Transaction {
  Body body;
  List<base::Blob<event_bytes_max>, 512> payloads;
  /// BIP-340 over the id, one for each signer in order.
  List<base::PartySignature, 16> signatures;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(body) LEDGER_VISIT(payloads) LEDGER_VISIT(signatures)
  }
  bool operator==(Transaction const&) const = default;
};

/// H(0b ‖ transaction id ‖ operation index as u16): the id of the contract, hold or netting set that it opens.
Hash contract_id(Hash const& transaction, std::uint16_t operation);

}  // namespace ledger

extern template void base::Writer::put(ledger::Operation const& value);
extern template void base::Reader::get(ledger::Operation& value);
extern template base::Value base::view(ledger::Operation const& value);
extern template base::Result<void> base::detail::read_into(ledger::Operation& out, base::Value const& value,
                                                           std::string const& path, bool tagged);
