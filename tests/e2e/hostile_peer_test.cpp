// SPDX-License-Identifier: Apache-2.0
// A validator whose key is pinned and whose frames are not what the protocol allows: each of the others names what is
// wrong, drops the connection, takes the peer back, and decides on as before.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "e2e/fixture.hpp"
#include "node/home.hpp"
#include "node/transport.hpp"
#include "node/wire.hpp"
#include "testnet/checks.hpp"

namespace e2e {
namespace {

using Steady = std::chrono::steady_clock;

constexpr node::Place hostile = 3;

struct Case {
  char const* what;
  base::Bytes frame;
  /// What the node's log says why it lost this peer; empty: the frame is well formed and says nothing new.
  std::string named;
};

std::vector<Case> cases(base::Hash const& chain) {
  consensus::Vote vote;
  vote.place = hostile;
  consensus::Envelope const envelope{chain, 1, vote};
  auto const sound = base::encode(node::Frame(node::ConsensusFrame{envelope}));
  auto longer = sound;
  longer.push_back(0);
  base::Bytes const shorter(sound.begin(), sound.end() - 1);
  auto no_message = sound;
  no_message[1 + 32 + 8] = 0x70;
  node::GossipFrame gossip;
  gossip.transactions = std::vector<base::Blob<ledger::transaction_bytes_max>>{base::Bytes{1, 2, 3}};
  // More transactions than one frame may hold, by the length alone.
  base::Bytes const too_many{1, 0x81, 0x02};
  return {
      {"nothing", {}, "E_ENCODING"},
      {"a kind of frame that there is not", {7}, "E_ENCODING"},
      {"a kind of message that there is not", no_message, "E_ENCODING envelope.message"},
      {"bytes behind the end", longer, "E_ENCODING"},
      {"a frame cut off", shorter, "E_ENCODING envelope.message"},
      {"a padded length", {1, 0x80, 0x00}, "E_ENCODING transactions"},
      {"a list that is too long", too_many, "E_ENCODING transactions"},
      {"text", base::to_bytes("GET / HTTP/1.1\r\n\r\n"), "E_ENCODING"},
      {"more than a frame", base::Bytes(node::frame_bytes_max + 1, 1), "E_TOO_LARGE"},
      // Well formed: a vote without a valid signature, and gossip that is no transaction.
      {"a vote that nobody signed", sound, ""},
      {"gossip of garbage", base::encode(node::Frame(gossip)), ""},
  };
}

std::vector<std::string> losses(std::filesystem::path const& log) {
  std::ifstream in(log);
  std::vector<std::string> out;
  auto const words = "peer=" + std::to_string(hostile) + " lost: ";
  for (std::string line; std::getline(in, line);) {
    if (auto const at = line.find(words); at != std::string::npos) out.push_back(line.substr(at + words.size()));
  }
  return out;
}

/// A transport with the hostile validator's own key, in its place; the validator itself must be stopped.
base::Result<std::unique_ptr<node::PeerTransport>> take_place(node::Loop& loop, node::Home const& home) {
  node::TransportSetup setup;
  setup.chain = home.genesis.chain();
  setup.validators = home.genesis.validators;
  setup.place = hostile;
  setup.listener = home.config.peer_listener;
  setup.peers = home.config.peers;
  setup.identities = [tls = home.tls] { return std::vector{tls}; };
  setup.log = [](std::string_view, std::string const&) {};
  setup.receive = [](node::Place, base::BytesView) { return base::Result<void>(); };
  return node::PeerTransport::open(loop, std::move(setup));
}

TEST(HostilePeer, MalformedFramesAreNamedAndChangeNothing) {
  auto& net = running();
  auto const home_folder = net.network.genesis_path().parent_path();
  auto const home = node::open_home(home_folder / net.world.validators[hostile]);
  ASSERT_TRUE(home) << base::to_string(home.error());
  net.network.stop(hostile, false);

  node::Loop loop(1);
  auto hub = take_place(loop, *home);
  ASSERT_TRUE(hub) << base::to_string(hub.error());

  // One step of the loop's timer at a time: wait for the connection, send, wait for what the log says.
  auto const all = cases(home->genesis.chain());
  std::array<std::size_t, hostile> next{};
  std::array<std::optional<std::size_t>, hostile> lost_before{};
  auto const log_of = [&](std::size_t place) { return home_folder / (net.world.validators[place] + ".log"); };
  auto const end = loop.steady_ms() + 120'000;
  loop.every(20, [&] {
    bool finished = true;
    for (std::size_t place = 0; place < hostile; ++place) {
      if (next[place] == all.size()) continue;
      finished = false;
      auto const& one = all[next[place]];
      if (!lost_before[place]) {
        if (!(*hub)->is_connected(static_cast<node::Place>(place))) continue;
        lost_before[place] = losses(log_of(place)).size();
        (*hub)->send(static_cast<node::Place>(place), std::make_shared<base::Bytes const>(one.frame));
        if (!one.named.empty()) continue;
      } else {
        auto const found = losses(log_of(place));
        if (found.size() == *lost_before[place]) continue;
        EXPECT_TRUE(found[*lost_before[place]].starts_with(one.named))
            << one.what << ": " << found[*lost_before[place]];
      }
      lost_before[place].reset();
      ++next[place];
    }
    if (finished || loop.steady_ms() > end) loop.stop();
  });
  loop.run_until_stopped();
  for (std::size_t place = 0; place < hostile; ++place) EXPECT_EQ(next[place], all.size()) << "at " << place;

  // Three of four decide on, and the real validator finds its place again.
  auto const chain = net.player->chain();
  ASSERT_TRUE(chain);
  EXPECT_TRUE(net.player->advance(chain->time_ms + 60'000));
  hub->reset();
  net.network.start(hostile);
  ASSERT_TRUE(net.network.wait_ready(hostile, 30'000));
  auto const agreed = testnet::check_agreement(net.network);
  EXPECT_TRUE(agreed) << base::to_string(agreed.error());
}

TEST(HostilePeer, AFloodIsDroppedByNameAndTheOthersDecideOn) {
  auto& net = running();
  auto const home_folder = net.network.genesis_path().parent_path();
  auto const home = node::open_home(home_folder / net.world.validators[hostile]);
  ASSERT_TRUE(home) << base::to_string(home.error());
  net.network.stop(hostile, false);
  node::Loop loop(1);
  auto hub = take_place(loop, *home);
  ASSERT_TRUE(hub) << base::to_string(hub.error());
  auto const sound = cases(home->genesis.chain());
  auto const vote = std::find_if(sound.begin(), sound.end(), [](Case const& one) { return one.named.empty(); });
  auto const frame = std::make_shared<base::Bytes const>(vote->frame);
  constexpr std::size_t victim = 0;
  constexpr std::size_t decided_min = 10;
  auto const log = home_folder / (net.world.validators[victim] + ".log");
  auto const before = losses(log).size();

  // Transactions go through the victim itself while it is flooded, from another thread.
  std::atomic<bool> over{false};
  std::atomic<std::size_t> decided{0};
  std::thread client([&] {
    testnet::Player player(net.network.keyring(), net.network.clock(), {net.network.member_url(victim)});
    while (!over) {
      auto const chain = player.chain();
      if (chain && player.advance(chain->time_ms + 60'000)) ++decided;
    }
  });
  std::string why;
  auto const end = loop.steady_ms() + 90'000;
  loop.every(10, [&] {
    for (int i = 0; i < 400 && (*hub)->is_connected(victim); ++i) (*hub)->send(victim, frame);
    auto const found = losses(log);
    if (why.empty() && found.size() > before) why = found[before];
    if ((!why.empty() && decided > decided_min) || loop.steady_ms() > end) loop.stop();
  });
  loop.run_until_stopped();
  over = true;
  client.join();
  EXPECT_TRUE(why.starts_with("E_BUSY: a flood")) << why;
  EXPECT_GT(decided, decided_min);
  hub->reset();
  net.network.start(hostile);
  ASSERT_TRUE(net.network.wait_ready(hostile, 60'000));
  EXPECT_TRUE(testnet::check_agreement(net.network));
}

/// Waits until the node's peers are connected to it: only then do they know that its key is in use.
bool hears_all(testnet::Network const& network, std::size_t node) {
  auto client = rpc::connect(network.member_url(node));
  for (auto asked = Steady::now(); client && Steady::now() < asked + std::chrono::seconds(30);) {
    auto const answer = (*client)->call("node_peers", base::Value::object());
    auto const* peers = answer ? answer->find("peers") : nullptr;
    auto const is_connected = [](base::Value const& peer) { return peer.find("connected")->boolean; };
    if (peers != nullptr && std::ranges::all_of(peers->items, is_connected)) return true;
  }
  return false;
}

/// The same key in two processes that live: the second is told and ends, wherever it stands in the order of calling.
TEST(HostilePeer, ASecondProcessWithOneKeyStopsAndSaysWhy) {
  auto& net = running();
  auto const home_folder = net.network.genesis_path().parent_path();
  auto const binary = (testnet::own_binary().parent_path() / "tally").string();
  for (std::size_t const place : {std::size_t{0}, std::size_t{hostile}}) {
    ASSERT_TRUE(hears_all(net.network, place));
    auto const original = home_folder / net.world.validators[place];
    auto const copy = home_folder / ("copy-" + std::to_string(place));
    std::filesystem::create_directories(copy);
    for (auto const* file : {"genesis.json", "validator.key", "tls.key", "tls.crt", "organisation.key"})
      std::filesystem::copy_file(original / file, copy / file);
    auto const home = node::open_home(original);
    ASSERT_TRUE(home);
    auto config = home->config;
    config.webhooks_ca_file.clear();  // of a test before, whose folder is gone
    config.public_listener.port += 500;
    config.member_listener.port += 500;
    config.admin_listener.port += 500;
    config.peer_listener.port += 500;
    ASSERT_TRUE(wallet::write_text_file(copy / "node.toml", node::to_toml(config)));
    auto const log = home_folder / ("copy-" + std::to_string(place) + ".log");
    testnet::Process second({binary, "start", "--home", copy.string()}, log);
    // The network lives on meanwhile; each block is a sign of life of the first process.
    std::size_t decided = 0;
    // By the clock: the faster the network decides, the less time so many blocks take.
    for (auto const began = Steady::now(); second.running() && Steady::now() - began < std::chrono::seconds(60);) {
      auto const chain = net.player->chain();
      ASSERT_TRUE(chain);
      if (net.player->advance(chain->time_ms + 60'000)) ++decided;
    }
    EXPECT_FALSE(second.running());
    auto const said = wallet::read_text_file(log);
    ASSERT_TRUE(said);
    EXPECT_NE(said->find("validator " + std::to_string(place) + "'s key speaks from another process"),
              std::string::npos)
        << *said;
    EXPECT_EQ(said->find("connected"), said->find("connected there by")) << *said;
    EXPECT_GT(decided, 3U);
    EXPECT_TRUE(net.network.running(place));
    ASSERT_TRUE(net.network.wait_ready(place, 30'000));
  }
  EXPECT_TRUE(testnet::check_agreement(net.network));
}

}  // namespace
}  // namespace e2e
