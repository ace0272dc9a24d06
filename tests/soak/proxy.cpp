// SPDX-License-Identifier: Apache-2.0
#include "soak/proxy.hpp"

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <deque>
#include <set>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "sim/random.hpp"

namespace soak {

namespace {

namespace net = boost::asio;
using Tcp = net::ip::tcp;
using Failure = boost::system::error_code;
using Steady = std::chrono::steady_clock;

constexpr std::size_t piece_bytes_max = std::size_t{16} << 10;
/// A direction that holds more reads no more, as a full window would.
constexpr std::size_t held_bytes_max = std::size_t{1} << 20;
/// The least and the most that TCP waits before it sends again.
constexpr std::uint64_t again_ms_min = 200, again_ms_max = 400;
/// Of the pieces that are lost, so many end in a reset.
constexpr std::uint64_t reset_percent = 2;

struct Counters {
  std::atomic<std::uint64_t> bytes{0}, connections{0}, late{0}, resets{0};
};

/// Two connections, and what goes from each to the other. Directions are numbered by the side that they read.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  Relay(net::io_context& context, Tcp::socket caller, std::array<Weather const*, 2> weather, sim::Random& random,
        Counters& counters)
      : sockets_{std::move(caller), Tcp::socket(context)},
        flows_{Flow{weather[0], context}, Flow{weather[1], context}},
        random_(random),
        counters_(counters) {}

  void start(Tcp::endpoint const& target) {
    ++counters_.connections;
    sockets_[1].async_connect(target, [self = shared_from_this()](Failure failure) {
      if (failure) return self->close();
      for (auto& socket : self->sockets_) socket.set_option(Tcp::no_delay(true), failure);
      for (int side = 0; side < 2; ++side) self->read(side);
    });
  }
  void close() {
    if (std::exchange(closed_, true)) return;
    for (auto& socket : sockets_) {
      Failure ignored;
      socket.set_option(net::socket_base::linger(true, 0), ignored);
      socket.close(ignored);
    }
    for (auto& flow : flows_) flow.timer.cancel();
  }
  bool closed() const { return closed_; }
  /// The weather has changed.
  void wake() {
    for (int side = 0; side < 2; ++side) write(side);
  }

 private:
  struct Piece {
    Steady::time_point due;
    base::Bytes bytes;
  };
  struct Flow {
    Flow(Weather const* of, net::io_context& context) : weather(of), timer(context) {}
    Weather const* weather;
    net::steady_timer timer;
    std::array<std::uint8_t, piece_bytes_max> buffer{};
    std::deque<Piece> held;
    std::size_t held_bytes = 0;
    bool reading = false;
    bool writing = false;
  };

  void read(int side) {
    auto& flow = flows_[side];
    if (closed_ || flow.reading || flow.held_bytes >= held_bytes_max) return;
    flow.reading = true;
    sockets_[side].async_read_some(net::buffer(flow.buffer),
                                   [self = shared_from_this(), side](Failure failure, std::size_t size) {
                                     auto& here = self->flows_[side];
                                     here.reading = false;
                                     if (failure) return self->close();
                                     self->take(here, size);
                                     self->read(side);
                                     self->write(side);
                                   });
  }

  void take(Flow& flow, std::size_t size) {
    auto due = Steady::now() + std::chrono::milliseconds(flow.weather->delay_ms);
    if (random_.percent(flow.weather->loss_percent)) {
      ++counters_.late;
      due += std::chrono::milliseconds(random_.between(again_ms_min, again_ms_max));
      if (random_.percent(reset_percent)) {
        ++counters_.resets;
        return close();
      }
    }
    // What comes behind waits too: a stream keeps its order.
    if (!flow.held.empty()) due = std::max(due, flow.held.back().due);
    flow.held.push_back({due, base::Bytes(flow.buffer.begin(), flow.buffer.begin() + static_cast<long>(size))});
    flow.held_bytes += size;
    counters_.bytes += size;
  }

  void write(int side) {
    auto& flow = flows_[side];
    if (closed_ || flow.writing || flow.held.empty() || flow.weather->stalled) return;
    if (flow.held.front().due > Steady::now()) {
      flow.timer.expires_at(flow.held.front().due);
      flow.timer.async_wait([self = shared_from_this(), side](Failure failure) {
        if (!failure) self->write(side);
      });
      return;
    }
    flow.writing = true;
    net::async_write(sockets_[1 - side], net::buffer(flow.held.front().bytes),
                     [self = shared_from_this(), side](Failure failure, std::size_t size) {
                       auto& here = self->flows_[side];
                       here.writing = false;
                       if (failure) return self->close();
                       here.held_bytes -= size;
                       here.held.pop_front();
                       self->read(side);
                       self->write(side);
                     });
  }

