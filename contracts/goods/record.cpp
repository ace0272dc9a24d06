// SPDX-License-Identifier: Apache-2.0
// The way of a record: each event, or the events of one transformation, judged, logged, told.
#include <deque>

#include "contracts/goods/alarm.hpp"
#include "contracts/goods/classify.hpp"
#include "contracts/goods/customs.hpp"
#include "contracts/goods/device.hpp"
#include "contracts/goods/goods.hpp"
#include "contracts/goods/leaves.hpp"
#include "contracts/goods/reading.hpp"
#include "contracts/goods/recall.hpp"
#include "contracts/goods/rules.hpp"
#include "contracts/members/mandate.hpp"
#include "ledger/contract.hpp"

namespace contracts::goods {

namespace {

using ledger::Space;

/// Events that stand or fall together: their places in the record.
using Group = std::vector<std::size_t>;

std::vector<Group> groups_of(std::vector<ReadEvent> const& entries) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> by_id;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto const& event = entries[i].event;
    bool const joins = event.type == gs1::EventType::transformation && event.transformation_id && !event.is_error();
    if (joins) {
      auto const [known, fresh] = by_id.emplace(event.transformation_id->uri, groups.size());
      if (!fresh) {
        groups[known->second].push_back(i);
        continue;
      }
    }
    groups.push_back({i});
  }
  return groups;
}

Bytes event_key(PartyId const& actor, gs1::Event const& event) {
  auto key = ledger::state_key(Space::event, actor.view());
  base::append(key, event.event_hash.view());
  key.push_back(event.is_error() ? 1 : 0);
  return key;
}

/// Adds the keys that the state is asked for whatever an event says: its own, and those of each EPC that it names.
void add_expected(PartyId const& actor, gs1::Event const& event, std::vector<Bytes>& keys) {
  keys.push_back(event_key(actor, event));
  for (auto const* named : {&event.epcs, &event.child_epcs, &event.input_epcs, &event.output_epcs}) {
    for (auto const& key : *named) {
      auto const name = watch_name(key);
      auto const space = space_of(key.kind);
      keys.push_back(ledger::watch_key(name));
      keys.push_back(ledger::subject_row(name));
      keys.push_back(ledger::state_key(space, key.uri));
      if (space == Space::thing) continue;
      auto plain = ledger::state_key(Space::thing, key.uri);
      keys.push_back(ledger::subject_row(ledger::tree_key(plain)));
      keys.push_back(std::move(plain));
    }
  }
}

struct Recording {
  Context& context;
  ledger::Record const& record;
  std::vector<ReadEvent> const& entries;
  std::vector<ledger::BytesView> const& payloads;
  /// Each event's path; jobs point to it.
  std::vector<std::string> const& fields;
  Hash context_hash;
  Recorded result;
  /// Who signed for events at a place; events of one record happen at few.
  std::map<std::pair<std::string_view, bool>, std::vector<PartyId>> signers;

  std::vector<PartyId> const& signers_of(gs1::Event const& event) {
    auto const reach = reach_of(event);
    auto const [known, fresh] = signers.try_emplace({reach.site, reach.readings});
    if (fresh) known->second = valid_signers(context, ledger::Act::record, reach);
    return known->second;
  }
};

Result<void> judge_time(Job const& job) {
  if (job.event.time_ms <= job.context.time_ms + job.context.parameters.event_ahead_ms_max) return {};
  return job.error(Code::E_TIME_WINDOW, "eventTime", "later than the block");
}

