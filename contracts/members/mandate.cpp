// SPDX-License-Identifier: Apache-2.0
#include "contracts/members/mandate.hpp"

#include "base/time.hpp"
#include "contracts/members/members.hpp"

namespace contracts::members {

namespace {

using ledger::Act;
using ledger::Bytes;
using ledger::KeyLimitRecord;
using ledger::MandateName;
using ledger::MandateRecord;
using ledger::Space;
using ledger::StateView;

/// Mandates that one organisation may hold and be judged by.
constexpr std::size_t mandates_max = 1024;

Bytes mandate_key(MandateName const& name) {
  auto key = ledger::state_key(Space::mandate, name.giver.view());
  base::append(key, base::bytes_of(name.number));
  return key;
}

/// Leads from who holds a mandate to it.
Bytes held_key(PartyId const& to) { return ledger::state_key(Space::mandate_index, to.view()); }

bool stands(MandateRecord const& record, TimeMs time_ms, TimeMs now_ms) {
  auto const& mandate = record.mandate;
  bool const time = time_ms >= mandate.from_ms && time_ms <= mandate.until_ms && now_ms <= mandate.until_ms;
  return time && !record.ended_ms;
}

template <class List>
bool within(List const& wider, List const& narrower) {
  if (wider.empty()) return true;
  return !narrower.empty() && std::all_of(narrower.begin(), narrower.end(), [&](auto const& one) {
    return std::find(wider.begin(), wider.end(), one) != wider.end();
  });
}

/// The mandates from this one up to the giver that nobody mandated; empty when a link does not stand.
std::vector<MandateRecord> chain_of(StateView const& state, MandateName name, TimeMs time_ms, TimeMs now_ms) {
  std::vector<MandateRecord> out;
  for (std::size_t depth = 0; depth < ledger::mandate_depth_max; ++depth) {
    auto record = ledger::load<MandateRecord>(state, mandate_key(name));
    if (!record || !stands(*record, time_ms, now_ms)) return {};
    auto const under = record->mandate.under;
    out.push_back(std::move(*record));
    if (!under) return out;
    name = *under;
  }
  return {};
}

bool covers(MandateRecord const& record, Mandated const& wanted) {
  auto const& mandate = record.mandate;
  auto const names = [](auto const& list, std::string_view one) {
    return list.empty() || std::any_of(list.begin(), list.end(), [&](auto const& other) { return other == one; });
  };
  return (mandate.acts & static_cast<std::uint32_t>(wanted.act)) != 0 && names(mandate.products, wanted.gtin) &&
         names(mandate.sites, wanted.site);
}

Result<void> judge_under(Context const& context, ledger::GiveMandate const& operation, std::string const& field) {
  auto const wider = ledger::load<MandateRecord>(context.state, mandate_key(*operation.under));
  if (!wider || wider->mandate.to != context.actor) {
    return Error{Code::E_SCOPE, field + ".under", "the actor holds no such mandate"};
  }
  auto const chain = chain_of(context.state, *operation.under, operation.from_ms, context.time_ms);
  if (chain.empty()) return Error{Code::E_SCOPE, field + ".under", "it does not stand"};
  if (chain.size() >= ledger::mandate_depth_max) {
    return Error{Code::E_LIMIT, field + ".under", "passed on three times at most"};
  }
  auto const& mandate = wider->mandate;
  bool const narrows = (operation.acts & ~mandate.acts) == 0 && within(mandate.products, operation.products) &&
                       within(mandate.sites, operation.sites) && operation.from_ms >= mandate.from_ms &&
                       operation.until_ms <= mandate.until_ms;
  if (!narrows) return Error{Code::E_SCOPE, field, "wider than the mandate that it stands under"};
  return {};
}

}  // namespace

Result<void> give_mandate(Context& context, ledger::GiveMandate const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, Act::admin, field));
  if (!is_member(context.state, operation.to) || operation.to == context.actor) {
    return Error{Code::E_MEMBER_UNKNOWN, field + ".to", "another member"};
  }
  MandateName const name{context.actor, operation.number};
  if (context.state.get(mandate_key(name))) {
    return Error{Code::E_ALREADY_REGISTERED, field + ".number", "given before"};
  }
  if (operation.under) TRY(judge_under(context, operation, field));
  ledger::store(context.state, mandate_key(name), MandateRecord{operation, context.actor, std::nullopt});
  auto index = held_key(operation.to);
  base::append(index, base::encode(name));
  context.state.put(index, {});
  tell(context, context.actor, operation);
  return {};
}

