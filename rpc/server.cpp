// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.hpp"

#include "rpc/address.hpp"
#include "rpc/places.hpp"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

namespace rpc {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = net::ip::tcp;
using Error = beast::error_code;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

class WebSocket;

/// Of a request at a time. A buffer without a size reads 512 bytes at a time, and each waits for its own event.
constexpr std::size_t read_bytes = 16 * 1024;

/// What connections share with their server.
struct Shared {
  explicit Shared(ServerLimits const& wanted) : limits(wanted), places(wanted.answered_max) {}

  Handler handler;
  OpenSession open_session;
  ServerLimits limits;
  Places places;
  std::atomic<std::size_t> connections{0};
  Addresses addresses;
  std::mutex mutex;
  std::set<WebSocket*> sockets;
};

/// Counts a connection for as long as it lives.
class Slot {
 public:
  Slot(std::shared_ptr<Shared> shared, std::string address) : shared_(std::move(shared)), address_(std::move(address)) {
    ++shared_->connections;
    crowded_ = shared_->addresses.opened(address_) > shared_->limits.address_connections_max;
  }
  ~Slot() {
    --shared_->connections;
    shared_->addresses.closed(address_);
  }
  Slot(Slot const&) = delete;
  Slot& operator=(Slot const&) = delete;

  std::string const& address() const { return address_; }
  /// Its address has too many.
  bool crowded() const { return crowded_; }

 private:
  std::shared_ptr<Shared> shared_;
  std::string address_;
  bool crowded_ = false;
};

class WebSocket : public std::enable_shared_from_this<WebSocket> {
 public:
  WebSocket(beast::tcp_stream stream, std::shared_ptr<Shared> shared, std::shared_ptr<Slot> slot,
            std::unique_ptr<Session> session)
      : stream_(std::move(stream)), shared_(std::move(shared)), slot_(std::move(slot)), session_(std::move(session)) {}
  ~WebSocket() {
    std::lock_guard const lock(shared_->mutex);
    shared_->sockets.erase(this);
  }