/// Logs the event, keeps its bytes, and writes its leaves.
void log_event(Recording const& recording, Job& job, std::size_t index) {
  auto const& entry = recording.entries[index];
  auto const& payload = recording.payloads[index];
  auto& context = recording.context;
  ledger::StoredEvent stored;
  stored.height = context.height;
  stored.recorded_ms = context.time_ms;
  stored.transaction = context.transaction;
  stored.event_index = static_cast<std::uint16_t>(context.first_event + index);
  stored.actor = context.actor;
  stored.context = recording.context_hash;
  stored.payload = Bytes(payload.begin(), payload.end());
  stored.view_root = entry.commitment.view_root;
  stored.view_size = entry.commitment.view_size;
  auto const log_index = ledger::append_log(job.state, stored);
  CHECK(log_index == job.log_index);

  auto id = event_key(context.actor, entry.event);
  ledger::store(job.state, id, ledger::EventRecord{log_index});
  if (job.signers.size() > 1) {
    id[0] = static_cast<std::uint8_t>(Space::signers);
    ledger::SignersRecord signers;
    signers.parties = job.signers;
    ledger::store(job.state, id, signers);
  }
  auto by_hash = ledger::state_key(Space::event_hash_index, entry.event.event_hash.view());
  base::append(by_hash, ledger::big_endian(log_index));
  job.state.put(by_hash, {});
  context.postings.add(entry.event, log_index);

  ledger::ActLeaf act;
  act.height = context.height;
  act.transaction_index = context.transaction_index;
  bool const unbalanced = !job.accounted && says_change(entry.event);
  act.kind = unbalanced ? ledger::LeafKind::plain : ledger::LeafKind::event;
  act.actor = context.actor;
  act.event_time_ms = entry.event.time_ms;
  act.payload_hash = entry.commitment.payload_hash;
  act.view_root = stored.view_root;
  act.view_size = stored.view_size;
  act.log_index = log_index;
  write_leaves(job, act);
}

/// What a milestone counts: each lot its own quantity, a single unit all that stands beside it.
void count_subjects(gs1::Event const& event, Fact& fact) {
  base::u128 sum = 0;
  for (auto const& element : event.quantities) {
    if (!element.quantity) continue;
    fact.counted.push_back({watch_name(element.key), *element.quantity, element.uom});
    sum += *element.quantity;
  }
  bool const one_unit = std::all_of(event.quantities.begin(), event.quantities.end(),
                                    [&](auto const& one) { return one.uom == event.quantities.front().uom; });
  if (event.epcs.size() != 1 || event.quantities.empty() || !one_unit || sum > gs1::quantity_max) return;
  fact.counted.push_back({watch_name(event.epcs.front()), static_cast<Micro>(sum), event.quantities.front().uom});
}

/// What contracts hear of the event. A voiding event says nothing new.
void tell_facts(Job const& job, std::vector<Fact>& facts) {
  auto const& event = job.event;
  if (event.is_error()) return;
  Fact common;
  common.subjects = watch_names(event);
  common.log_index = job.log_index;
  common.event_time_ms = event.time_ms;
  common.late = event.time_ms + job.context.parameters.late_after_ms < job.context.time_ms;
  for (auto const& one : event.transactions) common.documents.push_back({one.type, one.key.uri});
  if (job.handover) {
    Fact fact = *job.handover;
    fact.subjects = common.subjects;
    fact.log_index = common.log_index;
    fact.event_time_ms = common.event_time_ms;
    fact.late = common.late;
    fact.documents = common.documents;
    facts.push_back(std::move(fact));
  }
  if (is_batch(event)) {
    for (auto& fact : batch_facts(job)) {
      fact.log_index = common.log_index;
      fact.event_time_ms = common.event_time_ms;
      fact.late = common.late;
      facts.push_back(std::move(fact));
    }
  }
  if (event.biz_step.empty()) return;
  common.kind = FactKind::milestone;
  common.biz_step = event.biz_step;
  common.disposition = event.disposition;
  common.actors = job.signers;
  common.grade = event.tally.grade;
  count_subjects(event, common);
  facts.push_back(std::move(common));
}

/// Events that mean something whether their actor keeps accounts or not: voiding, devices, customs, recalls.
Result<void> judge_special(Job& job) {
  auto const& event = job.event;
  if (event.is_error()) {
    job.would_move = voided_moved_accounts(job);
    return correct(job);
  }
  if (event.type == gs1::EventType::association) return associate(job);
  if (is_batch(event)) return take_batch(job);
  if (is_customs(event)) TRY(customs(job));
  if (is_recall(event)) TRY(recall(job));
  return {};
}

