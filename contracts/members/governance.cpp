// SPDX-License-Identifier: Apache-2.0
#include "contracts/members/governance.hpp"

#include <algorithm>

#include "contracts/members/members.hpp"

namespace contracts::members {

namespace {

using crypto::Validator;
using crypto::ValidatorSet;
using ledger::Bytes;
using ledger::BytesView;
using ledger::EndpointRecord;
using ledger::EpochRecord;
using ledger::Overlay;
using ledger::ProposalRecord;
using ledger::Space;
using ledger::state_key;
using ledger::StateView;

constexpr std::size_t height_bytes = 8;

EpochRecord current_epoch(StateView const& state) {
  auto record = ledger::load<EpochRecord>(state, Space::epoch, "");
  CHECK(record.has_value());
  return *std::move(record);
}

ledger::VersionRecord current_version(StateView const& state) {
  return ledger::load<ledger::VersionRecord>(state, Space::version, "").value_or(ledger::VersionRecord{});
}

std::size_t weight(ValidatorSet const& set, PartyId const& party) {
  return static_cast<std::size_t>(std::ranges::count(set.validators, party, &Validator::party));
}

Validator* find(ValidatorSet& set, base::ValidatorKey const& key) {
  auto const found = std::ranges::find(set.validators, key, &Validator::key);
  return found == set.validators.end() ? nullptr : &*found;
}

bool is_accused(StateView const& state, base::ValidatorKey const& key) {
  return state.has(state_key(Space::accused, key.view()));
}

Result<void> require_validator(Context const& context, std::string const& field) {
  if (weight(current_epoch(context.state).validators, context.actor) > 0) return {};
  return Error{Code::E_SCOPE, field, "the actor is no validator of this epoch"};
}

void tell(Context& context, ledger::Operation const& operation) {
  auto const act = log_operation(context, operation);
  ledger::append_history(context.state, member_key(context.state, context.actor), act, {});
}

struct Open {
  Bytes key;
  ProposalRecord record;
};

/// Oldest first.
std::vector<Open> open_proposals(StateView const& state) {
  std::vector<Open> out;
  state.scan(Bytes{static_cast<std::uint8_t>(Space::proposal)}, [&](BytesView key, BytesView value) {
    auto record = base::decode<ProposalRecord>(value);
    CHECK(record.has_value());
    out.push_back({Bytes(key.begin(), key.end()), std::move(record).value()});
    return true;
  });
  return out;
}

bool is_of(Open const& open, Hash const& proposal) {
  return std::ranges::equal(BytesView(open.key).subspan(1 + height_bytes), proposal.view());
}

/// Makes changes of one epoch, as far as there is room.
class Making {
 public:
  enum class Outcome { made, waits, impossible };

  Making(Overlay& state, ValidatorSet const& before, ledger::Height first)
      : state_(state), before_(before), first_(first), set_(before) {}

  /// Who is proven faulty leaves whatever else changes, because every set with one such member less bears the rest of
  /// the faults that the old one bore. Nobody else changes in that epoch.
  void dismiss_accused() {
    auto const most = std::max<std::size_t>(1, before_.faulty_max());
    for (auto const& validator : before_.validators) {
      if (changes_ == most || set_.size() == 1 || !is_accused(state_, validator.key)) continue;
      remove(validator.key);
      ++changes_;
    }
    dismissed_ = changes_ > 0;
  }

  Outcome make(ledger::NetworkChange const& change) {
    if (auto const* parameters = std::get_if<ledger::SetParameters>(&change)) {
      auto record = ledger::load<ledger::ParametersRecord>(state_, Space::parameters, "");
      CHECK(record.has_value());
      record->parameters = parameters->parameters;
      ledger::store(state_, Space::parameters, "", *record);
      return Outcome::made;
    }
    if (auto const* version = std::get_if<ledger::SetVersion>(&change)) return plan(*version);
    auto after = set_;
    if (!std::visit([&](auto const& one) { return alter(after, one); }, change)) return Outcome::impossible;
    if (dismissed_ || changes_ + 1 > changes_max(before_, after)) return Outcome::waits;
    ++changes_;
    set_ = std::move(after);
    std::visit([&](auto const& one) { move_endpoint(one); }, change);
    return Outcome::made;
  }

