// SPDX-License-Identifier: Apache-2.0
#pragma once

// Requests to addresses that somebody else chose. A webhook's destination is written by a client, so the node could be
// made to call what only it can reach: every address that the name has is looked at before anything is sent, the
// connection goes to just that address, redirections are not followed, and of the answer only the status is read.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "rpc/lookup.hpp"

namespace rpc {

struct Destination {
  bool secure = false;
  /// A name or a numeric address, without brackets.
  std::string host;
  std::string port;
  std::string path;

  /// As in a Host header.
  std::string authority() const;
};

/// http[s]://host[:port]/path, without user and fragment, at most 1,024 printable bytes; E_EVENT_FORM "dest".
base::Result<Destination> read_destination(std::string_view url);

/// False for a numeric address (IPv4 or IPv6) that is no host of the public Internet: this machine, private and shared
/// networks, link-local (also a cloud's metadata), documentation, multicast, and what wraps one of those.
bool is_public_address(std::string_view numeric);

struct PostLimits {
  /// May call this machine and private networks; and only those by plain http.
  bool allow_private = false;
  /// PEM file of the authorities that certificates are checked against; empty: the system's.
  std::string ca_file;
  /// For all of a request, the look-up of the name included.
  std::uint64_t timeout_ms = 5000;
  Resolve resolve = system_addresses;
};

class Poster {
 public:
  virtual ~Poster() = default;
  /// Sends one POST and returns the status. E_NOT_ALLOWED_HERE for an address that may not be called, E_UNREACHABLE
  /// with the reason (name, connection, certificate, time). Any thread.
  virtual base::Result<unsigned> post(Destination const& destination, std::string body,
                                      std::vector<std::pair<std::string, std::string>> const& headers) = 0;
};
/// E_FORM when the authorities cannot be read.
base::Result<std::unique_ptr<Poster>> open_poster(PostLimits limits);

}  // namespace rpc