/// Of the goods that an offer or a sale gives away: pieces or base units, as the event counts them.
ledger::Micro given_by(Job const& job) {
  auto const& event = job.event;
  bool const gives = event.tally.handover == gs1::Handover::offer || event.tally.handover == gs1::Handover::sale;
  if (!gives) return 0;
  base::u128 sum = 0;
  for (auto const& element : event.quantities) sum += element.quantity.value_or(0);
  if (sum == 0) sum = base::u128{event.epcs.size()} * piece;
  return static_cast<ledger::Micro>(std::min<base::u128>(sum, ~ledger::Micro{0}));
}

/// Rule 16: the daily limits of the keys that signed.
Result<void> charge(Job const& job) {
  for (auto const& party : job.signers) {
    members::Spending spending;
    spending.events = 1;
    spending.goods = given_by(job);
    if (job.handover) {
      auto const& sides = job.handover->actors;
      spending.counterparties = {sides[0] == party ? sides[1] : sides[0]};
    }
    TRY(members::charge_limits(job.context, job.state, party, spending, job.field));
  }
  return {};
}

/// A firm in goods accounting that reports late is told so, and everybody with it.
void note_late(Job& job) {
  auto const& event = job.event;
  bool const late = event.time_ms + job.context.parameters.late_after_ms < job.context.time_ms;
  auto const* first = !event.epcs.empty()         ? &event.epcs.front()
                      : !event.quantities.empty() ? &event.quantities.front().key
                      : event.parent              ? &*event.parent
                                                  : nullptr;
  if (!late || first == nullptr || !keeps_accounts(job.state, job.context.actor)) return;
  raise(job, ledger::AlarmKind::late, first->uri, job.context.actor,
        std::to_string((job.context.time_ms - event.time_ms) / 3'600'000) + " hours");
}

Result<void> apply_rules(std::deque<Job>& jobs) {
  std::vector<Job*> together;
  for (auto& job : jobs) {
    TRY(judge_time(job));
    if (jobs.size() == 1) TRY(judge_special(job));
    if (jobs.size() == 1 && is_intake(job)) {
      job.accounted = true;
      return take_in(job);
    }
    job.accounted = moves_accounts(job);
    together.push_back(&job);
  }
  bool const transforms = jobs.front().event.type == gs1::EventType::transformation && !jobs.front().event.is_error();
  bool accounted = true;
  for (auto const& job : jobs) accounted = accounted && job.accounted;
  if (!accounted) {
    // A transformation of which a part is plain is plain as a whole.
    for (auto& job : jobs) {
      job.accounted = false;
      TRY(judge_plain(job));
    }
    return {};
  }
  return transforms ? transform(together) : rule_of(jobs.front().event)(jobs.front());
}

/// Judges and records one group on `state`; on an error the caller drops the state.
Result<void> run(Recording& recording, Overlay& state, Group const& group, std::vector<Fact>& facts) {
  std::deque<Job> jobs;
  std::vector<std::size_t> places;
  std::set<Bytes> fresh;
  auto next = ledger::log_size(state);
  for (auto const index : group) {
    auto const& entry = recording.entries[index];
    auto key = event_key(recording.context.actor, entry.event);
    if (state.get(key) || !fresh.insert(std::move(key)).second) {
      recording.result.codes[index] = Code::exists;
      continue;
    }
    jobs.push_back(Job{state,
                       recording.context,
                       entry.event,
                       recording.fields[index],
                       next++,
                       recording.signers_of(entry.event),
                       false,
                       {},
                       {},
                       {},
                       {},
                       false});
    TRY(jobs.back().require(recording.context.actor, Code::E_MISSING_SIGNER, {}));
    places.push_back(index);
  }
  if (jobs.empty()) return {};
  TRY(apply_rules(jobs));
  for (auto& job : jobs) {
    TRY(charge(job));
    note_late(job);
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    log_event(recording, jobs[i], places[i]);
    tell_facts(jobs[i], facts);
  }
  return {};
}

