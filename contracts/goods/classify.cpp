// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/classify.hpp"

#include "contracts/goods/rules.hpp"
#include "contracts/members/members.hpp"
#include "ledger/history.hpp"

namespace contracts::goods {

namespace {

using gs1::Action;
using gs1::Event;
using gs1::EventType;

/// The order of gs1::Handover.
constexpr std::array<Rule, 6> handover_rules{offer, accept, reject, withdraw, sell, take_back};

struct Named {
  gs1::Key const* key;
  std::string path;
};

void add(std::vector<Named>& out, std::vector<gs1::Key> const& keys, std::string_view list) {
  for (std::size_t i = 0; i < keys.size(); ++i) out.push_back({&keys[i], at(list, i)});
}

void add(std::vector<Named>& out, std::vector<gs1::QuantityElement> const& elements, std::string_view list) {
  for (std::size_t i = 0; i < elements.size(); ++i) out.push_back({&elements[i].key, at(list, i) + ".epcClass"});
}

/// What comes to be by the event.
std::vector<Named> created(Event const& event) {
  std::vector<Named> out;
  if (event.type == EventType::object && event.action == Action::add) {
    add(out, event.epcs, "epcList");
    add(out, event.quantities, "quantityList");
  }
  if (event.type == EventType::transformation) {
    add(out, event.output_epcs, "outputEPCList");
    add(out, event.output_quantities, "outputQuantityList");
  }
  return out;
}

/// What the event would move in the accounts.
std::vector<Named> changed(Event const& event) {
  auto out = created(event);
  bool const moves = event.tally.handover || event.action == Action::remove;
  if (event.type == EventType::object && moves) {
    add(out, event.epcs, "epcList");
    // Beside EPCs a quantity only restates what they hold.
    if (event.epcs.empty()) add(out, event.quantities, "quantityList");
  }
  if (event.type == EventType::transformation) {
    add(out, event.input_epcs, "inputEPCList");
    add(out, event.input_quantities, "inputQuantityList");
  }
  if (event.type == EventType::aggregation && event.action != Action::observe) {
    if (event.parent) out.push_back({&*event.parent, "parentID"});
    add(out, event.child_epcs, "childEPCs");
    add(out, event.child_quantities, "childQuantityList");
  }
  return out;
}

/// The form that the rules can account for: lots by quantity, serials and units by name.
bool fits(Event const& event, std::vector<Named> const& keys) {
  if (event.type == EventType::aggregation && (!event.parent || event.parent->kind != gs1::KeyKind::sscc)) return false;
  for (auto const& named : keys) {
    if (space_of(named.key->kind) == ledger::Space::thing) return false;
  }
  return true;
}

/// True when some of it is with a firm that keeps no accounts.
bool went_outside(Job const& job, gs1::Key const& key) {
  auto const outside = [&](ledger::Holder const& holder) {
    return ledger::place_of(job.state, holder).party == ledger::outside();
  };
  if (key.kind == gs1::KeyKind::item) {
    return outside(ledger::load<ledger::ItemRecord>(job.state, ledger::Space::item, key.uri)->holder);
  }
  if (key.kind == gs1::KeyKind::sscc) {
    return outside(ledger::load<ledger::UnitRecord>(job.state, ledger::Space::unit, key.uri)->holder);
  }
  auto const accounts = ledger::accounts_of(job.state, key.uri);
  return std::any_of(accounts.begin(), accounts.end(), [&](auto const& account) { return outside(account.holder); });
}

/// Goods in accounts change hands by the rules or not at all: else one foreign key beside them, or a signer who keeps
/// no accounts, would put an offer, an acceptance or a sale into their history that nobody judged.
Result<void> judge_plain_handover(Job const& job) {
  std::vector<Named> keys;
  add(keys, job.event.epcs, "epcList");
  add(keys, job.event.quantities, "quantityList");
  bool const keeps = keeps_accounts(job.state, job.context.actor);
  for (auto const& named : keys) {
    auto const space = space_of(named.key->kind);
    if (space == ledger::Space::thing || !job.state.get(ledger::state_key(space, named.key->uri))) continue;
    if (keeps) {
      return job.error(Code::E_UNKNOWN_GOODS, named.path, "in accounts, unlike others beside it: hand them over apart");
    }
    if (!went_outside(job, *named.key)) {
      return job.error(Code::E_NOT_CUSTODIAN, named.path, "in accounts, and not with a firm that keeps none");
    }
  }
  return {};
}

}  // namespace

Rule rule_of(Event const& event) {
  CHECK(event.type != EventType::transformation || event.is_error());
  if (event.is_error()) return observe;
  if (event.tally.handover && event.type == EventType::object) {
    return handover_rules[static_cast<std::size_t>(*event.tally.handover)];
  }
  if (event.action == Action::observe) return observe;
  bool const adds = event.action == Action::add;
  if (event.type == EventType::object) return adds ? commission : destroy;
  if (event.type == EventType::aggregation) return adds ? pack : unpack;
  return observe;
}

bool moves_accounts(Job const& job) { return !job.event.is_error() && voided_moved_accounts(job); }

bool voided_moved_accounts(Job const& job) {
  if (!keeps_accounts(job.state, job.context.actor)) return false;
  auto const keys = changed(job.event);
  if (!fits(job.event, keys)) return false;
  std::map<std::string_view, bool> covered;
  for (auto const& named : keys) {
    auto const digits = gs1::prefix_digits(*named.key);
    auto known = covered.find(digits);
    if (known == covered.end()) {
      auto const holder = members::prefix_holder(job.state, digits);
      known = covered.emplace(digits, holder && keeps_accounts(job.state, *holder)).first;
    }
    if (known->second) continue;
    if (!job.state.get(ledger::state_key(space_of(named.key->kind), named.key->uri))) return false;
  }
  return true;
}

bool says_change(Event const& event) { return !event.is_error() && !changed(event).empty(); }

Result<void> judge_plain(Job const& job) {
  if (job.event.is_error()) return {};
  if (job.event.tally.handover) TRY(judge_plain_handover(job));
  for (auto const& named : created(job.event)) TRY(creator_of(job, *named.key, named.path));
  auto const& event = job.event;
  bool const packs = event.type == EventType::aggregation && event.action == Action::add && event.parent;
  if (packs && ledger::history_count(job.state, subject_key(job.state, *event.parent)) == 0) {
    TRY(creator_of(job, *event.parent, "parentID"));
  }
  return {};
}

}  // namespace contracts::goods
