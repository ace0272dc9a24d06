// SPDX-License-Identifier: Apache-2.0
#include "party.hpp"

#include <deque>

#include "crypto/hash.hpp"

namespace explore {

using namespace consensus;

namespace {

constexpr base::TimeMs wall_ms = 1'700'000'000'000;
/// Longer than any timeout.
constexpr std::uint64_t nap_ms = 20'000;

Hash number_hash(std::uint64_t number) { return crypto::sha256(base::encode(number)); }

Config make_config(Mutants const& mutants) {
  Config out;
  out.chain = number_hash(1);
  out.seed = number_hash(2);
  out.parameters = {10'000, 10'000, 1 << 10};
  out.mutants = mutants;
  out.mutants.cheap_signatures = true;
  return out;
}

}  // namespace

Registry::Registry(Mutants const& mutants) : config(make_config(mutants)), leaders(validators, config.seed) {
  for (std::uint8_t place = 0; place < validators; ++place) {
    crypto::ValidatorSecret secret;
    secret.bytes.fill(static_cast<std::uint8_t>(place + 1));
    secrets.push_back(secret);
    config.validators.validators.push_back({{}, cheap_key(secret), {}});
  }
  genesis = {0, config.chain, number_hash(3), wall_ms - 1'000, 0, {}};
}

std::size_t Registry::ballot(Ballot const& ballot) {
  auto const [at, is_new] = ballot_numbers_.emplace(ballot, ballots_.size());
  if (is_new) ballots_.push_back(ballot);
  CHECK(ballots_.size() <= bits_max);
  return at->second;
}

std::size_t Registry::proposal(Propose const& propose) {
  auto const hash = propose.block.header.hash();
  auto const [at, is_new] = proposal_numbers_.emplace(hash, proposals_.size());
  if (is_new) {
    proposals_.push_back(propose);
    blocks_[hash] = std::make_shared<Block const>(propose.block);
  }
  CHECK(proposals_.size() <= bits_max);
  return at->second;
}

Ballot Registry::notarize(Block const& block) const {
  return {VoteKind::notarize, config.chain, config.epoch, block.header.view, 0, block.header.hash(), {}};
}

Vote Registry::vote(Place place, Ballot const& ballot) const {
  return {ballot, place, cheap_sign(secrets[place], ballot.digest())};
}

Propose Registry::propose(Block const& block) const {
  return {block.header.view, block, vote(block.header.proposer, notarize(block)).signature, {}, {}};
}

Certificate Registry::certificate(Ballot const& ballot, Place liar) const {
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
  for (Place place = 0; place < validators; ++place) {
    bool const spared = place == (liar + 1u) % validators;
    if (!spared) votes.emplace_back(place, vote(place, ballot).signature);
  }
  return crypto::make_certificate(ballot, validators, votes);
}

Hash Registry::result(Hash const& parent_result, Hash const& block, std::uint64_t salt) {
  auto const out = crypto::sha256({parent_result.view(), block.view(), base::encode(salt)});
  results_[out] = {block, parent_result};
  return out;
}

std::map<base::Height, std::pair<Hash, Hash>> Registry::history(Ballot const& ballot) const {
  std::map<base::Height, std::pair<Hash, Hash>> out;
  auto result = ballot.result;
  for (auto height = ballot.height; height > 0; --height) {
    auto const& [block, before] = results_.at(result);
    out[height] = {block, result};
    result = before;
  }
  return out;
}

Party::Party(Registry& registry, Place place) : registry_(&registry), place_(place), tip_(registry.genesis) {}

Party::Party(Party const& other)
    : ballots(other.ballots),
      proposals(other.proposals),
      crashes(other.crashes),
      halted(other.halted),
      registry_(other.registry_),
      place_(other.place_),
      core_(other.core_->clone()),
      records_(other.records_),
      saved_(other.saved_),
      tip_(other.tip_),
      now_ms_(other.now_ms_),
      salt_(other.salt_) {}

void Party::restart(std::uint64_t salt) {
  salt_ = salt;
  auto config = registry_->config;
  config.identity = Identity{place_, registry_->secrets[place_]};
  std::vector<SharedBlock> saved;
  for (auto const& [hash, block] : saved_) saved.push_back(block);
  core_.emplace(Core(std::move(config), tip_, records_, saved));
  feed(Started{});
  feed(Workload{true, 0});
}

void Party::receive(Message message, Place from) {
  feed(Received{from, {registry_->config.chain, registry_->config.epoch, std::move(message)}});
}

void Party::time_out() {
  now_ms_ += nap_ms;
  feed(Tick{});
}

void Party::feed(decltype(Input::event) event) {
  std::deque<decltype(Input::event)> events{std::move(event)};
  for (; !events.empty(); events.pop_front()) {
    for (auto const& output : core_->step({now_ms_, wall_ms, std::move(events.front())})) {
      perform(output);
      if (auto next = answer(output)) events.push_back(std::move(*next));
    }
  }
}

void Party::perform(Output const& output) {
  if (auto const* persist = std::get_if<Persist>(&output)) {
    records_.insert(records_.end(), persist->records.begin(), persist->records.end());
  } else if (auto const* save = std::get_if<SaveBlock>(&output)) {
    saved_[save->block->header.hash()] = save->block;
  } else if (auto const* broadcast = std::get_if<Broadcast>(&output)) {
    said(broadcast->envelope);
  } else if (std::holds_alternative<Halt>(output)) {
    halted = true;
  } else if (auto const* decided = std::get_if<Decided>(&output)) {
    auto const& ballot = decided->finalization.ballot;
    tip_ = {ballot.height, ballot.block,         ballot.result, decided->blocks.back()->header.time_ms,
            ballot.view,   decided->finalization};
    std::erase_if(records_, [&](Record const& record) { return record.view() <= tip_.view; });
    std::erase_if(saved_, [&](auto const& saved) { return saved.second->header.view <= tip_.view; });
  }
}

/// Certificates that honest validators send are those that the explorer makes from what was said.
void Party::said(Envelope const& envelope) {
  if (auto const* vote = std::get_if<Vote>(&envelope.message)) {
    ballots |= Bits{1} << registry_->ballot(vote->ballot);
  } else if (auto const* propose = std::get_if<Propose>(&envelope.message)) {
    ballots |= Bits{1} << registry_->ballot(propose->ballot());
    proposals |= Bits{1} << registry_->proposal(*propose);
  }
}

std::optional<decltype(Input::event)> Party::answer(Output const& output) {
  if (auto const* need = std::get_if<NeedProposal>(&output); need != nullptr && need->view <= views_max) {
    auto const payload = base::encode(need->view);
    return ProposalReady{need->view, payload, crypto::sha256(payload), 1};
  }
  if (auto const* verdict = std::get_if<NeedVerdict>(&output)) {
    return Verdict{verdict->block->header.hash(), Judgement::valid};
  }
  if (auto const* result = std::get_if<NeedResult>(&output)) {
    return Executed{result->block->header.hash(), result_of(*result->block)};
  }
  return std::nullopt;
}

/// The result of the tip is certified; what is above it was executed by this incarnation.
Hash Party::result_of(Block const& block) const {
  auto const& parent = block.header.parent_hash;
  auto const before = parent == tip_.block ? tip_.result : result_of(*registry_->blocks().at(parent));
  return registry_->result(before, block.header.hash(), salt_);
}

Hash Party::key() const {
  base::Writer writer;
  writer.put(halted ? Hash{} : core_->facts());
  std::set<Hash> remembered;
  for (auto const& record : records_) {
    auto const* vote = std::get_if<Vote>(&record.body);
    auto const& ballot = vote != nullptr ? vote->ballot : std::get<Record::Entry>(record.body).certificate.ballot;
    remembered.insert(crypto::sha256({ballot.digest().view(), base::encode(vote != nullptr)}));
  }
  for (auto const& hash : remembered) writer.put(hash);
  for (auto const& [hash, block] : saved_) writer.put(hash);
  for (auto const number : {ballots, proposals, Bits{crashes}, Bits{salt_}}) writer.put(number);
  return crypto::sha256(std::move(writer).take());
}

std::string Party::double_vote() const {
  std::map<View, Ballot> notarized, finalized;
  std::set<View> nullified;
  std::map<base::Height, std::map<Hash, Hash>> results;
  for (std::size_t i = 0; i < registry_->ballots().size(); ++i) {
    if ((ballots >> i & 1) == 0) continue;
    auto const& ballot = registry_->ballots()[i];
    if (ballot.kind == VoteKind::nullify) nullified.insert(ballot.view);
    if (ballot.kind == VoteKind::notarize && notarized.emplace(ballot.view, ballot).first->second != ballot)
      return "two Notarize";
    if (ballot.kind != VoteKind::finalize) continue;
    if (finalized.emplace(ballot.view, ballot).first->second != ballot) return "two Finalize";
    for (auto const& [height, said] : registry_->history(ballot)) {
      if (results[height].emplace(said.first, said.second).first->second != said.second) return "two results";
    }
  }
  for (auto const view : nullified) {
    if (finalized.contains(view)) return "Nullify and Finalize";
  }
  return "";
}

}  // namespace explore
