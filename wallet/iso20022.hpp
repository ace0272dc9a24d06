// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages of ISO 20022: statements, notifications and statuses written, payment orders read.

#include "wallet/statement.hpp"

namespace wallet {

/// camt.053.001.08: the statement of an account. E_AMOUNT for a scale that the message cannot write (more than five
/// decimals).
base::Result<std::string> to_camt053(Statement const& statement);
/// camt.054.001.08: the same entries as a notification.
base::Result<std::string> to_camt054(Statement const& statement);

/// How a payment stands, with the ids that it kept.
struct PaymentStatus {
  std::string end_to_end;
  std::string uetr;
  std::string instruction;
  /// Of the payment information that it was ordered in.
  std::string order;
  /// done, pending, failed.
  std::string state;
  /// Of a failure: the outcome's name and hint.
  std::string code;
  std::string hint;
  /// The transaction's id.
  std::string transaction;
};

/// pacs.002.001.11: what became of payments, for their other end.
std::string to_pacs002(std::string const& message_id, ledger::TimeMs now_ms,
                       std::vector<PaymentStatus> const& payments);
/// pain.002.001.11: what became of the orders of one pain.001.
std::string to_pain002(std::string const& message_id, std::string const& original_id, ledger::TimeMs now_ms,
                       std::vector<PaymentStatus> const& payments);

/// One credit transfer of a pain.001.
struct PaymentOrder {
  std::string order;
  std::string instruction;
  std::string end_to_end;
  std::string uetr;
  /// GLN or short name of the debtor, and of the creditor: the account's id; the name where no account is named.
  std::string debtor;
  std::string creditor;
  /// CODE.SHORTNAME: the currency and the debtor's agent, who keeps the account.
  std::string asset;
  /// As written, with its decimals.
  std::string amount;
  std::string purpose;
  /// Not to be paid before, of a date its beginning (UTC); absent: at once.
  std::optional<ledger::TimeMs> execution_ms;
  /// Label of the contract that it is paid into; empty for a transfer. The creditor's account has the scheme CONTRACT.
  std::string contract;
};
struct PaymentFile {
  std::string message_id;
  std::vector<PaymentOrder> orders;
};
constexpr std::size_t orders_max = 10'000;
/// Reads pain.001.001.10 (and earlier versions with the same elements). Errors: E_ENCODING with the element's path; a
/// control sum or count that does not agree with the orders.
base::Result<PaymentFile> read_pain001(std::string const& xml);

}  // namespace wallet