  ValidatorSet const& set() const { return set_; }

 private:
  /// In place of what is planned: an activation may be put off as long as it has not come.
  Outcome plan(ledger::SetVersion const& change) {
    auto record = current_version(state_);
    if (change.version != record.version + 1 || change.height < first_) return Outcome::impossible;
    record.next = change;
    ledger::store(state_, Space::version, "", record);
    return Outcome::made;
  }
  bool is_free(ValidatorSet const& set, base::ValidatorKey const& key) const {
    return !is_accused(state_, key) && std::ranges::count(set.validators, key, &Validator::key) == 0;
  }
  bool alter(ValidatorSet& set, ledger::AddValidator const& change) const {
    auto const& [party, key, tls_key] = change.validator;
    bool const fits = set.size() < crypto::validators_max && is_member(state_, party) && is_free(set, key) &&
                      std::ranges::count(set.validators, tls_key, &Validator::tls_key) == 0;
    if (fits) set.validators.push_back(change.validator);
    return fits;
  }
  bool alter(ValidatorSet& set, ledger::RemoveValidator const& change) const {
    return std::erase_if(set.validators, [&](auto const& one) { return one.key == change.key; }) > 0 && set.size() > 0;
  }
  bool alter(ValidatorSet& set, ledger::RotateKey const& change) const {
    auto* const validator = find(set, change.key);
    if (validator == nullptr || !is_free(set, change.next)) return false;
    validator->key = change.next;
    return true;
  }
  bool alter(ValidatorSet& set, ledger::SetTlsKey const& change) const {
    auto* const validator = find(set, change.key);
    if (validator == nullptr || std::ranges::count(set.validators, change.tls_key, &Validator::tls_key) > 0)
      return false;
    validator->tls_key = change.tls_key;
    return true;
  }
  bool alter(ValidatorSet&, ledger::SetParameters const&) const { return false; }
  bool alter(ValidatorSet&, ledger::SetVersion const&) const { return false; }

  Bytes endpoint(base::ValidatorKey const& key) const { return state_key(Space::endpoint, key.view()); }
  void move_endpoint(ledger::AddValidator const& change) {
    ledger::store(state_, endpoint(change.validator.key), EndpointRecord{change.address, std::nullopt});
  }
  void move_endpoint(ledger::RemoveValidator const& change) { state_.erase(endpoint(change.key)); }
  void move_endpoint(ledger::RotateKey const& change) {
    auto const record = ledger::load<EndpointRecord>(state_, endpoint(change.key));
    if (!record) return;
    ledger::store(state_, endpoint(change.next), *record);
    state_.erase(endpoint(change.key));
  }
  void move_endpoint(ledger::SetTlsKey const& change) {
    auto record = ledger::load<EndpointRecord>(state_, endpoint(change.key)).value_or(EndpointRecord{});
    auto before = before_;
    if (auto const* validator = find(before, change.key)) record.previous_tls_key = validator->tls_key;
    ledger::store(state_, endpoint(change.key), record);
  }
  void move_endpoint(ledger::SetParameters const&) {}
  void move_endpoint(ledger::SetVersion const&) {}

  void remove(base::ValidatorKey const& key) {
    std::erase_if(set_.validators, [&](auto const& one) { return one.key == key; });
    state_.erase(endpoint(key));
  }

