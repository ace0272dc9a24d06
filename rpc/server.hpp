// SPDX-License-Identifier: Apache-2.0
#pragma once

// An HTTP/1.1 and WebSocket listener around handlers. Connections, headers, bodies, queues and times are bounded.

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "rpc/http.hpp"

namespace rpc {

/// What a WebSocket does with texts. Called from the server's threads, never two calls of one session at once.
class Session {
 public:
  virtual ~Session() = default;
  /// Answers a text; empty: nothing.
  virtual std::string receive(std::string_view text) = 0;
  /// What there is to tell unasked; polled after each change of height. Nothing: no more for now.
  virtual std::optional<std::string> next_notice() = 0;
};

struct ServerLimits {
  std::size_t connections_max = 256;
  /// So many more are told that there are too many; those beyond are closed unheard.
  std::size_t refusals_max = 32;
  /// Of one address.
  std::size_t address_connections_max = 256;
  /// Requests of one address: what it may send at once, and how much of that comes back each second. 0: no bound.
  std::uint32_t address_requests_max = 0;
  std::uint32_t address_requests_per_s = 0;
  /// Only for programs of this machine: a web page elsewhere must not speak through a browser here. Refuses requests
  /// that name another host than this one's loopback, and such as a page of another origin makes.
  bool local_only = false;
  std::size_t body_bytes_max = std::size_t{4} << 20;
  std::uint32_t header_bytes_max = 16 * 1024;
  std::uint32_t idle_seconds_max = 30;
  /// A slow reader of a WebSocket is closed when this much waits for it.
  std::size_t notice_bytes_max = std::size_t{1} << 20;
  /// Calls that are answered at a time, and how many more may wait for the ledger meanwhile (rpc/places.hpp).
  unsigned answered_max = 8;
  unsigned waiting_max = 56;
};

class Server {
 public:
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  /// Lets every WebSocket session look for notices; from any thread.
  virtual void notify() = 0;
};

struct Endpoint {
  std::string address = "127.0.0.1";
  /// 0: any free one.
  std::uint16_t port = 0;
};

/// Opens the session that a WebSocket's request asks for; null for none, and the request is then answered without one.
using OpenSession = std::function<std::unique_ptr<Session>(Request const& request)>;

/// Listens until the server is destroyed. `open_session` is null for a listener without WebSockets. Errors (E_BUSY):
/// the address cannot be bound.
base::Result<std::unique_ptr<Server>> listen(Endpoint const& endpoint, Handler handler, OpenSession open_session,
                                             ServerLimits const& limits = {});

}  // namespace rpc
