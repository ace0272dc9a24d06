// SPDX-License-Identifier: Apache-2.0
#pragma once

// The socket that CometBFT connects to: requests and responses in protobuf, each with its length as an unsigned varint
// in front. Every connection is served in order by a thread of its own.

#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.hpp"

namespace abci {
class Request;
class Response;
}  // namespace abci

namespace node::comet {

/// A block of 8 MiB with what is around it; a request that says it is longer ends its connection.
constexpr std::size_t request_bytes_max = std::size_t{32} << 20;
/// CometBFT makes four.
constexpr std::size_t connections_max = 8;

class Server {
 public:
  using Answer = std::function<void(abci::Request const&, abci::Response&)>;
  /// Listens on a Unix socket that only this user may open; one left over there is removed. E_DISK with the system's
  /// words.
  static base::Result<std::unique_ptr<Server>> listen(std::filesystem::path const& socket, Answer answer);
  /// Closes the socket and all connections and waits for their threads.
  ~Server();

 private:
  struct Inside;
  explicit Server(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace node::comet
