// SPDX-License-Identifier: Apache-2.0
#include "consensus/network_test.hpp"

#include <algorithm>

#include "crypto/hash.hpp"

namespace consensus::test {

namespace {
constexpr TimeMs world_start_ms = 1'700'000'000'000;
Hash number_hash(std::uint64_t number) { return crypto::sha256(base::encode(number)); }
std::vector<std::uint64_t> transactions_of(Block const& block) {
  std::vector<std::uint64_t> out;
  base::Reader reader(block.payload);
  while (!reader.at_end() && !reader.failed()) reader.get(out.emplace_back());
  return out;
}
}  // namespace

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Config make_config(std::size_t validators, std::vector<crypto::ValidatorSecret>& secrets, bool cheap) {
  Config config;
  config.chain = number_hash(validators);
  config.seed = number_hash(1'000 + validators);
  config.mutants.cheap_signatures = cheap;
  for (std::size_t i = 0; i < validators; ++i) {
    crypto::ValidatorSecret secret;
    secret.bytes.fill(static_cast<std::uint8_t>(i + 1));
    secrets.push_back(secret);
    config.validators.validators.push_back({{}, cheap ? cheap_key(secret) : crypto::validator_key(secret), {}});
  }
  return config;
}

Tip make_genesis(Config const& config) { return {0, config.chain, number_hash(7), world_start_ms - 1'000, 0, {}}; }

Vote signed_vote(Config const& config, crypto::ValidatorSecret const& secret, Place place, Ballot const& ballot) {
  if (config.mutants.cheap_signatures) return {ballot, place, cheap_sign(secret, ballot.digest())};
  return {ballot, place, crypto::validator_sign(secret, ballot.digest())};
}

Network::Network(Scenario scenario) : scenario_(scenario), random_(scenario.seed), nodes_(scenario.validators) {
  config_ = make_config(scenario_.validators, secrets_, scenario_.mutants.cheap_signatures);
  config_.parameters = scenario_.parameters;
  config_.mutants = scenario_.mutants;
  genesis_result_ = make_genesis(config_).result;
  for (std::size_t i = scenario_.liars; i < nodes_.size(); ++i)
    judge_.honest.insert(config_.validators.validators[i].key);
  if (scenario_.skewed_clocks) {
    for (std::size_t i = 0; i < config_.validators.faulty_max(); ++i) {
      nodes_[random_.below(nodes_.size())].skew_ms = static_cast<std::int64_t>(random_.below(1'200'000)) - 600'000;
    }
  }
  if (scenario_.divergent > 0) {
    diverges = [](Place place, unsigned incarnation) { return incarnation > 0 ? place * 100u + incarnation : 0u; };
    for (std::size_t i = 1; i <= scenario_.divergent; ++i) excused.insert(static_cast<Place>(nodes_.size() - i));
  }
  for (Place place = 0; place < nodes_.size(); ++place) {
    at(random_.below(50), [this, place] { restart(place); });
  }
}

void Network::at(std::uint64_t at_ms, std::function<void()> act) {
  events_.push({at_ms, ++events_made_, std::move(act)});
}

void Network::run_until(std::uint64_t at_ms) {
  while (!events_.empty() && events_.top().at_ms <= at_ms) {
    auto const event = events_.top();
    events_.pop();
    now_ms_ = std::max(now_ms_, event.at_ms);
    event.act();
  }
  now_ms_ = at_ms;
}

void Network::later(Place place, std::uint64_t delay_ms, decltype(Input::event) event) {
  at(now_ms_ + delay_ms, [this, place, incarnation = nodes_[place].incarnation, event = std::move(event)] {
    if (nodes_[place].incarnation == incarnation) feed(place, event);
  });
}

void Network::feed(Place place, decltype(Input::event) event) {
  auto& node = nodes_[place];
  if (!node.core || node.halted) return;
  ++steps_;
  auto const wall = static_cast<std::int64_t>(world_start_ms + now_ms_) + node.skew_ms;
  perform(place, node.core->step({now_ms_ + 5, static_cast<TimeMs>(wall), std::move(event)}));
}

void Network::perform(Place place, Outputs outputs) {
  auto& node = nodes_[place];
  auto const incarnation = node.incarnation;
  bool const dies = in_chaos() && !lies(place) && random_.below(10'000) < scenario_.crashes;
  auto const last = dies ? random_.below(outputs.size() + 1) : outputs.size();
  for (std::size_t i = 0; i < last && node.incarnation == incarnation; ++i) {
    observe(place, outputs[i]);
    perform_one(place, outputs[i]);
  }
  if (!dies) {
    if (node.incarnation == incarnation) note_workload(place);
    return;
  }
  crash(place);
  at(now_ms_ + random_.below(3'000), [this, place] { restart(place); });
}

void Network::observe(Place place, Output const& output) {
  auto const* broadcast = std::get_if<Broadcast>(&output);
  auto const* sent = std::get_if<Send>(&output);
  if (broadcast == nullptr && sent == nullptr) return;
  auto const& envelope = broadcast != nullptr ? broadcast->envelope : sent->envelope;
  auto const bytes = base::encode(envelope);
  trace_ = crypto::sha256({trace_.view(), bytes, base::encode(place), base::encode(now_ms_)});
  if (auto const* certificates = std::get_if<Certificates>(&envelope.message)) {
    for (auto const& certificate : certificates->certificates) judge_.saw_certificate(certificate);
  }
  if (lies(place)) return;
  auto const* vote = std::get_if<Vote>(&envelope.message);
  Vote proposed;
  if (auto const* propose = std::get_if<Propose>(&envelope.message)) {
    proposed.ballot = propose->ballot();
    proposed.signature = propose->signature;
    proposed.place = place;
    vote = &proposed;
  }
  if (vote == nullptr) return;
  judge_.saw_vote(place, *vote);
  if (!judge_.trusts_disks) check_durable(place, *vote);
}

/// A vote leaves only when the journal has it and its block is saved, with all undecided ancestors for a Finalize.
void Network::check_durable(Place place, Vote const& vote) {
  auto const& node = nodes_[place];
  auto const tip = tip_of(node);
  if (vote.ballot.view <= tip.view) return;
  bool const journaled = std::any_of(node.records.begin(), node.records.end(),
                                     [&](Record const& record) { return record == Record{vote}; });
  if (!journaled) judge_.violations.push_back("a vote left before it was durable");
  bool const entered = std::any_of(node.records.begin(), node.records.end(), [&](Record const& record) {
    return record.view() == vote.ballot.view && std::holds_alternative<Record::Entry>(record.body);
  });
  if (!entered && vote.ballot.view > 1 && vote.ballot.kind != VoteKind::finalize) {
    judge_.violations.push_back("a view's first vote left before the certificate by which it was entered was durable");
  }
  if (vote.ballot.kind == VoteKind::nullify) return;
  bool const rests = std::any_of(node.records.begin(), node.records.end(), [&](Record const& record) {
    auto const* entry = std::get_if<Record::Entry>(&record.body);
    return entry != nullptr && entry->certificate.ballot.kind == VoteKind::notarize &&
           entry->certificate.ballot.block == vote.ballot.block;
  });
  if (!rests && vote.ballot.kind == VoteKind::finalize) {
    judge_.violations.push_back("a Finalize left before its notarization was durable");
  }
  for (Hash next = vote.ballot.block; next != tip.block;) {
    auto const saved = node.saved.find(next);
    if (saved == node.saved.end()) {
      judge_.violations.push_back("a vote left before its block was durable");
      return;
    }
    if (vote.ballot.kind == VoteKind::notarize) return;
    next = saved->second->header.parent_hash;
  }
}

void Network::perform_one(Place place, Output const& output) {
  auto& node = nodes_[place];
  if (auto const* save = std::get_if<SaveBlock>(&output)) {
    node.saved[save->block->header.hash()] = save->block;
    node.held[save->block->header.hash()] = save->block;
  } else if (auto const* persist = std::get_if<Persist>(&output)) {
    node.records.insert(node.records.end(), persist->records.begin(), persist->records.end());
  } else if (auto const* send = std::get_if<Send>(&output)) {
    transmit(place, send->to, std::make_shared<Envelope const>(send->envelope));
  } else if (auto const* broadcast = std::get_if<Broadcast>(&output)) {
    spread(place, broadcast->envelope);
  } else if (auto const* timer = std::get_if<SetTimer>(&output)) {
    auto const number = ++node.timer;
    at(std::max(now_ms_, timer->at_ms - 5), [this, place, number] {
      if (nodes_[place].timer == number) feed(place, Tick{});
    });
  } else if (auto const* proposal = std::get_if<NeedProposal>(&output)) {
    prepare(place, *proposal);
  } else if (auto const* verdict = std::get_if<NeedVerdict>(&output)) {
    auto const& block = *verdict->block;
    node.held[block.header.hash()] = verdict->block;
    bool const fits = crypto::sha256(block.payload) == block.header.tx_root &&
                      block.header.tx_count * sizeof(std::uint64_t) == block.payload.size();
    Verdict answer{block.header.hash(), fits ? Judgement::valid : Judgement::invalid};
    auto const delay = random_.below(8);
    if (random_.chance(10)) later(place, delay, Verdict{answer.block, Judgement::missing});
    later(place, delay + random_.below(8), answer);
  } else if (auto const* result = std::get_if<NeedResult>(&output)) {
    execute(place, result->block);
  } else if (auto const* decided = std::get_if<Decided>(&output)) {
    decide(place, *decided);
  } else if (auto const* dropped = std::get_if<Dropped>(&output)) {
    for (auto const& hash : dropped->blocks) node.held.erase(hash);
  } else if (auto const* blocks = std::get_if<ServeBlocks>(&output)) {
    lies(place) && scenario_.lies.corrupts ? forge_blocks(place, *blocks) : serve(place, *blocks);
  } else if (auto const* accuse = std::get_if<Accuse>(&output)) {
    judge_.saw_accusation(accuse->evidence);
  } else {
    node.halted = true;
    if (!excused.contains(place) && !lies(place)) judge_.violations.push_back("halt: " + std::get<Halt>(output).reason);
  }
}

bool Network::connected(Place a, Place b) const { return !in_chaos() || (sides_ >> a & 1) == (sides_ >> b & 1); }

void Network::transmit(Place from, Place to, std::shared_ptr<Envelope const> envelope) {
  if (to >= nodes_.size() || to == from || !connected(from, to)) return;
  if (passes && !passes(from, to, *envelope)) return;
  bool const chaos = in_chaos();
  if (chaos && random_.chance(scenario_.loss_percent)) return;
  int const copies = chaos && random_.chance(scenario_.duplicate_percent) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    auto const delay = 1 + random_.below(chaos ? scenario_.delay_ms_max : 20);
    at(now_ms_ + delay, [this, from, to, envelope] {
      if (lies(to)) overhear(to, *envelope);
      feed(to, Received{from, *envelope});
    });
  }
}

void Network::spread(Place from, Envelope const& envelope) {
  if (auto const* propose = std::get_if<Propose>(&envelope.message)) {
    blocks_seen_[propose->block.header.hash()] = std::make_shared<Block const>(propose->block);
    if (lies(from)) return lie_as_leader(from, *propose);
  }
  auto const shared = std::make_shared<Envelope const>(envelope);
  for (Place to = 0; to < nodes_.size(); ++to) transmit(from, to, shared);
}

void Network::prepare(Place place, NeedProposal const& need) {
  auto& node = nodes_[place];
  std::set<std::uint64_t> taken = node.done;
  for (auto next = node.held.find(need.parent); next != node.held.end();
       next = node.held.find(next->second->header.parent_hash)) {
    for (auto const transaction : transactions_of(*next->second)) taken.insert(transaction);
  }
  ProposalReady ready{need.view, {}, {}, 0};
  base::Writer writer;
  for (auto const transaction : node.pool) {
    if (need.empty || ready.tx_count == 5) break;
    if (taken.contains(transaction)) continue;
    writer.put(transaction);
    ++ready.tx_count;
  }
  ready.payload = std::move(writer).take();
  ready.tx_root = crypto::sha256(ready.payload);
  later(place, random_.below(4), std::move(ready));
}

void Network::execute(Place place, SharedBlock const& block) {
  auto& node = nodes_[place];
  auto const hash = block->header.hash();
  auto const& parent = block->header.parent_hash;
  Tip const tip = tip_of(node);
  auto const known = node.results.find(parent);
  if (parent != tip.block && known == node.results.end()) {
    judge_.violations.push_back("asked to execute a block before its parent");
    return;
  }
  Hash const before = parent == tip.block ? tip.result : known->second;
  auto const salt = diverges && excused.contains(place) ? diverges(place, node.incarnation) : 0;
  auto const result = crypto::sha256({before.view(), hash.view(), base::encode(salt)});
  judge_.executed(result, before, block->header);
  node.results[hash] = result;
  later(place, random_.below(15), Executed{hash, result});
}

void Network::decide(Place place, Decided const& decided) {
  auto& node = nodes_[place];
  for (auto const& block : decided.blocks) {
    if (!lies(place)) judge_.saw_decision(place, *block);
    if (block->header.height != node.log.size() + 1) judge_.violations.push_back("decided out of order");
    node.log.push_back(block);
    node.held.erase(block->header.hash());
    for (auto const transaction : transactions_of(*block)) {
      node.pool.erase(transaction);
      if (!node.done.insert(transaction).second && !lies(place) && scenario_.liars == 0) {
        judge_.violations.push_back("a transaction was decided twice");
      }
    }
  }
  judge_.saw_certificate(decided.finalization);
  node.certificates[node.log.size()] = decided.finalization;
  std::erase_if(node.records, [&](Record const& record) { return record.view() <= decided.finalization.ballot.view; });
  std::erase_if(node.saved,
                [&](auto const& saved) { return saved.second->header.view <= decided.finalization.ballot.view; });
}

void Network::serve(Place place, ServeBlocks const& serve) {
  auto const& node = nodes_[place];
  Blocks answer;
  auto height = serve.first;
  for (; height <= node.log.size() && answer.blocks.size() < 3; ++height)
    answer.blocks.push_back(*node.log[height - 1]);
  auto const certificate = node.certificates.lower_bound(height - 1);
  for (; height <= certificate->first; ++height) answer.links.push_back(node.log[height - 1]->header);
  answer.finalization = certificate->second;
  transmit(place, serve.to,
           std::make_shared<Envelope const>(Envelope{config_.chain, config_.epoch, std::move(answer)}));
}

void Network::note_workload(Place place) {
  auto& node = nodes_[place];
  std::set<std::uint64_t> taken;
  for (auto const& [hash, block] : node.held) {
    for (auto const transaction : transactions_of(*block)) taken.insert(transaction);
  }
  bool const working = std::any_of(node.pool.begin(), node.pool.end(),
                                   [&](std::uint64_t transaction) { return !taken.contains(transaction); });
  if (working == node.working) return;
  node.working = working;
  later(place, 0, Workload{working, 0});
}

Tip Network::tip_of(Node const& node) const {
  if (node.log.empty()) return make_genesis(config_);
  auto const& certificate = node.certificates.rbegin()->second;
  auto const& ballot = certificate.ballot;
  return {ballot.height, ballot.block, ballot.result, node.log.back()->header.time_ms, ballot.view, certificate};
}

void Network::crash(Place place) {
  auto& node = nodes_[place];
  node.core.reset();
  ++node.incarnation;
  ++node.timer;
  node.held.clear();
  node.results.clear();
  node.working = false;
}

void Network::restart(Place place) {
  auto& node = nodes_[place];
  if (node.core || node.halted || (lies(place) && scenario_.lies.dead)) return;
  std::vector<SharedBlock> saved;
  for (auto const& [hash, block] : node.saved) {
    saved.push_back(block);
    node.held[hash] = block;
  }
  auto config = config_;
  config.identity = Identity{place, secrets_[place]};
  node.core = std::make_unique<Core>(std::move(config), tip_of(node), node.records, saved);
  feed(place, Started{});
}

void Network::submit(std::uint64_t transaction) {
  for (Place place = 0; place < nodes_.size(); ++place) {
    at(now_ms_ + random_.below(30), [this, place, transaction] {
      auto& node = nodes_[place];
      if (!node.done.contains(transaction)) node.pool.insert(transaction);
      if (node.core) note_workload(place);
    });
  }
}

bool Network::converged() const {
  Node const* first = nullptr;
  for (Place place = static_cast<Place>(scenario_.liars); place < nodes_.size(); ++place) {
    auto const& node = nodes_[place];
    if (excused.contains(place)) continue;
    if (!node.core || node.halted || !node.pool.empty()) return false;
    if (first == nullptr) first = &node;
    if (node.log.size() != first->log.size()) return false;
  }
  return first != nullptr && !first->log.empty();
}

bool Network::run() {
  while (now_ms_ < scenario_.chaos_ms && judge_.violations.empty()) {
    if (scenario_.partitions && random_.chance(15)) sides_ = random_.chance(50) ? 0 : random_.next();
    if (transactions_made_ * scenario_.transaction_every_ms <= now_ms_) submit(++transactions_made_);
    run_until(now_ms_ + 100);
  }
  if (scenario_.all_crash) {
    for (Place place = 0; place < nodes_.size(); ++place) crash(place);
  }
  for (Place place = 0; place < nodes_.size(); ++place) {
    at(now_ms_ + random_.below(200), [this, place] { restart(place); });
  }
  submit(++transactions_made_);
  auto const end = now_ms_ + scenario_.calm_ms;
  // Convergence is looked for only when the last transaction has arrived everywhere.
  run_until(now_ms_ + 300);
  while (now_ms_ < end && judge_.violations.empty() && !converged()) run_until(now_ms_ + 50);
  if (judge_.violations.empty() && !converged()) judge_.violations.push_back("no progress although faults stopped");
  return judge_.violations.empty();
}

}  // namespace consensus::test
