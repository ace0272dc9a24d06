// SPDX-License-Identifier: Apache-2.0
#include "rpc/webhook.hpp"

#include <sys/random.h>

#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace rpc {

namespace {
constexpr std::size_t block_bytes = 64;
constexpr std::string_view secret_front = "whsec_";
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<base::Bytes> secret_bytes(std::string_view text) {
  if (!text.starts_with(secret_front)) return std::nullopt;
  return from_base64(text.substr(secret_front.size()));
}

}  // namespace

base::Hash hmac_sha256(base::BytesView key, base::BytesView message) {
  base::Bytes inner(block_bytes, 0);
  base::Hash shortened;
  if (key.size() > block_bytes) {
    shortened = crypto::sha256(key);
    key = shortened.view();
  }
  for (std::size_t i = 0; i < key.size(); ++i) inner[i] = key[i];
  auto outer = inner;
  for (std::size_t i = 0; i < block_bytes; ++i) {
    inner[i] ^= 0x36;
    outer[i] ^= 0x5c;
  }
  auto const hash = crypto::sha256({inner, message});
  return crypto::sha256({outer, hash.view()});
}

std::string to_base64(base::BytesView bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : alphabet[group >> (18 - 6 * k) & 63];
  }
  return out;
}

std::optional<base::Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  base::Bytes out;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    unsigned pads = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      auto const place = alphabet.find(text[i + k]);
      bool const pad = text[i + k] == '=' && i + 4 == text.size() && k >= 2;
      if ((place == alphabet.npos && !pad) || (pads > 0 && !pad)) return std::nullopt;
      pads += pad ? 1u : 0u;
      group = group << 6 | (pad ? 0u : static_cast<std::uint32_t>(place));
    }
    for (unsigned k = 0; k < 3 - pads; ++k) out.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * k)));
  }
  return to_base64(out) == text ? std::optional(out) : std::nullopt;
}

base::Bytes random_bytes(std::size_t count) {
  base::Bytes out(count);
  CHECK(count <= 256 && ::getrandom(out.data(), count, 0) == static_cast<ssize_t>(count));
  return out;
}

std::string make_secret() { return std::string(secret_front) + to_base64(random_bytes(32)); }

bool is_secret(std::string_view text) {
  auto const bytes = secret_bytes(text);
  return bytes && bytes->size() >= 24 && bytes->size() <= 64;
}

std::string public_key_text(base::ValidatorKey const& key) { return "whpk_" + to_base64(key.view()); }

std::vector<std::pair<std::string, std::string>> webhook_headers(WebhookSigner const& signer,
                                                                 std::string_view message_id, std::uint64_t time_s,
                                                                 std::string_view body) {
  auto const time = std::to_string(time_s);
  std::vector<std::pair<std::string, std::string>> out = {{"webhook-id", std::string(message_id)},
                                                          {"webhook-timestamp", time}};
  auto const signed_text = std::string(message_id) + "." + time + "." + std::string(body);
  auto const message = base::bytes_of(signed_text);
  if (signer.key) {
    auto const signature = crypto::validator_sign_bytes(*signer.key, message);
    out.emplace_back("webhook-signature", "v1a," + to_base64(signature.view()));
  } else if (!signer.secret.empty()) {
    auto const written = base::bytes_of(signer.secret);
    auto const decoded = secret_bytes(signer.secret);
    auto const key = decoded ? base::BytesView(*decoded) : written;
    out.emplace_back("webhook-signature", "v1," + to_base64(hmac_sha256(key, message).view()));
    out.emplace_back("GS1-Signature", base::to_hex(hmac_sha256(written, base::bytes_of(body)).view()));
  }
  return out;
}

}  // namespace rpc
