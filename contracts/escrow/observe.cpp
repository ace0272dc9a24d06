// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "contracts/escrow/escrow.hpp"
#include "contracts/escrow/host.hpp"
#include "contracts/escrow/queue.hpp"
#include "contracts/escrow/sensor.hpp"

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

/// The code of UN/EDIFACT 1001 for a type of document: CBV's words that have one, and the URIs of UN/CEFACT's list.
/// Empty for any other.
std::string_view document_code(std::string_view type) {
  constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"inv", "380"}, {"bol", "705"}, {"desadv", "351"}, {"po", "220"}, {"recadv", "632"}};
  for (auto const& [word, code] : words) {
    if (type == word) return code;
  }
  constexpr std::string_view lists[] = {"https://vocabulary.uncefact.org/", "https://service.unece.org/"};
  for (auto const& list : lists) {
    auto const mark = type.find_last_of("#/");
    if (!type.starts_with(list) || mark == type.npos) continue;
    auto const code = type.substr(mark + 1);
    if (!code.empty() && code.find_first_not_of("0123456789") == code.npos) return code;
  }
  return {};
}

ledger::FactEntry entry_of(Context const& context, Fact const& fact, Hash const& subject) {
  ledger::FactEntry out;
  out.recorded = {context.time_ms, fact.log_index};
  out.event_ms = fact.event_time_ms;
  out.answer = answer_of(fact);
  out.offer = fact.offer;
  if (fact.kind == FactKind::certificate) {
    out.offer = crypto::sha256(base::bytes_of(fact.certificate));
    out.until = ledger::Moment{fact.valid_until_ms + 1, 0};
  }
  out.disposition = fact.disposition;
  out.quantity = fact.accepted;
  out.unit = fact.unit;
  for (auto const& one : fact.counted) {
    if (one.subject != subject) continue;
    out.quantity = one.quantity;
    out.unit = one.unit;
  }
  out.grade = fact.grade;
  auto const claims_max = decltype(out.claims)::max;
  for (auto const& part : fact.claims) {
    if (!part.claim.empty() && out.claims.size() < claims_max) out.claims.push_back({part.claim, part.quantity});
  }
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
  if (fact.kind == FactKind::certificate) {
    // Its issuer attests it, not its holder.
    if (fact.actors.empty()) return out;
    one.kind = ledger::WatchKind::certificate;
    one.word = fact.scheme;
    one.actor = fact.actors.front();
    out.push_back(std::move(one));
    return out;
  }
  for (auto const& actor : fact.actors) {
    one.kind = ledger::WatchKind::milestone;
    one.word = fact.biz_step;
    one.actor = actor;
    out.push_back(one);
    one.kind = ledger::WatchKind::document;
    for (auto const& document : fact.documents) {
      one.word = std::string(document_code(document.type));
      if (!one.word.empty()) out.push_back(one);
    }
  }
  return out;
}

void wake(Context const& context, ledger::Watched const& watched, std::set<Hash>& waiting) {
  context.state.scan(ledger::trigger_key(watched.hash()), [&](BytesView index_key, BytesView) {
    waiting.insert(ledger::contract_of_key(index_key));
    return true;
  });
}

/// Contracts that a fact wakes and that count as one unit of its work.
constexpr std::size_t looks_a_unit = 16;

/// Stretches of readings that are kept for a question: to ask it goes through all of them, and joined they say the
/// same.
constexpr std::size_t stretches_max = 256;

std::size_t facts_max(Context const& context) {
  return std::min<std::size_t>(context.parameters.facts_a_subject_max, decltype(ledger::FactsRecord::facts)::max);
}

/// Keeps readings as each of those asks that watch them: stretches cut where handovers were accepted.
void record_readings(Context& context, Fact const& fact, Hash const& subject, std::vector<TimeMs> const& cuts,
                     std::set<Hash>& waiting) {
  for (auto const& owner : fact.actors) {
    std::vector<std::pair<ledger::Bytes, ledger::FactsRecord>> watches;
    auto const prefix = ledger::sensor_facts_prefix(subject, fact.sensor_type, fact.unit, owner);
    context.state.scan(prefix, [&](BytesView key, BytesView value) {
      auto record = base::decode<ledger::FactsRecord>(value);
      CHECK(record.has_value());
      watches.emplace_back(ledger::Bytes(key.begin(), key.end()), *std::move(record));
      return watches.size() < sensor_watches_max;
    });
    for (auto& [key, record] : watches) {
      auto const& watch = *record.watched.sensor;
      for (auto& stretch : stretches(fact.readings, fact.device, watch, cuts)) {
        while (record.facts.size() >= std::min(facts_max(context), stretches_max)) compact(record.facts, watch);
        auto entry = entry_of(context, fact, subject);
        entry.stretch = std::move(stretch);
        record.facts.push_back(std::move(entry));
      }
      ledger::store(context.state, key, record);
      wake(context, record.watched, waiting);
    }
  }
}

