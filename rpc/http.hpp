// SPDX-License-Identifier: Apache-2.0
#pragma once

// HTTP as values: what a listener hands to a handler, and what the handler answers.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rpc {

struct Request {
  /// Upper case.
  std::string method;
  /// Path and query as sent, percent-encoded.
  std::string target;
  /// Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::string_view header(std::string_view name) const;
  /// The target up to the query.
  std::string_view path() const;
  /// The percent-decoded value of a query parameter, every time it stands there.
  std::vector<std::string> query(std::string_view name) const;
};

struct Response {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

using Handler = std::function<Response(Request const&)>;

/// %XX and, in a query, + become bytes; a broken escape stays as it is.
std::string percent_decoded(std::string_view text, bool query = false);
/// RFC 7807, with the stable name as `title`.
Response problem(unsigned status, std::string_view type, std::string_view title, std::string_view detail);

}  // namespace rpc