  std::array<Tcp::socket, 2> sockets_;
  std::array<Flow, 2> flows_;
  bool closed_ = false;
  sim::Random& random_;
  Counters& counters_;
};

}  // namespace

struct Proxies::Inside {
  using Way = std::pair<std::size_t, std::size_t>;
  struct Door {
    Way way;
    Tcp::endpoint listener, target;
    std::optional<Tcp::acceptor> acceptor;
    std::vector<std::weak_ptr<Relay>> relays;
  };

  explicit Inside(std::uint64_t seed) : random(seed) {}

  Failure listen(Door& door) {
    Failure failure;
    auto& acceptor = door.acceptor.emplace(context);
    acceptor.open(door.listener.protocol(), failure);
    if (!failure) acceptor.set_option(net::socket_base::reuse_address(true), failure);
    if (!failure) acceptor.bind(door.listener, failure);
    if (!failure) acceptor.listen(net::socket_base::max_listen_connections, failure);
    if (!failure) accept(door);
    return failure;
  }
  void accept(Door& door) {
    door.acceptor->async_accept([this, &door](Failure failure, Tcp::socket socket) {
      if (failure == net::error::operation_aborted || !door.acceptor) return;
      if (!failure) {
        std::erase_if(door.relays, [](auto const& one) { return one.expired() || one.lock()->closed(); });
        auto const [caller, answerer] = door.way;
        std::array<Weather const*, 2> const both{&weather[{caller, answerer}], &weather[{answerer, caller}]};
        auto const relay = std::make_shared<Relay>(context, std::move(socket), both, random, counters);
        door.relays.push_back(relay);
        relay->start(door.target);
      }
      accept(door);
    });
  }
  void each_between(Way const& pair, std::function<void(Door&)> const& act) {
    for (auto& door : doors) {
      if (door->way == pair || door->way == Way{pair.second, pair.first}) act(*door);
    }
  }
  static void each_relay(Door& door, void (Relay::*act)()) {
    for (auto const& one : door.relays) {
      if (auto const relay = one.lock()) (relay.get()->*act)();
    }
  }

  net::io_context context{1};
  sim::Random random;
  Counters counters;
  std::map<Way, Weather> weather;
  std::vector<std::unique_ptr<Door>> doors;
  std::thread thread;
};

Proxies::Proxies(std::uint64_t seed) : inside_(std::make_unique<Inside>(seed)) {}

Proxies::~Proxies() {
  inside_->context.stop();
  if (inside_->thread.joinable()) inside_->thread.join();
}

base::Result<void> Proxies::add(std::size_t caller, std::size_t answerer, node::Address const& listener,
                                node::Address const& target) {
  auto door = std::make_unique<Inside::Door>();
  door->way = {caller, answerer};
  door->listener = {net::ip::make_address(listener.host), listener.port};
  door->target = {net::ip::make_address(target.host), target.port};
  if (auto const failure = inside_->listen(*door)) {
    return base::Error{base::Code::E_BUSY, "proxy " + node::to_text(listener), failure.message()};
  }
  inside_->doors.push_back(std::move(door));
  return {};
}

void Proxies::start() {
  inside_->thread = std::thread([this] {
    auto const guard = net::make_work_guard(inside_->context);
    inside_->context.run();
  });
}

void Proxies::set(std::size_t from, std::size_t to, Weather weather) {
  net::post(inside_->context, [this, from, to, weather] {
    inside_->weather[{from, to}] = weather;
    inside_->each_between({from, to}, [](Inside::Door& door) { Inside::each_relay(door, &Relay::wake); });
  });
}

void Proxies::reset(std::size_t one, std::size_t other) {
  net::post(inside_->context, [this, one, other] {
    ++inside_->counters.resets;
    inside_->each_between({one, other}, [](Inside::Door& door) { Inside::each_relay(door, &Relay::close); });
  });
}

void Proxies::refuse(std::size_t one, std::size_t other, bool so) {
  net::post(inside_->context, [this, one, other, so] {
    inside_->each_between({one, other}, [this, so](Inside::Door& door) {
      if (so) {
        door.acceptor.reset();
      } else if (!door.acceptor) {
        CHECK(!inside_->listen(door));
      }
    });
  });
}

ProxyFigures Proxies::figures() const {
  auto const& counters = inside_->counters;
  return {counters.bytes, counters.connections, counters.late, counters.resets};
}

}  // namespace soak
