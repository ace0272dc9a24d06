// SPDX-License-Identifier: Apache-2.0
// Covered codes: the buyer's ownership, once.
#include "contracts/goods/goods.hpp"
#include "ledger/goods.hpp"

namespace contracts::goods {

namespace {

using ledger::ItemRecord;
using ledger::Space;

Result<ItemRecord> item_of(Context const& context, std::string_view link, std::string const& field) {
  auto item = ledger::load<ItemRecord>(context.state, Space::item, link);
  if (!item) return Error{Code::E_UNKNOWN_GOODS, field + ".item", "not commissioned: " + std::string(link)};
  return std::move(*item);
}

}  // namespace

Hash code_key_hash(base::PartyKey const& code_key) { return crypto::hash(crypto::Tag::key, {code_key.view()}); }

Result<void> set_claim_code(Context& context, ledger::SetClaimCode const& operation, std::string const& field) {
  TRY_ASSIGN(auto item, item_of(context, operation.item, field));
  auto const place = ledger::place_of(context.state, item.holder);
  auto const signed_off = require_signer(context, place.party, ledger::Act::record, field + ".item", {{}, place.site});
  if (!signed_off) {
    auto error = signed_off.error();
    if (error.code == Code::E_MISSING_SIGNER) error.code = Code::E_NOT_CUSTODIAN;
    return error;
  }
  if (item.status != ledger::GoodsStatus::active) return Error{Code::E_RETIRED, field + ".item", "sold or used up"};
  item.code_key_hash = operation.code_key_hash;
  ledger::store(context.state, Space::item, operation.item, item);
  return {};
}

Result<void> claim(Context& context, ledger::ClaimItem const& operation, std::string const& field) {
  TRY_ASSIGN(auto item, item_of(context, operation.item, field));
  ledger::Signer const code{PartyId{}, operation.code_key};
  if (std::find(context.signers.begin(), context.signers.end(), code) == context.signers.end()) {
    return Error{Code::E_MISSING_SIGNER, field + ".code_key", "the code key signs"};
  }
  if (item.code_key_hash != code_key_hash(operation.code_key)) {
    return Error{Code::E_KEY_UNKNOWN, field + ".code_key", "not the code of this item"};
  }
  // Sold is what has a sale; its status may say that it was recalled since.
  if (!context.state.get(ledger::state_key(Space::sale, operation.item))) {
    return Error{Code::E_NOT_OWNER, field + ".item", "not sold"};
  }
  if (item.claimed_by) return Error{Code::E_ALREADY_REGISTERED, field + ".item", "claimed before"};
  item.claimed_by = operation.owner_key;
  ledger::store(context.state, Space::item, operation.item, item);
  auto const act = log_operation(context, ledger::Operation(operation));
  ledger::append_history(context.state, ledger::state_key(Space::item, operation.item), act, {});
  return {};
}

}  // namespace contracts::goods