  void start(http::request<http::string_body> request) {
    stream_.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::server));
    stream_.read_message_max(shared_->limits.body_bytes_max);
    stream_.async_accept(request, [self = shared_from_this()](Error error) {
      if (error) return;
      {
        std::lock_guard const lock(self->shared_->mutex);
        self->shared_->sockets.insert(self.get());
      }
      self->pull_notices();
      self->read();
    });
  }

  void notify() {
    net::post(stream_.get_executor(), [self = shared_from_this()] { self->pull_notices(); });
  }

 private:
  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return;
      auto const text = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      Places::Taken const place(self->shared_->places);
      auto answer = self->session_->receive(text);
      if (!answer.empty()) self->send(std::move(answer));
      self->pull_notices();
      self->read();
    });
  }

  /// One notice at a time: the next is asked for when the last has left, so that what waits here stays small.
  void pull_notices() {
    while (waiting_bytes_ < shared_->limits.notice_bytes_max / 2) {
      auto notice = session_->next_notice();
      if (!notice) return;
      send(*std::move(notice));
    }
  }

  void send(std::string text) {
    waiting_bytes_ += text.size();
    if (waiting_bytes_ > shared_->limits.notice_bytes_max + shared_->limits.body_bytes_max) {
      beast::get_lowest_layer(stream_).close();
      return;
    }
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) write();
  }

  void write() {
    stream_.text(true);
    stream_.async_write(net::buffer(queue_.front()), [self = shared_from_this()](Error error, std::size_t) {
      if (error) return;
      self->waiting_bytes_ -= self->queue_.front().size();
      self->queue_.pop_front();
      if (self->queue_.empty()) {
        self->pull_notices();
      } else {
        self->write();
      }
    });
  }

  beast::websocket::stream<beast::tcp_stream> stream_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Slot> slot_;
  std::unique_ptr<Session> session_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  std::size_t waiting_bytes_ = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tcp::socket socket, std::shared_ptr<Shared> shared, std::shared_ptr<Slot> slot)
      : stream_(std::move(socket)), shared_(std::move(shared)), slot_(std::move(slot)) {
    buffer_.reserve(read_bytes);
  }

  void start() {
    net::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->read(); });
  }
  void refuse() {
    keep_alive_ = false;
    net::dispatch(stream_.get_executor(), [self = shared_from_this()] {
      self->write(problem(503, "about:blank", "E_BUSY", "too many connections; try again later"));
    });
  }

 private:
  void read() {
    parser_.emplace();
    parser_->body_limit(shared_->limits.body_bytes_max);
    parser_->header_limit(shared_->limits.header_bytes_max);
    stream_.expires_after(std::chrono::seconds(shared_->limits.idle_seconds_max));
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](Error error, std::size_t) { self->on_read(error); });
  }

  void on_read(Error error) {
    if (error == http::error::body_limit || error == http::error::header_limit) {
      keep_alive_ = false;
      auto const what = error == http::error::body_limit ? "the body's limit is " : "the headers' limit is ";
      auto const bytes =
          error == http::error::body_limit ? shared_->limits.body_bytes_max : shared_->limits.header_bytes_max;
      write(problem(error == http::error::body_limit ? 413 : 431, "about:blank", "E_TOO_LARGE",
                    what + std::to_string(bytes) + " bytes"));
      return;
    }
    if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      keep_alive_ = false;
      write(problem(400, "about:blank", "E_ENCODING", "not HTTP/1.1: " + error.message()));
      return;
    }
    if (error) {
      Error ignored;
      stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
      return;
    }
    auto request = parser_->release();
    if (shared_->limits.local_only && !is_local(request[http::field::host], request[http::field::origin])) {
      keep_alive_ = false;
      write(problem(403, "about:blank", "E_NOT_ALLOWED_HERE",
                    "Host, Origin: this listener answers programs of this machine; name it localhost or 127.0.0.1"));
      return;
    }
    if (!may_ask()) {
      keep_alive_ = false;
      write(problem(429, "about:blank", "E_BUSY", "too many requests from this address; try again in a second"));
      return;
    }
    Request plain{std::string(request.method_string()), std::string(request.target()), {}, request.body()};
    for (auto const& field : request)
      plain.headers.emplace_back(lower(field.name_string()), std::string(field.value()));
    if (beast::websocket::is_upgrade(request)) {
      keep_alive_ = false;
      if (!shared_->open_session) {
        write(problem(400, "about:blank", "E_ENCODING", "no WebSocket on this listener"));
        return;
      }
      auto session = shared_->open_session(plain);
      if (!session) {
        auto refused = answer(plain);
        // What is there for other requests has no session for this one.
        if (refused.status < 400) refused = problem(400, "about:blank", "E_ENCODING", "no WebSocket for this target");
        write(std::move(refused));
        return;
      }
      stream_.expires_never();
      std::make_shared<WebSocket>(std::move(stream_), shared_, slot_, std::move(session))->start(std::move(request));
      return;
    }
    keep_alive_ = request.keep_alive();
    head_only_ = request.method() == http::verb::head;
    stream_.expires_never();
    write(answer(plain));
  }

  bool may_ask() {
    auto const now = std::chrono::steady_clock::now().time_since_epoch();
    auto const now_ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    auto const& limits = shared_->limits;
    return limits.address_requests_max == 0 ||
           shared_->addresses.may_ask(slot_->address(), now_ms,
                                      {limits.address_requests_max, limits.address_requests_per_s});
  }

  Response answer(Request const& request) {
    Places::Taken const place(shared_->places);
    // A handler answers wrong input itself; what it throws comes from a library and ends here.
    try {
      return shared_->handler(request);
    } catch (std::exception const& error) {
      return problem(500, "about:blank", "internal", error.what());
    }
  }

  void write(Response response) {
    response_ = {};
    response_.result(response.status);
    response_.version(11);
    response_.set(http::field::content_type, response.type);
    response_.set(http::field::server, "tally");
    response_.set("X-Content-Type-Options", "nosniff");
    for (auto const& [name, value] : response.headers) response_.set(name, value);
    response_.keep_alive(keep_alive_);
    if (head_only_) {
      response_.content_length(response.body.size());
    } else {
      response_.body() = std::move(response.body);
      response_.prepare_payload();
    }
    stream_.expires_after(std::chrono::seconds(shared_->limits.idle_seconds_max));
    serializer_.emplace(response_);
    serializer_->split(head_only_);
    auto done = [self = shared_from_this()](Error error, std::size_t) {
      if (error) return;
      if (self->keep_alive_) return self->read();
      Error ignored;
      self->stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
      self->linger();
    };
    if (head_only_) {
      http::async_write_header(stream_, *serializer_, std::move(done));
    } else {
      http::async_write(stream_, *serializer_, std::move(done));
    }
  }

  /// Lets a client that is still sending what was refused come to its end and read why; to a bound.
  void linger() {
    constexpr std::size_t discarded_bytes_max = std::size_t{16} << 20;
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(65536), [self = shared_from_this()](Error error, std::size_t bytes) {
      self->discarded_bytes_ += bytes;
      if (!error && self->discarded_bytes_ < discarded_bytes_max) self->linger();
    });
  }

  beast::tcp_stream stream_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Slot> slot_;
  std::size_t discarded_bytes_ = 0;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  bool keep_alive_ = true;
  bool head_only_ = false;
};