/// Keeps the fact where open contracts ask for it, and collects the contracts that wait for it now.
void record(Context& context, Fact const& fact, std::set<Hash>& waiting) {
  for (auto const& subject : fact.subjects) {
    auto const watch_key = ledger::watch_key(subject);
    auto watch = ledger::load<ledger::WatchRecord>(context.state, watch_key);
    if (!watch) continue;
    if (fact.kind == FactKind::readings) {
      record_readings(context, fact, subject, watch->accepted_ms, waiting);
      continue;
    }
    if (fact.kind == FactKind::handover && fact.answer == Answer::accepted) {
      auto& accepted = watch->accepted_ms;
      if (accepted.size() == decltype(watch->accepted_ms)::max) accepted.erase(accepted.begin());
      if (accepted.empty() || accepted.back() != context.time_ms) accepted.push_back(context.time_ms);
      ledger::store(context.state, watch_key, *watch);
    }
    auto const entry = entry_of(context, fact, subject);
    for (auto const& one : watched_by(fact, subject)) {
      auto const key = ledger::facts_key(one);
      auto facts = ledger::load<ledger::FactsRecord>(context.state, key);
      if (!facts) continue;
      if (fact.revoked) {
        // It counts as long as it was not revoked, whenever somebody looks.
        for (auto& known : facts->facts) {
          if (known.offer == entry.offer) known.until = std::min(*known.until, {context.time_ms, fact.log_index + 1});
        }
        ledger::store(context.state, key, *facts);
        continue;
      }
      if (facts->facts.size() >= facts_max(context)) facts->facts.erase(facts->facts.begin());
      facts->facts.push_back(entry);
      ledger::store(context.state, key, *facts);
      wake(context, one, waiting);
    }
  }
}

Context copy_for(Context const& prototype, ledger::Overlay& state, std::uint32_t* turns_left) {
  Context out{state, prototype.parameters};
  out.height = prototype.height;
  out.time_ms = prototype.time_ms;
  out.transaction_index = prototype.transaction_index;
  out.transaction = prototype.transaction;
  out.turns_left = turns_left;
  return out;
}

ledger::ContractRecord open_contract(ledger::StateView const& state, Hash const& contract) {
  auto record = ledger::load<ledger::ContractRecord>(state, ledger::contract_key(contract));
  CHECK(record && !record->closed_ms);
  return *std::move(record);
}

/// What is due goes into the queue, so that nobody's silence waits for what others' deadlines bring.
void queue_due(ledger::Overlay& state, TimeMs now_ms, std::uint32_t deadlines_max) {
  auto const all = ledger::state_key(Space::deadline_index, BytesView{});
  ledger::Bytes from;
  for (std::uint32_t i = 0; i < deadlines_max; ++i) {
    auto const key = ledger::first_key(state, all, from);
    if (!key) return;
    auto const due = ledger::read_deadline_key(*key);
    if (due.due_ms > now_ms) return;
    from = *key;
    auto const record = open_contract(state, due.contract);
    for (std::size_t lane = 0; lane < record.lanes.size(); ++lane) {
      if (record.lanes[lane].closed()) continue;
      state.erase(ledger::deadline_key(record.lanes[lane].due_ms, due.contract, static_cast<std::uint8_t>(lane)));
    }
    queue(state, due.contract, record.opener);
  }
}

/// Looks at a contract before the block's transactions; one that moves gets a receipt. Returns the turns that it took.
std::uint32_t look(ledger::Overlay& block_state, Context const& prototype, std::uint32_t& turns_left, TermsShelf& shelf,
                   Hash const& contract, Fired const& fired) {
  ledger::Overlay layer(block_state);
  auto context = copy_for(prototype, layer, &turns_left);
  auto record = open_contract(layer, contract);
  auto const& terms = shelf.of(layer, record.terms);
  Host host(context, contract, std::move(record), terms);
  host.run();
  host.save();
  if (host.transitions() > 0) fired({contract, host.first_lane(), host.first_ms()}, context);
  block_state.merge(std::move(layer));
  return context.spared;
}

}  // namespace

void observe(Context& context, std::vector<Fact> const& facts) {
  std::set<Hash> waiting;
  for (auto const& fact : facts) record(context, fact, waiting);
  context.work += static_cast<std::uint32_t>((waiting.size() + looks_a_unit - 1) / looks_a_unit);
  context.spared += static_cast<std::uint32_t>(waiting.size());
  TermsShelf shelf;
  for (auto const& contract : waiting) {
    // Its turn will come.
    if (is_queued(context.state, contract)) continue;
    auto open = open_contract(context.state, contract);
    if (context.turns_left != nullptr && *context.turns_left == 0) {
      queue(context.state, contract, open.opener);
      continue;
    }
    auto const& terms = shelf.of(context.state, open.terms);
    Host host(context, contract, std::move(open), terms);
    host.run();
    host.save();
  }
}

void fire_deadlines(ledger::Overlay& block_state, Context const& prototype, std::uint32_t deadlines_max,
                    Fired const& fired) {
  queue_due(block_state, prototype.time_ms, deadlines_max);
  // What earlier blocks left and what is due leave a quarter of the turns to what this block brings.
  auto const kept = prototype.parameters.transitions_a_block_max / 4;
  auto share = *prototype.turns_left - kept;
  TermsShelf shelf;
  ledger::Bytes from;
  while (share > 0) {
    auto const turn = next_turn(block_state, from);
    if (!turn) break;
    charge(block_state, turn->opener, look(block_state, prototype, share, shelf, turn->contract, fired));
  }
  *prototype.turns_left = kept + share;
}

std::optional<TimeMs> next_deadline(ledger::StateView const& state) {
  // Long past, and not 0, which means none to those who keep it in one number.
  if (has_queued(state)) return TimeMs{1};
  auto const due = ledger::first_key(state, ledger::state_key(Space::deadline_index, BytesView{}));
  if (!due) return std::nullopt;
  return ledger::read_deadline_key(*due).due_ms;
}

}  // namespace contracts::escrow