  Overlay& state_;
  ValidatorSet const& before_;
  ledger::Height first_;
  ValidatorSet set_;
  std::size_t changes_ = 0;
  bool dismissed_ = false;
};

/// A TLS key that was replaced was accepted for one epoch more; that one ends here.
void forget_tls_keys(Overlay& state, ValidatorSet const& set) {
  for (auto const& validator : set.validators) {
    auto const key = state_key(Space::endpoint, validator.key.view());
    auto record = ledger::load<EndpointRecord>(state, key);
    if (!record || !record->previous_tls_key) continue;
    record->previous_tls_key.reset();
    ledger::store(state, key, *record);
  }
}

void decide(Making& making, Overlay& state, ValidatorSet const& before, TimeMs time_ms) {
  for (auto const& open : open_proposals(state)) {
    std::size_t yes = 0;
    std::size_t no = 0;
    for (auto const& one : open.record.votes) (one.yes ? yes : no) += weight(before, one.party);
    if (yes >= before.quorum()) {
      if (making.make(open.record.change) != Making::Outcome::waits) state.erase(open.key);
    } else if (no > before.size() - before.quorum() || open.record.expires_ms < time_ms) {
      state.erase(open.key);
    }
  }
}

}  // namespace

Result<void> check_parameters(ledger::Parameters const& parameters, std::string const& field) {
  auto const wrong = [&](std::string const& name, std::string what) {
    return Error{Code::E_FORM, field + "." + name, std::move(what)};
  };
  if (parameters.transaction_bytes_max > ledger::transaction_bytes_max)
    return wrong("transaction_bytes_max", "above what the formats hold");
  if (parameters.event_bytes_max > ledger::event_bytes_max)
    return wrong("event_bytes_max", "above what the formats hold");
  if (parameters.block_bytes_max > ledger::block_bytes_max)
    return wrong("block_bytes_max", "above what the formats hold");
  // With less, nobody could vote for anything else any more.
  constexpr std::uint32_t bytes_min = 64u << 10;
  if (parameters.transaction_bytes_max < bytes_min) return wrong("transaction_bytes_max", "below 65536");
  if (parameters.block_bytes_max < 2 * bytes_min) return wrong("block_bytes_max", "below 131072");
  if (parameters.operations_max == 0) return wrong("operations_max", "must be positive");
  if (parameters.transitions_a_block_max == 0) return wrong("transitions_a_block_max", "must be positive");
  if (parameters.deadlines_a_block_max == 0) return wrong("deadlines_a_block_max", "must be positive");
  if (parameters.contracts_a_subject_max == 0) return wrong("contracts_a_subject_max", "must be positive");
  if (parameters.facts_a_subject_max == 0) return wrong("facts_a_subject_max", "must be positive");
  if (parameters.signers_max == 0) return wrong("signers_max", "must be positive");
  if (parameters.window_ms_max < 60'000) return wrong("window_ms_max", "below a minute");
  if (parameters.meter_bucket < 1000 || parameters.meter_refill_per_s == 0)
    return wrong("meter_bucket", "below 1000, or never refilled");
  if (parameters.idle_block_ms == 0) return wrong("idle_block_ms", "must be positive");
  if (parameters.view_timeout_ms < 10 || parameters.view_timeout_ms > 10'000)
    return wrong("view_timeout_ms", "expected: 10 to 10000");
  if (parameters.epoch_blocks == 0) return wrong("epoch_blocks", "must be positive");
  return {};
}

Result<void> propose(Context& context, ledger::ProposeChange const& operation, std::string const& field) {
  TRY(require_admin(context, context.actor, field));
  TRY(require_validator(context, field));
  if (auto const* change = std::get_if<ledger::SetVersion>(&operation.change)) {
    auto const next = current_version(context.state).version + 1;
    if (change->version != next)
      return Error{Code::E_FORM, field + ".change.version", "the next is " + std::to_string(next)};
    if (change->height <= context.height) return Error{Code::E_FORM, field + ".change.height", "is past"};
  }
  auto const open = open_proposals(context.state);
  auto const own = std::ranges::count_if(open, [&](Open const& one) { return one.record.proposer == context.actor; });
  if (static_cast<std::size_t>(own) >= ledger::proposals_open_max) {
    return Error{Code::E_LIMIT, field, std::to_string(own) + " proposals of this member are open"};
  }
  auto id = ledger::big_endian(context.height);
  auto const proposal = ledger::contract_id(context.transaction, context.operation_index);
  id.insert(id.end(), proposal.bytes.begin(), proposal.bytes.end());
  ledger::store(context.state, state_key(Space::proposal, id),
                ProposalRecord{operation.change, context.actor, context.time_ms + ledger::proposal_open_ms, {}});
  tell(context, operation);
  return {};
}

Result<void> vote(Context& context, ledger::VoteChange const& operation, std::string const& field) {
  TRY(require_admin(context, context.actor, field));
  TRY(require_validator(context, field));
  for (auto& open : open_proposals(context.state)) {
    if (!is_of(open, operation.proposal)) continue;
    auto& [change, proposer, expires_ms, votes] = open.record;
    if (expires_ms < context.time_ms) break;
    if (std::ranges::count(votes, context.actor, &ledger::PartyVote::party) > 0) {
      return Error{Code::E_ALREADY_REGISTERED, field + ".proposal", "this member has voted"};
    }
    if (votes.size() == votes.max) return Error{Code::E_LIMIT, field + ".proposal", "no room for more votes"};
    votes.push_back({context.actor, operation.yes});
    ledger::store(context.state, open.key, open.record);
    tell(context, operation);
    return {};
  }
  return Error{Code::E_NO_CASE, field + ".proposal", "no proposal of this id is open"};
}

Result<void> report_evidence(Context& context, ledger::ReportEvidence const& operation, std::string const& field) {
  TRY(require_validator(context, field));
  auto const& evidence = operation.evidence;
  auto const epoch = current_epoch(context.state);
  auto const of_then =
      evidence.epoch() == epoch.epoch
          ? epoch
          : ledger::load<EpochRecord>(context.state, state_key(Space::epoch, ledger::big_endian(evidence.epoch())));
  if (!of_then || std::ranges::count(of_then->validators.validators, evidence.key, &Validator::key) == 0) {
    return Error{Code::E_FORM, field + ".evidence.key", "was no validator's in that epoch"};
  }
  if (is_accused(context.state, evidence.key)) return Error{Code::exists, field + ".evidence.key", ""};
  ledger::store(context.state, state_key(Space::accused, evidence.key.view()),
                ledger::AccusedRecord{evidence, context.actor, context.time_ms});
  tell(context, operation);
  return {};
}

Result<void> rejoin(Context& context, ledger::Rejoin const& operation, std::string const& field) {
  auto const epoch = current_epoch(context.state);
  auto const own = std::ranges::find(epoch.validators.validators, operation.key, &Validator::key);
  if (own == epoch.validators.validators.end() || own->party != context.actor) {
    return Error{Code::E_SCOPE, field + ".key", "is of no validator of the actor in this epoch"};
  }
  auto const id = state_key(Space::rejoin, operation.key.view());
  auto const before = ledger::load<ledger::RejoinRecord>(context.state, id);
  if (before && before->loss == operation.loss) return Error{Code::exists, field + ".loss", ""};
  ledger::store(context.state, id, ledger::RejoinRecord{operation.loss, context.height});
  tell(context, operation);
  return {};
}

std::size_t changes_max(ValidatorSet const& before, ValidatorSet const& after) {
  // Below four validators every change is everybody's will, because the quorum is all of them.
  if (before.faulty_max() == 0) return 1;
  return std::min(before.faulty_max(), after.faulty_max());
}

void begin_epoch(Overlay& state, ledger::Height first, TimeMs time_ms) {
  auto record = current_epoch(state);
  ledger::store(state, state_key(Space::epoch, ledger::big_endian(record.epoch)), record);
  auto const before = record.validators;
  forget_tls_keys(state, before);
  Making making(state, before, first);
  making.dismiss_accused();
  decide(making, state, before, time_ms);
  record.validators = making.set();
  ++record.epoch;
  record.first = first;
  ledger::store(state, Space::epoch, "", record);
}

void recover_epoch(Overlay& state, ledger::Height first, ValidatorSet validators) {
  auto record = current_epoch(state);
  ledger::store(state, state_key(Space::epoch, ledger::big_endian(record.epoch)), record);
  record.validators = std::move(validators);
  ++record.epoch;
  record.first = first;
  ledger::store(state, Space::epoch, "", record);
}

}  // namespace contracts::members
