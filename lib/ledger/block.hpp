// SPDX-License-Identifier: Apache-2.0
#pragma once

// What was decided and what came of it: the block as the machine sees it, receipts, and the result header that
// validators sign.

#include "crypto/certificate.hpp"
#include "ledger/comet.hpp"
#include "ledger/tx.hpp"

namespace ledger {

/// A block as the law sees it: who proposed it and how it was agreed on is the engine's matter.
struct Block {
  Height height = 0;
  TimeMs time_ms = 0;
  Hash hash;
  std::vector<Transaction> transactions;
  /// The last of its epoch: the state names the next one's validators after it.
  bool ends_epoch = false;
};

/// RFC 6962 over the canonical bytes of whole transactions.
Hash transactions_root(std::vector<BytesView> const& transactions);

/// What a line of an account says. hold and release move nothing: they set aside and give free.
enum class EntryKind : std::uint8_t {
  mint,
  burn,
  transfer_out,
  transfer_in,
  deposit,
  payout,
  clawback,
  hold,
  release,
  hold_paid,
  netting_out,
  netting_in,
};
constexpr std::uint8_t enum_count(EntryKind) { return 12; }
constexpr std::array<std::string_view, 12> enum_names(EntryKind) {
  return {"mint",     "burn", "transfer_out", "transfer_in", "deposit",     "payout",
          "clawback", "hold", "release",      "hold_paid",   "netting_out", "netting_in"};
}
/// +1 for a line that raises the account's posted balance, -1 for one that lowers it, 0 for one that moves nothing.
constexpr int sign_of(EntryKind kind) {
  switch (kind) {
    case EntryKind::mint:
    case EntryKind::transfer_in:
    case EntryKind::payout:
    case EntryKind::netting_in:
      return 1;
    case EntryKind::hold:
    case EntryKind::release:
      return 0;
    default:
      return -1;
  }
}

/// One line of an account statement.
struct Entry {
  /// A party id.
  PartyId account;
  AssetId asset;
  EntryKind kind = EntryKind::mint;
  Amount amount = 0;
  /// A party id or a contract id.
  Hash counterparty;
  /// The operation's purpose or reason, the label of the contract or netting set.
  Text<64> reference;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(account)
    LEDGER_VISIT(asset) LEDGER_VISIT(kind) LEDGER_VISIT(amount) LEDGER_VISIT(counterparty) LEDGER_VISIT(reference)
  }
  bool operator==(Entry const&) const = default;
};

struct TransactionCause {
  static constexpr std::string_view name = "transaction";
  Hash id;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(id)
  }
  bool operator==(TransactionCause const&) const = default;
};
/// The contract is one, or a hold, or a netting set.
struct DeadlineCause {
  static constexpr std::string_view name = "deadline";
  Hash contract;
  std::uint8_t lane = 0;
  TimeMs due_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(contract) LEDGER_VISIT(lane) LEDGER_VISIT(due_ms)
  }
  bool operator==(DeadlineCause const&) const = default;
};

/// What came of one transaction or of one fired deadline.
struct Receipt {
  std::variant<TransactionCause, DeadlineCause> cause;
  base::Code code = base::Code::done;
  /// The path of the field that a failure speaks of: operations[0].events[3].eventTime.
  Text<160> field;
  std::uint32_t work = 0;
  std::uint64_t first_log_index = 0;
  std::uint32_t log_count = 0;
  /// One for each event of the transaction's record operations, in order.
  List<base::Code, 512> event_codes;
  std::uint32_t entries_count = 0;
  /// RFC 6962 over the canonical bytes of the entries.
  Hash entries_root;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(cause)
    LEDGER_VISIT(code)
    LEDGER_VISIT(field)
    LEDGER_VISIT(work)
    LEDGER_VISIT(first_log_index)
    LEDGER_VISIT(log_count) LEDGER_VISIT(event_codes) LEDGER_VISIT(entries_count) LEDGER_VISIT(entries_root)
  }
  bool operator==(Receipt const&) const = default;
};

/// RFC 6962 over the canonical bytes of the receipts, fired deadlines first.
Hash receipts_root(std::vector<Receipt> const& receipts);

/// What a finalize vote signs by hash; binds every earlier result. Light clients trust this and nothing else.
struct ResultHeader {
  std::uint16_t version = 1;
  Hash chain;
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;
  Height height = 0;
  TimeMs time_ms = 0;
  Hash block_hash;
  Hash state_root;
  Hash event_log_root;
  std::uint64_t event_log_size = 0;
  Hash receipts_root;
  Hash validators_hash;
  Hash next_validators_hash;
  Hash previous_result;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(version)
    LEDGER_VISIT(chain)
    LEDGER_VISIT(epoch)
    LEDGER_VISIT(view)
    LEDGER_VISIT(height)
    LEDGER_VISIT(time_ms)
    LEDGER_VISIT(block_hash)
    LEDGER_VISIT(state_root)
    LEDGER_VISIT(event_log_root)
    LEDGER_VISIT(event_log_size)
    LEDGER_VISIT(receipts_root)
    LEDGER_VISIT(validators_hash) LEDGER_VISIT(next_validators_hash) LEDGER_VISIT(previous_result)
  }
  bool operator==(ResultHeader const&) const = default;

  /// H(08 ‖ canonical bytes).
  Hash hash() const { return crypto::hash_of(crypto::Tag::result_header, *this); }
};

/// The built-in engine's proof that a result is final.
struct SimplexFinality {
  static constexpr std::string_view name = "simplex";
  crypto::Certificate certificate;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(certificate)
  }
  bool operator==(SimplexFinality const&) const = default;
};
using Finality = std::variant<SimplexFinality, CometFinality>;

/// True when the finality proves exactly this header under this set: the one whose hash the header names, or for
/// CometBFT the one that its next header names.
bool verify(Finality const& finality, ResultHeader const& header, crypto::ValidatorSet const& set);
/// How many of the set signed.
std::size_t signature_count(Finality const& finality);
/// By which the headers of this engine name a set, and the name of the set that signs after this header.
Hash set_name(Finality const& finality, crypto::ValidatorSet const& set);
Hash next_set_name(Finality const& finality, ResultHeader const& header);

}  // namespace ledger
