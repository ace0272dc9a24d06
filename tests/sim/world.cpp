// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <algorithm>

#include "node/execution.hpp"

namespace sim {

namespace {

constexpr std::size_t dead_index = 2;

ledger::Parameters parameters_of(Scenario const& scenario) {
  ledger::Parameters out;
  out.view_timeout_ms = scenario.view_timeout_ms;
  out.idle_block_ms = scenario.idle_block_ms;
  out.epoch_blocks = scenario.epoch_blocks;
  return out;
}

std::vector<crypto::ValidatorSecret> make_secrets(Scenario const& scenario) {
  std::vector<crypto::ValidatorSecret> out;
  for (std::size_t i = 0; i < scenario.validators; ++i) {
    out.push_back(make_secret(static_cast<std::uint8_t>(i + 1), scenario.real_signatures));
  }
  return out;
}

std::vector<base::ValidatorKey> keys_of(std::vector<crypto::ValidatorSecret> const& secrets, bool real) {
  std::vector<base::ValidatorKey> out;
  for (auto const& secret : secrets) out.push_back(key_of(secret, real));
  return out;
}

}  // namespace

World::World(Scenario scenario)
    : scenario_(std::move(scenario)),
      random_(scenario_.seed),
      secrets_(make_secrets(scenario_)),
      genesis_(
          make_genesis(keys_of(secrets_, scenario_.real_signatures), parameters_of(scenario_), scenario_.test_clock)),
      membership_(genesis_, secrets_, scenario_.real_signatures),
      judge_(genesis_),
      clients_(*this, genesis_, scenario_.seed) {
  scenario_.mutants.cheap_signatures = !scenario_.real_signatures;
  seed_ = node::execute_genesis(genesis_)->header.hash();
  if (scenario_.liar) liar_.emplace(consensus::Identity{1, secrets_[1]}, !scenario_.real_signatures);
  auto const machines = scenario_.validators + (scenario_.twin ? 1 : 0);
  for (std::size_t i = 0; i < machines; ++i) {
    machines_.push_back(std::make_unique<Machine>(*this, i, static_cast<Place>(i % scenario_.validators)));
    auto& machine = *machines_.back();
    machine.disk.unsynced_folder = scenario_.unsynced_folder;
    machine.skew_ms = static_cast<std::int64_t>(random_.below(201)) - 100;
    start_at(random_.below(50), machine);
  }
  if (scenario_.dead) at(scenario_.chaos_ms * random_.below(90) / 100, [this] { bury(machine(dead_index)); });
  cut_.resize(machines, 0);
  if (scenario_.wrong_clock) machine(scenario_.validators - 2).skew_ms = random_.percent(50) ? 600'000 : -600'000;
  if (scenario_.journal_lost) machine(scenario_.validators / 2).loses_journal = true;
  second_loss_ = scenario_.second_journal_lost;
  if (scenario_.rotten) machine(scenario_.validators / 2).rots = true;
}

World::~World() = default;

Place World::leader(consensus::View view) const { return consensus::Leaders(scenario_.validators, seed_).of(view); }

std::vector<Place> World::order_of(crypto::ValidatorSet const& validators) const {
  std::vector<Place> out;
  for (auto const& validator : validators.validators) {
    out.push_back(static_cast<Place>(membership_.place_of(validator.key)));
  }
  for (Place place = 0; place < genesis_.validators.size(); ++place) {
    if (std::ranges::count(out, place) == 0) out.push_back(place);
  }
  return out;
}

void World::tell(std::string const& line) const {
  if (narrate) narrate(now_ms_, line);
}

void World::at(std::uint64_t at_ms, std::function<void()> act) {
  events_.push({at_ms, ++events_made_, std::move(act)});
}

void World::run_until(std::uint64_t at_ms) {
  while (!events_.empty() && events_.top().at_ms <= at_ms) {
    auto const event = events_.top();
    events_.pop();
    now_ms_ = std::max(now_ms_, event.at_ms);
    event.act();
  }
  now_ms_ = at_ms;
}

node::ReplicaSetup World::setup_of(Machine& machine) {
  // From its second start on.
  bool const wrong = scenario_.misreads && machine.index() + 1 == scenario_.validators && machine.starts() > 1;
  if (wrong) {
    machine.disk.misreads = true;
    excuse(machine);
  }
  node::ReplicaSetup out;
  out.genesis = genesis_;
  out.secrets = [this, place = machine.place()] { return membership_.secrets_of(place); };
  out.log = [this, &machine](std::string_view level, std::string const& text) { log(machine, level, text); };
  out.publish = [this, &machine](std::shared_ptr<ledger::Certified const> const& certified) {
    published(machine, *certified);
  };
  out.accuse = [this, &machine](crypto::Evidence const& evidence) { accused(machine, evidence); };
  out.draw = [this] {
    auto const drawn = random_.next();
    return crypto::sha256(base::encode(drawn));
  };
  out.rejoin = [this, &machine](base::ValidatorKey const& key, Hash const& loss) { rejoins(machine, key, loss); };
  out.mutants = scenario_.mutants;
  if (scenario_.short_proposals) out.short_payload_bytes_min = 1;
  return out;
}

void World::rejoins(Machine& machine, base::ValidatorKey const& key, Hash const& loss) {
  tell("machine " + std::to_string(machine.index()) + " tells the ledger that its journal was lost");
  machine.at(now_ms_ + 1, [this, &machine, key, loss] {
    machine.submit(signed_by_validators(genesis_.chain(), ledger::Rejoin{key, loss}, wall_ms()).bytes,
                   [](auto const&) {});
  });
}

/// P12: evidence shows who is faulty and nobody else. The machine reports it in its organisation's name, as a node
/// does; keyed hashes would be no proof to the law.
void World::accused(Machine& machine, crypto::Evidence const& evidence) {
  auto const place = order_of({{{{}, evidence.key, {}}}}).front();
  tell("machine " + std::to_string(machine.index()) + " accuses validator " + std::to_string(place));
  equivocations_.accuses(machine, place, evidence);
  bool const lies = has_twin(place) || (scenario_.liar && place == 1);
  if (!lies) judge_.fail("P12: validator " + std::to_string(place) + " is accused and did nothing");
  if (!scenario_.real_signatures) return;
  // Later, because the replica is in the middle of its turn; unless it crashes first.
  machine.at(now_ms_ + 1, [this, &machine, evidence] {
    machine.submit(signed_by_validators(genesis_.chain(), ledger::ReportEvidence{evidence}, wall_ms()).bytes,
                   [](auto const&) {});
  });
}

void World::log(Machine const& machine, std::string_view level, std::string const& text) {
  tell("machine " + std::to_string(machine.index()) + " " + std::string(level) + ": " + text);
  bool const expected = text.find("stops voting until") != text.npos || text.find("journal is gone") != text.npos;
  if (level == "error" && !expected && !excused_.contains(machine.index()) && !has_twin(machine.place())) {
    judge_.fail("machine " + std::to_string(machine.index()) + ": " + text);
  }
}

void World::published(Machine const& machine, ledger::Certified const& certified) {
  auto const hash = certified.header.hash();
  trace_ = crypto::sha256({trace_.view(), hash.view(), base::encode(machine.index())});
  if (scenario_.real_signatures && certified.finality &&
      !ledger::verify(*certified.finality, certified.header, certified.validators)) {
    judge_.fail("P1: a published certificate does not hold");
  }
  if (shown) shown(machine, certified);
  clients_.published(machine, certified);
}

void World::may_crash(Machine const& machine) {
  if (!in_chaos() || scenario_.crashes == 0 || !random_.million(scenario_.crashes)) return;
  tell("machine " + std::to_string(machine.index()) + " crashes");
  throw Crash();
}

bool World::write_fails(Machine const& machine) {
  if (!in_chaos() || scenario_.disk_errors == 0 || !random_.million(scenario_.disk_errors)) return false;
  tell("machine " + std::to_string(machine.index()) + " fails to write");
  return true;
}

void World::crashed(Machine& machine) {
  crash(machine, crashes_lose_power ? *crashes_lose_power : random_.percent(50));
  start_at(now_ms_ + random_.below(3'000), machine);
}

void World::start_at(std::uint64_t at_ms, Machine& machine) {
  at(at_ms, [this, &machine] {
    if (!buried_.contains(machine.index())) machine.start();
  });
}

void World::bury(Machine& machine) {
  tell("machine " + std::to_string(machine.index()) + " stops for good");
  excuse(machine);
  buried_.insert(machine.index());
  crash(machine, true);
}

void World::crash(Machine& machine, bool power_fails) { machine.stop(power_fails); }

void World::cannot_open(Machine& machine, std::string const& why) {
  machine.stop(false);
  tell("machine " + std::to_string(machine.index()) + " cannot open: " + why);
  if (!excused_.contains(machine.index()))
    judge_.fail("machine " + std::to_string(machine.index()) + " cannot open: " + why);
}

bool World::is_connected(Machine const& from, Place place) const {
  return std::any_of(machines_.begin(), machines_.end(), [&](auto const& to) {
    return to->place() == place && to->runs() && (cut_[from.index()] >> to->index() & 1) == 0;
  });
}

void World::send(Machine const& from, std::optional<Place> to, SharedBytes const& bytes) {
  auto const frame = node::decode_frame(*bytes);
  CHECK(frame.has_value());
  observe(from, *frame, bytes);
  auto const lie = is_liar(from) ? liar_->twist(*frame) : std::nullopt;
  auto const twisted = lie ? node::encode_frame(*lie) : nullptr;
  // The lie to nobody, to all, or to each with a coin.
  auto const lied_to = random_.one_of({0, 50, 100});
  for (auto& machine : machines_) {
    if (machine->place() == from.place() || (to && machine->place() != *to)) continue;
    may_crash(from);
    bool const lies = lie && random_.percent(lied_to);
    transmit(from, *machine, lies ? twisted : bytes, lies ? *lie : *frame);
  }
}

void World::observe(Machine const& from, node::Frame const& frame, SharedBytes const& bytes) {
  ++messages_;
  trace_ = crypto::sha256({trace_.view(), *bytes, base::encode(from.index()), base::encode(now_ms_)});
  if (auto const* envelope = node::spoken(frame)) observe(from, *envelope);
}

void World::observe(Machine const& from, consensus::Envelope const& envelope) {
  auto const& message = envelope.message;
  if (liar_) liar_->hear(envelope);
  if (auto const* news = std::get_if<consensus::Certificates>(&message)) {
    for (auto const& certificate : news->certificates) judge_.saw_certificate(certificate);
  }
  bool const held_to_rules = !has_twin(from.place()) && !is_liar(from);
  if (auto const* vote = std::get_if<consensus::Vote>(&message)) {
    if (held_to_rules) judge_.saw_vote(from.index(), *vote);
  }
  if (auto const* propose = std::get_if<consensus::Propose>(&message)) {
    if (propose->parent) judge_.saw_certificate(*propose->parent);
    for (auto const& nullification : propose->nullifications) judge_.saw_certificate(nullification);
    if (held_to_rules) judge_.saw_vote(from.index(), {propose->ballot(), from.place(), propose->signature});
  }
}

void World::transmit(Machine const& from, Machine& to, SharedBytes const& frame, node::Frame const& read) {
  if ((cut_[from.index()] >> to.index() & 1) != 0) return;
  if (twin_sides_ && (has_twin(from.place()) || has_twin(to.place()))) {
    bool const first = (has_twin(from.place()) ? from : to).index() == 0;
    auto const other = (has_twin(from.place()) ? to : from).index();
    if (((*twin_sides_ >> other & 1) != 0) != first) return;
  }
  if (passes && !passes(from, to, read)) return;
  bool const chaos = in_chaos();
  if (chaos && random_.percent(scenario_.loss_percent)) return;
  auto const said = Equivocations::said_in(read);
  int const copies = chaos && random_.percent(scenario_.duplicate_percent) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    auto const delay = delay_ms ? delay_ms(from, to) : 1 + random_.below(chaos ? scenario_.delay_ms_max : 20);
    at(now_ms_ + delay, [this, &from, &to, frame, said] { deliver(from, to, frame, said); });
  }
}

void World::deliver(Machine const& from, Machine& to, SharedBytes const& frame,
                    std::optional<Equivocations::Said> const& said) {
  bool const watched = said && !is_excused(to) && !has_twin(to.place()) && !is_liar(to);
  auto const before = watched ? Equivocations::moment_of(to) : Equivocations::Moment();
  to.deliver(from.place(), frame);
  if (!watched) return;
  if (auto const missed = equivocations_.handed(to, before, from.place(), *said)) judge_.fail(*missed);
}

bool World::must_follow(Machine const& machine) const {
  return !excused_.contains(machine.index()) && !has_twin(machine.place());
}

}  // namespace sim
