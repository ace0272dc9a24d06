// SPDX-License-Identifier: Apache-2.0
#include "node/transport.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <set>

#include "node/greeting.hpp"
#include "node/outbox.hpp"
#include "node/wire.hpp"

namespace node {

namespace {

namespace net = boost::asio;
namespace ssl = net::ssl;
using Tcp = net::ip::tcp;
using Failure = boost::system::error_code;
using Stream = ssl::stream<Tcp::socket>;
using base::Code;
using base::Error;

constexpr std::uint64_t watch_ms = 250;
constexpr std::uint64_t retry_ms_min = 250;
constexpr std::uint64_t retry_ms_max = 1'000;
constexpr std::uint64_t settled_after_ms = 10'000;
constexpr std::size_t length_bytes = 4;

class Hub;

/// What counts as one address: of IPv6 the network, since a host has all of it.
std::string address_of(Tcp::socket const& socket) {
  Failure failure;
  auto const address = socket.remote_endpoint(failure).address();
  if (failure || !address.is_v6()) return failure ? std::string() : address.to_string();
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return net::ip::address_v6(bytes).to_string();
}

/// One TLS connection, from the handshake to its end.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Hub& hub, Stream stream, std::optional<std::size_t> called);
  /// Of a connected socket.
  void start();
  void connect(Tcp::endpoint const& endpoint);
  void send(SharedBytes frame);
  /// The connection is gone for its owner at once; what runs on the socket ends by itself.
  void close(std::string const& reason);
  std::uint64_t heard_at_ms() const { return heard_at_ms_; }
  /// Later ones have more.
  std::uint64_t number() const { return number_; }
  bool is_speaking() const { return stage_ == Stage::speaking; }
  /// A caller whose key is not proven yet.
  bool is_stranger() const { return !called_ && !peer_; }
  bool is_of(std::size_t seat) const { return peer_ == seat; }
  std::string const& address() const { return address_; }
  std::uint64_t silence_ms_allowed() const {
    return is_speaking() ? silence_ms_max : is_stranger() ? stranger_ms_max : handshake_ms_max;
  }
  Hash const& instance() const { return instance_; }
  std::optional<std::size_t> called() const { return called_; }
  Hash const& tls_key() const { return tls_key_; }

 private:
  void shake_hands();
  void identify(Failure failure);
  void read_length();
  void read_frame(std::size_t size);
  Result<void> take_frame();
  Result<void> take_hello();
  Result<void> take_welcome();
  void read_on(PeerBudget::Verdict const& verdict);
  void write();

  Hub& hub_;
  std::uint64_t number_;
  Stream stream_;
  /// Seats.
  std::optional<std::size_t> called_;
  std::optional<std::size_t> peer_;
  /// Proven by the peer.
  Hash tls_key_;
  enum class Stage { greeting, answering, speaking };
  Stage stage_ = Stage::greeting;
  Hash instance_;
  /// The other side's other instance is connected here, and this one is not wanted.
  bool refusing_ = false;
  bool closed_ = false;
  std::uint64_t heard_at_ms_ = 0;
  /// Where the caller is.
  std::string address_;
  net::steady_timer throttle_;
  std::array<std::uint8_t, length_bytes> length_{};
  Bytes frame_;
  Outbox outbox_;
  Bytes writing_;
};

class Hub final : public PeerTransport {
 public:
  Hub(Loop& loop, TransportSetup setup)
      : loop_(loop),
        setup_(std::move(setup)),
        tls_(ssl::context::tls),
        acceptor_(loop.context()),
        watch_(loop.context()),
        seats_(setup_.validators, setup_.peers, setup_.place),
        peers_(seats_.size()),
        instance_(random_bytes()),
        opened_at_ms_(loop.steady_ms()) {}
  ~Hub() override {
    for (auto const& connection : std::set(connections_)) connection->close("");
  }

