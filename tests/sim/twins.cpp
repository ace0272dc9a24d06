// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <atomic>
#include <cstdio>
#include <deque>
#include <map>
#include <mutex>
#include <queue>
#include <thread>

#include "consensus/core.hpp"
#include "crypto/hash.hpp"
#include "suite.hpp"

namespace sim {

namespace {

using namespace consensus;

constexpr std::size_t validators = 4;
/// The last seat is the twin.
constexpr std::size_t seats = validators + 1;
constexpr std::size_t phases = 4;
/// Ways to part the seats into two sides.
constexpr std::uint64_t partings = 1 << (seats - 1);
constexpr std::uint64_t scenarios_max = validators * partings * partings * partings * partings;
constexpr std::uint64_t delay_ms = 40, phase_ms = 400, heal_ms_max = 20'000;
/// Decisions that everybody must reach after the phases.
constexpr Height heights_wanted = 3;
constexpr std::uint64_t failures_told_max = 20;
constexpr TimeMs wall_start_ms = 1'700'000'000'000;

Hash number_hash(std::uint64_t number) { return crypto::sha256(base::encode(number)); }

struct Chain {
  Config config;
  std::vector<crypto::ValidatorSecret> secrets;
  Tip genesis;

  Chain() {
    config.chain = number_hash(1);
    config.seed = number_hash(2);
    config.parameters = {150, 1'000, 1 << 10};
    config.mutants.cheap_signatures = true;
    for (std::uint8_t place = 0; place < validators; ++place) {
      crypto::ValidatorSecret secret;
      secret.bytes.fill(static_cast<std::uint8_t>(place + 1));
      secrets.push_back(secret);
      config.validators.validators.push_back({{}, cheap_key(secret), {}});
    }
    genesis = {0, config.chain, number_hash(3), wall_start_ms - 1'000, 0, {}};
  }
};

class TwinWorld {
 public:
  TwinWorld(Chain const& chain, Place twin) : chain_(chain), twin_(twin) {
    for (std::size_t seat = 0; seat < seats; ++seat) {
      auto config = chain.config;
      config.identity = Identity{place(seat), chain.secrets[place(seat)]};
      seats_[seat].core.emplace(Core(std::move(config), chain.genesis, {}, {}));
    }
    for (std::size_t seat = 0; seat < seats; ++seat) {
      feed(seat, Started{});
      feed(seat, Workload{true, 0});
    }
  }

  /// A phase with these sides, as bits of the seats.
  void run(std::uint64_t ms, std::uint64_t sides) {
    sides_ = sides;
    auto const end = now_ms_ + ms;
    while (!events_.empty() && events_.top().at_ms <= end) {
      auto const event = events_.top();
      events_.pop();
      now_ms_ = event.at_ms;
      if (event.envelope == nullptr) {
        if (seats_[event.to].timer_ms == event.at_ms) feed(event.to, Tick{});
      } else if ((sides_ >> event.from & 1) == (sides_ >> event.to & 1)) {
        feed(event.to, Received{place(event.from), *event.envelope});
      }
    }
    now_ms_ = end;
  }

  /// True when every honest validator has decided so much.
  bool reached(Height height) const {
    bool all = true;
    for (std::size_t seat = 0; seat < seats; ++seat) all = all && (is_twin(seat) || seats_[seat].height >= height);
    return all;
  }
  Height height_max() const { return decided_.empty() ? 0 : decided_.rbegin()->first; }
  std::string finding;

 private:
  struct Seat {
    std::optional<Core> core;
    std::uint64_t timer_ms = 0;
    Height height = 0;
    std::vector<SharedBlock> log;
    std::map<Height, Certificate> certificates;
    std::map<Hash, Hash> results;
  };
  struct Event {
    std::uint64_t at_ms, number;
    std::size_t from, to;
    std::shared_ptr<Envelope const> envelope;
    bool operator<(Event const& other) const { return std::tie(other.at_ms, other.number) < std::tie(at_ms, number); }
  };

  Place place(std::size_t seat) const { return seat == validators ? twin_ : static_cast<Place>(seat); }
  bool is_twin(std::size_t seat) const { return place(seat) == twin_; }

  void feed(std::size_t seat, decltype(Input::event) event) {
    std::deque<decltype(Input::event)> inputs{std::move(event)};
    for (; !inputs.empty(); inputs.pop_front()) {
      auto const outputs = seats_[seat].core->step({now_ms_, wall_start_ms + now_ms_, std::move(inputs.front())});
      for (auto const& output : outputs) {
        if (auto answer = perform(seat, output)) inputs.push_back(std::move(*answer));
      }
    }
  }

  std::optional<decltype(Input::event)> perform(std::size_t seat, Output const& output) {
    auto& here = seats_[seat];
    if (auto const* send = std::get_if<Send>(&output)) {
      transmit(seat, send->to, std::make_shared<Envelope const>(send->envelope));
    } else if (auto const* broadcast = std::get_if<Broadcast>(&output)) {
      transmit(seat, std::nullopt, std::make_shared<Envelope const>(broadcast->envelope));
    } else if (auto const* timer = std::get_if<SetTimer>(&output)) {
      here.timer_ms = std::max(timer->at_ms, now_ms_);
      events_.push({here.timer_ms, ++events_made_, seat, seat, nullptr});
    } else if (auto const* need = std::get_if<NeedProposal>(&output)) {
      // The twins do not say the same.
      auto const payload = base::encode(need->view * seats + seat);
      return ProposalReady{need->view, payload, crypto::sha256(payload), 1};
    } else if (auto const* verdict = std::get_if<NeedVerdict>(&output)) {
      return Verdict{verdict->block->header.hash(), Judgement::valid};
    } else if (auto const* result = std::get_if<NeedResult>(&output)) {
      auto const hash = result->block->header.hash();
      auto const before = here.results.find(result->block->header.parent_hash);
      auto const& parent = before == here.results.end() ? chain_.genesis.result : before->second;
      here.results[hash] = crypto::sha256({parent.view(), hash.view()});
      return Executed{hash, here.results[hash]};
    } else if (auto const* decided = std::get_if<Decided>(&output)) {
      decide(seat, *decided);
    } else if (auto const* serve = std::get_if<ServeBlocks>(&output)) {
      answer(seat, *serve);
    } else if (auto const* halt = std::get_if<Halt>(&output)) {
      if (!is_twin(seat)) finding = "halt: " + halt->reason;
    }
    return std::nullopt;
  }

  /// To the one or both seats of a place, or to all others.
  void transmit(std::size_t from, std::optional<Place> to, std::shared_ptr<Envelope const> const& envelope) {
    for (std::size_t seat = 0; seat < seats; ++seat) {
      if (place(seat) == place(from) || (to && place(seat) != *to)) continue;
      events_.push({now_ms_ + delay_ms, ++events_made_, from, seat, envelope});
    }
  }

  void decide(std::size_t seat, Decided const& decided) {
    auto& here = seats_[seat];
    for (auto const& block : decided.blocks) {
      here.log.push_back(block);
      here.height = block->header.height;
      auto const hash = block->header.hash();
      if (!is_twin(seat) && decided_.emplace(here.height, hash).first->second != hash)
        finding = "P1: two blocks of height " + std::to_string(here.height);
    }
    here.certificates[here.height] = decided.finalization;
  }

  void answer(std::size_t seat, ServeBlocks const& serve) {
    auto const& here = seats_[seat];
    Blocks out;
    auto height = serve.first;
    auto const certificate = here.certificates.lower_bound(height);
    for (; height <= certificate->first; ++height) out.blocks.push_back(*here.log[height - 1]);
    out.finalization = certificate->second;
    transmit(seat, serve.to,
             std::make_shared<Envelope const>(Envelope{chain_.config.chain, chain_.config.epoch, std::move(out)}));
  }

  Chain const& chain_;
  Place twin_;
  std::array<Seat, seats> seats_;
  std::priority_queue<Event> events_;
  std::uint64_t now_ms_ = 1'000, events_made_ = 0, sides_ = 0;
  std::map<Height, Hash> decided_;
};

/// What went wrong, or nothing.
std::string play(Chain const& chain, std::uint64_t number) {
  TwinWorld world(chain, static_cast<Place>(number % validators));
  number /= validators;
  for (std::size_t phase = 0; phase < phases && world.finding.empty(); ++phase) {
    world.run(phase_ms, number % partings);
    number /= partings;
  }
  auto const goal = world.height_max() + heights_wanted;
  for (std::uint64_t ms = 0; ms < heal_ms_max && !world.reached(goal) && world.finding.empty(); ms += 100) {
    world.run(100, 0);
  }
  if (world.finding.empty() && !world.reached(goal)) return "P11: no progress after the network is whole";
  return world.finding;
}

}  // namespace

bool play_twins(std::uint64_t scenarios, std::string const& mutant, std::uint64_t jobs) {
  Chain chain;
  if (!mutant.empty()) {
    Scenario planted;
    plant(planted, mutant);
    chain.config.mutants = planted.mutants;
    chain.config.mutants.cheap_signatures = true;
  }
  auto const count = std::min(scenarios, scenarios_max);
  std::atomic<std::uint64_t> next{0}, failed{0};
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (std::uint64_t job = 0; job < jobs; ++job) {
    threads.emplace_back([&] {
      for (auto i = next++; i < count; i = next++) {
        // Evenly out of all.
        auto const number = i * scenarios_max / count;
        auto const finding = play(chain, number);
        if (finding.empty()) continue;
        std::lock_guard const lock(mutex);
        if (++failed <= failures_told_max)
          std::printf("twins %llu: %s\n", static_cast<unsigned long long>(number), finding.c_str());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::printf("%llu of %llu twins scenarios played, %llu failed\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(scenarios_max), static_cast<unsigned long long>(failed.load()));
  return failed == 0;
}

}  // namespace sim
