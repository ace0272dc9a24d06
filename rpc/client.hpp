// SPDX-License-Identifier: Apache-2.0
#pragma once

// An HTTP client for the command line and for testnets: one request at a time, each with a time limit.

#include <memory>

#include "base/result.hpp"
#include "base/value.hpp"
#include "rpc/http.hpp"

namespace rpc {

struct Answer {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

class Client {
 public:
  virtual ~Client() = default;
  /// Sends one request over a kept connection (a new one when the old has gone). E_UNREACHABLE with the endpoint
  /// when nobody answers in time; the request is then not repeated.
  virtual base::Result<Answer> send(std::string const& method, std::string const& target, std::string body,
                                    std::vector<std::pair<std::string, std::string>> const& headers = {}) = 0;
  /// A JSON-RPC call; the result's value, or the error that the node named.
  base::Result<base::Value> call(std::string const& method, base::Value params);
};

/// For http://host:port; E_ENCODING for another form.
base::Result<std::unique_ptr<Client>> connect(std::string const& url, std::uint64_t timeout_ms = 5000);

}  // namespace rpc