  Result<void> open();
  void send(Place to, SharedBytes frame) override {
    if (is_connected(to)) peers_[seats_.seat_of(to)].connection->send(std::move(frame));
  }
  void broadcast(SharedBytes frame) override {
    for (auto const& peer : peers_) {
      if (speaks_ && peer.connection != nullptr) peer.connection->send(frame);
    }
  }
  bool is_connected(Place place) const override {
    auto const seat = seats_.seat_of(place);
    return speaks_ && seat < peers_.size() && peers_[seat].connection != nullptr;
  }
  void members(std::vector<Member> const& validators, std::optional<Place> own) override;

  // For connections.
  TransportSetup const& setup() const { return setup_; }
  net::io_context& context() { return loop_.context(); }
  std::uint64_t next_number() { return connections_made_++; }
  Seats const& seats() const { return seats_; }
  Hello hello() const { return {protocol_version, setup_.chain, instance_}; }
  /// How long ago another instance of the validator was heard; nothing when none is connected and alive.
  std::optional<std::uint64_t> other_instance(std::size_t seat, Hash const& instance) const;
  /// The peer says how long ago it heard another instance of this validator.
  void refused(std::size_t seat, std::uint64_t heard_before_ms);
  PeerBudget& budget(std::size_t seat) { return peers_[seat].budget; }
  CallerBudget& callers() { return callers_; }
  /// A connection of the validator is about to greet.
  void greeting(std::size_t seat);
  void exile(std::size_t seat, std::string const& reason);
  bool is_exiled(std::size_t seat) const { return now_ms() < peers_[seat].exiled_until_ms; }
  std::uint64_t now_ms() const { return loop_.steady_ms(); }
  void joined(std::size_t seat, std::shared_ptr<Connection> const& connection);
  void left(std::shared_ptr<Connection> const& connection, std::string const& reason);

 private:
  struct Peer {
    std::shared_ptr<Connection> connection;
    bool calling = false;
    std::uint64_t call_at_ms = 0;
    std::uint64_t retry_ms = retry_ms_min;
    std::uint64_t joined_at_ms = 0;
    std::uint64_t exiled_until_ms = 0;
    PeerBudget budget;
    bool says_doubled = false;
  };
  Result<void> use_keys();
  Result<void> use(TlsIdentity const& identity);
  Result<void> listen();
  void accept();
  void make_room();
  template <class Which>
  std::vector<std::shared_ptr<Connection>> oldest_first(Which which) const;
  void accept_later();
  void call(std::size_t seat);
  void connect(std::size_t seat, Tcp::endpoint const& endpoint);
  void call_failed(std::size_t seat);
  void watch();
  bool is_to_call(std::size_t seat) const;

