// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a message to a webhook is signed: as Standard Webhooks 1.0 says, by a shared secret (v1) or by the node's Ed25519
// key (v1a), and with GS1-Signature as EPCIS 2.0 does.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/validator.hpp"

namespace rpc {

/// RFC 2104 with SHA-256.
base::Hash hmac_sha256(base::BytesView key, base::BytesView message);
/// With padding (RFC 4648 section 4).
std::string to_base64(base::BytesView bytes);
std::optional<base::Bytes> from_base64(std::string_view text);

/// Bytes of the system's randomness.
base::Bytes random_bytes(std::size_t count);

/// "whsec_" and base64: a secret as Standard Webhooks writes them.
std::string make_secret();
/// True for whsec_ and 24 to 64 bytes.
bool is_secret(std::string_view text);
/// "whpk_" and base64.
std::string public_key_text(base::ValidatorKey const& key);

/// What signs the messages of one subscription: a secret (its bytes when it is whsec_…, else the text itself), or the
/// node's key. Without both nothing is signed.
struct WebhookSigner {
  std::string secret;
  std::optional<crypto::ValidatorSecret> key;
};

/// webhook-id, webhook-timestamp, webhook-signature ("v1," or "v1a," and base64 of the signature of id.timestamp.body);
/// with a secret also GS1-Signature (hex of HMAC over the body, its key the secret as it is written).
std::vector<std::pair<std::string, std::string>> webhook_headers(WebhookSigner const& signer,
                                                                 std::string_view message_id, std::uint64_t time_s,
                                                                 std::string_view body);

}  // namespace rpc
