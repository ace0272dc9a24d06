// SPDX-License-Identifier: Apache-2.0
#pragma once

// One message to a webhook: signed as Standard Webhooks 1.0 says, and with GS1-Signature as EPCIS 2.0 does.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace rpc {

/// RFC 2104 with SHA-256.
base::Hash hmac_sha256(base::BytesView key, base::BytesView message);
/// With padding (RFC 4648 section 4).
std::string to_base64(base::BytesView bytes);

/// webhook-id, webhook-timestamp, webhook-signature ("v1," and base64 of HMAC over id.timestamp.body), GS1-Signature
/// (hex of HMAC over the body). Without a token nothing is signed.
std::vector<std::pair<std::string, std::string>> webhook_headers(std::string_view token, std::string_view message_id,
                                                                 std::uint64_t time_s, std::string_view body);

/// http://host:port/path, without user, query or fragment; E_EVENT_FORM "dest".
struct Destination {
  std::string origin;
  std::string path;
};
base::Result<Destination> read_destination(std::string_view url);

/// Sends it and takes any answer of 200 to 299; E_BUSY otherwise.
base::Result<void> post_webhook(Destination const& destination, std::string_view token, std::string_view message_id,
                                std::uint64_t time_s, std::string body);

}  // namespace rpc
