// SPDX-License-Identifier: Apache-2.0
// The register of receivables: who may say that a claim is his, and that it is nobody else's security.
#include "contracts/money/account.hpp"

namespace contracts::money {

namespace {

using ledger::ReceivableRecord;
using ledger::Security;

/// The next place in the order of the register's entries.
std::uint64_t next_rank(Context& context) {
  auto const key = ledger::state_key(ledger::Space::receivable, ledger::BytesView{});
  auto record = ledger::load<ledger::RegisterRecord>(context.state, key).value_or(ledger::RegisterRecord{});
  ++record.entries;
  ledger::store(context.state, key, record);
  return record.entries;
}

Error pledged(ReceivableRecord const& record, std::string field) {
  return {Code::E_ALREADY_PLEDGED, std::move(field), "by entry " + std::to_string(record.secured_rank)};
}

}  // namespace

Result<void> register_receivable(Context& context, ledger::RegisterReceivable const& operation,
                                 std::string const& field) {
  TRY(require_signer(context, context.actor, ledger::Act::money, field));
  TRY(asset_of(context, operation.asset, field));
  TRY(require_amount(operation.amount, field, "amount"));
  TRY(require_member(context, operation.debtor, field, "debtor"));
  if (operation.debtor == context.actor) return error(Code::E_FORM, field, "debtor", "the creditor itself");
  auto const key = ledger::receivable_key(operation.document);
  if (auto const known = ledger::load<ReceivableRecord>(context.state, key)) {
    return error(Code::E_ALREADY_REGISTERED, field, "document", "entry " + std::to_string(known->rank));
  }
  ReceivableRecord record;
  record.terms = operation;
  record.creditor = context.actor;
  record.owner = context.actor;
  record.acknowledged = require_signer(context, operation.debtor, ledger::Act::money, field + ".debtor").has_value();
  record.rank = next_rank(context);
  ledger::store(context.state, key, record);
  return {};
}

Result<void> assign_receivable(Context& context, ledger::AssignReceivable const& operation, std::string const& field) {
  auto const key = ledger::receivable_key(operation.document);
  auto record = ledger::load<ReceivableRecord>(context.state, key);
  if (!record) return error(Code::E_RECEIVABLE_UNKNOWN, field, "document", "no entry " + operation.document.hex());
  if (operation.how == Security::released) {
    if (!record->pledgee) return error(Code::E_RECEIVABLE_UNKNOWN, field, "document", "it is not pledged");
    TRY(require_signer(context, *record->pledgee, ledger::Act::money, field + ".document"));
    record->pledgee.reset();
    record->secured_rank = 0;
    ledger::store(context.state, key, *record);
    return {};
  }
  // A second financier is told so, whoever signed.
  if (record->pledgee || record->assigned) return pledged(*record, field + ".document");
  TRY(require_signer(context, record->owner, ledger::Act::money, field + ".document"));
  TRY(require_member(context, operation.to, field, "to"));
  if (operation.to == record->owner) return error(Code::E_FORM, field, "to", "its owner");
  if (operation.how == Security::assigned) {
    record->owner = operation.to;
    record->assigned = true;
  } else {
    record->pledgee = operation.to;
  }
  record->secured_rank = next_rank(context);
  ledger::store(context.state, key, *record);
  return {};
}

Result<void> secure_claim(Context& context, Claim const& claim, PartyId const& to, std::string const& field) {
  auto const key = ledger::receivable_key(claim.document);
  auto known = ledger::load<ReceivableRecord>(context.state, key);
  // Whose claim it is stands in the contract; what a stranger entered under its name is nothing.
  if (known && known->creditor != claim.owner) known.reset();
  auto record = known.value_or(ReceivableRecord{});
  if (!known) {
    record.terms.document = claim.document;
    record.terms.number = claim.label.substr(0, decltype(record.terms.number)::max);
    record.creditor = record.owner = claim.owner;
    record.acknowledged = true;
    record.rank = next_rank(context);
  }
  if (to == claim.owner) {
    record.owner = claim.owner;
    record.assigned = false;
    if (!record.pledgee) record.secured_rank = 0;
  } else if (record.pledgee || record.assigned) {
    // Only to whom the register has it.
    if ((record.pledgee ? *record.pledgee : record.owner) != to) return pledged(record, field + ".role");
  } else {
    record.owner = to;
    record.assigned = true;
    record.secured_rank = next_rank(context);
  }
  ledger::store(context.state, key, record);
  return {};
}

}  // namespace contracts::money
