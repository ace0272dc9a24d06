// SPDX-License-Identifier: Apache-2.0
#include "node/transport.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include "node/greeting.hpp"
#include "node/outbox.hpp"
#include "node/tls.hpp"
#include "node/wire.hpp"

namespace node {
namespace {

namespace net = boost::asio;

/// Three validators on loopback in one loop. Ports are odd enough to be free; a run never waits for a fixed time, only
/// for what must happen, and gives up after half a minute.
class TransportTest : public ::testing::Test {
 protected:
  static constexpr std::size_t count = 3;

  TransportTest() {
    for (std::size_t i = 0; i < count; ++i) {
      identities.push_back(make_tls_identity());
      crypto::Validator validator;
      validator.tls_key = identities.back().pin;
      validators.validators.push_back(validator);
      addresses.push_back({"127.0.0.1", static_cast<std::uint16_t>(39'480 + i)});
    }
    hubs.resize(count);
    heard.resize(count);
  }

  TransportSetup setup(Place place) {
    TransportSetup out;
    out.chain = chain;
    out.validators = validators;
    out.place = place;
    out.listener = addresses[place];
    out.peers = addresses;
    out.identities = [one = identities[place]] { return std::vector{one}; };
    out.log = [this](std::string_view, std::string const& text) { log.push_back(text); };
    out.receive = [this, place](Place from, BytesView frame) -> Result<void> {
      if (frame.size() == 1) return base::Error{base::Code::E_ENCODING, "frame", "too short for this test"};
      heard[place].emplace_back(from, Bytes(frame.begin(), frame.end()));
      return {};
    };
    return out;
  }
  void open(TransportSetup one) {
    auto const place = *one.place;
    auto hub = PeerTransport::open(loop, std::move(one));
    ASSERT_TRUE(hub) << base::to_string(hub.error());
    hubs[place] = std::move(hub).value();
  }
  void open_all() {
    for (Place place = 0; place < count; ++place) open(setup(place));
  }
  /// Runs the loop until it is so.
  bool until(std::function<bool()> const& so) {
    bool good = false;
    auto const end = loop.steady_ms() + 30'000;
    loop.every(5, [&, so] {
      good = so();
      if (good || loop.steady_ms() > end) loop.stop();
    });
    loop.run_until_stopped();
    return good;
  }
  bool all_connected() const {
    for (Place a = 0; a < count; ++a) {
      for (Place b = 0; b < count; ++b) {
        if (a != b && !hubs[a]->is_connected(b)) return false;
      }
    }
    return true;
  }
  bool was_logged(std::string const& words) const {
    return std::any_of(log.begin(), log.end(),
                       [&](std::string const& line) { return line.find(words) != std::string::npos; });
  }

  Hash chain{{7}};
  Loop loop{1};
  crypto::ValidatorSet validators;
  std::vector<TlsIdentity> identities;
  std::vector<Address> addresses;
  std::vector<std::string> log;
  std::vector<std::vector<std::pair<Place, Bytes>>> heard;
  std::vector<std::unique_ptr<PeerTransport>> hubs;
};

SharedBytes bytes(std::size_t size, std::uint8_t value) { return std::make_shared<Bytes const>(Bytes(size, value)); }

TEST_F(TransportTest, CarriesFramesInOrderWithTheSendersPlace) {
  open_all();
  bool sent = false;
  ASSERT_TRUE(until([&] {
    if (!sent && all_connected()) {
      hubs[0]->broadcast(bytes(10, 1));
      hubs[0]->send(2, bytes(consensus::frame_bytes_max, 2));
      hubs[0]->send(2, bytes(0, 0));
      hubs[2]->send(1, bytes(3, 3));
      sent = true;
    }
    return heard[2].size() == 3 && heard[1].size() == 2;
  }));
  EXPECT_EQ(heard[2][0], (std::pair<Place, Bytes>{0, Bytes(10, 1)}));
  EXPECT_EQ(heard[2][1].second, Bytes(consensus::frame_bytes_max, 2));
  EXPECT_TRUE(heard[2][2].second.empty());
  EXPECT_TRUE(heard[0].empty());
}

TEST_F(TransportTest, DropsWhoSendsNoFrameAndTakesHimBack) {
  open_all();
  bool sent = false;
  ASSERT_TRUE(until([&] {
    if (!sent && all_connected()) {
      hubs[1]->send(0, bytes(1, 9));
      sent = true;
    }
    return was_logged("peer=1 lost: E_ENCODING frame: too short for this test") && all_connected();
  }));
}

/// The third has left the set and a fourth come, whom the genesis does not name; then the first replaces its TLS key.
TEST_F(TransportTest, FollowsTheEpochs) {
  auto const newcomer = make_tls_identity();
  auto const next = make_tls_identity();
  auto first = setup(0);
  first.identities = [&] { return std::vector{identities[0], next}; };
  open(std::move(first));
  open(setup(1));
  auto fourth = setup(2);
  fourth.place.reset();
  fourth.listener.port = 39'490;
  fourth.identities = [&] { return std::vector{newcomer}; };
  auto joined = PeerTransport::open(loop, std::move(fourth));
  ASSERT_TRUE(joined);
  auto const& hub = **joined;
  std::vector<Member> members(count);
  for (std::size_t i = 0; i < count; ++i) members[i].validator = validators.validators[i];
  members[2].validator.tls_key = newcomer.pin;
  members[2].endpoint.address = "127.0.0.1:39490";
  auto const begin = [&] {
    for (Place place = 0; place < 2; ++place) hubs[place]->members(members, place);
    (*joined)->members(members, 2);
  };
  auto const all = [&] {
    return hubs[0]->is_connected(1) && hubs[0]->is_connected(2) && hubs[1]->is_connected(0) &&
           hubs[1]->is_connected(2) && hub.is_connected(0) && hub.is_connected(1);
  };
  begin();
  // A loop runs once: what follows on what.
  std::size_t step = 0;
  ASSERT_TRUE(until([&] {
    if (step == 0 && all()) {
      hubs[0]->broadcast(bytes(5, 1));
      ++step;
    } else if (step == 1 && heard[2].size() == 1) {
      members[0].validator.tls_key = next.pin;
      members[0].endpoint.previous_tls_key = identities[0].pin;
      begin();
      EXPECT_TRUE(all()) << "the old key holds for one epoch more";
      EXPECT_TRUE(was_logged("the TLS key " + next.pin.hex() + " is in use now"));
      members[0].endpoint.previous_tls_key.reset();
      begin();
      EXPECT_FALSE(hubs[1]->is_connected(0));
      ++step;
    }
    return step == 2 && all();
  }));
  EXPECT_EQ(heard[2][0].first, 0);
}

TEST_F(TransportTest, RefusesAKeyThatTheGenesisDoesNotName) {
  auto stranger = setup(1);
  auto const other = make_tls_identity();
  stranger.identities = [other] { return std::vector{other}; };
  open(setup(0));
  open(setup(2));
  open(std::move(stranger));
  EXPECT_TRUE(until([&] { return was_logged(other.pin.hex() + " is no validator's") && was_logged("peer=2"); }));
  EXPECT_FALSE(hubs[0]->is_connected(1));
  EXPECT_FALSE(hubs[2]->is_connected(1));
  // Two of three are no quorum of three: nobody speaks yet.
  EXPECT_FALSE(hubs[0]->is_connected(2));
}

TEST_F(TransportTest, RefusesAnotherChain) {
  auto foreign = setup(1);
  foreign.chain.bytes[0] ^= 1;
  open(setup(0));
  open(std::move(foreign));
  EXPECT_TRUE(until([&] { return was_logged("E_CHAIN hello.chain"); }));
  EXPECT_FALSE(hubs[0]->is_connected(1));
}

TEST_F(TransportTest, ComesBackToAPeerThatStartsAgain) {
  open_all();
  int phase = 0;
  EXPECT_TRUE(until([&] {
    if (phase == 0 && all_connected()) {
      hubs[2].reset();
      phase = 1;
    } else if (phase == 1 && !hubs[0]->is_connected(2) && !hubs[1]->is_connected(2)) {
      open(setup(2));
      phase = 2;
    }
    return phase == 2 && all_connected();
  }));
}

TEST_F(TransportTest, AFloodIsReadSlowlyThenDroppedAndOthersAreHeard) {
  auto strict = setup(1);
  strict.limits = {std::uint64_t{1} << 20, 100, 200, 500, 1'000};
  open(std::move(strict));
  open(setup(0));
  open(setup(2));
  std::size_t sent = 0;
  bool asked = false, again = false;
  EXPECT_TRUE(until([&] {
    bool const flooded = was_logged("peer=0 lost: E_BUSY: a flood, more than 100 frames");
    if (!flooded && all_connected()) {
      for (int i = 0; i < 50; ++i) hubs[0]->send(1, bytes(10, 1));
      sent += 50;
      if (!asked) hubs[2]->send(1, bytes(20, 2));
      asked = true;
    }
    again = again || (flooded && all_connected());
    return again && was_logged("has sent a flood and has to wait");
  }));
  auto const of_two = std::ranges::count(heard[1], std::pair<Place, Bytes>{2, Bytes(20, 2)});
  EXPECT_EQ(of_two, 1);
  EXPECT_LT(heard[1].size(), sent / 2) << "of " << sent << " sent";
}

/// Each connection sends less than is allowed at once, and is followed by the next.
TEST_F(TransportTest, AFloodOverManyConnectionsIsOneFlood) {
  auto strict = setup(1);
  strict.limits = {std::uint64_t{1} << 20, 100, 200, 500, 60'000};
  open(std::move(strict));
  open(setup(0));
  open(setup(2));
  std::size_t connections = 1;
  bool sent = false;
  std::size_t heard_before = 0;
  EXPECT_TRUE(until([&] {
    if (was_logged("E_BUSY: a flood, more than 100 frames") || connections > 200) return connections <= 200;
    if (!sent && all_connected()) {
      for (int i = 0; i < 15; ++i) hubs[0]->send(1, bytes(10, 1));
      sent = true;
    } else if (sent && heard[1].size() >= heard_before + 15) {
      heard_before = heard[1].size();
      hubs[0].reset();
      open(setup(0));
      sent = false;
      ++connections;
    }
    return false;
  }));
  EXPECT_FALSE(hubs[1]->is_connected(0));
  EXPECT_GT(connections, 2);
}

/// A handshake costs more than a frame; nothing else is sent.
TEST_F(TransportTest, ManyConnectionsAloneAreAFlood) {
  auto strict = setup(1);
  strict.limits = {std::uint64_t{1} << 20, 100, 200, 500, 60'000, 10};
  open(std::move(strict));
  open(setup(0));
  open(setup(2));
  std::size_t connections = 1;
  EXPECT_TRUE(until([&] {
    if (was_logged("or 10 connections a second") || connections > 200) return connections <= 200;
    if (!hubs[0]->is_connected(1)) return false;
    hubs[0].reset();
    open(setup(0));
    ++connections;
    return false;
  }));
  EXPECT_FALSE(hubs[1]->is_connected(0));
}

/// A connection to the first validator from somebody without a key, who says nothing.
class Silent {
 public:
  explicit Silent(Address const& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    ::inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
    ::connect(socket_, reinterpret_cast<sockaddr const*>(&to), sizeof to);
  }
  Silent(Silent const&) = delete;
  ~Silent() { ::close(socket_); }
  bool is_closed() const {
    char byte = 0;
    auto const read = ::recv(socket_, &byte, 1, 0);
    return read == 0 || (read < 0 && errno != EAGAIN && errno != ENOTCONN);
  }

 private:
  int socket_;
};

/// Twice as many as there are places, and for each that is closed another one.
TEST_F(TransportTest, SilentStrangersKeepNoValidatorOut) {
  open(setup(1));
  open(setup(2));
  std::vector<std::unique_ptr<Silent>> strangers;
  for (std::size_t i = 0; i < 2 * strangers_max; ++i) strangers.push_back(std::make_unique<Silent>(addresses[1]));
  std::size_t closed = 0;
  std::uint64_t opened_ms = 0;
  EXPECT_TRUE(until([&] {
    for (auto& stranger : strangers) {
      if (!stranger->is_closed()) continue;
      stranger = std::make_unique<Silent>(addresses[1]);
      if (++closed != strangers_max) continue;
      open(setup(0));
      opened_ms = loop.steady_ms();
    }
    return opened_ms > 0 && all_connected();
  }));
  EXPECT_LT(loop.steady_ms() - opened_ms, 10'000);
}

/// No more of them have a place than there are; those that have none are closed.
TEST_F(TransportTest, StrangersHaveOnlySoManyPlaces) {
  open(setup(1));
  std::vector<std::unique_ptr<Silent>> strangers;
  for (std::size_t i = 0; i < 3 * strangers_max; ++i) strangers.push_back(std::make_unique<Silent>(addresses[1]));
  auto const begun = loop.steady_ms();
  std::size_t least = strangers.size();
  EXPECT_TRUE(until([&] {
    auto const open_ones = static_cast<std::size_t>(
        std::ranges::count_if(strangers, [](auto const& stranger) { return !stranger->is_closed(); }));
    least = std::min(least, open_ones);
    return open_ones <= strangers_max;
  }));
  EXPECT_EQ(least, strangers_max);
  for (std::size_t i = 0; i < strangers.size(); ++i) {
    EXPECT_EQ(strangers[i]->is_closed(), i < 2 * strangers_max) << i << ": the oldest go";
  }
  EXPECT_LT(loop.steady_ms() - begun, 1'500) << "they were closed for their silence, not for their number";
}

/// A connection with a validator's key that says nothing after the handshake.
class Mute {
 public:
  Mute(Loop& loop, Address const& to, TlsIdentity const& identity) : stream_(loop.context(), of(context_, identity)) {
    stream_.lowest_layer().async_connect({net::ip::make_address(to.host), to.port}, [this](Failure failure) {
      if (failure) return end();
      stream_.async_handshake(net::ssl::stream_base::client, [this](Failure refused) {
        if (refused) return end();
        greets_ = true;
        read();
      });
    });
  }
  bool greets() const { return greets_; }
  bool is_closed() const { return closed_; }

 private:
  using Failure = boost::system::error_code;
  static net::ssl::context& of(net::ssl::context& context, TlsIdentity const& identity) {
    context.use_certificate_chain(net::buffer(identity.certificate_pem));
    context.use_private_key(net::buffer(identity.key_pem), net::ssl::context::pem);
    return context;
  }
  void read() {
    stream_.async_read_some(net::buffer(heard_), [this](Failure failure, std::size_t) { failure ? end() : read(); });
  }
  void end() { closed_ = true; }

  net::ssl::context context_{net::ssl::context::tls};
  net::ssl::stream<net::ip::tcp::socket> stream_;
  std::array<std::uint8_t, 256> heard_{};
  bool greets_ = false;
  bool closed_ = false;
};

/// Of one validator's key the newest stay; who speaks already is not concerned.
TEST_F(TransportTest, OnlySoManyConnectionsOfOneKeyGreet) {
  open_all();
  std::vector<std::unique_ptr<Mute>> callers;
  std::uint64_t begun = 0;
  EXPECT_TRUE(until([&] {
    if (callers.empty() && !all_connected()) return false;
    if (callers.empty()) begun = loop.steady_ms();
    // One after the other, so that it is known which is older.
    if (callers.empty() || callers.back()->greets()) {
      if (callers.size() == greeting_max + 3) return std::ranges::count_if(callers, &Mute::is_closed) >= 3;
      callers.push_back(std::make_unique<Mute>(loop, addresses[1], identities[0]));
    }
    return false;
  }));
  for (std::size_t i = 0; i < callers.size(); ++i) EXPECT_EQ(callers[i]->is_closed(), i < 3) << i;
  EXPECT_LT(loop.steady_ms() - begun, handshake_ms_max) << "they were closed for their silence";
  EXPECT_TRUE(was_logged("a newer connection of this validator greets"));
  EXPECT_TRUE(all_connected()) << "who has greeted keeps his place";
}

/// More is sent to a peer than it reads: what waits for it is bounded in bytes and in frames, and the newest comes.
TEST_F(TransportTest, WhatWaitsForAPeerThatDoesNotReadIsBounded) {
  open_all();
  constexpr std::size_t large = std::size_t{1} << 20;
  constexpr std::size_t many = 200;
  bool sent = false;
  auto const came = [&](Place at, Bytes const& frame) {
    return !heard[at].empty() && heard[at].back().second == frame;
  };
  ASSERT_TRUE(until([&] {
    if (!sent && all_connected()) {
      // Nothing is read while the one thread of them all is here.
      for (std::size_t i = 0; i < many; ++i) hubs[0]->send(1, bytes(large, 1));
      hubs[0]->send(1, bytes(10, 9));
      for (std::size_t i = 0; i < 3 * waiting_frames_max; ++i) hubs[0]->send(2, bytes(10, 1));
      hubs[0]->send(2, bytes(10, 9));
      sent = true;
    }
    return came(1, Bytes(10, 9)) && came(2, Bytes(10, 9));
  }));
  // The first is under way when the others come to wait.
  EXPECT_LE(heard[1].size(), 1 + waiting_bytes_max / large + 1);
  EXPECT_GE(heard[1].size(), waiting_bytes_max / large);
  EXPECT_EQ(heard[2].size(), 1 + waiting_frames_max);
}

TEST_F(TransportTest, ASecondProcessWithOneKeyIsToldAndNeverSpeaks) {
  open_all();
  std::unique_ptr<PeerTransport> second;
  std::string told;
  bool spoke = false;
  ASSERT_TRUE(until([&] {
    if (!all_connected()) return false;
    if (!second) {
      auto other = setup(2);
      other.listener.port = 39'490;
      other.doubled = [&](std::string const& what) { told = what; };
      second = std::move(PeerTransport::open(loop, std::move(other))).value();
    }
    // The first goes on talking, so that everybody hears that it is alive.
    hubs[2]->broadcast(bytes(5, 5));
    second->broadcast(bytes(7, 7));
    spoke = spoke || second->is_connected(0) || second->is_connected(1);
    return !told.empty();
  }));
  EXPECT_FALSE(spoke);
  EXPECT_NE(told.find("validator 2's key speaks from another process"), std::string::npos) << told;
  for (Place place = 0; place < 2; ++place) {
    EXPECT_EQ(std::ranges::count(heard[place], std::pair<Place, Bytes>{2, Bytes(7, 7)}), 0);
    EXPECT_TRUE(hubs[place]->is_connected(2));
  }
}

TEST_F(TransportTest, APortThatIsTakenIsAnError) {
  open(setup(0));
  auto const second = PeerTransport::open(loop, setup(0));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::E_BUSY);
  EXPECT_EQ(second.error().field, "listen.peers 127.0.0.1:39480");
}

}  // namespace
}  // namespace node
