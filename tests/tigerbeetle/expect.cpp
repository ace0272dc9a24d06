// SPDX-License-Identifier: Apache-2.0
#include "expect.hpp"

namespace tigerbeetle {

namespace {

using base::Code;

struct Meaning {
  std::string_view status;
  Code code;
};

/// Statuses that depend on what was there before.
constexpr Meaning meanings[] = {
    {"created", Code::done},
    {"exists", Code::exists},
    {"id_already_failed", Code::id_already_failed},
    {"exists_with_different_flags", Code::exists_with_different_kind},
    {"exists_with_different_debit_account_id", Code::exists_with_different_from},
    {"exists_with_different_credit_account_id", Code::exists_with_different_to},
    {"exists_with_different_amount", Code::exists_with_different_amount},
    {"exists_with_different_pending_id", Code::exists_with_different_hold},
    {"exists_with_different_user_data_128", Code::exists_with_different_purpose},
    {"exists_with_different_user_data_64", Code::exists_with_different_uetr},
    {"exists_with_different_user_data_32", Code::exists_with_different_end_to_end},
    {"exists_with_different_timeout", Code::exists_with_different_expires_ms},
    {"exists_with_different_code", Code::exists_with_different_by},
    {"exists_with_different_ledger", Code::exists_with_different_asset},
    {"debit_account_not_found", Code::E_MEMBER_UNKNOWN},
    {"credit_account_not_found", Code::E_MEMBER_UNKNOWN},
    {"pending_transfer_not_found", Code::E_HOLD_UNKNOWN},
    {"exceeds_credits", Code::E_INSUFFICIENT_FUNDS},
    {"exceeds_debits", Code::E_LIMIT},
    {"exceeds_pending_transfer_amount", Code::E_AMOUNT},
    {"overflows_debits_pending", Code::E_AMOUNT},
    {"overflows_credits_pending", Code::E_AMOUNT},
    {"overflows_debits_posted", Code::E_AMOUNT},
    {"overflows_credits_posted", Code::E_AMOUNT},
    {"overflows_debits", Code::E_AMOUNT},
    {"overflows_credits", Code::E_AMOUNT},
    {"imported_event_timestamp_must_not_advance", Code::E_NOT_YET_VALID},
    {"imported_event_timestamp_must_not_regress", Code::E_EXPIRED},
    {"imported_event_timestamp_must_postdate_debit_account", Code::E_EXPIRED},
    {"imported_event_timestamp_must_postdate_credit_account", Code::E_EXPIRED},
};

/// Of accounts: the field whose difference is named.
constexpr std::pair<std::string_view, std::string_view> account_fields[] = {
    {"exists_with_different_flags", "operations[0].tier"},
    {"exists_with_different_user_data_128", "operations[0].balance_max"},
    {"exists_with_different_user_data_64", "operations[0].transfer_max"},
    {"exists_with_different_user_data_32", "operations[0].day_max"},
    {"exists_with_different_ledger", "operations[1].asset"},
    {"exists_with_different_code", "operations[1].tier"},
};

/// How a hold must have ended for the status.
std::optional<ledger::HoldState> ended_how(std::string_view status) {
  if (status == "pending_transfer_already_posted") return ledger::HoldState::posted;
  if (status == "pending_transfer_already_voided") return ledger::HoldState::voided;
  if (status == "pending_transfer_expired") return ledger::HoldState::expired;
  return std::nullopt;
}

/// Statuses that follow from the row alone: here such bytes are refused before anything is looked up.
bool is_about_form(std::string_view status) {
  for (std::string_view const one :
       {"timestamp_must_be_zero", "reserved_field", "reserved_flag", "flags_are_mutually_exclusive",
        "timeout_reserved_for_pending_transfer", "closing_transfer_must_be_pending", "accounts_must_be_different",
        "pending_id_must_be_different", "linked_event_chain_open", "overflows_timeout",
        "accounts_must_have_the_same_ledger", "transfer_must_have_the_same_ledger_as_accounts"}) {
    if (status == one) return true;
  }
  return status.ends_with("_must_be_zero") || status.ends_with("_must_not_be_zero") ||
         status.ends_with("_must_not_be_int_max");
}

}  // namespace

bool agrees(Row const& row, Result const& result) {
  std::string_view const status = row.status;
  if (is_about_form(status)) return base::is_malformed(result.code);
  if (status == "imported_event_timestamp_out_of_range") {
    return result.code == Code::E_EXPIRED || result.code == Code::E_NOT_YET_VALID;
  }
  if (auto const how = ended_how(status)) return result.code == Code::E_HOLD_ENDED && result.hold == how;
  if (row.is_account) {
    for (auto const& [name, field] : account_fields) {
      if (status == name) return base::name(result.code).starts_with("exists_with_") && result.field == field;
    }
  }
  for (auto const& meaning : meanings) {
    if (status == meaning.status) return result.code == meaning.code;
  }
  return false;
}

std::optional<std::string> differs(Row const& row, Result const& result) {
  bool const balances = row.is("balancing_debit") || row.is("balancing_credit");
  if (row.status == "exists" && balances && result.code == Code::exists_with_different_amount) {
    return "a retry is the same request: an amount that would have paid the same is another one";
  }
  bool const same_moment = row.status == "imported_event_timestamp_must_not_regress" && result.code == Code::done;
  if (same_moment) return "all of a block have one time";
  bool const late = result.code == Code::E_EXPIRED && (row.status == "created" || row.status == "exists");
  if (row.is("imported") && late) return "what is recorded has block time, which never runs backwards";
  return std::nullopt;
}

std::optional<std::string> differs_before(Row const& row, Machine const& machine) {
  std::string_view const status = row.status;
  if (status == "imported_event_expected" || status == "imported_event_not_expected") {
    return "each transaction has a window of its own: a block mixes old and new ones";
  }
  bool const is_void = row.is("void_pending_transfer");
  if (status.starts_with("pending_transfer_has_different_") ||
      (is_void && status == "exceeds_pending_transfer_amount")) {
    return "a post or void names its hold and repeats nothing of it";
  }
  if (status == "pending_transfer_not_pending" && machine.transfer(row.pending) != nullptr) {
    return "a payment that is no hold has no id that a hold could have";
  }
  if (row.is_account && status == "code_must_not_be_zero") return "tier 0 is the first tier";
  return std::nullopt;
}

}  // namespace tigerbeetle
