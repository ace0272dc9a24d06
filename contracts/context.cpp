// SPDX-License-Identifier: Apache-2.0
#include "contracts/context.hpp"

#include "gs1/view.hpp"

namespace contracts {

namespace {

using ledger::KeyKind;
using ledger::KeyRecord;

/// How far a signature gets, from worst to best.
enum class Standing : std::uint8_t { missing, unknown, revoked, out_of_scope, valid };

bool reaches(ledger::Scope const& scope, Reach const& reach) {
  auto const begins = [&](std::string const& prefix) { return reach.prefix_digits.starts_with(prefix); };
  bool const prefix = scope.prefixes.empty() || reach.prefix_digits.empty() ||
                      std::any_of(scope.prefixes.begin(), scope.prefixes.end(), begins);
  bool const site =
      scope.sites.empty() || reach.site.empty() ||
      std::any_of(scope.sites.begin(), scope.sites.end(), [&](auto const& gln) { return gln == reach.site; });
  return prefix && site;
}

bool may(KeyRecord const& key, ledger::Act act, Reach const& reach) {
  if (key.kind == KeyKind::device && !reach.readings) return false;
  bool const has_act = key.kind == KeyKind::admin ||
                       (key.kind != KeyKind::root && (key.scope.acts & static_cast<std::uint32_t>(act)) != 0);
  return has_act && reaches(key.scope, reach);
}

std::optional<KeyRecord> registered(Context const& context, ledger::Signer const& signer) {
  auto key = ledger::load<KeyRecord>(context.state, ledger::state_key(ledger::Space::key, signer.key.view()));
  if (!key || key->party != signer.party) return std::nullopt;
  return key;
}

bool is_valid(KeyRecord const& key, TimeMs now_ms) {
  bool const ended = key.until_ms != 0 && now_ms >= key.until_ms;
  return !key.revoked_ms && !ended && now_ms >= key.from_ms;
}

template <class Allows>
Standing standing_of(Context const& context, ledger::Signer const& signer, Allows const& allows) {
  auto const key = registered(context, signer);
  if (!key) return Standing::unknown;
  if (!is_valid(*key, context.time_ms)) return Standing::revoked;
  return allows(*key) ? Standing::valid : Standing::out_of_scope;
}

template <class Allows>
Result<void> require(Context const& context, PartyId const& party, std::string const& field, Allows const& allows) {
  if (context.genesis) return {};
  auto best = Standing::missing;
  for (auto const& signer : context.signers) {
    if (signer.party != party) continue;
    best = std::max(best, standing_of(context, signer, allows));
    if (best == Standing::valid) return {};
  }
  switch (best) {
    case Standing::missing:
      return Error{Code::E_MISSING_SIGNER, field, "the party " + party.hex() + " did not sign"};
    case Standing::unknown:
      return Error{Code::E_KEY_UNKNOWN, field, "not a registered key of " + party.hex()};
    case Standing::revoked:
      return Error{Code::E_KEY_REVOKED, field, "revoked, or outside its time"};
    default:
      return Error{Code::E_SCOPE, field, "the key may not do this"};
  }
}

}  // namespace

ledger::ActLeaf log_act(Context& context, ledger::ActLeaf act, ledger::Bytes payload) {
  auto const view = gs1::view_root_of_bytes(payload);
  act.height = context.height;
  act.transaction_index = context.transaction_index;
  act.payload_hash = crypto::sha256(payload);
  act.view_root = view.root;
  act.view_size = view.size;

  ledger::StoredEvent stored;
  stored.height = context.height;
  stored.recorded_ms = context.time_ms;
  stored.transaction = context.transaction;
  stored.event_index = context.operation_index;
  stored.actor = act.actor;
  stored.payload = std::move(payload);
  stored.view_root = act.view_root;
  stored.view_size = act.view_size;
  act.log_index = ledger::append_log(context.state, stored);
  return act;
}

ledger::ActLeaf log_operation(Context& context, ledger::Operation const& operation) {
  ledger::ActLeaf act;
  act.kind = ledger::LeafKind::operation;
  act.actor = context.actor;
  act.event_time_ms = context.time_ms;
  return log_act(context, act, base::encode(operation));
}

Result<void> require_signer(Context const& context, PartyId const& party, ledger::Act act, std::string const& field,
                            Reach const& reach) {
  return require(context, party, field, [&](KeyRecord const& key) { return may(key, act, reach); });
}

Result<void> require_admin(Context const& context, PartyId const& party, std::string const& field) {
  return require(context, party, field, [](KeyRecord const& key) { return key.kind == KeyKind::admin; });
}

Result<void> require_root(Context const& context, PartyId const& party, std::string const& field) {
  return require(context, party, field, [](KeyRecord const& key) { return key.kind == KeyKind::root; });
}

Result<void> require_any_key(Context const& context, PartyId const& party, std::string const& field) {
  return require(context, party, field, [](KeyRecord const&) { return true; });
}

std::vector<KeyRecord> valid_keys(Context const& context, PartyId const& party) {
  std::vector<KeyRecord> out;
  for (auto const& signer : context.signers) {
    if (signer.party != party) continue;
    auto key = registered(context, signer);
    if (key && is_valid(*key, context.time_ms)) out.push_back(std::move(*key));
  }
  return out;
}

std::vector<PartyId> valid_signers(Context const& context, ledger::Act act, Reach const& reach) {
  auto const allows = [&](KeyRecord const& key) { return may(key, act, reach); };
  std::vector<PartyId> out;
  for (auto const& signer : context.signers) {
    bool const known = !out.empty() && out.back() == signer.party;
    if (!known && standing_of(context, signer, allows) == Standing::valid) out.push_back(signer.party);
  }
  return out;
}

}  // namespace contracts
