// SPDX-License-Identifier: Apache-2.0
#include "testnet/play.hpp"

#include <chrono>

#include "base/time.hpp"
#include "crypto/party.hpp"
#include "gs1/json.hpp"
#include "testnet/embedded.hpp"
#include "testnet/performance.hpp"
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
    std::printf("  %s %3s  %s  %-14s  %-17s  %s\n", mark.c_str(), number.c_str(), base::to_date(step.time_ms).c_str(),
                step.kind.substr(0, step.kind.find('+')).c_str(), wallet::shown(step.place).c_str(),
                wallet::shown(step.title).c_str());
  } else {
    std::printf("  %s      %-27s %s\n", mark.c_str(), wallet::shown(line.what).c_str(),
                wallet::shown(line.expected).c_str());
  }
  if (!line.good)
    std::printf("          expected %s\n          came     %s\n", wallet::shown(line.expected).c_str(),
                wallet::shown(line.came).c_str());
  std::fflush(stdout);
}

/// True when all is as the file says.
Result<bool> run(PlaySettings const& settings) {
  auto const begin = std::chrono::steady_clock::now();
  TRY_ASSIGN(auto const text, text_of(settings));
  TRY_ASSIGN(auto const journeys, gs1::parse_json(text));
  TRY_ASSIGN(auto const world, world_of(journeys));
  auto const name = name_of(journeys, settings.journey);
  TRY_ASSIGN(auto const journey, journey_of(journeys, name));
  TRY_ASSIGN(auto const events, events_of(journey));
  TRY_ASSIGN(auto const first_ms, events.front().time("time"));
  std::optional<Deal> deal;
  if (journey.has("escrow")) {
    TRY_ASSIGN(auto const escrow, journey.object("escrow"));
    TRY_ASSIGN(auto const label, escrow.text("id"));
    TRY_ASSIGN(auto terms, terms_of(settings, label));
    TRY_ASSIGN(deal, deal_of(journey, std::move(terms), settings.variant));
  }

  NetworkOptions options;
  options.home = settings.home;
  options.ports = settings.ports;
  options.time_ms = first_ms - base::day_ms - begins_before_ms;
  TRY(clear_network(options.home));
  TRY(make_network(world, options));
  TRY_ASSIGN(auto network, Network::open(world, options));
  Keys keys(world, network);
  TRY(keys.add_roots(network));
  auto const key_of = [&](std::string const& one) { return keys.key(one); };
  TRY_ASSIGN(auto const story, tell(journeys, name, world, key_of, settings.variant));
  for (std::size_t node = 0; node < nodes; ++node) network.start(node);
  for (std::size_t node = 0; node < nodes; ++node) TRY(network.wait_ready(node, 30'000));
  Player player(keys.ring(), network.clock(), network.member_urls());

  std::printf("%s  %s%s\n", name.c_str(), wallet::shown(story.title).c_str(),
              settings.variant.empty() ? "" : (", variant " + settings.variant).c_str());
  Performance performance(world, story, deal, player);
  TRY(performance.play(print));
  if (performance.good()) TRY(performance.check(print));
  auto const seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%s  %s, on 4 validators: %zu events in %zu transactions, %ld s\n", name.c_str(),
              performance.good() ? "as its file says" : wallet::painted("31", "DIFFERS").c_str(), player.events(),
              player.transactions(), static_cast<long>(seconds));
  return performance.good();
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
