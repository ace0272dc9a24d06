// SPDX-License-Identifier: Apache-2.0
#include "node/abci/server.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "node/abci/abci.pb.h"

namespace node::comet {

using base::Code;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t held_bytes_max = std::size_t{64} << 10;

/// Reads a connection through a buffer; requests are many and small.
class Stream {
 public:
  explicit Stream(int handle) : handle_(handle) {}

  /// Nothing at the end of the connection, or for a length that is none or too large.
  std::optional<std::string> read() {
    std::uint64_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
      constexpr unsigned shift_max = 28;
      if (shift > shift_max || !fill(1)) return std::nullopt;
      auto const byte = static_cast<std::uint8_t>(buffer_[begin_++]);
      length |= std::uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) == 0) break;
    }
    if (length > request_bytes_max || !fill(static_cast<std::size_t>(length))) return std::nullopt;
    auto out = buffer_.substr(begin_, static_cast<std::size_t>(length));
    begin_ += out.size();
    return out;
  }
  /// True when no whole request waits in the buffer: time to send what was answered.
  bool is_empty() const { return begin_ == buffer_.size(); }

  bool write(std::string const& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      auto const done = ::send(handle_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      sent += static_cast<std::size_t>(done);
    }
    return true;
  }

 private:
  /// True when so many bytes are there.
  bool fill(std::size_t count) {
    if (begin_ == buffer_.size()) buffer_.clear(), begin_ = 0;
    while (buffer_.size() - begin_ < count) {
      char chunk[1 << 16];
      auto const got = ::recv(handle_, chunk, sizeof chunk, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      buffer_.append(chunk, static_cast<std::size_t>(got));
    }
    return true;
  }

  int handle_;
  std::string buffer_;
  std::size_t begin_ = 0;
};

void put_length(std::string& out, std::size_t length) {
  for (; length >= 0x80; length >>= 7) out.push_back(static_cast<char>(length | 0x80));
  out.push_back(static_cast<char>(length));
}

}  // namespace

struct Server::Inside {
  Answer answer;
  int listener = -1;
  std::thread acceptor;
  std::mutex mutex;
  struct Connection {
    int handle;
    std::thread thread;
  };
  std::list<Connection> connections;
  bool closed = false;

  void serve(int handle) {
    Stream stream(handle);
    std::string out;
    while (auto const bytes = stream.read()) {
      abci::Request request;
      abci::Response response;
      if (request.ParseFromString(*bytes)) {
        answer(request, response);
      } else {
        response.mutable_exception()->set_error("the request is no protobuf of ABCI 2.0");
      }
      put_length(out, response.ByteSizeLong());
      response.AppendToString(&out);
      // Answers leave together, at the latest with the answer to a Flush.
      bool const waits = !stream.is_empty() && request.value_case() != abci::Request::kFlush;
      if (waits && out.size() < held_bytes_max) continue;
      if (!stream.write(out)) break;
      out.clear();
    }
    ::shutdown(handle, SHUT_RDWR);
  }

  void accept() {
    while (true) {
      int const handle = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (handle < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
      if (handle < 0) return;
      std::lock_guard const lock(mutex);
      if (closed || connections.size() >= connections_max) {
        ::close(handle);
        continue;
      }
      connections.push_back({handle, std::thread([this, handle] { serve(handle); })});
    }
  }
};

Result<std::unique_ptr<Server>> Server::listen(std::filesystem::path const& path, Answer answer) {
  auto const failure = [&] { return Error{Code::E_DISK, path.string(), std::strerror(errno)}; };
  auto inside = std::make_unique<Inside>();
  inside->answer = std::move(answer);
  inside->listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (inside->listener < 0) return failure();
  std::unique_ptr<Server> server(new Server(std::move(inside)));
  // The name of a socket has a hundred characters, a folder may have more: it is named by its handle instead.
  int const folder = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return failure();
  auto const name = "/proc/self/fd/" + std::to_string(folder) + "/" + path.filename().string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(name.size() < sizeof address.sun_path);
  std::copy(name.begin(), name.end(), address.sun_path);
  ::unlink(name.c_str());
  auto const* any = static_cast<sockaddr const*>(static_cast<void const*>(&address));
  bool const bound = ::bind(server->inside_->listener, any, sizeof address) == 0 && ::chmod(name.c_str(), 0600) == 0 &&
                     ::listen(server->inside_->listener, static_cast<int>(connections_max)) == 0;
  auto const failed = failure();
  ::close(folder);
  if (!bound) return failed;
  server->inside_->acceptor = std::thread([raw = server->inside_.get()] { raw->accept(); });
  return server;
}

Server::Server(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Server::~Server() {
  ::shutdown(inside_->listener, SHUT_RDWR);
  if (inside_->acceptor.joinable()) inside_->acceptor.join();
  {
    std::lock_guard const lock(inside_->mutex);
    inside_->closed = true;
    for (auto const& connection : inside_->connections) ::shutdown(connection.handle, SHUT_RDWR);
  }
  for (auto& connection : inside_->connections) {
    connection.thread.join();
    ::close(connection.handle);
  }
  ::close(inside_->listener);
}

}  // namespace node::comet
