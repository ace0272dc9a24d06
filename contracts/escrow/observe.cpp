// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "contracts/escrow/escrow.hpp"
#include "contracts/escrow/host.hpp"

namespace contracts::escrow {

namespace {

using ledger::BytesView;
using ledger::Space;

ledger::FactAnswer answer_of(Fact const& fact) {
  if (fact.kind != FactKind::handover) return ledger::FactAnswer::none;
  switch (fact.answer) {
    case Answer::offered:
      return ledger::FactAnswer::offered;
    case Answer::accepted:
      return ledger::FactAnswer::accepted;
    case Answer::rejected:
      return ledger::FactAnswer::rejected;
    default:
      return ledger::FactAnswer::withdrawn;
  }
}

ledger::FactEntry entry_of(Context const& context, Fact const& fact) {
  ledger::FactEntry out;
  out.recorded = {context.time_ms, fact.log_index};
  out.event_ms = fact.event_time_ms;
  out.answer = answer_of(fact);
  out.offer = fact.offer;
  out.disposition = fact.disposition;
  out.quantity = fact.accepted;
  out.unit = fact.unit;
  return out;
}

/// Under which names contracts watch for the fact, about one subject.
std::vector<ledger::Watched> watched_by(Fact const& fact, Hash const& subject) {
  std::vector<ledger::Watched> out;
  ledger::Watched one;
  one.subject = subject;
  if (fact.kind == FactKind::handover) {
    CHECK(fact.actors.size() == 2);
    one.kind = ledger::WatchKind::handover;
    one.actor = fact.actors[0];
    one.to = fact.actors[1];
    out.push_back(std::move(one));
    return out;
  }
  if (fact.kind != FactKind::milestone) return out;
  one.word = fact.biz_step;
  for (auto const& actor : fact.actors) {
    one.actor = actor;
    out.push_back(one);
  }
  return out;
}

/// Keeps the fact where open contracts ask for it, and collects the contracts that wait for it now.
void record(Context& context, Fact const& fact, std::set<Hash>& waiting) {
  auto const entry = entry_of(context, fact);
  std::size_t const facts_max =
      std::min<std::size_t>(context.parameters.facts_a_subject_max, decltype(ledger::FactsRecord::facts)::max);
  for (auto const& subject : fact.subjects) {
    if (!context.state.get(ledger::watch_key(subject))) continue;
    for (auto const& one : watched_by(fact, subject)) {
      auto const key = ledger::facts_key(one);
      auto facts = ledger::load<ledger::FactsRecord>(context.state, key);
      if (!facts) continue;
      if (facts->facts.size() >= facts_max) facts->facts.erase(facts->facts.begin());
      facts->facts.push_back(entry);
      ledger::store(context.state, key, *facts);
      context.state.scan(ledger::trigger_key(one.hash()), [&](BytesView index_key, BytesView) {
        waiting.insert(ledger::contract_of_key(index_key));
        return true;
      });
    }
  }
}

Context copy_for(Context const& prototype, ledger::Overlay& state) {
  Context out{state, prototype.parameters};
  out.height = prototype.height;
  out.time_ms = prototype.time_ms;
  out.transaction_index = prototype.transaction_index;
  out.transaction = prototype.transaction;
  out.transitions_left = prototype.transitions_left;
  return out;
}

ledger::ContractRecord open_contract(ledger::StateView const& state, Hash const& contract) {
  auto record = ledger::load<ledger::ContractRecord>(state, ledger::contract_key(contract));
  CHECK(record && !record->closed_ms);
  return *std::move(record);
}

std::optional<ledger::Bytes> first_key(ledger::StateView const& state, BytesView prefix) {
  std::optional<ledger::Bytes> out;
  state.scan(prefix, [&](BytesView key, BytesView) {
    out.emplace(key.begin(), key.end());
    return false;
  });
  return out;
}

std::optional<ledger::DueLane> first_due(ledger::StateView const& state) {
  auto const key = first_key(state, ledger::state_key(Space::deadline_index, BytesView{}));
  if (!key) return std::nullopt;
  return ledger::read_deadline_key(*key);
}

/// Contracts that an earlier block left waiting, in the order of their facts.
void drain(ledger::Overlay& block_state, Context const& prototype, TermsShelf& shelf, Fired const& fired) {
  while (prototype.transitions_left == nullptr || *prototype.transitions_left > 0) {
    auto const key = first_key(block_state, ledger::pending_prefix());
    if (!key) return;
    auto const contract = ledger::contract_of_key(*key);
    ledger::Overlay layer(block_state);
    layer.erase(*key);
    layer.erase(ledger::pending_place_key(contract));
    auto context = copy_for(prototype, layer);
    auto record = open_contract(layer, contract);
    auto const& terms = shelf.of(layer, record.terms);
    Host host(context, contract, std::move(record), terms);
    host.run_facts();
    host.save();
    auto const moved = host.transitions();
    // A receipt like a deadline's: due was the moment of the fact.
    if (moved > 0) fired({contract, host.first_lane(), host.first_ms()}, context);
    block_state.merge(std::move(layer));
  }
}

}  // namespace

void observe(Context& context, std::vector<Fact> const& facts) {
  std::set<Hash> waiting;
  for (auto const& fact : facts) record(context, fact, waiting);
  TermsShelf shelf;
  for (auto const& contract : waiting) {
    auto open = open_contract(context.state, contract);
    auto const& terms = shelf.of(context.state, open.terms);
    Host host(context, contract, std::move(open), terms);
    host.run_facts();
    host.save();
  }
}

void fire_deadlines(ledger::Overlay& block_state, Context const& prototype, std::uint32_t deadlines_max,
                    Fired const& fired) {
  TermsShelf shelf;
  for (std::uint32_t count = 0; count < deadlines_max; ++count) {
    auto const due = first_due(block_state);
    if (!due || due->due_ms > prototype.time_ms) break;
    ledger::Overlay layer(block_state);
    auto context = copy_for(prototype, layer);
    auto record = open_contract(layer, due->contract);
    auto const& terms = shelf.of(layer, record.terms);
    Host host(context, due->contract, std::move(record), terms);
    host.run_deadline(due->due_ms);
    host.save();
    CHECK(!layer.get(ledger::deadline_key(due->due_ms, due->contract, due->lane)));
    fired({due->contract, due->lane, due->due_ms}, context);
    block_state.merge(std::move(layer));
  }
  drain(block_state, prototype, shelf, fired);
}

std::optional<TimeMs> next_deadline(ledger::StateView const& state) {
  // Long past, and not 0, which means none to those who keep it in one number.
  if (first_key(state, ledger::pending_prefix())) return TimeMs{1};
  auto const due = first_due(state);
  if (!due) return std::nullopt;
  return due->due_ms;
}

}  // namespace contracts::escrow
