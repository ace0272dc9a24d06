// SPDX-License-Identifier: Apache-2.0
#include "testnet/demo.hpp"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/time.hpp"
#include "gs1/json.hpp"
#include "ledger/proof.hpp"
#include "rpc/json.hpp"
#include "testnet/checks.hpp"
#include "testnet/embedded.hpp"
#include "testnet/journey.hpp"
#include "wallet/terminal.hpp"

namespace testnet {

using base::Error;
using base::Result;

namespace {

using Clock = std::chrono::steady_clock;

/// Seconds since a moment, with one decimal.
std::string seconds_since(Clock::time_point start) {
  auto const tenths = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

/// One line a phase: ok, its name, what came of it, how long it took.
void say(bool good, char const* phase, std::string const& what, Clock::time_point start) {
  std::printf("  %s  %-10s  %-52s %7s\n",
              good ? wallet::painted("32", "ok").c_str() : wallet::painted("31", "no").c_str(), phase, what.c_str(),
              seconds_since(start).c_str());
  std::fflush(stdout);
}

std::string euros(ledger::Amount amount) {
  auto text = base::to_decimal(amount / 100);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  auto const cents = base::to_decimal(amount % 100);
  return text + "." + (cents.size() < 2 ? "0" : "") + cents;
}

std::string date_of(ledger::TimeMs time) { return base::to_date(time); }

/// The QR with what to do next beside it, as one block of text.
void print_invitation(std::string const& url, NetworkOptions const& options, Network const& network) {
  auto const made = wallet::qr_text(url, wallet::wants_colour(), false);
  auto const qr = made ? *made : std::string("\n");
  std::vector<std::string> const beside = {"",
                                           "Scarf S000042 is on the ledger.",
                                           "",
                                           "Scan with a phone on this network.",
                                           "The page checks the record itself.",
                                           "",
                                           "Then try",
                                           "  tally trace 01/09521001000109/21/S000042",
                                           "  tally escrow explain ESC-J1",
                                           "  tally status",
                                           "",
                                           "JSON-RPC  " + network.member_url(0),
                                           "Keys      " + (options.home / "keys").string(),
                                           "",
                                           "Ctrl-C stops. The data is kept;",
                                           "./dev demo --fresh starts over."};
  std::printf("\n");
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < qr.size(); ++line) {
    auto const end = qr.find('\n', begin);
    std::printf("%s  %s\n", qr.substr(begin, end - begin).c_str(), line < beside.size() ? beside[line].c_str() : "");
    begin = end + 1;
  }
  std::printf("\n%s\n", url.c_str());
  std::fflush(stdout);
}

volatile sig_atomic_t interrupted = 0;

void wait_for_interrupt() {
  while (interrupted == 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

Result<Story> silk_story(World const& world, base::PartyKey const& code_key) {
  TRY_ASSIGN(auto const journeys, gs1::parse_json(*embedded("journeys.json")));
  return tell(journeys, "J1-silk", world, [&](std::string const&) { return code_key; });
}

/// Two days before the first step.
ledger::TimeMs silk_begins() { return *base::from_rfc3339("2026-05-18T02:00:00Z"); }

NetworkOptions options_of(DemoSettings const& settings) {
  NetworkOptions out;
  out.home = settings.home;
  out.engine = settings.engine;
  out.ports = settings.ports;
  out.time_ms = silk_begins();
  return out;
}

Result<void> make_silk_network(DemoSettings const& settings) {
  TRY_ASSIGN(auto const world, read_world(*embedded("network.json")));
  return make_network(world, options_of(settings));
}

class Demo {
 public:
  explicit Demo(DemoSettings settings) : settings_(std::move(settings)), began_(Clock::now()) {}

  Result<void> run() {
    TRY_ASSIGN(auto const world, read_world(*embedded("network.json")));
    auto options = options_of(settings_);
    auto const address = settings_.check ? std::string("127.0.0.1") : local_address();
    if (address != "127.0.0.1") options.public_address = "0.0.0.0";
    // Half a story cannot be played on from its middle: what was interrupted starts over.
    auto const played = options.home / "played";
    bool const plays = settings_.fresh || settings_.check || !std::filesystem::exists(played);
    if (plays) {
      TRY(clear_network(options.home));
      TRY(make_network(world, options));
    }

    auto const start = Clock::now();
    TRY_ASSIGN(auto network, Network::open(world, options));
    for (std::size_t node = 0; node < nodes; ++node) network.start(node);
    for (std::size_t node = 0; node < nodes; ++node) TRY(network.wait_ready(node, 30'000));
    Player player(network.keyring(), network.clock(), network.member_urls());
    TRY_ASSIGN(auto const chain, player.chain());
    say(true, "network", "4 validators, height " + std::to_string(chain.height) + ", TEST CLOCK", start);

    TRY_ASSIGN(auto story, silk_story(world, network.claim_code().key));
    Journey journey(world, std::move(story), player);
    if (plays) {
      TRY(play(journey, network, player));
      std::ofstream(played).put('\n');
    }
    auto const url =
        "http://" + address + ":" + std::to_string(options.ports.everybody(0)) + "/01/09521001000109/21/S000042";
    auto const proved = Clock::now();
    TRY_ASSIGN(auto const proof, check_proof(network, url));
    say(true, "proof", proof.words, proved);
    if (settings_.check) TRY(check(journey, network, player));
    print_invitation(url, options, network);
    if (!settings_.check) {
      wait_for_interrupt();
      return {};
    }
    TRY_ASSIGN(auto const at, player.chain());
    std::printf("\ndemo passed: steps %zu, blocks %lu, events %zu, seconds %s, proof bytes %zu\n",
                journey.story().steps.size(), static_cast<unsigned long>(at.height), player.events(),
                seconds_since(began_).substr(0, seconds_since(began_).size() - 2).c_str(), proof.bytes);
    return {};
  }

 private:
  Result<void> play(Journey& journey, Network& network, Player& player) {
    auto const start = Clock::now();
    std::printf("\n%s\n", journey.story().title.c_str());
    bool before_shown = false;
    auto const report = [](Step const& step, std::string const& outcome, bool good) {
      std::printf("  %s %3u  %s  %-14s %-44s %s\n",
                  good ? wallet::painted("32", "ok").c_str() : wallet::painted("31", "no").c_str(), step.number,
                  date_of(step.time_ms).c_str(), step.kind.substr(0, step.kind.find('+')).c_str(), outcome.c_str(),
                  step.place.c_str());
      std::fflush(stdout);
    };
    auto const between = [&](Step const& next) -> Result<void> {
      if (!journey.escrow_id().empty() && !before_shown) {
        before_shown = true;
        TRY_ASSIGN(auto const balances, journey.balances());
        std::printf("       ESC-J1 opened and funded: EUR %s held. SPREE %s, SERICA %s\n", euros(escrow_total).c_str(),
                    euros(balances.buyer).c_str(), euros(balances.seller).c_str());
      }
      return settings_.check ? disturb(network, next) : Result<void>{};
    };
    TRY(journey.run(report, between));
    TRY(check_release(journey));
    TRY_ASSIGN(auto const after, journey.balances());
    std::printf("       ESC-J1 paid by itself:                        SPREE %s, SERICA %s\n\n",
                euros(after.buyer).c_str(), euros(after.seller).c_str());
    say(true, "journey",
        std::to_string(player.events()) + " events in " + std::to_string(player.transactions()) + " transactions",
        start);
    return {};
  }

  /// Each validator in turn is killed in the middle of the journey and comes back a few steps later.
  Result<void> disturb(Network& network, Step const& next) {
    struct Absence {
      std::size_t victim;
      unsigned from;
      unsigned to;
    };
    constexpr Absence absences[] = {{0, 3, 5}, {1, 5, 7}, {2, 8, 12}, {3, 12, 14}};
    for (auto const& absence : absences) {
      if (next.number == absence.to) {
        network.start(absence.victim);
        TRY(network.wait_ready(absence.victim, 30'000));
      }
    }
    for (auto const& absence : absences) {
      if (next.number == absence.from) network.stop(absence.victim, true);
    }
    return {};
  }

  Result<void> check(Journey& journey, Network& network, Player& player) {
    auto start = Clock::now();
    TRY(check_goods(journey));
    say(true, "goods", "scarf 2,000 = 1,600 MAASHUB + 399 SPREE + 1 consumer", start);
    start = Clock::now();
    TRY_ASSIGN(auto const agreed, check_agreement(network));
    say(true, "agreement", "one state root on 4 nodes, each of them killed before", start);
    start = Clock::now();
    TRY(check_restart(network, player, agreed));
    say(true, "kill -9", "all four at once: nothing acknowledged is lost", start);
    start = Clock::now();
    TRY(check_halt(network, player));
    say(true, "halt", "two of four stopped: halts, says why, resumes", start);
    return {};
  }

  DemoSettings settings_;
  Clock::time_point began_;
};

}  // namespace

int demo(DemoSettings const& settings) {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  auto const result = Demo(settings).run();
  if (result) return wallet::code(wallet::Exit::done);
  wallet::report(result.error(), where_logs_are(settings.home));
  return wallet::code(wallet::Exit::fault);
}

int init(std::filesystem::path const& home) {
  DemoSettings settings;
  settings.home = home;
  auto const made = make_silk_network(settings);
  if (!made) return wallet::code(wallet::report(made.error()));
  std::printf("%s  four homes, genesis.json, keys\n", home.c_str());
  return wallet::code(wallet::Exit::done);
}

}  // namespace testnet