class Listener final : public Server {
 public:
  explicit Listener(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)), acceptor_(context_), pause_(context_) {}
  ~Listener() override {
    context_.stop();
    for (auto& thread : threads_) thread.join();
  }

  Error start(Endpoint const& endpoint) {
    Error error;
    auto const address = net::ip::make_address(endpoint.address, error);
    if (error) return error;
    Tcp::endpoint const at(address, endpoint.port);
    acceptor_.open(at.protocol(), error);
    if (error) return error;
    acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (error) return error;
    acceptor_.bind(at, error);
    if (error) return error;
    acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (error) return error;
    port_ = acceptor_.local_endpoint().port();
    accept();
    for (unsigned i = 0; i < shared_->limits.answered_max + shared_->limits.waiting_max; ++i) {
      threads_.emplace_back([this] { context_.run(); });
    }
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void notify() override {
    std::lock_guard const lock(shared_->mutex);
    // A socket leaves the set in its destructor, under this lock; one whose count already reached zero is skipped.
    for (auto* socket : shared_->sockets) {
      if (auto const alive = socket->weak_from_this().lock()) alive->notify();
    }
  }

 private:
  void accept() {
    acceptor_.async_accept(net::make_strand(context_), [this](Error error, Tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (error) return pause();
      welcome(std::move(socket));
      accept();
    });
  }

  void welcome(Tcp::socket socket) {
    auto const& limits = shared_->limits;
    auto const open = shared_->connections.load();
    if (open >= limits.connections_max + limits.refusals_max) return;  // closes it
    Error error;
    auto const remote = socket.remote_endpoint(error);
    if (error) return;
    auto slot = std::make_shared<Slot>(shared_, remote.address().to_string());
    bool const full = open >= limits.connections_max || slot->crowded();
    auto const connection = std::make_shared<Connection>(std::move(socket), shared_, std::move(slot));
    if (full) {
      connection->refuse();
    } else {
      connection->start();
    }
  }

  /// Accepting fails while the process has no descriptors left; asking again at once would only burn time.
  void pause() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this](Error stopped) {
      if (!stopped) accept();
    });
  }

  std::shared_ptr<Shared> shared_;
  net::io_context context_;
  Tcp::acceptor acceptor_;
  net::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

base::Result<std::unique_ptr<Server>> listen(Endpoint const& endpoint, Handler handler, OpenSession open_session,
                                             ServerLimits const& limits) {
  auto shared = std::make_shared<Shared>(limits);
  shared->handler = std::move(handler);
  shared->open_session = std::move(open_session);
  auto listener = std::make_unique<Listener>(shared);
  if (auto const error = listener->start(endpoint)) {
    return base::Error{base::Code::E_BUSY, endpoint.address + ":" + std::to_string(endpoint.port), error.message()};
  }
  return std::unique_ptr<Server>(std::move(listener));
}

}  // namespace rpc
