// SPDX-License-Identifier: Apache-2.0
#pragma once

// The records of money: assets, accounts and their lines, holds, limits, netting sets, receivables.

#include "ledger/block.hpp"
#include "ledger/state.hpp"

namespace ledger {

/// Id: CODE.SHORTNAME.
struct AssetRecord {
  Text<15> code;
  PartyId issuer;
  std::uint8_t scale = 0;
  Amount max_supply = 0;
  Amount issued = 0;
  /// Over all accounts, over all contracts: issued = posted + pots after every transaction.
  Amount posted = 0;
  Amount pots = 0;
  std::uint32_t flags = 0;
  std::optional<Approval> approval;
  std::optional<Amount> travel_above;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(code)
    LEDGER_VISIT(issuer)
    LEDGER_VISIT(scale)
    LEDGER_VISIT(max_supply)
    LEDGER_VISIT(issued)
    LEDGER_VISIT(posted) LEDGER_VISIT(pots) LEDGER_VISIT(flags) LEDGER_VISIT(approval) LEDGER_VISIT(travel_above)
  }
  bool has(AssetFlag flag) const { return (flags & static_cast<std::uint32_t>(flag)) != 0; }
};

/// Id: party ‖ asset id. posted = total_in - total_out; held and incoming are the sums of the open holds from and to
/// the account, so that these are the four counters of double entry.
struct BalanceRecord {
  Amount posted = 0;
  Amount held = 0;
  Amount total_in = 0;
  Amount total_out = 0;
  bool frozen = false;
  Amount incoming = 0;
  bool authorised = false;
  std::uint8_t tier = 0;
  /// Open holds from the account.
  std::uint32_t holds = 0;
  /// How many lines the account has, and the root of RFC 6962 over them (StatementRecord), as of the end of a block.
  std::uint64_t lines = 0;
  Hash lines_root;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(posted)
    LEDGER_VISIT(held)
    LEDGER_VISIT(total_in)
    LEDGER_VISIT(total_out)
    LEDGER_VISIT(frozen)
    LEDGER_VISIT(incoming)
    LEDGER_VISIT(authorised)
    LEDGER_VISIT(tier) LEDGER_VISIT(holds) LEDGER_VISIT(lines) LEDGER_VISIT(lines_root)
  }
};
Bytes balance_key(PartyId const& party, std::string_view asset);

/// The ids that a payment keeps from one end to the other.
struct PaymentIds {
  std::optional<Text<36>> uetr;
  std::optional<Text<35>> end_to_end;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(uetr) LEDGER_VISIT(end_to_end)
  }
  bool operator==(PaymentIds const&) const = default;
};

enum class HoldState : std::uint8_t { open, posted, voided, expired };
constexpr std::uint8_t enum_count(HoldState) { return 4; }
constexpr std::array<std::string_view, 4> enum_names(HoldState) { return {"open", "posted", "voided", "expired"}; }

/// Id: the hold's (contract_id of the operation that opened it). Kept after its end, so that a late post is told why.
struct HoldRecord {
  OpenHold terms;
  /// What was set aside, and what of it was paid; of an open hold the difference is held.
  Amount amount = 0;
  Amount paid = 0;
  HoldState state = HoldState::open;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit){LEDGER_VISIT(terms) LEDGER_VISIT(amount) LEDGER_VISIT(paid)
                                                   LEDGER_VISIT(state)} Amount rest() const {
    return state == HoldState::open ? amount - paid : 0;
  }
};
inline Bytes hold_key(Hash const& hold) { return state_key(Space::hold, hold.view()); }
/// The open holds from an account, beside the tree: party ‖ asset ‖ 0 ‖ hold; without a hold the prefix of them.
Bytes hold_index_key(PartyId const& party, std::string_view asset, std::optional<Hash> const& hold = {});

/// What ends by itself beside contracts, beside the tree: time ‖ kind ‖ id; nothing stands under it.
enum class Expiry : std::uint8_t { hold, netting };
Bytes expiry_key(TimeMs due_ms, Expiry kind, Hash const& id);

/// What an idempotency key was used for. Id: party ‖ key.
struct TransferRecord {
  Hash transaction;
  base::Code code = base::Code::done;
  /// H(06 ‖ operations): what "the same fields" means.
  Hash operations;
  /// Four bytes of the hash of each field, of one operation after the other: enough to name the first that differs.
  List<std::uint32_t, 1024> marks;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(transaction) LEDGER_VISIT(code) LEDGER_VISIT(operations) LEDGER_VISIT(marks)
  }
};

/// What accounts of a tier may do. Id: asset ‖ 0 ‖ tier.
using LimitsRecord = SetLimits;
Bytes limits_key(std::string_view asset, std::uint8_t tier);