Result<void> end_mandate(Context& context, ledger::EndMandate const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, Act::admin, field));
  auto const key = mandate_key({context.actor, operation.number});
  auto record = ledger::load<MandateRecord>(context.state, key);
  if (!record || record->ended_ms) return Error{Code::E_SCOPE, field + ".number", "no mandate of the actor stands"};
  record->ended_ms = context.time_ms;
  ledger::store(context.state, key, *record);
  tell(context, context.actor, operation);
  return {};
}

bool has_mandate(Context const& context, PartyId const& giver, PartyId const& to, Mandated const& wanted) {
  std::vector<MandateName> held;
  auto const prefix = held_key(to);
  context.state.scan(prefix, [&](ledger::BytesView key, ledger::BytesView) {
    auto name = base::decode<MandateName>(key.subspan(prefix.size()));
    CHECK(name.has_value());
    held.push_back(std::move(name).value());
    return held.size() < mandates_max;
  });
  return std::any_of(held.begin(), held.end(), [&](MandateName const& name) {
    auto const chain = chain_of(context.state, name, wanted.time_ms, context.time_ms);
    return !chain.empty() && chain.back().giver == giver &&
           std::all_of(chain.begin(), chain.end(), [&](auto const& record) { return covers(record, wanted); });
  });
}

Result<void> limit_key(Context& context, ledger::LimitKey const& operation, std::string const& field) {
  auto const key = ledger::load<ledger::KeyRecord>(context.state, ledger::state_key(Space::key, operation.key.view()));
  if (!key) return Error{Code::E_KEY_UNKNOWN, field + ".key", "not registered"};
  TRY(require_admin(context, key->party, field + ".key"));
  auto const name = ledger::state_key(Space::key_limit, operation.key.view());
  auto record = ledger::load<KeyLimitRecord>(context.state, name).value_or(KeyLimitRecord{});
  record.limit = operation;
  ledger::store(context.state, name, record);
  tell(context, key->party, operation);
  return {};
}

Result<void> report_key(Context& context, ledger::ReportKey const& operation, std::string const& field) {
  auto const key = ledger::load<ledger::KeyRecord>(context.state, ledger::state_key(Space::key, operation.key.view()));
  if (!key) return Error{Code::E_KEY_UNKNOWN, field + ".key", "not registered"};
  TRY(require_admin(context, key->party, field + ".key"));
  if (operation.since_ms > context.time_ms) return Error{Code::E_TIME_WINDOW, field + ".since_ms", "in the future"};
  ledger::store(context.state, ledger::state_key(Space::compromised, operation.key.view()),
                ledger::CompromisedRecord{operation.since_ms, context.time_ms});
  tell(context, key->party, operation);
  return {};
}

Result<void> charge_limits(Context const& context, ledger::Overlay& state, PartyId const& party,
                           Spending const& spending, std::string const& field) {
  for (auto const& signer : context.signers) {
    if (signer.party != party) continue;
    auto const name = ledger::state_key(Space::key_limit, signer.key.view());
    auto record = ledger::load<KeyLimitRecord>(state, name);
    if (!record) continue;
    auto const& limit = record->limit;
    for (auto const& other : spending.counterparties) {
      auto const& named = limit.counterparties;
      if (named.empty() || std::find(named.begin(), named.end(), other) != named.end()) continue;
      return Error{Code::E_LIMIT, field, "the key does not deal with " + other.hex()};
    }
    auto const day = context.time_ms / base::day_ms;
    if (record->day != day) *record = KeyLimitRecord{limit, day, 0, 0, 0};
    auto const over = [](auto bound, auto used, auto more) {
      return bound != 0 && (more > bound || used > bound - more);
    };
    if (over(limit.events_a_day, record->events, spending.events)) {
      return Error{Code::E_LIMIT, field, "events_a_day of the key is used up"};
    }
    if (over(limit.goods_a_day, record->goods, spending.goods)) {
      return Error{Code::E_LIMIT, field, "goods_a_day of the key is used up"};
    }
    if (over(limit.value_a_day, record->value, spending.value)) {
      return Error{Code::E_LIMIT, field, "value_a_day of the key is used up"};
    }
    record->events += spending.events;
    record->goods += spending.goods;
    record->value += spending.value;
    ledger::store(state, name, *record);
  }
  return {};
}

}  // namespace contracts::members
