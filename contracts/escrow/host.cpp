// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/host.hpp"

#include <algorithm>

#include "contracts/escrow/mutants.hpp"
#include "contracts/escrow/queue.hpp"
#include "contracts/goods/goods.hpp"
#include "contracts/money/money.hpp"

namespace contracts::escrow {

namespace {

using ledger::Bytes;

/// A deadline's own time; a fact was due when it was recorded.
TimeMs due_of(Transition const& transition) {
  return transition.cause == ledger::MoveCause::deadline ? transition.due_ms : transition.moment.time_ms;
}

/// The leaf of what the ledger does by itself, after its payload is in the log.
ledger::ActLeaf log_move(Context& context, Hash const& contract, Transition const& transition) {
  ledger::DeadlinePayload payload;
  payload.contract = contract;
  payload.lane = transition.lane;
  payload.from = transition.from;
  payload.to = transition.to;
  payload.due_ms = due_of(transition);
  ledger::ActLeaf act;
  act.kind = ledger::LeafKind::deadline;
  act.event_time_ms = transition.moment.time_ms;
  return log_act(context, act, base::encode(payload));
}

/// Payouts and passings of title.
std::uint32_t moves_of(Transition const& transition) {
  auto const moves = std::count_if(transition.effects.begin(), transition.effects.end(), [](Effect const& effect) {
    return std::holds_alternative<Payout>(effect) || std::holds_alternative<TitlePass>(effect);
  });
  return static_cast<std::uint32_t>(moves);
}

/// So many moves more count as another turn of the block: steps pay two or three parties, a hostile one pays 250 times.
constexpr std::uint32_t moves_a_turn = 4;
std::uint32_t turns_of(Transition const& transition) { return 1 + moves_of(transition) / moves_a_turn; }
/// So do so many bytes of terms that had to be read.
constexpr std::size_t terms_bytes_a_turn = 8192;
std::uint32_t turns_of(Terms const& terms) {
  return static_cast<std::uint32_t>(terms.json.size() / terms_bytes_a_turn);
}

/// And so much work among facts (FactsOf::work): about as long as a transition takes.
constexpr std::uint64_t work_a_turn = 4096;
/// Of a record of facts that is read.
constexpr std::size_t bytes_a_work = 16;

/// A look begins no transition after so many turns; then others have theirs.
constexpr std::uint32_t turns_a_look_max = 16;

/// How many ask these readings something of their own.
std::size_t sensor_watches(ledger::StateView const& state, ledger::Watched const& one) {
  std::size_t out = 0;
  auto const prefix = ledger::sensor_facts_prefix(one.subject, one.word, one.sensor->unit, one.actor);
  state.scan(prefix, [&](ledger::BytesView, ledger::BytesView) { return ++out < sensor_watches_max; });
  return out;
}

/// How many open contracts of one party name a subject.
Bytes share_key(Hash const& subject, PartyId const& opener) {
  Bytes key = ledger::watch_key(subject);
  base::append(key, opener.view());
  return key;
}

/// How many different questions one party's contracts ask about readings of others.
Bytes questions_key(ledger::Watched const& one, PartyId const& opener) {
  auto const prefix = ledger::sensor_facts_prefix(one.subject, one.word, one.sensor->unit, one.actor);
  return share_key(ledger::tree_key(prefix), opener);
}

Error too_many_questions(std::string const& field) {
  return {Code::E_LIMIT, field + ".terms.subjects", "too many different questions about these readings"};
}

std::uint32_t watching(ledger::StateView const& state, Bytes const& key) {
  auto const record = ledger::load<ledger::WatchRecord>(state, key);
  return record ? record->contracts : 0;
}

void begin_watching(ledger::Overlay& state, Bytes const& key) {
  auto record = ledger::load<ledger::WatchRecord>(state, key).value_or(ledger::WatchRecord{});
  ++record.contracts;
  ledger::store(state, key, record);
}

void end_watching(ledger::Overlay& state, Bytes const& key) {
  auto record = ledger::load<ledger::WatchRecord>(state, key);
  CHECK(record && record->contracts > 0);
  if (--record->contracts == 0) {
    state.erase(key);
  } else {
    ledger::store(state, key, *record);
  }
}

}  // namespace

Terms stored_terms(ledger::StateView const& state, Hash const& terms) {
  auto const stored = ledger::load<ledger::TermsRecord>(state, ledger::terms_key(terms));
  CHECK(stored.has_value());
  auto read = read_terms(stored->json);
  CHECK(read.has_value());
  return *std::move(read);
}

Terms const& TermsShelf::of(ledger::StateView const& state, Hash const& terms) {
  auto const known = read_.find(terms);
  if (known != read_.end()) return *known->second;
  if (read_.size() == terms_max) read_.clear();
  return *read_.emplace(terms, std::make_shared<Terms const>(stored_terms(state, terms))).first->second;
}

std::uint32_t act_turns(Context const& context) {
  if (context.act_turns_left == nullptr) return ~std::uint32_t{0};
  auto const mine = context.act_turns_taken->find(context.actor);
  auto const taken = mine == context.act_turns_taken->end() ? 0 : mine->second;
  auto const left = *context.act_turns_left;
  return left > taken ? (left - taken + 1) / 2 : 0;
}

Error no_turns(std::string const& field) {
  return {Code::E_BUSY, field, "the block has no more turns for this member's acts; send it again later"};
}

Host::Host(Context& context, Hash const& contract, ledger::ContractRecord record, Terms const& terms)
    : context_(context),
      contract_(contract),
      record_(std::move(record)),
      terms_(terms),
      before_(waiting()),
      was_queued_(is_queued(context.state, contract)),
      facts_of_([this](std::size_t trigger) -> auto const& { return read_facts(trigger); }) {}

std::vector<ledger::FactEntry> const& Host::read_facts(std::size_t trigger) {
  auto const known = facts_.find(trigger);
  if (known != facts_.end()) return known->second;
  auto const bytes = context_.state.get(ledger::facts_key(watched(trigger)));
  if (!bytes) return facts_[trigger];
  facts_of_.count(bytes->size() / bytes_a_work);
  auto record = base::decode<ledger::FactsRecord>(*bytes);
  CHECK(record.has_value());
  return facts_[trigger] = std::move(record->facts);
}

ledger::Watched Host::watched(std::size_t trigger) const {
  auto const& wanted = terms_.triggers[trigger];
  ledger::Watched out;
  out.subject = terms_.subjects[wanted.subject].watched;
  out.kind = wanted.kind;
  out.word = wanted.word;
  out.actor = party(wanted.actor);
  if (wanted.kind == ledger::WatchKind::handover) out.to = party(wanted.to);
  out.sensor = wanted.sensor;
  return out;
}

PartyId const& Host::payee(std::size_t role) const {
  auto const& name = terms_.roles[role].name;
  auto const assigned = std::find_if(record_.assigned.begin(), record_.assigned.end(),
                                     [&](ledger::RoleBinding const& one) { return one.role == name; });
  return assigned == record_.assigned.end() ? party(role) : assigned->party;
}

Host::Waiting Host::waiting() const {
  Waiting out;
  for (auto const trigger : waiting_for(terms_, record_)) out.triggers.insert(watched(trigger).hash());
  for (std::size_t i = 0; i < record_.lanes.size(); ++i) {
    auto const& lane = record_.lanes[i];
    if (!lane.closed()) out.due.emplace(lane.due_ms, static_cast<std::uint8_t>(i));
  }
  return out;
}

std::set<Hash> Host::subjects() const {
  std::set<Hash> out;
  for (auto const& subject : terms_.subjects) out.insert(subject.watched);
  return out;
}

/// Roles of one party may name the same thing twice.
std::map<Hash, ledger::Watched> Host::all_watched() const {
  std::map<Hash, ledger::Watched> out;
  for (std::size_t i = 0; i < terms_.triggers.size(); ++i) {
    auto one = watched(i);
    out.emplace(one.hash(), std::move(one));
  }
  return out;
}

Result<void> Host::watch(std::string const& field) {
  auto& state = context_.state;
  for (auto const& subject : subjects()) {
    auto const all = ledger::watch_key(subject);
    auto const own = share_key(subject, record_.opener);
    // Whoever opens contracts leaves as many places free as it holds, so that nobody, nor a few together, closes a
    // subject to the others.
    if (watching(state, all) + watching(state, own) >= context_.parameters.contracts_a_subject_max) {
      return Error{Code::E_LIMIT, field + ".terms.subjects", "too many open contracts name this subject"};
    }
    begin_watching(state, all);
    begin_watching(state, own);
  }
  for (auto const& [hash, one] : all_watched()) {
    auto const key = ledger::facts_key(one);
    auto record = ledger::load<ledger::FactsRecord>(state, key).value_or(ledger::FactsRecord{one, 0, {}});
    if (one.sensor && one.actor != record_.opener) {
      auto const own = questions_key(one, record_.opener);
      auto const asked = share_key(hash, record_.opener);
      // Half of the questions are kept for whose readings they are; of the others the same holds as of contracts.
      bool const full = sensor_watches(state, one) + watching(state, own) >= sensor_watches_max / 2;
      if (record.watchers == 0 && full) return too_many_questions(field);
      if (watching(state, asked) == 0) begin_watching(state, own);
      begin_watching(state, asked);
    }
    if (one.sensor && record.watchers == 0 && sensor_watches(state, one) >= sensor_watches_max) {
      return too_many_questions(field);
    }
    ++record.watchers;
    ledger::store(state, key, record);
  }
  // Nothing of a new contract stands in the indexes yet.
  before_ = {};
  return {};
}

void Host::unwatch() {
  auto& state = context_.state;
  for (auto const& subject : subjects()) {
    end_watching(state, ledger::watch_key(subject));
    end_watching(state, share_key(subject, record_.opener));
  }
  for (auto const& [hash, one] : all_watched()) {
    if (one.sensor && one.actor != record_.opener) {
      auto const asked = share_key(hash, record_.opener);
      end_watching(state, asked);
      if (watching(state, asked) == 0) end_watching(state, questions_key(one, record_.opener));
    }
    auto const key = ledger::facts_key(one);
    auto record = ledger::load<ledger::FactsRecord>(state, key);
    CHECK(record && record->watchers > 0);
    if (--record->watchers == 0) {
      state.erase(key);
    } else {
      ledger::store(state, key, *record);
    }
  }
}

Result<void> Host::begin_act(std::string const& field) {
  auto const turns = 1 + turns_of(terms_);
  act_turns_ = act_turns(context_);
  if (*act_turns_ < turns) return no_turns(field);
  spend(turns);
  look_paid_ = true;
  return {};
}

Result<void> Host::require_turns_for(Transition const& transition, std::string const& field) const {
  if (turns_of(transition) - 1 <= *act_turns_) return {};
  return no_turns(field);
}

bool Host::has_turns() const {
  if (act_turns_) return *act_turns_ > 0;
  return context_.turns_left == nullptr || *context_.turns_left > 0;
}

void Host::take(std::uint32_t turns) {
  context_.spared += turns;
  auto* left = act_turns_ ? context_.act_turns_left : context_.turns_left;
  if (left == nullptr) return;
  *left -= std::min(turns, act_turns_ ? act_turns(context_) : *left);
  if (act_turns_) (*context_.act_turns_taken)[context_.actor] += turns;
}

void Host::spend(std::uint32_t turns) {
  take(turns);
  if (act_turns_) *act_turns_ -= turns;
}

std::uint32_t Host::take_work() {
  auto const turns = static_cast<std::uint32_t>((facts_of_.work() - work_paid_) / work_a_turn);
  work_paid_ += turns * work_a_turn;
  take(turns);
  return turns;
}

bool Host::has_more() const {
  auto record = record_;
  return next(terms_, record, facts_of_, context_.time_ms).has_value();
}

void Host::run() {
  // To look costs turns even when nothing moves: reading terms and facts is the larger part of the work. An act has
  // paid for its look.
  auto price = look_paid_ ? 0 : 1 + turns_of(terms_);
  std::uint32_t taken = 0;
  bool goes_on = look_paid_ || has_turns();
  bool rests = false;
  while (goes_on && !record_.closed_ms) {
    auto before = record_;
    auto const transition = next(terms_, record_, facts_of_, context_.time_ms);
    auto const turns = transition ? std::max(price, turns_of(*transition)) : price;
    // An act's party has paid for its work elsewhere: what it may move is not less for that.
    auto const work = take_work();
    if (!act_turns_) taken += work;
    if (act_turns_ && turns > *act_turns_) {
      record_ = std::move(before);
      break;
    }
    spend(turns);
    rests = !transition;
    if (rests) break;
    perform(*transition);
    taken += turns;
    price = 0;
    goes_on = taken < turns_a_look_max && has_turns();
  }
  bool const waits = !record_.closed_ms && !rests && (taken == 0 || has_more());
  take_work();
  // After its turn it goes behind; an act that leaves something to do leaves it its place.
  if (!waits || !act_turns_) unqueue(context_.state, contract_);
  if (waits) queue(context_.state, contract_, record_.opener);
}

void Host::perform(Transition const& transition) {
  auto const act = log_move(context_, contract_, transition);
  auto const sequence = ledger::append_history(context_.state, ledger::contract_key(contract_), act, {});
  effects(transition, act, sequence);
}

void Host::perform(Transition const& transition, ledger::ActLeaf const& act, std::uint64_t sequence) {
  context_.work += 1 + moves_of(transition);
  spend(turns_of(transition) - 1);
  effects(transition, act, sequence);
}

void Host::effects(Transition const& transition, ledger::ActLeaf const& act, std::uint64_t sequence) {
  if (transitions_++ == 0) {
    first_lane_ = transition.lane;
    first_ms_ = due_of(transition);
  }
  for (auto const& effect : transition.effects) {
    if (auto const* payout = std::get_if<Payout>(&effect)) {
      auto const& asset = terms_.assets[terms_.pots[payout->pot].asset].id;
      money::payout(context_, payee(payout->role), asset, payout->amount, contract_, record_.label);
    }
    if (auto const* pass = std::get_if<TitlePass>(&effect)) {
      goods::Title title;
      title.subject = terms_.subjects[pass->subject].uri;
      title.from = party(pass->from);
      title.to = party(pass->to);
      title.offer = transition.offer;
      title.contract = contract_;
      title.act = act;
      title.contract_sequence = sequence;
      record_.past.back().title_missed += goods::pass_title(context_, title);
    }
  }
}

void Host::save() {
  auto& state = context_.state;
  auto after = waiting();
  bool const queued = is_queued(state, contract_);
  if (queued) after.due.clear();
  for (auto const& trigger : before_.triggers) {
    if (!after.triggers.contains(trigger)) state.erase(ledger::trigger_key(trigger, contract_));
  }
  for (auto const& trigger : after.triggers) {
    if (!before_.triggers.contains(trigger)) state.put(ledger::trigger_key(trigger, contract_), Bytes{});
  }
  for (auto const& [due_ms, lane] : before_.due) {
    if (!after.due.contains({due_ms, lane})) state.erase(ledger::deadline_key(due_ms, contract_, lane));
  }
  for (auto const& [due_ms, lane] : after.due) {
    bool const kept = before_.due.contains({due_ms, lane}) && !was_queued_;
    if (kept || ESCROW_PLANTED(no_deadline_queue)) continue;
    state.put(ledger::deadline_key(due_ms, contract_, lane), Bytes{});
  }
  if (record_.closed_ms) unwatch();
  ledger::store(state, ledger::contract_key(contract_), record_);
}

}  // namespace contracts::escrow