void keep_context(Recording const& recording) {
  auto const key = ledger::state_key(Space::context, recording.context_hash.view());
  if (!recording.context.state.get(key)) recording.context.state.put(key, base::to_bytes(recording.record.context));
}

/// Has the state read what groups will ask for, as they come: what stands behind one that fails is not asked for.
class ReadingAhead {
 public:
  ReadingAhead(Recording const& recording, std::vector<Group> const& groups) : recording_(recording), groups_(groups) {}

  void reach(std::size_t group) {
    if (group < done_) return;
    std::vector<Bytes> keys;
    while (done_ < groups_.size() && keys.size() < keys_at_once) {
      for (auto const index : groups_[done_++]) {
        add_expected(recording_.context.actor, recording_.entries[index].event, keys);
      }
    }
    recording_.context.state.expect(keys);
  }

 private:
  static constexpr std::size_t keys_at_once = 512;

  Recording const& recording_;
  std::vector<Group> const& groups_;
  std::size_t done_ = 0;
};

/// Each group on `state`, which the caller drops when one fails.
Result<void> run_all(Recording& recording, Overlay& state, std::vector<Group> const& groups) {
  ReadingAhead ahead(recording, groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    ahead.reach(i);
    TRY(run(recording, state, groups[i], recording.result.facts));
  }
  return {};
}

/// Each group on a state of its own, which goes when the group fails.
void run_each(Recording& recording, std::vector<Group> const& groups) {
  ReadingAhead ahead(recording, groups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto const& group = groups[i];
    ahead.reach(i);
    std::vector<Fact> facts;
    Overlay attempt(recording.context.state);
    auto const ran = run(recording, attempt, group, facts);
    if (!ran) {
      for (auto const index : group) recording.result.codes[index] = ran.error().code;
      continue;
    }
    recording.context.state.merge(std::move(attempt));
    auto& all = recording.result.facts;
    all.insert(all.end(), std::make_move_iterator(facts.begin()), std::make_move_iterator(facts.end()));
  }
}

/// Mostly no event fails, and then all of them stand on one state, whose changes are merged once.
void run_proceeding(Recording& recording, std::vector<Group> const& groups) {
  auto const fresh = recording.result;
  auto const first = ledger::log_size(recording.context.state);
  Overlay together(recording.context.state);
  if (run_all(recording, together, groups)) {
    recording.context.state.merge(std::move(together));
    return;
  }
  recording.result = fresh;
  recording.context.postings.forget_from(first);
  run_each(recording, groups);
}

}  // namespace

Result<Recorded> record(Context& context, ledger::Record const& operation,
                        std::vector<ledger::BytesView> const& payloads, std::string const& field,
                        std::shared_ptr<ReadRecord const> earlier) {
  // Each event asks again for a key that reaches it.
  TRY(require_signer(context, context.actor, ledger::Act::record, field, {{}, {}, true}));
  TRY_ASSIGN(auto const read, read_record(operation, payloads, context.parameters, field, std::move(earlier)));
  auto const& entries = read->events;
  auto const context_hash = crypto::sha256(base::bytes_of(operation.context));
  std::vector<std::string> fields;
  for (std::size_t i = 0; i < entries.size(); ++i) fields.push_back(event_field(field, i));
  Recording recording{context, operation, entries, payloads, fields, context_hash, {}, {}};
  recording.result.codes.assign(entries.size(), Code::done);
  keep_context(recording);
  auto const groups = groups_of(entries);
  if (operation.mode == ledger::RecordMode::rollback) {
    TRY(run_all(recording, context.state, groups));
  } else {
    run_proceeding(recording, groups);
  }
  return std::move(recording.result);
}

}  // namespace contracts::goods