  Loop& loop_;
  TransportSetup setup_;
  ssl::context tls_;
  Tcp::acceptor acceptor_;
  net::steady_timer watch_;
  Seats seats_;
  /// By seat.
  std::vector<Peer> peers_;
  /// Of my key in use.
  Hash tls_key_;
  struct Older {
    bool operator()(auto const& one, auto const& other) const { return one->number() < other->number(); }
  };
  std::set<std::shared_ptr<Connection>, Older> connections_;
  CallerBudget callers_;
  std::uint64_t connections_made_ = 0;
  Hash instance_;
  std::uint64_t opened_at_ms_;
  /// A quorum accepted this instance once.
  bool speaks_ = false;
  /// A question to the resolver can outlive this object.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Connection::Connection(Hub& hub, Stream stream, std::optional<std::size_t> called)
    : hub_(hub),
      number_(hub.next_number()),
      stream_(std::move(stream)),
      called_(called),
      heard_at_ms_(hub.now_ms()),
      throttle_(hub.context()) {}

void Connection::connect(Tcp::endpoint const& endpoint) {
  stream_.lowest_layer().async_connect(endpoint, [self = shared_from_this()](Failure failure) {
    if (self->closed_) return;
    // No message: a node that is down is no news at every call; /readyz names it.
    if (failure) return self->close("");
    self->start();
  });
}

void Connection::start() {
  Failure ignored;
  stream_.lowest_layer().set_option(Tcp::no_delay(true), ignored);
  if (called_) return shake_hands();
  address_ = address_of(stream_.next_layer());
  // A handshake counts when it begins: who only holds a connection costs no time, and takes none from others there.
  stream_.lowest_layer().async_wait(Tcp::socket::wait_read, [self = shared_from_this()](Failure failure) {
    if (self->closed_) return;
    Failure gone;
    bool const speaks = !failure && self->stream_.lowest_layer().available(gone) > 0;
    if (!speaks || !self->hub_.callers().admits(self->address_, self->hub_.now_ms())) return self->close("");
    self->shake_hands();
  });
}

void Connection::shake_hands() {
  auto const side = called_ ? ssl::stream_base::client : ssl::stream_base::server;
  stream_.async_handshake(side, [self = shared_from_this()](Failure failure) { self->identify(failure); });
}

/// TLS has shown that the peer has the key of its certificate; whose key that is, genesis and state say.
void Connection::identify(Failure failure) {
  if (closed_) return;
  if (failure) return close("handshake failed: " + failure.message());
  auto* const certificate = SSL_get1_peer_certificate(stream_.native_handle());
  if (certificate == nullptr) return close("no certificate");
  tls_key_ = pin_of(certificate);
  X509_free(certificate);
  peer_ = hub_.seats().find(tls_key_);
  if (!peer_) return close("its key " + tls_key_.hex() + " is no validator's");
  if (called_ && *called_ != *peer_) return close("answered as validator " + std::to_string(*peer_));
  if (hub_.is_exiled(*peer_)) return close("validator " + std::to_string(*peer_) + " has sent a flood and has to wait");
  hub_.greeting(*peer_);
  send(std::make_shared<Bytes const>(base::encode(hub_.hello())));
  // Whom I called is not to blame for it.
  if (called_) return read_length();
  read_on(hub_.budget(*peer_).handshake(hub_.setup().limits, hub_.now_ms()));
}

void Connection::read_length() {
  net::async_read(stream_, net::buffer(length_), [self = shared_from_this()](Failure failure, std::size_t) {
    if (self->closed_) return;
    if (failure) return self->close("closed: " + failure.message());
    std::size_t size = 0;
    for (std::size_t i = length_bytes; i-- > 0;) size = size << 8 | self->length_[i];
    if (size > frame_bytes_max) {
      return self->close("E_TOO_LARGE: a frame of " + std::to_string(size) + " bytes");
    }
    self->read_frame(size);
  });
}

void Connection::read_frame(std::size_t size) {
  frame_.resize(size);
  net::async_read(stream_, net::buffer(frame_), [self = shared_from_this(), size](Failure failure, std::size_t) {
    if (self->closed_) return;
    if (failure) return self->close("closed: " + failure.message());
    self->heard_at_ms_ = self->hub_.now_ms();
    auto const taken = self->take_frame();
    // The receiver may have closed this connection through another one of the same peer.
    if (self->closed_) return;
    if (!taken) return self->close(base::to_string(taken.error()));
    // A large block need not keep its memory until the next one.
    if (self->frame_.capacity() > write_bytes) Bytes().swap(self->frame_);
    self->read_on(self->hub_.budget(*self->peer_).frame(self->hub_.setup().limits, self->hub_.now_ms(), size));
  });
}

/// Reads the next frame, at once or when the peer's rate allows; a peer that sends beyond it all the time is dropped.
void Connection::read_on(PeerBudget::Verdict const& verdict) {
  if (verdict.flood) {
    auto const& limits = hub_.setup().limits;
    return hub_.exile(*peer_, "E_BUSY: a flood, more than " + std::to_string(limits.frames_per_s) + " frames, " +
                                  std::to_string(limits.bytes_per_s >> 20) + " MiB or " +
                                  std::to_string(limits.handshakes_per_s) + " connections a second for " +
                                  std::to_string(limits.patience_ms / 1'000) + " s");
  }
  if (verdict.wait_us == 0) return read_length();
  throttle_.expires_after(std::chrono::microseconds(verdict.wait_us));
  throttle_.async_wait([self = shared_from_this()](Failure failure) {
    if (!failure && !self->closed_) self->read_length();
  });
}

Result<void> Connection::take_frame() {
  switch (stage_) {
    case Stage::greeting:
      return take_hello();
    case Stage::answering:
      return take_welcome();
    case Stage::speaking:
      break;
  }
  return hub_.setup().receive(hub_.seats().place_of(*peer_), frame_);
}

Result<void> Connection::take_hello() {
  TRY_ASSIGN(auto const hello, base::decode<Hello>(frame_));
  if (hello.version != protocol_version)
    return Error{Code::E_FORM, "hello.version", "this program speaks version " + std::to_string(protocol_version)};
  if (hello.chain != hub_.setup().chain) return Error{Code::E_CHAIN, "hello.chain", hello.chain.hex()};
  instance_ = hello.instance;
  stage_ = Stage::answering;
  auto const heard_before_ms = hub_.other_instance(*peer_, instance_);
  refusing_ = heard_before_ms.has_value();
  Welcome const welcome{refusing_, static_cast<std::uint32_t>(heard_before_ms.value_or(0))};
  send(std::make_shared<Bytes const>(base::encode(welcome)));
  return {};
}

Result<void> Connection::take_welcome() {
  TRY_ASSIGN(auto const welcome, base::decode<Welcome>(frame_));
  if (welcome.doubled) {
    hub_.refused(*peer_, welcome.heard_before_ms);
    return Error{Code::E_BUSY, "welcome", "this validator's key is connected there by another process"};
  }
  // Who is refused closes when he has read why; closing first could take the answer from him.
  if (refusing_) return {};
  stage_ = Stage::speaking;
  hub_.joined(*peer_, shared_from_this());
  return {};
}

void Connection::send(SharedBytes frame) {
  outbox_.put(std::move(frame));
  if (writing_.empty()) write();
}

void Connection::write() {
  outbox_.take(writing_);
  if (writing_.empty()) return;
  net::async_write(stream_, net::buffer(writing_), [self = shared_from_this()](Failure failure, std::size_t) {
    if (self->closed_) return;
    if (failure) return self->close("closed: " + failure.message());
    if (self->writing_.capacity() > 2 * write_bytes) {
      Bytes().swap(self->writing_);
    } else {
      self->writing_.clear();
    }
    self->write();
  });
}

void Connection::close(std::string const& reason) {
  if (closed_) return;
  closed_ = true;
  Failure ignored;
  throttle_.cancel();
  stream_.lowest_layer().close(ignored);
  hub_.left(shared_from_this(), reason);
}

Result<void> Hub::open() {
  TRY(use_keys());
  TRY(listen());
  accept();
  watch();
  return {};
}

Result<void> Hub::use_keys() {
  Failure failure;
  tls_.set_options(ssl::context::default_workarounds, failure);
  bool const good = SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_3_VERSION) == 1 &&
                    SSL_CTX_set_num_tickets(tls_.native_handle(), 0) == 1;
  CHECK(good);
  tls_.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  // Certificates are self-signed and compared with genesis and state after the handshake, which proves the key.
  tls_.set_verify_callback([](bool, ssl::verify_context&) { return true; });
  return use(setup_.identities().front());
}

/// Connections from here on have it.
Result<void> Hub::use(TlsIdentity const& identity) {
  Failure failure;
  tls_.use_certificate(net::buffer(identity.certificate_pem), ssl::context::pem, failure);
  if (failure) return Error{Code::E_FORM, "tls.crt", failure.message()};
  tls_.use_private_key(net::buffer(identity.key_pem), ssl::context::pem, failure);
  if (failure) return Error{Code::E_FORM, "tls.key", failure.message()};
  tls_key_ = identity.pin;
  return {};
}

Result<void> Hub::listen() {
  Failure failure;
  auto const address = net::ip::make_address(setup_.listener.host, failure);
  if (failure) return Error{Code::E_FORM, "listen.peers", setup_.listener.host + " is no IP address"};
  Tcp::endpoint const endpoint(address, setup_.listener.port);
  acceptor_.open(endpoint.protocol(), failure);
  if (!failure) acceptor_.set_option(net::socket_base::reuse_address(true), failure);
  if (!failure) acceptor_.bind(endpoint, failure);
  if (!failure) acceptor_.listen(net::socket_base::max_listen_connections, failure);
  if (failure) return Error{Code::E_BUSY, "listen.peers " + to_text(setup_.listener), failure.message()};
  return {};
}

void Hub::members(std::vector<Member> const& validators, std::optional<Place> own) {
  seats_.follow(validators, own);
  peers_.resize(seats_.size());
  if (own && validators[*own].validator.tls_key != tls_key_) {
    for (auto const& identity : setup_.identities()) {
      if (identity.pin != validators[*own].validator.tls_key) continue;
      auto const used = use(identity);
      setup_.log(used ? "info" : "error",
                 used ? "the TLS key " + tls_key_.hex() + " is in use now" : base::to_string(used.error()));
    }
  }
  // What a key proved before it was replaced holds no longer than the key.
  for (std::size_t seat = 0; seat < peers_.size(); ++seat) {
    auto const connection = peers_[seat].connection;
    if (connection && !seats_.accepts(seat, connection->tls_key())) connection->close("its TLS key was replaced");
  }
}

void Hub::accept() {
  acceptor_.async_accept([this](Failure failure, Tcp::socket socket) {
    if (failure == net::error::operation_aborted) return;
    if (failure) return accept_later();
    make_room();
    auto const connection = std::make_shared<Connection>(*this, Stream(std::move(socket), tls_), std::nullopt);
    connections_.insert(connection);
    connection->start();
    accept();
  });
}

template <class Which>
std::vector<std::shared_ptr<Connection>> Hub::oldest_first(Which which) const {
  std::vector<std::shared_ptr<Connection>> out;
  std::ranges::copy_if(connections_, std::back_inserter(out), which);
  return out;
}

/// For one more caller.
void Hub::make_room() {
  auto const strangers = oldest_first([](auto const& one) { return one->is_stranger(); });
  if (strangers.size() < strangers_max) return;
  std::vector<std::string> addresses;
  for (auto const& stranger : strangers) addresses.push_back(stranger->address());
  strangers[who_yields(addresses)]->close("");
}

void Hub::greeting(std::size_t seat) {
  auto const greeting = oldest_first([&](auto const& one) { return one->is_of(seat) && !one->is_speaking(); });
  if (greeting.size() > greeting_max) greeting.front()->close("a newer connection of this validator greets");
}

/// All its connections end: what one of them spends, the others may not spend again.
void Hub::exile(std::size_t seat, std::string const& reason) {
  peers_[seat].exiled_until_ms = now_ms() + setup_.limits.exile_ms;
  for (auto const& connection : std::set(connections_)) {
    if (connection->is_of(seat)) connection->close(reason);
  }
}

/// Accepting fails while the process has no descriptors left; asking again at once would only burn time.
void Hub::accept_later() {
  auto const timer = std::make_shared<net::steady_timer>(loop_.context(), std::chrono::milliseconds(100));
  timer->async_wait([this, timer, alive = std::weak_ptr(alive_)](Failure) {
    if (!alive.expired()) accept();
  });
}

void Hub::call(std::size_t seat) {
  auto& peer = peers_[seat];
  auto const& [host, port] = *seats_.address(seat);
  Failure failure;
  auto const address = net::ip::make_address(host, failure);
  if (failure) {
    // Names are resolved anew at each call, because they are there to be moved.
    peer.calling = true;
    auto const resolver = std::make_shared<Tcp::resolver>(loop_.context());
    resolver->async_resolve(host, std::to_string(port),
                            [this, seat, resolver, alive = std::weak_ptr(alive_)](Failure unknown, auto const& found) {
                              if (alive.expired()) return;
                              if (unknown || found.empty()) return call_failed(seat);
                              connect(seat, found.begin()->endpoint());
                            });
    return;
  }
  connect(seat, {address, port});
}

void Hub::connect(std::size_t seat, Tcp::endpoint const& endpoint) {
  peers_[seat].calling = true;
  auto const connection = std::make_shared<Connection>(*this, Stream(loop_.context(), tls_), seat);
  connections_.insert(connection);
  connection->connect(endpoint);
}

/// The next call comes later each time, up to some seconds.
void Hub::call_failed(std::size_t seat) {
  auto& peer = peers_[seat];
  peer.calling = false;
  peer.call_at_ms = now_ms() + peer.retry_ms;
  peer.retry_ms = std::min(2 * peer.retry_ms, retry_ms_max);
}

void Hub::joined(std::size_t seat, std::shared_ptr<Connection> const& connection) {
  auto& peer = peers_[seat];
  auto const before = std::exchange(peer.connection, connection);
  peer.joined_at_ms = now_ms();
  peer.says_doubled = false;
  std::size_t accepting = 0;
  for (std::size_t i = 0; i < peers_.size(); ++i) accepting += peers_[i].connection && seats_.is_member(i);
  speaks_ = speaks_ || accepting >= seats_.others_needed();
  setup_.log("info", "peer=" + std::to_string(seat) + " connected");
  // The newer connection is the one that the peer believes in.
  if (before) before->close("replaced");
}

std::optional<std::uint64_t> Hub::other_instance(std::size_t seat, Hash const& instance) const {
  auto const& connection = peers_[seat].connection;
  if (!connection || connection->instance() == instance) return std::nullopt;
  auto const silent_ms = now_ms() - connection->heard_at_ms();
  if (silent_ms > alive_ms_max) return std::nullopt;
  return silent_ms;
}

void Hub::refused(std::size_t seat, std::uint64_t heard_before_ms) {
  peers_[seat].says_doubled = heard_before_ms + predecessor_ms < now_ms() - opened_at_ms_;
  auto const saying = std::ranges::count(peers_, true, &Peer::says_doubled);
  if (static_cast<std::size_t>(saying) <= seats_.faulty_max()) return;
  if (setup_.doubled) {
    auto const who = seats_.own() ? "validator " + std::to_string(*seats_.own()) : std::string("this node");
    setup_.doubled(who + "'s key speaks from another process now, say " + std::to_string(saying) +
                   " peers. Two would vote twice. Fix: run one node for one key");
  }
}

void Hub::left(std::shared_ptr<Connection> const& connection, std::string const& reason) {
  connections_.erase(connection);
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (peers_[i].connection != connection) continue;
    peers_[i].connection = nullptr;
    // Who stayed for a while may come back at once; who is dropped at every greeting waits longer each time.
    if (now_ms() - peers_[i].joined_at_ms > settled_after_ms) peers_[i].retry_ms = retry_ms_min;
    if (!reason.empty()) setup_.log("warn", "peer=" + std::to_string(i) + " lost: " + reason);
  }
  if (connection->called()) return call_failed(*connection->called());
  if (!connection->is_speaking() && !reason.empty()) setup_.log("info", "a caller was refused: " + reason);
}

/// Who is not called for some time calls everybody: the address that they know may be that of another process with this
/// key.
bool Hub::is_to_call(std::size_t seat) const {
  auto const& peer = peers_[seat];
  bool const uncalled = !speaks_ && now_ms() - opened_at_ms_ > predecessor_ms;
  return (seats_.calls(seat) || uncalled) && !seats_.is_own(seat) && seats_.address(seat) && !peer.connection &&
         !peer.calling && peer.call_at_ms <= now_ms() && !is_exiled(seat);
}

void Hub::watch() {
  auto const now = now_ms();
  for (auto const& connection : std::set(connections_)) {
    auto const limit = connection->silence_ms_allowed();
    if (now - connection->heard_at_ms() > limit) connection->close("silent for " + std::to_string(limit / 1000) + " s");
  }
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (is_to_call(i)) call(i);
  }
  watch_.expires_after(std::chrono::milliseconds(watch_ms));
  watch_.async_wait([this](Failure failure) {
    if (!failure) watch();
  });
}

}  // namespace

Result<std::unique_ptr<PeerTransport>> PeerTransport::open(Loop& loop, TransportSetup setup) {
  auto hub = std::make_unique<Hub>(loop, std::move(setup));
  TRY(hub->open());
  return std::unique_ptr<PeerTransport>(std::move(hub));
}

}  // namespace node