struct SpentHour {
  /// Since the epoch.
  std::uint32_t hour = 0;
  Amount amount = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(hour) LEDGER_VISIT(amount)
  }
};
/// Hours of 30 days, and the one that runs.
constexpr std::size_t spent_hours_max = 721;
/// What a party spent in the last 30 days of an asset whose tier has a window. Id: party ‖ asset id.
struct SpendingRecord {
  /// Ascending; hours without payments have no entry.
  List<SpentHour, spent_hours_max> hours;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(hours)
  }
};
Bytes spending_key(PartyId const& party, std::string_view asset);

/// Who answers for a party under an asset's travel rule, where its issuer named somebody. Id: party ‖ asset id.
struct InstitutionRecord {
  PartyId institution;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(institution)
  }
};
Bytes institution_key(PartyId const& party, std::string_view asset);
/// The transaction that used an institution's reference. Id: institution ‖ reference.
struct TravelRecord {
  Hash transaction;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(transaction)
  }
};
Bytes travel_key(PartyId const& institution, std::string_view reference);
/// What a party paid another in the last day without a travel statement, of an asset that has the rule (a
/// SpendingRecord). Id: payer ‖ payee ‖ asset id.
Bytes paid_key(PartyId const& from, PartyId const& to, std::string_view asset);

enum class NettingState : std::uint8_t { open, settled, dropped };
constexpr std::uint8_t enum_count(NettingState) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(NettingState) { return {"open", "settled", "dropped"}; }

/// Id: the set's (contract_id of the operation that opened it).
struct NettingRecord {
  OpenNetting terms;
  /// Who joined, ascending.
  List<PartyId, 128> members;
  NettingState state = NettingState::open;
  /// Of a settled set: how many obligations were left after those of parties that did not join or could not pay.
  std::uint32_t netted = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(terms) LEDGER_VISIT(members) LEDGER_VISIT(state) LEDGER_VISIT(netted)
  }
};
inline Bytes netting_key(Hash const& netting) { return state_key(Space::netting, netting.view()); }

/// Id: the document's hash; so nobody registers one claim twice.
struct ReceivableRecord {
  RegisterReceivable terms;
  PartyId creditor;
  bool acknowledged = false;
  /// The creditor, or whom it was assigned to.
  PartyId owner;
  /// Who has it as security.
  std::optional<PartyId> pledgee;
  bool assigned = false;
  /// The place in the order of all entries of the register, from 1: earlier ones go first.
  std::uint64_t rank = 0;
  /// The rank of its assignment or pledge.
  std::uint64_t secured_rank = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(terms)
    LEDGER_VISIT(creditor)
    LEDGER_VISIT(acknowledged)
    LEDGER_VISIT(owner)
    LEDGER_VISIT(pledgee) LEDGER_VISIT(assigned) LEDGER_VISIT(rank) LEDGER_VISIT(secured_rank)
  }
};
inline Bytes receivable_key(Hash const& document) { return state_key(Space::receivable, document.view()); }
/// Under the empty id of receivables: how many entries the register has.
struct RegisterRecord {
  std::uint64_t entries = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(entries)
  }
};

/// One line of a party's statement in one asset; BalanceRecord::lines_root is over these. They stand beside the tree in
/// pages, those of a block together (LinePage). Party ‖ asset ‖ 0 holds how many there are (big endian), so that a
/// reader can page from the end.
struct StatementRecord {
  Height height = 0;
  TimeMs time_ms = 0;
  /// What made it.
  std::variant<TransactionCause, DeadlineCause> cause;
  Entry entry;
  PaymentIds ids;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(height) LEDGER_VISIT(time_ms) LEDGER_VISIT(cause) LEDGER_VISIT(entry) LEDGER_VISIT(ids)
  }
};
Bytes statement_key(PartyId const& party, std::string_view asset);

/// A page's lines have numbers with the same quotient by this, so that a reader knows where to look for a number.
constexpr std::size_t page_lines_max = 64;
/// Encoded lines. Id: party ‖ asset ‖ 0 ‖ the first one's running number from 0, big endian.
using LinePage = List<base::Blob<1024>, page_lines_max>;

/// The lines that a block adds to accounts.
class Lines {
 public:
  void add(StatementRecord const& line);
  /// Appends them to their accounts and writes count and root into each account's record: once, at the end of a block.
  void write(Overlay& state) &&;

 private:
  /// By party ‖ asset.
  std::map<Bytes, std::vector<Bytes>> by_account_;
};

/// Visits an account's encoded lines from this number on, ascending, until the visitor returns false.
void scan_lines(StateView const& state, PartyId const& party, std::string_view asset, std::uint64_t from,
                std::function<bool(std::uint64_t number, BytesView line)> const& visit);

}  // namespace ledger
