// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/escrow.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "contracts/escrow/analyse.hpp"
#include "contracts/escrow/host.hpp"
#include "contracts/escrow/queue.hpp"
#include "contracts/members/mandate.hpp"
#include "contracts/members/members.hpp"
#include "contracts/meter.hpp"
#include "contracts/money/money.hpp"

namespace contracts::escrow {

namespace {

Error under(Error error, std::string const& field) {
  error.field = error.field.empty() ? field : field + "." + error.field;
  return error;
}

/// Analysis operations that count as one unit of work.
constexpr std::size_t operations_a_unit = 256;

/// Each step, those of branches too.
template <class Visit>
void each_step(std::vector<Step> const& steps, Visit const& visit) {
  for (auto const& step : steps) {
    visit(step);
    if (auto const* choice = std::get_if<IfStep>(&step.act)) {
      each_step(choice->then, visit);
      each_step(choice->otherwise, visit);
    }
  }
}
template <class Visit>
void each_step(Terms const& terms, Visit const& visit) {
  for (auto const& state : terms.states) {
    each_end(state, [&](End const& end, std::string const&) { each_step(end.steps, visit); });
  }
}

/// The roles that a `title` step anywhere takes goods from.
std::set<std::size_t> givers(Terms const& terms) {
  std::set<std::size_t> out;
  each_step(terms, [&](Step const& step) {
    if (auto const* title = std::get_if<TitleStep>(&step.act)) out.insert(title->from);
  });
  return out;
}

/// Role and asset of each payout that there can be.
std::set<std::pair<std::size_t, std::size_t>> payouts(Terms const& terms) {
  std::set<std::pair<std::size_t, std::size_t>> out;
  for (auto const& pot : terms.pots) out.emplace(pot.residual, pot.asset);
  each_step(terms, [&](Step const& step) {
    if (auto const* pay = std::get_if<PayStep>(&step.act)) out.emplace(pay->to, terms.pots[pay->from].asset);
    auto const* split = std::get_if<SplitStep>(&step.act);
    if (split == nullptr) return;
    out.emplace(split->rest, terms.pots[split->from].asset);
    for (auto const& part : split->parts) out.emplace(part.to, terms.pots[split->from].asset);
  });
  return out;
}

/// The parties in the order of the roles: each role bound, once, to a member, and no other name.
Result<std::vector<ledger::RoleBinding>> bind_roles(Context const& context, Terms const& terms,
                                                    ledger::EscrowOpen const& operation, std::string const& field) {
  for (std::size_t i = 0; i < operation.parties.size(); ++i) {
    auto const& binding = operation.parties[i];
    auto const here = field + ".parties[" + std::to_string(i) + "]";
    auto const same = [&](Role const& role) { return role.name == binding.role; };
    if (std::none_of(terms.roles.begin(), terms.roles.end(), same)) {
      return Error{Code::E_ROLE_UNBOUND, here + ".role", "the terms have no such role"};
    }
    if (!members::is_member(context.state, binding.party)) {
      return Error{Code::E_MEMBER_UNKNOWN, here + ".party", "no member " + binding.party.hex()};
    }
  }
  std::vector<ledger::RoleBinding> out;
  for (auto const& role : terms.roles) {
    auto const mine = [&](ledger::RoleBinding const& one) { return one.role == role.name; };
    auto const bound = std::count_if(operation.parties.begin(), operation.parties.end(), mine);
    if (bound != 1) return Error{Code::E_ROLE_UNBOUND, field + ".parties", role.name + " is not bound once"};
    out.push_back(*std::find_if(operation.parties.begin(), operation.parties.end(), mine));
  }
  return out;
}

/// Work that is known only while the transaction runs: E_METER where its actor has not so much left.
Result<void> spend(Context& context, std::uint64_t work) {
  context.work = static_cast<std::uint32_t>(std::min<std::uint64_t>(context.work + work, ~std::uint32_t{0}));
  return meter::require(context.state, context.parameters, context.actor, context.time_ms, context.work);
}

/// An act or an opening needs a turn before it leaves a trace.
Result<void> require_turn(Context const& context, std::string const& field) {
  if (act_turns(context) > 0) return {};
  return no_turns(field);
}

Error behind(std::string const& field) {
  return {Code::E_BUSY, field + ".contract", "what was recorded for it before takes another block"};
}

/// Stored terms, for the price of reading them.
Result<Terms> terms_of(Context& context, Hash const& terms) {
  auto out = stored_terms(context.state, terms);
  TRY(spend(context, out.json.size() / meter::terms_bytes_a_unit));
  return out;
}

/// A payout never fails, so what could forbid it is asked before: of the assets, and of whom they can be paid to.
Result<void> check_assets(Context const& context, Terms const& terms, std::vector<ledger::RoleBinding> const& parties,
                          std::string const& field) {
  for (auto const& asset : terms.assets) {
    TRY(money::require_escrowable(context, asset.id, field + ".terms.assets." + asset.symbol));
  }
  for (auto const& [role, asset] : payouts(terms)) {
    auto const& [name, party] = parties[role];
    TRY(money::require_payee(context, terms.assets[asset].id, party, field + ".parties." + name));
  }
  return {};
}

/// What roles can pay and be paid, when one of the assets has a travel threshold; else nobody asks.
std::vector<Prospect> prospects(Context& context, Terms const& terms) {
  bool const asked = std::any_of(terms.assets.begin(), terms.assets.end(), [&](auto const& asset) {
    return ledger::load<ledger::AssetRecord>(context.state, ledger::Space::asset, asset.id)->travel_above.has_value();
  });
  if (!asked) return {};
  auto told = report(terms, context.time_ms);
  CHECK(told.has_value());
  context.work += static_cast<std::uint32_t>(told->operations / operations_a_unit);
  return std::move(told->prospects);
}

base::Amount amount_of(base::i128 value) {
  return static_cast<base::Amount>(std::clamp<base::i128>(value, 0, static_cast<base::i128>(base::amount_max)));
}

/// The most that each party may come out with, by asset, and in which role at last.
struct Share {
  base::Amount sum = 0;
  std::string field;
  void add(base::i128 amount, std::string role_field) {
    sum = std::min(sum + amount_of(amount), base::amount_max);
    field = std::move(role_field);
  }
};
using Most = std::map<std::pair<PartyId, std::size_t>, Share>;

/// A payout cannot ask for a travel statement, since it never fails: so the institution of each party that may come out
/// with more than an asset's threshold signs. Less than that counts as paid now, by each who may pay in.
Result<void> require_institutions(Context& context, Terms const& terms, std::vector<Prospect> const& all,
                                  std::vector<ledger::RoleBinding> const& parties, Most const& most) {
  for (auto const& [key, share] : most) {
    auto const& [party, number] = key;
    std::set<PartyId> payers;
    for (auto const& prospect : all) {
      auto const& payer = parties[prospect.role].party;
      if (prospect.asset == number && prospect.paid_in.high > 0 && payer != party) payers.insert(payer);
    }
    TRY(money::foresee_payments(context, payers, party, terms.assets[number].id, share.sum, share.field));
  }
  return {};
}

Result<void> require_institutions(Context& context, Terms const& terms, std::vector<ledger::RoleBinding> const& parties,
                                  std::string const& field) {
  auto const all = prospects(context, terms);
  Most most;
  for (auto const& prospect : all) {
    auto const& [role, party] = parties[prospect.role];
    if (prospect.net.high > 0) most[{party, prospect.asset}].add(prospect.net.high, field + ".parties." + role);
  }
  return require_institutions(context, terms, all, parties, most);
}

/// The same of whom a role is assigned to, with all that it is paid in other roles.
Result<void> require_institution_of_assignee(Context& context, Terms const& terms, Host const& host,
                                             ledger::EscrowAssign const& operation, std::string const& field) {
  auto const all = prospects(context, terms);
  Most most;
  for (auto const& prospect : all) {
    bool const assigned = terms.roles[prospect.role].name == operation.role;
    if (!assigned && host.payee(prospect.role) != operation.to) continue;
    most[{operation.to, prospect.asset}].add(prospect.paid_out.high, field + ".to");
  }
  return require_institutions(context, terms, all, host.parties(), most);
}

/// The contract by its label and by each party in it.
void index(Context& context, Hash const& contract, ledger::ContractRecord const& record) {
  context.state.put(ledger::label_key(record.label, contract), {});
  context.state.put(ledger::party_contract_key(record.opener, contract), {});
  for (auto const& binding : record.parties) {
    context.state.put(ledger::party_contract_key(binding.party, contract), {});
  }
}

/// Those of the case's roles whose parties signed with a key that may do this.
Result<std::vector<std::size_t>> signed_roles(Context const& context, Host const& host, Event const& event,
                                              std::string const& field) {
  std::vector<std::size_t> out;
  std::optional<Error> first;
  bool const deposits = std::holds_alternative<DepositEvent>(event);
  for (auto const role : roles_of(event)) {
    auto const& party = host.party(role);
    auto result = require_signer(context, party, ledger::Act::escrow, field);
    if (result && deposits) result = require_signer(context, party, ledger::Act::money, field);
    if (result) {
      out.push_back(role);
    } else if (result.error().code != Code::E_MISSING_SIGNER && !first) {
      first = result.error();
    }
  }
  if (out.empty() && first) return *first;
  return out;
}

}  // namespace

Result<void> check(ledger::EscrowOpen const& operation, std::string const& field) {
  auto const terms = read_terms(operation.terms);
  if (!terms) return under(terms.error(), field + ".terms");
  return {};
}

Result<void> open(Context& context, ledger::EscrowOpen const& operation, std::uint16_t operation_index,
                  std::string const& field) {
  if (context.judging_left != nullptr && *context.judging_left == 0) {
    return Error{Code::E_BUSY, field, "the block has judged as many terms as it may; send it again later"};
  }
  TRY(require_turn(context, field));
  auto terms = read_terms(operation.terms);
  if (!terms) return under(terms.error(), field + ".terms");
  auto const judged = judge(*terms);
  if (context.judging_left != nullptr) {
    *context.judging_left -= std::min<std::uint64_t>(judged.operations, *context.judging_left);
  }
  context.work += static_cast<std::uint32_t>(judged.operations / operations_a_unit);
  if (!judged.sound) return under(judged.sound.error(), field + ".terms");
  TRY(require_signer(context, context.actor, ledger::Act::escrow, field));
  TRY_ASSIGN(auto parties, bind_roles(context, *terms, operation, field));
  for (auto const role : givers(*terms)) {
    TRY(require_signer(context, parties[role].party, ledger::Act::escrow, field + ".parties." + parties[role].role));
  }
  TRY(check_assets(context, *terms, parties, field));
  TRY(require_institutions(context, *terms, parties, field));
  // Whoever opens a contract pays for its whole life: facts and deadlines, which cost nobody anything, will move it.
  TRY(spend(context, judged.life_work));

  auto const contract = ledger::contract_id(context.transaction, operation_index);
  auto const act = log_operation(context, ledger::Operation{operation});
  auto record = start(*terms, std::move(parties), {context.time_ms, ledger::log_size(context.state)});
  record.label = operation.label;
  record.opener = context.actor;
  auto const terms_key = ledger::terms_key(terms->hash);
  if (!context.state.get(terms_key)) ledger::store(context.state, terms_key, ledger::TermsRecord{terms->json});
  ledger::append_history(context.state, ledger::contract_key(contract), act, {});
  index(context, contract, record);

  Host host(context, contract, std::move(record), *terms);
  TRY(host.watch(field));
  TRY(host.begin_act(field));
  host.run();
  host.save();
  return {};
}

Result<void> act(Context& context, ledger::EscrowAct const& operation, std::string const& field) {
  auto record = ledger::load<ledger::ContractRecord>(context.state, ledger::contract_key(operation.contract));
  if (!record) return Error{Code::E_CONTRACT_UNKNOWN, field + ".contract", "no contract " + operation.contract.hex()};
  if (record->closed_ms) return Error{Code::E_CONTRACT_UNKNOWN, field + ".contract", "it has ended"};
  TRY_ASSIGN(auto const terms, terms_of(context, record->terms));
  Host host(context, operation.contract, std::move(*record), terms);
  TRY(host.begin_act(field));
  // What was recorded before comes before.
  host.run();
  if (operation.state.empty()) {
    TRY(require_signer(context, context.actor, ledger::Act::escrow, field));
    if (host.transitions() == 0 && is_queued(context.state, operation.contract)) return no_turns(field);
    if (host.transitions() == 0) return Error{Code::E_NO_CASE, field + ".contract", "nothing in it is overdue"};
    host.save();
    return {};
  }
  if (is_queued(context.state, operation.contract)) return behind(field);

  PartyAct wanted;
  wanted.state = operation.state;
  wanted.case_index = operation.case_index;
  wanted.value = operation.value;
  wanted.now = {context.time_ms, ledger::log_size(context.state)};
  auto const state = terms.state(operation.state);
  if (state && wanted.case_index < terms.states[*state].cases.size()) {
    auto const& event = terms.states[*state].cases[wanted.case_index].event;
    TRY_ASSIGN(wanted.roles, signed_roles(context, host, event, field));
  }
  auto const done = escrow::act(terms, host.record(), host.facts(), wanted);
  if (!done) return under(done.error(), field);
  if (*done) TRY(host.require_turns_for(**done, field));

  auto const leaf = log_operation(context, ledger::Operation{operation});
  auto const sequence = ledger::append_history(context.state, ledger::contract_key(operation.contract), leaf, {});
  if (*done) {
    for (auto const& effect : (*done)->effects) {
      auto const* deposit = std::get_if<Deposit>(&effect);
      if (deposit == nullptr) continue;
      auto const& asset = terms.assets[terms.pots[deposit->pot].asset].id;
      members::Spending spending;
      spending.value = deposit->amount;
      for (auto const& payout : payouts(terms)) {
        auto const& payee = host.payee(payout.first);
        if (payee != host.party(deposit->role)) spending.counterparties.insert(payee);
      }
      TRY(members::charge_limits(context, context.state, host.party(deposit->role), spending, field));
      TRY(money::deposit(context, host.party(deposit->role), asset, deposit->amount, operation.contract,
                         host.record().label, field, {operation.uetr, operation.end_to_end}));
    }
    host.perform(**done, leaf, sequence);
  }
  host.run();
  host.save();
  return {};
}

Result<void> assign(Context& context, ledger::EscrowAssign const& operation, std::string const& field) {
  auto const key = ledger::contract_key(operation.contract);
  auto record = ledger::load<ledger::ContractRecord>(context.state, key);
  if (!record) return Error{Code::E_CONTRACT_UNKNOWN, field + ".contract", "no contract " + operation.contract.hex()};
  if (record->closed_ms) return Error{Code::E_CONTRACT_UNKNOWN, field + ".contract", "it has ended"};
  bool const overdue = std::any_of(record->lanes.begin(), record->lanes.end(), [&](ledger::Lane const& lane) {
    return !lane.closed() && lane.due_ms <= context.time_ms;
  });
  if (overdue || is_queued(context.state, operation.contract)) return behind(field);
  TRY_ASSIGN(auto const terms, terms_of(context, record->terms));
  auto const held = holder(terms, *record, operation.role);
  if (!held) return under(held.error(), field);
  if (!members::is_member(context.state, operation.to)) {
    return Error{Code::E_MEMBER_UNKNOWN, field + ".to", "no member " + operation.to.hex()};
  }
  // A second financier is told that it is pledged, whoever signed.
  auto const assigned = escrow::assign(terms, *record, operation.role, operation.to);
  if (!assigned) return under(assigned.error(), field);
  TRY(require_signer(context, *held, ledger::Act::escrow, field + ".role"));
  if (*held != operation.to) {
    Host const host(context, operation.contract, *record, terms);
    for (auto const& [role, asset] : payouts(terms)) {
      if (terms.roles[role].name != operation.role) continue;
      TRY(money::require_unfrozen(context, terms.assets[asset].id, *held, field + ".role"));
      TRY(money::require_payee(context, terms.assets[asset].id, operation.to, field + ".to"));
    }
    TRY(require_institution_of_assignee(context, terms, host, operation, field));
  }
  auto const& own = record->parties[static_cast<std::size_t>(
      std::find_if(terms.roles.begin(), terms.roles.end(),
                   [&](Role const& role) { return role.name == operation.role; }) -
      terms.roles.begin())];
  money::Claim const claim{ledger::role_claim(operation.contract, operation.role), own.party, record->label};
  TRY(money::secure_claim(context, claim, operation.to, field));
  context.state.put(ledger::party_contract_key(operation.to, operation.contract), {});
  auto const act = log_operation(context, ledger::Operation{operation});
  ledger::store(context.state, key, *record);
  ledger::append_history(context.state, key, act, {});
  return {};
}

}  // namespace contracts::escrow
