// SPDX-License-Identifier: Apache-2.0
#include "testnet/play.hpp"

#include <chrono>

#include "base/time.hpp"
#include "crypto/party.hpp"
#include "gs1/json.hpp"
#include "testnet/attack.hpp"
#include "testnet/embedded.hpp"
#include "wallet/terminal.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;

namespace {

/// The network stands this long before anybody prepares anything.
constexpr ledger::TimeMs begins_before_ms = base::day_ms;

Result<std::string> text_of(PlaySettings const& settings) {
  if (!settings.file.empty()) return wallet::read_text_file(settings.file);
  return std::string(*embedded("journeys.json"));
}

/// Beside the file; else the one that the binary brings along.
Result<std::string> terms_of(PlaySettings const& settings, std::string const& label) {
  auto const name = label + ".json";
  auto const beside = settings.file.parent_path() / name;
  std::error_code failed;
  if (!settings.file.empty() && std::filesystem::exists(beside, failed)) return wallet::read_text_file(beside);
  auto const known = embedded(name);
  if (known) return std::string(*known);
  return Error{Code::E_FORM, name, "put the terms of this escrow beside the file"};
}

/// "J3" is enough for "J3-salmon".
std::string name_of(base::Value const& journeys, std::string const& asked) {
  auto const* all = journeys.find("journeys");
  std::vector<std::string> found;
  if (all == nullptr) return asked;
  for (auto const& [name, value] : all->members) {
    if (name == asked) return name;
    if (name.starts_with(asked)) found.push_back(name);
  }
  return found.size() == 1 ? found.front() : asked;
}

/// Daily and root keys are the network's, the others are made when they are named first.
class Keys {
 public:
  Keys(World const& world, Network const& network) : world_(world), ring_(network.keyring()) {
    ring_["code"] = network.claim_code();
  }

  Result<void> add_roots(Network const& network) {
    for (auto const& organisation : world_.organisations) {
      TRY_ASSIGN(ring_[organisation.code + ".root"], network.root_key(organisation.code));
    }
    return {};
  }

  base::PartyKey key(std::string const& name) {
    auto const [found, fresh] = ring_.try_emplace(name);
    if (fresh) {
      auto const* organisation = world_.find(name.substr(0, name.find_first_of("./")));
      if (organisation != nullptr) found->second.party = organisation->party();
      found->second.secret = wallet::new_secret();
      found->second.key = *crypto::party_key(found->second.secret);
    }
    return found->second.key;
  }

  Keyring const& ring() const { return ring_; }

 private:
  World const& world_;
  Keyring ring_;
};

void print(Line const& line) {
  auto const mark = line.good ? wallet::painted("32", "ok") : wallet::painted("31", "no");
  if (line.step != nullptr) {
    auto const& step = *line.step;
    auto const number = step.number == 0 ? std::string() : std::to_string(step.number);
    std::printf("  %s %3s  %s  %-14s  %-17s  %s", mark.c_str(), number.c_str(), base::to_date(step.time_ms).c_str(),
                step.kind.substr(0, step.kind.find('+')).c_str(), wallet::shown(step.place).c_str(),
                wallet::shown(step.title).c_str());
  } else {
    std::printf("  %s      %s", mark.c_str(), wallet::shown(line.what).c_str());
  }
  std::printf(line.good ? "  |  expected %s  |  came %s\n" : "\n          expected %s\n          came     %s\n",
              wallet::shown(line.expected).c_str(), wallet::shown(line.came).c_str());
  std::fflush(stdout);
}

/// A journey of the file, on networks of its own.
class Stage {
 public:
  Stage(PlaySettings const& settings, base::Value const& journeys, World const& world, std::string name)
      : settings_(settings), journeys_(journeys), world_(world), name_(std::move(name)) {}

  /// With the attacks that leave it as it is; or with one of its own, which may change its way or its end.
  Result<void> play(std::string const& variant, std::vector<Attack> const& attacks) {
    TRY_ASSIGN(auto const journey, journey_of(journeys_, name_));
    TRY_ASSIGN(auto const events, events_of(journey));
    TRY_ASSIGN(auto const first_ms, events.front().time("time"));
    TRY_ASSIGN(auto deal, deal_with(journey, variant));
    for (auto const& attack : attacks) {
      for (auto const& [code, amount] : attack.money) {
        if (deal) deal->expected[code] = amount;
        if (deal) deal->otherwise = true;
      }
    }
    NetworkOptions options;
    options.home = settings_.home;
    options.ports = settings_.ports;
    options.time_ms = first_ms - base::day_ms - begins_before_ms;
    TRY(clear_network(options.home));
    TRY(make_network(world_, options));
    TRY_ASSIGN(auto network, Network::open(world_, options));
    Keys keys(world_, network);
    TRY(keys.add_roots(network));
    auto const key_of = [&](std::string const& one) { return keys.key(one); };
    TRY_ASSIGN(auto const story, tell(journeys_, name_, world_, key_of, variant));
    std::vector<std::vector<Move>> moves;
    for (auto const& attack : attacks) {
      TRY_ASSIGN(auto one, moves_of(attack, journeys_, story, world_, key_of));
      moves.push_back(std::move(one));
    }
    for (std::size_t node = 0; node < nodes; ++node) network.start(node);
    for (std::size_t node = 0; node < nodes; ++node) TRY(network.wait_ready(node, 30'000));
    TRY_ASSIGN(auto validators, network.validator_keys());
    Player player(keys.ring(), network.clock(), network.member_urls(), std::move(validators));
    Performance performance(world_, story, std::move(deal), player);
    TRY(perform(performance, attacks, moves, print));
    good_ = good_ && performance.good();
    events_ += player.events();
    transactions_ += player.transactions();
    return {};
  }

  bool good() const { return good_; }
  std::size_t events() const { return events_; }
  std::size_t transactions() const { return transactions_; }

 private:
  Result<std::optional<Deal>> deal_with(Fields const& journey, std::string const& variant) {
    if (!journey.has("escrow")) return std::optional<Deal>();
    TRY_ASSIGN(auto const escrow, journey.object("escrow"));
    TRY_ASSIGN(auto const label, escrow.text("id"));
    TRY_ASSIGN(auto terms, terms_of(settings_, label));
    TRY_ASSIGN(auto deal, deal_of(journey, std::move(terms), variant));
    return std::optional<Deal>(std::move(deal));
  }

  PlaySettings const& settings_;
  base::Value const& journeys_;
  World const& world_;
  std::string name_;
  bool good_ = true;
  std::size_t events_ = 0;
  std::size_t transactions_ = 0;
};

/// True when all is as the file says.
Result<bool> run(PlaySettings const& settings) {
  auto const begin = std::chrono::steady_clock::now();
  TRY_ASSIGN(auto const text, text_of(settings));
  TRY_ASSIGN(auto const journeys, gs1::parse_json(text));
  TRY_ASSIGN(auto const world, world_of(journeys));
  auto const name = name_of(journeys, settings.journey);
  TRY_ASSIGN(auto const journey, journey_of(journeys, name));
  std::vector<Attack> shared;
  std::vector<Attack> alone;
  if (settings.attacks) {
    Known known;
    TRY_ASSIGN(known.attacks, gs1::parse_json(*embedded("attacks.json")));
    TRY_ASSIGN(known.journeys, gs1::parse_json(*embedded("journeys.json")));
    TRY_ASSIGN(auto const all, attacks_of(journeys, known, name, settings.file.empty()));
    for (auto const& attack : all) (attack.alone ? alone : shared).push_back(attack);
  }
  std::printf("%s  %s%s\n", name.c_str(), wallet::shown(journey.text_or("title")).c_str(),
              settings.variant.empty() ? "" : (", variant " + settings.variant).c_str());
  Stage stage(settings, journeys, world, name);
  TRY(stage.play(settings.variant, shared));
  for (auto const& attack : alone) {
    std::printf("\n%s  %s\n", attack.id.c_str(), wallet::shown(attack.text).c_str());
    TRY(stage.play(attack.variant, {attack}));
  }
  auto const seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%s  %s, on 4 validators: %zu events in %zu transactions, %ld s\n", name.c_str(),
              stage.good() ? "as its file says" : wallet::painted("31", "DIFFERS").c_str(), stage.events(),
              stage.transactions(), static_cast<long>(seconds));
  return stage.good();
}

}  // namespace

int play(PlaySettings const& settings) {
  auto const good = run(settings);
  if (!good) {
    wallet::report(good.error(), "the nodes' logs are under " + settings.home.string());
    return wallet::code(wallet::Exit::fault);
  }
  return wallet::code(*good ? wallet::Exit::done : wallet::Exit::fault);
}

}  // namespace testnet
